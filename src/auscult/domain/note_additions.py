"""Sentences that come into a note, a clinician's own and what was mentioned but left out, and that go out of it."""

from __future__ import annotations

from auscult.domain.errors import NotFoundError
from auscult.domain.evidence import Statement
from auscult.domain.note import NoteBody, Section
from auscult.domain.note_fields import with_sections


def with_statement(body: NoteBody, statement: Statement, after: str | None = None) -> NoteBody:
    """The note with one more sentence in its section, at the end or after the sentence of that id.

    A section that the note does not have yet becomes its last one. Behind another sentence it is for the same problem.
    """
    sections = list(body.sections)
    index = next((i for i, one in enumerate(sections) if one.title == statement.section), None)
    if index is None:
        return with_sections(body, [*sections, Section(title=statement.section, statements=(statement,))])
    statements = list(sections[index].statements)
    ids = [one.id for one in statements]
    place = ids.index(after) + 1 if after in ids else len(statements)
    problem = statements[place - 1].problem if after in ids else ""
    statements.insert(place, statement.model_copy(update={"problem": problem}))
    sections[index] = sections[index].model_copy(update={"statements": tuple(statements)})
    return with_sections(body, sections)


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
