"""An agreement is told only where the patient gave one, and a refusal never comes out as one."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, texts

from auscult.engines.writer.offline.consenting import AGREES, NO_QUESTIONS, consent_in
from auscult.engines.writer.offline.sentences import sentences
from auscult.trust.grounding import check

TALK = ("P: I have had a cough.", "C: Any fever?", "P: No fever.", "C: Do you smoke?", "P: I don't smoke.")
PLAN = "C: I'm going to start you on doxycycline."


def told(*lines: str) -> list[str]:
    return [one.text for one in consent_in(sentences(consultation(*TALK, *lines)))]


@pytest.mark.parametrize(
    "lines",
    [
        (PLAN, "P: Sounds good."),
        (PLAN, "P: Sounds like a plan."),
        (PLAN, "C: How does that sound?", "P: Yes."),
        (PLAN, "C: Is that okay with you?", "P: That works for me."),
    ],
)
def test_a_yes_to_the_plan_is_an_agreement(lines: tuple[str, ...]) -> None:
    assert told(*lines) == [AGREES]


@pytest.mark.parametrize(
    "lines",
    [
        (PLAN, "P: Sounds good, but I don't like tablets."),
        (PLAN, "P: Sounds good. But I won't take tablets."),
        (PLAN, "P: Sounds good if it's covered."),
        (PLAN, "P: That sounds good. I would rather wait though."),
        (PLAN, "P: That works. Hmm, actually I don't want to take it."),
        (PLAN, "P: That's fine, I refuse to take it."),
        (PLAN, "P: I'd rather not."),
        (PLAN, "P: Sounds good.", "C: And I'd like to refer you to a surgeon.", "P: No, I don't want surgery."),
        (PLAN, "P: Sounds good.", "C: And I'd like to refer you to a surgeon.", "P: No."),
        (PLAN, "P: No, I don't want that.", "C: Then we'll wait and see you again.", "P: Sounds good."),
        (PLAN, "C: How does that sound?", "P: Not good."),
        (PLAN, "C: How does that sound?", "P: I don't know about that."),
        (PLAN, "C: Is that okay?", "P: Yeah I would rather wait."),
        (PLAN, "C: Sounds good."),
        (PLAN, "U: Sounds good."),
        (PLAN, "P: Okay."),
    ],
)
def test_a_refusal_a_condition_or_a_clinicians_own_word_is_none(lines: tuple[str, ...]) -> None:
    assert AGREES not in told(*lines)


def test_what_the_patient_refuses_is_told_of_them() -> None:
    assert told(PLAN, "P: I don't want to take it.") == ["The patient does not want to take it."]


def test_a_yes_early_in_the_talk_is_to_something_else() -> None:
    early = consultation(PLAN, "P: Sounds good.", "C: Any fever?", "P: No.", "C: Any cough?", "P: No.")
    assert consent_in(sentences(early)) == []


@pytest.mark.parametrize(
    ("lines", "so"),
    [
        (("C: Do you have any questions?", "P: No."), True),
        (("C: Any questions?", "P: No, thank you."), True),
        (("C: Any questions?", "P: No, but what about the rash?"), False),
        (("C: Any questions?", "P: No. What about driving?"), False),
        (("C: Any questions?", "P: No.", "C: Great.", "P: Actually, I have a question about driving."), False),
        (("C: Any rash?", "P: No."), False),
    ],
)
def test_no_further_questions_is_told_where_none_follows(lines: tuple[str, ...], so: bool) -> None:
    assert (NO_QUESTIONS in told(PLAN, *lines)) is so


async def test_agreement_and_refusal_stand_up_to_the_check() -> None:
    for answer, start in (
        ("P: Sounds good.", AGREES),
        ("P: I don't want to take it.", "The patient does not want to take it."),
    ):
        transcript = consultation(*TALK, PLAN, answer)
        checked = check(await note_of(transcript), transcript)
        (found,) = (one for one in checked.statements if one.text.startswith(start))
        assert found.supported
        assert not found.undecided


async def test_an_agreement_that_a_writer_makes_up_is_found_out() -> None:
    """The same sentence on the turns of a patient who doubts is not supported."""
    yes, no = consultation(*TALK, PLAN, "P: Sounds good."), consultation(*TALK, PLAN, "P: I don't know about that.")
    body = await note_of(yes)
    assert [one.supported for one in check(body, yes).statements if one.text == AGREES] == [True]
    assert [one.supported for one in check(body, no).statements if one.text == AGREES] == [False]


async def test_a_refused_medicine_stands_beside_the_refusal() -> None:
    body = await note_of(consultation(*TALK, PLAN, "P: I'd rather not take it."))
    plan = texts(body, "Assessment and plan")
    assert any(text.startswith("Start doxycycline") for text in plan)
    answered = texts(body, "Patient agreements")
    assert answered == ["The patient would rather not take it."]


async def test_an_order_that_was_refused_waits_for_the_clinicians_decision() -> None:
    body = await note_of(
        consultation(
            "P: I have had knee pain for a week.",
            "C: I'm going to prescribe meloxicam 15 mg once a day and I will order an x-ray of the knee.",
            "P: No, I would rather not take meloxicam.",
        )
    )
    flagged = {one.text: [flag.code for flag in one.flags] for one in body.statements if one.flags}
    assert any("eloxicam" in text and codes == ["patient_declined"] for text, codes in flagged.items()), flagged
    assert not any("x-ray" in text.lower() for text in flagged)
    assert [[flag.code for flag in one.flags] for one in body.medications] == [["patient_declined"]]
    assert any(one.flags and one.decision is None and "eloxicam" in one.text for one in body.statements)


async def test_an_order_that_was_agreed_to_is_not_flagged() -> None:
    body = await note_of(
        consultation(
            "P: I have had knee pain for a week.",
            "C: I'm going to prescribe meloxicam 15 mg once a day.",
            "P: That sounds good.",
        )
    )
    assert not [flag for one in body.statements for flag in one.flags if flag.code == "patient_declined"]
