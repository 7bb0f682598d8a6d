"""The JSON shapes that clients send: every string and list in them has a largest length."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from auscult.domain.model import UtcDatetime
from auscult.domain.note import Template
from auscult.domain.patient import Identifier, Sex
from auscult.domain.queue import Urgency

Title = Annotated[str, Field(max_length=200)]
IdText = Annotated[str, Field(max_length=64)]
"""An id that a client sends; ours have 31 characters at most."""
Lines = Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=200)]
"""What is known of a patient, a line each: the longest real list of medicines has some thirty."""
Language = Literal["auto", "en", "hi"]
GivenBy = Literal["patient", "parent", "guardian", "attorney"]


class NewConsent(BaseModel):
    """Who agrees to the recording; `at` is when, for a recording begun without a network (default: now)."""

    given_by: GivenBy
    at: UtcDatetime | None = None


class NewRecording(BaseModel):
    """What opens a recording. Consent to a live one may follow later, but before its note is signed.

    `template` is how its note is laid out; without one, as the caller prefers.
    """

    content_type: str = Field(default="audio/webm", max_length=200)
    live: bool = True
    language: Language = "auto"
    template: Template | None = None
    patient_id: IdText | None = None
    title: Title = ""
    consent: NewConsent | None = None


class RecordingChange(BaseModel):
    """What to change; `patient_id: null` takes a recording back to the unfiled ones."""

    title: Title | None = None
    language: Language | None = None
    patient_id: IdText | None = None


class Rewrite(BaseModel):
    """How the note is to be laid out when it is written again."""

    template: Template


class Finalise(BaseModel):
    """How many slices there are, and the SHA-256 of their hex digests concatenated in order."""

    count: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$")


class StatementText(BaseModel):
    """A sentence in the clinician's own words."""

    text: str = Field(max_length=4000)


class NewStatement(StatementText):
    """A sentence to add to a section, at its end or after another sentence."""

    section: str = Field(min_length=1, max_length=100)
    after: IdText | None = None


class Amendment(BaseModel):
    """Why a signed note is changed."""

    reason: str = Field(min_length=1, max_length=500)


class NewPatient(BaseModel):
    """A patient to register. Either the birth date or the age in years, as far as they are known."""

    name: str = Field(min_length=1, max_length=200)
    birth_date: date | None = None
    age: int | None = Field(default=None, ge=0, le=130)
    sex: Sex = Sex.UNKNOWN
    phone: str = Field(default="", max_length=40)
    identifiers: list[Identifier] = Field(default=[], max_length=20)
    language: str = Field(default="en", max_length=20)
    allergies: Lines = []
    problems: Lines = []
    medicines: Lines = []


class PatientChange(BaseModel):
    """What to correct of a patient; what is not named stays. `birth_date: null` says that it is not known."""

    name: str = Field(default="", max_length=200)
    birth_date: date | None = None
    age: int | None = Field(default=None, ge=0, le=130)
    sex: Sex = Sex.UNKNOWN
    phone: str = Field(default="", max_length=40)
    identifiers: list[Identifier] = Field(default=[], max_length=20)
    language: str = Field(default="en", max_length=20)
    allergies: Lines = []
    problems: Lines = []
    medicines: Lines = []


class PatientSearch(BaseModel):
    """What somebody types to find a patient: it comes in a body, because addresses are written down in logs."""

    text: str = Field(max_length=200)
    limit: int = Field(default=20, ge=1, le=50)


class NewQueueEntry(BaseModel):
    """Whom to put into the queue, why they came, and how soon they have to be seen."""

    patient_id: IdText
    reason: str = Field(default="", max_length=500)
    urgency: Urgency = Urgency.ROUTINE


class NamedEntry(BaseModel):
    """Which entry of the queue is meant."""

    entry_id: IdText


class NextEntry(BaseModel):
    """Which entry of the queue is meant; without one, the next. `another` asks for a second patient at once."""

    entry_id: IdText | None = None
    another: bool = False


class QueueAgain(BaseModel):
    """Where somebody who is queued again stands: where they were, or behind all others of their urgency."""

    keeps_place: bool = True


class Merge(BaseModel):
    """The entry that stays."""

    into: IdText


class PreferencesChange(BaseModel):
    """What to change; what is not named stays."""

    template: Template | None = None


class PullRequest(BaseModel):
    """The Whisper size to download."""

    size: str = Field(max_length=40)
