"""Several processes on one PostgreSQL: they share the parts of a recording, and one may die in the middle of it."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.audio import encoded, joined, silence, speech
from tests.support.patience import until
from tests.support.scripted_engines import Tally
from tests.support.server_process import Orders, ServerProcess, running

PART_SECONDS = 3.0
"""How long a part takes the scripted recogniser: long enough to be killed in."""


@pytest.fixture(scope="module")
def long_visit() -> bytes:
    """Two minutes: six or more parts of 20 s."""
    one = joined(speech("visit"), silence(1.5))
    return encoded(joined(*[one] * -(-120 * 16000 // one.shape[1])), "webm", "libopus", live="1")


@pytest.fixture
def orders(tmp_path: Path, postgres_url: str) -> Orders:
    return Orders(
        data=str(tmp_path / "clinic"),
        script={"seconds": PART_SECONDS},
        tally=str(tmp_path / "tally"),
        settings={
            "records_url": postgres_url.replace("postgresql://", "postgresql+asyncpg://"),
            "part_seconds": 20.0,
            "worker_concurrency": 1,
        },
    )


def without_work(orders: Orders) -> Orders:
    return replace(orders, settings={**orders.settings, "work": False})


async def parts_heard(server: ServerProcess, recording_id: str) -> float:
    body = await server.recording(recording_id)
    return next((step["fraction"] for step in body["steps"] if step["name"] == "transcribed"), 0.0)


def assert_told_once(events: list[dict[str, Any]]) -> None:
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["event"] for event in events].count("soap_ready") == 1


async def test_what_one_process_takes_in_another_one_works_on_and_the_screen_sees_it(
    orders: Orders, tmp_path: Path
) -> None:
    """`auscult up` with AUSCULT_WORK=false, and `auscult work` beside it."""
    sound = encoded(speech("visit"), "webm", "libopus", live="1")
    working = replace(orders, door="work", script={})
    async with (
        running(without_work(orders), tmp_path / "server") as server,
        running(working, tmp_path / "worker") as worker,
    ):
        recording_id = await server.upload(sound)
        events = await server.events("soap_ready")
        assert_told_once(events)
        steps = {event["step"] for event in events if event["event"] == "recording_progress"}
        assert steps >= {"received", "decoded", "transcribed", "speakers", "note", "stored"}
        assert (await server.settled(recording_id))["status"] == "ready"
        assert set(Tally(Path(orders.tally)).processes("transcribe")) == {worker.process.pid}


async def test_a_worker_killed_in_mid_part_is_replaced_within_30_s(
    orders: Orders, long_visit: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally(Path(orders.tally))
    working = replace(orders, door="work")
    async with (
        running(without_work(orders), tmp_path / "server") as server,
        running(working, tmp_path / "one") as one,
        running(working, tmp_path / "two") as two,
    ):
        recording_id = await server.upload(long_visit)

        def in_mid_part() -> bool:
            begun, done = tally.processes("transcribe"), tally.processes("transcribed")
            both = {one.process.pid, two.process.pid}
            return set(done) == both and begun.count(one.process.pid) > done.count(one.process.pid)

        await until(in_mid_part, seconds=60, what="both working")
        one.kill()
        killed_at = time.time()
        body = await server.settled(recording_id, seconds=120)
        finished = time.time() - killed_at
        assert body["status"] == "ready", body
        assert_told_once(await server.events("soap_ready"))
        assert await parts_heard(server, recording_id) == 1.0
    parts = len(tally.processes("transcribed"))
    began = tally.processes("transcribe")
    assert len(began) == parts + 1, "only the part that was cut off is heard again"
    taken_over = max(tally.times("transcribe", two.process.pid)) - killed_at
    with capsys.disabled():
        sys.stdout.write(f"\n  begun again {taken_over:.1f} s after the worker's death, note after {finished:.1f} s\n")
    assert taken_over < 30
