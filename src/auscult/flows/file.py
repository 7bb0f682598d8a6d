"""Filing: a recording and all that came of it go to a patient, to another, or back to nobody; two patients become one.

Nothing is encrypted again: item keys are re-wrapped. The recording itself moves at once; what hangs on it follows in
a job that may be repeated, so that a crash in between leaves nothing behind.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError, ConflictError, NotFoundError
from auscult.domain.ids import PatientId, RecordingId
from auscult.domain.note import Note
from auscult.domain.patient import Patient, Sex
from auscult.domain.recording import Recording, RecordingStatus, Slice
from auscult.domain.transcript import Transcript
from auscult.flows import queue
from auscult.flows.care_team import joining, moving, require
from auscult.flows.patient_terms import PATIENT_TERMS, terms_of
from auscult.flows.recording_state import all_rows, event, found, load
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
from auscult.flows.work import refile_job
from auscult.stores.records import Delete, Key, Put, Refile, Stored, TableSpec

Belonging = TypeVar("Belonging", Transcript, StepResult, Slice, Note)

_TRIES = 20
"""How often a filing is tried again when somebody else's change came between."""


async def file_recording(
    services: Services, actor: Actor, recording_id: RecordingId, patient_id: PatientId | None
) -> Recording:
    """File a recording under a patient, move it to another, or (None) take it back to the unfiled ones.

    Who recorded it and files it is in the patient's care team from then on.

    Raises `NotFoundError` for an unknown patient, `ConflictError` for a discarded recording, `OutsideCareTeamError` for
    who may open neither or only one of the two records.
    """
    if patient_id is not None:
        await _patient(services, actor, patient_id)
    if (await load(services, actor, recording_id)).value.status is RecordingStatus.DISCARDED:
        raise ConflictError("The recording was discarded.")
    return await _move(services, actor, recording_id, patient_id)


async def _move(services: Services, actor: Actor, recording_id: RecordingId, patient_id: PatientId | None) -> Recording:
    for _ in range(_TRIES):
        stored = await found(services, actor, recording_id)
        if stored.value.patient_id == patient_id:
            return stored.value
        moved = stored.value.model_copy(update={"patient_id": patient_id, "filings": stored.value.filings + 1})
        try:
            await services.records_of(actor).transact(
                [
                    Refile(RECORDINGS, moved, if_version=stored.version),
                    *(await joining(services, actor, patient_id) if moved.created_by == actor.user_id else []),
                ],
                events=[event(services, actor, "recording_filed", recording_id=recording_id)],
                jobs=[refile_job(actor, moved)],
            )
        except ConflictError:
            continue
        with suppress(AuscultError):  # it is filed; what could not follow now, the job brings after it
            await refile_belongings(services, actor, recording_id)
        return moved
    raise ConflictError("The recording is being changed too often at the same time.")


async def refile_belongings(services: Services, actor: Actor, recording_id: RecordingId) -> None:
    """Bring everything that hangs on a recording to where the recording is filed now. Harmless to repeat."""
    for _ in range(_TRIES):
        recording = (await found(services, actor, recording_id)).value
        await _follow(services, actor, recording)
        # filed elsewhere meanwhile: what we moved last may have been moved after somebody else's pass
        if (await found(services, actor, recording_id)).value.patient_id == recording.patient_id:
            return
    raise ConflictError("The recording is being filed too often at the same time.")


async def _follow(services: Services, actor: Actor, recording: Recording) -> None:
    await _refile(services, actor, recording, TRANSCRIPTS)
    await _refile(services, actor, recording, STEPS)
    await _refile(services, actor, recording, SLICES)
    await _refile(services, actor, recording, NOTES, "recording")
    objects = services.objects_of(actor)
    subject = subject_of(recording.patient_id)
    for prefix in (recording.upload_key, f"slices/{recording.id}/", f"derived/{recording.id}/"):
        async for key in objects.keys(prefix):
            with suppress(NotFoundError):  # removed since it was listed
                await objects.refile(key, subject)


async def merge_patients(services: Services, actor: Actor, source: PatientId, into: PatientId) -> Stored[Patient]:
    """Make two entries of one person into one: everything of `source` moves to `into`, which is returned.

    From then on `source` is found under nothing, and `into` also under what only `source` had.

    Both care teams become one, and reasons that were given to open `source` are kept with `into`.

    Raises `NotFoundError`, `ConflictError` when they are the same or `source` was merged before, and
    `OutsideCareTeamError` for who may not open both.
    """
    gone = await _patient(services, actor, source)
    kept = await _patient(services, actor, into)
    if source == into:
        raise ConflictError("A patient cannot be merged into itself.")
    await _move_all(services, actor, source, into)
    both = _united(kept.value, gone.value)
    # The old entry is wrapped for the one that stays, with those that were merged into it before: they are one person,
    # whose erasure must reach them all.
    records = services.records_of(actor)
    earlier = await all_rows(records, PATIENTS, source, "merged")
    moved = {"merged_into": into}
    terms = terms_of(await services.search_key(actor), both)
    versions = await records.transact(
        [
            Refile(PATIENTS, gone.value.model_copy(update=moved), if_version=gone.version),
            *(Refile(PATIENTS, one.model_copy(update=moved)) for one in earlier),
            Delete(PATIENT_TERMS, Key(source)),
            Put(PATIENT_TERMS, terms),
            *await moving(records, source, into),
            Put(PATIENTS, both, if_version=kept.version),
        ],
        events=[event(services, actor, "patient_merged", patient_id=source, into=into)],
    )
    await _move_all(services, actor, source, into)  # what was filed under the old entry while we moved the rest
    if late := await moving(records, source, into):
        await records.transact(late)
    return Stored(both, versions[-1])


async def _move_all(services: Services, actor: Actor, source: PatientId, into: PatientId) -> None:
    """Move also what was discarded: its consent belongs to the person."""
    for recording in await all_rows(services.records_of(actor), RECORDINGS, source, "patient"):
        await _move(services, actor, recording.id, into)
    await queue.follow(services, actor, source, into)


def _united(kept: Patient, gone: Patient) -> Patient:
    """The entry that stays, with what only the other one knew: an allergy must not be lost by tidying up."""
    lists = {
        name: tuple(dict.fromkeys((*getattr(kept, name), *getattr(gone, name))))
        for name in ("identifiers", "allergies", "problems", "medicines")
    }
    return kept.model_copy(
        update={
            **lists,
            "birth_date": kept.birth_date or gone.birth_date,
            "sex": gone.sex if kept.sex is Sex.UNKNOWN else kept.sex,
            "phone": kept.phone or gone.phone,
        }
    )


async def _refile(
    services: Services, actor: Actor, recording: Recording, spec: TableSpec[Belonging], index: str | None = None
) -> None:
    records = services.records_of(actor)
    table = records.table(spec)
    for row in await all_rows(records, spec, recording.id, index):
        for _ in range(_TRIES):
            stored = await table.get(spec.key(row))
            if stored is None or stored.value.patient_id == recording.patient_id:
                break
            moved = stored.value.model_copy(update={"patient_id": recording.patient_id})
            with suppress(ConflictError):  # changed meanwhile, e.g. a note that is being edited: move its newest state
                await records.transact([Refile(spec, moved, if_version=stored.version)])
                break


async def _patient(services: Services, actor: Actor, patient_id: PatientId) -> Stored[Patient]:
    stored = await services.records_of(actor).table(PATIENTS).get(Key(patient_id))
    if stored is None or stored.value.merged_into is not None:
        raise NotFoundError("There is no such patient.")
    await require(services, actor, patient_id)
    return stored
