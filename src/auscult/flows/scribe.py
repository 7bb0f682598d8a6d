"""The journey from a recording to a note: received → decoded → transcribed → speakers → note → stored.

A short recording is one job. A long one is decoded by one, heard by a job a part on any number of workers, and written
up by one more, which the last part causes. Every step's result is kept, so a later failure never loses an earlier
result, and a job that is run again continues where the other one stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import numpy as np

from auscult.domain.actor import Actor, system_actor
from auscult.domain.errors import AuscultError, CancelledError, EngineFailedError, NoSpeechError
from auscult.domain.event import Event
from auscult.domain.evidence import ClinicianSource
from auscult.domain.ids import NoteId
from auscult.domain.job import Job
from auscult.domain.model import Value
from auscult.domain.note import Note, NoteBody, NoteStatus, Section
from auscult.domain.note_fields import with_sections
from auscult.domain.recording import Failure, Recording, RecordingStatus
from auscult.domain.transcript import Transcript
from auscult.engines.speakers.roles import guess
from auscult.engines.speakers.turns import build_turns
from auscult.engines.writer import KnownHistory, Request
from auscult.flows import discard, retention
from auscult.flows.recording_state import change, event, progress
from auscult.flows.services import Services
from auscult.flows.sound import Decoded, PartHeard, Received, decode, hear, receive
from auscult.flows.steps import Steps
from auscult.flows.tables import NOTES, PATIENTS, STEPS, TRANSCRIPTS, step_key, transcript_key
from auscult.flows.work import part_job, part_of, recording_of, tidy_job, write_up_job
from auscult.stores.records import Key, Put, Write
from auscult.trust.grounding import check


class SpeakersTold(Value):
    """The version of the transcript in which the speakers are told apart."""

    transcript_version: int


class Written(Value):
    """The note that a writer wrote, and the id that it will be stored under."""

    note_id: NoteId
    body: NoteBody


async def scribe(services: Services, job: Job) -> None:
    """Run the job that a complete recording causes. Safe to run twice, at any time, on any worker."""
    actor = system_actor(job.clinic_id)
    steps = Steps(services, actor, recording_of(job), job.revision)
    if await steps.wanted() is None:
        return
    async with _leaving_nothing(services, actor, job):
        await _scribe(services, actor, steps)


async def _scribe(services: Services, actor: Actor, steps: Steps) -> None:
    received = await steps.once("received", Received, lambda recording: receive(services, actor, recording))
    decoded = await steps.once(
        "decoded",
        Decoded,
        lambda recording: decode(services, actor, recording, received),
        update=lambda recording, found: recording.model_copy(
            update={"duration": found.duration, "part_count": len(found.parts)}
        ),
    )
    if not decoded.parts:
        await _no_speech(services, actor, steps)
        return
    if len(decoded.parts) == 1:
        await _hear(services, actor, steps, decoded, 0)
        await _write_up(services, actor, steps)
        return
    await steps.commit(
        lambda recording: recording,
        jobs=lambda recording: [part_job(actor, recording, index) for index in range(len(decoded.parts))],
    )


async def hear_part(services: Services, job: Job) -> None:
    """Hear one part of a long recording; when it was the last one open, cause the write-up."""
    actor = system_actor(job.clinic_id)
    steps = Steps(services, actor, recording_of(job), job.revision)
    recording = await steps.wanted()
    if recording is None:
        return
    decoded = await steps.kept("decoded", Decoded, recording.revision)
    if decoded is None:
        raise EngineFailedError("The decoded sound of this part is not there.")
    async with _leaving_nothing(services, actor, job):
        if await _hear(services, actor, steps, decoded, part_of(job)):
            await steps.commit(lambda current: current, jobs=lambda current: [write_up_job(actor, current)])


async def write_up(services: Services, job: Job) -> None:
    """Write up a recording whose parts have all been heard."""
    actor = system_actor(job.clinic_id)
    steps = Steps(services, actor, recording_of(job), job.revision)
    async with _leaving_nothing(services, actor, job):
        if await steps.wanted() is not None:
            await _write_up(services, actor, steps)


@asynccontextmanager
async def _leaving_nothing(services: Services, actor: Actor, job: Job) -> AsyncIterator[None]:
    """When a recording is discarded under our hands, remove also what we wrote after the discard had swept."""
    try:
        yield
    except (CancelledError, asyncio.CancelledError):
        with suppress(AuscultError):
            await discard.sweep_if_discarded(services, actor, recording_of(job))
        raise


async def scribe_gave_up(services: Services, job: Job, error: BaseException) -> None:
    """Record why the work ended badly and what a person can do. Nothing that was kept is touched."""
    actor = system_actor(job.clinic_id)
    known = error if isinstance(error, AuscultError) else EngineFailedError("A step failed unexpectedly.")
    failure = Failure(code=known.code, reason=known.reason, remedy=known.remedy)

    def fail(recording: Recording) -> Recording:
        at_work = recording.status in {RecordingStatus.RECEIVED, RecordingStatus.PROCESSING}
        if not at_work or max(1, recording.run) != job.revision:
            raise CancelledError("This work is no longer wanted.")
        return recording.model_copy(update={"status": RecordingStatus.FAILED, "failure": failure})

    try:
        await change(
            services,
            actor,
            recording_of(job),
            fail,
            events=lambda recording: [
                event(services, actor, "recording_failed", recording_id=recording.id, code=failure.code)
            ],
        )
    except CancelledError:
        return


async def _hear(services: Services, actor: Actor, steps: Steps, decoded: Decoded, index: int) -> bool:
    """Hear part `index` unless it was heard; True when no part is left."""
    recording = await steps.begin("transcribed")
    if await steps.kept(_part_name(index), PartHeard, recording.revision) is None:
        before = await _parts_done(services, actor, recording, len(decoded.parts))
        heard = await hear(
            services,
            actor,
            recording,
            decoded=decoded,
            part=decoded.parts[index],
            progress=steps.teller("transcribed", before, len(decoded.parts)),
        )
        await steps.keep_part(_part_name(index), heard)
    done = await _parts_done(services, actor, recording, len(decoded.parts))
    await steps.advance("transcribed", done / len(decoded.parts))
    return done == len(decoded.parts)


async def _parts_done(services: Services, actor: Actor, recording: Recording, count: int) -> int:
    table = services.records_of(actor).table(STEPS)
    done, cursor = 0, None
    while True:
        page = await table.query(
            recording.id,
            after=step_key(recording.id, recording.revision, "part/").sort,
            before=step_key(recording.id, recording.revision, "part0").sort,
            limit=1000,
            cursor=cursor,
        )
        done += len(page.items)
        cursor = page.next
        if cursor is None:
            return min(count, done)


async def _write_up(services: Services, actor: Actor, steps: Steps) -> None:
    recording = await steps.wanted()
    if recording is None:
        return
    decoded = await steps.kept("decoded", Decoded, recording.revision)
    if decoded is None:
        raise EngineFailedError("The decoded sound is not there.")
    transcript = await _tell_speakers(services, actor, steps, decoded)
    if transcript is None:
        await _no_speech(services, actor, steps)
        return
    try:
        written = await steps.once("note", Written, lambda current: _write(services, actor, current, transcript))
    except _CannotWriteError as error:
        await _transcript_only(services, actor, steps, error.failure)
        return
    await _store(services, actor, steps, transcript, written)
    await retention.tidy(services, actor, recording.id)


async def _tell_speakers(services: Services, actor: Actor, steps: Steps, decoded: Decoded) -> Transcript | None:
    """The transcript with its speakers; None when no words were heard at all."""
    recording = await steps.begin("speakers")
    parts = [
        part
        for index in range(len(decoded.parts))
        if (part := await steps.kept(_part_name(index), PartHeard, recording.revision)) is not None
    ]
    if len(parts) < len(decoded.parts):
        raise EngineFailedError("Not every part of the recording was heard.")
    if not any(one.text.strip() for part in parts for one in part.heard):
        return None
    built: list[Transcript] = []

    async def produce(current: Recording) -> SpeakersTold:
        transcript = await asyncio.to_thread(_transcript, services, current, decoded, parts)
        built.append(transcript)
        return SpeakersTold(transcript_version=transcript.version)

    told = await steps.once(
        "speakers",
        SpeakersTold,
        produce,
        writes=lambda current, _told: [
            Put(TRANSCRIPTS, built[0].model_copy(update={"patient_id": current.patient_id}))
        ],
        update=lambda current, told: current.model_copy(
            update={
                "transcript_version": told.transcript_version,
                "demo_quality": built[0].engine.demo_quality,
            }
        ),
    )
    newest = max(told.transcript_version, recording.transcript_version)
    stored = await services.records_of(actor).table(TRANSCRIPTS).get(transcript_key(recording.id, newest))
    if stored is None:
        raise EngineFailedError("The transcript is not there.")
    return stored.value


def _transcript(services: Services, recording: Recording, decoded: Decoded, parts: list[PartHeard]) -> Transcript:
    heard = [one for part in parts for one in part.heard]
    if decoded.two_voices:
        labels = [part.channel for part in parts for _ in part.heard]
    else:
        voices = [np.asarray(voice, dtype=np.float32) for part in parts for voice in part.voices]
        labels = services.diariser.cluster(voices, [one.end - one.start for one in heard])
    roles = guess([(label, one.text) for label, one in zip(labels, heard, strict=True)])
    turns = build_turns(heard, labels, roles.speakers)
    problems = []
    if decoded.truncated:
        problems.append(f"The recording breaks off after {decoded.duration:.0f} s; what was captured is used.")
    if roles.unsure:
        problems.append("It is not certain who of the two is the clinician; swap the speakers if they are wrong.")
    if sum(part.removed_loops for part in parts):
        problems.append("The recogniser repeated itself in places; the repetitions were removed.")
    languages = [turn.language for turn in turns]
    return Transcript(
        recording_id=recording.id,
        patient_id=recording.patient_id,
        version=recording.transcript_version + 1,
        turns=turns,
        engine=parts[0].engine,
        language=max(set(languages), key=languages.count) if languages else "en",
        created_at=services.ambient.now(),
        problems=tuple(problems),
    )


class _CannotWriteError(Exception):
    """No writer could write; the transcript stands alone."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


async def _write(services: Services, actor: Actor, recording: Recording, transcript: Transcript) -> Written:
    """Have the note written and grounded; whatever a writer does, the outcome is a note or `_CannotWriteError`."""
    request = Request(transcript=transcript, history=await _history(services, actor, recording))
    try:
        async with asyncio.timeout(services.limits.writer_seconds):
            body = check(await services.writer.write(request), transcript)
    except TimeoutError as error:
        raise _CannotWriteError(
            Failure(
                code="writer_timeout",
                reason=f"The writer did not finish within {services.limits.writer_seconds:.0f} s.",
                remedy="Retry, choose another writer, or write the note from the transcript.",
            )
        ) from error
    except AuscultError as error:
        raise _CannotWriteError(Failure(code=error.code, reason=error.reason, remedy=error.remedy)) from error
    except Exception as error:  # a writer is foreign code: whatever it raises must not lose the transcript
        raise _CannotWriteError(
            Failure(
                code="writer_failed",
                reason="The writer failed.",
                remedy="Retry, choose another writer, or write the note from the transcript.",
            )
        ) from error
    note_id = recording.note_id or NoteId(services.ambient.new_id("NOTE"))
    return Written(note_id=note_id, body=body)


async def _history(services: Services, actor: Actor, recording: Recording) -> KnownHistory:
    if recording.patient_id is None:
        return KnownHistory()
    stored = await services.records_of(actor).table(PATIENTS).get(Key(recording.patient_id))
    if stored is None:
        return KnownHistory()
    patient = stored.value
    return KnownHistory(problems=patient.problems, medicines=patient.medicines, allergies=patient.allergies)


async def _store(services: Services, actor: Actor, steps: Steps, transcript: Transcript, written: Written) -> None:
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

    body = written.body if before is None else _with_own_sentences(written.body, before.body)

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


def _with_own_sentences(fresh: NoteBody, before: NoteBody) -> NoteBody:
    """The newly written note with the sentences that a clinician wrote into the draft before: those are never lost."""
    own = [one for one in before.statements if any(isinstance(source, ClinicianSource) for source in one.sources)]
    if not own:
        return fresh
    taken = {one.id for one in fresh.statements}
    sections = {section.title: list(section.statements) for section in fresh.sections}
    for statement in own:
        kept = statement if statement.id not in taken else statement.model_copy(update={"id": f"own_{statement.id}"})
        sections.setdefault(kept.section, []).append(kept)
    return with_sections(fresh, [Section(title=title, statements=tuple(found)) for title, found in sections.items()])


def _soap_ready(services: Services, actor: Actor, recording: Recording, note_id: NoteId) -> Event:
    ids: dict[str, str | int | float] = {"recording_id": recording.id, "note_id": note_id}
    if recording.patient_id is not None:
        ids["patient_id"] = recording.patient_id
    return event(services, actor, "soap_ready", **ids)


async def _transcript_only(services: Services, actor: Actor, steps: Steps, failure: Failure) -> None:
    recording = await steps.commit(
        lambda current: current.model_copy(update={"status": RecordingStatus.TRANSCRIPT_ONLY, "failure": failure}),
        events=lambda current: [
            progress(services, actor, current, "note", 0.0),
            event(services, actor, "transcript_ready", recording_id=current.id),
        ],
        jobs=lambda current: [tidy_job(actor, current.id, "stored", current.run)],
    )
    await retention.tidy(services, actor, recording.id)


async def _no_speech(services: Services, actor: Actor, steps: Steps) -> None:
    error = NoSpeechError("Nobody speaks in this recording.")
    failure = Failure(code=error.code, reason=error.reason, remedy=error.remedy)
    recording = await steps.commit(
        lambda current: current.model_copy(update={"status": RecordingStatus.NO_SPEECH, "failure": failure}),
        events=lambda current: [
            progress(services, actor, current, "transcribed", 1.0),
            event(services, actor, "recording_failed", recording_id=current.id, code=failure.code),
        ],
        jobs=lambda current: [tidy_job(actor, current.id, "stored", current.run)],
    )
    await retention.tidy(services, actor, recording.id)


def _part_name(index: int) -> str:
    return f"part/{index:06d}"
