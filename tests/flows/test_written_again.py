"""A draft that is written again: what a clinician made of it is carried over, and nothing of theirs is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pytest

from auscult.domain.evidence import ClinicianSource, Decision, Polarity, Statement
from auscult.domain.ids import UserId
from auscult.domain.medication import MedicationStatus
from auscult.domain.note import NoteBody, Template
from auscult.domain.note_additions import with_omitted, with_statement
from auscult.domain.note_fields import with_sections
from auscult.domain.transcript import Transcript
from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.flows.written_again import carried_over
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
