"""What stands in the note by its name alone: symptoms under their system, lasting illnesses, medicines that go on."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, texts

from auscult.domain.note import NoteBody


def section(body: NoteBody, title: str) -> list[str]:
    return [one.text for part in body.sections if part.title == title for one in part.statements]


async def test_a_symptom_the_patient_has_stands_under_its_system_too() -> None:
    body = await note_of(
        consultation(
            "C: What brings you in?",
            "P: I've been having some dizziness for a week and I feel out of breath on the stairs.",
        )
    )
    assert {"Reports dizziness.", "Reports shortness of breath."} <= set(section(body, "Review of systems"))


async def test_what_the_clinician_says_they_came_with_is_not_put_in_the_patients_mouth() -> None:
    body = await note_of(consultation("C: Mary is a 54-year-old woman here for right shoulder pain.", "P: Hello."))
    assert "Positive for right shoulder pain." in section(body, "Review of systems")
    assert "Reports right shoulder pain." not in texts(body)


@pytest.mark.parametrize(
    "said",
    [
        "P: I have no dizziness.",
        "P: If I get dizziness I sit down.",
        "P: My mother gets dizziness.",
        "P: I used to get dizziness.",
        "P: I wish I had some weight loss.",
        "P: The new tablet gave me dizziness.",
        "P: I'm worried that I might have vomiting.",
        "P: Dizziness runs through my mind as a word.",
    ],
)
async def test_what_is_denied_feared_past_or_anothers_is_no_symptom(said: str) -> None:
    body = await note_of(consultation("C: Go on.", said))
    assert not [text for text in section(body, "Review of systems") if text.startswith(("Reports", "Positive"))]


async def test_an_illness_spoken_of_as_the_patients_stands_in_the_history() -> None:
    body = await note_of(
        consultation(
            "C: How are you doing with your diabetes?",
            "P: Fine, thank you.",
            "C: And for your high blood pressure I want you to walk every day.",
        )
    )
    assert section(body, "Medical history") == ["The patient has a history of diabetes and hypertension."]
    [statement] = [one for one in body.statements if one.text.startswith("The patient has a history")]
    assert [turn for source in statement.sources for turn in source.turn_ids] == ["t1", "t3"]


@pytest.mark.parametrize(
    "said",
    ["C: Do you have asthma?", "C: Your mother's diabetes is well known to us.", "C: This lowers your diabetes risk."],
)
async def test_an_illness_that_is_asked_after_or_anothers_is_no_history(said: str) -> None:
    body = await note_of(consultation(said, "P: I see."))
    assert section(body, "Medical history") == []


async def test_a_medicine_that_goes_on_is_taken_with_the_dose_that_was_said() -> None:
    body = await note_of(
        consultation(
            "P: I take metformin.", "C: Please continue metformin 500 mg twice a day. Continue lisinopril 20 mg daily."
        )
    )
    assert section(body, "Medications") == [
        "Is taking metformin 500 mg twice a day.",
        "Is taking lisinopril 20 mg daily.",
    ]
    [own] = [one for one in body.statements if one.text.startswith("Is taking metformin")]
    assert [turn for source in own.sources for turn in source.turn_ids] == ["t1", "t2"]
    assert "Continue metformin 500 mg twice a day." in section(body, "Assessment and plan")


async def test_a_dose_that_the_patient_says_stays_theirs() -> None:
    body = await note_of(consultation("P: I take metformin 850 mg.", "C: Continue metformin 500 mg twice a day."))
    assert "Is taking metformin 850 mg." in section(body, "Medications")


async def test_nothing_of_a_badly_heard_recording_is_told_by_name() -> None:
    body = await note_of(consultation("C: How is your diabetes?", "P: I have dizziness", demo_quality=True))
    assert section(body, "Medical history") == []


async def test_an_injury_that_hurts_is_pain_under_its_system_and_one_that_does_not_is_none() -> None:
    body = await note_of(
        consultation("C: You hurt your right knee?", "P: Yes, my right knee.", "P: It hurts to stand.")
    )
    assert "Reports right knee pain." in section(body, "Review of systems")
    body = await note_of(
        consultation("P: I hurt my right knee.", "P: It does not hurt any more.", "P: My back is sore.")
    )
    assert not any("knee pain" in text for text in section(body, "Review of systems"))


async def test_what_was_tried_or_taken_before_is_not_told_as_taken_now() -> None:
    body = await note_of(
        consultation(
            "C: Any medicines?",
            "P: I take metformin. I tried Tylenol a few times for the headache but it didn't work.",
            "P: And I took some ibuprofen yesterday.",
        )
    )
    assert section(body, "Medications") == [
        "Is taking metformin.",
        "Has tried Tylenol for headache.",
        "Has taken ibuprofen.",
    ]
    flagged = {one.name: [flag.code for flag in one.flags] for one in body.medications}
    assert flagged == {"metformin": [], "Tylenol": ["earlier_use"], "ibuprofen": ["earlier_use"]}


async def test_what_is_said_to_be_taken_after_all_is_taken() -> None:
    body = await note_of(consultation("P: I took ibuprofen yesterday.", "P: I am taking ibuprofen every day now."))
    assert [flag.code for one in body.medications for flag in one.flags] == []
    assert [text for text in section(body, "Medications") if text.startswith("Is taking ibuprofen")]


async def test_what_was_injected_in_the_room_is_not_taken() -> None:
    body = await note_of(
        consultation("C: I injected one cc of Celestone with half a cc of lidocaine. The patient had no reaction.")
    )
    assert body.medications == ()
    assert section(body, "Medications") == []


@pytest.mark.parametrize(
    "said",
    [
        "C: I saw that Dr. Brown put you on BuSpar. Have you been on that before?",
        "C: I see that we have you on the BuSpar.",
        "C: For medications, I have that you take BuSpar.",
    ],
)
async def test_what_the_clinician_says_is_taken_is_no_order_to_continue(said: str) -> None:
    body = await note_of(consultation(said, "P: Hmm."))
    assert section(body, "Medications") == ["Is taking BuSpar."]
    assert not [one.text for one in body.statements if "Continue" in one.text]


async def test_an_order_to_continue_stays_one_when_the_medicine_is_named_again() -> None:
    body = await note_of(
        consultation("C: Continue the lisinopril 20 mg daily and the aspirin.", "C: So you're taking the lisinopril.")
    )
    assert {"Continue lisinopril 20 mg daily.", "Continue aspirin."} <= {one.text for one in body.statements}


async def test_a_dose_of_thousands_is_read_whole() -> None:
    body = await note_of(consultation("C: Let's increase the metformin to 1,000 mg twice a day."))
    assert [(one.name, one.strength) for one in body.medications] == [("metformin", "1,000 mg")]


async def test_the_dose_of_one_medicine_is_not_given_to_the_next() -> None:
    body = await note_of(
        consultation(
            "C: So you're taking 50,000 units on Sundays and then clindamycin prior to dental procedures, correct?",
            "P: Yeah, that's right.",
        )
    )
    assert [(one.name, one.dose) for one in body.medications] == [("clindamycin", "")]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("C: Stay on two Tylenol 500 milligrams.", "Continue Tylenol 500 mg, 2 at a time."),
        ("C: Stay on two ibuprofen 200 milligram tablets.", "Continue ibuprofen 200 mg 2 tablets."),
        ("P: I take one or two ibuprofen a day.", "Is taking ibuprofen 1 or 2 a day."),
        ("C: Continue two metformin 500 mg twice a day.", "Continue metformin 500 mg, 2 twice a day."),
    ],
)
async def test_how_many_are_taken_is_said_before_the_name_too(said: str, told: str) -> None:
    assert told in [one.text for one in (await note_of(consultation(said))).statements]


async def test_what_they_are_on_takes_its_dose_from_the_answer() -> None:
    body = await note_of(
        consultation("C: I see that Dr. Patel has you on lisinopril as well.", "P: Yes, 10 mg every morning.")
    )
    assert section(body, "Medications") == ["Is taking lisinopril 10 mg every morning."]
    [own] = [one for one in body.statements if "lisinopril" in one.text]
    assert [turn for source in own.sources for turn in source.turn_ids] == ["t1", "t2"]


async def test_a_later_number_is_no_dose_of_what_they_are_on() -> None:
    body = await note_of(
        consultation(
            "C: I see that Dr. Patel has you on lisinopril.",
            "P: Yeah.",
            "C: And how far do you walk?",
            "P: 10 mg of salt, no, 10 blocks.",
        )
    )
    assert [(one.name, one.strength) for one in body.medications] == [("lisinopril", "")]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("P: I take 1,000 mg of metformin twice a day.", "Is taking metformin 1,000 mg twice a day."),
        ("P: I tried two ibuprofen last night.", "Has tried ibuprofen 2 at a time."),
    ],
)
async def test_a_dose_before_the_name_is_read_whole(said: str, told: str) -> None:
    body = await note_of(consultation(said))
    assert section(body, "Medications") == [told]
    assert not body.statements[0].flags


async def test_a_complaint_is_endorsed_once_whatever_its_article() -> None:
    body = await note_of(
        consultation("C: What brings you in?", "P: I've had a sore throat for four days.", "C: I see.", "P: Yes.")
    )
    assert section(body, "Review of systems") == ["Reports sore throat."]
