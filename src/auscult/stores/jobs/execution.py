"""What a worker does with one job it was given: the next attempt, and what follows from how it ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from auscult.domain.ambient import Ambient
from auscult.domain.errors import EngineFailedError
from auscult.domain.job import Job
from auscult.domain.recording import Failure
from auscult.stores.jobs import GaveUp, Handler, RetryPolicy
from auscult.stores.jobs.database import what_failed
from auscult.stores.jobs.ledger import Ledger, Turn
from auscult.stores.jobs.retrying import error_of, failure_of, is_final
from auscult.stores.jobs.runs import Left, Runs

T = TypeVar("T")

_MOST_DISPATCHES: Final = 10
"""A job that was handed out this often without any end takes its workers down with it (out of memory, a crashing
library): it fails, instead of taking down the next one."""
_STRANGER_SECONDS: Final = 5.0
"""How long a job of a flow that this release does not know waits for a worker that does."""
_DATABASE_AWAY_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class LeftError(BaseException):
    """This execution ends without saying anything about its job. Not an `Exception`: DBOS records those as outcomes."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How jobs of one flow are run, given up, and retried."""

    handler: Handler
    gave_up: GaveUp
    retry: RetryPolicy


class Execution:
    """Carries out jobs, one call per dispatch, in the engine's threads; handlers run on the event loop."""

    def __init__(self, ledger: Ledger, runs: Runs, flows: Mapping[str, Flow], ambient: Ambient) -> None:
        """Take what is known of jobs, where handlers run, the flows of this release, and time and chance."""
        self._ledger = ledger
        self._runs = runs
        self._flows = flows
        self._ambient = ambient
        self._closing = threading.Event()

    def close(self) -> None:
        """Stop waiting for a database that is away."""
        self._closing.set()

    def carry_out(self, job: Job) -> None:
        """Run the job's next attempt. Returning means that the job has ended: done, or failed and told.

        Raises `LeftError` when it has not: it waits for another attempt, is somebody else's now, or this worker closes.
        """
        turn = self._insist(lambda: self._ledger.turn(job.id))
        if turn is None:
            raise LeftError
        flow = self._flows.get(job.flow)
        if flow is None:
            _log.warning("No handler for the flow %s in this release; left to another worker.", job.flow)
            self._put_back(job, turn, _STRANGER_SECONDS)
        elif turn.failure is not None:
            self._tell(job, flow, turn, turn.failure)
        else:
            self._attempt(job, flow, turn)

    def _attempt(self, job: Job, flow: Flow, turn: Turn) -> None:
        attempt = turn.attempts + 1
        final = turn.dispatches > _MOST_DISPATCHES
        error: BaseException | Left | None
        if final:
            error = EngineFailedError(f"The worker ended {_MOST_DISPATCHES} times while it did this.")
        else:
            error = self._runs.perform(job.id, turn.owner, lambda: flow.handler(job, attempt))
        if isinstance(error, Left):
            raise LeftError
        if error is None:
            # Not said of a job that was cancelled or taken over meanwhile: DBOS would refuse it and wait for the owner.
            if self._insist(lambda: self._ledger.owners([job.id])).get(job.id) != turn.owner:
                raise LeftError
            return
        failure = failure_of(error)
        _log.warning("Attempt %d of job %s failed: %s", attempt, job.id, _name(error))
        if not final and not is_final(error) and attempt < flow.retry.attempts:
            wait = flow.retry.delay(attempt, self._ambient.chance())
            self._put_back(job, turn, wait, failure=failure, attempts=attempt)
        if not self._insist(lambda: self._ledger.conclude(job.id, turn.owner, failure, attempts=attempt)):
            raise LeftError
        self._tell(job, flow, Turn(turn.owner, 1, attempt, failure, 0), failure)

    def _tell(self, job: Job, flow: Flow, turn: Turn, failure: Failure) -> None:
        error = self._runs.perform(job.id, turn.owner, lambda: flow.gave_up(job, error_of(failure)))
        if isinstance(error, Left):
            raise LeftError
        if error is not None:
            _log.error("The failure of job %s could not be recorded (%s); trying again.", job.id, _name(error))
            tellings = turn.tellings + 1
            wait = min(flow.retry.cap, flow.retry.base * 2.0 ** min(tellings, 30))
            self._put_back(job, turn, wait, failure=failure, attempts=turn.attempts, final=True, tellings=tellings)

    def _put_back(
        self,
        job: Job,
        turn: Turn,
        wait: float,
        *,
        failure: Failure | None = None,
        attempts: int = 0,
        final: bool = False,
        tellings: int = 0,
    ) -> None:
        """Let the job wait (seconds) and leave it; always raises `LeftError`."""
        until = self._ambient.now().timestamp() + wait
        self._insist(
            lambda: self._ledger.put_back(
                job.id, turn.owner, until=until, failure=failure, attempts=attempts, final=final, tellings=tellings
            )
        )
        raise LeftError

    def _insist(self, ask: Callable[[], T]) -> T:
        """Ask the database until it answers: an outcome that cannot be noted now is noted later, or by the next run."""
        complained = False
        while True:
            try:
                return ask()
            except SQLAlchemyError as error:
                if not complained:
                    _log.warning("The job database does not answer (%s); waiting for it.", what_failed(error))
                complained = True
                if self._closing.wait(_DATABASE_AWAY_SECONDS):
                    raise LeftError from error


def _name(error: BaseException) -> str:
    """The error's type and where it was raised; its message may quote what it choked on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
    return f"{type(error).__name__}{where}"
