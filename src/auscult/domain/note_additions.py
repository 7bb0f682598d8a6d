"""Sentences that come into a note, a clinician's own and what was mentioned but left out, and that go out of it."""

from __future__ import annotations

from collections.abc import Sequence

from auscult.domain.errors import NotFoundError
from auscult.domain.evidence import Statement
from auscult.domain.note import NoteBody, Section
from auscult.domain.note_fields import with_sections


def with_statement(body: NoteBody, statement: Statement, after: str | None = None) -> NoteBody:
    """The note with one more sentence in its section, after the sentence of that id or where it belongs.

    Behind another sentence it is for the same problem, under the same label. Else it keeps its own label, and its own
    problem where the note has that, and stands behind the last sentence that it has most in common with. A section that
    the note does not have yet becomes its last one.
    """
    sections = list(body.sections)
    index = next((i for i, one in enumerate(sections) if one.title == statement.section), len(sections))
    if index == len(sections):
        sections.append(Section(title=statement.section))
    statements = list(sections[index].statements)
    ids = [one.id for one in statements]
    if after in ids:
        place = ids.index(after) + 1
        above = statements[place - 1]
        added = statement.model_copy(update={"problem": above.problem, "label": above.label})
    else:
        added = statement.model_copy(update={"problem": _problem_in(body, statement)})
        place = _place(statements, added)
    statements.insert(place, added)
    sections[index] = sections[index].model_copy(update={"statements": tuple(statements)})
    return with_sections(body, sections)


def _problem_in(body: NoteBody, statement: Statement) -> str:
    """The problem of the statement as this note words it; empty when the note has none such, and it names none itself.

    Two writers may write one problem with other capitals.
    """
    if statement.term and statement.term == statement.problem:
        return statement.problem
    told = (one.problem for one in body.statements)
    return next((one for one in told if one.casefold() == statement.problem.casefold()), "")


def _place(statements: Sequence[Statement], added: Statement) -> int:
    """Behind the last sentence for its problem under its label, else behind the last for its problem, else the end."""
    alike = [place for place, one in enumerate(statements, start=1) if one.problem == added.problem]
    labelled = [place for place in alike if added.label and statements[place - 1].label == added.label]
    if labelled:
        return labelled[-1]
    return alike[-1] if added.problem and alike else len(statements)


def with_omitted(body: NoteBody, statement_id: str, fresh_id: str) -> NoteBody:
    """The note with the sentence of `omitted` that has this id, called `fresh_id` from then on.

    The medicines that it tells of come with it, but for those that the note lists already. Raises `NotFoundError`.
    """
    statement, rest = without_omitted(body, statement_id)
    listed = {one.name.casefold() for one in body.medications}
    told = [
        one.model_copy(update={"statement_ids": (fresh_id,)})
        for one in body.omitted_medications
        if statement_id in one.statement_ids and one.name.casefold() not in listed
    ]
    added = rest.model_copy(update={"medications": (*rest.medications, *told)})
    return with_statement(added, statement.model_copy(update={"id": fresh_id}))


def without_omitted(body: NoteBody, statement_id: str) -> tuple[Statement, NoteBody]:
    """The sentence of `omitted` that has this id, and the note that offers it no more. Raises `NotFoundError`."""
    found = next((one for one in body.omitted if one.id == statement_id), None)
    if found is None:
        raise NotFoundError("There is no such sentence beside this note.")
    left = tuple(one for one in body.omitted if one.id != statement_id)
    ids = {one.id for one in left}
    medications = tuple(one for one in body.omitted_medications if ids & set(one.statement_ids))
    return found, body.model_copy(update={"omitted": left, "omitted_medications": medications})


def without_statement(body: NoteBody, statement_id: str) -> NoteBody:
    """The note without the sentence of that id, which it remembers as removed. Raises `NotFoundError`."""
    taken = next((one for one in body.statements if one.id == statement_id), None)
    if taken is None:
        raise NotFoundError("There is no such sentence in this note.")
    sections = [
        section.model_copy(update={"statements": tuple(one for one in section.statements if one.id != statement_id)})
        for section in body.sections
    ]
    return with_sections(body, sections).model_copy(update={"removed": (*body.removed, taken)})
