"""What a clinician says of themselves around a fact goes; the fact, its limits and its doubts stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.engines.writer.offline.asides import without_asides
from auscult.knowledge.numerals import numbers_in


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("i see here that you have asthma", "you have asthma"),
        ("the nurse told me that you had a fall", "you had a fall"),
        ("i hear a soft murmur, which we've heard before", "i hear a soft murmur"),
        ("you have some tenderness when i press here", "you have some tenderness on palpation"),
        ("there is swelling when i touch on your ankle", "there is swelling on palpation of your ankle"),
        ("it hurts when i bend your knee", "it hurts when bending your knee"),
        ("we did an x-ray of your hand", "an x-ray of your hand was obtained"),
        ("we ordered some blood tests", "some blood tests were obtained"),
        ("i recommended an ultrasound", "an ultrasound was recommended"),
        ("i'm concerned about the redness on your leg", "there is concern about the redness on your leg"),
        ("i do not think we need to do a scan", "it is not thought necessary to do a scan"),
        ("we're not going to change your tablets", "will not change your tablets"),
        ("come back and see me in two weeks", "come back in two weeks"),
        ("call me if the fever comes back", "call the clinic if the fever comes back"),
        ("your weight is the same since i've seen you", "your weight is the same since the last visit"),
    ],
)
def test_the_fact_stays_without_the_speaker(said: str, left: str) -> None:
    assert without_asides(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "i think that you have asthma",
        "i do not know that you have asthma",
        "you may have asthma if it comes back",
        "we will do an x-ray of your hand",
        "let me know how you get on",
    ],
)
def test_doubt_conditions_and_plans_are_no_asides(said: str) -> None:
    assert without_asides(said) == said


WORDS = st.sampled_from(["i", "we", "you", "see", "that", "have", "did", "not", "if", "5", "an x-ray", "call me", "on"])


@given(st.lists(WORDS))
def test_no_number_and_no_denial_is_lost_or_made(words: list[str]) -> None:
    said = " ".join(words)
    left = without_asides(said)
    assert numbers_in(left) <= numbers_in(said)
    assert ("not" in left.split()) == ("not" in words)
