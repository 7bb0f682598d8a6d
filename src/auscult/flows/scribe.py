"""The journey from a recording to a note: received → decoded → transcribed → speakers → note → stored.

A short recording is one job. A long one is decoded by one, heard by a job a part on any number of workers, and written
up by one more, which the last part causes. Every step's result is kept, so a later failure never loses an earlier
result, and a job that is run again continues where the other one stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from auscult.domain.actor import Actor, system_actor
from auscult.domain.errors import AuscultError, CancelledError, EngineFailedError, NoSpeechError
from auscult.domain.job import Job
from auscult.domain.recording import Failure, Recording, RecordingStatus
from auscult.flows import discard, retention
from auscult.flows.listening import Decoded
from auscult.flows.recording_state import change, event, progress
from auscult.flows.services import Services
from auscult.flows.sound import PartHeard, Received, decode, hear, receive
from auscult.flows.steps import Steps
from auscult.flows.tables import STEPS, step_key
from auscult.flows.tell_speakers import tell_speakers
from auscult.flows.work import part_job, part_of, recording_of, tidy_job, write_up_job
from auscult.flows.write_note import CannotWriteError, Written, store, write


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
    failure = Failure.of(known)

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
    parts = await _parts(steps, decoded, recording.revision)
    transcript = await tell_speakers(services, actor, steps, decoded, parts)
    if transcript is None:
        await _no_speech(services, actor, steps)
        return
    try:
        written = await steps.once("note", Written, lambda current: write(services, actor, current, transcript))
    except CannotWriteError as error:
        await _transcript_only(services, actor, steps, error.failure)
        return
    await store(services, actor, steps, transcript, written)
    await retention.tidy(services, actor, recording.id)


async def _parts(steps: Steps, decoded: Decoded, revision: int) -> list[PartHeard]:
    """Every part of the recording as it was heard."""
    parts = [
        part
        for index in range(len(decoded.parts))
        if (part := await steps.kept(_part_name(index), PartHeard, revision)) is not None
    ]
    if len(parts) < len(decoded.parts):
        raise EngineFailedError("Not every part of the recording was heard.")
    return parts


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
    failure = Failure.of(NoSpeechError("Nobody speaks in this recording."))
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
