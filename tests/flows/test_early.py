"""A live recording is heard while it is still being made; what comes of it is the same, and is there sooner."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auscult.domain.ids import RecordingId
from auscult.flows.recording_state import all_rows
from auscult.flows.sound import EARLY, HeardEarly
from auscult.flows.tables import STEPS, StepResult
from auscult.world import real_ambient
from tests.support.audio import Sound, encoded, joined, silence, speech, stereo
from tests.support.clinics import OpenClinic, eventually, open_clinic
from tests.support.patience import until
from tests.support.scripted_engines import Script, Tally, scripted_engines
from tests.support.server_process import Orders, running

PART_SECONDS = 20.0


@dataclass
class Talking:
    """A clinic in which a recording may be as old as a test wants."""

    here: OpenClinic
    tally: Tally
    aged: timedelta = timedelta(0)

    async def opened(self, **body: Any) -> RecordingId:
        """Open a live recording that was begun long enough ago for a part to be over."""
        request = {"content_type": "audio/webm", "live": True, "consent": {"given_by": "patient"}, **body}
        answer = await self.here.client.post("/recordings", json=request)
        assert answer.status_code == 201, answer.text
        self.aged += timedelta(seconds=PART_SECONDS + 1)
        return RecordingId(answer.json()["recording_id"])

    async def send(self, recording_id: str, slices: list[bytes], numbers: range | list[int]) -> None:
        for seq in numbers:
            answer = await self.here.client.put(f"/recordings/{recording_id}/chunks/{seq}", content=slices[seq])
            assert answer.status_code == 200, answer.text

    async def finalise(self, recording_id: str, slices: list[bytes]) -> dict[str, Any]:
        hashes = "".join(hashlib.sha256(one).hexdigest() for one in slices)
        total = {"count": len(slices), "sha256": hashlib.sha256(hashes.encode()).hexdigest()}
        answer = await self.here.client.post(f"/recordings/{recording_id}/finalise", json=total)
        assert answer.status_code == 202, answer.text
        return await self.here.settled(recording_id)

    async def early(self, recording_id: RecordingId) -> list[StepResult]:
        """What is kept of a recording that goes on."""
        clinic = self.here.clinic
        rows = await all_rows(clinic.services.records_of(clinic.system), STEPS, recording_id)
        return [row for row in rows if row.name.startswith(EARLY)]

    async def heard_early(self, recording_id: RecordingId, parts: int) -> list[StepResult]:
        """Wait until so many parts of a recording that goes on were heard."""
        found: list[StepResult] = await eventually(
            lambda: self.early(recording_id), lambda rows: len(rows) >= parts, seconds=60
        )
        return found

    async def transcript(self, recording_id: str) -> list[dict[str, Any]]:
        answer = await self.here.client.get(f"/recordings/{recording_id}/transcript")
        assert answer.status_code == 200, answer.text
        turns: list[dict[str, Any]] = answer.json()["turns"]
        return turns

    async def from_the_whole_file(self, data: bytes) -> list[dict[str, Any]]:
        """The turns that the same sound gives when it comes as one file."""
        opened = await self.here.client.post("/recordings", json={"content_type": "audio/webm", "live": False})
        body = opened.json()
        await self.here.client.put(body["upload_url"], content=data, headers={"Content-Type": "audio/webm"})
        settled = await self.here.settled(body["recording_id"])
        assert settled["status"] == "ready", settled
        return await self.transcript(body["recording_id"])

    async def no_longer_listening(self) -> None:
        """Wait until nothing is heard early any more."""

        async def listening() -> int:
            return self.here.clinic.early.listening

        await eventually(listening, lambda count: count == 0)

    def heard(self) -> int:
        """How often the recogniser was asked."""
        return self.tally.counts()["transcribe"]


@pytest.fixture
async def talking(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Talking]:
    """With a recogniser that says a script, unless a test asks for this machine's."""
    script: Script | None = getattr(request, "param", Script())
    tally = Tally(tmp_path / "tally")
    real = real_ambient()
    ambient = replace(real, now=lambda: real.now() + made.aged if made else real.now())
    made: Talking | None = None
    async with open_clinic(
        tmp_path / "clinic",
        engines=lambda settings: scripted_engines(settings, script, tally.note),
        ambient=ambient,
        speech="sphinx",
        part_seconds=PART_SECONDS,
    ) as here:
        made = Talking(here, tally)
        yield made


def visit(seconds: float) -> Sound:
    one = joined(speech("visit"), silence(1.5))
    return joined(*[one] * -(-round(seconds * 16000) // one.shape[1]))


def webm(sound: Sound) -> bytes:
    return encoded(sound, "webm", "libopus", live="1", cluster_time_limit="1000")


def sliced(data: bytes, count: int) -> list[bytes]:
    size = -(-len(data) // count)
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.fixture(scope="module")
def long_visit() -> bytes:
    """Three parts of 20 s, of which the first is over well before the end."""
    return webm(visit(44))


def two_people(seconds: float) -> Sound:
    """One person on each channel, taking turns."""
    sound = visit(seconds)
    quiet = silence(sound.shape[1] / 16000)
    left, right = quiet.copy(), quiet.copy()
    for second in range(0, sound.shape[1] // 16000, 6):
        here = slice(second * 16000, (second + 6) * 16000)
        (left if second % 12 else right)[:, here] = sound[:, here]
    return stereo(left, right)


@pytest.mark.parametrize(
    "channels",
    ["one", pytest.param("the same twice", marks=pytest.mark.full), pytest.param("two people", marks=pytest.mark.full)],
)
async def test_parts_are_heard_before_the_recording_ends_and_are_not_heard_again(
    talking: Talking, channels: str
) -> None:
    sounds = {"one": visit(44), "the same twice": stereo(visit(44), visit(44)), "two people": two_people(66)}
    data = webm(sounds[channels])
    slices = sliced(data, 30)
    recording_id = await talking.opened()
    await talking.send(recording_id, slices, range(25))
    await talking.heard_early(recording_id, 1)
    early = talking.heard()
    await talking.send(recording_id, slices, range(25, 30))
    body = await talking.finalise(recording_id, slices)
    assert body["status"] == "ready", body
    turns = await talking.transcript(recording_id)
    parts = [row for row in await _steps(talking, recording_id) if row.name.startswith("part/")]
    assert talking.heard() <= len(parts) + 1, "at most the one that was under way at the end"
    assert early >= 1
    before = talking.heard()
    assert turns == await talking.from_the_whole_file(data)
    assert talking.heard() - before == len(parts)
    await eventually(lambda: talking.early(recording_id), lambda rows: not rows)  # no longer needed


@pytest.mark.slow
@pytest.mark.parametrize("talking", [None], ids=["sphinx"], indirect=True)
async def test_words_are_recognised_before_the_last_second_was_recorded(talking: Talking) -> None:
    """The real decoder, gate, recogniser and voices; the words are those that the whole file gives."""
    data = webm(joined(speech("visit"), silence(1.5), speech("question"), silence(2)))
    slices = sliced(data, 28)
    recording_id = await talking.opened()
    await talking.send(recording_id, slices, range(27))
    (first,) = await talking.heard_early(recording_id, 1)
    early = " ".join(one.text for one in HeardEarly.model_validate(first.data).part.heard)
    assert len(early.split()) > 20
    await talking.send(recording_id, slices, [27])
    body = await talking.finalise(recording_id, slices)
    assert body["status"] == "ready", body
    turns = await talking.transcript(recording_id)
    assert " ".join(turn["text"] for turn in turns).startswith(early[:40])
    assert turns == await talking.from_the_whole_file(data)


async def test_slices_that_come_late_and_out_of_order_are_heard_in_order(talking: Talking, long_visit: bytes) -> None:
    slices = sliced(long_visit, 30)
    recording_id = await talking.opened()
    await talking.send(recording_id, slices, [0, *range(2, 28)])
    assert talking.heard() == 0, "nothing can be heard past what is missing"
    await talking.send(recording_id, slices, [1])
    await talking.heard_early(recording_id, 1)
    await talking.send(recording_id, slices, [29, 28])
    body = await talking.finalise(recording_id, slices)
    assert body["status"] == "ready", body
    assert await talking.transcript(recording_id) == await talking.from_the_whole_file(long_visit)


async def test_what_was_heard_in_another_language_is_heard_again(talking: Talking, long_visit: bytes) -> None:
    slices = sliced(long_visit, 30)
    recording_id = await talking.opened()
    await talking.send(recording_id, slices, range(28))
    await talking.heard_early(recording_id, 1)
    changed = await talking.here.client.patch(f"/recordings/{recording_id}", json={"language": "hi"})
    assert changed.status_code == 200, changed.text
    await talking.send(recording_id, slices, range(28, 30))
    body = await talking.finalise(recording_id, slices)
    assert body["status"] == "ready", body
    assert {turn["language"] for turn in await talking.transcript(recording_id)} == {"hi"}


async def test_a_recording_thrown_away_is_let_go_of_at_once(talking: Talking, long_visit: bytes) -> None:
    slices = sliced(long_visit, 30)
    recording_id = await talking.opened()
    await talking.send(recording_id, slices, range(28))
    await talking.heard_early(recording_id, 1)
    answer = await talking.here.client.post(f"/recordings/{recording_id}/withdraw-consent")
    assert answer.status_code == 200
    await talking.no_longer_listening()
    assert await _steps(talking, recording_id) == []


async def test_nothing_is_heard_of_a_patient_whose_consent_nobody_wrote_down(
    talking: Talking, long_visit: bytes
) -> None:
    slices = sliced(long_visit, 30)
    recording_id = await talking.opened(consent=None)
    await talking.send(recording_id, slices, range(30))
    await talking.no_longer_listening()
    assert talking.tally.counts()["decode"] == 0


async def test_what_cannot_be_read_is_tried_once_and_the_work_says_so(talking: Talking) -> None:
    slices = [np.random.default_rng(seq).bytes(400_000) for seq in range(6)]
    recording_id = await talking.opened()
    await talking.send(recording_id, slices, range(4))
    await talking.no_longer_listening()
    await talking.send(recording_id, slices, range(4, 6))
    await talking.no_longer_listening()
    assert talking.tally.counts()["decode"] == 1
    body = await talking.finalise(recording_id, slices)
    assert body["status"] == "failed"
    assert body["failure"]["code"] == "unreadable_audio"


@pytest.mark.full
async def test_what_was_heard_early_outlives_a_killed_server(long_visit: bytes, tmp_path: Path) -> None:
    orders = Orders(
        data=str(tmp_path / "clinic"), script={}, tally=str(tmp_path / "tally"), settings={"part_seconds": PART_SECONDS}
    )
    slices = sliced(long_visit, 30)

    def kept(kind: str) -> set[str]:
        with closing(sqlite3.connect(f"file:{orders.data}/records.db?mode=ro", uri=True)) as records:
            query = "SELECT sort FROM documents WHERE kind = 'step' AND sort LIKE ?"
            return {sort for (sort,) in records.execute(query, (f"%/{kind}/%",))}

    async with running(orders, tmp_path / "said") as first:
        opened = await first.client.post(
            "/recordings", json={"content_type": "audio/webm", "live": True, "consent": {"given_by": "patient"}}
        )
        recording_id = opened.json()["recording_id"]

        async def heard() -> bool:
            for seq in range(25):  # the same slices again, until the recording is old enough for a part
                await first.client.put(f"/recordings/{recording_id}/chunks/{seq}", content=slices[seq])
            return len(kept("early")) >= 1

        await until(heard, seconds=90)
        first.kill()
    early = len(kept("early"))
    async with running(orders, tmp_path / "said") as second:
        for seq in range(25, 30):
            await second.client.put(f"/recordings/{recording_id}/chunks/{seq}", content=slices[seq])
        hashes = "".join(hashlib.sha256(one).hexdigest() for one in slices)
        total = {"count": len(slices), "sha256": hashlib.sha256(hashes.encode()).hexdigest()}
        await second.client.post(f"/recordings/{recording_id}/finalise", json=total)
        body = await second.settled(recording_id)
        assert body["status"] == "ready", body
        await until(lambda: not kept("early"), what="the removal of what is no longer needed")
        asked = Tally(tmp_path / "tally").processes("transcribe").count(second.process.pid)
    assert asked <= len(kept("part")) - early + 1, "at most the one under way at the end is asked for twice"


async def _steps(talking: Talking, recording_id: RecordingId) -> list[StepResult]:
    clinic = talking.here.clinic
    return await all_rows(clinic.services.records_of(clinic.system), STEPS, recording_id)
