"""Medicines by ingredient: F1 against the reference, and how many were never said.

A brand counts as its ingredients, the American and the international name of a substance as one
(`same_medicine.tsv`). Each ingredient counts once a note; F1 is over all notes together.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from auscult.evaluation.notes.metric import Detail, Figure, Kind, Measured, Metric, Part, f1_part
from auscult.evaluation.notes.visits import Written
from auscult.knowledge.medicines import mentions
from auscult.knowledge.tables import rows

WEAKNESS: Final = (
    "Sees only names that the lexicon knows, in their right spelling, and neither dose nor whether it was started or "
    "stopped; a medicine that the reference's author left out counts against a note that has it."
)


@cache
def _same() -> dict[str, str]:
    return {name: same for name, same, _source in rows("same_medicine.tsv", "auscult.evaluation.notes")}


def ingredients(text: str) -> frozenset[str]:
    """The substances named in a text, in lower case."""
    named = (part.strip().lower() for one in mentions(text) for part in one.medicines[0].ingredients)
    return frozenset(_same().get(name, name) for name in named)


def measure(written: Written) -> Measured:
    """Compare the note's substances with the reference's and with what was said."""
    given = ingredients(written.content)
    unsaid = given - ingredients(written.visit.transcript.text)
    parts = {"medicines_unsaid": Part(len(unsaid))}
    if written.visit.reference is not None:
        wanted = ingredients(written.visit.reference)
        parts["medicine_f1"] = f1_part(len(given & wanted), len(given), len(wanted))
        parts["medicine_precision"] = Part(len(given & wanted), len(given))
        parts["medicine_recall"] = Part(len(given & wanted), len(wanted))
    return Measured(
        parts, tuple(Detail(written.visit.id, "medicines_unsaid", "not said", name) for name in sorted(unsaid))
    )


METRIC: Final = Metric(
    figures=(
        Figure("medicine_f1", "medicine F1"),
        Figure("medicine_precision", "medicine precision"),
        Figure("medicine_recall", "medicine recall"),
        Figure("medicines_unsaid", "medicines not in the transcript", Kind.TOTAL),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
