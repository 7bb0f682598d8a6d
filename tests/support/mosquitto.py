"""A real Mosquitto for tests, configured as `deploy/mosquitto` says: only paths, port and devices are the test's.

It runs on a free port of 127.0.0.1 in a temporary folder, can be killed and started again with what it kept, and ends
with the test process whatever way that ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from tests.support.certificates import Authority, Certificate
from tests.support.postgres import _end_with_parent, _free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "mosquitto"
_START_SECONDS = 20.0


@dataclass
class MosquittoServer:
    """A broker that was started and may be killed, and the authority that it and its clients trust."""

    home: Path
    authority: Authority
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"mqtts://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """What it wrote since it was first started."""
        return (self.home / "said.log").read_text(errors="replace")

    def allow(self, rules: str) -> None:
        """Add lines to the acl file, as an administrator does, and have it read."""
        with (self.home / "acl").open("a") as acl:
            acl.write(f"\n{rules}\n")
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def settings(self, common_name: str) -> dict[str, Any]:
        """The settings of a clinic that is this client of the broker."""
        mine = self.authority.issue_client(common_name)
        return {"mqtt_url": self.url, "mqtt_ca": self.authority.ca, "mqtt_cert": mine.cert, "mqtt_key": mine.key}

    def start(self) -> None:
        """Start it, at the same port with what it kept when it ran before."""
        for _ in range(3):
            self.port = self.port or _free_port()
            (self.home / "mosquitto.conf").write_text(self._configuration())
            with (self.home / "said.log").open("ab") as output:
                self._process = subprocess.Popen(
                    [binary(), "-c", str(self.home / "mosquitto.conf")],
                    cwd=self.home,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, looked up before the fork
                )
            deadline = time.monotonic() + _START_SECONDS
            while self._process.poll() is None and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.02)
            self.kill()
        raise RuntimeError(f"Mosquitto did not start:\n{self.said}")

    def _answers(self) -> bool:
        """Whether it greets in TLS: from then on it also takes signals."""
        context = ssl.create_default_context(cafile=self.authority.ca)
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
                context.wrap_socket(probe, server_hostname="127.0.0.1").close()
        except ConnectionRefusedError:
            return False
        return True

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None

    @asynccontextmanager
    async def client(
        self, certificate: Certificate | None, *, authority: Authority | None = None, **options: Any
    ) -> AsyncIterator[aiomqtt.Client]:
        """A client with this certificate (None: without one)."""
        context = ssl.create_default_context(cafile=(authority or self.authority).ca)
        if certificate is not None:
            context.load_cert_chain(certificate.cert, certificate.key)
        async with aiomqtt.Client("127.0.0.1", self.port, tls_context=context, **options) as connected:
            yield connected

    def _configuration(self) -> str:
        """The deployed configuration, with this folder's paths and this port."""
        text = (CONFIGURATION / "mosquitto.conf").read_text("utf-8")
        for deployed, ours in (
            ("listener 8883", f"listener {self.port} 127.0.0.1"),
            ("/etc/mosquitto/certs/ca.pem", str(self.authority.ca)),
            ("/etc/mosquitto/certs/broker.pem", str(self.home / "certs" / "localhost.pem")),
            ("/etc/mosquitto/certs/broker.key", str(self.home / "certs" / "localhost.key")),
            ("/etc/mosquitto/acl", str(self.home / "acl")),
            ("/var/lib/mosquitto/", f"{self.home}/"),
        ):
            assert text.count(deployed) == 1, deployed
            text = text.replace(deployed, ours)
        user = "root" if os.geteuid() == 0 else ""
        return f"{text}\nuser {user}\n" if user else text


@dataclass
class Reader:
    """A device that keeps what it is sent, and comes back to its session when it loses the broker."""

    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    connections: int = 0

    def bodies(self, ending: str) -> list[dict[str, Any]]:
        """The bodies on topics that end so, in the order of their coming."""
        return [body for topic, body in self.got if topic.endswith(ending)]

    @property
    def seqs(self) -> set[int]:
        return {body["seq"] for _topic, body in self.got if "seq" in body}


@asynccontextmanager
async def reading(
    server: MosquittoServer, certificate: Certificate, *filters: str, name: str = "reader"
) -> AsyncIterator[Reader]:
    """A device that reads these topics with a lasting session."""
    reader, ready = Reader(), asyncio.Event()

    async def stay() -> None:
        while True:
            try:
                async with server.client(certificate, identifier=name, clean_session=False, timeout=2) as client:
                    await client.subscribe([(one, 1) for one in filters])
                    reader.connections += 1
                    ready.set()
                    async for message in client.messages:
                        reader.got.append((str(message.topic), json.loads(message.payload)))
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)

    task = asyncio.create_task(stay())
    try:
        async with asyncio.timeout(20):
            await ready.wait()
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def binary() -> str:
    """The broker's program; Debian puts it where only root looks."""
    return shutil.which("mosquitto") or "/usr/sbin/mosquitto"


@pytest.fixture
def mosquitto() -> Iterator[MosquittoServer]:
    """A broker of this test's own."""
    if not Path(binary()).exists():
        pytest.fail("There is no Mosquitto on this machine: run `make test-tools`.", pytrace=False)
    home = Path(tempfile.mkdtemp(prefix="auscult-mqtt-"))
    authority = Authority(home / "certs")
    authority.issue_server()
    shutil.copy(CONFIGURATION / "acl", home / "acl")
    server = MosquittoServer(home, authority)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(home, ignore_errors=True)
