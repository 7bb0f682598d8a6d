"""Cuts a Hindi sentence into clauses: which findings, since when, and whether they are there.

In Hindi the verb and the negation close the clause ("bukhar aur khansi nahi hai"), so a finding that comes after them
begins the next one. What stands between a finding and its verb has to be known: "bukhar ki dawa li" is not a fever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from auscult.engines.writer.offline.hindi_sentences import Said
from auscult.knowledge.hindi import FINDINGS, Entry, Match, Token, find, keys
from auscult.knowledge.hindi_numbers import period

_STATES: Final = ("persisting", "resolved", "worse")
_MOMENTS: Final = ("symptom_moment", "moment")
_DOUBT: Final = ("if", "uncertain", "when", "check", "third", "question", "kin", "allergy")
"""Words that make a clause one of someone else, of another time, or of nothing that is so."""
_AFTER_NO: Final = ("be", "past", "polite", "skip", "and", "or", "but", "yes", "no", "filler", "myself", "without")
_SEPARATORS: Final = frozenset(",;.।?!|-")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the degree that was said of it: `severe`, `mild` or nothing."""

    entry: Entry
    degree: str = ""
    value: str = ""
    """The temperature that was said of a fever, without its scale."""

    @property
    def term(self) -> str:
        """Its name in a sentence."""
        graded = self.degree and self.entry.kind == "symptom" and " " not in self.degree
        odd = self.entry.english.startswith(("high ", "low", "mild ", "excessive ", "loss ", "clear "))
        named = f"{self.degree} {self.entry.english}" if graded and not odd else self.entry.english
        return f"{named} of {self.value}" if self.value else named


@dataclass(slots=True)
class Clause:
    """What one clause says. `whole` is false when something in it was not understood."""

    found: list[Found] = field(default_factory=list)
    time: str = ""
    moment: str = ""
    state: str = ""
    negated: bool = False
    without: bool = False
    led_by_no: bool = False
    """A no came before any finding: an answer, or a negation out of its place."""
    verb: bool = False
    past: bool = False
    whole: bool = True
    doubts: set[str] = field(default_factory=set)
    joined_by_or: bool = False
    unknown: int = 0
    """Words that were not understood since the last finding."""

    @property
    def closed(self) -> bool:
        """True when its verb, state or negation was heard: what follows is another clause."""
        return bool(self.found) and (self.verb or self.negated or self.state != "")

    @property
    def empty(self) -> bool:
        """True when it says nothing of a finding or a time."""
        return not (self.found or self.time or self.moment)


def clauses(said: Said) -> list[Clause]:
    """The clauses of a sentence, in order. Never raises."""
    reader = _Reader(said.words)
    return reader.read()


def span(words: Sequence[Token], place: int) -> tuple[str, int] | None:
    """The "for 2 days" or "2 days ago" at a place, and where it ends; None when there is none."""
    at = place + 1 if words[place].key == "since" else place
    if at + 1 >= len(words) or not words[at].number or not period(words[at + 1]):
        return None
    unit = period(words[at + 1])
    measured = f"{words[at].number} {unit}{'' if words[at].number == '1' else 's'}"
    after = at + 2
    if after < len(words) and words[after].key in keys("ago"):
        return f"{measured} ago", after + 1
    if after < len(words) and words[after].key in keys("from"):
        return f"for {measured}", after + 1
    return (f"for {measured}", after) if at > place else None


class _Reader:
    def __init__(self, words: Sequence[Token]) -> None:
        self._words = words
        self._clauses: list[Clause] = []
        self._now = Clause()

    def read(self) -> list[Clause]:
        place = 0
        while place < len(self._words):
            place = self._step(place)
        self._close()
        for clause, later in zip(self._clauses, self._clauses[1:], strict=False):
            if later.time and not (later.found or later.unknown or later.doubts or later.negated or clause.time):
                clause.time = later.time if clause.found else ""  # "dard hai, do din se"
        return self._clauses

    def _step(self, place: int) -> int:
        timed = span(self._words, place)
        if timed:
            self._time(timed[0])
            return timed[1]
        match = self._longest(place)
        if match is None:
            self._word(self._words[place], place)
            return place + 1
        kind = match.entry.kind
        if kind in FINDINGS:
            self._finding(match)
        elif kind == "since":
            self._time(match.entry.english)
        elif kind == "pastday":
            self._now.time = self._now.time or match.entry.english
        elif kind in _STATES:
            self._now.state = match.entry.english
        else:
            self._now.moment = self._now.moment or match.entry.english
        return match.last

    def _longest(self, place: int) -> Match | None:
        candidates = [
            match
            for kinds in (("since",), FINDINGS, _STATES, _MOMENTS, ("pastday",))
            if (match := find(self._words, place, *kinds))
        ]
        return max(candidates, key=lambda match: match.last, default=None)

    def _finding(self, match: Match) -> None:
        if self._now.closed:
            self._close()
        elif self._now.unknown:
            self._now.found.clear()
        degree = _degree(self._words, match)
        following = {word.key for word in self._words[match.last : match.last + 2]}
        if following & keys("medicine_word") or {"ke", "lie"} <= following:
            self._now.whole = False
            return
        self._now.unknown = 0
        self._now.found.append(Found(match.entry, degree, _temperature(self._words, match)))
        inside = {word.key for word in self._words[match.first : match.last]}
        self._now.verb = self._now.verb or bool(inside & keys("negation", "be"))  # "neend nahi aati" has its verb

    def _time(self, time: str) -> None:
        if self._now.time and self._now.closed:
            self._close()
        self._now.time = time

    def _neither(self, place: int) -> None:
        """The "na" of "na bukhar hai na khansi" denies what follows; the one of "bukhar hai na" asks for assent."""
        if place + 1 >= len(self._words) or not find(self._words, place + 1, *FINDINGS):
            self._now.negated = self._now.negated or (bool(self._now.found) and not self._now.verb)
            return
        assent = self._now.verb and not self._now.negated
        if self._now.found:
            self._now.negated = self._now.negated or not assent
            self._close()
        self._now.negated, self._now.whole = not assent, not assent

    def _deny(self, place: int) -> None:
        """Take a no: of the clause, of an answer before it ("nahi, …"), or of what is no more ("tha, ab nahi hai")."""
        if self._now.closed and self._now.past:
            self._now.whole = self._now.whole and self._words[place - 1].key in {"ab", "abhi", ","}
            self._close()
        after = self._words[place + 1] if place + 1 < len(self._words) else None
        goes_on = after is not None and after.key.isalpha() and after.key not in keys(*_AFTER_NO)
        if goes_on and self._now.found and not find(self._words, place + 1, *FINDINGS, *_STATES):
            self._now.whole = False  # "bukhar nahi utra" is no denial
        self._now.negated, self._now.led_by_no = bool(self._now.found), not self._now.found

    def _word(self, word: Token, place: int) -> None:
        key = word.key
        if key in _SEPARATORS:
            if self._now.closed or not self._now.found:
                self._close()
        elif (key in keys("but") and key not in keys("skip")) or (key in keys("and") and self._now.closed):
            self._close()
        elif key in keys("or"):
            if self._now.closed:
                self._now.whole = False
                self._close()
                self._now.whole = False  # "bukhar hai ya khansi": neither is surely there
            self._now.joined_by_or = True
        elif key in keys("without"):
            self._now.without = True
        elif key == "bhi":
            self._now.verb = self._now.verb or bool(self._now.found)  # "khansi bhi" needs no verb
        elif key == "na":
            self._neither(place)
        elif key in keys("negation"):
            self._deny(place)
        elif key in keys("past"):
            self._now.past, self._now.verb = True, True
            self._now.whole = self._now.whole and bool(self._now.found)  # "doctor ne bola tha"
        elif key in keys("be"):
            self._now.verb = True
        else:
            self._other(key, number=bool(word.number))

    def _other(self, key: str, *, number: bool) -> None:
        doubts = {kind for kind in _DOUBT if key in keys(kind)}
        if doubts:
            if self._now.closed and doubts <= {"check", "if", "when"}:
                self._close()
            self._now.doubts |= doubts
        elif key in keys("medicine_word") and self._now.found:
            self._now.whole = False
        elif not number and key not in keys("skip", "much", "filler", "yes", "and", "times", "myself", "polite"):
            self._now.unknown += 1
            if self._now.found and not self._now.closed:
                self._now.whole = self._now.whole and self._now.unknown < 1

    def _close(self) -> None:
        self._clauses.append(self._now)
        self._now = Clause()


def _temperature(words: Sequence[Token], match: Match) -> str:
    """The number of "bukhar 102 tha"; empty when it counts something else or is no temperature."""
    after = words[match.last] if match.last < len(words) else None
    if match.entry.english != "fever" or after is None or not re.fullmatch(r"\d{2,3}(?:\.\d)?", after.number):
        return ""
    counts = match.last + 1 < len(words) and words[match.last + 1].key in keys("period", "times", "form")
    plausible = 35 <= float(after.number) <= 43 or 95 <= float(after.number) <= 110
    return after.number if plausible and not counts else ""


def _degree(words: Sequence[Token], match: Match) -> str:
    """A degree said right before a finding, inside of it ("pet mein bahut dard"), or right after it."""
    around = words[max(match.first - 1, 0) : match.last + 1]
    if match.last < len(words) and words[match.last].key == "jyada":
        around = around[:-1]  # "khali pet dard zyada hota hai" is worse then, not severe
    for place in range(len(around)):
        degree = find(around, place, "much")
        if degree and not match.entry.english.startswith(degree.entry.english):
            return degree.entry.english
    return ""
