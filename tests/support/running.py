"""The product as a person starts it: `auscult up` in a process of its own, with the web app and a sign-in link."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
NOBODY_LISTENS = "http://127.0.0.1:9"
"""The discard port: a hub of models that refuses, so that no test depends on the network."""

_LINK = re.compile(r"(http://\S+/sign-in\?token=\S+)\n")
_Answer = TypeVar("_Answer")


def wait_for(ask: Callable[[], _Answer], *, seconds: float = 60.0, what: str = "") -> _Answer:
    """Ask until the answer is true and return it; fail with the last answer when it is not in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"still not after {seconds} s: {what or ask} ({answer!r})")
        time.sleep(0.05)


@dataclass
class RunningClinic:
    """A clinic on this machine that can be stopped and started again at the same address with the same data."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    """What `auscult up` is told besides."""
    port: int = 0
    link: str = ""
    """The one-time sign-in link that the last start printed."""
    _process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """Everything that it wrote since its first start."""
        return (self.folder / "said.log").read_text(errors="replace")

    def start(self, *, seconds: float = 120.0) -> None:
        """Start it and wait for its sign-in link; a port of 0 becomes the one that it was given."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "said.log"
        before = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *_AUSCULT,
                    "up",
                    "--no-sample",
                    "--port",
                    str(self.port),
                    "--data",
                    str(self.folder / "data"),
                    *self.arguments,
                ],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=self._environment(),
            )

        def printed() -> str:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"it did not start:\n{self.said[-4000:]}")
            found = _LINK.search(log.read_bytes()[before:].decode(errors="replace"))
            return found.group(1) if found else ""

        self.link = wait_for(printed, seconds=seconds, what="the sign-in link")
        self.port = urlsplit(self.link).port or 0

    def fresh_link(self) -> str:
        """Another one-time link, from the command that the sign-in page names."""
        done = subprocess.run(
            [*_AUSCULT, "sign-in-link", "--data", str(self.folder / "data")],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            cwd=self.folder,
            env={**self._environment(), "AUSCULT_PORT": str(self.port)},
        )
        return done.stdout.strip()

    def stop(self) -> None:
        """Stop it as Ctrl+C does; when it does not go, end it with all that it started."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AUSCULT_")}
        return {**kept, "AUSCULT_SPEECH": "sphinx", "HF_ENDPOINT": NOBODY_LISTENS, **self.environment}


_AUSCULT = (sys.executable, "-m", "auscult")


@contextmanager
def running_clinic(folder: Path, *arguments: str, **environment: str) -> Iterator[RunningClinic]:
    """Start a clinic with an empty data folder; whatever happens, it is gone afterwards."""
    clinic = RunningClinic(folder, environment, arguments)
    clinic.start()
    try:
        yield clinic
    finally:
        clinic.stop()
