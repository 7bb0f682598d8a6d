"""How long a note takes, how long it is, and how many visits got none."""

from __future__ import annotations

from typing import Final

from auscult.evaluation.notes.metric import Figure, Kind, Measured, Metric, Part
from auscult.evaluation.notes.visits import Written

WEAKNESS: Final = (
    "Seconds are of this machine at this moment, one note at a time, writing and grounding together; compare only runs "
    "made side by side."
)


def measure(written: Written) -> Measured:
    """Take the clock's and the counter's word."""
    parts = {
        "seconds": Part(written.seconds),
        "statements": Part(len(written.body.statements)),
        "not_written": Part(float(bool(written.failure))),
    }
    if written.visit.reference:
        parts["length_ratio"] = Part(len(written.text.split()), len(written.visit.reference.split()))
    return Measured(parts)


METRIC: Final = Metric(
    figures=(
        Figure("seconds", "seconds a note", Kind.NUMBER),
        Figure("statements", "statements a note", Kind.NUMBER),
        Figure("length_ratio", "words per word of the reference", Kind.NUMBER),
        Figure("not_written", "visits without a note", Kind.TOTAL),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
