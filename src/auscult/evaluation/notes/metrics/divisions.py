"""ROUGE of each of the benchmark's four divisions, over the notes whose reference has it.

The written note is divided by its headings (`divisions.tsv`); a division that the writer left out scores 0.
"""

from __future__ import annotations

from typing import Final

from auscult.evaluation.notes.divisions import divide
from auscult.evaluation.notes.metric import Figure, Measured, Metric, Part
from auscult.evaluation.notes.metrics.rouge import rouge
from auscult.evaluation.notes.visits import DIVISIONS, Written

WEAKNESS: Final = (
    "All of ROUGE's, and the mapping decides: vital signs under our Objective count as examination, while the "
    "benchmark counts its VITALS as subjective. A division that the reference lacks is not looked at."
)
TYPES: Final = ("rouge1", "rouge2", "rougeLsum")


def measure(written: Written) -> Measured:
    """Compare division by division."""
    given = divide(written.text)
    parts: dict[str, Part] = {}
    for division in DIVISIONS:
        wanted = written.visit.divisions.get(division, "")
        if wanted.strip():
            scores = rouge(wanted, given[division], TYPES)
            parts |= {f"{division}_{name}": Part(value) for name, value in scores.items()}
    return Measured(parts)


METRIC: Final = Metric(
    figures=tuple(
        Figure(f"{division}_{name}", f"{division.replace('_', ' ')} {title}")
        for division in DIVISIONS
        for name, title in zip(TYPES, ("R1", "R2", "RLsum"), strict=True)
    ),
    measure=measure,
    weakness=WEAKNESS,
)
