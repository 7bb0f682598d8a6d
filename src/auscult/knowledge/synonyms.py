"""Words that say the same in a consultation and in a note (`synonyms.tsv`), and those that say the opposite.

Made for checking what was written, never for writing: a group is wider than a synonym.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from auscult.knowledge.tables import rows

Key = tuple[str, ...]
"""A term as the stems of its words."""

_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*", re.UNICODE)
_NOT_SPLIT = re.compile(r"\b([a-z]+)\s+n['\u2019]t\b", re.IGNORECASE)
_SPELLINGS: Final = (
    ("aemia", "emia"),
    ("coelia", "celia"),
    ("haem", "hem"),
    ("oedema", "edema"),
    ("rrhoea", "rrhea"),
    ("noea", "nea"),
)
_MORE_SPELLINGS: Final = (("oesoph", "esoph"), ("paed", "ped"), ("aesth", "esth"), ("our", "or"), ("centre", "center"))
_ENDINGS: Final = ("ations", "ation", "ings", "ing", "edly", "ed", "ness", "ly")
_SHORTEST: Final = 3
"""Letters that have to be left for an ending to be one: "red" is no past tense."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a term says: the groups it belongs to, those that it says besides; `denies` when it says they are not so."""

    concepts: frozenset[str]
    broader: frozenset[str] = frozenset()
    denies: bool = False


def unsplit(text: str) -> str:
    """The text with "do n't" of some recognisers joined again."""
    return _NOT_SPLIT.sub(r"\1n't", text)


def words(text: str) -> list[str]:
    """The words of a text in lower case, with split negations joined again."""
    return [match.group().lower().replace("\u2019", "'") for match in _WORDS.finditer(unsplit(text))]


@cache
def stem(word: str) -> str:
    """A word without its ending, in American spelling: "swellings" and "swelling" are "swell". Never a real word."""
    word = word.removesuffix("'s").removesuffix("s'")
    for british, american in (*_SPELLINGS, *_MORE_SPELLINGS):
        word = word.replace(british, american)
    if len(word) > _SHORTEST and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > _SHORTEST and word.endswith(("sses", "xes", "ches", "shes", "zes")):
        word = word[:-2]
    elif len(word) > _SHORTEST and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in _ENDINGS:
        kept = word.removesuffix(ending)
        if kept != word and len(kept) >= _SHORTEST and re.search(r"[aeiouy]", kept):
            word = kept[:-1] if kept[-1:] == kept[-2:-1] and kept[-1] not in "lsz" else kept
            break
    else:
        if word.endswith("tion") and len(word) > 5:
            word = word[:-3]
    if word.endswith("e") and len(word) > _SHORTEST:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > _SHORTEST else word


def stems(text: str) -> Key:
    """The stems of a text's words."""
    return tuple(stem(word) for word in words(text))


@cache
def _table() -> tuple[tuple[str, str, frozenset[str], tuple[tuple[Key, bool], ...]], ...]:
    return tuple(
        (
            concept,
            kind,
            frozenset(one for one in broader.split(",") if one),
            tuple((stems(term.removeprefix("!")), term.startswith("!")) for term in terms.split("|")),
        )
        for concept, kind, broader, terms, _source in rows("synonyms.tsv")
    )


@cache
def terms() -> dict[Key, Term]:
    """Every term by its stems. One that stands in several groups belongs to all of them."""
    found: dict[Key, Term] = {}
    for concept, _kind, broader, members in _table():
        for key, denies in members:
            known = found.get(key, Term(frozenset()))
            found[key] = Term(known.concepts | {concept}, known.broader | broader, known.denies or denies)
    return found


@cache
def longest() -> int:
    """Words of the longest term."""
    return max(len(key) for key in terms())


@cache
def wordings(concept: str) -> tuple[Key, ...]:
    """The terms of several words that say a concept, so that they may be looked for apart from one another."""
    return tuple(
        key
        for name, _kind, broader, members in _table()
        if name == concept or concept in broader
        for key, denies in members
        if len(key) > 1 and not denies
    )


@cache
def clinical() -> frozenset[str]:
    """The groups that a note must not have from nowhere."""
    return frozenset(concept for concept, kind, _broader, _terms in _table() if kind == "clinical")


@cache
def opposites() -> tuple[tuple[str, str], ...]:
    """Pairs of groups that a note must not exchange, each both ways round."""
    pairs = [(one, other) for one, other, _source in rows("opposites.tsv")]
    return tuple(pairs + [(other, one) for one, other in pairs])


@cache
def framing() -> frozenset[str]:
    """Stems of the words that by themselves say nothing of the patient."""
    return frozenset(stem(word) for word, _source in rows("framing.tsv"))
