"""What was mentioned and left out comes into the note whole: its sentence, its sources, its medicines."""

from __future__ import annotations

import pytest

from auscult.domain.errors import NotFoundError
from auscult.domain.evidence import ResultField, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.note_additions import with_omitted, without_omitted


def said(statement_id: str, text: str, section: str, field: ResultField | None = None) -> Statement:
    source = TurnSource(turn_ids=(TurnId("t3"),), transcript_version=1)
    return Statement(id=statement_id, text=text, section=section, sources=(source,), field=field)


DOXYCYCLINE = Medication(name="doxycycline", status=MedicationStatus.STARTED, statement_ids=("o2",))
BODY = NoteBody(
    sections=(Section(title="Subjective", statements=(said("s1", "Reports a cough.", "Subjective"),)),),
    writer=WriterInfo(name="test", version="1"),
    omitted=(
        said("o1", "Denies fever.", "Subjective", ResultField.NOTES),
        said("o2", "Start doxycycline.", "Plan", ResultField.MEDICATIONS),
    ),
    omitted_medications=(DOXYCYCLINE,),
)


def test_it_stands_in_its_section_with_its_sources_and_is_offered_no_more() -> None:
    body = with_omitted(BODY, "o1", "s_new")
    (section,) = body.sections
    assert [one.id for one in section.statements] == ["s1", "s_new"]
    assert section.statements[1].sources == BODY.omitted[0].sources
    assert [one.id for one in body.omitted] == ["o2"]
    assert "Denies fever." in body.notes


def test_a_medicine_comes_with_the_sentence_that_tells_of_it() -> None:
    body = with_omitted(BODY, "o2", "s_new")
    assert [section.title for section in body.sections] == ["Subjective", "Plan"], "the section is made"
    assert [(one.name, one.statement_ids) for one in body.medications] == [("doxycycline", ("s_new",))]
    assert body.omitted_medications == ()


def test_a_medicine_that_the_note_lists_is_not_listed_twice() -> None:
    listed = BODY.model_copy(update={"medications": (Medication(name="Doxycycline"),)})
    assert [one.name for one in with_omitted(listed, "o2", "s_new").medications] == ["Doxycycline"]


def test_what_is_put_aside_takes_its_medicine_along_and_leaves_the_note_as_it_is() -> None:
    found, body = without_omitted(BODY, "o2")
    assert found.text == "Start doxycycline."
    assert body.sections == BODY.sections
    assert (len(body.omitted), body.omitted_medications, body.medications) == (1, (), ())


def test_what_is_not_offered_cannot_be_added() -> None:
    with pytest.raises(NotFoundError):
        with_omitted(BODY, "s1", "s_new")
