"""Long consultations are written in parts, cut between turns, and put together again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from auscult.domain.transcript import Turn
from auscult.engines.writer.model.answer import Answer, WrittenMedication, WrittenStatement, words
from auscult.engines.writer.model.grouping import FOR_A_PROBLEM, name_of

PART_CHARACTERS: Final = 16_000
"""About twenty minutes of talk: models skip more of a long text than of a short one, and their answers are limited."""
OVERLAP: Final = 4
"""Turns repeated at the head of the next part, so that an answer is never parted from its question."""
ALIKE: Final = 0.6
"""Of the words of two sentences, how many both must have to say the same of the same turn."""


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
    """Put the parts together in order: what two parts say of the same thing is said once, with the sources of both.

    The same is: the same words, or much the same words and the very same numbers from a turn that both parts had. What
    is for two problems is not the same, unless two parts read it so from one turn: then it is for the first's.
    Of two entries for one medicine with the same status the later holds, as a later sentence corrects an earlier one.
    """
    statements: list[WrittenStatement] = []
    medications: dict[tuple[str, str], WrittenMedication] = {}
    for answer in answers:
        earlier_parts = len(statements)
        for statement in answer.statements:
            place = next((n for n, one in enumerate(statements) if _same(one, statement, n < earlier_parts)), None)
            if place is None:
                statements.append(statement)
            else:
                first = statements[place]
                problem = first.problem or statement.problem
                statements[place] = first.model_copy(update={**_sources(first, statement), "problem": problem})
        for medication in answer.medications:
            named = (medication.name.casefold(), medication.status.value)
            earlier = medications.get(named)
            medications[named] = (
                medication if earlier is None else medication.model_copy(update=_sources(earlier, medication))
            )
    return Answer.model_construct(statements=statements, medications=list(medications.values()))


def _same(one: WrittenStatement, other: WrittenStatement, of_two_parts: bool) -> bool:
    if (one.kind, one.polarity) != (other.kind, other.polarity):
        return False
    own, others = words(one.text), words(other.text)
    one_turn = of_two_parts and bool(set(one.turn_ids) & set(other.turn_ids))
    names = [name_of(one.problem), name_of(other.problem)]
    for_two = one.kind in FOR_A_PROBLEM and all(names) and names[0] != names[1]
    if own == others:
        return not for_two or one_turn or one.kind == "impression"
    if not one_turn or (for_two and one.kind == "impression"):
        return False
    numbers = [{word for word in found if any(sign.isdigit() for sign in word)} for found in (own, others)]
    shared, either = set(own) & set(others), set(own) | set(others)
    return numbers[0] == numbers[1] and len(shared) >= ALIKE * len(either)


def _sources(
    one: WrittenStatement | WrittenMedication, other: WrittenStatement | WrittenMedication
) -> dict[str, list[str]]:
    return {"turn_ids": list(dict.fromkeys([*one.turn_ids, *other.turn_ids]))}
