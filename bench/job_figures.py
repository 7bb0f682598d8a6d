"""The figures of `bench.jobs` for the common table: `python -m bench.job_figures`."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile

from bench import jobs
from bench.figures import Figure, Size, run


def _of(name: str, url: str, bare_url: str, waits: int, count: int) -> list[Figure]:
    found = sorted(asyncio.run(jobs.latencies(url, waits)))
    figures = [
        Figure(f"{name}: enqueue → start, idle, p50", statistics.median(found), "s", limit=0.15),
        Figure(f"{name}: enqueue → start, idle, p99", found[int(len(found) * 0.99)], "s"),
    ]
    bare = jobs.bare_dbos(bare_url, count)
    for workers in (1, 2, 4):
        rate = asyncio.run(jobs.throughput(url, workers, count))
        figures.append(Figure(f"{name}: jobs, {workers} worker(s)", rate, "/s", "bare DBOS, 1 process", bare))
    return figures


def measure(size: Size) -> list[Figure]:
    """Measure both databases."""
    waits, count = (5, 20) if size == "tiny" else (60, 400)
    with tempfile.TemporaryDirectory(prefix="bench-jobs-") as folder:
        figures = _of("SQLite", f"sqlite:///{folder}/jobs.db", f"sqlite:///{folder}/bare.db", waits, count)
    with jobs.postgres_server() as url:
        if url is None:
            sys.stderr.write("bench.jobs: PostgreSQL not measured, no server on this machine\n")
        else:
            figures += _of("PostgreSQL", url, url, waits, count)
    return figures


if __name__ == "__main__":
    run(measure, __doc__)
