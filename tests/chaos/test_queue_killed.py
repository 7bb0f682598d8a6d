"""Killed while the whole clinic works on the queue, it stands as it was answered, and the day goes on."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from auscult.clinic import Clinic
from auscult.domain.queue import ENDED, QueueEntry, QueueStatus
from auscult.flows.tables import QUEUE, QUEUE_DESKS, QUEUE_PLACES
from auscult.settings import Settings
from auscult.stores.records import Key
from tests.support.server_process import Orders, ServerProcess, running

DESKS: Final = 3
DOCTORS: Final = 4
WAY: Final = [QueueStatus.WAITING, QueueStatus.CALLED, QueueStatus.CONSULTING, QueueStatus.COMPLETED]


@dataclass
class Day:
    """What people at the clinic were told, and the moment at which the power goes."""

    kill_after: tuple[QueueStatus, int]
    keys: list[str] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)
    told: dict[str, QueueStatus] = field(default_factory=dict)
    """The last status of each entry that an answer named."""
    seen_by: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    numbers: dict[str, int] = field(default_factory=dict)
    now: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, answer: httpx.Response, doctor: int | None = None) -> dict[str, Any] | None:
        """Note an answer; None when it is a refusal."""
        if answer.status_code in {404, 409}:
            return None
        assert answer.is_success, answer.text
        entry: dict[str, Any] = answer.json()
        status = QueueStatus(entry["status"])
        self.told[entry["entry_id"]] = status
        self.numbers[entry["entry_id"]] = entry["number"]
        if doctor is not None and status in {QueueStatus.CONSULTING, QueueStatus.COMPLETED}:
            self.seen_by[entry["entry_id"]].add(doctor)
        wanted, times = self.kill_after
        if sum(WAY.index(one) >= WAY.index(wanted) for one in self.told.values()) >= times:
            self.now.set()
        return entry

    async def register(self, client: httpx.AsyncClient) -> None:
        """A front desk: registers patients, and puts each into the queue, twice by mistake."""
        while True:
            patient = (await client.post("/patients", json={"name": "Somebody"})).json()["patient_id"]
            self.registered.append(patient)
            both = await asyncio.gather(*(client.post("/queue", json={"patient_id": patient}) for _ in range(2)))
            assert sorted(answer.status_code for answer in both) == [201, 409]
            for answer in both:
                self.hear(answer)

    async def see(self, client: httpx.AsyncClient, doctor: int) -> None:
        """A doctor: calls the next patient, begins, completes."""
        while True:
            called = self.hear(await client.post("/queue/call", json={}))
            if called is not None:
                entry = {"entry_id": called["entry_id"]}
                assert self.hear(await client.post("/queue/start", json=entry), doctor) is not None
                assert self.hear(await client.post("/queue/complete", json=entry), doctor) is not None

    async def finish(self, client: httpx.AsyncClient, doctor: int) -> None:
        """The same doctor after the restart: goes on with whom they had, and with the next, until nobody waits."""
        while True:
            begun = await client.post("/queue/start", json={})
            if begun.status_code == 404:
                return
            entry = {"entry_id": begun.json()["entry_id"]}  # of a 409 too: whom they see
            self.hear(begun, doctor)
            assert self.hear(await client.post("/queue/complete", json=entry), doctor) is not None


async def clients(server: ServerProcess, day: Day, stack: AsyncExitStack) -> list[httpx.AsyncClient]:
    """Each doctor's, with a key of their own that outlives the server."""
    for number in range(len(day.keys), DOCTORS):
        made = await server.client.post("/api-keys", json={"name": f"doctor {number}", "role": "doctor"})
        day.keys.append(made.json()["token"])
    return [
        await stack.enter_async_context(
            httpx.AsyncClient(base_url=server.origin, headers={"X-API-Key": key}, timeout=60.0)
        )
        for key in day.keys
    ]


async def consistent(data: Path, day: Day) -> list[QueueEntry]:
    """Everything of the queue as it is stored, seen to be of a piece and no less than what was answered."""
    async with await Clinic.open(Settings(data=data), work=False) as clinic:
        records = clinic.services.records.of(clinic.clinic_id)
        entries = [
            stored.value
            for status in QueueStatus
            for stored in (await records.table(QUEUE).query(status, index="status", limit=1000)).items
        ]
        assert len({one.patient_id for one in entries}) == len(entries), "nobody is in the queue twice"
        assert sorted(one.number for one in entries) == list(range(1, len(entries) + 1)), "each has a number of its own"
        stored: dict[str, QueueEntry] = {one.id: one for one in entries}
        for entry_id, status in day.told.items():
            assert WAY.index(stored[entry_id].status) >= WAY.index(status), "what was answered is kept"
            assert stored[entry_id].number == day.numbers[entry_id]
        for patient_id in day.registered:
            place = await records.table(QUEUE_PLACES).get(Key(patient_id))
            held = [one.id for one in entries if one.patient_id == patient_id and one.status not in ENDED]
            assert ([place.value.entry_id] if place else []) == held, "a place for who is in the queue, and no other"
        seen = {one.id: one.called_by for one in entries if one.status is QueueStatus.CONSULTING}
        desks = [await records.table(QUEUE_DESKS).get(Key(who)) for who in {one.called_by for one in entries} if who]
        at_desks = [(entry_id, desk.value.clinician_id) for desk in desks if desk for entry_id in desk.value.entry_ids]
        assert len(at_desks) == len(seen), "no two doctors see the same patient"
        assert dict(at_desks) == seen, "whom a doctor sees is whom the desk says"
        return entries


@pytest.mark.parametrize(
    "kill_after",
    [
        (QueueStatus.COMPLETED, 12),
        pytest.param((QueueStatus.WAITING, 1), marks=pytest.mark.full),
        pytest.param((QueueStatus.CALLED, 5), marks=pytest.mark.full),
        pytest.param((QueueStatus.CONSULTING, 9), marks=pytest.mark.full),
        pytest.param((QueueStatus.WAITING, 40), marks=pytest.mark.full),
        pytest.param((QueueStatus.COMPLETED, 60), marks=pytest.mark.full),
    ],
)
async def test_a_kill_in_the_middle_of_the_morning_leaves_a_queue_that_goes_on(
    kill_after: tuple[QueueStatus, int], tmp_path: Path
) -> None:
    data, day = tmp_path / "clinic", Day(kill_after)
    orders = Orders(data=str(data), script={}, settings={"rates": False})
    async with AsyncExitStack() as stack, running(orders, tmp_path / "said") as server:
        doctors = await clients(server, day, stack)
        work = [
            asyncio.create_task(one)
            for one in (
                *(day.register(server.client) for _ in range(DESKS)),
                *(day.see(client, number) for number, client in enumerate(doctors)),
            )
        ]
        killed = asyncio.create_task(day.now.wait())
        await asyncio.wait({killed, *work}, timeout=120, return_when=asyncio.FIRST_COMPLETED)
        server.kill()
        ended = await asyncio.gather(*work, return_exceptions=True)
        assert all(isinstance(one, httpx.TransportError) for one in ended), ended
        assert killed.done()
    await consistent(data, day)

    async with AsyncExitStack() as stack, running(orders, tmp_path / "said") as server:
        doctors = await clients(server, day, stack)
        await asyncio.gather(*(day.finish(client, number) for number, client in enumerate(doctors)))
        assert (await server.client.get("/queue")).json()["items"] == []
        await server.stop()
    entries = await consistent(data, day)
    assert {one.status for one in entries} == {QueueStatus.COMPLETED}, "nobody is lost"
    assert all(len(who) == 1 for who in day.seen_by.values()), "nobody is seen by two"
