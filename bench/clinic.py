"""The front desk under load: `python -m bench.clinic [--size full]`.

50 users of a clinic with 2,000 patients and 10,000 notes (`--size full`: 100,000 and 1,000,000), on SQLite and on
PostgreSQL, over HTTP to the real server in a process of its own. Each user types a name, looks at a patient, registers
one, queues them, begins with the next one and completes that consultation, with pauses of a second on average, as
people make. Baseline: a bare FastAPI route under the same users, in the same run.

- *database part*: the same calls one after the other in this process, and of each only the time that the database took.
- *processor time*: what the server's process used for each request. From it follows how many requests one core carries,
  and, extrapolated and not measured, how many cores 10,000 such users would need.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
from tests.support.server_process import Orders, ServerProcess, running

from auscult.clinic import Clinic
from auscult.domain.actor import Actor, Role
from auscult.domain.ids import PatientId, UserId
from auscult.flows import access, patient_search, patient_summary, patients, queue
from auscult.settings import Settings
from auscult.stores.records import database
from bench.clinic_records import FAMILY, GIVEN, fill
from bench.doors import bare_server
from bench.figures import TINY, Figure, Size, run
from bench.jobs import postgres_server
from bench.loopback import Ask, Connection

USERS: Final = 50
PAUSE: Final = 1.0
"""Seconds between a user's requests, on average: somebody who types, reads and clicks."""
SIZES: Final = {"tiny": (200, 400, 5, 3), "default": (2_000, 10_000, 20, 50), "full": (100_000, 1_000_000, 60, 100)}
"""Patients, notes, seconds of load, and how often each call is made when the database's part is measured."""
LIMITS: Final = {"search": 50.0, "register": 100.0, "queue": 100.0}
DATABASE_LIMIT: Final = 10.0
IDLE: Final = 3.0
"""Seconds after which a connection is opened anew: the server hangs up after five."""
_BARE: Final = 600
"""Bytes of the bare route's answer: about those of a patient."""


@dataclass
class Taken:
    """Milliseconds by what was asked."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    requests: int = 0

    def at(self, name: str, share: float) -> float:
        """The time within which this share was answered."""
        ordered = sorted(self.times[name])
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class User:
    """Somebody at work, with a connection of their own."""

    def __init__(
        self, connect: Callable[[], Awaitable[Connection]], chance: random.Random, taken: Taken, patients_there: int
    ) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._used = 0.0
        self._chance = chance
        self._taken = taken
        self._patients_there = patients_there

    async def ask(self, name: str, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Ask after a pause, and note how long the answer took. A conflict is an answer: somebody was faster."""
        await asyncio.sleep(self._chance.expovariate(1 / PAUSE))
        data = b"" if body is None else json.dumps(body).encode()
        connection = await self._connected()
        start = time.perf_counter()
        answer = await connection.ask(Ask(method, path, data))
        self._taken.times[name].append(1000 * (time.perf_counter() - start))
        self._used = time.perf_counter()
        self._taken.requests += 1
        if answer.status not in {200, 201, 404, 409}:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return json.loads(answer.body)

    async def _connected(self) -> Connection:
        """The connection, opened anew when nothing was asked for so long that the server may hang up."""
        if self._connection is None or time.perf_counter() - self._used > IDLE:
            await self.leave()
            self._connection = await self._connect()
        return self._connection

    async def leave(self) -> None:
        """Hang up."""
        if self._connection is not None:
            with suppress(OSError):
                await self._connection.close()
            self._connection = None

    async def work(self, until: float) -> None:
        """Do what a clinic does, again and again."""
        while time.perf_counter() < until:
            given, family = self._chance.choice(GIVEN), self._chance.choice(FAMILY)
            for typed in (given[:2], given, f"{given} {family[:2]}"):
                await self.ask("search", "POST", "/patients/search", {"text": typed})
            known = f"PAT_{self._chance.randint(1, self._patients_there):026d}"
            await self.ask("patient page", "GET", f"/patients/{known}/summary")
            body = {"name": f"{given} {family}", "age": 40, "phone": f"98{self._chance.randrange(10**8):08d}"}
            registered = await self.ask("register", "POST", "/patients", body)
            await self.ask("queue", "POST", "/queue", {"patient_id": registered["patient_id"]})
            started = await self.ask("queue", "POST", "/queue/start", {})
            if "entry_id" in started:
                await self.ask("queue", "POST", "/queue/complete", {"entry_id": started["entry_id"]})


async def _bare(port: int, seconds: float, users: int) -> Taken:
    taken = Taken()

    async def one(number: int) -> None:
        user = User(lambda: Connection.open(port, {}), random.Random(number), taken, 1)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            await user.ask("bare", "GET", "/result/x")
        await user.leave()

    await asyncio.gather(*(one(number) for number in range(users)))
    return taken


async def _load(server: ServerProcess, tokens: list[str], seconds: float, patients_there: int) -> tuple[Taken, float]:
    """The load; how long everything took, and the processor time of the server for each request, in ms."""
    port = urlsplit(server.origin).port or 0
    taken = Taken()

    def connected(token: str) -> Callable[[], Awaitable[Connection]]:
        return lambda: Connection.open(port, {"X-API-Key": token, "Content-Type": "application/json"})

    users = [User(connected(one), random.Random(n), taken, patients_there) for n, one in enumerate(tokens)]
    process = psutil.Process(server.process.pid)
    await asyncio.gather(*(user.work(time.perf_counter() + 2) for user in users))  # everything is warm
    taken.times.clear()
    taken.requests = 0
    before = process.cpu_times()
    await asyncio.gather(*(user.work(time.perf_counter() + seconds) for user in users))
    after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    for user in users:
        await user.leave()
    return taken, 1000 * spent / taken.requests


_COUNTED: Final[ContextVar[list[float] | None]] = ContextVar("counted", default=None)
"""Where the seconds of transactions go; those of tasks that ran before, such as the relay's, go nowhere."""


@asynccontextmanager
async def _timed_database() -> AsyncIterator[list[float]]:
    """Collects the seconds that each transaction takes which is begun from here."""
    spent: list[float] = []
    _COUNTED.set(spent)
    read, write = database.Database.read, database.Database.write

    def timed(way: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def measured(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the method takes
            start = time.perf_counter()
            try:
                return await way(*given, **named)
            finally:
                counted = _COUNTED.get()
                if counted is not None:
                    counted.append(time.perf_counter() - start)

        return measured

    database.Database.read = timed(read)  # type: ignore[method-assign]  # put back below
    database.Database.write = timed(write)  # type: ignore[method-assign]  # put back below
    try:
        yield spent
    finally:
        _COUNTED.set(None)
        database.Database.read, database.Database.write = read, write  # type: ignore[method-assign]  # as they were


async def _database_part(clinic: Clinic, patients_there: int, rounds: int) -> Taken:
    services, taken, chance = clinic.services, Taken(), random.Random(3)
    actor = Actor(clinic_id=clinic.clinic_id, user_id=UserId("USR_BENCH"), role=Role.DOCTOR, name="Bench")
    async with _timed_database() as spent:

        async def of(name: str, work: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever the flow returns
            spent.clear()
            answer = await work
            taken.times[name].append(1000 * sum(spent))
            return answer

        for number in range(rounds):
            given, family = chance.choice(GIVEN), chance.choice(FAMILY)
            for typed in (given[:2], given, f"{given} {family[:2]}"):
                await of("search", patient_search.search(services, actor, typed))
            known = PatientId(f"PAT_{chance.randint(1, patients_there):026d}")
            await of("patient page", patient_summary.read(services, actor, known))
            one = await of(
                "register", patients.register(services, actor, name=f"{given} {family}", phone=f"98{number:08d}")
            )
            await of("queue", queue.join(services, actor, one.id))
            started = await of("queue", queue.start(services, actor))
            await of("queue", queue.complete(services, actor, started.id))
    return taken


async def _one(name: str, url: str, size: Size, bare: Taken) -> list[Figure]:
    patients_there, notes, seconds, rounds = SIZES[size]
    users = 5 if size == TINY else USERS
    with tempfile.TemporaryDirectory(prefix="bench-clinic-") as folder:
        settings = Settings(data=Path(folder) / "clinic", records_url=url)
        async with await Clinic.open(settings, work=False) as clinic:
            clinic_id = clinic.clinic_id
        start = time.perf_counter()
        await fill(settings, clinic_id, patients_there, notes)
        sys.stderr.write(f"{name}: {patients_there} patients, {notes} notes in {time.perf_counter() - start:.0f} s\n")
        async with await Clinic.open(settings, work=False) as clinic:
            alone = await _database_part(clinic, patients_there, rounds)
            tokens = [
                (await access.make_api_key(clinic.services, clinic_id, f"user {number}", Role.DOCTOR))[0]
                for number in range(users)
            ]
        orders = Orders(data=str(settings.data), script={}, settings={"records_url": url})
        async with running(orders, Path(folder) / "said") as server:
            taken, processor = await _load(server, tokens, seconds, patients_there)
    there = f"{name}, {patients_there:,} patients, {notes:,} notes"
    figures = []
    for what, share in itertools.product(("register", "queue", "search", "patient page"), (0.5, 0.99)):
        limit = LIMITS.get(what) if share > 0.9 else None
        at = f"p{share * 100:.0f}"
        figures.append(
            Figure(f"{there}: {what}, {at}", taken.at(what, share), "ms", "bare route", bare.at("bare", share), limit)
        )
        part = DATABASE_LIMIT if limit else None
        figures.append(Figure(f"{there}: {what}, database part, {at}", alone.at(what, share), "ms", limit=part))
    per_core = 1000 / processor
    return [
        *figures,
        Figure(f"{there}: processor time of the server for a request", processor, "ms"),
        Figure(f"{there}: requests that one core carries", per_core, "/s"),
        Figure(f"{there}: cores for 10,000 such users (extrapolated)", 10_000 / PAUSE / per_core, "cores"),
    ]


async def _measure(size: Size) -> list[Figure]:
    with bare_server(_BARE) as port:
        bare = await _bare(port, 3 if size == TINY else 10, 5 if size == TINY else USERS)
    figures = await _one("SQLite", "", size, bare)
    with postgres_server() as url:
        if url is None:
            sys.stderr.write("bench.clinic: PostgreSQL not measured, none on this machine\n")
            return figures
        return figures + await _one("PostgreSQL", url, size, bare)


def measure(size: Size) -> list[Figure]:
    """Measure both databases beside a bare route."""
    return asyncio.run(_measure(size))


if __name__ == "__main__":
    run(measure, __doc__)
