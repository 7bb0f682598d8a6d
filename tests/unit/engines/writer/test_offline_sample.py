"""The bundled consultation's script becomes this note, line by line."""

from __future__ import annotations

import pytest
from tests.support.consultations import note_of, texts, transcript_of_turns

from auscult.domain.evidence import Polarity
from auscult.domain.medication import MedicationStatus
from auscult.domain.note import NoteBody
from auscult.knowledge import sample
from auscult.trust.grounding import check

NOTE = {
    "Chief complaint": ["Bad cough."],
    "History of present illness": [
        "The patient presents today for evaluation of bad cough.",
        "Reports a bad cough for 5 days, and the chest feels tight at night.",
        "Reports bringing up phlegm; it is thick and green.",
        "Reports feeling very tired.",
    ],
    "Medical history": [],
    "Social history": ["Does not smoke; they stopped 2 years ago."],
    "Family history": [],
    "Medications": [],
    "Allergies": ["Allergic to penicillin: it gives them a rash."],
    "Review of systems": ["Denies chest pain, or blood when they cough.", "Denies fever."],
    "Vital signs": ["Temperature 37.2.", "Blood pressure 130/80.", "Oxygen saturation 97%."],
    "Physical exam": ["There is some wheeze on the right side of the chest."],
    "Results": [],
    "Assessment and plan": [
        "Chest infection.",
        "Start doxycycline 100 mg twice a day for 5 days.",
        "Start salbutamol inhaler 2 puffs every 4 hours as needed.",
        "Review in 1 week.",
        "Advised to come back sooner if they get short of breath or cough up blood.",
    ],
}


@pytest.fixture
async def body() -> NoteBody:
    return await note_of(transcript_of_turns(sample.turns()))


@pytest.mark.parametrize("section", NOTE)
def test_each_section_says_what_was_said(body: NoteBody, section: str) -> None:
    assert texts(body, section) == NOTE[section]


def test_the_four_fields_of_the_result_are_filled(body: NoteBody) -> None:
    assert body.diagnosis == "Chest infection"
    assert [medication.line for medication in body.medications] == [
        "doxycycline 100 mg twice a day for 5 days",
        "salbutamol 2 puffs every 4 hours as needed",
    ]
    assert {medication.status for medication in body.medications} == {MedicationStatus.STARTED}
    assert body.follow_up.startswith("Review in 1 week.")
    assert "Allergic to penicillin" in body.notes


def test_denials_are_marked_as_such(body: NoteBody) -> None:
    negated = [statement.text for statement in body.statements if statement.polarity is Polarity.NEGATED]
    assert negated == [*NOTE["Social history"], *NOTE["Review of systems"]]


def test_what_is_found_and_planned_stands_under_its_label(body: NoteBody) -> None:
    assert {statement.label: statement.text for statement in body.statements if statement.label} == {
        "Constitutional": "Denies fever.",
        "Respiratory": "There is some wheeze on the right side of the chest.",
        "Medical treatment": "Start salbutamol inhaler 2 puffs every 4 hours as needed.",
        "Follow-up": "Advised to come back sooner if they get short of breath or cough up blood.",
    }


def test_every_statement_has_a_source_and_stands_up_to_the_check(body: NoteBody) -> None:
    transcript = transcript_of_turns(sample.turns())
    turn_ids = {turn.id for turn in transcript.turns}
    for statement in body.statements:
        assert statement.turn_ids
        assert set(statement.turn_ids) <= turn_ids
    checked = check(body, transcript)
    assert not [statement.text for statement in checked.statements if statement.undecided]
    assert not [medication for medication in checked.medications if medication.flags]


def test_a_reply_rests_on_its_question_too(body: NoteBody) -> None:
    denial = next(statement for statement in body.statements if statement.text == "Denies fever.")
    assert denial.turn_ids == ("t5", "t6")


@pytest.mark.parametrize("template", ["soap", "gp"])
async def test_other_templates_say_the_same_under_other_headings(body: NoteBody, template: str) -> None:
    other = await note_of(transcript_of_turns(sample.turns()), template=template)
    assert sorted(texts(other)) == sorted(texts(body))
    assert not any(statement.label for statement in other.statements)
    assert [section.title for section in other.sections] != [section.title for section in body.sections]
