"""What was heard: turns, each with its speaker, time, confidence and language."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from auscult.domain.ids import PatientId, RecordingId, TurnId
from auscult.domain.model import UtcDatetime, Value


class Speaker(StrEnum):
    """Who speaks in a turn, as far as it is known."""

    CLINICIAN = "clinician"
    PATIENT = "patient"
    OTHER = "other"
    UNKNOWN = "unknown"


class Word(Value):
    """One recognised word: seconds from the start of the recording, and the recogniser's confidence in [0, 1]."""

    text: str
    start: float = Field(ge=0)
    end: float = Field(ge=0)
    confidence: float = Field(ge=0, le=1)


class Turn(Value):
    """One speaker's uninterrupted stretch. Times are seconds from the start of the recording."""

    id: TurnId
    speaker: Speaker
    text: str
    start: float = Field(ge=0)
    end: float = Field(ge=0)
    confidence: float = Field(ge=0, le=1, default=1.0)
    """The mean confidence of its words; 1.0 where the text was typed rather than heard."""
    language: str = "en"
    """BCP 47 tag: `en`, `hi`, `hi-Latn` (Hindi in Latin script)."""
    words: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _ends_after_start(self) -> Turn:
        if self.end < self.start:
            raise ValueError("a turn ends before it starts")
        return self


class SpeechEngine(Value):
    """Which recogniser heard it: maker, model and its version or checksum."""

    name: str
    model: str
    version: str
    demo_quality: bool = False
    """True for engines whose text must not be trusted for care (`sphinx`); shown wherever the note is."""


class Transcript(Value):
    """One version of what was heard in a recording. Swapping speakers makes a new version."""

    recording_id: RecordingId
    patient_id: PatientId | None = None
    version: int = Field(ge=1)
    turns: tuple[Turn, ...]
    engine: SpeechEngine
    language: str
    created_at: UtcDatetime
    problems: tuple[str, ...] = ()
    """What a reader must know: `audio truncated after 41 s`, `repeated words removed`."""

    @property
    def text(self) -> str:
        """The turns as plain text, one a line, each after its speaker."""
        return "\n".join(f"{turn.speaker.value.capitalize()}: {turn.text}" for turn in self.turns)
