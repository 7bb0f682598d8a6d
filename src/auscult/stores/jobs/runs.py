"""Handlers at work on the event loop, asked for and awaited by the engine's threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

_LOOK_SECONDS: Final = 1.0
"""How often a waiting thread looks whether the loop it waits for is still there."""

_ASK_AGAIN_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)


class Left(Enum):
    """How a run ended that came to no result: this worker stopped it, and says nothing about the job."""

    LEFT = "left"


@dataclass(eq=False, slots=True)
class Run:
    """One execution of a handler: for which job, and the engine's token of that execution."""

    job_id: str
    owner: str
    ended: concurrent.futures.Future[BaseException | Left | None] = field(default_factory=concurrent.futures.Future)
    task: asyncio.Task[None] | None = None
    stopped_at: float | None = None
    """Loop time at which it was last asked to stop."""


class Runs:
    """The handlers that run now. `perform` is called from threads; everything else on the loop, but for `owners`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop on which handlers run."""
        self._loop = loop
        self._runs: set[Run] = set()
        self._lock = threading.Lock()
        self._closed = False

    def perform(self, job_id: str, owner: str, work: Callable[[], Awaitable[None]]) -> BaseException | Left | None:
        """Run `work` on the loop and wait, in a thread, for how it ends.

        Returns None when it returned, its error when it raised, `LEFT` when it was stopped or the loop is gone.
        """
        run = Run(job_id, owner)
        try:
            # An empty context: the engine's own variables, set in this thread, are none of the handler's business.
            self._loop.call_soon_threadsafe(self._begin, run, work, context=contextvars.Context())
        except RuntimeError:
            return Left.LEFT
        while True:
            done, _ = concurrent.futures.wait([run.ended], timeout=_LOOK_SECONDS)
            if done:
                return run.ended.result()
            if self._loop.is_closed():
                return Left.LEFT

    def owners(self) -> dict[str, set[str]]:
        """Job ids at work here, each with the owner tokens of its executions (two for a moment when it comes back)."""
        with self._lock:
            running = list(self._runs)
        owners: dict[str, set[str]] = {}
        for run in running:
            owners.setdefault(run.job_id, set()).add(run.owner)
        return owners

    def stop(self, job_id: str, owner: str | None = None) -> None:
        """Raise `asyncio.CancelledError` in the job's handlers at their next await (of that execution, or of all)."""
        for run in list(self._runs):
            if run.job_id == job_id and owner in (None, run.owner):
                self._stop(run)

    def stop_from_thread(self, job_id: str, owner: str) -> None:
        """Do `stop` from another thread."""
        try:
            self._loop.call_soon_threadsafe(self.stop, job_id, owner)
        except RuntimeError:
            _log.debug("The event loop is gone, and the runs on it.")

    async def close(self, patience: float) -> None:
        """Begin nothing more; give what runs `patience` seconds to end by itself, stop the rest, wait as long again."""
        self._closed = True
        await self._wait(patience)
        for run in list(self._runs):
            self._stop(run)
        await self._wait(patience)
        with self._lock:
            stuck, self._runs = self._runs, set()
        for run in stuck:
            _log.warning("A handler did not stop when asked; its job will run again.", extra={"job_id": run.job_id})
            run.ended.set_result(Left.LEFT)

    async def _wait(self, seconds: float) -> None:
        tasks = [run.task for run in self._runs if run.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
            await asyncio.sleep(0)  # lets the callbacks of tasks that just ended take their runs off the list

    def _begin(self, run: Run, work: Callable[[], Awaitable[None]]) -> None:
        if self._closed:
            run.ended.set_result(Left.LEFT)
            return
        run.task = self._loop.create_task(_coroutine(work), name=f"job {run.job_id}")
        with self._lock:
            self._runs.add(run)
        run.task.add_done_callback(lambda task: self._end(run, task))

    def _stop(self, run: Run) -> None:
        now = self._loop.time()
        # Asked again only after a while: a second cancellation would interrupt the handler's own cleaning up.
        if run.task is not None and (run.stopped_at is None or now - run.stopped_at >= _ASK_AGAIN_SECONDS):
            run.stopped_at = now
            run.task.cancel()

    def _end(self, run: Run, task: asyncio.Task[None]) -> None:
        with self._lock:
            self._runs.discard(run)
        if run.ended.done():
            return
        if task.cancelled():
            # By us, or from inside (a cancel scope of its own that leaked): that is an error like any other.
            run.ended.set_result(Left.LEFT if run.stopped_at is not None else asyncio.CancelledError())
            return
        error = task.exception()
        run.ended.set_result(Left.LEFT if run.stopped_at is not None and error is not None else error)


async def _coroutine(work: Callable[[], Awaitable[None]]) -> None:
    await work()
