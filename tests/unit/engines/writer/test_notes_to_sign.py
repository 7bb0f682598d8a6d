"""Invented everyday consultations, read as the GP who has to sign the note: what must be in it, and what must not."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, texts

from auscult.domain.note import NoteBody
from auscult.domain.transcript import Speaker, Transcript
from auscult.engines.writer.offline.consenting import AGREES
from auscult.trust.grounding import check

REFUSAL = (
    "C: Good morning, what brings you in?",
    "P: I've had a burning pain in my stomach for about three weeks, mostly after I eat.",
    "C: Any vomiting or black stools?",
    "P: No vomiting. No black stools.",
    "C: Do you take any painkillers?",
    "P: I take ibuprofen 400 mg three times a day for my back.",
    "C: I think this is gastritis from the ibuprofen. I'd like you to stop the ibuprofen. I'm going to start you on "
    "omeprazole 20 mg once a day for four weeks.",
    "P: I'd rather not take another tablet.",
    "C: It would protect your stomach.",
    "P: No, I don't want to take it. I'll stop the ibuprofen though.",
    "C: Okay. Let's see you again in two weeks. Any questions?",
    "P: No, thank you.",
)
CORRECTIONS = (
    "C: What can I do for you?",
    "P: My left knee hurts. Sorry, my right knee.",
    "C: What do you take regularly?",
    "P: I take amlodipine 10 mg. No wait, 5 mg once a day.",
    "C: There is a small effusion in the right knee.",
    "C: I think it's a meniscal tear. I'd recommend an MRI. I'll give you ibuprofen 600 mg, sorry, 400 mg three times "
    "a day with food.",
    "P: I don't want to see a surgeon. I refuse surgery.",
    "C: That's okay. We'll do the MRI first.",
    "P: Okay, the MRI sounds good.",
)
BARE = (
    "P: yeah so i've got this pain in my right shoulder it's been going on for like two months now",
    "C: any numbness or tingling down the arm",
    "P: no numbness no tingling",
    "C: okay on your shoulder exam there's some tenderness over the front of the shoulder there is no swelling",
    "C: so i think you have rotator cuff tendinopathy i'm going to refer you to physiotherapy and we could do an "
    "injection if it's not better how does that sound",
    "P: sounds good but i don't want an injection",
)
CHILD = (
    "C: Hello Mia, hello mum. What's been happening?",
    "O: She's had a fever since Friday and she's pulling at her left ear.",
    "C: The left ear drum is red and bulging. The right ear is normal. Her chest is clear.",
    "C: She has an ear infection. I'll give her amoxicillin 250 mg three times a day for five days.",
    "O: Okay, that sounds good.",
)
ELDERLY = (
    "O: He's been more confused since Sunday and he fell on Monday.",
    "C: Which medicines does he take?",
    "O: He takes metoprolol 50 mg twice a day and warfarin.",
    "C: There is no tenderness over the hip. You can walk normally.",
    "C: This looks like a urinary tract infection. We'll start trimethoprim 200 mg twice a day for seven days.",
    "P: That sounds fine.",
)


def visit(lines: tuple[str, ...]) -> Transcript:
    """Lines as in `consultation`; `O:` is somebody else in the room."""
    heard = consultation(*(line.replace("O:", "U:", 1) for line in lines))
    turns = [
        turn.model_copy(update={"speaker": Speaker.OTHER}) if line.startswith("O:") else turn
        for turn, line in zip(heard.turns, lines, strict=True)
    ]
    spoken: Transcript = heard.model_copy(update={"turns": tuple(turns)})
    return spoken


async def note(lines: tuple[str, ...]) -> NoteBody:
    transcript = visit(lines)
    return check(await note_of(transcript), transcript)


@pytest.mark.parametrize("lines", [REFUSAL, CORRECTIONS, BARE], ids=["refusal", "corrections", "without marks"])
async def test_a_refusal_is_in_the_note_and_no_agreement(lines: tuple[str, ...]) -> None:
    told = texts(await note(lines), "Patient agreements")
    assert AGREES not in told
    assert any("rather not" in text or " not " in text or "no to" in text for text in told), told


async def test_both_times_that_a_tablet_was_refused_are_told() -> None:
    told = texts(await note(REFUSAL))
    answered = texts(await note(REFUSAL), "Patient agreements")
    assert answered[0] == "The patient would rather not take another tablet."
    assert "does not want to take it" in answered[1]
    assert "Stop ibuprofen." in told
    assert texts(await note(REFUSAL), "Chief complaint") == ["Stomach pain."]


async def test_a_corrected_side_and_dose_are_the_only_ones_told() -> None:
    told = texts(await note(CORRECTIONS))
    assert "Right knee pain." in told
    assert "Is taking amlodipine 5 mg once a day." in told
    assert "Start ibuprofen 400 mg 3 times a day with food." in told
    assert not [text for text in told if "left" in text.lower() or "10 mg" in text or "600" in text]
    assert texts(await note(CORRECTIONS), "Medical history") == [], "a surgery that is refused was not had"


async def test_what_is_said_without_marks_is_told_in_sentences() -> None:
    told = texts(await note(BARE))
    assert "Denies numbness or tingling." in told
    assert "Will do an injection." not in told


async def test_a_childs_new_medicine_is_started() -> None:
    told = texts(await note(CHILD))
    assert "Start amoxicillin 250 mg 3 times a day for 5 days." in told
    assert not any(text.startswith("Continue") for text in told)
    assert AGREES not in told, "a parent is not the patient"


async def test_what_a_carer_says_is_taken_is_no_order() -> None:
    body = await note(ELDERLY)
    assert texts(body, "Medications") == ["Is taking metoprolol 50 mg twice a day.", "Is taking warfarin."]
    assert "Start trimethoprim 200 mg twice a day for 7 days." in texts(body, "Assessment and plan")
    assert AGREES in texts(body)
    assert not any("walk" in text for text in texts(body, "Assessment and plan"))


@pytest.mark.parametrize("lines", [REFUSAL, CORRECTIONS, BARE, CHILD, ELDERLY])
async def test_every_sentence_stands_up_to_the_check(lines: tuple[str, ...]) -> None:
    assert [one.text for one in (await note(lines)).statements if not one.supported] == []
