"""Who serves a transport, on each database: one process at a time, another when it is gone, nothing lost between."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.event import Event
from auscult.domain.ids import ClinicId, EventId
from auscult.domain.job import Job
from auscult.stores.events.courier import AGAIN, CURSORS, Courier
from auscult.stores.events.holder import HOLD, Holder
from auscult.stores.events.relay import Relay
from auscult.stores.records import Key
from auscult.stores.records.sql import SqlRecords
from tests.support.patience import until
from tests.support.world import Clock

NUMBERS = itertools.count(1)


class Board:
    """A transport that shows what it was brought; it may fail, and may doubt what it showed."""

    def __init__(self) -> None:
        self.shown: list[int] = []
        self.broken = False
        self.doubts = False

    async def publish(self, events: Sequence[Event]) -> None:
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError("away")
        self.shown += [one.seq for one in events]
        self.doubts = False

    def in_doubt(self) -> bool:
        return self.doubts

    async def close(self) -> None:
        self.broken = True


def courier(records: SqlRecords, ambient: Ambient, board: Board) -> Courier:
    """One process's courier."""
    return Courier("board", board, records, holder=Holder(records, ambient), chance=lambda: 0.0)


def note_changed(clinic_id: ClinicId) -> Event:
    return Event(
        id=EventId(f"EVT_{next(NUMBERS):026d}"),
        clinic_id=clinic_id,
        name="note_changed",
        at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    )


async def happen(records: SqlRecords, clinic_id: ClinicId, count: int = 1) -> None:
    """Commit and publish events."""
    made = [note_changed(clinic_id) for _ in range(count)]
    await records.of(clinic_id).transact(events=made)
    while await records.outbox.publish_next(500):
        pass


async def test_while_one_process_serves_the_others_send_nothing(
    records: SqlRecords, ambient: Ambient, clock: Clock, clinic_id: ClinicId
) -> None:
    here, there = Board(), Board()
    first, second = courier(records, ambient, here), courier(records, ambient, there)
    await first.deliver(clinic_id)
    for _ in range(5):
        await happen(records, clinic_id)
        await asyncio.gather(second.deliver(clinic_id), first.deliver(clinic_id))
        clock.advance(HOLD.total_seconds() * 0.7)  # the hold is renewed by serving
    assert (here.shown, there.shown) == ([1, 2, 3, 4, 5], [])
    assert first.eager(clinic_id)
    assert not second.eager(clinic_id)


async def test_who_leaves_in_order_is_followed_at_once_and_nothing_comes_twice(
    records: SqlRecords, ambient: Ambient, clinic_id: ClinicId
) -> None:
    here, there = Board(), Board()
    first, second = courier(records, ambient, here), courier(records, ambient, there)
    await first.deliver(clinic_id)
    await happen(records, clinic_id, 3)
    await first.deliver(clinic_id)
    await first.close()
    await happen(records, clinic_id, 2)
    await second.deliver(clinic_id)
    assert (here.shown, there.shown) == ([1, 2, 3], [4, 5])


async def test_who_dies_is_followed_when_its_hold_ends_and_the_last_events_come_again(
    records: SqlRecords, ambient: Ambient, clock: Clock, clinic_id: ClinicId
) -> None:
    here, there = Board(), Board()
    first, second = courier(records, ambient, here), courier(records, ambient, there)
    await happen(records, clinic_id, 2)
    await first.deliver(clinic_id)  # begins after these two: history is not replayed, and not sent again either
    await happen(records, clinic_id, 3)
    await first.deliver(clinic_id)
    await happen(records, clinic_id)
    clock.advance(HOLD.total_seconds() - 1)
    await second.deliver(clinic_id)
    assert there.shown == []
    clock.advance(2)
    await second.deliver(clinic_id)
    assert (here.shown, there.shown) == ([3, 4, 5], [3, 4, 5, 6])
    await first.deliver(clinic_id)  # it was only asleep
    assert here.shown == [3, 4, 5]


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_what_is_sent_again_after_a_break_is_the_last_page_and_the_place_never_goes_back(
    records: SqlRecords, ambient: Ambient, clinic_id: ClinicId
) -> None:
    board = Board()
    serving = courier(records, ambient, board)
    await serving.deliver(clinic_id)
    await happen(records, clinic_id, 2 * AGAIN)
    await serving.deliver(clinic_id)
    board.shown, board.doubts = [], True
    await serving.deliver(clinic_id)
    assert board.shown == list(range(AGAIN + 1, 2 * AGAIN + 1))
    kept = await records.of(clinic_id).table(CURSORS).get(Key("board"))
    assert kept is not None
    assert kept.value.seq == 2 * AGAIN
    board.shown = []
    await serving.deliver(clinic_id)
    assert board.shown == []


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_a_transport_that_fails_is_left_to_others_and_tried_again_after_a_pause(
    records: SqlRecords, ambient: Ambient, clinic_id: ClinicId
) -> None:
    here, there = Board(), Board()
    first, second = courier(records, ambient, here), courier(records, ambient, there)
    await first.deliver(clinic_id)
    await happen(records, clinic_id)
    here.broken = True
    with pytest.raises(ConnectionError):
        await first.deliver(clinic_id)
    await first.deliver(clinic_id)  # too soon: it does not even try
    await second.deliver(clinic_id)
    assert there.shown == [1]
    await second.close()
    here.broken = False

    async def caught_up() -> bool:
        await first.deliver(clinic_id)
        return here.shown == [1]

    assert first.eager(clinic_id)
    await until(caught_up, seconds=5)


class NoJobs:
    """An engine's door that nothing comes to."""

    async def enqueue(self, jobs: Sequence[Job]) -> None:
        raise AssertionError(jobs)


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_a_clinics_transport_is_not_given_what_another_clinic_of_the_same_database_published(
    records: SqlRecords, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    board = Board()
    relay = Relay(records, NoJobs(), transports={"board": board}, only=clinic_id, poll=0.05)  # type: ignore[arg-type]  # stands in for one method
    await relay.start()
    for clinic in (other_clinic_id, other_clinic_id, clinic_id):
        await records.of(clinic).transact(events=[note_changed(clinic)])
    await until(lambda: bool(board.shown))
    assert board.shown == [1]
    assert await records.of(other_clinic_id).table(CURSORS).get(Key("board")) is None
    await relay.close()
