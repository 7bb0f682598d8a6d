"""Transcripts: read, repaired with one click when clinician and patient were taken for each other, written up anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from auscult.domain.actor import Actor
from auscult.domain.errors import ConflictError, NotFoundError
from auscult.domain.ids import RecordingId
from auscult.domain.note import NoteStatus, Template
from auscult.domain.recording import Recording, RecordingStatus
from auscult.domain.transcript import Speaker, Transcript
from auscult.flows.recording_state import FINISHED, all_rows, change, load, progress
from auscult.flows.services import Services
from auscult.flows.tables import NOTES, STEPS, TRANSCRIPTS, step_key, transcript_key
from auscult.flows.work import write_up_job
from auscult.stores.records import Delete, Put, Write

_SWAPPED = {Speaker.CLINICIAN: Speaker.PATIENT, Speaker.PATIENT: Speaker.CLINICIAN}


async def transcript_of(
    services: Services, actor: Actor, recording_id: RecordingId, version: int | None = None
) -> Transcript:
    """The newest transcript of a recording, or the version asked for. Raises `NotFoundError`."""
    recording = (await load(services, actor, recording_id)).value
    wanted = version or recording.transcript_version
    stored = await services.records_of(actor).table(TRANSCRIPTS).get(transcript_key(recording_id, wanted))
    if stored is None:
        raise NotFoundError("There is no transcript yet.", remedy="Wait until the recording has been transcribed.")
    return stored.value


async def swap_speakers(services: Services, actor: Actor, recording_id: RecordingId) -> Transcript:
    """Exchange clinician and patient in a new version of the transcript, and have the draft written again from it.

    Raises `ConflictError` while work is under way, when the last run ended before the speakers were told apart, or when
    the note is signed.
    """
    known = await transcript_of(services, actor, recording_id)
    await _may_be_written_again(services, actor, recording_id, "Start the work again, then swap.")
    swapped = known.model_copy(
        update={
            "version": known.version + 1,
            "created_at": services.ambient.now(),
            "turns": tuple(
                turn.model_copy(update={"speaker": _SWAPPED.get(turn.speaker, turn.speaker)}) for turn in known.turns
            ),
        }
    )

    await _write_again(
        services,
        actor,
        recording_id,
        {"transcript_version": swapped.version},
        writes=lambda recording: [
            Put(TRANSCRIPTS, swapped.model_copy(update={"patient_id": recording.patient_id}), if_version=0)
        ],
    )
    return swapped


async def rewrite(services: Services, actor: Actor, recording_id: RecordingId, template: Template) -> Recording:
    """Have the draft written again from the same transcript, laid out as `template`.

    What a clinician made of it is carried over (`flows.written_again`); the draft before is one undo away.
    Raises `ConflictError` as `swap_speakers` does.
    """
    await transcript_of(services, actor, recording_id)
    await _may_be_written_again(services, actor, recording_id, "Start the work again, and choose then.")
    return await _write_again(services, actor, recording_id, {"template": template})


async def _may_be_written_again(services: Services, actor: Actor, recording_id: RecordingId, remedy: str) -> None:
    notes = await all_rows(services.records_of(actor), NOTES, recording_id, "recording")
    if notes and notes[-1].status is not NoteStatus.DRAFT:
        raise ConflictError("The note of this recording is signed.", remedy="Amend the note first.")
    recording = (await load(services, actor, recording_id)).value
    told_apart = step_key(recording_id, recording.revision, "speakers")
    table = services.records_of(actor).table(STEPS)
    if recording.status in FINISHED and await table.get(told_apart) is None:
        raise ConflictError("The recording was not transcribed to the end the last time.", remedy=remedy)


async def _write_again(
    services: Services,
    actor: Actor,
    recording_id: RecordingId,
    update: dict[str, Any],
    *,
    writes: Callable[[Recording], Sequence[Write]] = lambda _recording: (),
) -> Recording:
    """Start a run that finds every step kept but the note, on the recording with this `update`."""

    def apply(recording: Recording) -> Recording:
        if recording.status not in FINISHED:
            raise ConflictError("The recording is still being worked on.", remedy="Wait until it has finished.")
        return recording.model_copy(
            update={
                "status": RecordingStatus.RECEIVED,
                "failure": None,
                "run": recording.run + 1,
                "steps": tuple(step for step in recording.steps if step.name not in {"note", "stored"}),
                **update,
            }
        )

    return await change(
        services,
        actor,
        recording_id,
        apply,
        writes=lambda recording: [
            *writes(recording),
            Delete(STEPS, step_key(recording.id, recording.revision, "note")),
        ],
        events=lambda recording: [progress(services, actor, recording, "note", 0.0)],
        jobs=lambda recording: [write_up_job(actor, recording)],
    )
