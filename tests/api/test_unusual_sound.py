"""Sound that nobody expects, through the whole product: hours of silence, music, all kinds of rates and channels."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator
from typing import Any

import av
import numpy as np
import pytest
import pytest_asyncio

from tests.support.audio import RATE, Sound, encoded, joined, music, pink_noise, silence, speech, white_noise
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.scripted_engines import Script, Tally, scripted_engines

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tally(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    """What the engines were asked."""
    return Tally(tmp_path_factory.mktemp("engines") / "tally")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory, tally: Tally) -> AsyncIterator[OpenClinic]:
    """A clinic with the real decoder, gate and voices; its recogniser says a script wherever anybody speaks."""
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"),
        engines=lambda settings: scripted_engines(settings, Script(), tally.note),
    ) as opened:
        yield opened


async def ended(here: OpenClinic, data: bytes, content_type: str, *, seconds: float = 60.0) -> dict[str, Any]:
    """Upload a file and follow it to the end."""
    answer = await here.client.post("/recordings", json={"content_type": content_type, "live": False})
    assert answer.status_code == 201, answer.text
    opened = answer.json()
    put = await here.client.put(opened["upload_url"], content=data, headers={"Content-Type": content_type})
    assert put.status_code == 200, put.text
    return await here.settled(opened["recording_id"], seconds)


async def transcript(here: OpenClinic, recording_id: str) -> dict[str, Any]:
    answer = await here.client.get(f"/recordings/{recording_id}/transcript")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def long_silence(seconds: int) -> bytes:
    """FLAC, frame by frame: three hours of samples at once would be 350 MB."""
    written = io.BytesIO()
    with av.open(written, "w", format="flac") as file:
        stream = file.add_stream("flac", rate=RATE, layout="mono")
        for second in range(seconds):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE), np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, second * RATE
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return written.getvalue()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("minutes", [10, pytest.param(180, marks=pytest.mark.full)])
async def test_hours_of_silence_end_as_no_speech_in_a_fraction_of_their_time(
    here: OpenClinic, tally: Tally, minutes: int
) -> None:
    data = long_silence(minutes * 60)
    before = tally.counts()["transcribe"]
    start = time.perf_counter()
    body = await ended(here, data, "audio/flac", seconds=minutes * 6)
    assert time.perf_counter() - start < minutes * 6, "a tenth of its length, also on a busy machine"
    assert body["status"] == "no_speech", body
    assert body["duration"] == pytest.approx(minutes * 60, abs=1)
    assert "speaks" in body["failure"]["reason"]
    assert "microphone" in body["failure"]["remedy"]
    assert body["note_id"] is None
    assert tally.counts()["transcribe"] == before, "no engine listens to silence"


@pytest.mark.parametrize(
    "sound",
    [music(20, seed=1), pink_noise(20), white_noise(20, level=0.5)],
    ids=["music", "ventilation", "loud hiss"],
)
async def test_music_and_noise_end_as_no_speech_and_nothing_is_made_up(here: OpenClinic, sound: Sound) -> None:
    body = await ended(here, encoded(sound, "webm", "libopus"), "audio/webm")
    assert body["status"] == "no_speech", body
    assert body["failure"]["remedy"]
    assert body["note_id"] is None
    missing = await here.client.get(f"/recordings/{body['recording_id']}/transcript")
    assert missing.status_code == 404


@pytest.mark.parametrize("rate", [8_000, 96_000])
async def test_any_sample_rate_gives_turns_at_their_true_times(here: OpenClinic, rate: int) -> None:
    sound = joined(silence(4), speech("question"), silence(1))
    body = await ended(here, encoded(resampled(sound, rate), rate=rate), "audio/wav")
    assert body["status"] == "ready", body
    assert body["duration"] == pytest.approx(sound.shape[1] / RATE, abs=0.2)
    turns = (await transcript(here, body["recording_id"]))["turns"]
    assert turns
    begins = int(np.argmax(np.abs(sound[0]) > 1000)) / RATE
    assert turns[0]["start"] == pytest.approx(begins, abs=0.4)


async def test_twelve_channels_of_which_one_is_spoken_into_give_a_note(here: OpenClinic) -> None:
    voice = speech("visit")
    wide = np.zeros((12, voice.shape[1]), np.int16)
    wide[7] = voice[0]
    body = await ended(here, encoded(wide), "audio/wav")
    assert body["status"] == "ready", body
    turns = (await transcript(here, body["recording_id"]))["turns"]
    assert len(turns) >= 2
    assert turns[-1]["end"] == pytest.approx(voice.shape[1] / RATE, abs=2)


@pytest.mark.parametrize(
    ("container", "codec", "content_type"),
    [("ogg", "libopus", "audio/ogg"), ("mp3", "libmp3lame", "audio/mpeg"), ("flac", "flac", "audio/flac")],
)
async def test_a_file_that_breaks_off_is_used_as_far_as_it_goes_and_says_so(
    here: OpenClinic, container: str, codec: str, content_type: str
) -> None:
    whole = encoded(speech("visit"), container, codec)
    body = await ended(here, whole[: int(len(whole) * 0.6) + 1], content_type)
    assert body["status"] == "ready", body
    assert 10 < body["duration"] < 17
    assert any("breaks off" in problem for problem in (await transcript(here, body["recording_id"]))["problems"])


def resampled(sound: Sound, rate: int) -> Sound:
    """The same sound at another rate."""
    shaper = av.AudioResampler("s16", "mono", rate)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="s16", layout="mono")
    frame.sample_rate = RATE
    pieces = [one.to_ndarray() for one in [*shaper.resample(frame), *shaper.resample(None)]]
    return np.concatenate(pieces, axis=1)
