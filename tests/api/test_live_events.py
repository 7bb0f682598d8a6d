"""The live stream ends with what let its reader in: at a sign-out, a revoked key, an expiry; not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from auscult.api.callers import SESSION_COOKIE
from auscult.domain.actor import Role
from auscult.domain.errors import UnauthenticatedError
from auscult.flows import access, live
from auscult.stores.records import Key
from auscult.world import real_ambient
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.serving import served

pytestmark = pytest.mark.asyncio(loop_scope="module")
SOON = 10.0
"""Seconds: less than a heartbeat, so that only what noticed at once can pass."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenClinic]:
    async with open_clinic(tmp_path_factory.mktemp("clinic"), work=False) as opened:
        yield opened


async def session(clinic: OpenClinic) -> str:
    """The token of a browser that has just signed in."""
    services = clinic.clinic.services
    user = await access.owner(services, clinic.clinic.clinic_id, "")
    token, _session = await access.sign_in(services, await access.make_link(services, clinic.clinic.clinic_id, user))
    return token


class Stream:
    """An open event stream: what it was told, and whether it has ended."""

    def __init__(self, answer: httpx.Response) -> None:
        self.told: list[str] = []
        self._answer = answer
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for line in self._answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                self.told.append(value)

    async def ended(self) -> None:
        """Wait for its end, as the server ends it: complete, not broken off."""
        await asyncio.wait_for(self.reading, SOON)

    async def hears(self, clinic: OpenClinic) -> None:
        """Make something happen, and wait until this stream has told it."""
        before = len(self.told)
        assert (await clinic.client.post("/patients", json={"name": "Somebody New"})).status_code == 201
        async with asyncio.timeout(SOON):
            while len(self.told) == before:
                assert not self.reading.done()
                await asyncio.sleep(0.01)


@asynccontextmanager
async def listening(port: int, **headers: str) -> AsyncIterator[Stream]:
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client,
        client.stream("GET", "/events") as answer,
    ):
        assert answer.status_code == 200
        stream = Stream(answer)
        try:
            yield stream
        finally:
            stream.reading.cancel()
            await asyncio.gather(stream.reading, return_exceptions=True)


async def test_signing_out_ends_the_stream_of_that_browser_and_no_other(clinic: OpenClinic) -> None:
    leaving, staying = await session(clinic), await session(clinic)
    async with (
        served(clinic.clinic) as port,
        listening(port, Cookie=f"{SESSION_COOKIE}={leaving}") as first,
        listening(port, Cookie=f"{SESSION_COOKIE}={staying}") as second,
    ):
        await first.hears(clinic)
        await second.hears(clinic)
        async with clinic.stranger(Cookie=f"{SESSION_COOKIE}={leaving}", **{"X-Auscult": "1"}) as browser:
            assert (await browser.post("/sign-out")).status_code == 204
        await first.ended()
        await second.hears(clinic)
        assert access.ACCESS_CHANGED not in second.told, "nobody is told of another's sign-out"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as browser:
            again = await browser.get("/events", headers={"Cookie": f"{SESSION_COOKIE}={leaving}"})
        assert again.status_code == 401, "the browser that reconnects learns that it must sign in"


async def test_revoking_a_key_ends_its_stream(clinic: OpenClinic) -> None:
    services, clinic_id = clinic.clinic.services, clinic.clinic.clinic_id
    token, key = await access.make_api_key(services, clinic_id, "dashboard", Role.NURSE)
    async with served(clinic.clinic) as port, listening(port, **{"X-API-Key": token}) as stream:
        await stream.hears(clinic)
        await access.revoke_api_key(services, clinic_id, key.id)
        await stream.ended()


async def test_a_stream_ends_when_its_session_expires(tmp_path: Path) -> None:
    """A working day passes while the stream is open, all but a second of it by turning the clock."""
    ahead = timedelta()
    world = replace(real_ambient(), now=lambda: datetime.now(UTC) + ahead)
    async with open_clinic(tmp_path, ambient=world, work=False, session_idle_minutes=24 * 60) as clinic:
        token = await session(clinic)
        # an hour without a request would end it too
        ahead = timedelta(seconds=clinic.clinic.services.limits.session_seconds - 1.5)
        async with served(clinic.clinic) as port, listening(port, Cookie=f"{SESSION_COOKIE}={token}") as stream:
            await stream.ended()


async def test_an_access_that_ended_unannounced_is_noticed_at_the_next_check(clinic: OpenClinic) -> None:
    """As when an operator removes the row, or a restored backup lacks it."""
    services, feed = clinic.clinic.services, clinic.clinic.feed
    token = await session(clinic)
    asked = 0

    async def admit() -> access.Admission:
        nonlocal asked
        asked += 1
        return await access.admit_session(services, token)

    async with asyncio.timeout(SOON), aclosing(live.follow(services, feed, admit, check_seconds=0.02)) as told:
        coming = asyncio.create_task(anext(told, None))
        while asked < 3:
            await asyncio.sleep(0.01)
        assert not coming.done()
        key = Key("session", access.token_hash(token))
        await services.records.of(clinic.clinic.clinic_id).table(access.SESSIONS).delete(key)
        assert await coming is None


async def test_nobody_hears_another_word_after_an_end_however_much_happens(clinic: OpenClinic) -> None:
    """Events that wait to be told when the access ends are not told."""
    services, feed = clinic.clinic.services, clinic.clinic.feed
    token = await session(clinic)
    first = await feed_length(clinic)

    async def admit() -> access.Admission:
        return await access.admit_session(services, token)

    async with asyncio.timeout(SOON), aclosing(live.follow(services, feed, admit, first)) as told:
        for _ in range(3):
            await clinic.client.post("/patients", json={"name": "Before"})
        assert (await anext(told)).name == "registered"
        await access.sign_out(services, token)
        for _ in range(3):
            await clinic.client.post("/patients", json={"name": "After"})
        rest = [event.name async for event in told]
    assert rest == ["registered"] * 2


async def test_a_stream_that_nobody_may_open_does_not_begin(clinic: OpenClinic) -> None:
    async def admit() -> access.Admission:
        return await access.admit_session(clinic.clinic.services, f"{clinic.clinic.clinic_id}.nothing")

    async with aclosing(live.follow(clinic.clinic.services, clinic.clinic.feed, admit)) as told:
        with pytest.raises(UnauthenticatedError):
            await anext(told)


async def feed_length(clinic: OpenClinic) -> int:
    """The number of the newest event, once everything that happened is published."""
    outbox = clinic.clinic.services.records.outbox
    before = await outbox.last_seq(clinic.clinic.clinic_id)
    await clinic.client.post("/patients", json={"name": "A marker"})
    async with asyncio.timeout(SOON):
        while (now := await outbox.last_seq(clinic.clinic.clinic_id)) == before:
            await asyncio.sleep(0.01)
    return now
