"""Facts labelled by hand from the conversation: how many the note has, and with the right polarity.

Labels are JSONL rows {"id", "facts": [{"fact", "also", "polarity", "kind"}]}, made by reading the transcript and not
from any lexicon. A fact is in the note when `fact`, or one wording of `also`, is in one of its lines: every word of the
wording, in any order, by its beginning (so "knee pain" finds "painful knee" and "ibuprofen 600" needs both). Its
polarity there is read by the cues of `readings`; a conditional plan may be told as certain or as possible.

The labels also hold our own reader to account: how often what `said` makes of the whole conversation agrees with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from auscult.domain.errors import InvalidError
from auscult.domain.evidence import Polarity
from auscult.evaluation.notes.metric import Detail, Figure, Measured, Metric, Part
from auscult.evaluation.notes.readings import concepts_in, polarity_at, sentences
from auscult.evaluation.notes.said import polarities
from auscult.evaluation.notes.visits import Written
from auscult.knowledge.conversations import Row, is_text, rows

WEAKNESS: Final = (
    "One reader's labels of thirty role-played visits. A fact told in words that the label does not list counts as "
    "missing, and a note is not charged for facts that nobody labelled: this is recall, not precision."
)
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?(?:'[^\W_]+)*")
_SHORT: Final = 4
"""Letters. A word of the label this short must be met whole; a longer one may carry an ending in the note."""


class FactKind(StrEnum):
    """What a labelled fact is about."""

    SYMPTOM = "symptom"
    CONDITION = "condition"
    MEDICINE = "medicine"
    SIGN = "sign"
    RESULT = "result"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a note of this visit should say. `wordings` are the ways to say it that count."""

    wordings: tuple[str, ...]
    polarity: Polarity
    kind: FactKind


def read_labels(path: Path) -> dict[str, list[Fact]]:
    """The labelled facts by visit id. Raises `InvalidError` when there is none, or for a row that is not a label."""
    found = {row.label("id"): [_fact(one, row) for one in row.objects("facts")] for row in rows(path)}
    if not any(found.values()):
        raise InvalidError(f"There are no labelled facts in {path.name}.", remedy='Each row needs "id" and "facts".')
    return found


def _fact(told: Mapping[str, Any], row: Row) -> Fact:
    also, polarity, kind = told.get("also", []), told.get("polarity"), told.get("kind")
    wordings = (told.get("fact"), *(also if isinstance(also, list) else [None]))
    if not all(map(is_text, wordings)) or polarity not in tuple(Polarity) or kind not in tuple(FactKind):
        raise row.refused(
            "facts that can be read", remedy='Each fact needs "fact", "polarity" and "kind"; "also" is a list of texts.'
        )
    return Fact(wordings, Polarity(polarity), FactKind(kind))


def told(fact: Fact, lines: Sequence[str]) -> set[Polarity]:
    """With which polarities these lines tell of a fact; empty when none does."""
    return {
        polarity
        for line in lines
        for wording in fact.wordings
        if (polarity := _told_in(_WORD.findall(wording.lower()), line)) is not None
    }


def agrees(fact: Fact, said: set[Polarity]) -> bool:
    """True when one of these polarities is the fact's."""
    if fact.kind is FactKind.PLAN and fact.polarity is not Polarity.NEGATED:
        return bool(said - {Polarity.NEGATED})
    return fact.polarity in said


def _reader_agrees(fact: Fact, written: Written) -> bool | None:
    """Whether the conversation, as `said` reads it, has the fact; None where no listed finding stands for the fact."""
    named = {concept for wording in fact.wordings for concept in concepts_in(wording)}
    if fact.kind is FactKind.PLAN or len(named) != 1:
        return None
    transcript = written.visit.transcript
    heard = polarities(transcript, [turn.id for turn in transcript.turns], named.pop())
    return fact.polarity in heard if heard else None


def _told_in(wanted: Sequence[str], line: str) -> Polarity | None:
    places = [_place(word, line) for word in wanted]
    if not wanted or any(place is None for place in places):
        return None
    known = [place for place in places if place is not None]
    return polarity_at(line, min(start for start, _end in known), max(end for _start, end in known))


def _place(word: str, line: str) -> tuple[int, int] | None:
    ending = r"(?:e?s)?" if len(word) <= _SHORT else r"\w*"
    match = re.search(rf"(?<![\w.]){re.escape(word)}{ending}(?!\w)", line)
    return (match.start(), match.end()) if match else None


def metric(labels: Mapping[str, Sequence[Fact]]) -> Metric:
    """The metric for these labels; visits that are not in them are left out."""

    def measure(written: Written) -> Measured:
        facts = labels.get(written.visit.id)
        if not facts:
            return Measured({})
        lines = sentences(written.content)
        told_of = [(fact, told(fact, lines)) for fact in facts]
        found = [(fact, said) for fact, said in told_of if said]
        right = [fact for fact, said in found if agrees(fact, said)]
        parts = {
            "labelled_recall": Part(len(right), len(facts)),
            "labelled_polarity": Part(len(right), len(found)),
        }
        agreed = [agrees_too for fact in facts if (agrees_too := _reader_agrees(fact, written)) is not None]
        parts["labelled_reader"] = Part(sum(agreed), len(agreed))
        for kind in FactKind:
            of_kind = [fact for fact in facts if fact.kind is kind]
            if of_kind:
                parts[f"labelled_{kind}"] = Part(sum(fact.kind is kind for fact in right), len(of_kind))
        details = [_detail(written, "labelled_recall", "not in the note", fact) for fact, said in told_of if not said]
        details += [
            _detail(
                written,
                "labelled_polarity",
                f"{fact.polarity} in the conversation, {', '.join(sorted(said))} here",
                fact,
            )
            for fact, said in found
            if not agrees(fact, said)
        ]
        return Measured(parts, tuple(details))

    return Metric(
        figures=(
            Figure("labelled_recall", "labelled facts told, with polarity"),
            Figure("labelled_polarity", "polarity right, of labelled facts told"),
            *(Figure(f"labelled_{kind}", f"labelled facts told: {kind}") for kind in FactKind),
            Figure("labelled_reader", "the reader agrees with the labels"),
        ),
        measure=measure,
        weakness=WEAKNESS,
    )


def _detail(written: Written, figure: str, reason: str, fact: Fact) -> Detail:
    return Detail(written.visit.id, figure, reason, fact.wordings[0])
