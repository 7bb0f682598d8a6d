"""The product in a process of its own, so that a test can kill it, starve it, and read everything it said.

`ServerProcess` starts `python -m tests.support.server_process '{…}'`, which serves as `auscult up` does (or works, as
`auscult work` does) with chosen engines, and may be told to die at a point of `tests.support.kill_points`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from tests.support.patience import until

ROOT = Path(__file__).parents[2]
AT_REST = {"ready", "transcript_only", "no_speech", "failed", "cancelled", "discarded"}


@dataclass(frozen=True)
class Orders:
    """What a process is started with."""

    data: str
    door: str = "serve"
    """`serve` or `work`."""
    settings: dict[str, Any] = field(default_factory=dict)
    script: dict[str, Any] | None = None
    """How the scripted recogniser behaves; None: the recogniser of this machine."""
    die_at: str = ""
    tally: str = ""


@dataclass
class ServerProcess:
    """A process of the product that was started and, when it serves, a client that is signed in to it."""

    process: subprocess.Popen[bytes]
    said: Path
    """Everything it wrote on standard output and standard error."""
    client: httpx.AsyncClient
    origin: str = ""

    def kill(self) -> None:
        """End it as a power cut would, with all that it started."""
        _kill_group(self.process)

    async def died(self, seconds: float = 60.0) -> int:
        """Wait for it to be gone; return its exit code."""
        await until(lambda: self.process.poll() is not None, seconds=seconds, what=f"its death\n{self.text()[-3000:]}")
        return self.process.returncode

    async def stop(self) -> None:
        """Ask it to stop, as Ctrl+C does, and wait."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            await self.died(30)

    def text(self) -> str:
        """Everything it said."""
        return self.said.read_text(errors="replace")

    def memory(self) -> int:
        """Resident bytes of the process and of all it started."""
        try:
            found = psutil.Process(self.process.pid)
            return sum(one.memory_info().rss for one in [found, *found.children(recursive=True)])
        except psutil.NoSuchProcess:
            return 0

    async def recording(self, recording_id: str) -> dict[str, Any]:
        """A recording as the API shows it."""
        answer = await self.client.get(f"/recordings/{recording_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def settled(self, recording_id: str, seconds: float = 60.0) -> dict[str, Any]:
        """Follow a recording until its work has ended."""
        body: dict[str, Any] = {}

        async def at_rest() -> bool:
            nonlocal body
            body = await self.recording(recording_id)
            await asyncio.sleep(0.05)
            return body["status"] in AT_REST

        try:
            await until(at_rest, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"not at rest in {seconds} s: {body}\n{self.text()[-3000:]}") from error
        return body

    async def upload(self, sound: bytes, content_type: str = "audio/webm", **body: Any) -> str:
        """Open a recording and PUT its one file; return its id."""
        recording_id, url = await self.opened(content_type, **body)
        answer = await self.client.put(url, content=sound, headers={"Content-Type": content_type})
        assert answer.status_code == 200, answer.text
        return recording_id

    async def opened(self, content_type: str = "audio/webm", **body: Any) -> tuple[str, str]:
        """Open a recording for one upload; return its id and the URL that takes it."""
        answer = await self.client.post("/recordings", json={"content_type": content_type, "live": False, **body})
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        return opened["recording_id"], opened["upload_url"]

    async def slices(self, slices: list[bytes], **body: Any) -> str:
        """Record live: send the slices and finalise; return the recording's id."""
        answer = await self.client.post("/recordings", json={"content_type": "audio/webm", "live": True, **body})
        assert answer.status_code == 201, answer.text
        recording_id: str = answer.json()["recording_id"]
        for seq, data in enumerate(slices):
            kept = await self.client.put(f"/recordings/{recording_id}/chunks/{seq}", content=data)
            assert kept.status_code == 200, kept.text
        hashes = "".join(hashlib.sha256(one).hexdigest() for one in slices)
        total = {"count": len(slices), "sha256": hashlib.sha256(hashes.encode()).hexdigest()}
        closed = await self.client.post(f"/recordings/{recording_id}/finalise", json=total)
        assert closed.status_code == 202, closed.text
        return recording_id

    async def events(self, until_event: str, *, after: int = 0, seconds: float = 60.0) -> list[dict[str, Any]]:
        """Read the live stream from after a number up to the first event of a name."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(seconds):
            headers = {"Last-Event-ID": str(after)}
            async with self.client.stream("GET", "/events", headers=headers, timeout=seconds) as stream:
                assert stream.status_code == 200
                async for line in stream.aiter_lines():
                    if line.startswith("data:"):
                        found.append(json.loads(line.removeprefix("data:")))
                        if found[-1]["event"] == until_event:
                            return found
        raise AssertionError(f"the stream ended before {until_event}")


@asynccontextmanager
async def running(orders: Orders, said: Path, *, seconds: float = 60.0) -> AsyncIterator[ServerProcess]:
    """Start a process and wait until it is ready; whatever happens, it is gone afterwards."""
    before = said.stat().st_size if said.exists() else 0
    with said.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.server_process", json.dumps(asdict(orders))],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    client = httpx.AsyncClient(headers={"X-Auscult": "1"}, timeout=60.0)
    started = ServerProcess(process, said, client)

    def fresh() -> str:
        with said.open("rb") as file:
            file.seek(before)
            return file.read().decode(errors="replace")

    try:
        scheme = "https" if "tls" in orders.settings else "http"
        ready = f"{scheme}://[^ ]+/sign-in[?]token=[^ \n]+" if orders.door == "serve" else "Working"
        await until(
            lambda: process.poll() is not None or re.search(ready + r"\S*\n|Working", fresh()) is not None,
            seconds=seconds,
            what="the start",
        )
        if process.poll() is not None:
            raise AssertionError(f"it did not start:\n{fresh()[-4000:]}")
        link = re.search(ready, fresh())
        if orders.door == "serve" and link is not None and scheme == "http":  # else who asks brings their own trust
            parts = urlsplit(link.group())
            started.origin = f"{parts.scheme}://{parts.netloc}"
            client.base_url = httpx.URL(started.origin)
            answer = await client.get(link.group(), follow_redirects=False)
            assert answer.status_code == 303, answer.text
        yield started
    finally:
        await client.aclose()
        _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # The group: a recogniser's own processes must not outlive it in a test.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


def _child(orders: Orders) -> None:
    """Serve or work in this process."""
    from rich.console import Console

    from auscult import logs
    from auscult.clinic import makers
    from auscult.settings import Settings
    from tests.support.kill_points import kill_at
    from tests.support.scripted_engines import Script, Tally, scripted_engines

    settings = Settings(data=Path(orders.data), **{"port": 0, **orders.settings})
    logs.configure(settings.log_level)
    tally = Tally(Path(orders.tally)) if orders.tally else None
    deadly = kill_at(orders.die_at) if orders.die_at else None

    def asked(what: str) -> None:
        if tally is not None:
            tally.note(what)
        if deadly is not None:
            deadly(what)

    if orders.script is not None or tally is not None or deadly is not None:
        script = (
            Script(**{**orders.script, "lines": tuple(orders.script.get("lines", Script.lines))})
            if orders.script is not None
            else None
        )
        engines = scripted_engines(settings, script, asked)
        makers.embedded_engines = lambda _settings: engines
    if orders.door == "work":
        from auscult.cli import _work

        asyncio.run(_work(settings))
    else:
        from auscult.server import serve

        asyncio.run(serve(settings, web=None, console=Console(), with_sample=False))


if __name__ == "__main__":
    try:
        _child(Orders(**json.loads(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
