"""Loops and inventions go; what people say stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain.transcript import Word
from auscult.engines.speech import Heard
from auscult.engines.speech.repetition import LONGEST_PHRASE, MAX_WORD_REPEATS, collapse, without_loops


def heard(text: str, confidence: float = 0.9, *, timed: bool = True) -> Heard:
    words = tuple(
        Word(text=word, start=at / 2, end=at / 2 + 0.4, confidence=confidence) for at, word in enumerate(text.split())
    )
    return Heard(text, 0.0, len(words) / 2, confidence, "en", words if timed else ())


@pytest.mark.parametrize(
    "said",
    [
        "no no no",
        "no, no, no, no",
        "it is very very bad",
        "it comes and goes and comes and goes",
        "yes yes I do I do",
        "one two three one two",
        "I had had it before",
    ],
)
def test_what_people_repeat_is_kept(said):
    kept, removed = without_loops([heard(said)])

    assert [one.text for one in kept] == [said]
    assert removed == 0


@pytest.mark.parametrize(
    ("said", "left", "cut"),
    [
        ("the the the the the the the pain", "the the the the pain", 3),
        ("and I was, and I was, and I was, and I was tired", "and I was, and I was, tired", 6),
        ("twice a day " * 20, "twice a day twice a day", 54),
        ("I I I I I I I I", "I I I I", 4),
        ("Thank you. Thank you. thank you thank you so much", "Thank you. Thank you. so much", 4),
    ],
)
def test_a_loop_is_cut_to_what_a_person_might_say_and_counted(said, left, cut):
    kept, removed = without_loops([heard(said)])

    assert [one.text for one in kept] == [left]
    assert removed == cut
    assert [word.text for word in kept[0].words] == left.split()
    assert kept[0].end == kept[0].words[-1].end


def test_a_loop_is_cut_when_there_are_no_word_times():
    kept, removed = without_loops([heard("pain pain pain pain pain pain", timed=False)])

    assert kept[0].text == "pain pain pain pain"
    assert removed == 2


def test_the_same_segment_over_and_over_is_cut():
    kept, removed = without_loops([heard("Take it with food.")] * 8)

    assert len(kept) == 3
    assert removed == 20


def test_three_short_answers_are_three_answers():
    kept, _ = without_loops([heard("Yes.")] * 3)

    assert len(kept) == 3


@pytest.mark.parametrize("invented", ["Thanks for watching!", "Please subscribe.", "Thank you.", "धन्यवाद।"])
def test_a_well_known_invention_is_dropped_only_when_it_was_hardly_heard(invented):
    dropped, removed = without_loops([heard(invented, 0.2)])
    kept, _ = without_loops([heard(invented, 0.9)])

    assert dropped == []
    assert removed == len(invented.split())
    assert [one.text for one in kept] == [invented]


def test_a_sentence_that_only_holds_such_words_is_never_dropped():
    kept, _ = without_loops([heard("Thank you for watching your diet.", 0.1)])

    assert len(kept) == 1


words = st.lists(st.sampled_from(["a", "b", "c", "no", "pain"]), max_size=60)


@given(words)
def test_what_is_left_is_in_order_and_nothing_is_made_up(said):
    collapsed = collapse(said)

    assert list(collapsed.kept) == sorted(set(collapsed.kept))
    assert collapsed.removed == len(said) - len(collapsed.kept)
    assert {said[index] for index in collapsed.kept} == set(said)


@given(words)
def test_no_word_is_left_more_often_in_a_row_than_allowed(said):
    left = [said[index] for index in collapse(said).kept]

    assert all(len(set(left[at : at + MAX_WORD_REPEATS + 1])) > 1 for at in range(len(left) - MAX_WORD_REPEATS))


@given(st.lists(st.integers(), unique=True, min_size=2, max_size=LONGEST_PHRASE), st.integers(3, 40))
def test_a_repeated_phrase_of_any_length_is_cut_to_two(phrase, times):
    said = [str(word) for word in phrase] * times

    assert len(collapse(said).kept) == 2 * len(phrase)


@given(st.lists(st.integers(), unique=True, max_size=60))
def test_words_that_do_not_repeat_are_left_alone(said):
    assert collapse([str(word) for word in said]).removed == 0
