"""The Clinical Recorder's result of a recording: four fields beside the transcript, and an honest status."""

from __future__ import annotations

from typing import Any

from auscult.domain.actor import Actor
from auscult.domain.errors import NotFoundError
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows import notes
from auscult.flows.services import Services
from auscult.flows.transcripts import transcript_of


async def result_of(services: Services, actor: Actor, recording: Recording) -> dict[str, Any] | None:
    """The result as the recorder's clients know it; None while there is nothing to say yet.

    `medications` is a list of lines; the parsed ones are in `medication_details`. `status` is there when the result
    is not a whole one: `transcript_only`, or `failed` with `reason` and `remedy`.
    """
    if recording.status in {RecordingStatus.OPEN, RecordingStatus.RECEIVED, RecordingStatus.PROCESSING}:
        return None
    answer: dict[str, Any] = {
        "audio_key": recording.upload_key,
        "transcript": await _transcript(services, actor, recording),
        "diagnosis": "",
        "medications": [],
        "follow_up": "",
        "notes": "",
    }
    if recording.status is RecordingStatus.READY and recording.note_id is not None:
        note = (await notes.read(services, actor, recording.note_id)).value
        body = note.body
        answer |= {
            "status": "ready",
            "diagnosis": body.diagnosis,
            "medications": [medication.line for medication in body.medications],
            "medication_details": [medication.model_dump(mode="json") for medication in body.medications],
            "follow_up": body.follow_up,
            "notes": body.notes,
            "note_id": note.id,
            "recording_id": recording.id,
            "demo_quality": note.demo_quality,
        }
        return answer
    if recording.status is RecordingStatus.TRANSCRIPT_ONLY:
        answer["status"] = "transcript_only"
    else:
        answer["status"] = "failed"
    if recording.failure is not None:
        answer |= {"reason": recording.failure.reason, "remedy": recording.failure.remedy}
    elif recording.status is RecordingStatus.CANCELLED:
        answer |= {"reason": "The work was cancelled.", "remedy": "Start it again in the app."}
    elif recording.status is RecordingStatus.DISCARDED:
        answer |= {"reason": "The recording was discarded.", "remedy": "Record again."}
    return answer


async def _transcript(services: Services, actor: Actor, recording: Recording) -> str:
    if not recording.transcript_version:
        return ""
    try:
        return (await transcript_of(services, actor, recording.id)).text
    except NotFoundError:
        return ""
