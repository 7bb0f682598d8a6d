"""Statements that say the opposite of their sources: "denies fever" where the cited turns tell of one.

For each finding that a statement affirms or denies, its cited turns are read (`said`). When they speak clearly of that
finding, and everything they say of it is the opposite, the statement contradicts them. Turns that say both, or that the
reader cannot place, count for the statement. `contradictions_readable` is the share of findings told whose turns speak
clearly: where they do, a wrong polarity would have been found.
"""

from __future__ import annotations

from collections.abc import Mapping
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
_OPPOSITE: Final[Mapping[Polarity, set[Polarity]]] = {
    Polarity.AFFIRMED: {Polarity.NEGATED},
    Polarity.NEGATED: {Polarity.AFFIRMED},
}


def measure(written: Written) -> Measured:
    """Hold each statement to its turns."""
    details: list[Detail] = []
    told = clear = 0
    for statement in written.body.statements:
        against: list[str] = []
        for concept, polarity in settled(read(statement.text)).items():
            if polarity not in _OPPOSITE:
                continue
            said = polarities(written.visit.transcript, statement.turn_ids, concept)
            told += 1
            clear += len(said - {Polarity.POSSIBLE}) == 1
            if said == _OPPOSITE[polarity]:
                against.append(concept)
        if against:
            reason = f"{', '.join(against)}: {', '.join(statement.turn_ids)} say the opposite"
            details.append(Detail(written.visit.id, "contradictions", reason, statement.text))
    parts = {
        "contradictions": Part(len(details), len(written.body.statements)),
        "contradictions_readable": Part(clear, told),
    }
    return Measured(parts, tuple(details))


METRIC: Final = Metric(
    figures=(
        Figure("contradictions", "polarity contradictions"),
        Figure("contradictions_readable", "findings whose sources say one thing"),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
