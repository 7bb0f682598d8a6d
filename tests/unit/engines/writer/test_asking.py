"""Questions put in every way people put them, and their answers."""

from __future__ import annotations

import pytest

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.asking import is_asked, pair
from auscult.engines.writer.offline.sentences import Sentence


def _pair(question: str, answer: str) -> tuple[Sentence, Sentence]:
    asked = Sentence(TurnId("T1"), Speaker.CLINICIAN, question, question.endswith("?"), first=True)
    return asked, Sentence(TurnId("T2"), Speaker.PATIENT, answer, question=False, first=True)


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("nausea, vomiting, diarrhea?", "no.", "Denies nausea, vomiting or diarrhea."),
        ("any chest pain, dizziness, or swelling?", "no none of that", "Denies chest pain, dizziness, or swelling."),
        ("any chest pain, dizziness, or swelling?", "no, just the swelling",
         "Denies chest pain or dizziness; reports swelling."),
        ("how about any nausea or vomiting", "no not as of today", "Denies nausea or vomiting."),
        ("so, no vision problems?", "correct.", "Denies vision problems."),
        ("make sure you're not having any chest pain", "no", "Denies chest pain."),
        ("other symptoms, have you had a fever or chills?", "not really", "Denies fever or chills."),
    ],
)  # fmt: skip
def test_a_list_is_denied_as_it_was_asked(question: str, answer: str, told: str) -> None:
    item = pair(*_pair(question, answer), heard_badly=False)
    assert item is not None
    assert item.text == told


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("when i push on your belly, do you have any pain?", "no"),
        ("any pain here?", "no"),
        ("have you injured that knee, did you fall or have pain?", "no"),
        ("so no fever?", "yes i had a fever"),
    ],
)
def test_what_only_holds_under_a_condition_is_not_denied(question: str, answer: str) -> None:
    assert pair(*_pair(question, answer), heard_badly=False) is None


def test_a_statement_that_is_answered_like_a_question_is_one() -> None:
    assert is_asked(*_pair("you don't have any numbness", "no"))
    assert not is_asked(*_pair("you don't have any numbness", "thank you"))


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("are you a smoker or did you smoke", "i did back years ago", "Used to smoke."),
        ("do you smoke?", "i quit 4 years ago", "Used to smoke."),
        ("do you smoke?", "no, i stopped 2 years ago", "Does not smoke; they stopped 2 years ago."),
        ("do you smoke?", "i quit but started again", "On smoking: they quit but started again."),
        ("how many years did you smoke for like 20", "yeah at least 20", None),
        ("have you ever smoked?", "no, never", "Has never smoked."),
        ("are you eating and drinking okay?", "none of that", None),
        ("so some pain with torsion and twisting, what about pronation?", "no", None),
        ("so some pain with torsion, what about fever?", "no", "Denies fever."),
    ],
)
def test_what_an_answer_does_not_say_is_not_told_of_its_question(question: str, answer: str, told: str | None) -> None:
    item = pair(*_pair(question, answer), heard_badly=False)
    assert (item.text if item else None) == told
