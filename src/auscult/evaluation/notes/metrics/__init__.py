"""The metrics, in the order in which they are printed; a new one is a file beside this and a line here."""

from __future__ import annotations

from typing import Final

from auscult.evaluation.notes.metric import Metric
from auscult.evaluation.notes.metrics import (
    contradictions,
    dangling,
    divisions,
    findings,
    grounded,
    medicines,
    numbers,
    results_section,
    rouge,
    running,
)

METRICS: Final[tuple[Metric, ...]] = (
    rouge.METRIC,
    divisions.METRIC,
    results_section.METRIC,
    medicines.METRIC,
    numbers.METRIC,
    findings.METRIC,
    grounded.METRIC,
    contradictions.METRIC,
    dangling.METRIC,
    running.METRIC,
)
