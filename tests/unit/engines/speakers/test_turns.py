"""Heard segments become turns with stable ids."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain.transcript import Speaker, Word
from auscult.engines.speakers.turns import build_turns
from auscult.engines.speech import Heard

ROLES = {0: Speaker.CLINICIAN, 1: Speaker.PATIENT}


def heard(text: str, start: float, end: float, confidence: float = 0.9, language: str = "en") -> Heard:
    return Heard(text, start, end, confidence, language)


def test_adjacent_segments_of_one_speaker_are_one_turn() -> None:
    turns = build_turns([heard("any", 0, 1), heard("fever", 1.2, 2), heard("no", 2.5, 3)], [0, 0, 1], ROLES)
    assert [(turn.id, turn.speaker, turn.text) for turn in turns] == [
        ("t1", Speaker.CLINICIAN, "any fever"),
        ("t2", Speaker.PATIENT, "no"),
    ]
    assert (turns[0].start, turns[0].end) == (0, 2)


def test_a_long_pause_or_another_language_begins_a_new_turn() -> None:
    segments = [heard("one", 0, 1), heard("two", 5, 6), heard("तीन", 6.1, 7, language="hi")]
    assert [turn.text for turn in build_turns(segments, [0, 0, 0], ROLES)] == ["one", "two", "तीन"]


def test_two_channels_that_arrive_one_after_the_other_are_put_in_the_order_of_time() -> None:
    segments = [heard("any fever", 0, 1), heard("any cough", 3, 4), heard("no", 1.5, 2), heard("yes", 4.5, 5)]
    turns = build_turns(segments, [0, 0, 1, 1], ROLES)
    assert [turn.text for turn in turns] == ["any fever", "no", "any cough", "yes"]


def test_confidence_is_the_mean_over_the_words() -> None:
    words = (Word(text="no", start=0, end=1, confidence=0.2), Word(text="fever", start=1, end=2, confidence=0.8))
    segment = Heard("no fever", 0, 2, 0.9, "en", words)
    assert build_turns([segment], [1], ROLES)[0].confidence == pytest.approx(0.5)
    assert build_turns([heard("a", 0, 1, 0.4), heard("b c d", 1, 2, 0.8)], [1, 1], ROLES)[
        0
    ].confidence == pytest.approx(0.7)


def test_a_voice_without_a_role_is_unknown_and_empty_segments_are_dropped() -> None:
    turns = build_turns([heard("hello", 0, 1), heard("  ", 1, 2)], [7, 7], ROLES)
    assert [(turn.speaker, turn.text) for turn in turns] == [(Speaker.UNKNOWN, "hello")]


def test_labels_that_do_not_match_the_segments_are_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        build_turns([heard("hello", 0, 1)], [], ROLES)


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 100), st.floats(0, 5)), max_size=20))
def test_no_word_is_lost_and_turns_are_in_order(talk: list[tuple[int, float, float]]) -> None:
    segments = [heard(f"w{n}", start, start + length) for n, (_who, start, length) in enumerate(talk)]
    turns = build_turns(segments, [who for who, _start, _length in talk], ROLES)
    said = [word for turn in turns for word in turn.text.split()]
    assert sorted(said) == sorted(f"w{n}" for n in range(len(talk)))
    assert all(before.start <= after.start for before, after in pairwise(turns))
