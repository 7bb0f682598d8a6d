"""ROUGE-1, -2, -L and -Lsum F of the whole note against the reference (Lin 2004, https://aclanthology.org/W04-1013/).

As the package rouge-score computes it without stemming, a line break being a sentence end: the defaults of Hugging
Face `evaluate`. The figure is the mean of the notes' F.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from auscult.evaluation.notes.metric import Figure, Measured, Metric, Part
from auscult.evaluation.notes.visits import Written

TYPES: Final = ("rouge1", "rouge2", "rougeL", "rougeLsum")
WEAKNESS: Final = (
    "Counts shared words. It cannot tell 'denies fever' from 'reports fever', rewards length and copied phrases, and "
    "the headings and boilerplate of one clinician's style count as much as the diagnosis."
)


@cache
def _scorer(types: tuple[str, ...]) -> Any:  # noqa: ANN401 - the package has no types
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(types), use_stemmer=False)


def rouge(reference: str, hypothesis: str, types: tuple[str, ...] = TYPES) -> dict[str, float]:
    """The F of each type, in [0, 1]."""
    return {name: score.fmeasure for name, score in _scorer(types).score(reference, hypothesis).items()}


def measure(written: Written) -> Measured:
    """Compare the rendered note with the reference."""
    if written.visit.reference is None:
        return Measured({})
    return Measured({name: Part(value) for name, value in rouge(written.visit.reference, written.text).items()})


METRIC: Final = Metric(
    figures=(
        Figure("rouge1", "ROUGE-1"),
        Figure("rouge2", "ROUGE-2"),
        Figure("rougeL", "ROUGE-L"),
        Figure("rougeLsum", "ROUGE-Lsum"),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
