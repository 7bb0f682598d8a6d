"""What a sentence of a Hindi note says, in English words, so that it is held against English talk like any other.

Not a translation, and never shown: findings go through the lexicons to their English names, the frame of a note to the
verbs that the other checks know, numbers and medicines are copied. A negation in Hindi comes last in its clause; here
it comes first, where the checks look for it. Words that no lexicon has are handed back: nothing can be said of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Final

from auscult.knowledge.hindi import FINDINGS, Token, find, keys, tokens
from auscult.knowledge.hindi_numbers import counted, form, period
from auscult.knowledge.medicine_names_hi import names_in
from auscult.knowledge.tables import rows

_DEVANAGARI = re.compile(r"[\u0900-\u0963\u0970-\u097f]")
_ENDS: Final = frozenset("।.;?!|")
_MARKS: Final = frozenset("()[]:-\"'")
_PHRASES: Final = frozenset(
    (
        *("advice", "kin", "label", "direction", "time", "moment", "allergen", "heading", "since", "pastday"),
        *("nextday", "symptom_moment", "dose_timing", "dose_frequency", "prn", "much", "at_once", "every", "instead"),
        *("masculine", "feminine"),
    )
)
_AMBIGUOUS: Final = frozenset({"yesterday", "tomorrow", "the day after tomorrow"})
"""कल is both days, परसों too."""
_FRAMES: Final = ("be", "past", "skip", "polite", "filler", "myself", "you", "again", "if", "when", "no", "yes")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A Hindi sentence in the words of the English checks; `unknown` are its words that no lexicon has."""

    english: str
    unknown: tuple[str, ...] = ()


@dataclass
class _Clause:
    leads: list[str] = field(default_factory=list)
    kin: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    negated: bool = False
    closed: bool = False
    """Its verb or negation was read: a comma or an "and" ends it."""

    def __str__(self) -> str:
        denied = ["no"] if self.negated and self.words else []
        return " ".join([*self.leads, *self.kin, *denied, *self.words])


def is_hindi(text: str) -> bool:
    """True when any of a sentence is in Devanagari. Hindi in Latin letters is told by nothing so sure."""
    return _DEVANAGARI.search(text) is not None


def in_english(text: str) -> Rendered:
    """What a sentence says, and what of it is not known. Never raises."""
    whole = _wholes().get(text.strip())
    if whole is not None:
        return Rendered(whole)
    return _Reader(text).read()


class _Reader:
    """Goes through a sentence once, the longest phrase at each place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = [self._own(one) for one in counted(tokens(text)) if text[one.start : one.end] not in _MARKS]
        self._names = {mention.start: mention for mention in names_in(text) if is_hindi(text[mention.start])}
        self._clauses = [_Clause()]
        self._unknown: list[str] = []
        self._end = 0

    def _own(self, token: Token) -> Token:
        """The token; one that is not in Devanagari without a key, so that English is not read as Hindi by its sound."""
        written = self._text[token.start : token.end]
        known = token.number or is_hindi(written) or written in _ENDS | {","}
        return token if known else Token("", token.start, token.end)

    def read(self) -> Rendered:
        place = 0
        while place < len(self._words):
            place = self._step(place)
        said = [one for one in self._clauses if one.words or one.leads or one.kin]
        for one, after in pairwise(said):
            if not (after.words or after.kin or one.leads):  # "…, ऐसा बताते हैं"
                one.leads, after.leads = after.leads, []
        return Rendered(". ".join(told for one in said if (told := str(one))) + ".", tuple(self._unknown))

    def _step(self, place: int) -> int:
        word, now = self._words[place], self._clauses[-1]
        if word.start in self._names:
            name = self._names[word.start]
            now.words.append(name.name)
            return next((at for at, one in enumerate(self._words) if one.start >= name.end), len(self._words))
        if word.number and _longest(self._words, place)[0] != "word":  # "एक दिन छोड़कर" counts nothing
            return self._number(place)
        if not word.key:
            return self._copied(place)
        if word.key in _ENDS or (word.key == "," and now.closed):
            self._clauses.append(_Clause())
            return place + 1
        if word.key == ",":
            now.words[-1:] = [f"{now.words[-1]},"] if now.words else []
            return place + 1
        return self._phrase(place)

    def _copied(self, place: int) -> int:
        """What is written in Latin letters, as it is written, as far as the next Devanagari, number or stop."""
        last = place + 1
        while last < len(self._words) and not (self._words[last].key or self._words[last].number):
            last += 1
        start, end = self._words[place].start, self._words[last - 1].end
        self._add(self._text[start:end], start, end)
        return last

    def _number(self, place: int) -> int:
        word = self._words[place]
        after = self._words[place + 1] if place + 1 < len(self._words) else None
        unit = (period(after) or form(after) or _times(after)) if after else ""
        self._add(f"{word.number} {unit}".strip(), word.start, word.end)
        return place + (2 if unit else 1)

    def _add(self, said: str, start: int, end: int) -> None:
        """Take what is copied; without a space where it had none before it, as in "130/80" and "500mg"."""
        words = self._clauses[-1].words
        if words and start == self._end:
            words[-1] += said
        else:
            words.append(said)
        self._end = end

    def _phrase(self, place: int) -> int:
        now = self._clauses[-1]
        kind, english, last = _longest(self._words, place)
        match = find(self._words, place, *FINDINGS, "allergen", "test")
        if match is not None and (match.last > last or kind in {"unknown", "frame", "be"}):
            degrees = [_degree(one) for one in self._words[match.first : match.last]]
            now.words += [one for one in degrees if one and one not in match.entry.english]
            now.words.append(match.entry.english)
            return match.last
        if kind == "no":
            now.negated = now.closed = True
        elif kind == "lead":
            now.leads.append(english)
            now.closed = bool(now.words)
        elif kind == "kin":
            now.kin.append(english)
        elif kind == "word" and not (now.closed and english in {"and", "or"}):
            now.words += [english] if english else []
        elif kind in {"word", "but"}:
            self._clauses.append(_Clause())
        elif kind == "be":
            now.closed = True
        elif kind == "unknown":
            self._unknown.append(self._text[self._words[place].start : self._words[place].end])
        return last


def _times(token: Token) -> str:
    return "times" if token.key in keys("times") else ""


def _degree(token: Token) -> str:
    known = _known().get((token.key,))
    return known[1] if known and known[1] in {"severe", "mild"} else ""


def _longest(words: Sequence[Token], place: int) -> tuple[str, str, int]:
    """Kind and English of the longest phrase at a place, and where it ends."""
    for length in range(min(_length(), len(words) - place), 0, -1):
        known = _known().get(tuple(word.number or word.key for word in words[place : place + length]))
        if known is not None:
            return *known, place + length
    word = words[place]
    unit = period(word) or form(word)
    if unit:
        return "word", unit, place + 1
    if word.key in keys("but") and word.key not in keys("skip"):
        return "but", "", place + 1
    if word.key in keys("be", "past"):
        return "be", "", place + 1
    return ("frame" if word.key in keys(*_FRAMES) else "unknown"), "", place + 1


@cache
def _wholes() -> dict[str, str]:
    """Whole statements; of two that are the same in Hindi the one that stands first."""
    found: dict[str, str] = {}
    for english, kind, hindi, _source in rows("rendering_hi.tsv"):
        if kind == "whole":
            found.setdefault(hindi, english)
    return found


@cache
def _known() -> dict[tuple[str, ...], tuple[str, str]]:
    """Phrases by the keys of their words, to kind and English; those of the frame before the others."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for spellings, kind, english in _phrases():
        for spelling in spellings.split("|"):
            read = [one for one in counted(tokens(spelling)) if spelling[one.start : one.end] not in _MARKS | {","}]
            key = tuple(one.number or one.key for one in read)
            if not any(one.number for one in read[1:]):  # how many times is checked as a number
                found.setdefault(key, (kind, english))
    return found


def _phrases() -> Iterator[tuple[str, str, str]]:
    for spellings, kind, english, _source in rows("framing_hi.tsv"):
        yield spellings, kind, english
    for english, kind, hindi, _source in rows("rendering_hi.tsv"):
        if kind in _PHRASES:
            yield hindi, "kin" if kind == "kin" else "word", "" if english in _AMBIGUOUS else english
    for english, kind, devanagari, _romanised, _source in rows("words_hi.tsv"):
        if kind in _PHRASES and "~" not in devanagari:
            yield devanagari, "kin" if kind == "kin" else "word", "" if english in _AMBIGUOUS else english


@cache
def _length() -> int:
    return max(len(key) for key in _known())
