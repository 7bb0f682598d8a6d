"""Workers are killed, paused and restarted; every job still ends, once. Real processes, real signals."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId
from auscult.domain.job import Job, JobStatus
from auscult.stores.jobs.dbos_jobs import DbosJobs
from tests.support.patience import until

ROOT = Path(__file__).parents[2]
CLINIC = ClinicId("CLN_01JN0000AV0000000000000001")


def job(subject: str) -> Job:
    return Job(clinic_id=CLINIC, flow="scribe", subject=subject)


class Workers:
    """The worker processes of a test, and what they wrote down."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    async def start(self, executor: str, *options: str) -> subprocess.Popen[bytes]:
        before = len(self.said(executor, "ready"))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.job_worker", self.url, executor, str(self.folder), *options],
            cwd=ROOT,
        )
        self.processes.append(process)
        await until(lambda: len(self.said(executor, "ready")) > before, seconds=60, what=f"{executor} ready")
        return process

    def lines(self) -> list[list[str]]:
        log = self.folder / "log"
        return [line.split() for line in log.read_text().splitlines()] if log.exists() else []

    def said(self, *words: str) -> list[list[str]]:
        """The lines that begin with these words (after the time)."""
        return [line for line in self.lines() if tuple(line[1 : 1 + len(words)]) == words]

    def steps_of(self, subject: str) -> list[str]:
        """The steps that were begun, by whomever."""
        return [line[4] for line in self.lines() if line[2:4] == ["step", subject]]

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(20)


def start_workers(url: str, folder: Path) -> Workers:
    folder.mkdir()
    return Workers(url, folder)


@pytest.fixture(params=["sqlite", "postgres"])
def workers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workers]:
    url = f"sqlite:///{tmp_path}/jobs.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    started = start_workers(url, tmp_path / "work")
    yield started
    started.end()


@pytest.fixture
def cluster(postgres_url: str, tmp_path: Path) -> Iterator[Workers]:
    started = start_workers(postgres_url, tmp_path / "work")
    yield started
    started.end()


@pytest.fixture
async def client(request: pytest.FixtureRequest) -> AsyncIterator[DbosJobs]:
    """Enqueues and asks, and works on nothing."""
    name = "cluster" if "cluster" in request.fixturenames else "workers"
    url = request.getfixturevalue(name).url
    ambient = Ambient(
        now=lambda: datetime.now(UTC), new_id=lambda prefix: prefix, chance=random.random, secret=os.urandom
    )
    jobs = DbosJobs(url, executor_id="test", ambient=ambient)
    await jobs.start(work=False)
    yield jobs
    await jobs.close()


async def done(jobs: DbosJobs, work: Job, *, seconds: float) -> float:
    async def ended() -> bool:
        state = await jobs.state(work.id)
        return state is not None and state.status is JobStatus.DONE

    return await until(ended, seconds=seconds, what=f"{work.subject} done")


async def test_a_worker_killed_in_mid_job_goes_on_where_it_was_when_it_is_back(workers: Workers, client: DbosJobs):
    first = await workers.start("worker-0")
    await client.enqueue([job("REC_1")])
    await until(lambda: workers.steps_of("REC_1") == ["decoded", "transcribed"])
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    (workers.folder / "go").touch()
    await workers.start("worker-0")
    seconds = await done(client, job("REC_1"), seconds=10)
    assert seconds < 5
    # The step that was cut off is done again, the finished one is not; and dying was not a failed attempt.
    assert workers.steps_of("REC_1") == ["decoded", "transcribed", "transcribed", "written"]
    assert [line[4] for line in workers.said("worker-0", "began")] == ["1", "1"]
    assert len(workers.said("worker-0", "ended")) == 1


async def test_a_dead_workers_jobs_are_finished_by_another_within_30_s(cluster: Workers, client: DbosJobs):
    """With the intervals of production."""
    first = await cluster.start("worker-0")
    several = [job("REC_1"), job("REC_2")]
    await client.enqueue(several)
    await until(lambda: len(cluster.said("worker-0", "began")) == 2)
    await cluster.start("worker-1")
    first.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    (cluster.folder / "go").touch()
    for work in several:
        await done(client, work, seconds=40)
    seconds = time.monotonic() - killed
    assert seconds < 30
    assert {line[3] for line in cluster.said("worker-1", "ended")} == {"REC_1", "REC_2"}


async def test_a_worker_that_was_paused_finds_its_job_taken_and_stops(cluster: Workers, client: DbosJobs):
    options = ("--dead-after", "2")
    paused = await cluster.start("worker-0", *options)
    await client.enqueue([job("REC_1")])
    await until(lambda: len(cluster.said("worker-0", "began")) == 1)
    await cluster.start("worker-1", *options)
    paused.send_signal(signal.SIGSTOP)
    await until(lambda: len(cluster.said("worker-1", "began")) == 1, seconds=15)
    paused.send_signal(signal.SIGCONT)
    await until(lambda: cluster.said("worker-0", "stopped", "REC_1") != [], seconds=5)
    (cluster.folder / "go").touch()
    await done(client, job("REC_1"), seconds=10)
    assert len(cluster.said("worker-1", "ended")) == 1
    assert cluster.said("worker-0", "ended") == []
    # It is a worker like any other again.
    await client.enqueue([job(f"quick_{number}") for number in range(20)])
    await until(lambda: any(line[3].startswith("quick") for line in cluster.said("worker-0", "ended")), seconds=10)


async def test_a_worker_that_closes_gives_its_jobs_to_the_others_at_once(cluster: Workers, client: DbosJobs):
    first = await cluster.start("worker-0", "--dead-after", "2")
    await client.enqueue([job("REC_1")])
    await until(lambda: len(cluster.said("worker-0", "began")) == 1)
    await cluster.start("worker-1", "--dead-after", "2")
    first.terminate()
    await until(lambda: len(cluster.said("worker-1", "began")) == 1, seconds=10)
    (cluster.folder / "go").touch()
    await done(client, job("REC_1"), seconds=10)
    assert cluster.said("worker-0", "closed") != []
    assert first.wait(10) == 0


async def test_a_scheduled_job_fires_once_with_two_workers(cluster: Workers, client: DbosJobs):
    due = str(time.time() + 8)
    await cluster.start("worker-0", "--due-at", due)
    await cluster.start("worker-1", "--due-at", due)
    await until(lambda: any(line[2] == "scheduled" for line in cluster.lines()), seconds=20)
    await client.enqueue([job("quick")])
    await done(client, job("quick"), seconds=10)
    assert sum(line[2] == "scheduled" for line in cluster.lines()) == 1


@pytest.mark.full
async def test_a_job_that_takes_its_worker_down_every_time_is_given_up(workers: Workers, client: DbosJobs):
    """Else it would take down one worker after the other, for ever."""
    await client.enqueue([job("deadly")])
    for _ in range(10):
        process = await workers.start("worker-0")
        assert process.wait(20) == 3
    await workers.start("worker-0")
    await until(lambda: workers.said("worker-0", "gave_up", "deadly") != [])
    await client.enqueue([job("quick")])
    await done(client, job("quick"), seconds=10)
