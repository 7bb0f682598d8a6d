"""What the parts of the writer hand to each other: one thing understood, with the turns it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from auscult.domain.evidence import Flag, Polarity
from auscult.domain.ids import TurnId

Kind = Literal[
    "complaint",
    "reason",
    "history",
    "past",
    "social",
    "family",
    "taking",
    "allergy",
    "review",
    "vitals",
    "examination",
    "result",
    "impression",
    "medicine",
    "plan",
    "follow_up",
    "agreement",
]

UNCLEAR_DOSE: Final = "dose_unclear"
"""The code of every flag that says: how this medicine is taken was said, and not understood."""


@dataclass(frozen=True, slots=True)
class Item:
    """One statement to be: what kind of thing it is, its sentence, and where it was said."""

    kind: Kind
    text: str
    turn_ids: tuple[TurnId, ...]
    polarity: Polarity = Polarity.AFFIRMED
    flags: tuple[Flag, ...] = ()
    short: str = ""
    """The bare term, where a field of the result wants it: the diagnosis without its lead-in."""
    medicine: str = ""
    """The medicine that it tells of, as the lexicon spells it."""
    place: int = field(default=-1, compare=False)
    """Which sentence of the talk it was said in, counted from 0; -1 where that is not known."""
    problem: str = field(default="", compare=False)
    """The problem that it is for, as its heading has it; empty when that cannot be told."""
    label: str = field(default="", compare=False)
    """What stands before its sentence: `labels.label_of`."""
