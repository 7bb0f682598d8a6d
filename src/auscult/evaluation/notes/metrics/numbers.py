"""Numbers: the share of the note's that were said, and how many were not.

Numbers are compared by value, words and digits alike; each counts once a note. A recogniser that writes "ninety eight.
six" is understood.
"""

from __future__ import annotations

import re
from typing import Final

from auscult.evaluation.notes.metric import Detail, Figure, Kind, Measured, Metric, Part
from auscult.evaluation.notes.visits import Written
from auscult.knowledge.frequencies import spelt_out
from auscult.knowledge.numerals import numbers_in

WEAKNESS: Final = (
    "Said anywhere is said: a right number at the wrong medicine passes (grounding looks at the cited turns only). "
    "Number words that can be read in two ways are read in none, so a note that does read them counts as wrong."
)
_HEARD_POINT = re.compile(r"(?<=\w)\. (?=\w)")


def measure(written: Written) -> Measured:
    """Look for each number of the note in the whole transcript."""
    spoken = spelt_out(" ".join(turn.text for turn in written.visit.transcript.turns))
    said = numbers_in(spoken) | numbers_in(_HEARD_POINT.sub(" point ", spoken))
    given = numbers_in(written.content)
    unsaid = given - said
    details = tuple(
        Detail(written.visit.id, "numbers_unsaid", f"{number:f} was not said", line)
        for number in sorted(unsaid)
        for line in written.content.splitlines()
        if number in numbers_in(line)
    )
    return Measured(
        {"number_precision": Part(len(given & said), len(given)), "numbers_unsaid": Part(len(unsaid))}, details
    )


METRIC: Final = Metric(
    figures=(
        Figure("number_precision", "number precision"),
        Figure("numbers_unsaid", "numbers not in the transcript", Kind.TOTAL),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
