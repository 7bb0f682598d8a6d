"""The whisper recogniser on a model of random weights: everything but its accuracy."""

from __future__ import annotations

import threading

import pytest
from tests.support import audio, tiny_whisper

from auscult.domain.errors import CancelledError, EngineMissingError, InvalidError
from auscult.engines.speech import Region
from auscult.engines.speech.whisper import WhisperRecogniser, _language_of


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    tiny_whisper.build(folder / "tiny")
    return folder


@pytest.fixture(scope="module")
def recogniser(models):
    return WhisperRecogniser("tiny", models, threads=1)


REGIONS = [Region(1.0, 5.0), Region(6.0, 11.0), Region(40.0, 47.0), Region(50.0, 76.0)]
SOUND = audio.white_noise(80)


def test_the_words_of_a_region_have_times_inside_it_and_a_confidence(recogniser):
    heard = recogniser.transcribe(SOUND, REGIONS, language="en")

    assert heard
    for one in heard:
        assert any(clip[0] <= one.start <= one.end <= clip[1] for clip in ((1, 11), (40, 47), (50, 76)))
        assert 0 <= one.confidence <= 1
        assert all(one.start <= word.start <= word.end <= one.end for word in one.words)
        assert one.language == "en"
    assert any(one.words for one in heard)


def test_without_regions_nothing_is_heard(recogniser):
    assert recogniser.transcribe(SOUND, []) == []


def test_the_language_is_found_out_when_nobody_says_it(recogniser):
    heard = recogniser.transcribe(SOUND, REGIONS[:1])

    assert all(len(one.language) >= 2 and one.language != "auto" for one in heard)


def test_a_regional_tag_is_understood_and_an_unknown_language_is_named(recogniser):
    recogniser.transcribe(SOUND, REGIONS[:1], language="hi-IN")
    with pytest.raises(EngineMissingError, match="language xx"):
        recogniser.transcribe(SOUND, REGIONS[:1], language="xx")


def test_cancelling_stops_after_the_batch_in_hand(models):
    recogniser = WhisperRecogniser("tiny", models, threads=1, batch_size=1)
    reached: list[float] = []

    with pytest.raises(CancelledError):
        recogniser.transcribe(
            SOUND, REGIONS, language="en", cancelled=lambda: len(reached) >= 1, progress=reached.append
        )

    assert len(reached) == 1


def test_progress_ends_at_one(recogniser):
    reached: list[float] = []
    recogniser.transcribe(SOUND, REGIONS, language="en", progress=reached.append)

    assert reached == sorted(reached)
    assert reached[-1] == 1.0


def test_the_model_is_loaded_once_for_several_threads(models):
    recogniser = WhisperRecogniser("tiny", models, threads=1)
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(id(recogniser.load()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 4
    assert len(set(seen)) == 1


def test_missing_weights_are_named_with_the_command_that_gets_them(tmp_path):
    recogniser = WhisperRecogniser("small", tmp_path)

    assert "auscult models pull small" in recogniser.missing()
    with pytest.raises(EngineMissingError) as refused:
        recogniser.transcribe(SOUND, REGIONS)
    assert "auscult models pull small" in refused.value.remedy
    assert recogniser.info.version.endswith("missing")


def test_weights_that_were_changed_since_they_were_pulled_are_refused(tmp_path):
    model = tiny_whisper.build(tmp_path / "base")
    with (model / "model.bin").open("r+b") as file:
        file.seek(500)
        file.write(b"\xff" * 8)

    with pytest.raises(EngineMissingError, match="damaged"):
        WhisperRecogniser("base", tmp_path).transcribe(SOUND, REGIONS)


def test_a_size_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InvalidError, match="no such Whisper size"):
        WhisperRecogniser("huge", tmp_path)


def test_the_note_can_say_which_weights_heard_it(recogniser):
    assert recogniser.info.name == "whisper"
    assert recogniser.info.model == "tiny"
    assert recogniser.info.version.endswith("+" + "0" * 12)
    assert recogniser.info.demo_quality is False


def test_a_hindi_sentence_in_an_english_visit_is_marked_as_hindi():
    assert _language_of("सिर में दर्द है", "en") == "hi"
    assert _language_of("headache", "en") == "en"
