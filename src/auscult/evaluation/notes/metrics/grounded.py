"""Statements that `trust.grounding` found unsupported, and those that carry a flag for a person."""

from __future__ import annotations

from typing import Final

from auscult.evaluation.notes.metric import Detail, Figure, Measured, Metric, Part
from auscult.evaluation.notes.visits import Written

WEAKNESS: Final = (
    "Only as good as the grounding: it sees numbers, units, medicines and negations, not a changed meaning in "
    "other words. What it finds blocks signing, so this is what a clinician will have to settle by hand."
)


def measure(written: Written) -> Measured:
    """Count what grounding marked."""
    statements = written.body.statements
    unsupported = [one for one in statements if not one.supported]
    details = tuple(
        Detail(written.visit.id, "unsupported", ", ".join(flag.code for flag in one.flags), one.text)
        for one in unsupported
    )
    flagged = sum(bool(one.flags) for one in statements)
    return Measured(
        {
            "unsupported": Part(len(unsupported), len(statements)),
            "flagged": Part(flagged, len(statements)),
        },
        details,
    )


METRIC: Final = Metric(
    figures=(
        Figure("unsupported", "unsupported statements"),
        Figure("flagged", "statements with a flag"),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
