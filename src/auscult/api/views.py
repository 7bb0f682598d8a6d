"""The JSON shapes that clients see, made from domain values and nothing else. What they send is in `api.sent`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from auscult.domain.ids import PatientId
from auscult.domain.model import UtcDatetime
from auscult.domain.note import Note, NoteBody, NoteStatus, Signature, Template
from auscult.domain.patient import Identifier, Patient, Sex
from auscult.domain.patient_summary import Known, Reading
from auscult.domain.queue import QueueStatus, Urgency
from auscult.domain.recording import Consent, Failure, Recording, RecordingStatus, StepState
from auscult.domain.transcript import SpeechEngine, Transcript, Turn
from auscult.flows.patient_summary import PatientPage
from auscult.flows.queue import Waiting
from auscult.stores.records import Stored

T = TypeVar("T")


class Listing(BaseModel, Generic[T]):
    """A page of a list; `next` is the cursor of the page after it."""

    items: list[T]
    next: str | None = None


class ConsentView(BaseModel):
    """Who agreed to be recorded, to whom they said it, when and for what."""

    given_by: str
    recorded_by_name: str
    at: UtcDatetime
    purpose: str
    withdrawn_at: UtcDatetime | None

    @classmethod
    def of(cls, consent: Consent) -> ConsentView:
        """From the domain's consent."""
        return cls(**consent.model_dump(exclude={"recorded_by"}))


class RecordingView(BaseModel):
    """A recording and where its work stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "recording_id": "REC_01KA0000000000000000000000",
                "status": "processing",
                "title": "",
                "patient_id": None,
                "patient_name": None,
                "language": "auto",
                "template": "visit",
                "live": True,
                "content_type": "audio/webm",
                "size": 1048576,
                "duration": 92.4,
                "created_at": "2026-11-21T09:00:00Z",
                "consent": None,
                "steps": [{"name": "received", "fraction": 1.0, "started_at": None, "finished_at": None}],
                "note_id": None,
                "transcript_version": 0,
                "failure": None,
                "sample": False,
                "upload_key": "uploads/0b1c….webm",
                "audio_available": True,
                "revision": 1,
                "demo_quality": None,
            }
        }
    )

    recording_id: str
    status: RecordingStatus
    title: str
    patient_id: str | None
    patient_name: str | None
    language: str
    template: Template
    live: bool
    content_type: str
    size: int
    duration: float
    created_at: UtcDatetime
    consent: ConsentView | None
    steps: list[StepState]
    note_id: str | None
    transcript_version: int
    failure: Failure | None
    sample: bool
    upload_key: str
    audio_available: bool
    revision: int
    demo_quality: bool | None

    @classmethod
    def of(cls, recording: Recording, patient_name: str | None = None) -> RecordingView:
        """From the domain's recording, with its patient's name where that was looked up."""
        return cls(
            recording_id=recording.id,
            status=recording.status,
            title=recording.title,
            patient_id=recording.patient_id,
            patient_name=patient_name,
            language=recording.language,
            template=recording.template,
            live=recording.live,
            content_type=recording.content_type,
            size=recording.size,
            duration=recording.duration,
            created_at=recording.created_at,
            consent=ConsentView.of(recording.consent) if recording.consent else None,
            steps=list(recording.steps),
            note_id=recording.note_id,
            transcript_version=recording.transcript_version,
            failure=recording.failure,
            sample=recording.sample,
            upload_key=recording.upload_key,
            audio_available=recording.finalised_at is not None and recording.audio_deleted_at is None,
            revision=recording.revision,
            demo_quality=recording.demo_quality,
        )


class OpenedRecording(RecordingView):
    """A fresh recording; `upload_url` takes its one file when it is not live."""

    upload_url: str | None = None


class SliceView(BaseModel):
    """A slice that is safely kept."""

    seq: int
    size: int
    sha256: str


class SlicesView(BaseModel):
    """Which slices are safely kept, with the hashes that finalising needs.

    `finalised` is true once a client has said that these are all; of an abandoned recording none has.
    """

    have: list[int]
    slices: list[SliceView]
    finalised: bool


class TranscriptView(BaseModel):
    """What was heard."""

    version: int
    language: str
    engine: SpeechEngine
    problems: list[str]
    turns: list[Turn]

    @classmethod
    def of(cls, transcript: Transcript) -> TranscriptView:
        """From the domain's transcript."""
        return cls(
            version=transcript.version,
            language=transcript.language,
            engine=transcript.engine,
            problems=list(transcript.problems),
            turns=list(transcript.turns),
        )


class NoteView(BaseModel):
    """One version of a note; `etag` goes into If-Match with a change."""

    note_id: str
    version: int
    etag: str
    status: NoteStatus
    recording_id: str
    patient_id: str | None
    demo_quality: bool
    transcript_version: int
    created_at: UtcDatetime
    updated_at: UtcDatetime
    signature: Signature | None
    amendment_reason: str
    can_undo: bool
    blocking: list[str]
    body: NoteBody

    @classmethod
    def of(cls, stored: Stored[Note]) -> NoteView:
        """From a note as it is stored."""
        note = stored.value
        return cls(
            note_id=note.id,
            version=note.version,
            etag=f'"{note.version}-{stored.version}"',
            status=note.status,
            recording_id=note.recording_id,
            patient_id=note.patient_id,
            demo_quality=note.demo_quality,
            transcript_version=note.transcript_version,
            created_at=note.created_at,
            updated_at=note.updated_at,
            signature=note.signature,
            amendment_reason=note.amendment_reason,
            can_undo=note.previous_body is not None and note.status is NoteStatus.DRAFT,
            blocking=list(note.blocking),
            body=note.body,
        )


class NoteVersionView(BaseModel):
    """One line of a note's history."""

    version: int
    status: NoteStatus
    updated_at: UtcDatetime
    signature: Signature | None
    amendment_reason: str


class PatientView(BaseModel):
    """A patient; `etag` goes into If-Match with a change."""

    patient_id: str
    etag: str
    name: str
    birth_date: date | None
    sex: Sex
    phone: str
    identifiers: list[Identifier]
    language: str
    allergies: list[str]
    problems: list[str]
    medicines: list[str]
    created_at: UtcDatetime
    outside_care_team: bool = False
    """In a list: only name and birth date are told, since the caller is not in this patient's care team."""

    @classmethod
    def of(cls, stored: Stored[Patient]) -> PatientView:
        """From a patient as they are stored."""
        patient = stored.value
        fields = patient.model_dump(exclude={"id", "merged_into", "medicines_at"})
        return cls(patient_id=patient.id, etag=f'"{stored.version}"', outside_care_team=patient.outline, **fields)


class SummaryView(BaseModel):
    """What is known of a patient, the newest first: registered, or said by a signed note, which then is named."""

    patient: PatientView
    problems: list[Known]
    medicines: list[Known]
    allergies: list[Known]
    vitals: list[Reading]
    last_visit: UtcDatetime | None
    notes_count: int

    @classmethod
    def of(cls, page: PatientPage) -> SummaryView:
        """From what the flow found."""
        return cls(
            patient=PatientView.of(page.patient),
            problems=list(page.summary.problems),
            medicines=list(page.summary.medicines),
            allergies=list(page.summary.allergies),
            vitals=list(page.summary.vitals),
            last_visit=page.last_visit,
            notes_count=page.notes_count,
        )


class DuplicateView(BaseModel):
    """Somebody who is likely the same person, and why."""

    patient: PatientView
    reasons: list[Literal["same_name", "same_birth_date", "same_phone", "same_identifier", "similar_name"]]


class QueueEntryView(BaseModel):
    """An entry of the queue. `position` counts from 1 and `estimated_wait` is in whole minutes, while they wait."""

    entry_id: str
    number: int
    patient_id: str
    patient_name: str
    reason: str
    urgency: Urgency
    status: QueueStatus
    position: int | None
    estimated_wait: int | None
    queued_at: UtcDatetime
    waiting_since: UtcDatetime
    called_by: str | None
    called_at: UtcDatetime | None
    started_at: UtcDatetime | None
    ended_at: UtcDatetime | None

    @classmethod
    def of(cls, waiting: Waiting, names: Mapping[PatientId, str]) -> QueueEntryView:
        """From the flow's entry, with the names of the patients that it may tell of."""
        entry = waiting.entry
        return cls(
            entry_id=entry.id,
            patient_name=names.get(entry.patient_id, ""),
            position=None if waiting.before is None else waiting.before + 1,
            estimated_wait=None if waiting.wait is None else math.ceil(waiting.wait),
            **entry.model_dump(exclude={"id", "queued_by"}),
        )


class PreferencesView(BaseModel):
    """How the caller likes to work; `template` lays out the notes of what they record."""

    template: Template


class UploadUrl(BaseModel):
    """A signed URL for one PUT of one content type, and the key under which its result is asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "upload_url": "http://127.0.0.1:8765/objects/put/CLN_…/uploads/5f0c….webm?expires=…",
                "key": "uploads/5f0c….webm",
            }
        }
    )

    upload_url: str
    key: str


class RoleView(BaseModel):
    """What one role is bound to, and what is missing."""

    role: str
    bound: str
    model: str = ""
    demo_quality: bool = False
    missing: str | None = None


class WhisperSize(BaseModel):
    """A Whisper size that can be had."""

    size: str
    download_mb: int
    provisioned: bool
    fits: bool


class WhisperView(BaseModel):
    """Which Whisper sizes fit this machine."""

    hardware: str
    suggested: str
    sizes: list[WhisperSize]


class PullView(BaseModel):
    """A model download under way, or how the last one ended."""

    size: str
    fraction: float
    status: Literal["running", "done", "failed", "cancelled"]
    reason: str = ""
    remedy: str = ""


class EnginesView(BaseModel):
    """What every role is bound to."""

    roles: list[RoleView]
    whisper: WhisperView
    pull: PullView | None
