"""A change and its consequences exist both or neither, and events are numbered without a gap. On every database."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack

import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError, InvalidError
from auscult.domain.ids import ClinicId
from auscult.stores.records import Delete, Expect, Key, Put
from auscult.stores.records.sql import SqlRecords
from auscult.trust.sealing import Keyring
from tests.support.visits import VISITS, Visit, event, job
from tests.support.world import Clock


async def test_writes_events_and_jobs_are_committed_together(
    records: SqlRecords, clinic_id: ClinicId, clock: Clock
) -> None:
    clinic = records.of(clinic_id)
    await clinic.table(VISITS).put(Visit(room="r1", at="old"))
    told = event(clinic_id, 1, clock(), room="r1", count=2, share=0.5)
    versions = await clinic.transact(
        [
            Put(VISITS, Visit(room="r2", at="2")),
            Put(VISITS, Visit(room="r1", at="old", status="done"), if_version=1),
            Delete(VISITS, Key("r9", "never")),
        ],
        events=[told],
        jobs=[job(clinic_id, "REC_1")],
    )
    assert versions == (1, 2, 0)
    assert [pending.job for pending in await records.outbox.pending_jobs()] == [job(clinic_id, "REC_1")]
    assert list(await records.outbox.publish_next()) == [told.model_copy(update={"seq": 1})]


async def test_when_one_write_fails_nothing_of_the_transaction_stays(
    records: SqlRecords, clinic_id: ClinicId, clock: Clock
) -> None:
    clinic = records.of(clinic_id)
    visits = clinic.table(VISITS)
    await visits.put(Visit(room="r1", at="kept", complaint="before"))
    with pytest.raises(ConflictError):
        await clinic.transact(
            [
                Put(VISITS, Visit(room="a", at="1")),
                Put(VISITS, Visit(room="r1", at="kept", complaint="after", status="done")),
                Put(VISITS, Visit(room="z", at="1"), if_version=4),
            ],
            events=[event(clinic_id, 1, clock())],
            jobs=[job(clinic_id, "REC_1")],
        )
    assert await visits.get(Key("a", "1")) is None
    stored = await visits.get(Key("r1", "kept"))
    assert stored is not None
    assert (stored.version, stored.value.complaint) == (1, "before")
    assert (await visits.query("status/done", index="status")).items == ()
    assert not await records.outbox.pending_jobs()
    assert not await records.outbox.publish_next()


async def test_what_depends_on_a_document_is_written_only_while_it_is_as_it_was(
    records: SqlRecords, clinic_id: ClinicId, clock: Clock
) -> None:
    clinic = records.of(clinic_id)
    await clinic.table(VISITS).put(Visit(room="ward", at="1"))
    open_ward = Expect(VISITS, Key("ward", "1"), if_version=1)
    assert await clinic.transact([open_ward, Put(VISITS, Visit(room="bed", at="1"), if_version=0)]) == (1, 1)
    await clinic.table(VISITS).put(Visit(room="ward", at="1", status="closed"))
    for expected in (open_ward, Expect(VISITS, Key("ward", "never"), if_version=1)):
        with pytest.raises(ConflictError):
            await clinic.transact(
                [expected, Put(VISITS, Visit(room="bed", at="2"))],
                events=[event(clinic_id, 1, clock())],
                jobs=[job(clinic_id, "REC_1")],
            )
    assert await clinic.table(VISITS).get(Key("bed", "2")) is None
    assert not await records.outbox.pending_jobs()
    assert not await records.outbox.publish_next()
    stored = await clinic.table(VISITS).get(Key("ward", "1"))
    assert stored is not None
    assert stored.version == 2
    with pytest.raises(InvalidError):
        await clinic.transact([Expect(VISITS, Key("ward", "1"), if_version=0)])
    with pytest.raises(InvalidError):
        await clinic.transact([open_ward, Put(VISITS, Visit(room="ward", at="1"))])


async def test_nothing_slips_in_after_the_document_it_depends_on_has_changed(
    records: SqlRecords, clinic_id: ClinicId
) -> None:
    """Twenty write beside an open ward while it is closed: whoever closed it has seen all that will ever be there."""
    clinic = records.of(clinic_id)
    visits = clinic.table(VISITS)
    for ward in range(4):
        await visits.put(Visit(room="ward", at=f"{ward}"))
        open_ward = Expect(VISITS, Key("ward", f"{ward}"), if_version=1)
        fresh = [Visit(room=f"bed {ward}", at=f"{number:02}") for number in range(20)]
        coming = [asyncio.create_task(clinic.transact([open_ward, Put(VISITS, visit, 0)])) for visit in fresh]
        await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
        await visits.put(Visit(room="ward", at=f"{ward}", status="closed"), if_version=1)
        seen = (await visits.query(f"bed {ward}")).items
        ended = await asyncio.gather(*coming, return_exceptions=True)
        assert (await visits.query(f"bed {ward}")).items == seen
        assert len(seen) == ended.count((1, 1)) > 0
        assert all(end == (1, 1) or isinstance(end, ConflictError) for end in ended)


async def test_an_event_that_was_told_already_undoes_the_whole_transaction(
    records: SqlRecords, clinic_id: ClinicId, clock: Clock
) -> None:
    clinic = records.of(clinic_id)
    await clinic.transact(events=[event(clinic_id, 1, clock())])
    with pytest.raises(ConflictError):
        await clinic.transact([Put(VISITS, Visit(room="r", at="1"))], events=[event(clinic_id, 1, clock())])
    assert await clinic.table(VISITS).get(Key("r", "1")) is None


async def test_listeners_are_called_after_a_commit_that_left_something(
    records: SqlRecords, clinic_id: ClinicId, clock: Clock
) -> None:
    calls: list[str] = []
    clinic = records.of(clinic_id)

    def broken() -> None:
        raise RuntimeError("a listener's own fault")

    records.on_commit(broken)
    records.on_commit(lambda: calls.append("told"))
    await clinic.table(VISITS).put(Visit(room="r", at="1"))
    assert calls == []
    await clinic.transact(events=[event(clinic_id, 1, clock())])
    await clinic.transact(jobs=[job(clinic_id, "REC_1")])
    assert calls == ["told", "told"]
    with pytest.raises(ConflictError):
        await clinic.transact(
            [Put(VISITS, Visit(room="r", at="1"), if_version=9)], events=[event(clinic_id, 2, clock())]
        )
    assert calls == ["told", "told"]
    assert await clinic.transact() == ()


async def test_events_and_jobs_of_another_clinic_are_refused(
    records: SqlRecords, clinic_id: ClinicId, other_clinic_id: ClinicId, clock: Clock
) -> None:
    clinic = records.of(clinic_id)
    with pytest.raises(InvalidError):
        await clinic.transact(events=[event(other_clinic_id, 1, clock())])
    with pytest.raises(InvalidError):
        await clinic.transact(jobs=[job(other_clinic_id, "REC_1")])
    assert not await records.outbox.pending_jobs()


async def test_a_job_that_is_waiting_is_not_added_twice(records: SqlRecords, clinic_id: ClinicId) -> None:
    clinic = records.of(clinic_id)
    await clinic.transact(jobs=[job(clinic_id, "REC_1"), job(clinic_id, "REC_1")])
    await asyncio.gather(*(clinic.transact(jobs=[job(clinic_id, "REC_1"), job(clinic_id, "REC_2")]) for _ in range(5)))
    pending = await records.outbox.pending_jobs()
    assert sorted(waiting.job.subject for waiting in pending) == ["REC_1", "REC_2"]
    assert [waiting.position for waiting in pending] == sorted(waiting.position for waiting in pending)


async def test_jobs_handed_over_are_forgotten_and_their_positions_never_come_back(
    records: SqlRecords, clinic_id: ClinicId
) -> None:
    """A relay that reports late must not make another relay's job disappear."""
    clinic = records.of(clinic_id)
    await clinic.transact(jobs=[job(clinic_id, "REC_1")])
    (first,) = await records.outbox.pending_jobs()
    await records.outbox.jobs_handed_over([first.position])
    assert not await records.outbox.pending_jobs()
    await clinic.transact(jobs=[job(clinic_id, "REC_1", revision=2)])
    await records.outbox.jobs_handed_over([first.position])
    await records.outbox.jobs_handed_over([])
    (second,) = await records.outbox.pending_jobs()
    assert second.job.revision == 2
    assert second.position > first.position


async def test_events_get_numbers_of_their_own_clinic_in_the_order_they_were_left(
    records: SqlRecords, clinic_id: ClinicId, other_clinic_id: ClinicId, clock: Clock
) -> None:
    for number in range(1, 7):
        owner = clinic_id if number % 3 else other_clinic_id
        await records.of(owner).transact(events=[event(owner, number, clock())])
    first = await records.outbox.publish_next(limit=4)
    rest = await records.outbox.publish_next(limit=4)
    assert not await records.outbox.publish_next()
    assert [(told.id[-1], told.seq) for told in (*first, *rest)] == [
        ("1", 1), ("2", 2), ("3", 1), ("4", 3), ("5", 4), ("6", 2),
    ]  # fmt: skip
    assert await records.outbox.last_seq(clinic_id) == 4
    assert await records.outbox.last_seq(other_clinic_id) == 2
    assert await records.outbox.last_seq(ClinicId("CLN_NEW")) == 0


async def test_published_events_are_replayed_from_any_number(
    records: SqlRecords, clinic_id: ClinicId, other_clinic_id: ClinicId, clock: Clock
) -> None:
    told = [event(clinic_id, number, clock.advance(1), n=number) for number in range(1, 6)]
    await records.of(clinic_id).transact(events=told)
    assert not await records.outbox.events_after(clinic_id, 0)
    published = await records.outbox.publish_next()
    assert list(await records.outbox.events_after(clinic_id, 0)) == list(published)
    assert [told.seq for told in await records.outbox.events_after(clinic_id, 2, limit=2)] == [3, 4]
    assert not await records.outbox.events_after(clinic_id, 5)
    assert not await records.outbox.events_after(other_clinic_id, 0)


async def test_eight_publishers_number_every_event_once_and_without_a_gap(
    records: SqlRecords,
    records_url: str,
    keyring: Keyring,
    ambient: Ambient,
    clinic_id: ClinicId,
    other_clinic_id: ClinicId,
    clock: Clock,
) -> None:
    """Eight processes publish while events keep coming (each has its own connections)."""
    total = 160
    clinics = (clinic_id, other_clinic_id)
    writing = asyncio.Event()

    async def write() -> None:
        for number in range(0, total, 4):
            owner = clinics[(number // 4) % 2]
            await records.of(owner).transact(events=[event(owner, number + n, clock()) for n in range(4)])
        writing.set()

    async def publish(side: SqlRecords, chance: random.Random) -> list[tuple[ClinicId, int, str]]:
        got: list[tuple[ClinicId, int, str]] = []
        while True:
            done = writing.is_set()
            published = await side.outbox.publish_next(limit=chance.randint(1, 9))
            got += [(told.clinic_id, told.seq, told.id) for told in published]
            if done and not published:
                return got
            await asyncio.sleep(0)

    async with AsyncExitStack() as stack:
        sides = []
        for _ in range(8):
            side = await SqlRecords.open(records_url, keyring, ambient)
            stack.push_async_callback(side.close)
            sides.append(side)
        _, *published = await asyncio.gather(
            write(), *(publish(side, random.Random(seed)) for seed, side in enumerate(sides))
        )
    everything = [told for side in published for told in side]
    assert len({identifier for _, _, identifier in everything}) == len(everything) == total
    for owner in clinics:
        assert sorted(seq for clinic, seq, _ in everything if clinic == owner) == list(range(1, total // 2 + 1))
        replayed = await records.outbox.events_after(owner, 0)
        assert [told.seq for told in replayed] == list(range(1, total // 2 + 1))
        # One writer: the order of commits is known, and the numbers follow it.
        assert [told.id for told in replayed] == sorted(told.id for told in replayed)


async def test_the_first_events_of_new_clinics_are_published_by_several_at_once(
    records: SqlRecords, records_url: str, keyring: Keyring, ambient: Ambient, clock: Clock
) -> None:
    """Their counters are made and locked in one order, or publishers would wait for each other in a ring."""
    async with AsyncExitStack() as stack:
        sides = [records]
        for _ in range(5):
            side = await SqlRecords.open(records_url, keyring, ambient)
            stack.push_async_callback(side.close)
            sides.append(side)
        number = 0
        for turn in range(12):
            clinics = [ClinicId(f"CLN_{turn}_{letter}") for letter in "CABED"]
            for clinic in clinics * 2:
                await records.of(clinic).transact(events=[event(clinic, number := number + 1, clock())])
            published = await asyncio.gather(
                *(side.outbox.publish_next(limit=limit) for limit, side in enumerate(sides, start=1))
            )
            numbered = [told for batch in published for told in batch] + list(await records.outbox.publish_next())
            assert sorted((told.clinic_id, told.seq) for told in numbered) == [
                (clinic, seq) for clinic in sorted(clinics) for seq in (1, 2)
            ]


async def test_transactions_over_the_same_documents_in_any_order_do_not_block_each_other(
    records: SqlRecords, clinic_id: ClinicId
) -> None:
    chance = random.Random(3)
    rooms = [f"r{number}" for number in range(6)]

    async def write() -> None:
        for _ in range(6):
            chosen = chance.sample(rooms, 4)
            await records.of(clinic_id).transact([Put(VISITS, Visit(room=room, at="1")) for room in chosen])

    await asyncio.gather(*(write() for _ in range(6)))
    versions = [await records.of(clinic_id).table(VISITS).get(Key(room, "1")) for room in rooms]
    assert sum(stored.version for stored in versions if stored) == 6 * 6 * 4


async def test_a_cancelled_transaction_leaves_nothing_half_done_and_nothing_locked(
    records: SqlRecords, clinic_id: ClinicId, clock: Clock
) -> None:
    """Callers give up at every moment; a lock that stayed behind would cost the next writer ten seconds."""
    clinic = records.of(clinic_id)
    chance = random.Random(11)
    started = time.perf_counter()
    for number in range(40):
        task = asyncio.create_task(
            clinic.transact(
                [Put(VISITS, Visit(room="a", at=f"{number:03}")), Put(VISITS, Visit(room="b", at=f"{number:03}"))],
                events=[event(clinic_id, number, clock(), n=number)],
            )
        )
        reading = asyncio.create_task(clinic.table(VISITS).query("a"))
        await asyncio.sleep(chance.random() * 0.006)
        for given_up in (task, reading):
            given_up.cancel()
        await asyncio.gather(task, reading, return_exceptions=True)
    visits = clinic.table(VISITS)
    first = [item.value.at for item in (await visits.query("a")).items]
    second = [item.value.at for item in (await visits.query("b")).items]
    told = [f"{told.ids['n']:03}" for told in await records.outbox.publish_next()]
    assert first == second == sorted(told)
    await clinic.transact([Put(VISITS, Visit(room="a", at="after"))])
    assert time.perf_counter() - started < 9
