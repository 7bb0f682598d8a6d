"""Documents: what is put is got back, listed in order, and never lost to somebody else's edit. On every database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError, InvalidError
from auscult.domain.ids import ClinicId
from auscult.stores.records import Delete, Key, Page, Put, Table
from auscult.stores.records.schema import documents
from auscult.stores.records.sql import SqlRecords
from auscult.trust.sealing import Keyring
from tests.support.visits import VISITS, Visit
from tests.support.world import Clock


@pytest.fixture
def visits(records: SqlRecords, clinic_id: ClinicId) -> Table[Visit]:
    return records.of(clinic_id).table(VISITS)


async def fill(visits: Table[Visit], count: int, room: str = "r1") -> None:
    for number in range(count):
        await visits.put(Visit(room=room, at=f"{number:04}"))


def ats(page: Page[Visit]) -> list[str]:
    return [item.value.at for item in page.items]


async def test_what_is_put_is_got_back(visits: Table[Visit]) -> None:
    visit = Visit(room="r1", at="09:00", complaint="सिर दर्द, since Monday 🙂")
    assert await visits.get(Key("r1", "09:00")) is None
    stored = await visits.put(visit)
    assert stored.value == visit
    assert stored.version == 1
    assert await visits.get(Key("r1", "09:00")) == stored


async def test_putting_again_counts_the_version_and_replaces_the_value(visits: Table[Visit]) -> None:
    await visits.put(Visit(room="r1", at="1", complaint="a"))
    second = await visits.put(Visit(room="r1", at="1", complaint="b"))
    assert second.version == 2
    assert await visits.get(Key("r1", "1")) == second


async def test_a_deleted_document_is_gone_from_table_and_indexes(visits: Table[Visit]) -> None:
    await visits.put(Visit(room="r1", at="1"))
    await visits.delete(Key("r1", "1"))
    await visits.delete(Key("r1", "1"))
    assert await visits.get(Key("r1", "1")) is None
    assert ats(await visits.query("r1")) == []
    assert ats(await visits.query("status/open", index="status")) == []
    assert (await visits.put(Visit(room="r1", at="1"))).version == 1


async def test_a_put_with_a_version_holds_only_over_that_version(visits: Table[Visit]) -> None:
    visit = Visit(room="r1", at="1")
    with pytest.raises(ConflictError):
        await visits.put(visit, if_version=1)
    assert (await visits.put(visit, if_version=0)).version == 1
    with pytest.raises(ConflictError):
        await visits.put(visit, if_version=0)
    assert (await visits.put(visit, if_version=1)).version == 2
    with pytest.raises(ConflictError):
        await visits.put(visit, if_version=1)


async def test_a_delete_with_a_version_holds_only_over_that_version(visits: Table[Visit]) -> None:
    await visits.delete(Key("r1", "1"), if_version=0)
    with pytest.raises(ConflictError):
        await visits.delete(Key("r1", "1"), if_version=1)
    await visits.put(Visit(room="r1", at="1"))
    for wrong in (0, 2):
        with pytest.raises(ConflictError):
            await visits.delete(Key("r1", "1"), if_version=wrong)
    await visits.delete(Key("r1", "1"), if_version=1)
    assert await visits.get(Key("r1", "1")) is None


async def test_of_two_concurrent_creates_one_wins_and_the_other_gets_a_conflict(
    records: SqlRecords, records_url: str, keyring: Keyring, ambient: Ambient, clinic_id: ClinicId
) -> None:
    """Two processes create one document at the same moment (each with its own connections)."""
    rival = await SqlRecords.open(records_url, keyring, ambient)
    try:
        for number in range(15):
            outcomes = await asyncio.gather(
                *(
                    side.of(clinic_id).table(VISITS).put(Visit(room="r", at=f"{number}", complaint=who), if_version=0)
                    for who, side in (("a", records), ("b", rival))
                ),
                return_exceptions=True,
            )
            await _one_won(records, clinic_id, number, outcomes, version=1)
    finally:
        await rival.close()


async def test_of_two_concurrent_edits_of_a_fresh_document_one_wins_and_the_other_gets_a_conflict(
    records: SqlRecords, records_url: str, keyring: Keyring, ambient: Ambient, clinic_id: ClinicId
) -> None:
    rival = await SqlRecords.open(records_url, keyring, ambient)
    try:
        for number in range(15):
            await records.of(clinic_id).table(VISITS).put(Visit(room="r", at=f"{number}"), if_version=0)
            outcomes = await asyncio.gather(
                *(
                    side.of(clinic_id).table(VISITS).put(Visit(room="r", at=f"{number}", complaint=who), if_version=1)
                    for who, side in (("a", records), ("b", rival))
                ),
                return_exceptions=True,
            )
            await _one_won(records, clinic_id, number, outcomes, version=2)
    finally:
        await rival.close()


async def _one_won(
    records: SqlRecords, clinic_id: ClinicId, number: int, outcomes: list[object], *, version: int
) -> None:
    winners = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(winners) == 1, outcomes
    assert isinstance(losers[0], ConflictError), losers
    stored = await records.of(clinic_id).table(VISITS).get(Key("r", f"{number}"))
    assert stored == winners[0]
    assert stored is not None
    assert stored.version == version


async def test_unconditional_puts_at_once_all_count(visits: Table[Visit]) -> None:
    outcomes = await asyncio.gather(*(visits.put(Visit(room="r", at="1", complaint=str(n))) for n in range(12)))
    assert sorted(stored.version for stored in outcomes) == list(range(1, 13))


async def test_a_partition_is_listed_by_sort_in_both_directions(visits: Table[Visit]) -> None:
    await fill(visits, 5)
    await fill(visits, 2, room="r2")
    assert ats(await visits.query("r1")) == ["0000", "0001", "0002", "0003", "0004"]
    assert ats(await visits.query("r1", newest_first=True)) == ["0004", "0003", "0002", "0001", "0000"]
    assert ats(await visits.query("nowhere")) == []


async def test_bounds_of_a_range_are_left_out(visits: Table[Visit]) -> None:
    await fill(visits, 6)
    assert ats(await visits.query("r1", after="0001", before="0004")) == ["0002", "0003"]
    assert ats(await visits.query("r1", after="0004")) == ["0005"]
    assert ats(await visits.query("r1", before="0001", newest_first=True)) == ["0000"]


async def test_sort_order_is_by_bytes_whatever_language_the_database_speaks(visits: Table[Visit]) -> None:
    """A database in English would put `a` before `B`, and ignore the dash."""
    keys = ["B", "a", "b", "a-b", "ab", "É", "Z", "0", "-", "राम", "🙂", "\ufffd"]
    for key in keys:
        await visits.put(Visit(room="r1", at=key))
    assert ats(await visits.query("r1")) == sorted(keys, key=str.encode)
    assert ats(await visits.query("status/open", index="status")) == sorted(keys, key=str.encode)
    assert ats(await visits.query("r1", after="Z", before="b")) == ["a", "a-b", "ab"]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("index", [None, "status"])
async def test_pages_give_every_document_once(visits: Table[Visit], index: str | None, newest_first: bool) -> None:
    """Also where many share one sort value in an index, and while documents are added elsewhere."""
    expected = []
    for number in range(11):
        room = "r1" if index is None else f"r{number % 3}"
        visit = Visit(room=room, at=f"{number // 2 if index else number:04}")
        if (await visits.put(visit)).version == 1:
            expected.append((visit.at, visit.room))
    expected.sort(reverse=newest_first)
    partition = "r1" if index is None else "status/open"
    seen: list[tuple[str, str]] = []
    cursor = None
    pages = 0
    while True:
        page = await visits.query(partition, index=index, newest_first=newest_first, limit=3, cursor=cursor)
        seen += [(item.value.at, item.value.room) for item in page.items]
        pages += 1
        if page.next is None:
            break
        cursor = page.next
        await visits.put(Visit(room="elsewhere", at="0", status="done"))
    assert seen == expected
    assert pages == -(-len(expected) // 3)


async def test_the_last_full_page_has_no_next_one(visits: Table[Visit]) -> None:
    await fill(visits, 4)
    page = await visits.query("r1", limit=4)
    assert len(page.items) == 4
    assert page.next is None


async def test_a_cursor_is_good_for_its_own_query_only(visits: Table[Visit], records: SqlRecords) -> None:
    await fill(visits, 4)
    cursor = (await visits.query("r1", limit=2)).next
    assert cursor is not None
    assert ats(await visits.query("r1", limit=1, cursor=cursor)) == ["0002"]
    other = records.of(ClinicId("CLN_OTHER")).table(VISITS)
    for wrong in (
        visits.query("r2", cursor=cursor),
        visits.query("r1", cursor=cursor, newest_first=True),
        visits.query("r1", cursor=cursor, after="0000"),
        visits.query("status/open", cursor=cursor, index="status"),
        other.query("r1", cursor=cursor),
    ):
        with pytest.raises(InvalidError):
            await wrong


@pytest.mark.parametrize("cursor", ["", "x", "e30", "bnVsbA", "W10", "WzFd", "!!", "ड", "W1tbW1tbW10", "A" * 5000])
async def test_a_made_up_cursor_is_refused(visits: Table[Visit], cursor: str) -> None:
    with pytest.raises(InvalidError):
        await visits.query("r1", cursor=cursor)


async def test_limits_are_at_least_one_and_capped(
    visits: Table[Visit], records: SqlRecords, clinic_id: ClinicId
) -> None:
    with pytest.raises(InvalidError):
        await visits.query("r1", limit=0)
    clinic = records.of(clinic_id)
    await clinic.transact([Put(VISITS, Visit(room="r1", at=f"{number:05}")) for number in range(1001)])
    page = await visits.query("r1", limit=5000)
    assert len(page.items) == 1000
    assert page.next is not None


async def test_indexes_follow_the_document(visits: Table[Visit]) -> None:
    await visits.put(Visit(room="r1", at="1", status="open"))
    await visits.put(Visit(room="r2", at="2", status="open"))
    await visits.put(Visit(room="r1", at="1", status="done"), if_version=1)
    assert ats(await visits.query("status/open", index="status")) == ["2"]
    assert ats(await visits.query("status/done", index="status")) == ["1"]
    await visits.put(Visit(room="r1", at="1", status=""))
    assert ats(await visits.query("status/done", index="status")) == []
    assert ats(await visits.query("unfiled", index="owner")) == ["1", "2"]


async def test_an_index_that_is_not_declared_is_refused(visits: Table[Visit]) -> None:
    with pytest.raises(InvalidError):
        await visits.query("x", index="colour")


@pytest.mark.parametrize("bad", ["", "a\x00b", "line\nbreak", "x" * 256, "ड" * 86, "\ud800"])
async def test_keys_that_a_database_cannot_keep_are_refused(visits: Table[Visit], bad: str) -> None:
    with pytest.raises(InvalidError):
        await visits.put(Visit.model_construct(room=bad, at="1", owner="unfiled", complaint="", status="", since=None))
    with pytest.raises(InvalidError):
        await visits.get(Key("r1", bad))
    with pytest.raises(InvalidError):
        await visits.delete(Key(bad))


async def test_the_longest_keys_are_kept_and_indexed(visits: Table[Visit]) -> None:
    visit = Visit(room="r" * 255, at="a" * 255, owner="o" * 255, status="s" * 248)
    await visits.put(visit)
    page = await visits.query("status/" + "s" * 248, index="status")
    assert [item.value for item in page.items] == [visit]


async def test_times_come_back_aware_and_in_utc(
    visits: Table[Visit], records: SqlRecords, clinic_id: ClinicId, clock: Clock
) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    since = datetime(2026, 3, 2, 14, 30, tzinfo=india)
    made = clock()
    await visits.put(Visit(room="r1", at="1", since=since))
    changed = clock.advance(90)
    await visits.put(Visit(room="r1", at="1", since=since))
    stored = await visits.get(Key("r1", "1"))
    assert stored is not None
    assert stored.value.since is not None
    assert stored.value.since == since
    assert stored.value.since.utcoffset() == timedelta(0)
    times = select(documents.c.created_at, documents.c.updated_at)
    row = await records._database.read(lambda connection: connection.execute(times).one(), clinic_id)
    assert (row.created_at, row.updated_at) == (made, changed)
    assert row.created_at.tzinfo is UTC
    assert row.updated_at.tzinfo is UTC


async def test_a_large_document_is_kept_whole(visits: Table[Visit]) -> None:
    visit = Visit(room="r1", at="1", complaint="a long story, " * 300_000)
    await visits.put(visit)
    stored = await visits.get(Key("r1", "1"))
    assert stored is not None
    assert stored.value == visit


async def test_one_transaction_writes_a_document_once(records: SqlRecords, clinic_id: ClinicId) -> None:
    visit = Visit(room="r1", at="1")
    with pytest.raises(InvalidError):
        await records.of(clinic_id).transact([Put(VISITS, visit), Delete(VISITS, Key("r1", "1"))])
    assert await records.of(clinic_id).table(VISITS).get(Key("r1", "1")) is None
