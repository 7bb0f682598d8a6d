"""What the offline writer makes of the things that are said in GP visits."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, soap_note_of, texts

from auscult.domain.errors import InvalidError
from auscult.domain.evidence import Polarity
from auscult.domain.medication import MedicationStatus
from auscult.domain.note import NoteBody
from auscult.engines.writer import KnownHistory


def medicines(body: NoteBody) -> dict[str, tuple[str, MedicationStatus]]:
    return {one.name: (one.line, one.status) for one in body.medications}


@pytest.mark.parametrize(
    ("question", "answer", "note"),
    [
        ("Any fever?", "No.", "Denies fever."),
        ("any fever", "no", "Denies fever."),
        ("Have you had any fever?", "No, no fever.", "Denies fever."),
        ("Any chest pain?", "Yes, when I walk.", "Reports chest pain; when they walk."),
        ("Do you get headaches?", "Not really.", "Denies headaches."),
        ("Are you short of breath?", "Yes.", "Reports being short of breath."),
        ("Do you smoke?", "Yes, ten a day.", "Smokes; 10 a day."),
        ("Do you drink alcohol?", "No.", "Does not drink alcohol."),
        ("How long have you had the cough?", "About three weeks.", "Duration: approximately 3 weeks."),
        ("Where is the pain?", "On the left side.", "Site: on the left side."),
        ("Are you allergic to anything?", "No, not that I know of.", "Reports no allergies to anything."),
        ("Do you have any fever?", "I don't know.", "Is not sure about fever."),
    ],
)
async def test_a_question_and_its_answer_are_one_statement(question: str, answer: str, note: str) -> None:
    body = await soap_note_of(consultation(f"C: {question}", f"P: {answer}"))
    assert texts(body) == [note]
    assert body.statements[0].turn_ids == ("t1", "t2")


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ("No chest pain.", "Denies chest pain."),
        ("I don't have a headache.", "Denies headache."),
        ("I haven't had any vomiting.", "Denies vomiting."),
        ("I have had no fever.", "Denies fever."),
        ("no no fever", "Denies fever."),
    ],
)
async def test_a_denial_is_never_turned_into_a_complaint(said: str, note: str) -> None:
    body = await soap_note_of(consultation(f"P: {said}"))
    assert texts(body) == [note]
    assert body.statements[0].polarity is Polarity.NEGATED


async def test_no_wheeze_on_examination_stays_no_wheeze_and_the_right_ear_the_right_one() -> None:
    body = await soap_note_of(consultation("C: No wheeze in your chest. Right ear is red."))
    assert texts(body) == ["There is no wheeze in the chest.", "Right ear is red."]


async def test_stopping_starting_and_changing_are_kept_apart_in_one_sentence() -> None:
    body = await soap_note_of(
        consultation(
            "C: Increase metformin from 500 to 1000 mg twice a day.",
            "C: Stop gliclazide and start empagliflozin 10 mg once daily.",
            "C: Continue aspirin 100 mg daily. Don't take ibuprofen.",
        )
    )
    assert medicines(body) == {
        "metformin": ("metformin 1000 mg twice a day", MedicationStatus.CHANGED),
        "gliclazide": ("stop gliclazide", MedicationStatus.STOPPED),
        "empagliflozin": ("empagliflozin 10 mg once daily", MedicationStatus.STARTED),
        "aspirin": ("aspirin 100 mg daily", MedicationStatus.TAKING),
    }
    assert "Stop gliclazide." in texts(body, "Plan")
    assert "Advised not to take ibuprofen." in texts(body, "Plan")


async def test_each_of_two_medicines_gets_its_own_dose() -> None:
    body = await soap_note_of(
        consultation("C: Take paracetamol 500 mg every six hours and 400 mg of ibuprofen three times a day.")
    )
    assert [one.line for one in body.medications] == [
        "paracetamol 500 mg every 6 hours",
        "ibuprofen 400 mg 3 times a day",
    ]


async def test_a_dose_after_two_medicines_is_asked_about_rather_than_given_to_one() -> None:
    body = await soap_note_of(
        consultation("C: I'll start you on omeprazole and paracetamol. Take two tablets four times a day.")
    )
    assert [one.line for one in body.medications] == ["omeprazole", "paracetamol"]
    assert all(one.flags[0].code == "dose_unclear" for one in body.medications)


@pytest.mark.parametrize("said", ["Start ramipril two fifty.", "Start ramipril 1OO mg daily."])
async def test_an_amount_that_could_not_be_read_is_flagged_and_not_dropped_in_silence(said: str) -> None:
    body = await soap_note_of(consultation(f"C: {said}"))
    assert body.medications[0].strength == ""
    assert body.medications[0].flags[0].code == "dose_unclear"


async def test_a_medicine_whose_name_was_not_heard_is_asked_about() -> None:
    body = await soap_note_of(consultation("C: I will start you on dogsy cycling one hundred milligrams twice a day."))
    assert texts(body, "Plan") == ["A medicine of unrecognised name is ordered."]
    assert body.statements[0].flags[0].code == "medicine_not_recognised"
    assert body.medications == ()


async def test_talking_about_a_medicine_is_not_ordering_it() -> None:
    body = await soap_note_of(
        consultation("P: Should I take ibuprofen?", "C: Metformin upsets many stomachs at first, that is known.")
    )
    assert body.medications == ()


async def test_what_the_patient_takes_and_has_stopped_is_history() -> None:
    body = await soap_note_of(
        consultation(
            "C: Do you take any medicines?",
            "P: I take lisinopril 10 mg once a day and atorvastatin at night. I stopped taking aspirin.",
        )
    )
    assert texts(body, "Subjective") == [
        "Is taking lisinopril 10 mg once a day.",
        "Is taking atorvastatin at night.",
        "Has stopped aspirin.",
    ]
    assert medicines(body)["aspirin"][1] is MedicationStatus.STOPPED


async def test_a_medicine_asked_about_and_owned_to_is_taken_with_the_dose_of_the_answer() -> None:
    body = await soap_note_of(consultation("C: Are you still taking metformin?", "P: Yes, 500 mg twice a day."))
    assert texts(body) == ["Is taking metformin 500 mg twice a day."]
    denied = await soap_note_of(consultation("C: Are you still taking metformin?", "P: No."))
    assert denied.medications == ()


async def test_the_patient_repeating_an_order_does_not_add_a_medicine() -> None:
    body = await soap_note_of(
        consultation("C: Take ibuprofen 400 mg three times a day.", "P: So I take ibuprofen 400 mg?")
    )
    assert len(body.medications) == 1


@pytest.mark.parametrize("known", [(), ("penicillin",)])
async def test_a_medicine_of_the_class_that_the_patient_is_allergic_to_is_flagged(known: tuple[str, ...]) -> None:
    lines = ["C: I'll give you amoxicillin 500 mg three times a day."]
    if not known:
        lines.append("P: I am allergic to penicillin.")
    body = await soap_note_of(consultation(*lines), history=KnownHistory(allergies=known))
    assert [flag.code for flag in body.medications[0].flags] == ["allergy_conflict"]


async def test_what_a_body_may_react_to_is_no_allergy() -> None:
    body = await note_of(
        consultation(
            "P: There is a risk that your body can strongly react to some blood products.", "P: I react to nuts."
        )
    )
    assert texts(body, "Allergies") == ["Allergic to nuts."]


async def test_a_reaction_told_after_the_order_flags_it_even_when_nobody_calls_it_an_allergy() -> None:
    body = await soap_note_of(
        consultation(
            "C: So he has got an ear infection. I'll give him amoxicillin 250 mg three times a day.",
            "P: He had a rash with amoxicillin last year.",
            "C: In that case we'll use cefaclor instead, 125 mg three times a day.",
        )
    )
    assert body.diagnosis == "Ear infection"
    assert "Reports that he had a rash with amoxicillin last year." in texts(body, "Subjective")
    assert [[flag.code for flag in one.flags] for one in body.medications] == [["allergy_conflict"], []]


async def test_a_question_about_self_harm_is_never_left_out() -> None:
    body = await soap_note_of(consultation("C: Any thoughts of harming yourself?", "P: No, nothing like that."))
    assert texts(body) == ["Denies thoughts of harming themselves."]


async def test_vitals_are_copied_and_impossible_ones_flagged() -> None:
    body = await soap_note_of(
        consultation("C: Blood pressure is one twenty over seventy, pulse 76, temperature 38.4, sats 98 percent.")
    )
    assert texts(body, "Objective") == [
        "Blood pressure 120/70.",
        "Temperature 38.4.",
        "Pulse 76.",
        "Oxygen saturation 98%.",
    ]
    odd = await soap_note_of(consultation("C: Your temperature is 73."))
    assert odd.statements[0].flags[0].code == "implausible_value"


@pytest.mark.parametrize(
    ("said", "note", "diagnosis"),
    [
        ("I think this is a chest infection.", "Chest infection.", "Chest infection"),
        ("It might be gout.", "Possible gout.", "Possible gout"),
        ("I don't think this is pneumonia.", "Not thought to be pneumonia.", ""),
        ("You have tonsillitis, so we will treat it.", "Tonsillitis.", "Tonsillitis"),
    ],
)
async def test_the_impression_keeps_its_doubt(said: str, note: str, diagnosis: str) -> None:
    body = await soap_note_of(consultation(f"C: {said}"))
    assert texts(body, "Assessment")[0].startswith(note.rstrip("."))
    assert body.diagnosis == diagnosis


async def test_results_are_a_section_of_their_own_when_they_are_said() -> None:
    body = await note_of(consultation("C: Your blood test shows that your iron is low."))
    assert texts(body, "Results") == ["The blood test shows that the iron is low."]


async def test_a_dictation_by_one_unknown_voice_becomes_a_note_too() -> None:
    body = await soap_note_of(
        consultation(
            "U: A 45 year old man with back pain for two weeks. No numbness. Blood pressure 120/80. I think this is a "
            "muscle strain. I will give ibuprofen 400 mg three times a day with food for 5 days. Review in 2 weeks."
        )
    )
    assert "Denies numbness." in texts(body, "Subjective")
    assert body.diagnosis == "Muscle strain"
    assert body.medications[0].line == "ibuprofen 400 mg 3 times a day with food for 5 days"
    assert body.follow_up == "Review in 2 weeks."


async def test_speech_without_any_punctuation_is_understood() -> None:
    body = await soap_note_of(
        consultation(
            "C: how long have you had the headache",
            "P: about two days it is on the left side and i feel sick",
            "C: any blurred vision",
            "P: no",
            "C: i think it is a migraine i will give you sumatriptan fifty milligrams and come back if it is not "
            "better in two weeks",
        )
    )
    assert texts(body) == [
        "Duration: approximately 2 days.",
        "It is on the left side.",
        "Reports feeling sick.",
        "Denies blurred vision.",
        "Migraine.",
        "Start sumatriptan 50 mg.",
        "Advised to come back if it is not better in 2 weeks.",
    ]


async def test_an_unknown_template_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(InvalidError) as refused:
        await note_of(consultation("P: I have a cough."), template="sonnet")
    assert "visit" in refused.value.remedy
