"""The word error rate counts what a listener would call an error, and nothing that is only spelling."""

from __future__ import annotations

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.evaluation.word_error import compare, normalise

WORDS = st.lists(st.sampled_from(["cough", "fever", "pain", "night", "doctor"]), max_size=12)


@given(WORDS, WORDS)
def test_it_agrees_with_the_established_tool_on_plain_words(said: list[str], heard: list[str]) -> None:
    mine = compare(" ".join(said), " ".join(heard))
    if not said:
        assert mine.rate == float(bool(heard))
        return
    theirs = jiwer.process_words(" ".join(said), " ".join(heard) or " ")
    assert mine.rate == pytest.approx(theirs.wer)
    assert mine.errors == theirs.substitutions + theirs.deletions + theirs.insertions


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("I'm fine, thanks!", "i am fine thanks"),
        ("one hundred milligrams", "100 mg"),
        ("thirty seven point two", "37.2"),
        ("ninety seven percent", "97%"),
        ("Doctor, I don\u2019t smoke.", "dr I do not smoke"),
    ],
)
def test_spelling_is_not_an_error(said: str, heard: str) -> None:
    assert compare(said, heard).rate == 0


def test_each_kind_of_error_is_counted() -> None:
    errors = compare("no chest pain today", "no just pain today please")
    assert (errors.substitutions, errors.deletions, errors.insertions) == (1, 0, 1)
    assert (errors.reference_words, errors.hypothesis_words) == (4, 5)
    assert errors.rate == 0.5


def test_more_invented_than_said_is_above_one_and_silence_is_all_errors() -> None:
    assert compare("cough", "a very bad cough at night").rate > 1
    assert compare("cough and fever", "").rate == 1


def test_hindi_words_are_words() -> None:
    assert normalise("मुझे बुखार है।") == ["मुझे", "बुखार", "है"]
