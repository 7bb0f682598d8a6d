"""An order that the patient did not want stays in the plan, and says so until the clinician has decided about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from auscult.domain.evidence import Flag, Polarity
from auscult.engines.writer.offline.consenting import NO_QUESTIONS
from auscult.engines.writer.offline.heard_medicine import Heard
from auscult.engines.writer.offline.items import Item

DECLINED: Final = Flag(
    code="patient_declined",
    reason="The patient said no to something that was proposed here: keep it, change it, or take it out.",
)
_ORDER: Final = re.compile(
    r"(?:start|increase|decrease|continue|change|stop|order|refer|repeat|prescribe|review|recheck|schedule|will|may"
    r"|recommended|advised)\b",
    re.IGNORECASE,
)
_KINDS: Final = frozenset({"medicine", "plan", "follow_up"})
_MOST: Final = 3
"""Orders of one turn that a refusal without a name is taken to be of; where more were given, it stands for itself."""
_WORD: Final = re.compile(r"[a-z]{4,}")
_SMALL_WORDS: Final = (
    "patient that this they want wants would rather with take taking have will said plan from about does think start"
    " continue increase decrease stop week weeks month months days"
)
_UNTELLING: Final = frozenset(_SMALL_WORDS.split())
"""Words of a refusal, and of an order, that name nothing."""


def with_declined(items: Sequence[Item], medicines: Sequence[Heard]) -> list[Item]:
    """The items, with a flag on each order that was refused; the medicines that these order get it too.

    Refused is what was said in the turn that the patient answered. Where their words name one of several orders, it is
    that one.
    """
    refusals = [
        item
        for item in items
        if item.kind == "agreement" and item.polarity is Polarity.NEGATED and item.text != NO_QUESTIONS
    ]
    declined = {id(order) for refusal in refusals for order in _meant(refusal, items)}
    if not declined:
        return list(items)
    names = {item.medicine for item in items if id(item) in declined and item.medicine}
    for heard in medicines:
        if heard.name in names:
            heard.flags.append(DECLINED)
    return [replace(item, flags=(*item.flags, DECLINED)) if id(item) in declined else item for item in items]


def _meant(refusal: Item, items: Sequence[Item]) -> list[Item]:
    orders = [item for item in items if item.kind in _KINDS and _ORDER.match(item.text)]
    proposed = [item for item in orders if set(item.turn_ids) & set(refusal.turn_ids[:1])]
    words = _telling(refusal.text)
    named = [item for item in orders if words & _telling(item.text)]
    meant = [item for item in proposed if item in named] or [one for one in named if one.medicine] or proposed
    return meant if len(meant) <= _MOST else []


def _telling(text: str) -> set[str]:
    return set(_WORD.findall(text.lower())) - _UNTELLING
