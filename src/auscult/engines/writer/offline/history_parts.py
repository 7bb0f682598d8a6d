"""Which part of the history a statement tells: past illness, family, how the patient lives, or the review of systems.

What none of these is sure of stays in the history of the present illness.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.engines.writer.offline.items import Item, Kind
from auscult.knowledge.body_systems import system_of
from auscult.knowledge.findings import terms_in

_RELATIVE: Final = (
    r"(?:mother|father|mom|mum|dad|brothers?|sisters?|siblings?|parents?|grand(?:mother|father|ma|pa|parents?)"
    r"|uncles?|aunts?|cousins?|son|daughter)"
)
_FAMILY: Final = re.compile(
    rf"\bfamily history\b|\b{_RELATIVE}\b(?: \w+){{0,3}} (?:(?:has|have|had)(?! (?:also |already |been (?!diagnosed)"
    rf"|been$|noticed|said|told|seen|brought|asked|given|helped|tried|taken|come|called|found|heard|to\b))|died"
    rf"|passed away|was diagnosed|were diagnosed)\b"
    rf"|\bruns in (?:the|their|his|her) family\b|\bin (?:the|their|his|her) family\b",
    re.IGNORECASE,
)
_SOCIAL: Final = re.compile(
    r"\bworks? (?:as|in|at|for|from|part|full|night|the)\b|\b(?:does not |doesn't )?(?:smokes?|vapes?)\b"
    r"|\b(?:smoking|tobacco|cigarettes?|cigars?|packs? (?:a|per) day|alcohol|beers?|wine|marijuana|recreational drugs?"
    r"|illicit drugs?)\b|\bretired\b|\bmarried\b|\bdivorced\b|\bwidow(?:ed|er)?\b|\blives? (?:with|alone|in|by)\b"
    r"|\bemployed\b|\boccupation\b|\bcollege\b|\bin school\b",
    re.IGNORECASE,
)
_HABIT: Final = re.compile(r"smok|vap|drink|alcohol|beer|wine|tobacco|cigar|drug|marijuana", re.IGNORECASE)
"""Ways to live that the lexicon has among what people report."""
_PAST: Final = re.compile(
    r"\bhistory of\b|\b(?:was|were|been) diagnosed\b|\bpast medical history\b(?!.*\bpresents?\b)"
    r"|^(?:reports|had|the patient had|he had|she had) (?:\w+ ){0,3}(?:surgery|\w+ectomy|bypass|transplant|stent)\b",
    re.IGNORECASE,
)
_NOT_HAD: Final = re.compile(r"\b(?:refus|declin|want|need|consider|discuss|avoid|worr|afraid)\w*", re.IGNORECASE)
"""Surgery that is talked of, and was not had."""
_INTRODUCES: Final = re.compile(r"\byears?[ -]old\b|\bpresents?\b|\bhere (?:for|with|today)\b", re.IGNORECASE)
_DENIED: Final = re.compile(r"^(?:denies|does not have|the patient does not have|no) ", re.IGNORECASE)
_LONGEST_DENIAL: Final = 16
_FOUND: Final = re.compile(
    r"^reports (?:(?:an?|any|some|a little(?: bit of)?|a bit of|a lot of|the|mild|severe|occasional|having"
    r"|frequent)\s+)*"
    r"(?P<what>[a-z' -]+)\.$",
    re.IGNORECASE,
)
_BESIDES: Final = frozenset(
    (
        "and",
        "or",
        "in",
        "of",
        "the",
        "on",
        "at",
        "to",
        "with",
        "some",
        "a",
        "both",
        "left",
        "right",
        "lower",
        "upper",
        "side",
        "sided",
    )
)


def introduces(text: str) -> bool:
    """True for a sentence that says who comes, or what for."""
    return _INTRODUCES.search(text) is not None


def parted(item: Item) -> Item:
    """The item as a statement of the part that it tells; the same when it is no history, or of no part for sure."""
    if item.kind != "history":
        return item
    return replace(item, kind=_part(item))


def by_system(item: Item) -> list[Item]:
    """A denial of findings of several body systems as one for each system, in order; all else as it is.

    "Denies fever or chest pain." is "Denies fever." and "Denies chest pain.": none of a list is so.
    """
    match = _LIST.match(item.text) if item.kind == "review" and item.polarity is Polarity.NEGATED else None
    listed = [part for part in re.split(r",\s*(?:or |and )?|\s+(?:or|and)\s+", match["what"]) if part] if match else []
    if (
        len(listed) < 2
        or _BINDS.search(item.text)
        or any(len(part.split()) > _FEW or not terms_in(part, "symptom", "sign") for part in listed)
    ):
        return [item]
    systems: dict[str, list[str]] = {}
    for part in listed:
        systems.setdefault(system_of(part), []).append(part)
    if len(systems) < 2:
        return [item]
    return [replace(item, text=f"Denies {_or(parts)}.") for parts in systems.values()]


def _or(parts: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


_LIST: Final = re.compile(r"^Denies (?:any )?(?P<what>[a-z ,'-]+)\.$")
_BINDS: Final = re.compile(r"\b(?:when|while|if|after|before|with|during|since|at)\b", re.IGNORECASE)
"""What may belong to all of the list: "pain or numbness when they walk"."""
_FEW: Final = 4
"""Words of one finding in a list; a longer part says more than a name."""


def _part(item: Item) -> Kind:
    text = item.text
    if introduces(text):
        return "history"
    if _FAMILY.search(text):
        return "family"
    if _SOCIAL.search(text) and not (item.polarity is Polarity.AFFIRMED and _ails(text)):
        return "social"
    if _is_review(item):
        return "review"
    return "past" if _PAST.search(text) and not _NOT_HAD.search(text) else "history"


def _ails(text: str) -> bool:
    """True where it tells of a complaint, too: what makes the pain worse at a job belongs to the pain."""
    return any(not _HABIT.search(term) for term in terms_in(text, "symptom"))


def _is_review(item: Item) -> bool:
    """A finding by itself, reported or denied; with its story it belongs to the history."""
    if item.polarity is Polarity.NEGATED and _DENIED.match(item.text):
        return len(item.text.split()) <= _LONGEST_DENIAL and bool(terms_in(item.text, "symptom", "sign"))
    match = _FOUND.match(item.text) if item.polarity is Polarity.AFFIRMED else None
    if match is None:
        return False
    left = match["what"].lower()
    for term in sorted(terms_in(left, "symptom", "sign", "body"), key=len, reverse=True):
        left = left.replace(term, " ")
    return (
        left != match["what"].lower() and bool(terms_in(match["what"], "symptom")) and not set(left.split()) - _BESIDES
    )
