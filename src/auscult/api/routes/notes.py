"""Notes: read, edited sentence by sentence, decided on, signed, amended. Every change names its version in If-Match."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from auscult.api.callers import Clinician, Doctor, ServicesOf, needs
from auscult.api.json_bodies import JsonRoute
from auscult.api.refusals import PreconditionRequiredError
from auscult.api.sent import Amendment, NewStatement, StatementText
from auscult.api.views import Listing, NoteVersionView, NoteView
from auscult.domain.access import Scope
from auscult.domain.errors import InvalidError
from auscult.domain.ids import NoteId
from auscult.domain.note import Note
from auscult.flows import notes
from auscult.stores.records import Stored

router = APIRouter(prefix="/notes", tags=["notes"], route_class=JsonRoute, dependencies=[Depends(needs(Scope.NOTES))])


async def changed_version(
    if_match: Annotated[
        str | None, Header(description="The `etag` of the note as it was last read. Required: without it, 428.")
    ] = None,
) -> notes.Etag:
    """The version that a change was made from.

    Raises `PreconditionRequiredError` without one: whoever does not say what they read would overwrite what they did
    not see. `InvalidError` for a tag that is none of ours, `*` among them.
    """
    if if_match is None:
        raise PreconditionRequiredError("A note is changed from the version that was read.")
    found = re.fullmatch(r'(?:W/)?"(\d{1,9})-(\d{1,9})"', if_match.strip())
    if found is None:
        raise InvalidError("If-Match does not hold one of our tags.", remedy="Send the note's etag as it was given.")
    return int(found[1]), int(found[2])


Changed = Annotated[notes.Etag, Depends(changed_version)]


@router.get("/{note_id}")
async def read_note(
    note_id: str, response: Response, services: ServicesOf, actor: Clinician, version: int | None = None
) -> NoteView:
    """The newest version of a note, or the one asked for."""
    return _answer(response, await notes.read(services, actor, NoteId(note_id), version))


@router.get("/{note_id}/versions")
async def list_versions(note_id: str, services: ServicesOf, actor: Clinician) -> Listing[NoteVersionView]:
    """A note's history, oldest version first."""
    kept = await notes.versions(services, actor, NoteId(note_id))
    fields = set(NoteVersionView.model_fields)
    return Listing(items=[NoteVersionView(**note.model_dump(include=fields)) for note in kept])


@router.post("/{note_id}/statements")
async def add_statement(
    note_id: str,
    body: NewStatement,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    etag: Changed,
) -> NoteView:
    """Add a sentence of the clinician's own."""
    stored = await notes.add(services, actor, NoteId(note_id), body.section, body.text, after=body.after, etag=etag)
    return _answer(response, stored)


@router.patch("/{note_id}/statements/{statement_id}")
async def edit_statement(
    note_id: str,
    statement_id: str,
    body: StatementText,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    etag: Changed,
) -> NoteView:
    """Replace a sentence by the clinician's own wording."""
    stored = await notes.edit(services, actor, NoteId(note_id), statement_id, body.text, etag=etag)
    return _answer(response, stored)


@router.delete("/{note_id}/statements/{statement_id}")
async def remove_statement(
    note_id: str,
    statement_id: str,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    etag: Changed,
) -> NoteView:
    """Take a sentence out."""
    return _answer(response, await notes.remove(services, actor, NoteId(note_id), statement_id, etag=etag))


@router.post("/{note_id}/statements/{statement_id}/keep")
async def keep_statement(
    note_id: str,
    statement_id: str,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    etag: Changed,
) -> NoteView:
    """Keep a doubted sentence as it stands."""
    return _answer(response, await notes.keep(services, actor, NoteId(note_id), statement_id, etag=etag))


@router.post("/{note_id}/omitted/{statement_id}/add")
async def add_omitted(
    note_id: str,
    statement_id: str,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    etag: Changed,
) -> NoteView:
    """Take what was mentioned, but left out, into its section."""
    return _answer(response, await notes.add_omitted(services, actor, NoteId(note_id), statement_id, etag=etag))


@router.delete("/{note_id}/omitted/{statement_id}")
async def dismiss_omitted(
    note_id: str,
    statement_id: str,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    etag: Changed,
) -> NoteView:
    """Offer what was left out no more: it is not relevant."""
    return _answer(response, await notes.dismiss_omitted(services, actor, NoteId(note_id), statement_id, etag=etag))


@router.post("/{note_id}/undo")
async def undo(note_id: str, response: Response, services: ServicesOf, actor: Clinician, etag: Changed) -> NoteView:
    """Take back the last edit of a draft."""
    return _answer(response, await notes.undo(services, actor, NoteId(note_id), etag=etag))


@router.post("/{note_id}/sign")
async def sign(note_id: str, response: Response, services: ServicesOf, actor: Doctor, etag: Changed) -> NoteView:
    """Sign a draft. Sentences that nobody has decided on are named in a 409."""
    return _answer(response, await notes.sign(services, actor, NoteId(note_id), etag=etag))


@router.post("/{note_id}/amend", status_code=201)
async def amend(
    note_id: str,
    body: Amendment,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    etag: Changed,
) -> NoteView:
    """Open a new draft version of a signed note."""
    return _answer(response, await notes.amend(services, actor, NoteId(note_id), body.reason, etag=etag))


def _answer(response: Response, stored: Stored[Note]) -> NoteView:
    view = NoteView.of(stored)
    response.headers["ETag"] = view.etag
    return view
