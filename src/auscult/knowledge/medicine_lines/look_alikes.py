"""Names that are taken for each other (`confusable.tsv`): told only when the line itself gives cause."""

from __future__ import annotations

from functools import cache

from auscult.knowledge.medicines import Medicine
from auscult.knowledge.tables import rows


@cache
def _pairs() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    pairs: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name, other, reasons, _source in rows("confusable.tsv", "auscult.knowledge.medicine_lines"):
        pairs.setdefault(name.lower(), []).append((other, tuple(filter(None, reasons.split(",")))))
    return pairs


def given_for_another(medicines: tuple[Medicine, ...], reason: str) -> str:
    """The name that this one is taken for, when the line's reason is that of the other; empty otherwise."""
    if not reason:
        return ""
    for medicine in medicines:
        for name in (medicine.name, *medicine.ingredients):
            for other, reasons in _pairs().get(name.lower(), ()):
                if any(one == reason.lower() or f" {one} " in f" {reason.lower()} " for one in reasons):
                    return other
    return ""


def between_two(name: str) -> tuple[str, str] | None:
    """The pair of confusable names that a misspelt name lies between; None when it lies between none.

    Between means: no more than a third of the letters of either have to change, and not twice as many for one as for
    the other.
    """
    word = name.lower()
    for one, others in _pairs().items():
        first = _changes(word, one)
        for other, _reasons in others:
            second = _changes(word, other.lower())
            allowed = max(2, min(len(one), len(other)) // 3)
            if max(first, second) <= allowed and max(first, second) <= 2 * max(1, min(first, second)):
                return one, other
    return None


def _changes(one: str, other: str) -> int:
    """Levenshtein distance: letters to put in, take out or replace."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        before, row[0] = row[0], place
        for column, sign in enumerate(other, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (letter != sign))
    return row[-1]
