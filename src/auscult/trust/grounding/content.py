"""What a sentence tells of: every finding in it was said, and was said to be so when the sentence says so.

A clinical word that nobody said makes a sentence unsupported. Other words may be the writer's own, as long as most of
the sentence was said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from auscult.domain.evidence import Flag, Polarity
from auscult.knowledge import synonyms, units
from auscult.knowledge.medicines import mentions
from auscult.knowledge.synonyms import Key, Term
from auscult.knowledge.tables import rows
from auscult.trust.grounding.flags import INVENTED, NEGATION, OPPOSITE, SPEAKER, flag
from auscult.trust.grounding.medicines import classes
from auscult.trust.grounding.reading import Mention, Reading, read
from auscult.trust.grounding.sources import Sources

MOST_UNSAID: Final = 0.5
"""The share of a sentence's words that may be the writer's own, when none of those is clinical."""
_PREFIX: Final = 5
"""Letters that two words begin with when they are forms of one: "meniscus", "meniscal"."""
_DAYS: Final = frozenset(
    synonyms.stem(day)
    for day in (
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("january", "february", "april", "june", "july", "august", "september", "october", "november", "december"),
    )
)
_CLINICAL_KINDS: Final = frozenset(("symptom", "condition", "test"))


@dataclass(frozen=True, slots=True)
class Unit:
    """A term or word of a sentence, and whether the sentence says that it is so."""

    stems: Key
    term: Term
    polarity: Polarity
    clinical: bool


def unsaid(text: str, sources: Sources, *, possible: bool) -> Iterator[Flag]:
    """The flags of what nobody said, of which the opposite was said, or that was said of somebody else.

    What the sentence says is merely `possible` contradicts nothing.
    """
    told, written = list(_units(text)), read(text)
    heard = {unit: _mentions(unit, sources.reading) for unit in told}
    missing = [unit for unit in told if not heard[unit]]
    if missing:
        known = {synonyms.stem(word) for word in classes(f"{sources.said} {sources.context}")}
        missing = [unit for unit in missing if not set(unit.stems) & known]
        clinical = [unit for unit in missing if unit.clinical and not _mentions(unit, sources.earlier)]
        if clinical or (len(missing) > 1 and len(missing) > MOST_UNSAID * len(told)):
            yield flag(INVENTED)
    turned = [] if possible else [unit for unit in told if _contradicts(unit, heard[unit])]
    if any(unit.clinical for unit in turned) or len(turned) > MOST_UNSAID * max(len(told), 1):
        yield flag(NEGATION if any(unit.polarity is Polarity.NEGATED for unit in turned) else OPPOSITE)
    elif _exchanged(written, sources.reading):
        yield flag(OPPOSITE)
    if _of_another(text, written, told, heard, sources.reading):
        yield flag(SPEAKER)


@cache
def _findings() -> frozenset[Key]:
    return frozenset(synonyms.stems(term) for term, kind, _source in rows("findings.tsv") if kind in _CLINICAL_KINDS)


@cache
def _skipped() -> frozenset[str]:
    """Stems that are no content of their own: the frame of a note, and units, which are checked with their numbers."""
    return synonyms.framing() | {synonyms.stem(word) for unit in units.meanings() for word in unit.split()}


def _units(text: str) -> Iterator[Unit]:
    """The sentence in terms and words of content, without medicines: those are checked by name."""
    for mention in reversed(list(mentions(text))):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    for key, term, polarity in _terms(read(text)):
        skipped = len(key) == 1 and (key[0] in _skipped() or any(letter.isdigit() for letter in key[0]))
        if not skipped and len(key[0]) > 1:
            yield _unit(key, term, polarity)


def _terms(reading: Reading) -> Iterator[tuple[Key, Term, Polarity]]:
    """A text from left to right in terms of the lexicon, the longest at each place, and words that are none."""
    terms = synonyms.terms()
    for clause in reading.clauses:
        place = 0
        while place < len(clause.stems):
            length = min(synonyms.longest(), len(clause.stems) - place)
            while length > 1 and clause.stems[place : place + length] not in terms:
                length -= 1
            key = clause.stems[place : place + length]
            yield key, terms.get(key, Term(frozenset())), clause.polarities[place]
            place += length


def _unit(key: Key, term: Term, polarity: Polarity) -> Unit:
    if term.denies and polarity is not Polarity.POSSIBLE:
        polarity = Polarity.NEGATED if polarity is Polarity.AFFIRMED else Polarity.AFFIRMED
    clinical = bool(term.concepts & synonyms.clinical()) or key in _findings() or (len(key) == 1 and key[0] in _DAYS)
    return Unit(key, term, polarity, clinical)


def _mentions(unit: Unit, reading: Reading) -> list[Mention]:
    """Where the sources tell of it: by a term of its group, by its own words, or by a form of them."""
    found = [mention for concept in unit.term.concepts for mention in reading.of_concepts.get(concept, ())]
    found += [mention for concept in unit.term.concepts for mention in reading.apart(concept)]
    if found:
        return found
    by_word = [_of_word(stem, reading) for stem in unit.stems if stem not in _skipped()]
    return by_word[0] if by_word and all(by_word) else []


def _of_word(stem: str, reading: Reading) -> list[Mention]:
    term = synonyms.terms().get((stem,))
    found = list(reading.of_stems.get(stem, ()))
    found += [
        mention for concept in (term.concepts if term else ()) for mention in reading.of_concepts.get(concept, ())
    ]
    if not found and len(stem) >= _PREFIX:
        for other, mentioned in reading.of_stems.items():
            shorter, longer = sorted((stem, other), key=len)
            common = shorter[: max(_PREFIX, int(0.7 * len(longer)))]
            if len(shorter) >= _PREFIX and len(common) >= 0.7 * len(longer) and longer.startswith(common):
                found += mentioned
    return found


def _contradicts(unit: Unit, heard: list[Mention]) -> bool:
    """True when everything that was said of it is the opposite. What was only asked counts when nothing was said."""
    told = [mention.polarity for mention in heard if not mention.asked] or [mention.polarity for mention in heard]
    if unit.polarity is Polarity.POSSIBLE or not told:
        return False
    opposite = Polarity.NEGATED if unit.polarity is Polarity.AFFIRMED else Polarity.AFFIRMED
    return all(polarity is opposite for polarity in told)


def _exchanged(written: Reading, reading: Reading) -> bool:
    """True when the sentence has one of two opposites where only the other was said."""
    told = {concept for _key, term, _polarity in _terms(written) for concept in term.concepts}
    said = reading.of_concepts
    return any(
        one in told and one not in said and other in said and other not in told for one, other in synonyms.opposites()
    )


def _of_another(
    text: str, written: Reading, told: list[Unit], heard: dict[Unit, list[Mention]], reading: Reading
) -> bool:
    """True when all that a clinical word rests on was said of a relative or friend, and the sentence names none."""
    relatives = written.of_concepts.keys() & {"mother", "father", "parent", "sibling", "family history"}
    if relatives or "aunt" in text.lower() or "uncle" in text.lower() or "family" in text.lower():
        return False
    named = [reading.of_stems.get(synonyms.stems(one.name)[0], []) for one in mentions(text)]
    of_findings = [heard[unit] for unit in told if unit.clinical]
    return any(found and all(mention.another for mention in found) for found in [*of_findings, *named])
