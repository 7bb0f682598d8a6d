"""The Clinical Recorder's result of a recording: four fields beside the transcript, and an honest status."""

from __future__ import annotations

from typing import Any, Final

from auscult.domain.actor import Actor
from auscult.domain.medication import MedicationStatus
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows import notes
from auscult.flows.services import Services
from auscult.flows.tables import TRANSCRIPTS, transcript_key

NO_NOTE: Final = "A note could not be written. The transcript is complete and can be read or tried again."
"""What `notes` says of a result that is a transcript and nothing else; nothing of the patient."""


async def result_of(services: Services, actor: Actor, recording: Recording) -> dict[str, Any] | None:
    """The result as the recorder's clients know it; None while there is nothing to say yet.

    `medications` is a list of lines, a stopped medicine's beginning with "stop " and no allergy among them; the parsed
    ones are in `medication_details`. `status` is there when the result
    is not a whole one: `transcript_only`, or `failed` with `reason` and `remedy`.
    """
    has_note = recording.note_id is not None
    if not has_note and recording.status in {
        RecordingStatus.OPEN,
        RecordingStatus.RECEIVED,
        RecordingStatus.PROCESSING,
    }:
        return None
    answer: dict[str, Any] = {
        "audio_key": recording.upload_key,
        "transcript": await _transcript(services, actor, recording),
        "diagnosis": "",
        "medications": [],
        "follow_up": "",
        "notes": "",
    }
    if recording.note_id is not None:  # also while it is done again, or when that failed: a result once given stays
        note = (await notes.read(services, actor, recording.note_id)).value
        body = note.body
        medications = [one for one in body.medications if one.status is not MedicationStatus.ALLERGY]
        answer |= {
            "status": "ready",
            "diagnosis": body.diagnosis,
            "medications": [medication.line for medication in medications],
            "medication_details": [medication.model_dump(mode="json") for medication in medications],
            "follow_up": body.follow_up,
            "notes": body.notes,
            "note_id": note.id,
            "recording_id": recording.id,
            "demo_quality": note.demo_quality,
        }
        return answer
    if recording.status is RecordingStatus.TRANSCRIPT_ONLY:
        answer |= {"status": "transcript_only", "notes": NO_NOTE}
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
    # of the recording as the caller has it: nothing is asked twice, and the answer is of one moment
    where = transcript_key(recording.id, recording.transcript_version)
    stored = await services.records_of(actor).table(TRANSCRIPTS).get(where)
    return "" if stored is None else stored.value.text
