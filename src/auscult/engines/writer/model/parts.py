"""Long consultations are written in parts, cut between turns, and put together again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from auscult.domain.transcript import Turn
from auscult.engines.writer.model.answer import Answer, WrittenMedication, WrittenStatement

PART_CHARACTERS: Final = 16_000
"""About twenty minutes of talk: models skip more of a long text than of a short one, and their answers are limited."""
OVERLAP: Final = 4
"""Turns repeated at the head of the next part, so that an answer is never parted from its question."""
_WORD = re.compile(r"[^\W_]+")


def split(turns: Sequence[Turn], characters: int = PART_CHARACTERS) -> list[tuple[Turn, ...]]:
    """Cut a consultation into parts of about so many characters; a longer turn is a part of its own.

    Each part but the first begins with the last turns of the one before.
    """
    parts: list[tuple[Turn, ...]] = []
    begun, length = 0, 0
    for place, turn in enumerate(turns):
        if place > begun and length + len(turn.text) > characters:
            parts.append(tuple(turns[max(0, begun - OVERLAP) : place]))
            begun, length = place, 0
        length += len(turn.text)
    if begun < len(turns):
        parts.append(tuple(turns[max(0, begun - OVERLAP) :]))
    return parts


def merge(answers: Iterable[Answer]) -> Answer:
    """Put the parts together in order: what two parts say in the same words is said once, with the sources of both.

    Of two entries for one medicine with the same status the later holds, as a later sentence corrects an earlier one.
    """
    statements: dict[tuple[object, ...], WrittenStatement] = {}
    medications: dict[tuple[str, str], WrittenMedication] = {}
    for answer in answers:
        for statement in answer.statements:
            key = (statement.kind, statement.polarity, *_words(statement.text))
            before = statements.get(key)
            statements[key] = statement if before is None else before.model_copy(update=_sources(before, statement))
        for medication in answer.medications:
            named = (medication.name.casefold(), medication.status.value)
            earlier = medications.get(named)
            medications[named] = (
                medication if earlier is None else medication.model_copy(update=_sources(earlier, medication))
            )
    return Answer.model_construct(statements=list(statements.values()), medications=list(medications.values()))


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _sources(
    one: WrittenStatement | WrittenMedication, other: WrittenStatement | WrittenMedication
) -> dict[str, list[str]]:
    return {"turn_ids": list(dict.fromkeys([*one.turn_ids, *other.turn_ids]))}
