"""What one answer denies and owns to is told apart; a denial never reaches over the word that ends it."""

from __future__ import annotations

import pytest

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.mixed_answers import mixed_answer
from auscult.engines.writer.offline.sentences import Sentence


def told(question: str, answer: str) -> list[str]:
    asked = Sentence(TurnId("T1"), Speaker.CLINICIAN, question, question=True, first=True)
    given = Sentence(TurnId("T2"), Speaker.PATIENT, answer, question=False, first=True)
    return [item.text for item in mixed_answer([asked], given)]


@pytest.mark.parametrize(
    ("question", "answer", "statements"),
    [
        ("weight loss, constipation, vomiting?", "no vomiting but constipation and weight loss",
         ["Denies vomiting.", "Reports constipation.", "Reports weight loss."]),
        ("any nausea, chills, fever?", "no fever some chills", ["Denies fever.", "Reports chills."]),
        ("any cough or fever?", "i have a cough, no fever", ["Reports a cough.", "Denies fever."]),
        ("any cough or fever?", "a little cough but i haven't had a fever", ["Reports a cough.", "Denies fever."]),
    ],
)  # fmt: skip
def test_both_are_told(question: str, answer: str, statements: list[str]) -> None:
    assert told(question, answer) == statements


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("any cough or fever?", "no cough or fever"),
        ("any cough or fever?", "maybe a cough but no fever"),
        ("any cough or fever?", "not as much cough but a fever"),
        ("any cough or fever?", "no"),
        ("how are you?", "no cough but a fever"),
        ("any cough or fever?", "no, only when i have a fever i cough"),
    ],
)
def test_anything_else_is_left_to_the_rules_of_plain_answers(question: str, answer: str) -> None:
    assert told(question, answer) == []
