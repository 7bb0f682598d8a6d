"""Findings with their polarity: F1 of the note against the reference.

Both texts are read by `readings`; what counts is the pair of a finding and what the whole text says of it. F1 is over
all notes together. `finding_named_f1` leaves the polarity out, so the difference is what polarity costs.
"""

from __future__ import annotations

from typing import Final

from auscult.evaluation.notes.metric import Figure, Measured, Metric, Part, f1_part
from auscult.evaluation.notes.readings import read, settled
from auscult.evaluation.notes.visits import Written

WEAKNESS: Final = (
    "A list of about 120 findings and rules of negation read both texts: what the list lacks is not seen, a misreading "
    "of the reference counts against the note, and the reference is one clinician's choice of what mattered."
)


def measure(written: Written) -> Measured:
    """Compare pairs of finding and polarity."""
    if written.visit.reference is None:
        return Measured({})
    given, wanted = settled(read(written.content)), settled(read(written.visit.reference))
    both = given.items() & wanted.items()
    named = given.keys() & wanted.keys()
    return Measured(
        {
            "finding_f1": f1_part(len(both), len(given), len(wanted)),
            "finding_precision": Part(len(both), len(given)),
            "finding_recall": Part(len(both), len(wanted)),
            "finding_named_f1": f1_part(len(named), len(given), len(wanted)),
        }
    )


METRIC: Final = Metric(
    figures=(
        Figure("finding_f1", "finding F1 with polarity"),
        Figure("finding_precision", "finding precision"),
        Figure("finding_recall", "finding recall"),
        Figure("finding_named_f1", "finding F1 without polarity"),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
