"""Statements that say the opposite of their sources: "denies fever" where the cited turns tell of one.

For each finding that a statement affirms or denies, its cited turns are read (`said`). When they speak clearly of that
finding, and everything they say of it is the opposite, the statement contradicts them. Turns that say both, or that the
reader cannot place, count for the statement.
"""

from __future__ import annotations

from typing import Final

from auscult.domain.evidence import Polarity
from auscult.evaluation.notes.metric import Detail, Figure, Measured, Metric, Part
from auscult.evaluation.notes.readings import read, settled
from auscult.evaluation.notes.said import polarities
from auscult.evaluation.notes.visits import Written

WEAKNESS: Final = (
    "Finds contradictions about listed findings only, and misreads some speech: look at the sentences it names before "
    "believing the figure. A statement that cites the wrong turns cannot contradict them."
)
_OPPOSITE: Final = {Polarity.AFFIRMED: {Polarity.NEGATED}, Polarity.NEGATED: {Polarity.AFFIRMED}}


def measure(written: Written) -> Measured:
    """Hold each statement to its turns."""
    details: list[Detail] = []
    for statement in written.body.statements:
        against = [
            concept
            for concept, polarity in settled(read(statement.text)).items()
            if polarity in _OPPOSITE
            and polarities(written.visit.transcript, statement.turn_ids, concept) == _OPPOSITE[polarity]
        ]
        if against:
            turns = ", ".join(statement.turn_ids)
            reason = f"{', '.join(against)}: {turns} say the opposite"
            details.append(Detail(written.visit.id, "contradictions", reason, statement.text))
    return Measured({"contradictions": Part(len(details), len(written.body.statements))}, tuple(details))


METRIC: Final = Metric(
    figures=(Figure("contradictions", "polarity contradictions", higher_is_better=False),),
    measure=measure,
    weakness=WEAKNESS,
)
