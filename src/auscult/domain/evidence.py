"""Where a sentence comes from. No source, no sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from auscult.domain.ids import TurnId, UserId
from auscult.domain.model import UtcDatetime, Value


class Polarity(StrEnum):
    """Whether the statement says that something is so, is not so, or may be so."""

    AFFIRMED = "affirmed"
    NEGATED = "negated"
    POSSIBLE = "possible"


class TurnSource(Value):
    """Turns of one version of a transcript."""

    kind: Literal["turns"] = "turns"
    turn_ids: tuple[TurnId, ...] = Field(min_length=1)
    transcript_version: int = Field(ge=1)


class ClinicianSource(Value):
    """A person's own edit: the clinician is the source."""

    kind: Literal["clinician"] = "clinician"
    user_id: UserId
    name: str
    at: UtcDatetime


Source = Annotated[TurnSource | ClinicianSource, Field(discriminator="kind")]
"""One place that a statement rests on. Page regions, readings and literature join this union with their flows."""


class Flag(Value):
    """A doubt that a person has to settle. `code` is stable; `reason` is a sentence for the clinician."""

    code: str
    reason: str


class Decision(Value):
    """What a person decided about a flagged or unsupported statement: kept it as it is."""

    user_id: UserId
    name: str
    at: UtcDatetime


class ResultField(StrEnum):
    """The field of the Clinical Recorder's result in which a statement is told."""

    DIAGNOSIS = "diagnosis"
    MEDICATIONS = "medications"
    FOLLOW_UP = "follow_up"
    NOTES = "notes"
    NONE = "none"
    """In the note only, such as advice."""


class Statement(Value):
    """One sentence of a note, with what it rests on.

    `supported` is what `trust.grounding` found; an unsupported or flagged statement blocks signing until `decision`
    is there or it is edited or removed.
    """

    id: str
    text: str = Field(min_length=1)
    section: str
    sources: tuple[Source, ...] = ()
    polarity: Polarity = Polarity.AFFIRMED
    supported: bool = True
    flags: tuple[Flag, ...] = ()
    decision: Decision | None = None
    field: ResultField | None = None
    """Where the result tells it; None leaves it to the heading (`domain.note_fields`)."""
    term: str = ""
    """How the diagnosis words it, without the lead-in of the sentence."""
    problem: str = ""
    """The problem that it is for: the `term` of the impression that heads its group. Empty when that cannot be told."""
    label: str = ""
    """What stands before it, or before the first of several that it fits: a body system, or the kind of plan."""

    @property
    def reworded(self) -> bool:
        """True when a clinician wrote this wording."""
        return any(isinstance(source, ClinicianSource) for source in self.sources)

    @property
    def undecided(self) -> bool:
        """True while this sentence still needs a person's word before the note can be signed."""
        return (not self.supported or bool(self.flags)) and self.decision is None

    @property
    def turn_ids(self) -> tuple[TurnId, ...]:
        """All the turns that this statement rests on, in order, each once."""
        seen: dict[TurnId, None] = {}
        for source in self.sources:
            if isinstance(source, TurnSource):
                seen.update(dict.fromkeys(source.turn_ids))
        return tuple(seen)
