"""What every object store promises, on a folder and on S3 over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auscult.domain.errors import (
    ConflictError,
    ErasedError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooLargeError,
)
from auscult.domain.ids import UNFILED, ClinicId, SubjectId
from auscult.stores.objects import ObjectInfo
from auscult.stores.objects.sealed import CHUNK_BYTES, HEADER_BYTES
from auscult.trust.sealing import TAG_BYTES, Keyring
from tests.contracts.conftest import MANY, Store, all_keys, keep, pieces, whole
from tests.support.world import Clock

RAM = SubjectId("PAT_01JN0000AV0000000000000011")
SITA = SubjectId("PAT_01JN0000AV0000000000000012")
STEP = CHUNK_BYTES + TAG_BYTES


def bytes_of(store: Store, key: str) -> str:
    """The address of the sealed bytes of a key."""
    [address] = [each for each in store.medium.addresses() if f"/{key}!" in each and not each.endswith("!meta")]
    return address


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 9 * 1024 * 1024 + 7]
)
async def test_what_was_put_comes_back_with_its_size_type_hash_and_time(
    store: Store, clinic_id: ClinicId, clock: Clock, size: int
) -> None:
    data = os.urandom(size)
    objects = store.vault.of(clinic_id)
    put = await keep(objects, "uploads/a.webm", data, content_type="audio/webm;codecs=opus")
    assert put == ObjectInfo(
        "uploads/a.webm", size, "audio/webm;codecs=opus", hashlib.sha256(data).hexdigest(), clock()
    )
    assert await objects.head("uploads/a.webm") == put
    assert await whole(objects, "uploads/a.webm") == data


async def test_pieces_of_any_size_make_the_same_object(store: Store, clinic_id: ClinicId) -> None:
    data = os.urandom(2_300_000)
    objects = store.vault.of(clinic_id)
    for size in (2_300_000, 1_048_576, 65_536, 997):
        info = await objects.put(
            f"p{size}", pieces(data, size), content_type="audio/wav", subject=UNFILED, max_bytes=len(data)
        )
        assert info.sha256 == hashlib.sha256(data).hexdigest()
        assert await whole(objects, f"p{size}") == data


EDGE = st.one_of(
    st.integers(0, 4 * CHUNK_BYTES),
    st.builds(lambda chunk, by: max(0, chunk * CHUNK_BYTES + by), st.integers(0, 4), st.integers(-2, 2)),
)


async def test_any_range_is_the_same_as_slicing_the_whole(store: Store, clinic_id: ClinicId) -> None:
    data = os.urandom(3 * CHUNK_BYTES + 5)
    objects = store.vault.of(clinic_id)
    await keep(objects, "sound", data)

    async def check(first: int, second: int | None) -> None:
        if second is not None:
            first, second = sorted((first, second))
        assert await whole(objects, "sound", first, second) == data[first:second]

    for edge in range(0, 4 * CHUNK_BYTES, CHUNK_BYTES):
        for by in (-1, 0, 1):
            await check(max(0, edge + by), None)
            await check(0, max(0, edge + by))
            await check(max(0, edge + by), max(0, edge + by) + 1)


@given(first=EDGE, second=EDGE | st.none())
@settings(
    max_examples=40,
    suppress_health_check=[*settings().suppress_health_check, HealthCheck.function_scoped_fixture],
)
async def test_a_range_picked_at_random_is_the_same_as_slicing(
    store: Store, clinic_id: ClinicId, first: int, second: int | None
) -> None:
    data = hashlib.shake_256(b"sound").digest(3 * CHUNK_BYTES + 5)
    objects = store.vault.of(clinic_id)
    if await objects.head("sound") is None:
        await keep(objects, "sound", data)
    if second is not None:
        first, second = sorted((first, second))
    assert await whole(objects, "sound", first, second) == data[first:second]


async def test_a_range_needs_only_the_chunks_that_hold_it(store: Store, clinic_id: ClinicId) -> None:
    """The other chunks are destroyed, and the range still opens."""
    data = os.urandom(5 * CHUNK_BYTES)
    objects = store.vault.of(clinic_id)
    await keep(objects, "sound", data)
    address = bytes_of(store, "sound")
    sealed = store.medium.get(address)
    third = slice(HEADER_BYTES + 2 * STEP, HEADER_BYTES + 3 * STEP)
    store.medium.put(address, bytes(third.start) + sealed[third] + bytes(len(sealed) - third.stop))
    start = 2 * CHUNK_BYTES
    assert await whole(objects, "sound", start, start + CHUNK_BYTES) == data[start : start + CHUNK_BYTES]
    with pytest.raises(ErasedError):
        await whole(objects, "sound", start, start + CHUNK_BYTES + 1)


async def test_a_backward_or_negative_range_is_refused(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "sound", b"abc")
    for start, end in ((-1, None), (2, 1)):
        with pytest.raises(InvalidError):
            await whole(objects, "sound", start, end)


async def test_what_is_not_there_is_not_found(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    assert await objects.head("nothing") is None
    await objects.delete("nothing")
    with pytest.raises(NotFoundError):
        await whole(objects, "nothing")
    with pytest.raises(NotFoundError):
        await objects.refile("nothing", RAM)
    assert await all_keys(objects) == []


async def test_deleting_leaves_no_byte_behind(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a/b/c", b"abc")
    await objects.delete("a/b/c")
    assert await objects.head("a/b/c") is None
    assert store.medium.addresses() == []


async def test_keys_come_in_order_and_only_with_their_prefix(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    names = ["a", "a-b", "a.b", "a/b", "a/b/c", "a0", "aB", "a_b", "ab", "b/0001", "b/0002", "b/0010", "ba"]
    for name in reversed(names):
        await keep(objects, name, b"x")
    assert await all_keys(objects) == names == sorted(names)
    for prefix in ("", "a", "a/", "a/b", "b/", "b/00", "b/001", "c", "a-"):
        assert await all_keys(objects, prefix) == [name for name in names if name.startswith(prefix)], prefix


async def test_keys_can_be_deleted_while_they_are_listed(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    for number in range(12):
        await keep(objects, f"slices/{number:04}", b"x")
    async for key in objects.keys("slices/"):
        await objects.delete(key)
    assert store.medium.addresses() == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../b",
        "a/..",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "a\x00b",
        "a b",
        "a\n",
        "a‥b",
        "\uff41",
        "a\u2215b",
        "é",
        "%2e%2e/x",
        "a!meta",
        "a*",
        "C:x",
        "~",
        "x" * 201,
        "a/" * 100 + "b",
    ],
)
async def test_a_key_that_plays_tricks_is_refused_everywhere(store: Store, clinic_id: ClinicId, key: str) -> None:
    objects = store.vault.of(clinic_id)
    with pytest.raises(InvalidError):
        await keep(objects, key, b"x")
    for operation in (
        objects.head(key),
        objects.delete(key),
        objects.refile(key, RAM),
        whole(objects, key),
        objects.upload_url(key, content_type="audio/webm", expires_in=300, max_bytes=10),
        objects.adopt(key, content_type="audio/webm", subject=RAM, max_bytes=10),
    ):
        with pytest.raises(InvalidError):
            await operation
    assert store.medium.addresses() == []


@pytest.mark.parametrize("clinic", ["", ".", "..", "a/b", "intake", "a!b", "x" * 65, "a\n"])
def test_a_clinic_that_plays_tricks_is_refused(folder_store: Store, clinic: str) -> None:
    with pytest.raises(InvalidError):
        folder_store.vault.of(ClinicId(clinic))


async def test_a_prefix_that_plays_tricks_is_refused(store: Store, clinic_id: ClinicId) -> None:
    for prefix in ("../", "/", "a//", "a!", "..", "a/../"):
        with pytest.raises(InvalidError):
            await all_keys(store.vault.of(clinic_id), prefix)


@pytest.mark.parametrize("content_type", ["", "audio", "audio/", "audio/webm\r\nX: y", "a/b" + "c" * 120, "audio/wébm"])
async def test_a_malformed_content_type_is_refused(store: Store, clinic_id: ClinicId, content_type: str) -> None:
    with pytest.raises(InvalidError):
        await keep(store.vault.of(clinic_id), "a", b"x", content_type=content_type)


async def test_a_key_that_is_taken_is_a_conflict_and_what_was_there_is_intact(
    store: Store, clinic_id: ClinicId
) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", b"first")
    pulled = 0

    async def second() -> AsyncIterator[bytes]:
        nonlocal pulled
        pulled += 1
        yield b"second"

    with pytest.raises(ConflictError):
        await objects.put("a", second(), content_type="audio/webm", subject=UNFILED, max_bytes=MANY)
    assert pulled == 0
    assert await whole(objects, "a") == b"first"
    assert len(store.medium.addresses()) == 2


async def test_overwriting_replaces_everything_and_leaves_no_old_byte(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", b"first", subject=RAM)
    await keep(objects, "a", b"second one", subject=SITA, overwrite=True, content_type="audio/wav")
    info = await objects.head("a")
    assert info is not None
    assert (info.size, info.content_type) == (10, "audio/wav")
    assert await whole(objects, "a") == b"second one"
    assert len(store.medium.addresses()) == 2


async def test_of_many_puts_at_once_exactly_one_wins(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    puts = [keep(objects, "a", bytes([number]) * 100_000) for number in range(8)]
    ended = await asyncio.gather(*puts, return_exceptions=True)
    winners = [number for number, each in enumerate(ended) if isinstance(each, ObjectInfo)]
    assert len(winners) == 1
    assert all(isinstance(each, ObjectInfo | ConflictError) for each in ended)
    assert await whole(objects, "a") == bytes(winners) * 100_000
    assert len(store.medium.addresses()) == 2


async def test_many_overwrites_at_once_end_as_one_whole_object(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", b"first")
    await asyncio.gather(*(keep(objects, "a", bytes([n]) * 70_000, overwrite=True) for n in range(6)))
    data = await whole(objects, "a")
    assert data in [bytes([n]) * 70_000 for n in range(6)]
    assert len(store.medium.addresses()) == 2


async def test_filing_while_others_overwrite_harms_neither(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", b"first")
    await asyncio.gather(
        *(keep(objects, "a", bytes([n]) * 1000, overwrite=True) for n in range(4)),
        *(objects.refile("a", subject) for subject in (RAM, SITA, RAM, SITA)),
    )
    assert len(await whole(objects, "a")) == 1000
    assert len(store.medium.addresses()) == 2


async def test_a_declared_giant_is_refused_after_the_limit_without_being_read(
    store: Store, clinic_id: ClinicId
) -> None:
    """5 GB are offered; reading stops with the piece that exceeds 3 MiB."""
    objects = store.vault.of(clinic_id)
    pulled = 0

    async def giant() -> AsyncIterator[bytes]:
        nonlocal pulled
        piece = bytes(65_536)
        for _ in range(5 * 1024**3 // len(piece)):
            pulled += len(piece)
            yield piece

    with pytest.raises(TooLargeError) as refused:
        await objects.put("a", giant(), content_type="audio/webm", subject=UNFILED, max_bytes=3 << 20)
    assert pulled == (3 << 20) + 65_536
    assert refused.value.remedy
    assert await objects.head("a") is None
    assert store.medium.addresses() == []
    assert store.medium.unfinished() == 0


async def test_exactly_the_limit_is_not_too_large(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    info = await objects.put("a", pieces(bytes(1000), 7), content_type="audio/wav", subject=UNFILED, max_bytes=1000)
    assert info.size == 1000


async def test_a_put_holds_a_bounded_part_of_the_object_in_memory(folder_store: Store, clinic_id: ClinicId) -> None:
    objects = folder_store.vault.of(clinic_id)

    async def long() -> AsyncIterator[bytes]:
        piece = bytes(65_536)
        for _ in range(1024):
            yield piece

    tracemalloc.start()
    try:
        await objects.put("a", long(), content_type="audio/wav", subject=UNFILED, max_bytes=1 << 30)
        async for _ in objects.read("a"):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 << 20  # of 64 MiB


async def test_a_source_that_breaks_leaves_nothing_and_the_old_object_intact(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", b"first")

    async def broken() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield bytes(1 << 20)
        raise ConnectionResetError("the browser went away")

    for key, overwrite in (("a", True), ("b", False)):
        with pytest.raises(ConnectionResetError):
            await objects.put(
                key, broken(), content_type="audio/wav", subject=UNFILED, max_bytes=MANY, overwrite=overwrite
            )
    assert await whole(objects, "a") == b"first"
    assert await all_keys(objects) == ["a"]
    assert len(store.medium.addresses()) == 2
    assert store.medium.unfinished() == 0


async def test_a_put_that_is_cancelled_leaves_nothing(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    halfway = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield bytes(1 << 20)
        halfway.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(objects.put("a", stuck(), content_type="audio/wav", subject=UNFILED, max_bytes=MANY))
    await halfway.wait()
    assert await objects.head("a") is None
    assert await all_keys(objects) == []
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.medium.addresses() == []
    assert store.medium.unfinished() == 0


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def swapped_chunks(data: bytes) -> bytes:
    first, second = HEADER_BYTES, HEADER_BYTES + STEP
    return data[:first] + data[second : second + STEP] + data[first:second] + data[second + STEP :]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: flip(data, 3), id="a bit of the header"),
        pytest.param(lambda data: flip(data, 8 * 4), id="the version"),
        pytest.param(lambda data: flip(data, 8 * 7), id="a bit of the nonce prefix"),
        pytest.param(lambda data: flip(data, 8 * (HEADER_BYTES + 100)), id="a bit of the first chunk"),
        pytest.param(lambda data: flip(data, 8 * len(data) - 1), id="the last bit"),
        pytest.param(swapped_chunks, id="two chunks swapped"),
        pytest.param(lambda data: data[: HEADER_BYTES + STEP] * 1 + data[HEADER_BYTES:], id="a chunk repeated"),
        pytest.param(lambda data: data[: HEADER_BYTES + 2 * STEP], id="cut at the border of a chunk"),
        pytest.param(lambda data: data[:-1], id="a byte short"),
        pytest.param(lambda data: data[:5], id="cut in the header"),
        pytest.param(lambda data: b"", id="emptied"),
    ],
)
async def test_stored_bytes_that_were_changed_never_come_back(store: Store, clinic_id: ClinicId, damage) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", os.urandom(2 * CHUNK_BYTES + 9))
    address = bytes_of(store, "a")
    store.medium.put(address, damage(store.medium.get(address)))
    with pytest.raises(ErasedError) as found:
        await whole(objects, "a")
    assert found.value.remedy


async def test_bytes_swapped_between_two_objects_never_come_back(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", b"of Ram", subject=RAM)
    await keep(objects, "b", b"of Sit", subject=RAM)
    first, second = bytes_of(store, "a"), bytes_of(store, "b")
    one, two = store.medium.get(first), store.medium.get(second)
    store.medium.put(first, two)
    store.medium.put(second, one)
    for key in ("a", "b"):
        with pytest.raises(ErasedError):
            await whole(objects, key)


async def test_an_object_copied_whole_to_another_key_or_clinic_does_not_open(
    store: Store, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    await keep(store.vault.of(clinic_id), "a", b"of Ram", subject=RAM)
    await keep(store.vault.of(other_clinic_id), "z", b"so that the subject is known there", subject=RAM)
    for target in (f"{clinic_id}/b", f"{other_clinic_id}/a"):
        for address in [each for each in store.medium.addresses() if each.startswith(f"{clinic_id}/a!")]:
            name = address.partition("!")[2]
            data = store.medium.get(address)
            if name == "meta":
                data = json.dumps({**json.loads(data), "key": target.partition("/")[2]}).encode()
            store.medium.put(f"{target}!{name}", data)
    for clinic, key in ((clinic_id, "b"), (other_clinic_id, "a")):
        with pytest.raises(ErasedError):
            await whole(store.vault.of(clinic), key)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 5),
        ("content_type", "text/html"),
        ("created_at", "2020-01-01T00:00:00+00:00"),
        ("subject", SITA),
        ("wrapped", base64.b64encode(bytes(60)).decode()),
        ("sealed_hash", base64.b64encode(bytes(60)).decode()),
        ("version", 2),
        ("name", 7),
        ("header", "@@"),
        ("size", None),
    ],
)
async def test_a_record_that_was_changed_is_found_out(store: Store, clinic_id: ClinicId, field: str, value) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", b"of Ram", subject=RAM)
    await keep(objects, "b", b"so that the other subject has a key", subject=SITA)
    address = f"{clinic_id}/a!meta"
    store.medium.put(address, json.dumps({**json.loads(store.medium.get(address)), field: value}).encode())
    for reading in (whole(objects, "a"), objects.head("a")):
        with pytest.raises(ErasedError):
            await reading


async def test_a_damaged_object_can_be_overwritten_and_deleted(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    for key in ("a", "b"):
        await keep(objects, key, b"x")
        store.medium.put(f"{clinic_id}/{key}!meta", b"{not json")
        with pytest.raises(ErasedError):
            await objects.head(key)
    await keep(objects, "a", b"again", overwrite=True)
    assert await whole(objects, "a") == b"again"
    await objects.delete("b")
    assert await objects.head("b") is None


async def test_no_word_that_was_said_is_found_in_what_is_stored(
    store: Store, clinic_id: ClinicId, keyring: Keyring
) -> None:
    canary = "Ram Prasad कुष्ठ HIV-positive"
    data = (canary * 5000).encode()
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", data, subject=RAM)
    await keep(objects, "b", canary.encode(), subject=RAM)
    await objects.refile("a", SITA)
    assert len(store.medium.addresses()) == 4
    for address in store.medium.addresses():
        kept = store.medium.get(address) + address.encode()
        for word in ("Prasad", "HIV-pos", "कुष्ठ"):
            assert word.encode() not in kept
        for shift in range(3):
            assert base64.b64encode(bytes(shift) + canary.encode())[4:16] not in kept
    assert await whole(objects, "a") == data


async def test_filing_rewraps_the_key_and_moves_no_byte(store: Store, clinic_id: ClinicId, keyring: Keyring) -> None:
    objects = store.vault.of(clinic_id)
    data = os.urandom(100_000)
    before = await keep(objects, "a", data)
    address = bytes_of(store, "a")
    sealed = store.medium.get(address)
    await objects.refile("a", RAM)
    await objects.refile("a", RAM)
    assert bytes_of(store, "a") == address
    assert store.medium.get(address) == sealed
    assert await objects.head("a") == before
    await keyring.destroy_subject(clinic_id, UNFILED)
    assert await whole(objects, "a") == data


async def test_erasing_the_subject_makes_their_objects_unreadable_and_nobody_elses(
    store: Store, clinic_id: ClinicId, keyring: Keyring
) -> None:
    objects = store.vault.of(clinic_id)
    await keep(objects, "a", b"of Ram", subject=RAM)
    await keep(objects, "b", b"of Sita", subject=SITA)
    before = store.medium.addresses()
    await keyring.destroy_subject(clinic_id, RAM)
    for operation in (
        whole(objects, "a"),
        objects.head("a"),
        objects.refile("a", SITA),
        keep(objects, "c", b"again", subject=RAM),
    ):
        with pytest.raises(ErasedError):
            await operation
    assert all(hashlib.sha256(b"of Ram").hexdigest().encode() not in raw for raw in map(store.medium.get, before))
    assert await whole(objects, "b") == b"of Sita"
    assert await all_keys(objects) == ["a", "b"]
    await objects.delete("a")
    assert len(store.medium.addresses()) == 2


async def test_one_clinic_never_sees_what_another_keeps(
    store: Store, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    ours, theirs = store.vault.of(clinic_id), store.vault.of(other_clinic_id)
    await keep(theirs, "a", b"theirs")
    assert await ours.head("a") is None
    assert await all_keys(ours) == []
    await ours.delete("a")
    await keep(ours, "a", b"ours")
    await ours.delete("a")
    assert await whole(theirs, "a") == b"theirs"


async def test_an_object_removed_while_it_is_read_says_so(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    for key, change in (("a", "delete"), ("b", "replace"), ("c", "damage")):
        await keep(objects, key, bytes(20 * CHUNK_BYTES))
        reading = objects.read(key)
        await anext(reading)
        if change == "delete":
            await objects.delete(key)
            with pytest.raises(NotFoundError):
                await anext(reading)
        elif change == "replace":
            await keep(objects, key, b"other", overwrite=True)
            with pytest.raises(ConflictError):
                await anext(reading)
        else:
            store.medium.put(bytes_of(store, key), b"")
            with pytest.raises(ErasedError):
                await anext(reading)


async def test_the_sweep_removes_what_a_dead_process_left_and_nothing_else(
    store: Store, clinic_id: ClinicId, other_clinic_id: ClinicId, clock: Clock
) -> None:
    ours, theirs = store.vault.of(clinic_id), store.vault.of(other_clinic_id)
    for key in ("a", "a/b", "c"):
        await keep(ours, key, key.encode())
        await keep(theirs, key, key.encode())
    kept = store.medium.addresses()
    left = [f"{clinic_id}/a!{'0' * 32}", f"{clinic_id}/nothing/else!{'1' * 32}", f"{other_clinic_id}/a/b!{'f' * 32}"]
    for address in left:
        store.medium.put(address, b"half of something")
    clock.advance((datetime.now(UTC) - clock()).total_seconds())  # files and buckets carry the real time
    assert await store.vault.sweep(timedelta(hours=1)) == 0
    clock.advance(2 * 3600)
    assert await store.vault.sweep(timedelta(hours=1)) == 3
    assert store.medium.addresses() == kept
    assert await whole(ours, "a") == b"a"


async def test_a_store_that_can_be_written_is_ready(store: Store) -> None:
    await store.vault.ready()
    assert [each for each in store.medium.addresses() if each != "ready"] == []


async def test_a_link_needs_a_time_and_a_size(store: Store, clinic_id: ClinicId) -> None:
    objects = store.vault.of(clinic_id)
    for expires_in, max_bytes in ((0, 10), (-1, 10), (8 * 24 * 3600, 10), (300, 0)):
        with pytest.raises(InvalidError):
            await objects.upload_url("a", content_type="audio/webm", expires_in=expires_in, max_bytes=max_bytes)


async def test_a_url_that_is_not_one_is_never_a_grant(store: Store) -> None:
    for url in ("", "/", "/objects/put/", "/objects/put/a/b", "?", "/objects/put/CLN_1/../x?expires=1"):
        with pytest.raises((ForbiddenError, NotFoundError)):
            await store.vault.verify_upload(url)
