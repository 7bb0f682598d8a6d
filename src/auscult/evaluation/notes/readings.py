"""Which findings a text speaks of, and whether it says that they are so, are not so, or may be so.

A reader of its own, so that a writer is not graded by the rules that it writes with. In the manner of NegEx (Chapman
et al. 2001, https://doi.org/10.1006/jbin.2001.1029): cues before or after a finding, a scope that ends with its clause.
Findings are those of `concepts.tsv`. What is only conditional ("call if you get a fever") is not read.

Weakness: rules and a short list. It takes a relative's illness for the patient's, an old one for a present one, and a
negation that is far from its finding, or ironic, escapes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.knowledge.tables import rows

NEAR: Final = 5
"""Words between a pain and the part of the body that it is in, at most."""
FAR: Final = 12
"""Words that a spoken "no" reaches, at most: speech without punctuation has no other end to its clauses."""

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_CLAUSE_END = re.compile(
    r"\b(?:but|however|except|although|though|aside from|other than|apart from|otherwise|whereas|because)\b"
    r"|\b(?:reports|endorses|admits|complains|positive for|presents|presented|significant for|notable for"
    r"|shows|reveals)\b"
    r"|(?<!if )(?<!should )(?<!or )\b(?:you have|you do have|i have|i had|i do|i see|i appreciate|there is"
    r"|there are|there's)\b"
    r"|(?:,|\band)\s+(?=(?:i|he|she|it|they|you|we|there|the|that|this|his|her|my|your|who|which|patient|has|have|had|is"
    r"|are|was|does|do|did|continues|also has|so|then|just)\b)",
)
_CONDITIONAL = re.compile(
    r"\b(?:if|should (?:you|he|she|they)|unless|in case|return for|call for|watch for|watch out for|monitor for"
    r"|look out for|risk of|risk for|to prevent|prevention of|to avoid|signs of|side effects?|may cause|can cause"
    r"|could cause|to help with|worsening|keep an eye)\b"
)
_POSSIBLE = re.compile(
    r"\b(?:possible|possibly|probable|probably|likely|suspect|suspected|suspicious|may have|may be|might|could be"
    r"|concern for|concerned for|concerned about|rule out|differential|suggestive of|i think|worried about)\b"
)
_DENYING = re.compile(
    r"\b(?:no|denies|denied|denying|without(?!.*\b(?:i|you|he|she|they|can|is)\b)|negative"
    r"|absence of|free of|never|nor|neither|not any|none of"
    r"|no evidence of|hasn't had|rules out|ruled out|stopped|quit)\b"
)
_NOT = re.compile(
    r"(?:\bnot|n't|\bcannot)\s+(?:\w+\s+){0,3}?(?:have|had|has|having|feel|feeling|felt|notice|noticed|experience|experienced"
    r"|experiencing|any|been|see|seen|hear|appreciate|appreciated|complain|show|demonstrate|endorse|report|noted|present"
    r"|a|drink|use|used|smoke|need|there)\b"
)
_NOT_DIRECTLY = re.compile(r"(?:\bnot|n't)\s+(?:\w+\s+){0,2}$")
_NO_DENIAL = re.compile(
    r"(?:^no,|\bno(?=,? (?:just|it's|i|i'm|but|and|really|actually|well|so|it|that's|they|he|she|nothing|no)\b))"
    r"|\b(?:no (?:change|changes|wait|worries|problem with that|longer|increase|decrease|worsening|improvement|doubt)"
    r"|not (?:sure|only|certain|improv\w+|better|getting better|well)|without (?:relief|improvement|stopping)"
    r"|(?:can't|cannot|won't) (?:stop|get rid of)"
    r"|(?:did|do|does|could|would)n't (?:stop|know|think|remember|help|matter|believe|want|realize))\b"
)
_DENIED_AFTER = re.compile(
    r"^\W*(?:\w+\W+){0,3}?(?:(?:is|are|was|were|has|have)\s+(?:\w+\s+)?(?:negative|absent|denied|resolved|gone|none)"
    r"|negative|absent|denied|not present|not appreciated|not noted|(?:has|have|had) (?:resolved|gone away))\b"
    r"|^(?:\s+(?:use|history))?\s*[:,?]?\s*(?:no|none|never|denies)\s*[.,]?\s*$"
)
_UN = re.compile(r"\bnon-?(tender|smoker|productive|pitting|diabetic)\b")
_POSSIBLE_AFTER = re.compile(r"^\W*(?:is|are|was)\s+(?:possible|likely|probable|suspected)\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """A finding and what a text says of it."""

    concept: str
    polarity: Polarity


def tidy(text: str) -> str:
    """Lower case, plain apostrophes, "did n't" of tokenised transcripts joined again, "nontender" as "not tender"."""
    folded = _UN.sub(r"not \1", text.lower().replace("\u2019", "'")).replace("afebrile", "no fever")
    return re.sub(r"\s+", " ", re.sub(r"\s+n't\b", "n't", re.sub(r"\s+(['?.,;!])", r"\1", folded))).strip()


def sentences(text: str) -> list[str]:
    """The sentences of a text, tidied; a line is at least one."""
    return [tidied for part in _SENTENCE.split(text) if (tidied := tidy(part))]


def read(text: str) -> list[Reading]:
    """Every finding of a text, in order, as often as it is spoken of."""
    return [reading for sentence in sentences(text) for clause in _clauses(sentence) for reading in _in_clause(clause)]


def settled(readings: list[Reading]) -> dict[str, Polarity]:
    """What a text says of each finding all in all: what it says most often; as often, that it is so."""
    order = (Polarity.AFFIRMED, Polarity.POSSIBLE, Polarity.NEGATED)
    counts: dict[str, Counter[Polarity]] = {}
    for reading in readings:
        counts.setdefault(reading.concept, Counter())[reading.polarity] += 1
    return {
        concept: max(order, key=lambda one, said=said: (said[one], -order.index(one)))  # type: ignore[misc]  # a default binds the loop's value
        for concept, said in counts.items()
    }


def concepts_in(text: str) -> list[str]:
    """The findings named in a text, whatever it says of them, each once."""
    return list(dict.fromkeys(concept for clause in sentences(text) for concept, _start, _end in _found(clause)))


def polarity_at(sentence: str, start: int, end: int) -> Polarity:
    """What a tidied sentence says of the words at `[start, end)`, by the cues of the clause that they stand in."""
    begins = [match.start() for match in _CLAUSE_END.finditer(sentence)]
    clause = max((place for place in begins if place <= start), default=0)
    clause_end = min((place for place in begins if place >= end), default=len(sentence))
    return _polarity(sentence[clause:start], sentence[end:clause_end])


def _clauses(sentence: str) -> Iterator[str]:
    start = 0
    for match in _CLAUSE_END.finditer(sentence):
        yield sentence[start : match.start()]
        start = match.start()
    yield sentence[start:]


def _in_clause(clause: str) -> Iterator[Reading]:
    for concept, start, end in _found(clause):
        before, after = clause[:start], clause[end:]
        if _CONDITIONAL.search(before):
            continue
        yield Reading(concept, _polarity(before, after))


def _polarity(before: str, after: str) -> Polarity:
    heard = " ".join(_NO_DENIAL.sub(" ", before).split()[-FAR:]) + " " if before.strip() else ""
    listed = before.count(",") + before.count(" or ") > 1  # a written list is denied to its end
    denying = _DENYING.search(_NO_DENIAL.sub(" ", before) if listed else heard)
    if denying or _NOT.search(heard) or _NOT_DIRECTLY.search(heard) or _DENIED_AFTER.search(after):
        return Polarity.NEGATED
    if _POSSIBLE.search(heard) or _POSSIBLE_AFTER.search(after):
        return Polarity.POSSIBLE
    return Polarity.AFFIRMED


@cache
def _table() -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    """Wording to concept, the concepts of kind `pain`, and those of kind `site`."""
    wordings: dict[str, str] = {}
    kinds: dict[str, set[str]] = {"pain": set(), "site": set()}
    for concept, kind, listed, _source in rows("concepts.tsv", "auscult.evaluation.notes"):
        kinds.setdefault(kind, set()).add(concept)
        wordings |= dict.fromkeys(listed.split("|"), concept)
    return wordings, frozenset(kinds["pain"]), frozenset(kinds["site"])


@cache
def _pattern() -> re.Pattern[str]:
    wordings = sorted(_table()[0], key=len, reverse=True)
    return re.compile(rf"(?<![\w'])({'|'.join(map(re.escape, wordings))})(?:e?s)?(?![\w])")


def _found(clause: str) -> list[tuple[str, int, int]]:
    """Findings in a clause with their places; a pain takes the nearest part of the body for its name."""
    wordings, pains, sites = _table()
    matches = [(wordings[match.group(1)], match.start(), match.end()) for match in _pattern().finditer(clause)]
    places = [one for one in matches if one[0] in sites]
    found: list[tuple[str, int, int]] = []
    for concept, start, end in matches:
        if concept in sites:
            continue
        named = concept
        if concept in pains:
            near = [(_words_between(clause, (start, end), place[1:]), place[0]) for place in places]
            site = min((one for one in near if one[0] <= NEAR), default=None)
            named = {"throat": "sore throat"}.get(site[1], f"{site[1]} pain") if site else concept
        found.append((named, start, end))
    return found


def _words_between(clause: str, one: tuple[int, int], other: tuple[int, ...]) -> int:
    start, end = (one[1], other[0]) if one[0] < other[0] else (other[1], one[0])
    return len(clause[start:end].split())
