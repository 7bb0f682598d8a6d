"""Medicines: each that is named was said, by that or another of its names, and the same was to be done with it."""

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
            r"\b(?:stop(?:s|ped|ping)?(?: taking)?|discontinued?|ceased?|withh[oe]ld|omit(?:ted)?|miss(?:ed)?"
            r"|skip(?:ped)?|avoid(?:ed|ing)?|come off|came off|hold(?: off)?|quit"
            r"|(?:do not|don't|should not|shouldn't|must not|not to) (?:take|use)"
            r"|no longer (?:takes?|taking|on)|allerg\w+)\b",
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
            r"|takes?|taking|give|given|try|add(?:ed)?|unchanged|leave|as it is|i'm on"
            r"|like you on|use|using|put you on)\b",
            re.IGNORECASE,
        ),
    ),
)
_AGAINST: Final[frozenset[frozenset[Action]]] = frozenset(
    (frozenset(("stop", "on")), frozenset(("stop", "up")), frozenset(("stop", "down")), frozenset(("up", "down")))
)
_WINDOW: Final = 12
"""Words around a name in which the word of doing stands."""
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
    """True when two names can mean the same medicine: a brand and its generic, two national names.

    Of two brands of one substance only the one that was named was said.
    """
    if one.name.lower() == other.name.lower():
        return True
    brands = all(medicine.kind == "brand" for mention in (one, other) for medicine in mention.medicines)
    return not brands and bool(_substances(one) & _substances(other))


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
    told = _actions(text, mention, list(mentions(text)))
    named = list(mentions(said))
    heard = {action for other in spoken for action in _actions(said, other, named)}
    return bool(told and heard) and all(frozenset((one, other)) in _AGAINST for one in told for other in heard)


def _actions(text: str, mention: Mention, named: list[Mention]) -> frozenset[Action]:
    """What the clause says is done with a medicine, by the words between the one named before and this, or after it.

    A name that shares its verb ("stop your Advil or Motrin") takes it from the name before.
    """
    start = max((match.end() for match in _CLAUSE.finditer(text, 0, mention.start)), default=0)
    end = mention.start
    for before in [*(other.end for other in reversed(named) if start < other.end <= mention.start), start]:
        part = " ".join(text[before:end].split()[-_WINDOW:])
        found = {action for action, pattern in _ACTIONS if pattern.search(part)}
        if found:
            return frozenset(found)
        end = before
    following = _CLAUSE.search(text, mention.end)
    after = " ".join(text[mention.end : following.start() if following else len(text)].split()[:_WINDOW])
    return frozenset(action for action, pattern in _ACTIONS if pattern.search(after))
