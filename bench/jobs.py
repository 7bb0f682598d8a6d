"""How fast jobs start and how many end per second: `python -m bench.jobs [--jobs N] [--postgres URL]`.

Prints, for SQLite and for PostgreSQL (`--postgres`, or a server started from Debian's packages):

- enqueue → start on an idle worker, p50 and p99, at moments that have nothing to do with the worker's polling;
- jobs that end per second with 1, 2 and 4 worker processes, the queue being full when they start;
- as baselines, in the same run: calling the handler without any engine, and bare DBOS workflows on its own queue.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId
from auscult.domain.job import Job
from auscult.stores.jobs.dbos_jobs import DbosJobs

CLINIC = ClinicId("CLN_01JN0000AV0000000000000001")
CONCURRENCY = 8


def ambient() -> Ambient:
    """The real world."""
    return Ambient(now=lambda: datetime.now(UTC), new_id=lambda prefix: prefix, chance=random.random, secret=os.urandom)


def job(subject: str) -> Job:
    """A job of the flow that is measured."""
    return Job(clinic_id=CLINIC, flow="bench", subject=subject)


async def give_up(_job: Job, _error: BaseException) -> None:
    """Nothing fails here."""


async def handle(_job: Job, _attempt: int) -> None:
    """The least that a flow can do."""
    await asyncio.sleep(0)


async def call_rate(calls: int) -> float:
    """Handler calls per second without any engine."""
    start = time.perf_counter()
    for number in range(calls):
        await handle(job(str(number)), 1)
    return calls / (time.perf_counter() - start)


async def latencies(url: str, count: int) -> list[float]:
    """Seconds from calling `enqueue` to the first line of the handler, one job at a time."""
    began: dict[str, asyncio.Future[float]] = {}

    async def note(work: Job, _attempt: int) -> None:
        began[work.subject].set_result(time.perf_counter())

    jobs = DbosJobs(url, executor_id="bench-0", ambient=ambient())
    jobs.register("bench", note, gave_up=give_up)
    await jobs.start()
    found = []
    for number in range(count):
        await asyncio.sleep(random.uniform(0.05, 0.25))
        work = job(f"latency_{number}")
        began[work.subject] = asyncio.get_running_loop().create_future()
        start = time.perf_counter()
        await jobs.enqueue([work])
        found.append(await began[work.subject] - start)
    await jobs.close()
    return found


async def throughput(url: str, workers: int, count: int) -> float:
    """Jobs per second that `workers` processes end, from the moment that all are ready."""
    jobs = DbosJobs(url, executor_id="bench-client", ambient=ambient())
    await jobs.start(work=False)
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.jobs", "--work", f"bench-{number}", "--url", url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(workers)
    ]
    try:
        for process in processes:
            if process.stdout is not None:
                await process.stdout.readline()
        start = time.perf_counter()
        await jobs.enqueue([job(f"rate_{workers}_{number}") for number in range(count)])
        while await jobs.depth():  # noqa: ASYNC110 - the workers are other processes: there is no event to wait for
            await asyncio.sleep(0.02)
        return count / (time.perf_counter() - start)
    finally:
        for process in processes:
            await process.communicate(b"end\n")
        await jobs.close()


async def work(url: str, executor: str) -> None:
    """Be a worker until standard input ends."""
    jobs = DbosJobs(url, executor_id=executor, ambient=ambient(), concurrency=CONCURRENCY)
    jobs.register("bench", handle, gave_up=give_up)
    await jobs.start()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await jobs.close()


def bare_dbos(url: str, count: int) -> float:
    """Workflows per second that DBOS ends in one process, with our polling interval and nothing of ours around it."""
    from dbos import DBOS

    from auscult.stores.jobs.database import open_engine

    engine = open_engine(url, pool=CONCURRENCY + 4, durable=False)
    DBOS(config={"name": "bare", "system_database_engine": engine, "dbos_system_schema": "bare", "log_level": "ERROR"})

    @DBOS.workflow(name="bare")
    def bare(_number: int) -> None:
        """Do nothing, durably."""

    DBOS.launch()
    DBOS.register_queue("bare", worker_concurrency=CONCURRENCY, polling_interval_sec=0.1)
    start = time.perf_counter()
    handles = [DBOS.enqueue_workflow("bare", bare, number) for number in range(count)]
    for waiting in handles:
        waiting.get_result(polling_interval_sec=0.02)
    rate = count / (time.perf_counter() - start)
    DBOS.destroy(destroy_registry=True)
    engine.dispose()
    return rate


def measure(name: str, url: str, bare_url: str, count: int) -> None:
    """Print one database's figures."""
    found = sorted(asyncio.run(latencies(url, 60)))
    p50, p99 = statistics.median(found), found[int(len(found) * 0.99)]
    print(f"{name}: enqueue → start, idle: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms (n = {len(found)})")
    print(f"{name}: baseline, bare DBOS in one process: {bare_dbos(bare_url, count):.0f} jobs/s")
    for workers in (1, 2, 4):
        print(f"{name}: {workers} worker(s): {asyncio.run(throughput(url, workers, count)):.0f} jobs/s", flush=True)


@contextlib.contextmanager
def postgres_server() -> Iterator[str | None]:
    """The address of a throw-away PostgreSQL with its usual durability, or None when there is none on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(home, user)

    def run(program: str, *options: str) -> None:
        subprocess.run(
            [found[-1].with_name(program), *options], check=True, user=user, cwd=home, stdout=subprocess.DEVNULL
        )

    run("initdb", "-D", str(home / "data"), "-U", "bench", "-A", "trust")
    run(
        "pg_ctl", "-D", str(home / "data"), "-w", "-l", str(home / "log"), "start",
        "-o", f"-c listen_addresses='' -k {home}",
    )  # fmt: skip
    try:
        yield f"postgresql://bench@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", str(home / "data"), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=400, help="jobs for each throughput figure")
    parser.add_argument("--postgres", help="measure this PostgreSQL instead of a throw-away one")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        asyncio.run(work(given.url, given.work))
        return
    print(f"baseline, handler called without an engine: {asyncio.run(call_rate(20_000)):.0f} calls/s")
    with tempfile.TemporaryDirectory(prefix="bench-jobs-") as folder:
        measure("SQLite", f"sqlite:///{folder}/jobs.db", f"sqlite:///{folder}/bare.db", given.jobs)
    with contextlib.nullcontext(given.postgres) if given.postgres else postgres_server() as url:
        if url is None:
            print("PostgreSQL: not measured, no server on this machine (give one with --postgres)")
        else:
            measure("PostgreSQL", url, url, given.jobs)


if __name__ == "__main__":
    main()
