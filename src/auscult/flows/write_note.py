"""The two last steps of the journey: having the note written and grounded, and storing it.

What a clinician wrote into the draft before stays in the new one; a signed note is never changed: the new one is its
next version.
"""

from __future__ import annotations

import asyncio

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError
from auscult.domain.event import Event
from auscult.domain.ids import NoteId
from auscult.domain.model import Value
from auscult.domain.note import Note, NoteBody, NoteStatus
from auscult.domain.recording import Failure, Recording, RecordingStatus
from auscult.domain.transcript import Transcript
from auscult.engines.writer import KnownHistory, Request
from auscult.flows.recording_state import event, progress
from auscult.flows.services import Services
from auscult.flows.steps import Steps
from auscult.flows.tables import NOTES, PATIENTS
from auscult.flows.work import tidy_job
from auscult.flows.written_again import carried_over
from auscult.stores.records import Key, Put, Write
from auscult.trust.grounding import check


class Written(Value):
    """The note that a writer wrote, and the id that it will be stored under."""

    note_id: NoteId
    body: NoteBody


class CannotWriteError(Exception):
    """No writer could write; the transcript stands alone."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


async def write(services: Services, actor: Actor, recording: Recording, transcript: Transcript) -> Written:
    """Have the note written and grounded; whatever a writer does, the outcome is a note or `CannotWriteError`."""
    history, names = await _known(services, actor, recording)
    request = Request(transcript=transcript, history=history, template=recording.template, names=names)
    try:
        async with asyncio.timeout(services.limits.writer_seconds):
            body = check(await services.writer.write(request), transcript)
    except TimeoutError as error:
        raise CannotWriteError(
            Failure(
                code="writer_timeout",
                reason=f"The writer did not finish within {services.limits.writer_seconds:.0f} s.",
                remedy="Retry, choose another writer, or write the note from the transcript.",
            )
        ) from error
    except AuscultError as error:
        raise CannotWriteError(Failure.of(error)) from error
    except Exception as error:  # a writer is foreign code: whatever it raises must not lose the transcript
        raise CannotWriteError(
            Failure(
                code="writer_failed",
                reason="The writer failed.",
                remedy="Retry, choose another writer, or write the note from the transcript.",
            )
        ) from error
    note_id = recording.note_id or NoteId(services.ambient.new_id("NOTE"))
    return Written(note_id=note_id, body=body.model_copy(update={"template": recording.template}))


async def _known(services: Services, actor: Actor, recording: Recording) -> tuple[KnownHistory, tuple[str, ...]]:
    """What the record says of the patient, and what it calls them."""
    if recording.patient_id is None:
        return KnownHistory(), ()
    stored = await services.records_of(actor).table(PATIENTS).get(Key(recording.patient_id))
    if stored is None:
        return KnownHistory(), ()
    patient = stored.value
    history = KnownHistory(
        problems=patient.problems, medicines=patient.medicines, allergies=patient.allergies, sex=patient.sex
    )
    return history, (patient.name, *(identifier.value for identifier in patient.identifiers))


async def store(services: Services, actor: Actor, steps: Steps, transcript: Transcript, written: Written) -> None:
    """Store the note, with the recording's new state and the event, in one transaction."""
    await steps.begin("stored")
    now = services.ambient.now()
    table = services.records_of(actor).table(NOTES)
    page = await table.query(written.note_id, newest_first=True, limit=1)
    before = page.items[0].value if page.items else None
    if before is None:
        version, note_created, previous, reason = 1, now, None, ""
    elif before.status is NoteStatus.DRAFT:
        version, note_created, previous = before.version, before.created_at, before.body
        reason = before.amendment_reason
    else:
        version, note_created, previous = before.version + 1, now, None
        reason = f"Transcribed again with {transcript.engine.name} {transcript.engine.model}"

    body = written.body
    if before is not None:
        same = before.transcript_version == transcript.version
        body = carried_over(body, before.body, same_transcript=same)

    def note(current: Recording) -> Note:
        return Note(
            id=written.note_id,
            version=version,
            recording_id=current.id,
            patient_id=current.patient_id,
            body=body,
            transcript_version=transcript.version,
            demo_quality=transcript.engine.demo_quality,
            created_at=note_created,
            updated_at=now,
            previous_body=previous,
            amendment_reason=reason,
        )

    fresh = page.items[0].version if before is not None and before.version == version else 0

    def writes(current: Recording) -> list[Write]:
        return [Put(NOTES, note(current), if_version=fresh)]

    await steps.commit(
        lambda current: steps.finished(current, "stored").model_copy(
            update={"status": RecordingStatus.READY, "note_id": written.note_id, "failure": None}
        ),
        writes=writes,
        events=lambda current: [
            progress(services, actor, current, "stored", 1.0),
            _soap_ready(services, actor, current, written.note_id),
        ],
        jobs=lambda current: [tidy_job(actor, current.id, "stored", current.run)],
    )


def _soap_ready(services: Services, actor: Actor, recording: Recording, note_id: NoteId) -> Event:
    ids: dict[str, str | int | float] = {"recording_id": recording.id, "note_id": note_id}
    if recording.patient_id is not None:
        ids["patient_id"] = recording.patient_id
    return event(services, actor, "soap_ready", **ids)
