"""Durable jobs on DBOS Transact, on SQLite or PostgreSQL. The only module that imports it.

What DBOS gives: a queue with priorities that any number of workers draw from, exactly one owner per execution (a
token written with the claim; whoever lost it cannot record an outcome), and restart of a dead process's work. What is
built around it, because DBOS 3.4 does not have it:

- **Attempts.** Handlers are idempotent flows that keep their own steps, so the durable function is only "run the
  handler once". A failed attempt is noted and the job put back with a delay in one transaction (`ledger`): the count
  survives a crash, and a job that waits for its next attempt holds no worker.
- **Cancelling a running handler**, in whichever process: the `keeper` compares what runs with the database twice a
  second.
- **Taking over from the dead.** Every worker's heart beats in the database; the survivors inherit the jobs of one that
  stopped. A worker that was only paused (SIGSTOP, a sleeping laptop, a cut network) and comes back finds within half a
  second that its jobs have other owners and stops its handlers; until then both may be at the same step. That is
  harmless: steps store the same result under the same key, and DBOS refuses the outcome of the one that lost the job.
- **Schedules** that survive the machine being off at the hour, without DBOS's random delay.
- **Workers of different size**: each process has its own limit of jobs at once (a DBOS queue has one for all).

DBOS is one per process, so at most one `DbosJobs` per process can work at a time; any number may enqueue. Nothing is
sent anywhere: no Conductor, no telemetry, no HTTP server; it stores ids only, as JSON.

Private parts of DBOS that are used, hence the narrow version range: `_registry._register_internal_queue` (a queue whose
limits are this process's own) and `_sys_db.run_migrations` (a process that only enqueues creates the tables, too).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from dbos import error as dbos_error
from sqlalchemy.exc import SQLAlchemyError

from auscult.domain.ambient import Ambient
from auscult.domain.errors import InvalidError, UnavailableError
from auscult.domain.ids import ClinicId, JobId
from auscult.domain.job import Job, JobState, JobStatus, Priority
from auscult.stores.jobs import GaveUp, Handler, RetryPolicy, Schedule, cron
from auscult.stores.jobs.database import open_engine
from auscult.stores.jobs.execution import Execution, Flow
from auscult.stores.jobs.keeper import BEAT_SECONDS, DEAD_AFTER_SECONDS, Keeper
from auscult.stores.jobs.ledger import QUEUE, WORKFLOW, Ledger
from auscult.stores.jobs.runs import Runs

T = TypeVar("T")

_APPLICATION: Final = "auscult"
_VERSION: Final = "1"
"""The application version that DBOS ties jobs to. Constant: a newer release takes up an older one's jobs, whose flows
know how to go on from their kept steps."""
_DEPLOYMENT: Final = ClinicId("deployment")
_SCHEDULED: Final = "scheduled"
"""Scheduled work is a job of the deployment itself: its subject is `<name>/<time due>`."""
_DUE: Final = "%Y%m%dT%H%M%SZ"
_CLOSE_PATIENCE_SECONDS: Final = 1.5
_STATUS: Final = {
    "ENQUEUED": JobStatus.QUEUED,
    "DELAYED": JobStatus.RETRYING,
    "PENDING": JobStatus.RUNNING,
    "SUCCESS": JobStatus.DONE,
    "CANCELLED": JobStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class _Open:
    """What every started instance has: connections for taking and asking, and a few threads of its own for them.

    Of its own, because the event loop's default threads may all be busy recognising speech.
    """

    engine: sa.Engine
    client: DBOSClient
    ledger: Ledger
    threads: ThreadPoolExecutor


@dataclass(frozen=True, slots=True)
class _Work:
    """What a working instance has besides."""

    engine: sa.Engine
    runs: Runs
    execution: Execution
    keeper: Keeper


_log = logging.getLogger(__name__)


class DbosJobs:
    """The `Jobs` protocol on DBOS.

    `Job.id` is DBOS's workflow id, so a job can be enqueued any number of times and is one. It stays known for
    `keep` after it ended; enqueued again after that it would run again, which its flow's kept steps make nothing of.
    """

    _working: ClassVar[DbosJobs | None] = None

    def __init__(
        self,
        url: str,
        *,
        executor_id: str,
        ambient: Ambient,
        concurrency: int = 2,
        schema: str = "auscult_jobs",
        poll: float = 0.1,
        keep: timedelta = timedelta(days=30),
        beat: float = BEAT_SECONDS,
        dead_after: float = DEAD_AFTER_SECONDS,
    ) -> None:
        """Say where jobs are kept and who this worker is; nothing is opened before `start`.

        `url` is a SQLAlchemy URL: SQLite (a file of its own) or PostgreSQL (`schema` is created in it). `executor_id`
        names this worker across restarts, and no two living processes may share one (`slots.WorkerSlot` sees to
        that): a second one would take the first for dead. `concurrency` is how many jobs run at once here; `poll`
        how often (seconds) the queue is asked; `keep` for how long ended jobs stay known; `beat` and `dead_after`
        (seconds) how worker deaths are noticed.
        """
        self._url = url
        self._executor_id = executor_id
        self._ambient = ambient
        self._concurrency = concurrency
        self._schema = None if url.startswith("sqlite") else schema
        self._poll = poll
        self._keep = keep
        self._beat = beat
        self._dead_after = dead_after
        self._flows: dict[str, Flow] = {}
        self._schedules: dict[str, Schedule] = {}
        self._open: _Open | None = None
        self._work: _Work | None = None

    def register(self, flow: str, handler: Handler, *, gave_up: GaveUp, retry: RetryPolicy | None = None) -> None:
        """See `Jobs.register`. Raises `InvalidError` for a name that is taken."""
        if flow in self._flows or flow == _SCHEDULED:
            raise InvalidError(f"The flow `{flow}` is registered already.")
        self._flows[flow] = Flow(handler, gave_up, retry or RetryPolicy())

    def schedule(self, schedule: Schedule) -> None:
        """See `Jobs.schedule`.

        A time that passed while no worker ran is made up once, at the next start; a new schedule starts with its next
        time. Raises `InvalidError` for a cron expression that is none.
        """
        cron.check(schedule.cron, self._ambient.now())
        self._schedules[schedule.name] = schedule

    async def start(self, *, work: bool = True) -> None:
        """See `Jobs.start`.

        Raises `UnavailableError` when the database does not answer, `InvalidError` when another `DbosJobs` of this
        process is at work already.
        """
        if self._open is not None:
            raise InvalidError("These jobs are started already.")
        if work:
            if DbosJobs._working is not None:
                raise InvalidError("Another worker runs in this process already.")
            DbosJobs._working = self
        loop = asyncio.get_running_loop()
        try:
            self._open = await loop.run_in_executor(None, self._connect)
            if work:
                await self._ask(self._launch, Runs(loop))
        except BaseException:
            await self.close()
            raise

    async def enqueue(self, jobs: Sequence[Job]) -> None:
        """See `Jobs.enqueue`: one durable transaction for all of them. Raises `UnavailableError`."""
        if jobs:
            await self._ask(_take, self._opened, jobs)

    async def cancel(self, job_id: JobId) -> None:
        """See `Jobs.cancel`. A job that has not arrived yet is cancelled in advance; one that ended stays as it is."""
        await self._ask(_cancel, self._opened, _job_of(job_id))
        if self._work is not None:
            self._work.runs.stop(job_id)

    async def state(self, job_id: JobId) -> JobState | None:
        """See `Jobs.state`."""
        line = await self._ask(self._opened.ledger.line, job_id)
        if line is None:
            return None
        status = _STATUS.get(line.status, JobStatus.FAILED)
        if status is JobStatus.DONE and line.final:
            status = JobStatus.FAILED
        elif status is JobStatus.QUEUED and (line.attempts or line.dispatches):
            status = JobStatus.RETRYING
        return JobState(
            job=_job_of(job_id, Priority(line.priority)),
            status=status,
            attempts=line.attempts + (status in (JobStatus.RUNNING, JobStatus.DONE) and not line.final),
            failure=None if status is JobStatus.DONE else line.failure,
            updated_at=line.updated_at,
        )

    async def depth(self) -> int:
        """See `Jobs.depth`; counts jobs that wait for another attempt, too."""
        return await self._ask(self._opened.ledger.depth)

    async def oldest(self) -> datetime | None:
        """See `Jobs.oldest`."""
        return await self._ask(self._opened.ledger.oldest)

    async def clock(self) -> datetime:
        """See `Jobs.clock`."""
        return await self._ask(self._opened.ledger.clock)

    async def ready(self) -> None:
        """See `Jobs.ready`."""
        await self._ask(self._opened.ledger.depth)
        if self._work is not None and not self._work.keeper.is_alive():
            raise UnavailableError("The job worker has stopped.", remedy="Restart Auscult; no job is lost.")

    async def close(self) -> None:
        """See `Jobs.close`: running handlers get a moment to end, then `asyncio.CancelledError`.

        Their jobs are free at once: for another worker now, or for this one at its next start.
        """
        opened, work = self._open, self._work
        self._open = self._work = None
        try:
            if work is not None:
                work.keeper.halt()
                work.execution.close()
                await work.runs.close(_CLOSE_PATIENCE_SECONDS)
            if opened is not None:
                await asyncio.get_running_loop().run_in_executor(opened.threads, _shut, opened, work)
                opened.threads.shutdown(wait=False)
        finally:
            if DbosJobs._working is self:
                DbosJobs._working = None

    @property
    def _opened(self) -> _Open:
        if self._open is None:
            raise UnavailableError("The job store is not open.")
        return self._open

    async def _ask(self, ask: Callable[..., T], *arguments: object) -> T:
        """Run a blocking question to the database in a thread. Raises `UnavailableError` when it does not answer."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._opened.threads, ask, *arguments)
        except (SQLAlchemyError, dbos_error.DBOSException) as error:
            raise UnavailableError("The job store does not answer.") from error

    def _connect(self) -> _Open:
        _quieten()
        try:
            engine = open_engine(self._url, pool=2, durable=True)
        except OSError as error:
            raise UnavailableError("The folder of the job store cannot be made.") from error
        try:
            client = DBOSClient(
                system_database_engine=engine,
                dbos_system_schema=self._schema,
                serializer=DBOSPortableJSONSerializer(),
                application_name=_APPLICATION,
                retry_connection_errors=False,
            )
            client._sys_db.run_migrations()
            ledger = Ledger(engine, schema=self._schema, executor_id=self._executor_id)
            ledger.create()
        except Exception as error:
            engine.dispose()
            raise UnavailableError("The job store cannot be opened.") from error
        return _Open(engine, client, ledger, ThreadPoolExecutor(4, thread_name_prefix="auscult-jobs"))

    def _launch(self, runs: Runs) -> None:
        opened = self._opened
        engine = open_engine(self._url, pool=self._concurrency + 4, durable=False)
        ledger = Ledger(engine, schema=self._schema, executor_id=self._executor_id)
        flows = {**self._flows, _SCHEDULED: Flow(self._run_scheduled, self._scheduled_failed, RetryPolicy())}
        execution = Execution(ledger, runs, flows, self._ambient)
        keeper = Keeper(
            ledger,
            runs,
            now=self._ambient.now,
            schedules=tuple(self._schedules.values()),
            fire=lambda name, due: _take(opened, [_scheduled(name, due)]),
            forget=opened.client.delete_workflows,
            keep=self._keep,
            beat=self._beat,
            dead_after=self._dead_after,
        )
        self._work = _Work(engine, runs, execution, keeper)
        # Alive before it has anything: a peer would otherwise take it for dead and its first jobs away.
        ledger.beat()
        dbos = DBOS(
            config={
                "name": _APPLICATION,
                "system_database_engine": engine,
                "dbos_system_schema": self._schema,
                "serializer": DBOSPortableJSONSerializer(),
                "application_version": _VERSION,
                "executor_id": self._executor_id,
                "use_listen_notify": False,
                # Nothing is ever waited for on that channel; its thread only has to wake up to notice the end.
                "notification_listener_polling_interval_sec": 0.2,
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )

        def carry_out(priority: int) -> None:
            job_id = DBOS.workflow_id
            if job_id is not None:
                execution.carry_out(_job_of(JobId(job_id), Priority(priority)))

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(carry_out)
        dbos._registry._register_internal_queue(
            QUEUE, worker_concurrency=self._concurrency, polling_interval_sec=self._poll
        )
        DBOS.launch()
        keeper.start()

    async def _run_scheduled(self, job: Job, _attempt: int) -> None:
        schedule = self._schedules.get(job.subject.partition("/")[0])
        if schedule is not None:  # else it was taken out of this release, and is no longer due
            await schedule.run()

    async def _scheduled_failed(self, job: Job, error: BaseException) -> None:
        _log.error("Scheduled work %s failed: %s", job.subject, error)


def _take(opened: _Open, jobs: Sequence[Job], *, cancelled: bool = False) -> None:
    with opened.engine.begin() as connection:
        known = opened.ledger.known([job.id for job in jobs], connection)
        for job in {job.id: job for job in jobs if job.id not in known}.values():
            options: EnqueueOptions = {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": job.id,
                "app_version": _VERSION,
                "priority": int(job.priority),
            }
            opened.client.enqueue_in_transaction(connection, options, int(job.priority))
            if cancelled:
                opened.ledger.cancel_new(job.id, connection)


def _cancel(opened: _Open, job: Job) -> None:
    # A job may still lie in the outbox when it is cancelled: taken and cancelled in one, it never starts.
    _take(opened, [job], cancelled=True)
    opened.client.cancel_workflow(job.id)


def _shut(opened: _Open, work: _Work | None) -> None:
    if work is not None:
        if work.keeper.ident is not None:
            work.keeper.join()
        DBOS.destroy(destroy_registry=True)
        with suppress(SQLAlchemyError):  # the database may be why we close; peers will notice that we are gone
            opened.ledger.leave()
        work.engine.dispose()
    opened.client.destroy()
    opened.engine.dispose()


def _scheduled(name: str, due: datetime) -> Job:
    return Job(
        clinic_id=_DEPLOYMENT, flow=_SCHEDULED, subject=f"{name}/{due.strftime(_DUE)}", priority=Priority.BACKGROUND
    )


def _job_of(job_id: JobId, priority: Priority = Priority.NORMAL) -> Job:
    """Read a job back from its id, which says everything but its priority."""
    clinic_id, flow, subject, revision = job_id.rsplit(":", 3)
    return Job(clinic_id=ClinicId(clinic_id), flow=flow, subject=subject, revision=int(revision), priority=priority)


def _quieten() -> None:
    """Let DBOS log through the application's handlers, from warnings up.

    Without a handler of its own it would install one that prints to the console; the null handler forestalls that.
    """
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.WARNING)
