"""A condition stays with what it limits, and what is asked, hoped for or lessened is not told as a fact."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, texts

from auscult.engines.writer.offline.punctuation import punctuated
from auscult.engines.writer.offline.sentences import sentences


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "not if i'm on my feet for a long time i'll notice a little bit of swelling but otherwise no",
            "not if i'm on my feet for a long time, i'll notice",
        ),
        ("well once i'm on my feet all day it hurts a lot more than it did", "feet all day, it hurts"),
    ],
)
def test_no_full_stop_stands_between_a_condition_and_what_it_limits(said: str, kept: str) -> None:
    assert kept in punctuated(said)


def test_what_is_made_sure_stays_with_the_making_sure() -> None:
    said = consultation(
        "C: we want to keep a close eye on you to make sure a week before your surgery you don't suddenly go into"
        " congestive heart failure and it gets postponed ."
    )
    assert [one.text for one in sentences(said) if one.text.startswith("you don't")] == []


@pytest.mark.parametrize(
    ("asked", "answered", "told"),
    [
        (
            "C: okay do you have any swelling in your lower extremities",
            "P: not if i'm on my feet for a long time i'll notice a little bit of swelling but otherwise no",
            "if they are on the feet for a long time, they will notice",
        ),
        (
            "C: how is the breathing",
            "P: i don't have quite as much shortness of breath i think walking is helping",
            "Reports having less shortness of breath.",
        ),
        (
            "C: any fevers with this at all",
            "P: no no fever kinda feel like i'm just bringing a whole bunch of yuck up once in a while though",
            "Denies fever; ",
        ),
    ],
)
async def test_a_limited_denial_keeps_its_limit(asked: str, answered: str, told: str) -> None:
    note = " ".join(texts(await note_of(consultation(asked, answered))))
    assert told in note
    assert "Denies quite" not in note
    assert "Denies fever feel" not in note


async def test_what_the_patient_asks_is_not_what_they_have() -> None:
    note = " ".join(texts(await note_of(consultation("P: okay when do i have to have the surgery on my knee"))))
    assert "has to have the surgery" not in note
