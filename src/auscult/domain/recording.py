"""A recording: from the button, through its slices or its one upload, to what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field

from auscult.domain.errors import AuscultError
from auscult.domain.ids import NoteId, PatientId, RecordingId, UserId
from auscult.domain.model import UtcDatetime, Value
from auscult.domain.note import Template


class RecordingStatus(StrEnum):
    """Where a recording is. Everything after `RECEIVED` is decided by the `scribe` flow."""

    OPEN = "open"
    """Slices may still arrive, or the one upload has not been made."""
    RECEIVED = "received"
    """All bytes are here; the work is queued."""
    PROCESSING = "processing"
    READY = "ready"
    TRANSCRIPT_ONLY = "transcript_only"
    """No writer could write: the transcript is kept, and a person or a later retry goes on."""
    NO_SPEECH = "no_speech"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"
    """Consent was withdrawn, or a person threw it away: the audio and all that came of it are gone."""


class Consent(Value):
    """Who agreed to be recorded, to whom they said it, when, and for what."""

    given_by: str
    """`patient`, `parent`, `guardian`, `attorney` or `sample` (the bundled consultation)."""
    recorded_by: UserId
    recorded_by_name: str
    at: UtcDatetime
    purpose: str = "documentation"
    withdrawn_at: UtcDatetime | None = None


class Slice(Value):
    """One stored slice of a live recording. `seq` counts from 0; a second one with the same seq is the same bytes."""

    recording_id: RecordingId
    patient_id: PatientId | None = None
    seq: int = Field(ge=0)
    size: int = Field(ge=0)
    sha256: str
    kept_at: UtcDatetime | None = None
    """When it was kept; None: before slices were dated."""


class StepState(Value):
    """One step of the work on a recording, for the live progress."""

    name: str
    """`received`, `decoded`, `transcribed`, `speakers`, `note`, `stored`."""
    fraction: float = Field(ge=0, le=1, default=0.0)
    started_at: UtcDatetime | None = None
    finished_at: UtcDatetime | None = None


class Failure(Value):
    """Why the work ended badly, and what a person can do. No patient text."""

    code: str
    reason: str
    remedy: str

    @classmethod
    def of(cls, error: AuscultError) -> Self:
        """What may be kept of one of our errors."""
        return cls(code=error.code, reason=error.reason, remedy=error.remedy)


class Recording(Value):
    """One consultation's sound and its state. Belongs to no patient until it is filed."""

    id: RecordingId
    upload_key: str
    """The S1 key `uploads/<uuid>.<ext>`, under which the finished audio is stored and its result is asked for."""
    content_type: str
    patient_id: PatientId | None = None
    title: str = ""
    """A working title that a person may give an unfiled recording."""
    language: str = "auto"
    template: Template = Template.VISIT
    """How its note is laid out; from the preferences of who records, unless they say otherwise."""
    status: RecordingStatus = RecordingStatus.OPEN
    live: bool = False
    """True when it arrives in slices; False for a single upload."""
    consent: Consent | None = None
    created_by: UserId
    created_at: UtcDatetime
    finalised_at: UtcDatetime | None = None
    size: int = 0
    sha256: str = ""
    slice_count: int = Field(ge=0, default=0)
    """How many slices were finalised; 0 for a single upload. One that was stored later is not part of it."""
    duration: float = 0.0
    """Seconds of sound, known once decoded."""
    revision: int = Field(ge=1, default=1)
    """Which results these are: transcribing again with a better engine is the next revision."""
    run: int = Field(ge=0, default=0)
    """How often work was started: each start is a job of its own, and continues from the steps its revision kept."""
    part_count: int = Field(ge=0, default=0)
    """In how many parts it is heard; known once decoded."""
    filings: int = Field(ge=0, default=0)
    """How often it was filed or moved: each time is a job that re-wraps what belongs to it."""
    steps: tuple[StepState, ...] = ()
    note_id: NoteId | None = None
    transcript_version: int = 0
    demo_quality: bool | None = None
    """Whether its transcript must not be trusted for care; None while there is none."""
    failure: Failure | None = None
    audio_deleted_at: UtcDatetime | None = None
    active_at: UtcDatetime | None = None
    """When something last came, as far as upkeep had to look; None: when it was opened."""
    abandoned: bool = False
    """True when nothing more came for long and it was closed with what had: the device may still hold its end."""
    sample: bool = False
    """True for the bundled consultation, whose script is known."""

    @property
    def awaits_sound(self) -> bool:
        """Whether sound that comes is taken: it is open, or it ended only because none came."""
        if self.status is RecordingStatus.FAILED:
            return self.finalised_at is None and self.audio_deleted_at is None
        return self.status is RecordingStatus.OPEN
