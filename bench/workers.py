"""What a second worker saves: `python -m bench.workers [--size full]`.

One recording of 30 minutes in which people talk all the time, on PostgreSQL: a server that takes it in, and one or two
`auscult work` processes that share its parts, one part at a time each. From the end of the upload to the note. The
recogniser is a stub that does a fixed amount of work, about 0.1 s for each second of sound. Decoding is one job and is
not shared, so two workers are less than twice as fast. Baseline: one worker. `--size full`: the embedded recogniser.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from tests.support.server_process import Orders, running

from bench.figures import Figure, Size, run
from bench.jobs import postgres_server
from bench.sounds import consultation

WORK = 80
"""MiB hashed for each second of speech: about 0.1 s."""


async def _seconds(folder: Path, url: str, sound: bytes, workers: int, script: dict[str, int] | None) -> float:
    base = {"records_url": url, "worker_concurrency": 1, "speech": "sphinx" if script is None else "auto"}
    serving = Orders(data=str(folder / "clinic"), script=script, settings={**base, "work": False})
    working = Orders(data=str(folder / "clinic"), script=script, settings=base, door="work")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(serving, folder / "server"))
        for number in range(workers):
            await stack.enter_async_context(running(working, folder / f"worker-{number}"))
        await server.settled(await server.upload(consultation(30.0)), 120)  # engines are loaded in one of them at least
        recording_id = await server.upload(sound)
        start = time.perf_counter()
        body = await server.settled(recording_id, 3600)
        if body["status"] != "ready":
            raise RuntimeError(f"it ended {body['status']}")
        return time.perf_counter() - start


def measure(size: Size) -> list[Figure]:
    """Measure one worker and two."""
    seconds = 120.0 if size == "tiny" else 1800.0
    script = None if size == "full" else {"work": WORK}
    sound = consultation(seconds)
    took = {}
    for workers in (1, 2):
        # A database each, so that neither finds anything of the other.
        with postgres_server() as url, tempfile.TemporaryDirectory(prefix="bench-workers-") as folder:
            if url is None:
                sys.stderr.write("bench.workers: not measured, no PostgreSQL on this machine\n")
                return []
            took[workers] = asyncio.run(_seconds(Path(folder), url, sound, workers, script))
    length = f"{seconds / 60:.0f} min"
    return [
        Figure(f"{length} with 2 workers", took[2], "s", "1 worker", took[1]),
        Figure(f"{length}: 2 workers are faster by", took[1] / took[2], "times"),
    ]


if __name__ == "__main__":
    run(measure, __doc__)
