"""Words in a consultation that are meant for a machine: they change nothing, and what rests on them is looked at.

What protects a note is that a writer can do nothing but return statements, and that only a person signs. A statement
may still rest on words that somebody said, or played, for a writer to find: it is flagged, and blocks signing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from auscult.domain.evidence import Flag
from auscult.domain.ids import TurnId
from auscult.domain.note import Section
from auscult.domain.transcript import Transcript

TO_A_MACHINE: Final = "spoken_to_a_machine"
FLAG: Final = Flag(
    code=TO_A_MACHINE,
    reason="Somebody speaks to a machine where this comes from: make sure that it was meant for the note.",
)
_TO_A_MACHINE = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.?!]{0,30}\b(?:instructions?|prompts?|rules)\b"
    r"|\bsystem prompt\b|\byou are (?:now )?an? (?:ai|assistant|language model|chatbot)\b"
    r"|\b(?:ignore|disregard) (?:all |everything )?(?:the |of the )?(?:above|previous)\b"
    r"|\b(?:sign|approve|finali[sz]e) (?:the|this) (?:note|record) (?:now|automatically|as|for|without)\b"
    r"|\b(?:sign|approve|delete|erase) the (?:note|record|patient) and (?:sign|approve|delete|erase)\b"
    r"|\bforget (?:all|everything) (?:that|of)\b|\breturn (?:an empty|no) note\b"
    r"|</?[a-z_]{2,20}>",
    re.IGNORECASE,
)
"""How people, or a played recording, speak when they want a machine to do something. Few ways of many."""


def giving_orders(transcript: Transcript) -> frozenset[TurnId]:
    """The turns in which somebody speaks to a machine."""
    return frozenset(turn.id for turn in transcript.turns if _TO_A_MACHINE.search(turn.text))


def flags_on(turn_ids: Iterable[str], orders: frozenset[TurnId]) -> tuple[Flag, ...]:
    """The flag for what rests on one of the turns with orders."""
    return () if orders.isdisjoint(turn_ids) else (FLAG,)


def marked(sections: Iterable[Section], transcript: Transcript) -> list[Section]:
    """The sections with a flag on every statement that rests on such a turn."""
    orders = giving_orders(transcript)
    if not orders:
        return list(sections)
    return [
        section.model_copy(
            update={
                "statements": tuple(
                    one.model_copy(update={"flags": (*one.flags, *flags_on(one.turn_ids, orders))})
                    for one in section.statements
                )
            }
        )
        for section in sections
    ]
