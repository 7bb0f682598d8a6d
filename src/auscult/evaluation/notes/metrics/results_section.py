"""Whether the note has results where the reference has some, and none where it has none."""

from __future__ import annotations

from typing import Final

from auscult.evaluation.notes.divisions import divide
from auscult.evaluation.notes.metric import Figure, Measured, Metric, Part
from auscult.evaluation.notes.visits import RESULTS, Written

WEAKNESS: Final = "Says that there is something under Results, not that it is right or complete."


def measure(written: Written) -> Measured:
    """Look for a line under a results heading."""
    if written.visit.reference is None:
        return Measured({})
    has = len(divide(written.text)[RESULTS].splitlines()) > 1
    wanted = bool(written.visit.divisions.get(RESULTS, "").strip())
    name = "results_present" if wanted else "results_uncalled_for"
    return Measured({name: Part(float(has))})


METRIC: Final = Metric(
    figures=(
        Figure("results_present", "Results present when the reference has them"),
        Figure("results_uncalled_for", "Results present when the reference has none"),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
