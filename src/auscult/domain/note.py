"""A note: a draft until a clinician signs; after that only amended by a new version."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from auscult.domain.evidence import Statement
from auscult.domain.ids import NoteId, PatientId, RecordingId, UserId
from auscult.domain.medication import Medication
from auscult.domain.model import UtcDatetime, Value


class NoteStatus(StrEnum):
    """FHIR's composition-status, with its `preliminary` called `draft`: https://hl7.org/fhir/R4B/valueset-composition-status.html."""

    DRAFT = "draft"
    SIGNED = "signed"
    AMENDED = "amended"


class Template(StrEnum):
    """Which headings a note has: `knowledge/templates` says what goes under each."""

    VISIT = "visit"
    SOAP = "soap"
    GP = "gp"


class Usage(Value):
    """What a note cost to write: requests to language models, tokens, US dollars (None where a price is not known)."""

    requests: int = Field(ge=0)
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cost_usd: float | None = Field(default=None, ge=0)


class WriterInfo(Value):
    """Which writer wrote a note: maker, version, prompt id with its hash (empty for the offline writer)."""

    name: str
    version: str
    prompt: str = ""
    usage: Usage | None = None
    """What all that was asked of language models for this note cost; None when none was asked."""
    passed_over: tuple[str, ...] = ()
    """The writers that were to write it before this one and could not, each with why: `openai:llama3.1:8b: timeout`."""


class Section(Value):
    """One heading of a note and its statements, in reading order."""

    title: str
    statements: tuple[Statement, ...] = ()


class Signature(Value):
    """Who signed this version, and when."""

    user_id: UserId
    name: str
    at: UtcDatetime


class NoteBody(Value):
    """What a writer returns: statements in sections, and the four S1 fields derived from them.

    `diagnosis`, `follow_up` and `notes` are strings rendered from statements; `medications` are parsed and
    name their statements. `domain.note_fields` keeps all four in line with the statements.
    """

    sections: tuple[Section, ...] = ()
    medications: tuple[Medication, ...] = ()
    diagnosis: str = ""
    follow_up: str = ""
    notes: str = ""
    writer: WriterInfo
    language: str = "en"
    template: Template = Template.VISIT
    omitted: tuple[Statement, ...] = ()
    """Mentioned in the consultation, but not in the note: for a person to add with one click. No part of the note."""
    omitted_medications: tuple[Medication, ...] = ()
    """The medicines that sentences of `omitted` tell of: each comes into the note with its sentence."""
    removed: tuple[Statement, ...] = ()
    """What a clinician took out, as it stood, so that a note written again leaves it out. No part of the note."""

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement, in reading order."""
        return tuple(statement for section in self.sections for statement in section.statements)


class Note(Value):
    """One version of a note. `(id, version)` is its key; versions count from 1 and are all kept once signed."""

    id: NoteId
    version: int = Field(ge=1)
    recording_id: RecordingId
    patient_id: PatientId | None = None
    status: NoteStatus = NoteStatus.DRAFT
    body: NoteBody
    transcript_version: int = Field(ge=0)
    demo_quality: bool = False
    """True when the transcript came from an engine whose text must not be trusted for care."""
    created_at: UtcDatetime
    updated_at: UtcDatetime
    signature: Signature | None = None
    amendment_reason: str = ""
    previous_body: NoteBody | None = None
    """The draft before the last edit, for one undo; gone once signed."""

    @property
    def blocking(self) -> tuple[str, ...]:
        """Ids of the statements that a person still has to decide on before signing.

        A doubt about a medicine is one about the sentences that tell of it, but for those in a clinician's own words.
        """
        doubted = {one for medication in self.body.medications if medication.flags for one in medication.statement_ids}
        return tuple(
            statement.id
            for statement in self.body.statements
            if statement.undecided
            or (statement.id in doubted and statement.decision is None and not statement.reworded)
        )
