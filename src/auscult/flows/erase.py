"""Erasing a patient: their key is destroyed, and with it all that it sealed, in every copy and every backup.

What is left of it is removed too: rows of every table, search rows among them, sound, results of steps. Of the patient
a row stays that nobody can open, so that whoever asks for them hears that they were erased.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError, ConflictError, ErasedError, NotFoundError
from auscult.domain.ids import ClinicId, PatientId, SubjectId, is_id
from auscult.domain.patient import Patient
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows.recording_state import all_rows, event
from auscult.flows.rerun import stop_work
from auscult.flows.services import Services
from auscult.flows.tables import PATIENTS, RECORDINGS
from auscult.stores.records import Key
from auscult.stores.secrets import Erasure
from auscult.trust.sealing import Keyring

STUBS: Final = (PATIENTS.name,)
"""What stays, sealed for ever: an id and a time."""
RECENT: Final = timedelta(hours=3)
"""A process that had the key in its memory may have written with it for 30 s; upkeep looks for so long."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure removed: subjects (whoever was merged into the patient, and the patient), documents, objects."""

    subjects: tuple[SubjectId, ...]
    documents: int
    objects: int


async def erase_patient(
    services: Services,
    keyring: Keyring,
    actor: Actor,
    patient_id: PatientId,
    *,
    remember: Callable[[tuple[Erasure, ...]], Awaitable[None]],
) -> Erased:
    """Erase a patient for good. Done again, or after being cut short, it finishes what is left.

    `remember` keeps the erasures outside the database and its backups; it is asked before anything is destroyed, so
    that no restore can miss one.

    Raises `NotFoundError` for somebody who is not there, `ConflictError` for an entry that was merged into another.
    """
    subjects = await _subjects(services, keyring, actor, patient_id)
    recordings = await _recordings(services, actor, patient_id)
    now = services.ambient.now()
    await remember(tuple(Erasure(subject, now) for subject in subjects))
    for recording in recordings:
        # With what waits, not sealed yet, to be taken in under its key.
        await services.objects_of(actor).delete(recording.upload_key)
    for subject in subjects:
        await keyring.destroy_subject(actor.clinic_id, subject)
    objects = await services.objects_of(actor).erase(subjects)
    documents = await _remove_rows(services, actor.clinic_id, subjects)
    await services.records_of(actor).transact(events=[event(services, actor, "patient_erased", patient_id=patient_id)])
    return Erased(subjects, documents, objects)


async def finish_recent(services: Services, keyring: Keyring, actor: Actor) -> None:
    """Remove what was written for somebody while they were being erased. Harmless to repeat."""
    since = services.ambient.now() - RECENT
    recent = [SubjectId(one.name) for one in await keyring.erasures(actor.clinic_id) if one.at > since]
    await _remove_rows(services, actor.clinic_id, tuple(recent))


async def _subjects(services: Services, keyring: Keyring, actor: Actor, patient_id: PatientId) -> tuple[SubjectId, ...]:
    """The patient, and the entries that were merged into theirs: one person, with a key for each."""
    records = services.records_of(actor)
    if not is_id(patient_id, "PAT"):
        raise NotFoundError("There is no such patient.", remedy="Give the patient's id, PAT_ and 26 characters.")
    try:
        stored = await records.table(PATIENTS).get(Key(patient_id))
        if stored is None and not await keyring.is_destroyed(actor.clinic_id, SubjectId(patient_id)):
            raise NotFoundError("There is no such patient.")
        if stored is not None and stored.value.merged_into is not None:
            raise ConflictError(
                "This entry was merged into another: they are one person.",
                remedy=f"Erase {stored.value.merged_into}; this entry goes with it.",
                extras={"patient_id": stored.value.merged_into},
            )
        merged: list[Patient] = await all_rows(records, PATIENTS, patient_id, "merged")
    except ErasedError:
        merged = []
        if not await keyring.is_destroyed(actor.clinic_id, SubjectId(patient_id)):
            raise
    # The patient's own key goes last: as long as it is there, a second try finds those who were merged into theirs.
    return (*(SubjectId(one.id) for one in merged), SubjectId(patient_id))


async def _recordings(services: Services, actor: Actor, patient_id: PatientId) -> list[Recording]:
    recordings = await all_rows(services.records_of(actor), RECORDINGS, patient_id, "patient")
    for recording in recordings:
        if recording.status in {RecordingStatus.OPEN, RecordingStatus.PROCESSING, RecordingStatus.RECEIVED}:
            try:
                await stop_work(services, actor, recording)
            except AuscultError as error:  # its work finds out at its next step that there is nothing left
                _log.warning("work_not_stopped", recording_id=recording.id, code=error.code)
    return recordings


async def _remove_rows(services: Services, clinic_id: ClinicId, subjects: tuple[SubjectId, ...]) -> int:
    records = services.records.of(clinic_id)
    return sum([await records.erase(subject, keep=STUBS) for subject in subjects])
