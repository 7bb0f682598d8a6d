"""A consultation to write a note of, with the note that a person wrote of it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from auscult.domain.note import NoteBody
from auscult.domain.transcript import Transcript

SUBJECTIVE: Final = "subjective"
EXAM: Final = "objective_exam"
RESULTS: Final = "objective_results"
PLAN: Final = "assessment_and_plan"
DIVISIONS: Final = (SUBJECTIVE, EXAM, RESULTS, PLAN)
"""The divisions of the benchmark ACI-BENCH: https://doi.org/10.1038/s41597-023-02487-3."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One consultation of a data file. `reference` is None where nobody wrote a note of it."""

    id: str
    file: str
    subset: str
    transcript: Transcript
    reference: str | None = None
    divisions: Mapping[str, str] = field(default_factory=dict)
    """The reference note by division; an absent or empty one is not in the note."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer made of a visit: the note after grounding, its text as a reader sees it, and seconds."""

    visit: Visit
    body: NoteBody
    text: str
    seconds: float
    failure: str = ""
    """The code of the error when there is no note; then `body` and `text` are empty."""

    @property
    def content(self) -> str:
        """What the note says, one statement or medicine a line, without headings, turn ids and remarks for a person."""
        return "\n".join([*(one.text for one in self.body.statements), *(one.line for one in self.body.medications)])
