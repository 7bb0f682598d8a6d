"""What a language model is asked to return. Nothing else is taken: there is no field by which a note is signed.

The model names the *kind* of each statement, not its heading: a template decides under which heading a kind stands
and in which field of the result it is told, for this writer as for the offline one. Under which problem it stands the
model says too (`problem`), and `grouping` looks whether there is one of that name.
"""

from __future__ import annotations

import json
import re
from typing import Final, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auscult.domain.evidence import Polarity
from auscult.domain.medication import MedicationStatus
from auscult.engines.writer.offline.items import Kind

OFFERED: Final = tuple(kind for kind in get_args(Kind) if kind != "reason")
"""The kinds that a model may choose from: the offline writer alone makes a sentence of the reason for the visit."""
MOST: Final = 400
"""Statements, or medicines, that one part of a consultation can give."""
_WORD = re.compile(r"[^\W_]+")
_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n?\s*```", re.DOTALL)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class WrittenStatement(_Answer):
    """One sentence of the note."""

    kind: Kind = Field(
        description="What the sentence is about; it decides the heading.", json_schema_extra={"enum": [*OFFERED]}
    )
    text: str = Field(min_length=1, max_length=2_000, description="One whole sentence in clinical third person.")
    turn_ids: list[str] = Field(
        max_length=50, description="The turns that say it, such as t12: a question and its answer are both named."
    )
    polarity: Polarity = Field(default=Polarity.AFFIRMED, description="Whether it is so, is denied, or is possible.")
    problem: str = Field(
        default="",
        max_length=200,
        description="For impression: the name of the problem, without lead-in. For medicine, plan, follow_up: the name"
        " of the impression it is for, exactly as there, if that was said. Else empty.",
    )


class WrittenMedication(_Answer):
    """One medicine that was spoken of. Fields that nobody said stay empty."""

    name: str = Field(min_length=1, max_length=100)
    status: MedicationStatus = Field(
        description="taking, started, changed, stopped or allergy.",
        json_schema_extra={"enum": ["taking", "started", "changed", "stopped", "allergy"]},
    )
    strength: str = Field(default="", max_length=100)
    dose: str = Field(default="", max_length=100)
    form: str = Field(default="", max_length=100)
    route: str = Field(default="", max_length=100)
    frequency: str = Field(default="", max_length=100)
    duration: str = Field(default="", max_length=100)
    reason: str = Field(default="", max_length=200)
    timing: str = Field(default="", max_length=100)
    prn: bool = Field(default=False, description="Taken as needed.")
    as_said: str = Field(default="", max_length=500, description="The words of the turn, unchanged.")
    turn_ids: list[str] = Field(max_length=50)


class Answer(_Answer):
    """The note of one part of a consultation."""

    statements: list[WrittenStatement] = Field(max_length=MOST)
    medications: list[WrittenMedication] = Field(default_factory=list, max_length=MOST)


class NotAnAnswerError(ValueError):
    """A text that is not the answer asked for; says why in words for the model, and for nobody else."""


def words(text: str) -> list[str]:
    """The words of a text without case and marks, as entries of answers are compared."""
    return _WORD.findall(text.casefold())


def read_answer(text: str) -> Answer:
    """Read an answer from plain text: bare JSON, JSON in a fence, or JSON with talk around it.

    Small models answer in text though they were given a schema to fill in. Raises `NotAnAnswerError`.
    """
    fenced = _FENCED.search(text)
    body = fenced.group(1) if fenced else text[text.find("{") : text.rfind("}") + 1]
    try:
        return Answer.model_validate(json.loads(body))
    except ValidationError as error:
        places = sorted(
            {".".join(str(step) for step in fault["loc"]) + ": " + fault["type"] for fault in error.errors()}
        )
        raise NotAnAnswerError(f"The JSON does not fit the schema: {'; '.join(places[:10])}.") from None
    except (ValueError, RecursionError):
        raise NotAnAnswerError("This is not JSON. Return the answer as one JSON object and nothing else.") from None
