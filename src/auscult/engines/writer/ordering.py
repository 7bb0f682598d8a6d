"""In which order the sentences under one heading are read, whoever wrote them: problem by problem, label by label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from auscult.engines.writer.labels import place_of

_FIRST: Final = frozenset({"complaint", "reason"})
_LAST: Final = frozenset({"follow_up", "agreement"})


@dataclass(frozen=True, slots=True)
class Spot:
    """What the place of a sentence goes by.

    `kind` is one of `offline.items.Kind`; `problem` and `label` are those of the statement; `heads` is true where it
    names the problem of its group; `said` is where it stands among its like when nothing else decides.
    """

    kind: str
    problem: str
    label: str
    heads: bool
    said: tuple[int, int]


def beginnings(spots: Iterable[Spot]) -> dict[str, tuple[int, int]]:
    """Where each problem begins: where the first sentence that names it stands. Of the whole note, not of a section."""
    begun: dict[str, tuple[int, int]] = {}
    for spot in spots:
        if spot.problem and spot.heads:
            begun[spot.problem] = min(begun.get(spot.problem, spot.said), spot.said)
    return begun


def rank(spot: Spot, begun: Mapping[str, tuple[int, int]]) -> tuple[object, ...]:
    """The key to sort the sentences of one section by; `begun` is what `beginnings` says of the note.

    Each problem's sentences stand together, those that are for none last. In a group the impression comes first, and
    what to do when it gets worse, and when to come back, last.
    """
    return (
        not spot.problem,
        begun.get(spot.problem, (0, 0)),
        spot.problem,
        spot.kind not in _FIRST,
        not spot.heads,
        place_of(spot.label),
        spot.kind in _LAST,
        spot.said,
    )
