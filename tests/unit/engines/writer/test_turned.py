"""A bare yes or no takes its sentence from the question; more than that, or what a finger points at, is left."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, texts

from auscult.domain.evidence import Polarity
from auscult.engines.writer.offline.turned import turned


@pytest.mark.parametrize(
    ("asked", "yes", "told"),
    [
        ("did you hear a pop", True, "The patient heard a pop."),
        ("did you hear a pop", False, "The patient did not hear a pop."),
        ("have you ever injured this arm before", False, "The patient has never injured the arm before."),
        ("have you ever had a colonoscopy", False, "The patient has never had a colonoscopy."),
        ("have you been taking your medications regularly", True,
         "The patient has been taking their medications regularly."),
        ("are you still taking the insulin", True, "The patient is still taking the insulin."),
        ("are you still taking the insulin", False, "The patient is no longer taking the insulin."),
        ("are you able to bend it", False, "The patient is not able to bend it."),
        ("does the pain radiate frequently", False, "The pain does not radiate frequently."),
        ("does it hurt more when you walk", True, "It hurts more when they walk."),
        ("do you take any insulin", False, "The patient does not take any insulin."),
        ("is your right finger hurting", True, "The right finger is hurting."),
    ],
)  # fmt: skip
def test_an_answer_takes_its_sentence_from_the_question(asked: str, told: str, yes: bool) -> None:
    found = turned(asked, yes=yes)
    assert found == (told, Polarity.AFFIRMED if yes else Polarity.NEGATED)


@pytest.mark.parametrize(
    "asked",
    [
        "does it hurt when i push here",
        "does that hurt",
        "do you have any questions",
        "are you ready to get started",
        "do you walk or run",
        "do you need a refill of the insulin",
        "did you watch the game",
        "can you bend your finger for me",
        "what medicine do you take",
        "",
        "did you",
    ],
)
def test_what_is_shown_or_is_no_history_is_left(asked: str) -> None:
    assert turned(asked, yes=True) is None
    assert turned(asked, yes=False) is None


async def test_the_note_tells_it_with_both_turns_as_its_source() -> None:
    body = await note_of(
        consultation("C: Did you hear a pop?", "P: No, I did not.", "C: Do you take insulin?", "P: I do.")
    )
    told = {
        one.text: [turn for source in one.sources for turn in source.turn_ids]
        for section in body.sections
        for one in section.statements
    }
    assert told["The patient did not hear a pop."] == ["t1", "t2"]
    assert all(one.supported for section in body.sections for one in section.statements)


async def test_an_answer_that_says_more_is_told_in_its_own_words() -> None:
    body = await note_of(consultation("C: Did you hear a pop?", "P: No, it was more of a crack in the knee."))
    assert "The patient did not hear a pop." not in texts(body)
