"""Filling a clinic with invented patients, their notes and a queue, so that somebody can look around in it.

Everything that is made is listed in a table of its own, in the transaction that makes it, so that `flows.demo_clear`
removes exactly that; and what is listed is not made again, so that a filling that was cut short is finished by the
next one. What comes of a patient (queue entries, notes) needs no list: it is sealed under that patient's key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeAlias

from auscult.domain.access import User
from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError
from auscult.domain.ids import UNFILED, PatientId, RecordingId, UserId
from auscult.domain.model import Value
from auscult.domain.note import Note, NoteStatus
from auscult.domain.queue import QueueEntry, QueueStatus
from auscult.domain.recording import Consent, Recording, RecordingStatus, StepState
from auscult.domain.transcript import SpeechEngine, Transcript
from auscult.engines.speech import SAMPLE_RATE, Heard
from auscult.flows import access, notes, patients, queue
from auscult.flows.listening import Decoded, Part
from auscult.flows.patient_terms import PATIENT_TERMS, terms_of
from auscult.flows.recording_state import all_rows, event, load
from auscult.flows.services import Services
from auscult.flows.sound import PartHeard
from auscult.flows.steps import Steps
from auscult.flows.tables import ALL, NOTES, PATIENTS, QUEUE, QUEUE_NUMBERS, RECORDINGS, STEPS, TRANSCRIPTS, StepResult
from auscult.flows.tell_speakers import SpeakersTold
from auscult.flows.write_note import Written, store, write
from auscult.knowledge.demo import DemoPatient, DemoQueueEntry, DemoVisit, clinic
from auscult.stores.records import Key, Put, TableSpec, Write

Tell: TypeAlias = Callable[[str, float], None]
"""Told what is being made and how much of all is done, in [0, 1]."""

_TYPED: Final = SpeechEngine(name="typed", model="invented consultation", version="1")
"""Named on the transcripts: nothing was recognised."""
DOCTOR: Final = "doctor"
NUMBERS: Final = "numbers"
"""Listed when the clinic had given no queue number before."""
_WHOLE: Final = "whole"
"""Listed last, when all was made."""


class Made(Value):
    """One thing that was made: `name` is `patient/…`, `visit/…` or one of those above, `id` what it was given."""

    name: str
    id: str = ""


DEMO: Final[TableSpec[Made]] = TableSpec(
    name="demo",
    model=Made,
    key=lambda one: Key("demo", one.name),
    # Not the patient's: the list must be readable until the last of it is gone.
    subject=lambda _one: UNFILED,
    audited=False,
)


@dataclass(frozen=True, slots=True)
class Filled:
    """How much of the invented clinic there is; `before`: all of it was there already, and nothing was made."""

    patients: int
    notes: int
    signed: int
    queue: int
    before: bool


async def listed(services: Services, actor: Actor) -> dict[str, str]:
    """What was made, by its name, with its id; empty where nothing is."""
    return {one.name: one.id for one in await all_rows(services.records_of(actor), DEMO, "demo")}


def patients_in(made: dict[str, str]) -> list[PatientId]:
    """The ids of the invented patients among what was made."""
    return [PatientId(id_) for name, id_ in made.items() if name.startswith("patient/")]


def visits_in(made: dict[str, str]) -> list[RecordingId]:
    """The ids of the invented recordings among what was made."""
    return [RecordingId(id_) for name, id_ in made.items() if name.startswith("visit/")]


async def fill(services: Services, actor: Actor, *, owner_name: str, beside: bool, tell: Tell) -> Filled:
    """Fill the clinic; what is there already stays as it is.

    `services.writer` writes the notes. `owner_name` is for the clinic's own first user, who has to be there before an
    invented one is. Raises `ConflictError` where patients are registered, unless the invented ones may be `beside`
    them.
    """
    demo, made = clinic(), await listed(services, actor)
    if _WHOLE in made:
        tell("done", 1.0)
        return await _counted(services, actor, made, before=True)
    if not beside and await _has_patients(services, actor, made):
        raise ConflictError(
            "Patients are registered in this clinic.",
            remedy="Fill another one (`--data FOLDER`), or add `--beside`: the invented ones are then among yours, "
            "in the queue and on the screen in the waiting room too, until `auscult demo --clear`.",
        )
    await access.owner(services, actor.clinic_id, owner_name)
    doctor = await _doctor(services, actor, demo.doctor, made)
    steps = len(demo.patient) + len(demo.visit) + len(demo.queue)
    done = 0

    def next_one(what: str) -> None:
        nonlocal done
        tell(what, done / steps)
        done += 1

    for patient in demo.patient:
        next_one("patients")
        if f"patient/{patient.slug}" not in made:
            made[f"patient/{patient.slug}"] = await _patient(services, doctor, patient)
    for visit in sorted(demo.visit, key=lambda one: -one.minutes_ago):
        next_one("notes")
        await _visit(services, doctor, visit, made)
    await _expect_numbers(services, doctor, made)
    for place in demo.queue:
        next_one("queue")
        await _queue(services, doctor, place, PatientId(made[f"patient/{place.patient}"]))
    await services.records_of(doctor).transact([Put(DEMO, Made(name=_WHOLE))])
    tell("done", 1.0)
    return await _counted(services, actor, await listed(services, actor), before=False)


def _ago(services: Services, minutes: float) -> Services:
    """The same services, so many minutes ago: what happened this morning is made by the flows that make it."""
    now = services.ambient.now
    then = replace(services.ambient, now=lambda: now() - timedelta(minutes=minutes))
    return replace(services, ambient=then)


async def _has_patients(services: Services, actor: Actor, made: dict[str, str]) -> bool:
    invented = set(patients_in(made))
    page = await services.records_of(actor).table(PATIENTS).query(ALL, index="recent", limit=len(invented) + 1)
    return any(stored.value.id not in invented for stored in page.items)


async def _doctor(services: Services, actor: Actor, name: str, made: dict[str, str]) -> Actor:
    """The invented doctor: a user without a name to sign in with, so that nobody comes in as them."""
    user_id = UserId(made.get(DOCTOR) or services.ambient.new_id("USR"))
    if DOCTOR not in made:
        user = User(id=user_id, name=name, role=Role.DOCTOR, created_at=services.ambient.now())
        await services.records_of(actor).transact(
            [Put(access.USERS, user, if_version=0), Put(DEMO, Made(name=DOCTOR, id=user_id), if_version=0)]
        )
    return Actor(clinic_id=actor.clinic_id, user_id=user_id, role=Role.DOCTOR, name=name)


async def _patient(services: Services, doctor: Actor, one: DemoPatient) -> PatientId:
    patient = patients.described(
        services,
        {
            "name": one.name,
            "birth_date": one.birth_date,
            "sex": one.sex,
            "phone": one.phone,
            "identifiers": one.identifiers,
            "language": one.language,
            "allergies": one.allergies,
            "problems": one.problems,
            "medicines": one.medicines,
        },
    )
    await services.records_of(doctor).transact(
        [
            Put(PATIENTS, patient, if_version=0),
            Put(PATIENT_TERMS, terms_of(await services.search_key(doctor), patient), if_version=0),
            Put(DEMO, Made(name=f"patient/{one.slug}", id=patient.id), if_version=0),
        ],
        events=[event(services, doctor, "registered", patient_id=patient.id)],
    )
    return patient.id


async def _visit(services: Services, doctor: Actor, visit: DemoVisit, made: dict[str, str]) -> None:
    """Have the note of a consultation written, and signed where it is to be. What a person changed since stays."""
    then = _ago(services, visit.minutes_ago)
    known = made.get(f"visit/{visit.slug}")
    recording_id = RecordingId(known or await _heard(then, doctor, visit, PatientId(made[f"patient/{visit.patient}"])))
    recording = (await load(services, doctor, recording_id)).value
    if recording.status is RecordingStatus.PROCESSING:
        steps = Steps(then, doctor, recording_id, recording.run)
        kept = await services.records_of(doctor).table(TRANSCRIPTS).query(recording_id, newest_first=True, limit=1)
        transcript = kept.items[0].value
        written = await steps.once("note", Written, lambda current: write(then, doctor, current, transcript))
        await store(then, doctor, steps, transcript, written)
        recording = (await load(services, doctor, recording_id)).value
    if visit.signed and recording.note_id is not None:
        note = (await notes.read(services, doctor, recording.note_id)).value
        if note.status is NoteStatus.DRAFT and note.version == 1 and not note.blocking:
            await notes.sign(then, doctor, note.id, etag=None)


async def _heard(then: Services, doctor: Actor, visit: DemoVisit, patient_id: PatientId) -> RecordingId:
    """The recording as it is when its speakers are told apart and its sound is gone: the note is what is missing."""
    now, turns = then.ambient.now(), visit.spoken
    recording_id, upload = RecordingId(then.ambient.new_id("REC")), then.ambient.new_id("UPL")
    language = visit.language.partition("-")[0]
    done = [
        StepState(name=name, fraction=1.0, started_at=now, finished_at=now)
        for name in ("received", "decoded", "transcribed", "speakers")
    ]
    recording = Recording(
        id=recording_id,
        upload_key=f"uploads/{upload}.webm",
        content_type="audio/webm",
        patient_id=patient_id,
        title=visit.title,
        language=language,
        status=RecordingStatus.PROCESSING,
        consent=Consent(given_by="patient", recorded_by=doctor.user_id, recorded_by_name=doctor.name, at=now),
        created_by=doctor.user_id,
        created_at=now,
        finalised_at=now,
        duration=turns[-1].end,
        run=1,
        part_count=1,
        steps=tuple(done),
        transcript_version=1,
        demo_quality=False,
        audio_deleted_at=now,
    )
    transcript = Transcript(
        recording_id=recording_id,
        patient_id=patient_id,
        version=1,
        turns=turns,
        engine=_TYPED,
        language=language,
        created_at=now,
    )
    writes: list[Write] = [
        Put(RECORDINGS, recording, if_version=0),
        Put(TRANSCRIPTS, transcript, if_version=0),
        Put(DEMO, Made(name=f"visit/{visit.slug}", id=recording_id), if_version=0),
    ]
    # What the work would have kept: with it, another template and swapped speakers are to be had here too.
    decoded = Decoded(
        duration=recording.duration,
        codec="opus",
        sample_rate=SAMPLE_RATE,
        source_channels=1,
        stored_channels=1,
        two_voices=False,
        truncated=False,
        parts=(Part(channel=0, start=0.0, end=recording.duration, regions=()),),
    )
    heard = tuple(Heard(turn.text, turn.start, turn.end, 1.0, turn.language) for turn in turns)
    results: dict[str, Value] = {
        "decoded": decoded,
        "part/000000": PartHeard(channel=0, engine=_TYPED, heard=heard),
        "speakers": SpeakersTold(transcript_version=1),
    }
    writes += [
        Put(
            STEPS,
            StepResult(
                recording_id=recording_id,
                patient_id=patient_id,
                revision=1,
                name=name,
                data=result.model_dump(mode="json"),
            ),
            if_version=0,
        )
        for name, result in results.items()
    ]
    await then.records_of(doctor).transact(writes)
    return recording_id


async def _expect_numbers(services: Services, doctor: Actor, made: dict[str, str]) -> None:
    records = services.records_of(doctor)
    if NUMBERS not in made and await records.table(QUEUE_NUMBERS).get(Key(ALL)) is None:
        await records.transact([Put(DEMO, Made(name=NUMBERS))])


async def _queue(services: Services, doctor: Actor, one: DemoQueueEntry, patient_id: PatientId) -> None:
    """Bring a patient to where they are in the queue. Where somebody moved them meanwhile, there they stay."""
    before: list[QueueEntry] = await all_rows(services.records_of(doctor), QUEUE, patient_id, "patient")
    if before:
        entry = before[0]
    else:
        joined = _ago(services, one.joined)
        entry = (await queue.join(joined, doctor, patient_id, reason=one.reason, urgency=one.urgency)).entry
    if entry.status is QueueStatus.WAITING and one.status is QueueStatus.CALLED:
        await queue.call(_ago(services, one.started), doctor, entry.id)
    elif entry.status is QueueStatus.WAITING and one.status is not QueueStatus.WAITING:
        entry = await queue.start(_ago(services, one.started), doctor, entry.id, another=True)
    if (entry.status, one.status) == (QueueStatus.CONSULTING, QueueStatus.COMPLETED):
        await queue.complete(_ago(services, one.ended), doctor, entry.id)


async def _counted(services: Services, actor: Actor, made: dict[str, str], *, before: bool) -> Filled:
    records = services.records_of(actor)
    written: list[Note] = []
    for recording_id in visits_in(made):
        page = await records.table(NOTES).query(recording_id, index="recording", newest_first=True, limit=1)
        written += [stored.value for stored in page.items]
    entries = [len(await all_rows(records, QUEUE, one, "patient")) for one in patients_in(made)]
    signed = sum(note.status is not NoteStatus.DRAFT for note in written)
    return Filled(len(entries), len(written), signed, sum(entries), before)
