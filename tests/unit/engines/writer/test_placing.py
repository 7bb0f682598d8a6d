"""Where a retold sentence stands, and whom it is about."""

from __future__ import annotations

import pytest

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.placing import is_found, of_relative, placed
from auscult.engines.writer.offline.sentences import Sentence


@pytest.mark.parametrize(
    ("text", "part", "where"),
    [
        ("Mary is a 40-year-old female who presents today with a cough.", "plan", "subjective"),
        ("Will do a quick physical exam.", "examination", "none"),
        ("There is tenderness of the left elbow.", "subjective", "examination"),
        ("They did an x-ray before the patient came.", "results", "none"),
        ("The ferritin was 12.", "results", "results"),
        ("His throat is a bit red.", "plan", "examination"),
        ("Will order a chest x-ray.", "plan", "plan"),
    ],
)
def test_a_sentence_stands_where_its_words_belong(text: str, part: str, where: str) -> None:
    assert placed(text, Speaker.CLINICIAN, part) == where


def test_somebody_elses_illness_is_not_the_patients() -> None:
    told = [
        Sentence(TurnId("T1"), Speaker.OTHER, text, question=False, first=True)
        for text in ("i have a son also.", "he also has asthma.")
    ]
    assert of_relative(told, 1)
    assert not of_relative(told[1:], 0)


def test_what_is_heard_with_the_stethoscope_is_always_told() -> None:
    heard = Sentence(TurnId("T1"), Speaker.CLINICIAN, "i don't hear any wheezes", question=False, first=True)
    assert is_found(heard)
