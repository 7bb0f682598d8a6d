"""The fields of the Clinical Recorder's result, derived from a note's statements: no field says what no sentence says.

The writer's note and every change by a clinician go through `with_sections`, so the fields cannot keep an old wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from auscult.domain.evidence import ResultField, Statement
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.note import NoteBody, Section

IMPRESSION: Final = "Impression:"
"""How a sentence of the assessment begins; the diagnosis does without."""
_BY_HEADING: Final = {
    "assessment": ResultField.DIAGNOSIS,
    "impression": ResultField.DIAGNOSIS,
    "diagnosis": ResultField.DIAGNOSIS,
    "plan": ResultField.FOLLOW_UP,
    "assessment and plan": ResultField.FOLLOW_UP,
    "follow-up": ResultField.FOLLOW_UP,
}
"""Where a sentence goes that no writer assigned. The result has one field for what is to happen next: `follow_up`."""


def with_sections(body: NoteBody, sections: Iterable[Section]) -> NoteBody:
    """The note with these sections, and `diagnosis`, `follow_up`, `notes` and `medications` brought in line with them.

    A medicine whose sentences are gone is gone. One whose sentence was reworded keeps its name and the clinician's
    sentence, and nothing that was parsed from the old one; where the sentence names it no more, it is gone too.
    """
    before = {statement.id: statement.text for statement in body.statements}
    changed = body.model_copy(update={"sections": _under_their_problems(body, tuple(sections))})
    after = {statement.id: statement.text for statement in changed.statements}
    medications = tuple(
        kept for one in body.medications if (kept := _in_line(one, before=before, after=after)) is not None
    )
    linked = {statement_id for one in medications for statement_id in one.statement_ids}
    told: dict[ResultField, list[str]] = {field: [] for field in ResultField}
    for statement in changed.statements:
        field = _field(statement, linked)
        told[field].append(_term(statement) if field is ResultField.DIAGNOSIS else statement.text)
    return changed.model_copy(
        update={
            "medications": medications,
            "diagnosis": "; ".join(dict.fromkeys(term for term in told[ResultField.DIAGNOSIS] if term)),
            "follow_up": " ".join(told[ResultField.FOLLOW_UP]),
            "notes": " ".join(told[ResultField.NOTES]),
        }
    )


def _under_their_problems(body: NoteBody, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections with every sentence under the problem that its impression names now.

    Where a clinician words an impression anew, what stands under it has the new wording for a heading; where they take
    it out, no heading is left that nobody stands for.
    """
    heads = {one.id: one.problem for one in body.statements if one.problem and one.term == one.problem}
    now = {one.id: _term(one) for section in sections for one in section.statements if one.id in heads}
    renamed = {problem: now.get(one, "") for one, problem in heads.items() if now.get(one, "") != problem}
    if not renamed:
        return sections
    return tuple(
        section.model_copy(
            update={
                "statements": tuple(
                    one.model_copy(
                        update={
                            "problem": renamed[one.problem],
                            "term": renamed[one.problem] if one.id in heads and one.reworded else one.term,
                        }
                    )
                    if one.problem in renamed
                    else one
                    for one in section.statements
                )
            }
        )
        for section in sections
    )


def names(text: str, medicine: str) -> bool:
    """True when a sentence names a medicine, as whole words."""
    return re.search(rf"(?<!\w){re.escape(medicine)}(?!\w)", text, re.IGNORECASE) is not None


def _in_line(one: Medication, *, before: dict[str, str], after: dict[str, str]) -> Medication | None:
    """The medicine as its sentences now have it; None when none of them tells of it any more."""
    if not one.statement_ids:
        return one
    kept: list[str] = []
    reworded = ""
    for statement_id in one.statement_ids:
        text = after.get(statement_id, "")
        same = text != "" and before.get(statement_id, text) == text
        if same or names(text, one.name):
            kept.append(statement_id)
            reworded = reworded if same else text
    if not kept or (reworded and one.status is MedicationStatus.ALLERGY):
        return None
    if not reworded:
        return one.model_copy(update={"statement_ids": tuple(kept)})
    return Medication(
        name=one.name,
        status=MedicationStatus.REWORDED,
        as_written=reworded,
        sources=one.sources,
        statement_ids=tuple(kept),
    )


def _field(statement: Statement, linked: set[str]) -> ResultField:
    by_heading = _BY_HEADING.get(statement.section.strip().lower(), ResultField.NOTES)
    if statement.field is ResultField.MEDICATIONS and statement.reworded and statement.id not in linked:
        return by_heading  # it names another medicine now, which no entry tells of
    return statement.field or by_heading


def diagnosis_term(statement: Statement) -> str:
    """How the diagnosis words a sentence; empty for one that is no part of the diagnosis."""
    return _term(statement) if _field(statement, set()) is ResultField.DIAGNOSIS else ""


def _term(statement: Statement) -> str:
    """How the diagnosis words it; empty for what the writer assigned without a term, such as a diagnosis denied."""
    if statement.term or (statement.field is ResultField.DIAGNOSIS and not statement.reworded):
        return statement.term
    bare = statement.text.removeprefix(IMPRESSION).strip().rstrip(".")
    return bare[:1].upper() + bare[1:]
