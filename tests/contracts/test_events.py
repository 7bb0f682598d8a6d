"""What the relay and the feed promise, on each database: nothing lost, nothing twice to one reader, no gap."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from auscult.domain.errors import UnavailableError
from auscult.domain.event import Event
from auscult.domain.ids import ClinicId, EventId, JobId
from auscult.domain.job import Job
from auscult.stores.events.feed import LiveFeed
from auscult.stores.events.relay import Relay
from auscult.stores.jobs.dbos_jobs import DbosJobs
from auscult.stores.records import Records
from auscult.stores.records.sql import SqlRecords
from tests.support.patience import until

NUMBERS = itertools.count(1)


def event(clinic_id: ClinicId, name: str = "recording_progress") -> Event:
    number = next(NUMBERS)
    return Event(
        id=EventId(f"EVT_{number:026d}"),
        clinic_id=clinic_id,
        name=name,
        at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        ids={"number": number},
    )


class TakenJobs:
    """An engine's door: it takes jobs by id, and is closed while `away`."""

    def __init__(self) -> None:
        self.taken: dict[JobId, int] = {}
        self.away = False

    async def enqueue(self, jobs: Sequence[Job]) -> None:
        if self.away:
            raise UnavailableError("The job store does not answer.")
        for job in jobs:
            self.taken[job.id] = self.taken.get(job.id, 0) + 1


class Board:
    """A transport that shows what it was brought, and fails when told."""

    def __init__(self) -> None:
        self.shown: list[int] = []
        self.broken = False
        self.closed = False

    async def publish(self, events: Sequence[Event]) -> None:
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError("the broker is away")
        self.shown += [one.seq for one in events]

    def in_doubt(self) -> bool:
        return False

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def door() -> TakenJobs:
    return TakenJobs()


@pytest.fixture
async def feed(records: SqlRecords) -> LiveFeed:
    return LiveFeed(records.outbox, poll=0.05)


@pytest.fixture
async def relay(records: SqlRecords, door: TakenJobs, feed: LiveFeed) -> AsyncIterator[Relay]:
    started = Relay(records, door, feed=feed, poll=0.05)  # type: ignore[arg-type]  # stands in for one method
    await started.start()
    yield started
    await started.close()


async def take(events: AsyncIterator[Event], count: int) -> list[int]:
    async with asyncio.timeout(20):
        return [(await anext(events)).seq for _ in range(count)]


async def published(records: Records, clinic_id: ClinicId, count: int) -> None:
    async def there() -> bool:
        return await records.outbox.last_seq(clinic_id) >= count

    await until(there)


def job(subject: str, clinic_id: ClinicId) -> Job:
    return Job(clinic_id=clinic_id, flow="scribe", subject=subject)


# Jobs


async def test_a_committed_job_reaches_the_engine_and_leaves_the_outbox(records, relay, door, clinic_id):
    await records.of(clinic_id).transact(jobs=[job("REC_1", clinic_id)])
    await until(lambda: job("REC_1", clinic_id).id in door.taken, seconds=2)

    async def empty() -> bool:
        return not await records.outbox.pending_jobs()

    await until(empty)


async def test_jobs_wait_while_the_engine_is_away_and_events_do_not(records, relay, door, clinic_id):
    door.away = True
    await records.of(clinic_id).transact(jobs=[job("REC_1", clinic_id)], events=[event(clinic_id)])
    await published(records, clinic_id, 1)
    assert len(await records.outbox.pending_jobs()) == 1
    door.away = False
    await until(lambda: job("REC_1", clinic_id).id in door.taken)


async def test_a_job_handed_over_and_not_yet_forgotten_when_the_process_died_runs_once(
    records, records_url, tmp_path, ambient, clinic_id
):
    """The next relay hands it over again; the engine knows it."""
    url = f"sqlite:///{tmp_path}/jobs.db" if records_url.startswith("sqlite") else records_url
    runs: list[str] = []

    async def handle(work: Job, _attempt: int) -> None:
        runs.append(work.subject)

    async def give_up(_work: Job, _error: BaseException) -> None:
        raise AssertionError

    jobs = DbosJobs(url, executor_id="worker-0", ambient=ambient, poll=0.05)
    jobs.register("scribe", handle, gave_up=give_up)
    await jobs.start()
    await records.of(clinic_id).transact(jobs=[job("REC_1", clinic_id)])
    await jobs.enqueue([entry.job for entry in await records.outbox.pending_jobs()])
    await until(lambda: runs == ["REC_1"])
    # Here the process died: the outbox still has the job.
    relay = Relay(records, jobs, poll=0.05)
    await relay.start()
    await records.of(clinic_id).transact(jobs=[job("REC_2", clinic_id)])
    await until(lambda: runs == ["REC_1", "REC_2"])
    assert await records.outbox.pending_jobs() == ()
    await relay.close()
    await jobs.close()


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_a_relay_that_is_closed_right_after_a_commit_ends(records, door):
    """Its wake-up and its end may come in the same moment: the end must not get lost in the other."""
    for steps in range(8):
        relay = Relay(records, door, poll=30)
        await relay.start()
        await until(lambda relay=relay: len(relay._wakes) == 2)
        await asyncio.sleep(0.05)  # both have looked and found nothing
        relay._on_commit()
        for _ in range(steps):
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await relay.close()


async def test_two_relays_at_once_hand_each_job_over_and_number_each_event_once(records, door, clinic_id):
    relays = [Relay(records, door, poll=0.02) for _ in range(2)]
    for relay in relays:
        await relay.start()
    for number in range(20):
        await records.of(clinic_id).transact(jobs=[job(f"REC_{number}", clinic_id)], events=[event(clinic_id)])
    await published(records, clinic_id, 20)
    await until(lambda: len(door.taken) == 20)
    for relay in relays:
        await relay.close()
    assert [one.seq for one in await records.outbox.events_after(clinic_id, 0)] == list(range(1, 21))


# Feed


async def test_a_follower_gets_what_it_missed_and_then_what_happens(records, relay, feed, clinic_id):
    await records.of(clinic_id).transact(events=[event(clinic_id) for _ in range(5)])
    await published(records, clinic_id, 5)
    async with aclosing(feed.follow(clinic_id, after=2)) as events:
        assert await take(events, 3) == [3, 4, 5]
        await records.of(clinic_id).transact(events=[event(clinic_id)])
        assert await take(events, 1) == [6]


async def test_a_follower_without_a_place_gets_only_what_is_new(records, relay, feed, clinic_id):
    await records.of(clinic_id).transact(events=[event(clinic_id)])
    await published(records, clinic_id, 1)
    async with aclosing(feed.follow(clinic_id)) as events:
        following = asyncio.create_task(take(events, 1))
        await until(lambda: feed.followed() == 1)
        await records.of(clinic_id).transact(events=[event(clinic_id)])
        assert await following == [2]


async def test_a_follower_hears_nothing_of_another_clinic(records, relay, feed, clinic_id, other_clinic_id):
    async with aclosing(feed.follow(clinic_id, after=0)) as events:
        await records.of(other_clinic_id).transact(events=[event(other_clinic_id)])
        await published(records, other_clinic_id, 1)
        await records.of(clinic_id).transact(events=[event(clinic_id)])
        first = await anext(events)
        assert (first.clinic_id, first.seq) == (clinic_id, 1)


async def test_events_that_another_process_published_arrive_within_a_moment(records, feed, clinic_id):
    """No relay here, and nobody announces anything."""
    async with aclosing(feed.follow(clinic_id, after=0)) as events:
        following = asyncio.create_task(take(events, 1))
        await until(lambda: feed.followed() == 1)
        await records.of(clinic_id).transact(events=[event(clinic_id)])
        await records.outbox.publish_next()
        async with asyncio.timeout(1):
            assert await following == [1]


async def test_a_place_beyond_the_newest_event_counts_as_the_newest(records, relay, feed, clinic_id):
    """A browser remembers more than a database that was restored from a backup."""
    await records.of(clinic_id).transact(events=[event(clinic_id)])
    await published(records, clinic_id, 1)
    async with aclosing(feed.follow(clinic_id, after=999)) as events:
        following = asyncio.create_task(take(events, 1))
        await until(lambda: feed.followed() == 1)
        await records.of(clinic_id).transact(events=[event(clinic_id)])
        assert await following == [2]


@pytest.mark.parametrize("seed", range(3))
async def test_however_they_come_and_go_followers_get_every_event_in_order_and_once(
    records, relay, feed, clinic_id, seed
):
    """Events are committed all the time, while followers join at random places, dawdle, leave and come back."""
    chance = random.Random(seed)
    total = 150

    async def commit() -> None:
        made = 0
        while made < total:
            several = min(chance.randint(1, 8), total - made)
            await records.of(clinic_id).transact(events=[event(clinic_id) for _ in range(several)])
            made += several
            await asyncio.sleep(chance.random() * 0.01)

    async def read(pace: float, until_leaving: int) -> list[int]:
        seen: list[int] = []
        while not seen or seen[-1] < total:
            async with aclosing(feed.follow(clinic_id, after=seen[-1] if seen else 0)) as events:
                for _ in range(until_leaving):
                    seen.append((await anext(events)).seq)
                    await asyncio.sleep(chance.random() * pace)
                    if seen[-1] == total:
                        break
        return seen

    async with asyncio.timeout(60):
        readers = [asyncio.create_task(read(pace, stay)) for pace, stay in ((0, 999), (0.01, 40), (0.005, 7), (0, 1))]
        await commit()
        for seen in await asyncio.gather(*readers):
            assert seen == list(range(1, total + 1))
    assert feed.followed() == 0


async def test_a_thousand_idle_followers_cost_as_much_as_one(records, relay, clinic_id):
    asked = 0

    class Counting:
        async def events_after(self, clinic: ClinicId, seq: int, limit: int = 500) -> Sequence[Event]:
            nonlocal asked
            asked += 1
            return await records.outbox.events_after(clinic, seq, limit)

        async def last_seq(self, clinic: ClinicId) -> int:
            return await records.outbox.last_seq(clinic)

    feed = LiveFeed(Counting(), poll=0.1)  # type: ignore[arg-type]  # stands in for one method
    followers = [asyncio.create_task(take(feed.follow(clinic_id, after=0), 1)) for _ in range(1000)]
    await until(lambda: feed.followed() == 1000)
    before = asked
    await asyncio.sleep(0.5)
    assert asked - before <= 6
    before = asked
    await records.of(clinic_id).transact(events=[event(clinic_id)])
    assert await asyncio.gather(*followers) == [[1]] * 1000
    assert asked - before <= 20
    await until(lambda: feed.followed() == 0)


# Transports


async def test_a_transport_gets_every_event_in_sequence(records, door, clinic_id):
    board = Board()
    relay = Relay(records, door, transports={"board": board}, poll=0.05)
    await relay.start()
    for _ in range(30):
        await records.of(clinic_id).transact(events=[event(clinic_id)])
    await until(lambda: board.shown == list(range(1, 31)), what="all shown")
    await relay.close()
    assert board.closed


async def test_what_was_published_and_not_delivered_when_the_process_died_is_delivered_by_the_next(
    records, door, clinic_id
):
    broken, working = Board(), Board()
    first = Relay(records, door, transports={"board": broken}, poll=0.05)
    await first.start()
    await records.of(clinic_id).transact(events=[event(clinic_id), event(clinic_id)])
    await until(lambda: broken.shown == [1, 2])
    broken.broken = True
    await records.of(clinic_id).transact(events=[event(clinic_id), event(clinic_id)])
    await published(records, clinic_id, 4)
    await first.close()

    async def clinics() -> Sequence[ClinicId]:
        return [clinic_id]

    second = Relay(records, door, transports={"board": working}, clinics=clinics, poll=0.05)
    await second.start()
    await until(lambda: working.shown == [3, 4])
    await second.close()


async def test_a_transport_that_was_away_is_caught_up_by_the_next_event(records, door, clinic_id):
    board = Board()
    board.broken = True
    relay = Relay(records, door, transports={"board": board}, poll=0.05)
    await relay.start()
    await records.of(clinic_id).transact(events=[event(clinic_id)])
    await published(records, clinic_id, 1)
    board.broken = False
    await records.of(clinic_id).transact(events=[event(clinic_id)])
    await until(lambda: board.shown == [1, 2])
    await relay.close()


async def test_a_new_transport_is_not_told_the_clinics_whole_history(records, relay, door, clinic_id):
    await records.of(clinic_id).transact(events=[event(clinic_id) for _ in range(3)])
    await published(records, clinic_id, 3)
    await relay.close()
    board = Board()
    later = Relay(records, door, transports={"board": board}, poll=0.05)
    await later.start()
    await records.of(clinic_id).transact(events=[event(clinic_id)])
    await until(lambda: board.shown == [4])
    await later.close()
