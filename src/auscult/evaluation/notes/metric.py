"""What a metric is: figures that are each a sum over notes divided by another.

A share, a mean and an F1 are all such ratios (F1 = 2tp / (2tp + fp + fn)), so one resampling serves them all, and
nothing is averaged over notes in which there was nothing to count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from auscult.evaluation.notes.visits import Written


class Kind(StrEnum):
    """How a figure is printed."""

    PERCENT = "percent"
    NUMBER = "number"
    TOTAL = "total"
    """The sum itself: its divisor is not used."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure. `name` is its key in the JSON."""

    name: str
    title: str
    kind: Kind = Kind.PERCENT


@dataclass(frozen=True, slots=True)
class Part:
    """What one note adds to a figure."""

    numerator: float
    denominator: float = 1.0


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that a metric objected to: in which visit, what, and where. Holds text of the note."""

    visit_id: str
    figure: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What a metric makes of one note: its parts by figure name (a figure that does not apply is left out)."""

    parts: Mapping[str, Part]
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """A few figures that are counted together. `weakness` says what they cannot tell."""

    figures: tuple[Figure, ...]
    measure: Callable[[Written], Measured]
    weakness: str


def f1_part(right: int, given: int, wanted: int) -> Part:
    """F1 over all notes together, from the items given, those wanted and those in both."""
    return Part(2.0 * right, float(given + wanted))
