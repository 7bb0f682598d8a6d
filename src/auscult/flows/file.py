"""Filing: a recording and all that came of it go to a patient, to another, or back to nobody; two patients become one.

Nothing is encrypted again: item keys are re-wrapped. The recording itself moves at once; what hangs on it follows in
a job that may be repeated, so that a crash in between leaves nothing behind.
"""

from __future__ import annotations

from typing import Final, TypeVar

from auscult.domain.actor import Actor
from auscult.domain.errors import ConflictError, NotFoundError
from auscult.domain.ids import PatientId, RecordingId
from auscult.domain.job import Job
from auscult.domain.note import Note
from auscult.domain.patient import Patient
from auscult.domain.recording import Recording, RecordingStatus, Slice
from auscult.domain.transcript import Transcript
from auscult.flows.recording_state import all_rows, event, load
from auscult.flows.services import Services
from auscult.flows.tables import (
    NOTES,
    PATIENTS,
    RECORDINGS,
    SLICES,
    STEPS,
    TRANSCRIPTS,
    StepResult,
    subject_of,
)
from auscult.stores.records import Key, Put, Refile, Stored, TableSpec

Belonging = TypeVar("Belonging", Transcript, StepResult, Slice, Note)

REFILE: Final = "refile"
"""The flow that re-wraps what belongs to a filed recording."""


async def file_recording(
    services: Services, actor: Actor, recording_id: RecordingId, patient_id: PatientId | None
) -> Recording:
    """File a recording under a patient, move it to another, or (None) take it back to the unfiled ones.

    Raises `NotFoundError` for an unknown patient, `ConflictError` for a discarded recording.
    """
    if patient_id is not None:
        await _patient(services, actor, patient_id)
    for _ in range(20):
        stored = await load(services, actor, recording_id)
        if stored.value.status is RecordingStatus.DISCARDED:
            raise ConflictError("The recording was discarded.")
        if stored.value.patient_id == patient_id:
            return stored.value
        moved = stored.value.model_copy(update={"patient_id": patient_id, "filings": stored.value.filings + 1})
        try:
            await services.records_of(actor).transact(
                [Refile(RECORDINGS, moved, if_version=stored.version)],
                events=[event(services, actor, "recording_filed", recording_id=recording_id)],
                jobs=[Job(clinic_id=actor.clinic_id, flow=REFILE, subject=recording_id, revision=moved.filings)],
            )
        except ConflictError:
            continue
        await refile_belongings(services, actor, recording_id)
        return moved
    raise ConflictError("The recording is being changed too often at the same time.")


async def refile_belongings(services: Services, actor: Actor, recording_id: RecordingId) -> None:
    """Bring everything that hangs on a recording to where the recording is filed now. Harmless to repeat."""
    recording = (await load(services, actor, recording_id)).value
    await _refile(services, actor, recording, TRANSCRIPTS)
    await _refile(services, actor, recording, STEPS)
    await _refile(services, actor, recording, SLICES)
    await _refile(services, actor, recording, NOTES, "recording")
    objects = services.objects_of(actor)
    subject = subject_of(recording.patient_id)
    for prefix in (recording.upload_key, f"slices/{recording_id}/", f"derived/{recording_id}/"):
        async for key in objects.keys(prefix):
            await objects.refile(key, subject)


async def merge_patients(services: Services, actor: Actor, source: PatientId, into: PatientId) -> Patient:
    """Make two entries of one person into one: everything of `source` moves to `into`, which is returned.

    Raises `NotFoundError`, and `ConflictError` when they are the same or `source` was merged before.
    """
    gone = await _patient(services, actor, source)
    kept = await _patient(services, actor, into)
    if source == into:
        raise ConflictError("A patient cannot be merged into itself.")
    for recording in await all_rows(services.records_of(actor), RECORDINGS, source, "patient"):
        await file_recording(services, actor, recording.id, into)
    merged = gone.value.model_copy(update={"merged_into": into})
    await services.records_of(actor).transact(
        [Put(PATIENTS, merged, if_version=gone.version)],
        events=[event(services, actor, "patient_merged", patient_id=source, into=into)],
    )
    return kept.value


async def _refile(
    services: Services, actor: Actor, recording: Recording, spec: TableSpec[Belonging], index: str | None = None
) -> None:
    records = services.records_of(actor)
    table = records.table(spec)
    for row in await all_rows(records, spec, recording.id, index):
        stored = await table.get(spec.key(row))
        if stored is None or stored.value.patient_id == recording.patient_id:
            continue
        moved = stored.value.model_copy(update={"patient_id": recording.patient_id})
        await records.transact([Refile(spec, moved, if_version=stored.version)])


async def _patient(services: Services, actor: Actor, patient_id: PatientId) -> Stored[Patient]:
    stored = await services.records_of(actor).table(PATIENTS).get(Key(patient_id))
    if stored is None or stored.value.merged_into is not None:
        raise NotFoundError("There is no such patient.")
    return stored
