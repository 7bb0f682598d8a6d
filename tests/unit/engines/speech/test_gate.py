"""Silence, noise and music say nothing; people do."""

from __future__ import annotations

import itertools

import pytest
from tests.support import audio

from auscult.engines.speech import SAMPLE_RATE
from auscult.engines.speech.silero import HANGOVER_SECONDS, MAX_REGION_SECONDS, SileroGate

NO_SPEECH = {
    "silence": audio.silence(30),
    "quiet white noise": audio.white_noise(30, level=0.01),
    "white noise": audio.white_noise(30),
    "loud white noise": audio.white_noise(30, level=0.5),
    "pink noise": audio.pink_noise(30),
    "mains hum": audio.hum(30),
    "mains hum of 60 Hz": audio.hum(30, mains=60),
    "a tone": audio.tone(30),
    "music": audio.music(40, seed=1),
    "other music": audio.music(40, seed=4),
    "music without drums": audio.music(40, seed=2, drums=False),
    "music without a lead": audio.music(40, seed=3, lead=False),
}


def regions(sound, block=SAMPLE_RATE):
    gate = SileroGate()
    found = []
    for at in range(0, sound.shape[1], block):
        found += gate.feed(sound[:, at : at + block])
    return found + gate.finish()


@pytest.mark.parametrize("sound", NO_SPEECH.values(), ids=NO_SPEECH.keys())
def test_where_nobody_speaks_there_is_no_region(sound):
    assert regions(sound) == []


def test_each_turn_of_a_visit_is_found():
    found = regions(audio.speech("visit"))

    assert len(found) == 5
    assert all(one.end - one.start > 1 for one in found)


def test_one_word_is_enough():
    found = regions(audio.joined(audio.silence(5), audio.speech("one_word"), audio.silence(5)))

    assert len(found) == 1
    assert 5.3 < found[0].start < 6.1
    assert found[0].end - found[0].start < 1.5


@pytest.mark.parametrize("noise", [audio.pink_noise(25, level=0.02), audio.hum(25, level=0.02)], ids=["fan", "hum"])
def test_speech_is_found_in_a_noisy_room(noise):
    speech = audio.speech("visit")
    mixed = (speech + noise[:, : speech.shape[1]]).astype("int16")

    assert len(regions(mixed)) >= 4


def test_speech_is_found_after_music():
    music = audio.music(20, seed=1)
    found = regions(audio.joined(music, audio.speech("question")))

    assert len(found) == 1
    assert found[0].start > 20


@pytest.mark.parametrize("block", [160, 3_333, 16_000, 10**9])
def test_the_size_of_the_blocks_changes_nothing(block):
    speech = audio.speech("visit")

    assert regions(speech, block) == regions(speech)


def test_the_gate_says_up_to_where_it_has_judged():
    """What is settled holds for every region to come, and follows the sound closely while nobody speaks."""
    sound = audio.joined(audio.speech("visit"), audio.silence(5), audio.speech("one_word"), audio.silence(5))
    gate, settled = SileroGate(), []
    for at in range(0, sound.shape[1], SAMPLE_RATE // 2):
        found = gate.feed(sound[:, at : at + SAMPLE_RATE // 2])
        assert all(region.start >= before for region in found for before in settled)
        settled.append(gate.settled)

    assert settled == sorted(settled)
    assert settled[-1] > sound.shape[1] / SAMPLE_RATE - 1


def test_a_region_comes_out_while_the_recording_goes_on():
    speech = audio.joined(audio.speech("question"), audio.silence(HANGOVER_SECONDS + 0.5))

    assert len(SileroGate().feed(speech)) == 1


def test_a_long_monologue_comes_out_in_pieces_that_touch():
    line = audio.speech("question")[:, 14_000:-14_000]
    found = regions(audio.joined(*[line] * 30))

    assert len(found) > 1
    assert all(one.end - one.start <= MAX_REGION_SECONDS + 1 for one in found)
    assert all(later.start >= earlier.end for earlier, later in itertools.pairwise(found))


def test_regions_lie_inside_the_recording_and_in_order():
    speech = audio.speech("question")[:, 14_000:-14_400]
    found = regions(speech)

    assert found[0].start >= 0
    assert found[-1].end <= speech.shape[1] / SAMPLE_RATE
