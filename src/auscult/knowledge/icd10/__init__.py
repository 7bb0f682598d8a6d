"""Suggests codes of ICD-10-CM for what a clinician wrote. A suggestion is never a code: a person assigns those."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from auscult.domain.evidence import Polarity, ResultField, Statement
from auscult.domain.ids import TurnId
from auscult.domain.note import NoteBody
from auscult.domain.note_fields import IMPRESSION

if TYPE_CHECKING:
    from auscult.knowledge.icd10.search import Index

LIMIT: Final = 5

_LEAD = re.compile(
    rf"^(?:{IMPRESSION}|impression|diagnosis:|assessment:|possible|probable|probably|likely|suspected|query|\?)\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A billable code, its title, and how well it fits: BM25, comparable among the suggestions for one text only."""

    code: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the note's assessment names, with suggestions, and the turns it rests on."""

    text: str
    icd10: tuple[Suggestion, ...]
    sources: tuple[TurnId, ...]


def suggest(text: str, limit: int = LIMIT) -> list[Suggestion]:
    """The codes whose titles and other names fit a text best, best first; empty when none has a word of it.

    The first call reads the table and takes about a second; later ones, milliseconds.
    """
    return [Suggestion(*found) for found in _index().search(text, limit)]


def problems(body: NoteBody, limit: int = LIMIT) -> list[Problem]:
    """The impressions of a note, each once, with suggestions. What is thought not to be has none."""
    found: dict[str, Problem] = {}
    for statement in body.statements:
        text = _named(statement)
        if text and text.lower() not in found:
            found[text.lower()] = Problem(text, tuple(suggest(text, limit)), statement.turn_ids)
    return list(found.values())


def _named(statement: Statement) -> str:
    """What an impression names; empty for any other statement."""
    by_heading = statement.field is None and statement.section.lower() in {"assessment", "impression", "diagnosis"}
    if statement.polarity is Polarity.NEGATED or not (statement.field is ResultField.DIAGNOSIS or by_heading):
        return ""
    return _LEAD.sub("", _LEAD.sub("", statement.term or statement.text)).strip(" .")


@cache
def _index() -> Index:
    from auscult.knowledge.icd10.search import Index

    return Index.load()
