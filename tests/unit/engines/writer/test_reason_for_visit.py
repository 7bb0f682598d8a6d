"""The chief complaint is what was said to bring the patient, never what was denied, corrected or an allergy."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, texts

from auscult.engines.writer.offline.reason_for_visit import presents, reason_for_visit
from auscult.engines.writer.offline.sentences import sentences


def reason(*lines: str) -> tuple[str, tuple[str, ...]] | None:
    found = reason_for_visit(sentences(consultation(*lines)))
    return (found.text, found.turn_ids) if found else None


@pytest.mark.parametrize(
    ("lines", "text", "turns"),
    [
        (("C: Mr Brown presents today with back pain.",), "Back pain.", ("t1",)),
        (("C: What brings you in?", "P: I have a sore throat."), "Sore throat.", ("t2",)),
        (("C: What brings you in?", "P: I came in because of my chest pain."), "Chest pain.", ("t2",)),
        (("P: My knee has been hurting.", "C: Which?", "P: The left knee."), "Left knee pain.", ("t1", "t3")),
        (("P: My knee is hurting.", "C: The left knee?", "P: The right knee is worse."), "Knee pain.", ("t1",)),
        (("C: You're here with left shoulder pain.", "P: No, the right shoulder."), "Right shoulder pain.",
         ("t1", "t2")),
        (("C: You're here with right knee pain.", "P: It's not the right knee, it's the left knee."), "Left knee pain.",
         ("t1", "t2")),
        (("P: I'm doing okay aside from this left shoulder pain that I've been having.",), "Left shoulder pain.",
         ("t1",)),
        (("P: My doctor wanted me to see you because of this knee pain.",), "Knee pain.", ("t1",)),
        (("P: I've been having this sharp pain on the right side of my abdomen below my ribs.",),
         "Sharp pain on the right side of the abdomen.", ("t1",)),
        (("C: She is here for abnormal lab findings.",), "Abnormal lab findings.", ("t1",)),
        (("C: Chief complaint is left arm pain. Hello, how are you?",), "Left arm pain.", ("t1",)),
        (("C: She was referred by Dr Nelson for iron deficiency anemia.",), "Iron deficiency anemia.", ("t1",)),
        (("C: This is a 52-year-old male with a newly diagnosed pituitary lesion.",),
         "Newly diagnosed pituitary lesion.", ("t1",)),
        (("C: Ms Hill is here for a right elbow.",), "Right elbow problem.", ("t1",)),
        (("C: How are you?", "P: My blood pressure has been quite high."), "High blood pressure.", ("t2",)),
        (("C: You were in the hospital for heart failure.",), "Heart failure.", ("t1",)),
        (("P: My left knee, sorry, my right knee hurts.",), "Right knee pain.", ("t1",)),
        (("P: My left knee hurts. Sorry, my right knee.",), "Right knee pain.", ("t1",)),
        (("P: I have diabetes and I twisted my ankle.",), "Ankle injury.", ("t1",)),
        (("P: My mother has diabetes.", "P: I have a cough."), "Cough.", ("t2",)),
        (("C: The nurse said you have a cough.", "P: No. I have a rash."), "Rash.", ("t2",)),
    ],
)  # fmt: skip
def test_the_reason_is_told_in_the_words_of_who_said_it(
    lines: tuple[str, ...], text: str, turns: tuple[str, ...]
) -> None:
    assert reason(*lines) == (text, turns)


@pytest.mark.parametrize(
    "lines",
    [
        ("C: Any chest pain?", "P: No, I have no chest pain."),
        ("C: Do you have a cough?", "P: No, I don't have a cough."),
        ("C: You are here for knee pain.", "P: No, it's my hip."),
        ("C: The nurse said you have a headache.", "P: No, I don't have a headache."),
        ("P: I'm allergic to penicillin.",),
        ("C: He's here because of an allergy to nuts.", "P: Yes."),
        ("P: I was here for a cough in March.",),
        ("C: Hello.", "P: Hello."),
    ],
)
def test_what_is_denied_an_allergy_or_of_another_time_is_no_reason(lines: tuple[str, ...]) -> None:
    assert reason(*lines) is None


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("C: She is here for her annual physical.", "The patient presents today for an annual physical."),
        ("C: You are here for a follow up of your gout.", "The patient presents today for follow up of gout."),
        ("P: I'm here for my medication refill.", "The patient presents today for a medication refill."),
        ("P: I came in with a headache.", "The patient presents today for evaluation of headache."),
    ],
)
def test_a_kind_of_visit_is_said_as_one(said: str, told: str) -> None:
    found = reason_for_visit(sentences(consultation(said)))
    assert found is not None
    assert presents(found).text == told


async def test_the_english_half_of_a_mixed_talk_gives_no_reason() -> None:
    transcript = consultation("P: मुझे दो दिन से बुखार है", "P: I have a cough.")
    hindi = transcript.turns[0].model_copy(update={"language": "hi"})
    body = await note_of(transcript.model_copy(update={"turns": (hindi, transcript.turns[1])}))
    assert texts(body, "Chief complaint") == []


async def test_who_was_introduced_is_not_introduced_again() -> None:
    body = await note_of(consultation("C: Ms Hill is a 40-year-old woman who presents today with back pain."))
    assert texts(body, "Chief complaint") == ["Back pain."]
    assert not any(text.startswith("The patient presents") for text in texts(body))
