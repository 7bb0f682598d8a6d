"""The embedded recogniser, for real: it hears clear speech, says how sure it is, and stops when told to."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress

import jiwer
import numpy as np
import psutil
import pytest
from tests.support import audio

from auscult.domain.errors import CancelledError, EngineFailedError, EngineMissingError
from auscult.engines.speech import Region, spoken
from auscult.engines.speech.silero import SileroGate
from auscult.engines.speech.sphinx import SphinxRecogniser

SAID = json.loads((audio.DATA / "clips.json").read_text())


@pytest.fixture(scope="module")
def recogniser():
    made = SphinxRecogniser(processes=2)
    yield made
    made.close()


def regions(sound):
    gate = SileroGate()
    return gate.feed(sound) + gate.finish()


def children() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "auscult.engines.speech.sphinx_worker" in one.cmdline():
                found.append(one)
    return found


def test_it_is_ready_without_any_download_and_says_that_it_is_demo_quality(recogniser):
    assert recogniser.missing() is None
    assert recogniser.info.name == "sphinx"
    assert recogniser.info.demo_quality is True
    assert len(recogniser.info.version) == 12


def test_a_visit_is_heard_turn_by_turn_with_times_and_confidence(recogniser):
    sound = audio.speech("visit")
    found = regions(sound)

    heard = recogniser.transcribe(sound, found)

    text = " ".join(spoken.words(" ".join(one.text for one in heard)))
    assert jiwer.wer(SAID["visit"], text) < 0.35
    assert len(heard) >= 5
    assert any("metformin" in one.text for one in heard)
    for one in heard:
        assert one.language == "en"
        assert one.text[0].isupper()
        assert one.text[-1] in ".?"
        assert one.text == " ".join(word.text for word in one.words)
        assert 0 <= one.confidence <= 1
        assert any(region.start <= one.start <= one.end <= region.end + 0.1 for region in found)
        assert [word.start for word in one.words] == sorted(word.start for word in one.words)


def test_a_question_ends_in_a_question_mark(recogniser):
    sound = audio.speech("question")

    assert recogniser.transcribe(sound, regions(sound))[0].text.endswith("?")


def test_times_are_those_of_the_samples_given(recogniser):
    clip = audio.speech("question")
    later = audio.joined(audio.silence(7), clip)

    first = recogniser.transcribe(clip, regions(clip))[0]
    second = recogniser.transcribe(later, regions(later))[0]

    assert second.start == pytest.approx(first.start + 7, abs=0.3)


def test_progress_goes_up_to_one(recogniser):
    sound = np.tile(audio.speech("question"), 4)
    reached: list[float] = []
    recogniser.transcribe(sound, regions(sound), progress=reached.append)

    assert reached == sorted(reached)
    assert reached[-1] == pytest.approx(1)


def test_without_regions_nothing_is_heard_and_no_process_is_started():
    fresh = SphinxRecogniser()
    before = children()

    assert fresh.transcribe(audio.silence(5), []) == []
    assert children() == before


@pytest.mark.parametrize("language", ["auto", "en", "en-NZ", "EN"])
def test_english_in_any_spelling_is_taken(recogniser, language):
    sound = audio.speech("one_word")

    assert isinstance(recogniser.transcribe(sound, regions(sound), language=language), list)


def test_another_language_is_refused_with_the_command_that_gets_an_engine_for_it(recogniser):
    with pytest.raises(EngineMissingError, match="English only") as refused:
        recogniser.transcribe(audio.speech("one_word"), [Region(0, 1)], language="hi")
    assert "auscult models pull" in refused.value.remedy


def test_cancelling_stops_at_once_and_the_next_call_works(recogniser):
    sound = np.tile(audio.speech("visit"), 4)
    apart = [Region(1.0, 3.5), Region(25.0, 45.0)]
    cancel = threading.Event()
    told: list[float] = []

    def stop_soon(_fraction: float) -> None:
        told.append(time.monotonic())
        cancel.set()

    with pytest.raises(CancelledError):
        recogniser.transcribe(sound, apart, cancelled=cancel.is_set, progress=stop_soon)

    assert time.monotonic() - told[0] < 1
    clip = audio.speech("question")
    assert recogniser.transcribe(clip, regions(clip))


def test_two_threads_hear_two_recordings_at_once_and_get_their_own(recogniser):
    clips = {name: audio.speech(name) for name in ("one_word", "question")}
    alone = {name: recogniser.transcribe(sound, regions(sound)) for name, sound in clips.items()}
    together: dict[str, list] = {}
    threads = [
        threading.Thread(target=lambda n=name, s=sound: together.update({n: recogniser.transcribe(s, regions(s))}))
        for name, sound in clips.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert together == alone


def test_other_threads_go_on_while_it_decodes(recogniser):
    """Pocketsphinx would hold the interpreter for seconds if it ran in this process."""
    sound = audio.speech("question")
    found = regions(sound)
    recogniser.transcribe(sound, found)
    done = threading.Event()
    gaps: list[float] = []

    def watch() -> None:
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(0.002)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    watching = threading.Thread(target=watch)
    watching.start()
    recogniser.transcribe(sound, found)
    done.set()
    watching.join()

    assert max(gaps) < 0.5


def test_a_decoder_that_is_killed_is_an_error_with_a_remedy_and_the_next_call_works():
    recogniser = SphinxRecogniser(processes=1)
    clip = audio.speech("question")
    before = set(children())

    def kill(_fraction: float) -> None:
        for one in set(children()) - before:
            one.kill()

    with pytest.raises(EngineFailedError) as failed:
        recogniser.transcribe(np.tile(clip, 8), [Region(1.0, 3.5), Region(23.0, 27.0)], progress=kill)
    assert failed.value.remedy
    assert recogniser.transcribe(clip, regions(clip)[:1])
    recogniser.close()


def test_closing_ends_its_processes():
    recogniser = SphinxRecogniser(processes=1)
    before = set(children())
    clip = audio.speech("one_word")
    recogniser.transcribe(clip, regions(clip))
    mine = set(children()) - before

    recogniser.close()

    assert mine
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in mine)


def test_a_model_that_is_not_there_is_named_with_the_command_that_makes_it(tmp_path):
    recogniser = SphinxRecogniser(tmp_path)

    assert "auscult train sphinx" in recogniser.missing()
    with pytest.raises(EngineMissingError):
        recogniser.transcribe(audio.silence(1), [Region(0, 1)])
