"""Medicines: each named in a sentence was said, by that or another of its names, and the same was to be done with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, Literal

from auscult.domain.evidence import Flag
from auscult.knowledge.medicines import Medicine, Mention, mentions
from auscult.knowledge.tables import rows
from auscult.trust.grounding.flags import MEDICINE, OPPOSITE, flag
from auscult.trust.grounding.sources import Sources

Action = Literal["stop", "up", "down", "on"]

_ACTIONS: Final[tuple[tuple[Action, re.Pattern[str]], ...]] = (
    (
        "stop",
        re.compile(
            r"\b(?:stop(?:s|ped|ping)?(?: taking)?|discontinued?|ceased?|withh[oe]ld|omit(?:ted)?|miss(?:ed)?|skip(?:ped)?"
            r"|avoid(?:ed|ing)?|come off|came off|hold(?: off)?|quit|(?:do not|don't|should not|shouldn't|must not|not to)"
            r" (?:take|use)|no longer (?:takes?|taking|on)|allerg\w+)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "up",
        re.compile(
            r"\b(?:increas\w+|go(?:ing)? up|up-?titrat\w+|put up|rais(?:e|ed|ing)|doubled?|step(?:ped)? up)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "down",
        re.compile(
            r"\b(?:reduc\w+|decreas\w+|halved?|go(?:ing)? down|lower(?:ed|ing)?|wean(?:ed)?|cut(?:ting)? (?:down|back)"
            r"|bring down)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "on",
        re.compile(
            r"\b(?:start(?:ed|ing)?|commenced?|begin|began|initiat\w+|prescrib\w+|continu\w+|keep(?: taking)?|carry on"
            r"|takes?|taking|give|given|try|add(?:ed)?|unchanged|leave|as it is|i'm on|like you on|use|using|put you on)\b",
            re.IGNORECASE,
        ),
    ),
)
_AGAINST: Final[frozenset[frozenset[Action]]] = frozenset(
    (frozenset(("stop", "on")), frozenset(("stop", "up")), frozenset(("stop", "down")), frozenset(("up", "down")))
)
_CLAUSE = re.compile(r"[.;!?]\s+|[.;!?]$|,\s+(?:and |then |but )?|\bbut\b|\bthen\b")


def unsaid(text: str, sources: Sources) -> Iterator[Flag]:
    """The flags of medicines that were not said, or of which the opposite was to be done."""
    told = list(mentions(text))
    if not told:
        return
    said = list(mentions(sources.said))
    if any(not any(same(one, other) for other in said) for one in told):
        yield flag(MEDICINE)
    elif any(_turned(text, one, sources.said, [other for other in said if same(one, other)]) for one in told):
        yield flag(OPPOSITE)


def classes(text: str) -> frozenset[str]:
    """The words of the classes of the medicines that a text names: amoxicillin says "antibiotic"."""
    rows_named = (medicine for mention in mentions(text) for medicine in mention.medicines)
    return frozenset(word for medicine in rows_named for word in medicine.drug_class.lower().split())


def same(one: Mention, other: Mention) -> bool:
    """True when two names can mean the same medicine: a brand and its generic, two national names."""
    return bool(_substances(one) & _substances(other)) or one.name.lower() == other.name.lower()


def _substances(mention: Mention) -> frozenset[frozenset[str]]:
    """What the name may contain, one set for each of its meanings."""
    return frozenset(_ingredients(medicine) for medicine in mention.medicines)


def _ingredients(medicine: Medicine) -> frozenset[str]:
    return frozenset(_national().get(one.lower(), one.lower()) for one in medicine.ingredients)


@cache
def _national() -> dict[str, str]:
    """A national name, lower case, to the international one."""
    return {name: international for name, international, _source in rows("national_names.tsv")}


def _turned(text: str, mention: Mention, said: str, spoken: list[Mention]) -> bool:
    """True when every clause that says what is to be done with the medicine says the opposite."""
    told = _action(text, mention)
    heard = {action for other in spoken if (action := _action(said, other)) is not None}
    return told is not None and bool(heard) and all(frozenset((told, action)) in _AGAINST for action in heard)


def _action(text: str, mention: Mention) -> Action | None:
    """What the clause around a medicine says of it: the last word of doing before its name, or the first after it."""
    start = max((match.end() for match in _CLAUSE.finditer(text, 0, mention.start)), default=0)
    following = _CLAUSE.search(text, mention.end)
    end = following.start() if following else len(text)
    for part, last in ((text[start : mention.start], True), (text[mention.end : end], False)):
        found = sorted((match.start(), action) for action, pattern in _ACTIONS for match in pattern.finditer(part))
        if found:
            return found[-1][1] if last else found[0][1]
    return None
