"""Stopping the work on a recording, and starting it again."""

from __future__ import annotations

from auscult.domain.actor import Actor
from auscult.domain.errors import ConflictError
from auscult.domain.ids import RecordingId
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows.recording_state import FINISHED, change, progress
from auscult.flows.services import Services
from auscult.flows.work import part_job, scribe_job, write_up_job


async def cancel(services: Services, actor: Actor, recording_id: RecordingId) -> Recording:
    """Stop the work; what finished steps produced is kept. Raises `ConflictError` when nothing is running."""

    def apply(recording: Recording) -> Recording:
        if recording.status not in {RecordingStatus.RECEIVED, RecordingStatus.PROCESSING}:
            raise ConflictError("There is no work to cancel.")
        return recording.model_copy(update={"status": RecordingStatus.CANCELLED})

    cancelled = await change(
        services,
        actor,
        recording_id,
        apply,
        events=lambda recording: [progress(services, actor, recording, "received", 1.0)],
    )
    await stop_work(services, actor, cancelled)
    return cancelled


async def retry(services: Services, actor: Actor, recording_id: RecordingId, *, afresh: bool = False) -> Recording:
    """Run the work again from its kept steps, or `afresh` as a new revision with the best engines of now.

    Raises `ConflictError` while it is still running, or when there is no audio to work from.
    """

    def apply(recording: Recording) -> Recording:
        if recording.status not in FINISHED:
            raise ConflictError("The recording is not at rest.", remedy="Wait until it has finished, or cancel it.")
        if recording.finalised_at is None:
            remedy = recording.failure.remedy if recording.failure else None
            raise ConflictError("There is no sound to work on.", remedy=remedy)
        if recording.status is RecordingStatus.READY and not afresh:
            # the kept steps would put the first draft over what a clinician has made of it
            raise ConflictError("The note is there already.", remedy="Transcribe again to have a new one.")
        if afresh and recording.audio_deleted_at is not None:
            raise ConflictError(
                "The audio was deleted under the clinic's retention policy.",
                remedy="Amend the note, or work from the transcript.",
            )
        revision = recording.revision + 1 if afresh else recording.revision
        received = tuple(step for step in recording.steps if step.name == "received")
        return recording.model_copy(
            update={
                "status": RecordingStatus.RECEIVED,
                "failure": None,
                "revision": revision,
                "run": recording.run + 1,
                "steps": received if afresh else recording.steps,
            }
        )

    return await change(
        services,
        actor,
        recording_id,
        apply,
        events=lambda recording: [progress(services, actor, recording, "received", 1.0)],
        jobs=lambda recording: [scribe_job(actor, recording)],
    )


async def stop_work(services: Services, actor: Actor, recording: Recording) -> None:
    """Cancel the run's jobs; those that never existed or are over are passed over by the engine."""
    if not recording.run:
        return
    jobs = [scribe_job(actor, recording), write_up_job(actor, recording)]
    jobs += [part_job(actor, recording, index) for index in range(recording.part_count)]
    for job in jobs:
        await services.jobs.cancel(job.id)
