"""What every job engine promises, on each database."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from auscult.domain.ambient import Ambient
from auscult.domain.errors import InvalidError, NoSpeechError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.domain.job import Job, JobStatus, Priority
from auscult.stores.jobs import RetryPolicy, Schedule
from auscult.stores.jobs.database import open_engine
from auscult.stores.jobs.dbos_jobs import DbosJobs
from tests.support.patience import until
from tests.support.world import Clock

CLINIC = ClinicId("CLN_01JN0000AV0000000000000001")
QUICK = RetryPolicy(attempts=2, base=0.02, cap=0.05)


def job(subject: str, priority: Priority = Priority.NORMAL, flow: str = "scribe") -> Job:
    return Job(clinic_id=CLINIC, flow=flow, subject=subject, priority=priority)


def ambient(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Ambient:
    return Ambient(now=now, new_id=lambda prefix: prefix, chance=random.Random(3).random, secret=os.urandom)


class Log:
    """A flow that writes down what is asked of it, and does as its `script` says for a subject."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, int]] = []
        self.gave_up: list[tuple[str, BaseException]] = []
        self.stopped: list[str] = []
        self.at_once = self.most_at_once = 0
        self.script: dict[str, Callable[[int], BaseException | None]] = {}
        self.told: Callable[[int], BaseException | None] = lambda _time: None
        self.gate = asyncio.Event()

    async def handle(self, work: Job, attempt: int) -> None:
        self.ran.append((work.subject, attempt))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if work.subject.startswith("long"):
                await self.gate.wait()
            await asyncio.sleep(0)
            error = self.script.get(work.subject, lambda _attempt: None)(attempt)
            if error is not None:
                raise error
        except asyncio.CancelledError:
            self.stopped.append(work.subject)
            raise
        finally:
            self.at_once -= 1

    async def give_up(self, work: Job, error: BaseException) -> None:
        self.gave_up.append((work.subject, error))
        raised = self.told(len(self.gave_up))
        if raised is not None:
            raise raised

    def runs_of(self, subject: str) -> list[int]:
        return [attempt for name, attempt in self.ran if name == subject]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs/jobs.db"
    address: str = request.getfixturevalue("postgres_url")
    return address


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def make(url: str, log: Log) -> AsyncIterator[Callable[..., DbosJobs]]:
    made: list[DbosJobs] = []

    def build(**options: object) -> DbosJobs:
        jobs = DbosJobs(url, **{"executor_id": "worker-0", "ambient": ambient(), "poll": 0.05, **options})  # type: ignore[arg-type]  # options are the test's own
        jobs.register("scribe", log.handle, gave_up=log.give_up, retry=QUICK)
        made.append(jobs)
        return jobs

    yield build
    for jobs in made:
        await jobs.close()


async def status(jobs: DbosJobs, work: Job) -> JobStatus | None:
    state = await jobs.state(work.id)
    return state.status if state else None


async def reaches(jobs: DbosJobs, work: Job, wanted: JobStatus) -> None:
    async def there() -> bool:
        return await status(jobs, work) is wanted

    await until(there, what=f"{work.subject} {wanted}")


async def test_a_job_enqueued_several_times_and_at_once_runs_once(make, log):
    jobs = make()
    await jobs.start()
    work = job("REC_1")
    await asyncio.gather(*(jobs.enqueue([work, work]) for _ in range(5)))
    await reaches(jobs, work, JobStatus.DONE)
    await jobs.enqueue([work])
    await jobs.enqueue([job("REC_2")])
    await reaches(jobs, job("REC_2"), JobStatus.DONE)
    assert log.runs_of("REC_1") == [1]
    assert await jobs.depth() == 0
    assert await jobs.oldest() is None


async def test_urgent_jobs_run_before_normal_ones_and_those_before_background_work(make, log):
    jobs = make(concurrency=1)
    await jobs.start()
    await jobs.enqueue([job("long")])
    await until(lambda: log.ran != [])
    await jobs.enqueue([job("b", Priority.BACKGROUND), job("n", Priority.NORMAL)])
    await jobs.enqueue([job("u", Priority.URGENT)])
    assert await jobs.depth() == 4
    oldest, clock = await jobs.oldest(), await jobs.clock()
    assert oldest is not None
    assert timedelta(0) <= clock - oldest < timedelta(minutes=1)
    assert abs(clock - datetime.now(UTC)) < timedelta(seconds=10)
    log.gate.set()
    await reaches(jobs, job("b"), JobStatus.DONE)
    assert [subject for subject, _ in log.ran] == ["long", "u", "n", "b"]


async def test_no_more_jobs_run_at_once_than_the_worker_was_told(make, log):
    jobs = make(concurrency=2)
    await jobs.start()
    several = [job(f"long-{number}") for number in range(6)]
    await jobs.enqueue(several)
    await until(lambda: log.at_once == 2)
    log.gate.set()
    for work in several:
        await reaches(jobs, work, JobStatus.DONE)
    assert log.most_at_once == 2


async def test_a_failed_attempt_is_followed_by_another_until_one_succeeds(make, log):
    log.script["REC_1"] = lambda attempt: OSError("away") if attempt < 2 else None
    jobs = make()
    await jobs.start()
    await jobs.enqueue([job("REC_1")])
    await reaches(jobs, job("REC_1"), JobStatus.DONE)
    assert log.runs_of("REC_1") == [1, 2]
    assert log.gave_up == []
    state = await jobs.state(job("REC_1").id)
    assert state is not None
    assert (state.attempts, state.failure) == (2, None)


async def test_a_job_that_waits_for_its_next_attempt_holds_no_worker(make, log, url):
    log.script["waits"] = lambda _attempt: OSError("away")
    jobs = DbosJobs(url, executor_id="worker-0", ambient=ambient(), poll=0.05, concurrency=1)
    jobs.register("scribe", log.handle, gave_up=log.give_up, retry=RetryPolicy(attempts=2, base=600, cap=600))
    await jobs.start()
    try:
        await jobs.enqueue([job("waits")])
        await reaches(jobs, job("waits"), JobStatus.RETRYING)
        await jobs.enqueue([job("next")])
        await reaches(jobs, job("next"), JobStatus.DONE)
        state = await jobs.state(job("waits").id)
        assert state is not None
        assert state.attempts == 1
        assert state.failure is not None
        assert "OSError" in state.failure.reason
    finally:
        await jobs.close()


async def test_after_the_last_attempt_the_failure_is_told_once_with_a_remedy(make, log, url):
    log.script["REC_1"] = lambda _attempt: ValueError("Ram Sharma takes metformin")
    jobs = make()
    await jobs.start()
    await jobs.enqueue([job("REC_1")])
    await reaches(jobs, job("REC_1"), JobStatus.FAILED)
    assert log.runs_of("REC_1") == [1, 2]
    assert [subject for subject, _ in log.gave_up] == ["REC_1"]
    state = await jobs.state(job("REC_1").id)
    assert state is not None
    assert state.failure is not None
    assert state.attempts == 2
    assert state.failure.remedy
    await jobs.close()
    assert "Ram Sharma" not in everything_in(url)


async def test_an_error_that_another_attempt_cannot_help_is_not_tried_again(make, log):
    log.script["REC_1"] = lambda _attempt: NoSpeechError("Nobody speaks in it.")
    jobs = make()
    await jobs.start()
    await jobs.enqueue([job("REC_1")])
    await reaches(jobs, job("REC_1"), JobStatus.FAILED)
    assert log.runs_of("REC_1") == [1]
    ((_, error),) = log.gave_up
    assert isinstance(error, NoSpeechError)
    assert error.reason == "Nobody speaks in it."


async def test_a_failure_that_cannot_be_recorded_is_told_again_until_it_is(make, log):
    log.script["REC_1"] = lambda _attempt: NoSpeechError("Nobody speaks in it.")
    log.told = lambda time: OSError("records are away") if time < 2 else None
    jobs = make()
    await jobs.start()
    await jobs.enqueue([job("REC_1")])
    await reaches(jobs, job("REC_1"), JobStatus.FAILED)
    await until(lambda: len(log.gave_up) == 2)
    await reaches(jobs, job("REC_1"), JobStatus.FAILED)
    assert log.runs_of("REC_1") == [1]


async def test_a_cancelled_job_that_waited_never_starts(make, log):
    jobs = make(concurrency=1)
    await jobs.start()
    await jobs.enqueue([job("long"), job("REC_1"), job("REC_2", Priority.BACKGROUND)])
    await until(lambda: log.ran != [])
    await jobs.cancel(job("REC_1").id)
    log.gate.set()
    await reaches(jobs, job("REC_2"), JobStatus.DONE)
    assert log.runs_of("REC_1") == []
    assert await status(jobs, job("REC_1")) is JobStatus.CANCELLED


async def test_a_job_cancelled_before_it_arrived_never_starts(make, log):
    """It may still lie in the outbox when a person cancels it."""
    jobs = make(concurrency=1)
    await jobs.start()
    await jobs.cancel(job("REC_1").id)
    await jobs.enqueue([job("REC_1"), job("REC_2", Priority.BACKGROUND)])
    await reaches(jobs, job("REC_2"), JobStatus.DONE)
    assert log.runs_of("REC_1") == []
    assert await status(jobs, job("REC_1")) is JobStatus.CANCELLED


async def test_cancelling_stops_a_running_handler(make, log):
    jobs = make()
    await jobs.start()
    await jobs.enqueue([job("long")])
    await until(lambda: log.ran != [])
    await jobs.cancel(job("long").id)
    await until(lambda: log.stopped == ["long"], seconds=1)
    assert await status(jobs, job("long")) is JobStatus.CANCELLED
    assert log.gave_up == []


async def test_cancelling_reaches_a_handler_that_runs_elsewhere_within_a_second(make, log):
    worker, elsewhere = make(), make(executor_id="web-0")
    await worker.start()
    await elsewhere.start(work=False)
    await elsewhere.enqueue([job("long")])
    await until(lambda: log.ran != [])
    await elsewhere.cancel(job("long").id)
    assert await until(lambda: log.stopped == ["long"]) < 1.5
    assert await status(worker, job("long")) is JobStatus.CANCELLED


async def test_closing_takes_seconds_and_the_job_goes_on_at_the_next_start(make, log):
    first = make()
    log.script["long"] = lambda attempt: OSError("away") if attempt == 1 else None
    await first.start()
    log.gate.set()
    await first.enqueue([job("long")])
    await reaches(first, job("long"), JobStatus.RETRYING)
    log.gate.clear()
    await until(lambda: log.runs_of("long") == [1, 2])
    start = time.monotonic()
    await first.close()
    assert time.monotonic() - start < 5
    assert log.stopped == ["long"]
    log.gate.set()
    second = make()
    await second.start()
    await reaches(second, job("long"), JobStatus.DONE)
    assert log.runs_of("long") == [1, 2, 2]  # stopping it was not a failed attempt


async def test_a_handler_that_does_not_stop_holds_closing_up_for_seconds_only(make, log, url):
    began, release = asyncio.Event(), asyncio.Event()

    async def stubborn(_job: Job, _attempt: int) -> None:
        began.set()
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                log.stopped.append("stubborn")

    jobs = DbosJobs(url, executor_id="worker-0", ambient=ambient(), poll=0.05)
    jobs.register("scribe", stubborn, gave_up=log.give_up)
    await jobs.start()
    await jobs.enqueue([job("REC_1")])
    await asyncio.wait_for(began.wait(), 10)
    start = time.monotonic()
    await jobs.close()
    assert time.monotonic() - start < 6
    assert log.stopped == ["stubborn"]
    release.set()


async def test_a_flow_that_this_release_does_not_know_is_left_to_a_worker_that_does(make, log):
    jobs = make()
    await jobs.start()
    unknown = job("REC_1", flow="invented_later")
    await jobs.enqueue([unknown])
    await reaches(jobs, unknown, JobStatus.RETRYING)
    assert log.gave_up == []


async def test_a_missed_schedule_is_made_up_once_at_the_next_start(make, log):
    clock = Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    fired: list[datetime] = []

    async def nightly() -> None:
        fired.append(clock())

    for _ in range(2):  # the first time it is new: nothing is due
        jobs = make(ambient=ambient(clock))
        jobs.schedule(Schedule("nightly", "0 3 * * *", nightly))
        await jobs.start()
        await jobs.enqueue([job(f"REC_{clock():%d}")])
        await reaches(jobs, job(f"REC_{clock():%d}"), JobStatus.DONE)
        await until(lambda jobs=jobs: _has_looked(jobs))
        await jobs.close()
        clock.advance(2 * 86_400)
    assert len(fired) == 1


def _has_looked(jobs: DbosJobs) -> bool:
    keeper = jobs._work.keeper if jobs._work else None
    return keeper is not None and keeper.looks >= 2


async def test_a_schedule_fires_at_its_time(make, log):
    clock = Clock(datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC))
    fired: list[datetime] = []

    async def hourly() -> None:
        fired.append(clock())

    jobs = make(ambient=ambient(clock))
    jobs.schedule(Schedule("hourly", "0 * * * *", hourly))
    await jobs.start()
    await until(lambda: _has_looked(jobs))
    for hour in range(1, 4):
        clock.advance(3600)
        await until(lambda hour=hour: len(fired) == hour)


@pytest.mark.parametrize("cron", ["* * * *", "0 0 31 2 *", "every hour", "* * * * * *"])
def test_a_schedule_that_cannot_be_is_refused(cron: str):
    jobs = DbosJobs("sqlite:///unused.db", executor_id="worker-0", ambient=ambient())
    with pytest.raises(InvalidError):
        jobs.schedule(Schedule("odd", cron, lambda: asyncio.sleep(0)))


async def test_only_one_worker_at_a_time_in_a_process_and_another_after_it(make, log):
    first, second = make(), make()
    await first.start()
    with pytest.raises(InvalidError):
        await second.start()
    await first.close()
    await second.start()
    await second.enqueue([job("REC_1")])
    await reaches(second, job("REC_1"), JobStatus.DONE)


async def test_readiness_says_when_jobs_cannot_be_taken(make, log, tmp_path):
    jobs = make()
    with pytest.raises(UnavailableError):
        await jobs.ready()
    await jobs.start(work=False)
    await jobs.ready()
    await jobs.close()
    with pytest.raises(UnavailableError):
        await jobs.enqueue([job("REC_1")])
    (tmp_path / "file").write_text("")
    nowhere = DbosJobs(f"sqlite:///{tmp_path}/file/jobs.db", executor_id="worker-0", ambient=ambient())
    with pytest.raises(UnavailableError):
        await nowhere.start()
    await make().start()  # the failed start is no obstacle to another


async def test_nothing_is_printed_and_logs_name_no_payload(make, log, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    log.script["REC_1"] = lambda _attempt: ValueError("Ram Sharma takes metformin")
    jobs = make()
    await jobs.start()
    await jobs.enqueue([job("REC_1")])
    await reaches(jobs, job("REC_1"), JobStatus.FAILED)
    await jobs.close()
    assert "Ram" not in caplog.text
    assert capfd.readouterr() == ("", "")


async def test_ended_jobs_are_forgotten_after_their_time_and_others_never(make, log):
    jobs = make()
    await jobs.start()
    log.script["bad"] = lambda _attempt: NoSpeechError("Nobody speaks in it.")
    await jobs.enqueue([job("REC_1"), job("bad"), job("long")])
    await reaches(jobs, job("REC_1"), JobStatus.DONE)
    await reaches(jobs, job("bad"), JobStatus.FAILED)
    await until(lambda: log.runs_of("long") == [1])
    await jobs.close()
    later = make(keep=timedelta(seconds=-60))
    await later.start()

    async def forgotten() -> bool:
        return await later.state(job("REC_1").id) is None and await later.state(job("bad").id) is None

    await until(forgotten)
    assert await status(later, job("long")) in (JobStatus.RUNNING, JobStatus.RETRYING)
    log.gate.set()


def everything_in(url: str) -> str:
    """All rows of all tables, as text."""
    engine = open_engine(url, pool=1, durable=False)
    try:
        schema = None if url.startswith("sqlite") else "auscult_jobs"
        tables = sa.MetaData()
        tables.reflect(engine, schema=schema)
        with engine.connect() as connection:
            return "\n".join(str(row) for table in tables.sorted_tables for row in connection.execute(table.select()))
    finally:
        engine.dispose()
