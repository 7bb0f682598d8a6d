"""Confidence intervals by resampling notes (Efron's percentile bootstrap), the same notes for both of two writers.

Weakness: what is resampled is the notes at hand, so an interval tells of luck in which visits were drawn, not of other
clinics, accents or illnesses; with fewer than about twenty notes it is too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from auscult.evaluation.notes.metric import Kind, Part

ROUNDS: Final = 2_000
COVERED: Final = 95.0
"""Percent of the resampled values that lie inside an interval."""

Draws = np.ndarray[tuple[int, int], np.dtype[np.int64]]
"""One row a round: the numbers of the notes drawn."""
Values = np.ndarray[tuple[int], np.dtype[np.float64]]
"""One value a round; NaN where nothing was drawn that the figure applies to."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the bounds of its interval; None where there was nothing to count."""

    value: float | None
    low: float | None = None
    high: float | None = None


def draw(notes: int, *, seed: int, rounds: int = ROUNDS) -> Draws:
    """Which notes are drawn in each round; the same seed draws the same."""
    return np.random.default_rng(seed).integers(0, notes, size=(rounds, notes))


def estimate(parts: Sequence[Part | None], draws: Draws, kind: Kind) -> Estimate:
    """The figure over all notes; `parts` has one entry a note, None where the figure does not apply to it."""
    return _interval(_value(parts, kind), _resampled(parts, draws, kind))


def difference(before: Sequence[Part | None], after: Sequence[Part | None], draws: Draws, kind: Kind) -> Estimate:
    """`after` less `before`, with the interval of the paired difference."""
    first, second = _value(before, kind), _value(after, kind)
    if first is None or second is None:
        return Estimate(None)
    return _interval(second - first, _resampled(after, draws, kind) - _resampled(before, draws, kind))


def _value(parts: Sequence[Part | None], kind: Kind) -> float | None:
    there = [part for part in parts if part is not None]
    top = sum(part.numerator for part in there)
    if kind is Kind.TOTAL:
        return top if there else None
    bottom = sum(part.denominator for part in there)
    return top / bottom if bottom else None


def _resampled(parts: Sequence[Part | None], draws: Draws, kind: Kind) -> Values:
    top: Values = np.array([part.numerator if part else 0.0 for part in parts])[draws].sum(axis=1)
    if kind is Kind.TOTAL:
        return top
    bottom: Values = np.array([part.denominator if part else 0.0 for part in parts])[draws].sum(axis=1)
    with np.errstate(invalid="ignore"):
        ratios: Values = top / bottom  # nought by nought is NaN
    return ratios


def _interval(value: float | None, resampled: Values) -> Estimate:
    known = resampled[~np.isnan(resampled)]
    if value is None or not len(known):
        return Estimate(value)
    low, high = np.percentile(known, [(100 - COVERED) / 2, (100 + COVERED) / 2])
    return Estimate(value, float(low), float(high))
