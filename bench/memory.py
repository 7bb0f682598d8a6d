"""How much memory it takes: `python -m bench.memory`.

- The server as `auscult up` starts it, idle, before any model is loaded.
- What a recording of 3 hours adds at most, over the same server after a recording of 10 seconds (the engines' own
  memory). Somebody speaks in a tenth of it; the recogniser is a stub, everything else is real. `--size tiny`: 10 min.

Resident memory of the server and its children, looked at ten times a second.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from tests.support.server_process import AT_REST, Orders, ServerProcess, running

from bench.figures import Figure, Size, run
from bench.sounds import consultation, mostly_silence

MEGABYTE = 1_000_000
_LOOK_SECONDS = 0.1


async def _highest(server: ServerProcess, recording_id: str, seconds: float) -> int:
    """The most memory until a recording is at rest."""
    deadline = time.monotonic() + seconds
    highest, status, asked = 0, "", 0.0
    while status not in AT_REST:
        highest = max(highest, server.memory())
        if time.monotonic() - asked > 1:
            asked = time.monotonic()
            status = (await server.recording(recording_id))["status"]
        if time.monotonic() > deadline:
            raise TimeoutError(f"the recording is still {status}")
        await asyncio.sleep(_LOOK_SECONDS)
    if status != "ready":
        raise RuntimeError(f"the recording ended {status}")
    return highest


async def _idle(folder: str) -> float:
    async with running(Orders(data=f"{folder}/idle"), Path(folder) / "said") as server:
        for path in ("/", "/me", "/recordings", "/engines"):
            await server.client.get(path)
        await asyncio.sleep(2)
        return server.memory() / MEGABYTE


async def _measure(size: Size) -> list[Figure]:
    hours = 1 / 6 if size == "tiny" else 3.0
    with tempfile.TemporaryDirectory(prefix="bench-memory-") as folder:
        idle = await _idle(folder)
        async with running(Orders(data=f"{folder}/long", script={}), Path(folder) / "said") as server:
            engines = await _highest(server, await server.upload(consultation(10.0)), 120)
            started = time.perf_counter()
            sound = mostly_silence(hours * 3600)
            long = await _highest(server, await server.upload(sound), 3600)
            took = time.perf_counter() - started
    length = f"{hours:.0f} h" if hours >= 1 else f"{hours * 60:.0f} min"
    return [
        Figure("idle server, no model loaded", idle, "MB", limit=250),
        Figure(f"recording of {length}: added memory", (long - engines) / MEGABYTE, "MB", limit=500),
        Figure(f"recording of {length}: highest memory", long / MEGABYTE, "MB", "10 s recording", engines / MEGABYTE),
        Figure(f"recording of {length}: from upload to note", took, "s"),
    ]


def measure(size: Size) -> list[Figure]:
    """Measure idle and long."""
    return asyncio.run(_measure(size))


if __name__ == "__main__":
    run(measure, __doc__)
