"""A worker process for tests: `python -m tests.support.job_worker URL EXECUTOR FOLDER`.

It runs one flow, `scribe`, of three steps that each leave a file in FOLDER and are skipped when it is there; before the
second it waits for FOLDER/go, unless the job is named `quick…`. Everything it does goes to FOLDER/log, a line each.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auscult.domain.ambient import Ambient
from auscult.domain.job import Job
from auscult.stores.jobs import RetryPolicy, Schedule
from auscult.stores.jobs.dbos_jobs import DbosJobs


async def serve(url: str, executor: str, folder: Path, dead_after: float, due_at: float | None) -> None:
    """Work until SIGTERM."""

    def say(*words: object) -> None:
        line = " ".join(map(str, (f"{time.time():.3f}", executor, *words)))
        with (folder / "log").open("a") as log:
            log.write(line + "\n")

    async def handle(job: Job, attempt: int) -> None:
        say("began", job.subject, attempt)
        try:
            for step in ("decoded", "transcribed", "written"):
                kept = folder / f"{job.subject}.{step}"
                if kept.exists():
                    continue
                say("step", job.subject, step)
                while step == "transcribed" and not job.subject.startswith("quick") and not (folder / "go").exists():
                    if job.subject.startswith("deadly"):
                        os._exit(3)
                    await asyncio.sleep(0.02)
                kept.write_text(executor)
            say("ended", job.subject, attempt)
        except asyncio.CancelledError:
            say("stopped", job.subject, attempt)
            raise

    async def give_up(job: Job, error: BaseException) -> None:
        say("gave_up", job.subject, type(error).__name__)

    async def hourly() -> None:
        say("scheduled")

    # A clock that strikes the hour at `due_at`, for every worker at the same moment.
    shift = timedelta(0)
    if due_at is not None:
        at = datetime.fromtimestamp(due_at, UTC)
        shift = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) - at
    ambient = Ambient(
        now=lambda: datetime.now(UTC) + shift, new_id=lambda prefix: prefix, chance=random.random, secret=os.urandom
    )
    jobs = DbosJobs(url, executor_id=executor, ambient=ambient, dead_after=dead_after, beat=dead_after / 4)
    jobs.register("scribe", handle, gave_up=give_up, retry=RetryPolicy(base=0.05, cap=0.1))
    if due_at is not None:
        jobs.schedule(Schedule("hourly", "0 * * * *", hourly))
    await jobs.start()
    say("ready")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await jobs.close()
    say("closed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("executor")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dead-after", type=float, default=12.0)
    parser.add_argument("--due-at", type=float)
    given = parser.parse_args()
    asyncio.run(serve(given.url, given.executor, given.folder, given.dead_after, given.due_at))
