"""Notes: read, edited sentence by sentence, decided on, signed, amended.

Versions are kept; a signed one never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import AuscultError, ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from auscult.domain.evidence import ClinicianSource, Decision, Statement
from auscult.domain.ids import NoteId, PatientId, is_id
from auscult.domain.job import Job
from auscult.domain.note import Note, NoteBody, NoteStatus, Signature
from auscult.domain.note_additions import with_omitted, with_statement, without_omitted, without_statement
from auscult.domain.note_fields import with_sections
from auscult.flows import retention
from auscult.flows.care_team import require
from auscult.flows.recording_state import all_rows, event, load
from auscult.flows.services import Services
from auscult.flows.tables import NOTES, note_key
from auscult.flows.work import tidy_job
from auscult.stores.records import Page, Put, Stored

Etag: TypeAlias = tuple[int, int]
"""What a change was made from: the note's version, and how often this version was written; each counts from 1."""
_LOOKS = 4
"""Queries for one page of a patient's notes: enough where each was amended three times."""
MAX_STATEMENT = 4000
"""Characters in one sentence of a note: more is pasted by mistake."""


async def read(services: Services, actor: Actor, note_id: NoteId, version: int | None = None) -> Stored[Note]:
    """The newest version of a note, or the one asked for.

    Raises `NotFoundError`, `ErasedError`, `OutsideCareTeamError`.
    """
    table = services.records_of(actor).table(NOTES)
    if version is not None:
        stored = await table.get(note_key(note_id, version))
    else:
        page = await table.query(note_id, newest_first=True, limit=1)
        # A list leaves out what was erased; asked for by name, it says so.
        stored = page.items[0] if page.items else await table.get(note_key(note_id, 1))
    if stored is None:
        raise NotFoundError("There is no such note.")
    await require(services, actor, stored.value.patient_id)
    return stored


async def versions(services: Services, actor: Actor, note_id: NoteId) -> list[Note]:
    """All versions, oldest first. Raises `NotFoundError`, `OutsideCareTeamError`."""
    kept = await all_rows(services.records_of(actor), NOTES, note_id)
    if not kept:
        raise NotFoundError("There is no such note.")
    await require(services, actor, kept[-1].patient_id)
    return kept


async def of_patient(
    services: Services, actor: Actor, patient_id: PatientId, limit: int, cursor: str | None
) -> Page[Note]:
    """A patient's notes, newest first, each in its newest version.

    A page costs `_LOOKS` queries at most; where many notes were amended often it is shorter, and yet has a next one.
    Raises `InvalidError` for a cursor that is none, `OutsideCareTeamError`.
    """
    await require(services, actor, patient_id)
    if cursor is not None and not is_id(cursor, "NOTE"):
        raise InvalidError("This cursor does not belong to this list.", remedy="Ask for the first page again.")
    table = services.records_of(actor).table(NOTES)
    found: dict[NoteId, Stored[Note]] = {}
    more = True
    for _ in range(_LOOKS):
        # Versions are newest first and a note's id sorts before its versions: `before` an id passes over the rest.
        page = await table.query(
            patient_id, index="patient", before=next(reversed(found), cursor), newest_first=True, limit=limit + 1
        )
        for stored in page.items:
            found.setdefault(stored.value.id, stored)
        more = page.next is not None
        if not more or not page.items or len(found) > limit:
            break
    items = tuple(found.values())[:limit]
    more = (more or len(found) > limit) and bool(items)
    return Page(items, items[-1].value.id if more else None)


async def edit(
    services: Services, actor: Actor, note_id: NoteId, statement_id: str, text: str, *, etag: Etag | None
) -> Stored[Note]:
    """Replace a sentence by the clinician's own wording, of which the clinician is the source from then on."""
    wording = _wording(text)

    def apply(body: NoteBody) -> NoteBody:
        def edited(statement: Statement) -> Statement:
            source = ClinicianSource(user_id=actor.user_id, name=actor.name, at=services.ambient.now())
            kept = tuple(one for one in statement.sources if not isinstance(one, ClinicianSource))
            return statement.model_copy(
                update={
                    "text": wording,
                    "sources": (*kept, source),
                    "supported": True,
                    "flags": (),
                    "decision": None,
                    "term": "",
                }
            )

        return _with_statement(body, statement_id, edited)

    return await _change_draft(services, actor, note_id, apply, etag=etag)


async def remove(
    services: Services, actor: Actor, note_id: NoteId, statement_id: str, *, etag: Etag | None
) -> Stored[Note]:
    """Take a sentence out; it stays out when the note is written again. Raises `NotFoundError`."""
    return await _change_draft(services, actor, note_id, lambda body: without_statement(body, statement_id), etag=etag)


async def add(
    services: Services,
    actor: Actor,
    note_id: NoteId,
    section: str,
    text: str,
    *,
    after: str | None = None,
    etag: Etag | None,
) -> Stored[Note]:
    """Add a sentence of the clinician's own to a section, at its end or after another sentence."""
    wording = _wording(text)
    fresh = Statement(
        id=_fresh_id(services),
        text=wording,
        section=section,
        sources=(ClinicianSource(user_id=actor.user_id, name=actor.name, at=services.ambient.now()),),
    )

    return await _change_draft(services, actor, note_id, lambda body: with_statement(body, fresh, after), etag=etag)


async def add_omitted(
    services: Services, actor: Actor, note_id: NoteId, statement_id: str, *, etag: Etag | None
) -> Stored[Note]:
    """Take a sentence that was mentioned, but left out, into its section, with the medicines that it tells of.

    It keeps its sources. Raises `NotFoundError` when there is no such sentence beside the note.
    """
    fresh_id = _fresh_id(services)
    return await _change_draft(
        services, actor, note_id, lambda body: with_omitted(body, statement_id, fresh_id), etag=etag
    )


async def dismiss_omitted(
    services: Services, actor: Actor, note_id: NoteId, statement_id: str, *, etag: Etag | None
) -> Stored[Note]:
    """Offer a sentence that was left out no more: it is not relevant. Raises `NotFoundError`."""
    return await _change_draft(services, actor, note_id, lambda body: without_omitted(body, statement_id)[1], etag=etag)


async def keep(
    services: Services, actor: Actor, note_id: NoteId, statement_id: str, *, etag: Etag | None
) -> Stored[Note]:
    """Keep a doubted sentence as it stands: a person has decided."""

    def kept(statement: Statement) -> Statement:
        decision = Decision(user_id=actor.user_id, name=actor.name, at=services.ambient.now())
        return statement.model_copy(update={"decision": decision})

    return await _change_draft(
        services, actor, note_id, lambda body: _with_statement(body, statement_id, kept), etag=etag
    )


async def undo(services: Services, actor: Actor, note_id: NoteId, *, etag: Etag | None) -> Stored[Note]:
    """Take back the last edit of a draft; doing it twice brings the edit back. Raises `ConflictError`."""

    def swap(note: Note) -> Note:
        if note.previous_body is None:
            raise ConflictError("There is nothing to undo.")
        return note.model_copy(update={"body": note.previous_body, "previous_body": note.body})

    return await _change(services, actor, note_id, swap, etag=etag)


async def sign(services: Services, actor: Actor, note_id: NoteId, *, etag: Etag | None) -> Stored[Note]:
    """Sign a draft. From then on this version never changes.

    Raises `ConflictError` naming the sentences that a person still has to decide on, when it is signed already, or when
    nobody wrote down who agreed to a live recording (of an upload, consent is noted elsewhere);
    `ForbiddenError` for anyone but a doctor.
    """
    if actor.role is not Role.DOCTOR:
        raise ForbiddenError("Only a doctor can sign a note.")
    recording = (await load(services, actor, (await read(services, actor, note_id)).value.recording_id)).value

    def signed(note: Note) -> Note:
        if note.blocking:
            raise ConflictError(
                "Some sentences are not supported by what was heard.",
                remedy="Keep, edit or remove each marked sentence, then sign.",
                extras={"blocking": list(note.blocking)},
            )
        if recording.live and recording.consent is None:
            raise ConflictError(
                "Nobody has written down who agreed to this recording.",
                remedy="Write down who agreed (`Note it`, above the note; `POST /recordings/{id}/consent`), then sign.",
            )
        signature = Signature(user_id=actor.user_id, name=actor.name, at=services.ambient.now())
        status = NoteStatus.SIGNED if note.version == 1 else NoteStatus.AMENDED
        return note.model_copy(update={"status": status, "signature": signature, "previous_body": None})

    stored = await _change(
        services,
        actor,
        note_id,
        signed,
        etag=etag,
        name="note_signed",
        jobs=lambda note: [tidy_job(actor, note.recording_id, "signed", note.version)],
    )
    with suppress(AuscultError):  # it is signed; what could not be removed now, the job removes
        await retention.tidy(services, actor, stored.value.recording_id)
    return stored


async def amend(services: Services, actor: Actor, note_id: NoteId, reason: str, *, etag: Etag | None) -> Stored[Note]:
    """Open a new draft version of a signed note. The signed one stays as it is. Raises `ConflictError` for a draft."""
    if not reason.strip():
        raise InvalidError("An amendment needs a reason.", remedy="Say in a few words why the note is changed.")
    stored = await read(services, actor, note_id)
    _fresh(stored, etag)
    if stored.value.status is NoteStatus.DRAFT:
        raise ConflictError("This note is still a draft.", remedy="Edit it as it is.")
    now = services.ambient.now()
    draft = stored.value.model_copy(
        update={
            "version": stored.value.version + 1,
            "status": NoteStatus.DRAFT,
            "signature": None,
            "created_at": now,
            "updated_at": now,
            "amendment_reason": reason.strip()[:500],
            "previous_body": None,
        }
    )
    await services.records_of(actor).transact(
        [Put(NOTES, draft, if_version=0)],
        events=[event(services, actor, "note_changed", note_id=note_id, version=draft.version)],
    )
    return await read(services, actor, note_id)


async def _change_draft(
    services: Services, actor: Actor, note_id: NoteId, apply: Callable[[NoteBody], NoteBody], *, etag: Etag | None
) -> Stored[Note]:
    def changed(note: Note) -> Note:
        return note.model_copy(update={"body": apply(note.body), "previous_body": note.body})

    return await _change(services, actor, note_id, changed, etag=etag)


async def _change(
    services: Services,
    actor: Actor,
    note_id: NoteId,
    apply: Callable[[Note], Note],
    *,
    etag: Etag | None,
    name: str = "note_changed",
    jobs: Callable[[Note], Sequence[Job]] = lambda _note: (),
) -> Stored[Note]:
    if actor.role not in {Role.DOCTOR, Role.NURSE}:
        raise ForbiddenError("Only clinicians change notes.")
    stored = await read(services, actor, note_id)
    _fresh(stored, etag)
    if stored.value.status is not NoteStatus.DRAFT:
        raise ConflictError("A signed note is never changed.", remedy="Amend it: that makes a new version.")
    changed = apply(stored.value).model_copy(update={"updated_at": services.ambient.now()})
    try:
        await services.records_of(actor).transact(
            [Put(NOTES, changed, if_version=stored.version)],
            events=[event(services, actor, name, note_id=note_id, version=changed.version)],
            jobs=jobs(changed),
        )
    except ConflictError as error:
        raise StaleError("Somebody changed this note meanwhile.") from error
    return Stored(changed, stored.version + 1)


def _fresh(stored: Stored[Note], etag: Etag | None) -> None:
    if etag is not None and etag != (stored.value.version, stored.version):
        raise StaleError("Somebody changed this note meanwhile.")


def _wording(text: str) -> str:
    wording = " ".join(text.split())
    if not wording:
        raise InvalidError("A sentence cannot be empty.", remedy="Write something, or remove the sentence.")
    if len(wording) > MAX_STATEMENT:
        raise InvalidError("The sentence is too long.", remedy="Split it into several sentences.")
    return wording


def _fresh_id(services: Services) -> str:
    return services.ambient.new_id("EVT").replace("EVT_", "s_")


def _with_statement(body: NoteBody, statement_id: str, apply: Callable[[Statement], Statement]) -> NoteBody:
    if all(statement.id != statement_id for statement in body.statements):
        raise NotFoundError("There is no such sentence in this note.")
    sections = []
    for section in body.sections:
        changed = (apply(one) if one.id == statement_id else one for one in section.statements)
        sections.append(section.model_copy(update={"statements": tuple(changed)}))
    return with_sections(body, sections)
