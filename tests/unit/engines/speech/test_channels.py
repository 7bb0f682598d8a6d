"""Two channels are kept apart when each carries a voice, and only then."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support import audio

from auscult.engines.speech import SAMPLE_RATE
from auscult.engines.speech.channels import ChannelComparison

TURNS = audio.speech("visit")
ANSWERS = np.roll(TURNS, TURNS.shape[1] // 2 + 5_000)


def two_voices(sound, block=SAMPLE_RATE):
    comparison = ChannelComparison()
    for at in range(0, sound.shape[1], block):
        comparison.feed(sound[:, at : at + block])
    return comparison.two_voices()


def _alternating():
    """A doctor's line and a patient's line: each is silent while the other speaks."""
    silence = np.zeros_like(TURNS)
    return np.vstack([np.hstack([TURNS[0], silence[0]]), np.hstack([silence[0], TURNS[0]])])


def _noisy(sound, level):
    return (
        sound + np.vstack([audio.white_noise(60, level=level, seed=s)[0, : sound.shape[1]] for s in (1, 2)])
    ).astype(np.int16)


def test_a_line_each_is_two_voices():
    assert two_voices(_alternating())


def test_a_line_each_is_two_voices_with_noise_and_crosstalk():
    sound = _alternating()
    crosstalk = sound + (sound[::-1] * 0.15).astype(np.int16)

    assert two_voices(_noisy(crosstalk, 0.002))


def test_voices_that_overlap_are_still_two():
    assert two_voices(audio.stereo(TURNS, ANSWERS))


def test_a_quiet_line_counts_too():
    sound = _alternating()
    sound[1] = sound[1] // 10

    assert two_voices(sound)


def test_the_same_sound_twice_is_one():
    assert not two_voices(np.vstack([TURNS, TURNS]))
    assert not two_voices(np.vstack([TURNS, -TURNS]))
    assert not two_voices(np.vstack([TURNS, TURNS // 3]))


@pytest.mark.parametrize("level", [0.0, 0.001, 0.02], ids=["silent", "hiss", "noise"])
def test_a_voice_beside_a_channel_without_one_is_one(level):
    other = audio.white_noise(TURNS.shape[1] / SAMPLE_RATE, level=level)[:, : TURNS.shape[1]]

    assert not two_voices(np.vstack([TURNS, other]))
    assert not two_voices(np.vstack([other, TURNS]))


def test_a_stereo_recording_of_a_room_is_one():
    """Two microphones a hand apart: both hear everybody, a little later and a little softer."""
    left = TURNS[0]
    right = np.roll(left, 7) * 0.7
    room = np.vstack([left, right]).astype(np.int16)

    assert not two_voices(_noisy(room, 0.004))


def test_silence_and_a_recording_of_no_length_are_no_two_voices():
    assert not two_voices(np.zeros((2, 5 * SAMPLE_RATE), np.int16))
    assert not two_voices(np.zeros((2, 0), np.int16))


@pytest.mark.parametrize("block", [100, 7_777, 10**9])
def test_the_size_of_the_blocks_changes_nothing(block):
    assert two_voices(_alternating(), block)
    assert not two_voices(np.vstack([TURNS, TURNS]), block)
