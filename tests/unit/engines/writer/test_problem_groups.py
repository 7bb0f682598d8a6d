"""Assessment and plan, problem by problem: what was ordered stands under what it is for, and nowhere by guess."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, soap_note_of, texts

from auscult.domain.evidence import ResultField, TurnSource
from auscult.domain.medication import MedicationStatus
from auscult.domain.note import NoteBody
from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter

TWO_PROBLEMS = (
    "P: I take metformin for my diabetes.",
    "C: So for your first problem, your right knee pain, I think you have a ligament strain. "
    "Let's order an X-ray of the right knee. I'm going to start you on meloxicam 15 mg once a day.",
    "P: Okay.",
    "C: I will refer you to physical therapy. For your second problem, your diabetes, I want to continue the metformin "
    "500 mg twice a day. We'll order a hemoglobin A1c, okay?",
    "C: Do you have any questions? See me again in two weeks.",
)


def plan(body: NoteBody) -> dict[str, list[str]]:
    """The plan's sentences by problem."""
    found: dict[str, list[str]] = {}
    for statement in body.statements:
        if statement.section == "Plan":
            found.setdefault(statement.problem, []).append(statement.text)
    return found


async def test_each_problem_has_its_own_medicines_tests_and_referrals() -> None:
    body = await soap_note_of(consultation(*TWO_PROBLEMS))
    assert plan(body) == {
        "Ligament strain": [
            "Order an X-ray of the right knee.",
            "Start meloxicam 15 mg once a day.",
            "Refer to physical therapy.",
        ],
        "Diabetes": ["Continue metformin 500 mg twice a day.", "Order a hemoglobin A1c."],
        "": ["Review in 2 weeks."],
    }
    assert body.diagnosis == "Ligament strain; Diabetes"
    assert body.follow_up == "Review in 2 weeks."


async def test_every_problem_is_said_by_an_impression_with_its_turn() -> None:
    body = await soap_note_of(consultation(*TWO_PROBLEMS))
    heads = {one.problem: one.turn_ids for one in body.statements if one.field is ResultField.DIAGNOSIS}
    assert heads == {"Ligament strain": ("t2",), "Diabetes": ("t4",)}
    assert all(isinstance(one, TurnSource) for statement in body.statements for one in statement.sources)


@pytest.mark.parametrize(
    "said",
    [
        "And as far as your diabetes goes, let's continue the metformin 500 mg twice a day.",
        "From a diabetes standpoint, let's continue the metformin 500 mg twice a day.",
        "In terms of your diabetes, let's continue the metformin 500 mg twice a day.",
        "For your diabetes, I want to continue the metformin 500 mg twice a day.",
        "okay for the diabetes the second problem that we talked about continue the metformin 500 mg twice a day",
        "Your second problem is diabetes. Continue the metformin 500 mg twice a day.",
    ],
)
async def test_a_problem_is_known_by_the_ways_in_which_clinicians_go_on_to_it(said: str) -> None:
    body = await soap_note_of(consultation("C: I think you have bronchitis.", f"C: {said}"))
    assert plan(body) == {"Diabetes": ["Continue metformin 500 mg twice a day."]}


async def test_a_medicine_said_elsewhere_goes_to_the_problem_of_its_class() -> None:
    body = await soap_note_of(
        consultation(
            "C: For your first problem, your diabetes, we'll order a hemoglobin A1c.",
            "C: For your second problem, your back pain, start naproxen 500 mg twice a day.",
            "C: And continue the metformin 500 mg twice a day.",
        )
    )
    assert plan(body)["Diabetes"] == ["Order a hemoglobin A1c.", "Continue metformin 500 mg twice a day."]
    assert plan(body)["Back pain"] == ["Start naproxen 500 mg twice a day."]


async def test_a_medicine_that_fits_no_problem_of_the_visit_stands_under_none() -> None:
    body = await soap_note_of(
        consultation(
            "C: For your first problem, your back pain, start naproxen 500 mg twice a day.",
            "C: Continue sertraline 50 mg daily.",
        )
    )
    assert plan(body)[""] == ["Continue sertraline 50 mg daily."]


async def test_a_medicine_that_fits_two_problems_and_was_said_for_neither_stands_under_none() -> None:
    body = await soap_note_of(
        consultation(
            "C: Continue lisinopril 20 mg daily.",
            "C: For your first problem, your heart failure, order an echocardiogram.",
            "C: For your second problem, your hypertension, please check your blood pressure every day.",
        )
    )
    assert plan(body)[""] == ["Continue lisinopril 20 mg daily."]


async def test_a_complaint_is_headed_by_what_it_is_thought_to_be_when_that_is_said() -> None:
    body = await soap_note_of(
        consultation(
            "C: So for your first problem of right ankle pain, your symptoms are consistent with a right ankle sprain.",
            "C: Please use ice on the ankle.",
        )
    )
    assert texts(body, "Assessment") == ["Right ankle sprain."]
    assert plan(body) == {"Right ankle sprain": ["Advised to use ice on the ankle."]}


async def test_talk_of_an_illness_that_nothing_is_done_about_makes_no_problem() -> None:
    body = await soap_note_of(consultation("C: For your asthma, that was a long time ago."))
    assert body.diagnosis == ""


async def test_a_visit_without_a_problem_that_was_named_has_a_plan_without_groups() -> None:
    body = await soap_note_of(consultation("C: Start doxycycline 100 mg twice a day for five days."))
    assert plan(body) == {"": ["Start doxycycline 100 mg twice a day for 5 days."]}


async def test_how_a_problem_stands_is_assessment_and_no_diagnosis() -> None:
    body = await soap_note_of(
        consultation(
            "C: From a depression standpoint, you are doing well with therapy. Continue sertraline 50 mg daily."
        )
    )
    assert body.diagnosis == "Depression"
    assert plan(body) == {"Depression": ["Continue sertraline 50 mg daily."]}


async def test_links_between_medicines_and_sentences_hold_in_groups() -> None:
    body = await soap_note_of(consultation(*TWO_PROBLEMS))
    by_id = {statement.id: statement.text for statement in body.statements}
    told = {one.name: [by_id[one_id] for one_id in one.statement_ids] for one in body.medications}
    assert told["metformin"] == ["Continue metformin 500 mg twice a day."]
    assert told["meloxicam"] == ["Start meloxicam 15 mg once a day."]


async def test_a_hindi_note_has_hindi_problems() -> None:
    request = Request(transcript=consultation(*TWO_PROBLEMS), template="visit", language="hi")
    body = await OfflineWriter().write(request)
    assert {one.problem for one in body.statements if one.section == "Assessment and plan"} == {
        "Ligament strain",
        "मधुमेह",
        "",
    }


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("We'll keep you on the lisinopril 20 mg daily.", MedicationStatus.TAKING),
        ("I want you to stay on the lisinopril 20 mg daily.", MedicationStatus.TAKING),
        ("You're doing well on lisinopril 20 mg daily.", MedicationStatus.TAKING),
        ("Let's go on with lisinopril 20 mg daily.", MedicationStatus.TAKING),
        ("We have you on the lisinopril 20 mg daily.", MedicationStatus.TAKING),
        ("I know that we had put you on lisinopril last year.", MedicationStatus.TAKING),
        ("I'm going to put you on lisinopril 20 mg daily.", MedicationStatus.STARTED),
        ("I'd like to try lisinopril 20 mg daily.", MedicationStatus.STARTED),
        ("We'll add lisinopril 20 mg daily.", MedicationStatus.STARTED),
        ("We will get you started on lisinopril 20 mg daily.", MedicationStatus.STARTED),
        ("I want to increase the lisinopril to 20 mg daily.", MedicationStatus.CHANGED),
        ("Stop taking the tablets that you're taking, the lisinopril.", MedicationStatus.STOPPED),
        ("We have to get you off your lisinopril for a week.", MedicationStatus.STOPPED),
        ("You can take 20 mg of your lisinopril.", MedicationStatus.TAKING),
    ],
)
async def test_what_is_done_with_a_medicine_is_what_was_said(said: str, status: MedicationStatus) -> None:
    body = await soap_note_of(consultation(f"C: {said}"))
    assert [(one.name, one.status) for one in body.medications] == [("lisinopril", status)]


async def test_a_medicine_that_the_patient_takes_is_not_started_by_naming_it() -> None:
    body = await soap_note_of(
        consultation("P: I take lisinopril 20 mg daily.", "C: You can take lisinopril 20 mg daily.")
    )
    assert [(one.name, one.status) for one in body.medications] == [("lisinopril", MedicationStatus.TAKING)]


async def test_continuing_to_watch_something_continues_no_medicine() -> None:
    body = await soap_note_of(
        consultation(
            "C: I want to add lisinopril 10 mg daily.", "C: We will continue to monitor you on the lisinopril."
        )
    )
    assert [one.status for one in body.medications] == [MedicationStatus.STARTED]


@pytest.mark.parametrize(
    "said",
    [
        "I think you'll do fine.",
        "I will do a quick physical exam.",
        "Let's look at some of your results.",
        "The nurse will be in soon.",
        "You will be okay with your blood pressure.",
    ],
)
async def test_comfort_and_the_course_of_the_visit_are_no_plan(said: str) -> None:
    assert plan(await soap_note_of(consultation(f"C: {said}"))) == {}


async def test_what_is_dictated_of_the_patient_is_history() -> None:
    body = await soap_note_of(
        consultation(
            "C: Hey, dragon. Mr. Hill is a 54-year-old male with a past medical history of gout, who presents "
            "with cough.",
        )
    )
    assert plan(body) == {}
    assert body.diagnosis == ""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I'm going to order an MRI of your left shoulder.", "Order an MRI of the left shoulder."),
        ("i want to order an mri of your left shoulder", "Order an MRI of the left shoulder."),
        ("I will refer you to physiotherapy.", "Refer to physiotherapy."),
        ("Let's repeat the blood test, okay?", "Repeat the blood test."),
        ("I want to order a blood test to see if we need to change anything.", "Order a blood test."),
        ("You need to drink more fluids.", "Advised to drink more fluids."),
    ],
)
async def test_an_order_reads_as_a_clinician_writes_it(said: str, told: str) -> None:
    assert texts(await soap_note_of(consultation(f"C: {said}")), "Plan") == [told]


async def test_when_to_come_back_is_told_once_with_all_the_turns_it_was_said_in() -> None:
    body = await soap_note_of(
        consultation("C: I'll see you again in two weeks.", "P: Okay.", "C: So see me again in about two weeks.")
    )
    assert [(one.text, one.turn_ids) for one in body.statements] == [("Review in 2 weeks.", ("t1", "t3"))]


@pytest.mark.parametrize(
    ("said", "diagnosis"),
    [
        ("So your diagnosis is uncontrolled hypertension.", "Uncontrolled hypertension"),
        ("We're going to diagnose you with COPD.", "COPD"),
        (
            "I think you're having a recurrence of your kidney stones, so we will watch it.",
            "Recurrence of kidney stones",
        ),
        ("You had a past medical history of asthma.", ""),
        ("You have completed the covid vaccine, that's great.", ""),
        ("I think it is a rash.", ""),
    ],
)
async def test_an_impression_is_the_name_of_an_illness_and_no_more(said: str, diagnosis: str) -> None:
    assert (await soap_note_of(consultation(f"C: {said}"))).diagnosis == diagnosis


async def test_a_medicine_given_for_many_things_is_not_placed_by_its_class_alone() -> None:
    body = await soap_note_of(
        consultation(
            "C: Start prednisone 20 mg daily.",
            "C: For your first problem, your back pain, I will refer you to physical therapy.",
        )
    )
    assert plan(body)[""] == ["Start prednisone 20 mg daily."]


async def test_a_level_that_was_measured_is_no_medicine() -> None:
    assert (await soap_note_of(consultation("C: You need to keep in mind the low vitamin D level."))).medications == ()
