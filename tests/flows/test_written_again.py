"""A draft that is written again: what a clinician made of it is carried over, and nothing of theirs is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pytest

from auscult.domain.evidence import ClinicianSource, Decision, Polarity, Statement, TurnSource
from auscult.domain.ids import TurnId, UserId
from auscult.domain.medication import MedicationStatus
from auscult.domain.note import NoteBody, Template
from auscult.domain.note_additions import with_omitted, with_statement, without_statement
from auscult.domain.note_fields import with_sections
from auscult.domain.transcript import Transcript
from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.flows.written_again import REMOVED_BEFORE, carried_over
from auscult.knowledge import sample
from auscult.trust.grounding import check
from tests.support.consultations import consultation, transcript_of_turns

SCRIPT: Final = transcript_of_turns(sample.turns())
LEFT_OUT: Final = consultation(
    "P: I have had a cough for three days.",
    "C: Any fever?",
    "P: No.",
    "P: And lisinopril and the hydrochlorothiazide, so I.",
)
MARK: Final = ClinicianSource(user_id=UserId("USR_1"), name="Dr Rangi", at=datetime(2026, 1, 2, tzinfo=UTC))
KEPT: Final = Decision(user_id=UserId("USR_1"), name="Dr Rangi", at=datetime(2026, 1, 2, tzinfo=UTC))


async def written(template: Template, transcript: Transcript = SCRIPT) -> NoteBody:
    body = check(await OfflineWriter().write(Request(transcript=transcript, template=template)), transcript)
    return body.model_copy(update={"template": template})


def reworded(body: NoteBody, words: str, text: str) -> NoteBody:
    """As a clinician's edit leaves it."""

    def edited(one: Statement) -> Statement:
        if words not in one.text:
            return one
        return one.model_copy(update={"text": text, "sources": (*one.sources, MARK), "term": ""})

    return each(body, edited)


def each(body: NoteBody, apply: Callable[[Statement], Statement]) -> NoteBody:
    """The note with every statement changed."""
    return with_sections(
        body,
        [
            section.model_copy(update={"statements": tuple(apply(one) for one in section.statements)})
            for section in body.sections
        ],
    )


@pytest.mark.parametrize("template", list(Template))
async def test_a_reworded_sentence_takes_the_place_of_the_one_that_it_replaced(template: Template) -> None:
    before = reworded(await written(Template.VISIT), "doxycycline", "Start amoxicillin 250 mg three times a day.")
    fresh = await written(template)
    body = carried_over(fresh, before, same_transcript=True)
    assert [len(section.statements) for section in body.sections] == [len(one.statements) for one in fresh.sections]
    texts = [one.text for one in body.statements]
    assert "Start amoxicillin 250 mg three times a day." in texts
    assert not any("doxycycline" in text for text in texts), "the sentence that it replaced is not back"
    assert not any(one.name == "doxycycline" for one in body.medications)
    assert {one.section for one in body.statements} <= {section.title for section in fresh.sections}


async def test_a_medicine_whose_sentence_was_reworded_is_told_in_the_clinicians_words() -> None:
    before = reworded(await written(Template.VISIT), "doxycycline", "Start doxycycline 50 mg once a day.")
    body = carried_over(await written(Template.SOAP), before, same_transcript=True)
    (one,) = [one for one in body.medications if one.name == "doxycycline"]
    assert (one.status, one.as_written) == (MedicationStatus.REWORDED, "Start doxycycline 50 mg once a day.")


async def test_a_sentence_of_ones_own_stands_under_the_heading_that_takes_its_kind() -> None:
    own = Statement(id="s_own", text="Looks pale.", section="Physical exam")
    before = reworded(with_statement(await written(Template.VISIT), own), "Looks pale", "Looks pale.")
    body = carried_over(await written(Template.GP), before, same_transcript=True)
    assert [one.section for one in body.statements if one.text == "Looks pale."] == ["Examination"]
    assert "Physical exam" not in [section.title for section in body.sections]


async def test_what_was_kept_is_not_asked_about_again_from_the_same_transcript_only() -> None:
    first = await written(Template.VISIT)
    before = each(first, lambda one: one.model_copy(update={"decision": KEPT}))
    fresh = await written(Template.SOAP)
    assert all(one.decision == KEPT for one in carried_over(fresh, before, same_transcript=True).statements)
    assert all(one.decision is None for one in carried_over(fresh, before, same_transcript=False).statements)


async def test_what_was_added_of_the_things_left_out_is_added_again() -> None:
    first = await written(Template.VISIT, LEFT_OUT)
    assert len(first.omitted) == 1
    before = with_omitted(first, first.omitted[0].id, "s_new")
    body = carried_over(await written(Template.GP, LEFT_OUT), before, same_transcript=True)
    assert body.omitted == ()
    assert [one.section for one in body.statements if "hydrochlorothiazide" in one.text] == ["History"]


def taken_out(body: NoteBody, words: str) -> NoteBody:
    """As a clinician's removal of the one sentence with these words leaves it."""
    (one,) = [one for one in body.statements if words in one.text]
    return without_statement(body, one.id)


@pytest.mark.parametrize("template", list(Template))
async def test_what_was_removed_stays_removed_with_the_medicine_that_it_told_of(template: Template) -> None:
    before = taken_out(await written(Template.VISIT), "doxycycline")
    fresh = await written(template)
    body = carried_over(fresh, before, same_transcript=True)
    assert sorted(one.text for one in body.statements) == sorted(one.text for one in before.statements)
    assert not any("doxycycline" in one.name for one in body.medications)
    assert not any(REMOVED_BEFORE in one.flags for one in body.statements), "no doubt, no question"
    once_more = carried_over(await written(Template.VISIT), body, same_transcript=True)
    assert once_more == before, "however often it is written again"


async def test_what_was_reworded_and_then_removed_does_not_come_back_as_it_was_first() -> None:
    edited = reworded(await written(Template.VISIT), "doxycycline", "Start amoxicillin 250 mg.")
    before = taken_out(edited, "amoxicillin")
    body = carried_over(await written(Template.SOAP), before, same_transcript=True)
    assert sorted(one.text for one in body.statements) == sorted(one.text for one in before.statements)


@pytest.mark.parametrize("template", list(Template))
async def test_whatever_is_removed_and_reworded_nothing_else_changes(template: Template) -> None:
    first, fresh = await written(Template.VISIT), await written(template)
    for removed in first.statements:
        for other in first.statements:
            before = without_statement(first, removed.id)
            if other.id != removed.id:
                before = reworded(before, other.text, "Told otherwise.")
            body = carried_over(fresh, before, same_transcript=True)
            marked = [one.text for one in body.statements if REMOVED_BEFORE in one.flags]
            left = sorted(one.text for one in body.statements)
            assert (left, marked) == (sorted(one.text for one in before.statements), [])


async def test_of_the_same_words_from_two_places_only_those_removed_are_gone() -> None:
    first = await written(Template.VISIT)
    one, *_ = first.statements
    source = TurnSource(turn_ids=(TurnId("elsewhere"),), transcript_version=1)
    twice = with_statement(first, one.model_copy(update={"id": "s_twice", "sources": (source,)}))
    body = carried_over(twice, without_statement(twice, one.id), same_transcript=True)
    assert [(other.id, other.sources) for other in body.statements if other.text == one.text] == [
        ("s_twice", (source,))
    ]


async def test_what_may_be_a_removed_sentence_in_other_words_waits_for_a_person() -> None:
    before = taken_out(await written(Template.VISIT), "doxycycline")
    (turns,) = {one.turn_ids for one in before.removed}
    fresh = each(
        await written(Template.SOAP), lambda one: one.model_copy(update={"text": f"{one.text} (in other words)"})
    )
    body = carried_over(fresh, before, same_transcript=True)
    marked = [one for one in body.statements if REMOVED_BEFORE in one.flags]
    assert [one for one in body.statements if set(one.turn_ids) & set(turns)] == marked
    assert marked
    assert all(one.undecided for one in marked)
    again = carried_over(fresh, body, same_transcript=True)
    assert [one for one in again.statements if REMOVED_BEFORE in one.flags] == marked, "as long as nobody decides"


async def test_a_removed_sentence_of_another_transcript_is_back_only_as_a_question() -> None:
    before = taken_out(await written(Template.VISIT), "doxycycline")
    fresh = await written(Template.VISIT)
    body = carried_over(fresh, before, same_transcript=False)
    assert [one.text for one in body.statements if one.undecided] == [one.text for one in before.removed]
    assert [one.text for one in body.statements] == [one.text for one in fresh.statements]
    assert [(one.text, one.turn_ids) for one in body.removed] == [(one.text, ()) for one in before.removed]


async def test_what_was_added_of_the_things_left_out_and_removed_is_not_there_again() -> None:
    first = await written(Template.VISIT, LEFT_OUT)
    before = without_statement(with_omitted(first, first.omitted[0].id, "s_new"), "s_new")
    body = carried_over(await written(Template.GP, LEFT_OUT), before, same_transcript=True)
    assert body.omitted == ()
    assert sorted(one.text for one in body.statements) == sorted(one.text for one in before.statements)


async def test_nothing_is_dropped_when_the_writer_says_it_in_other_words() -> None:
    before = reworded(await written(Template.VISIT), "doxycycline", "Start amoxicillin 250 mg.")
    fresh = await written(Template.VISIT)
    other = each(fresh, lambda one: one.model_copy(update={"text": f"{one.text} (so said)"}))
    more = [
        section.model_copy(update={"statements": (*section.statements, *section.statements)})
        for section in other.sections
    ]
    doubled = with_sections(other, more)
    body = carried_over(doubled, before, same_transcript=True)
    assert len(body.statements) == len(doubled.statements) + 1


async def test_a_draft_that_nobody_touched_is_simply_replaced() -> None:
    fresh = await written(Template.SOAP)
    assert carried_over(fresh, await written(Template.VISIT), same_transcript=True) == fresh
    assert Polarity.NEGATED in {one.polarity for one in fresh.statements}


@pytest.mark.parametrize("template", list(Template))
async def test_a_clinicians_sentence_stands_under_a_label_only_where_the_layout_has_labels(template: Template) -> None:
    visit = await written(Template.VISIT)
    above = next(one for one in visit.statements if one.label == "Medical treatment")
    own = Statement(id="s_own", text="Drink plenty of water.", section=above.section, sources=(MARK,))
    before = with_statement(visit, own, above.id)
    body = carried_over(await written(template), before, same_transcript=True)
    (found,) = (one for one in body.statements if one.text == own.text)
    assert (found.label, found.problem) == ("Medical treatment" if template is Template.VISIT else "", above.problem)
