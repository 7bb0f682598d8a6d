"""How fast the doors answer under load: `python -m bench.doors`.

50 clients over loopback, each asking again as soon as it is answered: `GET /result/{key}` of a finished recording, and
`PUT` of one-second slices, each client into a recording of its own. Baseline: a bare FastAPI route that answers with,
or reads, the same bytes, in the same run. The server is the real one in a process of its own; it and the clients share
this machine's processors.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.server_process import Orders, ServerProcess, running

from bench.figures import Figure, Size, run
from bench.loopback import Ask, Load, load
from bench.sounds import consultation

CLIENTS = 50
SLICE_BYTES = 4096
"""One second of Opus at 32 kbit/s."""


@contextmanager
def bare_server(answer_bytes: int) -> Iterator[int]:
    """A process of `bench.bare_server`; its port."""
    process = subprocess.Popen([sys.executable, "-m", "bench.bare_server", str(answer_bytes)], stdout=subprocess.PIPE)
    try:
        if process.stdout is None:
            raise RuntimeError("the bare server has no output")
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


async def _recordings(server: ServerProcess, count: int) -> list[str]:
    found = []
    for _ in range(count):
        answer = await server.client.post("/recordings", json={"content_type": "audio/webm", "live": True})
        found.append(answer.json()["recording_id"])
    return found


async def _measure(size: Size) -> list[Figure]:
    clients, requests = {"tiny": (5, 4), "default": (CLIENTS, 20), "full": (CLIENTS, 100)}[size]
    data = os.urandom(SLICE_BYTES)
    with tempfile.TemporaryDirectory(prefix="bench-doors-") as folder:
        async with running(Orders(data=f"{folder}/clinic", script={}), Path(folder) / "said") as server:
            recording_id = await server.upload(consultation(60.0))
            key = (await server.settled(recording_id, 120))["upload_key"]
            answer = await server.client.get(f"/result/{key}")
            ours = (
                urlsplit(server.origin).port or 0,
                {"Cookie": f"auscult_session={server.client.cookies['auscult_session']}", "X-Auscult": "1"},
            )
            ids = await _recordings(server, clients)

            def get(_client: int, _number: int) -> Ask:
                return Ask("GET", f"/result/{key}")

            def put(client: int, number: int) -> Ask:
                return Ask("PUT", f"/recordings/{ids[client]}/chunks/{number}", data)

            with bare_server(len(answer.content)) as port:
                figures = []
                for name, ask in (("GET /result", get), ("PUT slice", put)):
                    await load(port, {}, clients, 2, ask)  # both are warm
                    baseline = await load(port, {}, clients, requests, ask)
                    measured = await load(*ours, clients, requests, ask)
                    figures += _figures(f"{name}, {clients} clients", measured, baseline)
            return figures


def _figures(name: str, measured: Load, baseline: Load) -> list[Figure]:
    return [
        Figure(f"{name}: p50", measured.at(0.5), "ms", "bare route", baseline.at(0.5)),
        Figure(f"{name}: p99", measured.at(0.99), "ms", "bare route", baseline.at(0.99)),
        Figure(f"{name}: requests", measured.rate, "/s", "bare route", baseline.rate),
    ]


def measure(size: Size) -> list[Figure]:
    """Measure both doors beside bare ones."""
    return asyncio.run(_measure(size))


if __name__ == "__main__":
    run(measure, __doc__)
