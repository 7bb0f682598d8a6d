"""Discarding: a recording is thrown away with all that came of it, also when a crash or a late writer comes between."""

from __future__ import annotations

from contextlib import suppress

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError, ConflictError
from auscult.domain.ids import RecordingId
from auscult.domain.note import NoteStatus
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows.recording_state import all_rows, change, load, progress
from auscult.flows.rerun import stop_work
from auscult.flows.services import Services
from auscult.flows.tables import (
    NOTES,
    SLICES,
    STEPS,
    TRANSCRIPTS,
)
from auscult.flows.work import tidy_job
from auscult.stores.records import ClinicRecords, Delete, T, TableSpec, Write


async def discard(
    services: Services, actor: Actor, recording_id: RecordingId, *, consent_withdrawn: bool = False
) -> Recording:
    """Throw a recording away with all that came of it. Raises `ConflictError` when its note is signed."""
    records = services.records_of(actor)
    notes = await records.table(NOTES).query(recording_id, index="recording", limit=1000)
    if any(stored.value.status is not NoteStatus.DRAFT for stored in notes.items):
        raise ConflictError(
            "The note of this recording is signed and has become part of the record.", remedy="Amend the note instead."
        )
    now = services.ambient.now()

    def apply(recording: Recording) -> Recording:
        consent = recording.consent
        if consent is not None and consent_withdrawn and consent.withdrawn_at is None:
            consent = consent.model_copy(update={"withdrawn_at": now})
        return recording.model_copy(
            update={
                "status": RecordingStatus.DISCARDED,
                "consent": consent,
                "title": "",
                "steps": (),
                "note_id": None,
                "transcript_version": 0,
                "failure": None,
                "audio_deleted_at": recording.audio_deleted_at or now,
            }
        )

    discarded = await change(
        services,
        actor,
        recording_id,
        apply,
        # with the drafts as we saw them: whoever signs one at the same time is either refused, or refuses us
        writes=lambda _recording: [
            Delete(NOTES, NOTES.key(stored.value), if_version=stored.version) for stored in notes.items
        ],
        events=lambda recording: [progress(services, actor, recording, "received", 0.0)],
        jobs=lambda recording: [tidy_job(actor, recording.id, "discarded", recording.run)],
    )
    with suppress(AuscultError):  # it is discarded; what could not be removed now, the job removes
        await stop_work(services, actor, discarded)
        await sweep_discarded(services, actor, recording_id)
    return discarded


async def sweep_if_discarded(services: Services, actor: Actor, recording_id: RecordingId) -> bool:
    """Remove what is left of a recording if it was discarded; tell whether it was."""
    if (await load(services, actor, recording_id)).value.status is not RecordingStatus.DISCARDED:
        return False
    await sweep_discarded(services, actor, recording_id)
    return True


async def sweep_discarded(services: Services, actor: Actor, recording_id: RecordingId) -> None:
    """Remove everything that a discarded recording left: rows, audio, slices. Harmless to repeat."""
    recording = (await load(services, actor, recording_id)).value
    records, objects = services.records_of(actor), services.objects_of(actor)
    notes = await records.table(NOTES).query(recording_id, index="recording", limit=1000)
    gone: list[Write] = [Delete(NOTES, NOTES.key(stored.value)) for stored in notes.items]
    gone += [
        *await _deletions(records, STEPS, recording_id),
        *await _deletions(records, TRANSCRIPTS, recording_id),
        *await _deletions(records, SLICES, recording_id),
    ]
    for start in range(0, len(gone), 500):
        await records.transact(gone[start : start + 500])
    await objects.delete(recording.upload_key)
    for prefix in (f"slices/{recording_id}/", f"derived/{recording_id}/"):
        async for key in objects.keys(prefix):
            await objects.delete(key)


async def _deletions(records: ClinicRecords, spec: TableSpec[T], recording_id: RecordingId) -> list[Write]:
    return [Delete(spec, spec.key(row)) for row in await all_rows(records, spec, recording_id)]
