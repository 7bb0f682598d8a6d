"""The power goes at every point of the journey; after the restart there is one note, as if nothing had happened."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.audio import encoded, joined, silence, speech
from tests.support.kill_points import COMMITS, ENGINES, RELAYS
from tests.support.scripted_engines import Tally
from tests.support.server_process import Orders, ServerProcess, running

CALLS = {
    "decoded": ("decode",),
    "part/000000": ("transcribe", "embed"),
    "speakers": ("cluster",),
    "note": ("write",),
}
"""What the work of each step asks of engines."""
INSIDE = {
    "decode three seconds": ("decode", "decode three seconds"),
    "transcribe": ("transcribe",),
    "embed": ("transcribe", "embed"),
    "cluster": ("cluster",),
    "write": ("write",),
}
"""What has been asked, and is lost, when it dies inside an engine."""
POINTS = [
    *(f"{what}:{when}" for what in (*COMMITS, *RELAYS) for when in ("before", "after")),
    *(f"{what}:during" for what in ENGINES),
]
SAMPLED = {"part/000000:before", "speakers:after", "write:during", "stored:after"}
"""Run by `make test`; `make test-full` runs all."""


def sampled(points: list[str], chosen: set[str]) -> list[Any]:
    assert chosen <= set(points)
    return [point if point in chosen else pytest.param(point, marks=pytest.mark.full) for point in points]


@pytest.fixture(scope="module")
def visit() -> bytes:
    """A few seconds of it: what is killed here is the journey, and it is the same for every length."""
    return encoded(speech("visit")[:, : 7 * 16000], "webm", "libopus", live="1")


@pytest.fixture(scope="module")
def long_visit() -> bytes:
    """Somewhat more than a minute: several parts of 20 s."""
    one = joined(speech("visit"), silence(1.5))
    return encoded(joined(*[one] * -(-66 * 16000 // one.shape[1])), "webm", "libopus", live="1")


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(data=str(tmp_path / "clinic"), script={}, tally=str(tmp_path / "tally"))


def sliced(data: bytes, count: int = 3) -> list[bytes]:
    size = -(-len(data) // count)
    return [data[start : start + size] for start in range(0, len(data), size)]


async def finalised(server: ServerProcess, recording_id: str, slices: list[bytes]) -> None:
    hashes = "".join(hashlib.sha256(one).hexdigest() for one in slices)
    answer = await server.client.post(
        f"/recordings/{recording_id}/finalise",
        json={"count": len(slices), "sha256": hashlib.sha256(hashes.encode()).hexdigest()},
    )
    assert answer.status_code == 202, answer.text


async def begun(server: ServerProcess, slices: list[bytes]) -> str:
    """Send a recording to a server that may die of it; return the recording's id."""
    opened = await server.client.post("/recordings", json={"content_type": "audio/webm", "live": True})
    recording_id: str = opened.json()["recording_id"]
    with contextlib.suppress(httpx.TransportError):
        for seq, data in enumerate(slices):
            await server.client.put(f"/recordings/{recording_id}/chunks/{seq}", content=data)
        await finalised(server, recording_id, slices)
    return recording_id


def rows(data: str, query: str) -> list[Any]:
    connection = sqlite3.connect(f"file:{data}/records.db?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def kept_parts(data: str) -> int:
    return len(rows(data, "SELECT 1 FROM documents WHERE kind = 'step' AND sort LIKE '%/part/%'"))


async def assert_one_note_and_whole_history(server: ServerProcess, orders: Orders, recording_id: str) -> None:
    """One note, told once, and a sequence of events that a screen can follow without a gap."""
    events = await server.events("soap_ready")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    body = await server.recording(recording_id)
    note = await server.client.get(f"/notes/{body['note_id']}")
    assert note.status_code == 200
    assert all(step["fraction"] == 1.0 for step in body["steps"])
    assert len(body["steps"]) == 6
    await server.stop()
    assert rows(orders.data, "SELECT count(*) FROM documents WHERE kind = 'note'") == [(1,)]
    assert rows(orders.data, "SELECT count(*) FROM documents WHERE kind = 'transcript'") == [(1,)]
    assert rows(orders.data, "SELECT count(*) FROM outbox_jobs") == [(0,)]
    kept = rows(orders.data, "SELECT seq, payload FROM events ORDER BY seq")
    assert [seq for seq, _payload in kept] == list(range(1, len(kept) + 1))
    names = Counter(json.loads(payload)["name"] for _seq, payload in kept)
    assert names["soap_ready"] == 1
    assert names["recording_failed"] == 0


@pytest.mark.parametrize("point", sampled(POINTS, SAMPLED))
async def test_a_killed_server_finishes_the_job_once_after_its_restart(
    point: str, orders: Orders, visit: bytes, tmp_path: Path
) -> None:
    slices = sliced(visit)
    said = tmp_path / "said"
    async with running(replace(orders, die_at=point), said) as first:
        recording_id = await begun(first, slices)
        assert await first.died() == -9
    async with running(orders, said) as second:
        if point == "arrived:before":
            have = (await second.client.get(f"/recordings/{recording_id}/chunks")).json()
            assert (have["have"], have["finalised"]) == ([0, 1, 2], False)
            await finalised(second, recording_id, slices)
        body = await second.settled(recording_id)
        assert body["status"] == "ready", body
        await assert_one_note_and_whole_history(second, orders, recording_id)
    counts = Tally(Path(orders.tally)).counts()
    step, _, when = point.rpartition(":")
    lost = INSIDE[step] if when == "during" else CALLS.get(step, ()) if when == "before" else ()
    for what in ("decode", "transcribe", "embed", "cluster", "write"):
        assert counts[what] == (2 if what in lost else 1), f"{what}: {counts}"


@pytest.mark.parametrize(
    "point",
    sampled(
        [
            "part/000000:before",
            "part/000000:after",
            "part/000001:before",
            "part/000001:after",
            "part/000002:after",
            "transcribe:during",
            "embed:during",
            "cluster:during",
            "stored:before",
        ],
        {"part/000001:after"},
    ),
)
async def test_a_long_recording_is_heard_on_from_the_parts_that_were_kept(
    point: str, orders: Orders, long_visit: bytes, tmp_path: Path
) -> None:
    """Parts that were under way are heard again, finished ones are not."""
    orders = replace(orders, settings={"part_seconds": 20.0})
    said = tmp_path / "said"
    async with running(replace(orders, die_at=point), said) as first:
        recording_id = await begun(first, sliced(long_visit))
        assert await first.died() == -9
        dead = first.process.pid
    kept = kept_parts(orders.data)
    async with running(orders, said) as second:
        body = await second.settled(recording_id)
        assert body["status"] == "ready", body
        transcript = (await second.client.get(f"/recordings/{recording_id}/transcript")).json()
        starts = [turn["start"] for turn in transcript["turns"]]
        assert starts == sorted(starts)
        assert starts[-1] > 50
        await assert_one_note_and_whole_history(second, orders, recording_id)
    parts = kept_parts(orders.data)
    assert parts >= 4
    heard_by = [pid for pid in Tally(Path(orders.tally)).processes("transcribe") if pid != dead]
    assert len(heard_by) == parts - kept
    assert Tally(Path(orders.tally)).counts()["decode"] == 1


@pytest.mark.parametrize("when", ["before", pytest.param("after", marks=pytest.mark.full)])
async def test_an_upload_whose_server_dies_is_found_and_worked_on_once(
    when: str, orders: Orders, visit: bytes, tmp_path: Path
) -> None:
    """All bytes were stored, and nobody was told: asking for the result finds them."""
    said = tmp_path / "said"
    async with running(replace(orders, die_at=f"arrived:{when}"), said) as first:
        recording_id, url = await first.opened()
        key = (await first.recording(recording_id))["upload_key"]
        with contextlib.suppress(httpx.TransportError):
            await first.client.put(url, content=visit, headers={"Content-Type": "audio/webm"})
        assert await first.died() == -9
    async with running(orders, said) as second:
        assert (await second.client.get(f"/result/{key}")).status_code in {200, 404}
        body = await second.settled(recording_id)
        assert body["status"] == "ready", body
        result = await second.client.get(f"/result/{key}")
        assert result.status_code == 200
        assert result.json()["transcript"]
        again = await second.client.put(
            url.replace(first.origin, second.origin), content=visit, headers={"Content-Type": "audio/webm"}
        )
        assert again.status_code == 409
        await assert_one_note_and_whole_history(second, orders, recording_id)


@pytest.mark.full
async def test_a_server_killed_again_and_again_still_ends_with_one_note(
    orders: Orders, visit: bytes, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    recording_id = ""
    for point in (
        "received:after",
        "decoded:before",
        "transcribe:during",
        "part/000000:after",
        "note:before",
        "stored:before",
    ):
        async with running(replace(orders, die_at=point), said) as server:
            recording_id = recording_id or await begun(server, sliced(visit))
            assert await server.died() == -9
    async with running(orders, said) as last:
        body = await last.settled(recording_id)
        assert body["status"] == "ready", body
        await assert_one_note_and_whole_history(last, orders, recording_id)
