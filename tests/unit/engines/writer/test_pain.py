"""How bad the pain is, and of what kind, is told as the patient answers it; never a score of another time."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, texts

from auscult.engines.writer.offline.pain import pain_described, pain_scores
from auscult.engines.writer.offline.sentences import sentences


def scores(*lines: str) -> list[str]:
    return [item.text for item in pain_scores(sentences(consultation(*lines)))]


def kinds(*lines: str) -> list[str]:
    return [item.text for item in pain_described(sentences(consultation(*lines)))]


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("What would you rate your pain?", "It's like a nine.", "9"),
        ("On a scale of 1 to 10 how severe is your pain?", "It's a seven.", "7 out of 10"),
        ("Can you rate your pain?", "Eleven out of ten.", "11 out of 10"),
        ("Can you rate your pain for me?", "I would say six to seven out of 10.", "6 to 7 out of 10"),
        ("Without any medication can you rate your pain out of 10?", "About an 8.", "8 out of 10 without medication"),
        ("What is your pain level?", "It's a 6 out of 10 without ibuprofen.", "6 out of 10 without ibuprofen"),
        ("How bad is the pain on a scale of 1 to 10 with 10 being the worst?", "Right now it's a 6.", "6 out of 10"),
    ],
)  # fmt: skip
def test_a_score_is_told_with_what_limits_it(question: str, answer: str, told: str) -> None:
    assert scores(f"C: {question}", f"P: {answer}") == [f"The patient rates the pain as {told}."]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What would you rate your pain?", "It was a 9 when I fell."),
        ("What would you rate your pain?", "I took 2 tablets."),
        ("What would you rate your pain?", "It started 3 days ago."),
        ("What would you rate your pain?", "It's bad."),
        ("It's with ibuprofen, so what's your pain level without then?", "A 6."),
        ("What is your temperature?", "A 6."),
    ],
)
def test_what_is_no_score_of_now_is_not_told(question: str, answer: str) -> None:
    assert scores(f"C: {question}", f"P: {answer}") == []


def test_the_kind_of_pain_is_told_where_it_was_asked() -> None:
    asked = "C: Is the pain constant or does it come and go?"
    assert kinds(asked, "P: It's constant.") == ["The pain is constant."]
    assert kinds(asked, "P: It's constant and throbbing.") == ["The pain is constant and throbbing."]
    assert kinds(asked, "P: It's not constant.") == []
    assert kinds(asked, "P: It's sharp when I bend.") == []
    assert kinds("C: How was the drive?", "P: The road was dull.") == []


async def test_the_note_has_them_and_holds_them_supported() -> None:
    body = await note_of(
        consultation("C: Can you rate your pain from 1 to 10?", "P: A seven.", "C: Describe the pain?", "P: It's dull.")
    )
    assert {"The patient rates the pain as 7 out of 10.", "The pain is dull."} <= set(texts(body))
    assert all(one.supported for section in body.sections for one in section.statements)
