"""What is one thought is one sentence; a guessed mark makes no question, and one side after another no correction."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation

from auscult.engines.writer.offline.sentences import sentences


def said(line: str) -> list[str]:
    return [one.text for one in sentences(consultation(line))]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("P: My left knee, sorry, right knee hurts.", "My right knee hurts."),
        ("P: My left knee hurts. Sorry, my right knee.", "My right knee hurts."),
        ("P: My left knee, no, right knee.", "My right knee."),
        ("P: my left knee no wait right knee is swollen", "my right knee is swollen"),
        ("P: My left knee, I mean the right.", "My right knee."),
        ("C: she's here for left leg pain. right leg pain, right leg pain?", "she's here for right leg pain?"),
    ],
)
def test_a_side_that_is_corrected_is_not_told(line: str, text: str) -> None:
    assert said(line) == [text]


@pytest.mark.parametrize(
    "line",
    [
        "P: The left knee and the right knee hurt.",
        "P: Left arm, right arm, left leg all ache.",
        "C: Strength is 5 in the left leg, right leg is 4.",
        "C: The left lung, right lung are clear.",
        "P: I have pain in the left knee, no right knee pain.",
        "P: Not the left knee, the right knee.",
        "C: left knee or right knee?",
    ],
)
def test_two_sides_one_after_the_other_are_two_findings(line: str) -> None:
    told = " ".join(said(line)).lower()
    assert "left" in told
    assert "right" in told


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("C: have you continue the lisinopril 20 mg", False),
        ("C: have you continued the lisinopril", True),
        ("C: I'd like to order an x-ray, okay?", False),
        ("C: Any fever?", True),
        ("C: There is some swelling of the ankle.", False),
    ],
)
def test_an_order_is_no_question(line: str, question: bool) -> None:
    assert [one.question for one in sentences(consultation(line))] == [question]


def test_a_guessed_question_mark_makes_no_question_of_what_a_clinician_states() -> None:
    line = (
        "C: so there's some swelling over the ankle there is no redness and your lungs are clear i'd like to order an "
        "x-ray of the ankle today"
    )
    found = sentences(consultation(line))
    assert not any(one.question for one in found)
