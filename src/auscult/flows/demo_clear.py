"""Removing the invented clinic: what `flows.demo` lists, what came of its patients, and nothing else.

The patients are erased as real ones are, so that what a clinician did with them (an edited note, another place in the
queue) goes too, in every backup as well. What is not the demo's own is given back: a recording that somebody made and
filed under an invented patient is unfiled again, and entries that were merged with a real person's stay that person's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from auscult.domain.actor import Actor
from auscult.domain.errors import ConflictError, ErasedError, NotFoundError
from auscult.domain.ids import PatientId, RecordingId, UserId
from auscult.domain.patient import Patient
from auscult.domain.queue import ENDED, QueueEntry, QueueStatus
from auscult.domain.recording import RecordingStatus
from auscult.flows import access, queue
from auscult.flows.demo import DEMO, DOCTOR, NUMBERS, Tell, listed, patients_in, visits_in
from auscult.flows.erase import erase_patient
from auscult.flows.file import file_recording
from auscult.flows.preferences import PREFERENCES
from auscult.flows.recording_state import FINISHED, all_rows
from auscult.flows.rerun import stop_work
from auscult.flows.services import Services
from auscult.flows.tables import (
    ALL,
    NOTES,
    PATIENTS,
    QUEUE,
    QUEUE_DESKS,
    QUEUE_NUMBERS,
    RECORDINGS,
    STEPS,
    TRANSCRIPTS,
    recording_key,
)
from auscult.stores.records import Delete, Key, Write
from auscult.stores.secrets import Erasure
from auscult.trust.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was removed: `patients`, and recordings that were `unfiled`. `merged`: whose entries hold invented ones."""

    patients: int
    unfiled: tuple[RecordingId, ...]
    merged: tuple[PatientId, ...]


async def clear(
    services: Services,
    keyring: Keyring,
    actor: Actor,
    *,
    remember: Callable[[tuple[Erasure, ...]], Awaitable[None]],
    tell: Tell,
) -> Cleared:
    """Remove the invented clinic, also one that was made in part. Cut short, the next one finishes it.

    `remember` is as for `erase_patient`. Where nothing is listed, nothing is done.
    """
    made = await listed(services, actor)
    ours, visits = patients_in(made), visits_in(made)
    going, merged = await _sorted_out(services, actor, ours)
    unfiled: list[RecordingId] = []
    for done, patient_id in enumerate(going):
        tell("patients", done / (len(going) + 1))
        unfiled += await _given_back(services, actor, patient_id, visits)
        await _leave_queue(services, actor, patient_id)
    for recording_id in visits:
        await _remove_elsewhere(services, actor, recording_id, going)
    for done, patient_id in enumerate(going):
        tell("patients", (done + 1) / (len(going) + 1))
        with suppress(NotFoundError):  # an earlier clearing was cut short behind it
            gone = await erase_patient(services, keyring, actor, patient_id, remember=remember)
            for subject in gone.subjects:  # nobody has to hear that somebody invented was erased
                await services.records.of(actor.clinic_id).erase(subject)
    await _remove_rest(services, actor, made)
    tell("done", 1.0)
    return Cleared(len(ours), tuple(unfiled), tuple(merged))


async def _sorted_out(
    services: Services, actor: Actor, ours: list[PatientId]
) -> tuple[list[PatientId], list[PatientId]]:
    """Whom to erase, and the entries that an invented and a real person share since they were merged.

    Of two invented ones that were merged, the one that stayed is erased, and takes the other along.
    """
    going: list[PatientId] = []
    merged: list[PatientId] = []
    for patient_id in ours:
        found = await _patient(services, actor, patient_id)
        into = found.merged_into if found else None
        rows: list[Patient] = []
        with suppress(ErasedError):
            rows = await all_rows(services.records_of(actor), PATIENTS, patient_id, "merged")
        if any(one.id not in ours for one in rows):
            merged.append(patient_id)
        elif into is None:
            going.append(patient_id)
        elif into not in ours:
            merged.append(into)
            await services.records_of(actor).transact([Delete(PATIENTS, Key(patient_id))])
    return going, list(dict.fromkeys(merged))


async def _patient(services: Services, actor: Actor, patient_id: PatientId) -> Patient | None:
    try:
        stored = await services.records_of(actor).table(PATIENTS).get(Key(patient_id))
    except ErasedError:  # by `auscult patients erase`, or a clearing that was cut short
        return None
    return stored.value if stored else None


async def _given_back(
    services: Services, actor: Actor, patient_id: PatientId, visits: list[RecordingId]
) -> list[RecordingId]:
    """Unfile what somebody recorded themselves and filed under an invented patient."""
    given: list[RecordingId] = []
    for recording in await all_rows(services.records_of(actor), RECORDINGS, patient_id, "patient"):
        if recording.id not in visits and recording.status is not RecordingStatus.DISCARDED:
            await file_recording(services, actor, recording.id, None)
            given.append(recording.id)
    return given


async def _leave_queue(services: Services, actor: Actor, patient_id: PatientId) -> None:
    """End what has not ended, so that no clinician is left seeing somebody who is gone."""
    entries: list[QueueEntry] = await all_rows(services.records_of(actor), QUEUE, patient_id, "patient")
    for entry in entries:
        status = entry.status
        while status not in ENDED:
            end = queue.complete if status is QueueStatus.CONSULTING else queue.cancel
            with suppress(ConflictError):  # somebody moved it meanwhile: it is ended from where it is now
                await end(services, actor, entry.id)
            status = (await queue.read(services, actor, entry.id)).entry.status


async def _remove_elsewhere(
    services: Services, actor: Actor, recording_id: RecordingId, going: list[PatientId]
) -> None:
    """Remove an invented recording that was filed elsewhere, with its notes, also signed ones."""
    records = services.records_of(actor)
    try:
        stored = await records.table(RECORDINGS).get(recording_key(recording_id))
    except ErasedError:
        return
    if stored is None or stored.value.patient_id in going:
        return
    if stored.value.status not in FINISHED:
        await stop_work(services, actor, stored.value)
    gone: list[Write] = [Delete(RECORDINGS, recording_key(recording_id))]
    gone += [Delete(NOTES, NOTES.key(one)) for one in await all_rows(records, NOTES, recording_id, "recording")]
    gone += [Delete(STEPS, STEPS.key(one)) for one in await all_rows(records, STEPS, recording_id)]
    gone += [Delete(TRANSCRIPTS, TRANSCRIPTS.key(one)) for one in await all_rows(records, TRANSCRIPTS, recording_id)]
    await records.transact(gone)


async def _remove_rest(services: Services, actor: Actor, made: dict[str, str]) -> None:
    """Remove the invented doctor and the list; of the queue's numbers, what no real entry had a part in.

    Elsewhere the numbers go on from where they are: none is given twice on one day.
    """
    records = services.records_of(actor)
    last: list[Write] = [Delete(DEMO, Key("demo", name)) for name in made]
    if DOCTOR in made:
        user_id = UserId(made[DOCTOR])
        last += [Delete(access.USERS, Key("user", user_id)), Delete(PREFERENCES, Key("preferences", user_id))]
        last.append(Delete(QUEUE_DESKS, Key(user_id)))
        for session in await all_rows(records, access.SESSIONS, "session"):
            if session.user_id == user_id:
                last.append(Delete(access.SESSIONS, Key("session", session.token_hash)))
        for link in await all_rows(records, access.LINKS, "link"):
            if link.user_id == user_id:
                last.append(Delete(access.LINKS, Key("link", link.token_hash)))
    if NUMBERS in made and not await _anybody_queued(services, actor):
        last.append(Delete(QUEUE_NUMBERS, Key(ALL)))
    if last:
        await records.transact(last, events=[access.access_changed(services, actor.clinic_id)])


async def _anybody_queued(services: Services, actor: Actor) -> bool:
    table = services.records_of(actor).table(QUEUE)
    pages = [await table.query(status, index="status", limit=1) for status in QueueStatus]
    return any(page.items for page in pages)
