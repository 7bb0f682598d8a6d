"""Two voices on one channel are told apart, and one voice is not split in two."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from auscult.domain.transcript import Speaker
from auscult.engines.speakers.encoder import Encoder
from auscult.engines.speakers.mel import filterbank, melspectrogram
from auscult.engines.speakers.resemblyzer import ResemblyzerDiariser
from auscult.engines.speech import SAMPLE_RATE, Region, Samples
from auscult.knowledge import sample


@pytest.fixture(scope="module")
def samples() -> Samples:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(io.BytesIO(sample.audio())) as container:
        blocks = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate(blocks)[None]


@pytest.fixture(scope="module")
def diariser() -> ResemblyzerDiariser:
    return ResemblyzerDiariser()


def test_the_weights_come_with_the_package(diariser: ResemblyzerDiariser) -> None:
    assert diariser.missing() is None


def test_the_two_voices_of_the_sample_are_told_apart(samples: Samples, diariser: ResemblyzerDiariser) -> None:
    turns = sample.turns()
    seconds = [turn.end - turn.start for turn in turns]
    voices = diariser.embed(samples, [Region(turn.start, turn.end) for turn in turns])
    labels = diariser.cluster(voices, seconds)
    truth = [0 if turn.speaker is Speaker.CLINICIAN else 1 for turn in turns]
    wrong = sum(length for label, true, length in zip(labels, truth, seconds, strict=True) if label != true)
    assert wrong / sum(seconds) < 0.03


@pytest.mark.parametrize("speaker", [Speaker.CLINICIAN, Speaker.PATIENT])
def test_one_voice_alone_stays_one(samples: Samples, diariser: ResemblyzerDiariser, speaker: Speaker) -> None:
    turns = [turn for turn in sample.turns() if turn.speaker is speaker]
    voices = diariser.embed(samples, [Region(turn.start, turn.end) for turn in turns])
    assert set(diariser.cluster(voices, [turn.end - turn.start for turn in turns])) == {0}


def test_the_same_sound_gives_the_same_description_in_parts_and_whole(
    samples: Samples, diariser: ResemblyzerDiariser
) -> None:
    """A long recording is described part by part; the parts must not differ from the whole."""
    whole = diariser.embed(samples, [Region(6.0, 9.0)])[0]
    part = diariser.embed(samples[:, 5 * SAMPLE_RATE : 20 * SAMPLE_RATE], [Region(1.0, 4.0)])[0]
    assert float(whole @ part) > 0.9999
    assert np.linalg.norm(whole) == pytest.approx(1, abs=1e-5)


def test_silence_blips_and_times_outside_the_sound_have_no_voice(
    samples: Samples, diariser: ResemblyzerDiariser
) -> None:
    silence = np.zeros((1, SAMPLE_RATE), np.int16)
    assert not np.any(diariser.embed(silence, [Region(0, 1)])[0])
    assert not np.any(diariser.embed(samples, [Region(1.0, 1.1)])[0])
    assert not np.any(diariser.embed(samples, [Region(900, 905)])[0])
    assert diariser.embed(samples, []) == []


def test_a_quieter_recording_of_a_voice_is_described_the_same(samples: Samples, diariser: ResemblyzerDiariser) -> None:
    quiet = (samples // 16).astype(np.int16)
    loud, soft = (diariser.embed(one, [Region(6.0, 11.0)])[0] for one in (samples, quiet))
    assert float(loud @ soft) > 0.9


def test_a_pure_tone_falls_into_the_mel_bands_around_it() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    bands = melspectrogram(np.sin(2 * np.pi * 1000 * time).astype(np.float32)).mean(axis=0)
    centres = filterbank().argmax(axis=1) * SAMPLE_RATE / 400
    assert abs(centres[bands.argmax()] - 1000) < 100


def test_describing_voices_keeps_to_one_thread() -> None:
    """Many small products: on busy processors, waiting for more threads cost ten times the work."""
    with threadpool_limits(limits=4, user_api="blas"):
        Encoder.load()
        assert {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"} == {1}
