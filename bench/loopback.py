"""A small HTTP/1.1 client for measuring: it keeps its connection, and costs little beside the server it asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    body: bytes = b""


class Connection:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: Mapping[str, str]) -> None:
        """Use `Connection.open`."""
        self._reader = reader
        self._writer = writer
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    @classmethod
    async def open(cls, port: int, headers: Mapping[str, str]) -> Self:
        """Connect to a port of this machine; `headers` go with every request."""
        return cls(*await asyncio.open_connection("127.0.0.1", port), headers)

    async def ask(self, ask: Ask) -> Answer:
        """Send a request and read its answer."""
        head = f"{ask.method} {ask.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self._headers}"
        self._writer.write(f"{head}Content-Length: {len(ask.body)}\r\n\r\n".encode() + ask.body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:"))
        return Answer(int(lines[0].split()[1]), await self._reader.readexactly(length))

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()


@dataclass(frozen=True)
class Load:
    """How long each request took, in seconds, sorted, and how many were answered per second."""

    seconds: tuple[float, ...]
    rate: float

    def at(self, share: float) -> float:
        """The time within which this share of the requests was answered, in milliseconds."""
        return 1000 * self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


async def load(
    port: int, headers: Mapping[str, str], clients: int, requests: int, ask: Callable[[int, int], Ask]
) -> Load:
    """`clients` connections, each asking `requests` times without a pause; `ask(client, number)` says what."""
    took: list[float] = []
    connections = [await Connection.open(port, headers) for _ in range(clients)]

    async def one(client: int, connection: Connection) -> None:
        for count in range(requests):
            start = time.perf_counter()
            answer = await connection.ask(ask(client, count))
            took.append(time.perf_counter() - start)
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")

    start = time.perf_counter()
    await asyncio.gather(*(one(client, connection) for client, connection in enumerate(connections)))
    rate = len(took) / (time.perf_counter() - start)
    for connection in connections:
        await connection.close()
    return Load(tuple(sorted(took)), rate)
