"""Puts what was ordered under the problem that it is for.

A medicine goes with a problem by the reason that was said, by being said while that problem was talked of, and by its
class; a test, a referral or advice by naming the problem and by where it was said. Where these disagree, or say
nothing, it goes under no problem at all: a reader who sees it apart asks, one who sees it in the wrong place does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.domain.note_fields import IMPRESSION
from auscult.engines.writer.offline import orders, problems
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import lower_first, sentence
from auscult.knowledge.findings import terms_in

_LONGEST_HEADING: Final = 10
_FEW: Final = 4
"""A medicine that is given for no more problems of the table than these tells its own by its class alone."""
_REASON: Final = re.compile(r"\b(?:for|with|of|to treat|to help) (?P<reason>[^.;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """A place in the talk where a problem begins (`name`), or where the one that was talked of ends (no name)."""

    place: int
    turn_id: TurnId
    name: str = ""
    sure: bool = False


@dataclass
class _Problem:
    """A problem of this visit: its heading, the keys of the table it has, and where it was first named."""

    heading: str
    turn_id: TurnId
    place: int
    keys: frozenset[str]
    words: set[str]
    sure: bool
    head: Item | None = None


def grouped(items: Sequence[Item], cues: Iterable[Cue]) -> list[Item]:
    """The items with their problems, and an impression for every problem that was announced without one.

    Items of other kinds than impressions, medicines ordered, plans and follow-up are handed back as they are.
    """
    chart = _Chart()
    chart.read(items, cues)
    placed = [replace(item, problem=chart.of(item)) if item.kind in _KINDS else item for item in items]
    used = {item.problem for item in placed if item.problem and item.kind != "impression"}
    kept = [one for one in chart.problems if one.sure or one.head or one.heading in used]
    headings = {one.heading for one in kept}
    placed = [item if item.problem in headings else replace(item, problem="") for item in placed]
    return [*(_head(one) for one in kept if one.head is None), *placed]


_KINDS: Final = frozenset({"impression", "medicine", "plan", "follow_up"})


class _Chart:
    """The problems of one visit, and which of them was talked of where."""

    def __init__(self) -> None:
        self.problems: list[_Problem] = []
        self._stretches: list[tuple[int, _Problem | None]] = []

    def read(self, items: Sequence[Item], cues: Iterable[Cue]) -> None:
        """Go through announcements and impressions in the order in which they were said."""
        impressions = [item for item in items if item.kind == "impression" and item.short and item.place >= 0]
        events: list[tuple[int, int, Cue | Item]] = [(cue.place, 0, cue) for cue in cues]
        events += [(item.place, 1, item) for item in impressions]
        current: _Problem | None = None
        for place, _order, event in sorted(events, key=lambda event: event[:2]):
            if isinstance(event, Cue):
                current = self._announced(event) if event.name else None
            else:
                current = self._thought(event, current)
            self._stretches.append((place, current))

    def _announced(self, cue: Cue) -> _Problem:
        same = self._same(cue.name)
        if same is None:
            same = _problem(cue.name, cue.turn_id, cue.place, sure=cue.sure)
            self.problems.append(same)
        elif cue.sure and same.head is None:
            same.heading, same.turn_id, same.place = _heading_of(cue.name), cue.turn_id, cue.place
            same.keys |= problems.keys_of(cue.name)
            same.words = set(problems.words_of_name(cue.name))
        same.sure = same.sure or cue.sure
        return same

    def _thought(self, item: Item, current: _Problem | None) -> _Problem | None:
        """An impression is of the problem that is talked of, or of one named before, or a problem of its own."""
        if _several(item.short):
            return current
        same = self._same(item.short)
        if same is None and current is not None and current.head is None:
            same = current if current.sure or problems.is_complaint(current.heading) else None
        if same is None:
            same = _problem(item.short, item.turn_ids[0], item.place, sure=True)
            self.problems.append(same)
        if same.head is None and len(item.short.split()) <= _LONGEST_HEADING:
            known = problems.keys_of(item.short)
            if not same.heading or problems.is_complaint(same.heading) or known & same.keys:
                same.head, same.heading = item, _heading(item)
                same.words |= problems.words_of_name(item.short)
                same.keys |= known
        return same

    def _same(self, name: str) -> _Problem | None:
        """The problem that was named before, in these or other words."""
        words, keys = problems.words_of_name(name), problems.keys_of(name)
        for one in self.problems:
            own = frozenset(one.words)
            if words and own and (words <= own or own <= words):
                return one
            if keys & one.keys and not _own_site(name, one.heading):
                return one
        return None

    def of(self, item: Item) -> str:
        """The heading of the problem that an item is for; empty when that cannot be told."""
        if item.kind == "impression":
            return "" if _several(item.short) else self._impression(item)
        here = self._here(item.place)
        named = self._named(item)
        if item.medicine:
            return self._medicine(item, here, named)
        if here is not None and (item.place, here) in self._stretches:
            return here.heading  # the sentence says itself what it is about
        if len(named) == 1:
            return named[0].heading
        if here is not None and (not named or here in named):
            last = self.problems and here is self._last()
            if item.kind == "follow_up" and last and len(self.problems) > 1:
                return ""  # when to come back ends the visit, whatever was talked of last
            return here.heading
        return ""

    def _impression(self, item: Item) -> str:
        for one in self.problems:
            if one.head is item:
                return one.heading
        here, named = self._here(item.place), self._named(item)
        if here is not None and not item.short and (item.place, here) in self._stretches:
            return here.heading
        same = self._same(item.short) if item.short else named[0] if len(named) == 1 else None
        same = same or (here if not named or here in named else None)
        return same.heading if same else ""

    def _medicine(self, item: Item, here: _Problem | None, named: list[_Problem]) -> str:
        treats = problems.treated_by(item.medicine)
        if not treats:
            chosen = named[0] if len(named) == 1 else here
            return chosen.heading if chosen and (not named or chosen in named) else ""
        fitting = [one for one in self.problems if one.keys & treats]
        for one in [*(named if len(named) == 1 else []), here]:
            if one is not None and one in fitting:
                return one.heading
        if len(named) == 1 and not named[0].keys:
            return named[0].heading
        if here is not None and not here.keys and not fitting:
            return here.heading
        return fitting[0].heading if len(fitting) == 1 and len(treats) <= _FEW else ""

    def _named(self, item: Item) -> list[_Problem]:
        """The problems that the item's sentence names, or points to by a test or a part of the body."""
        match = _REASON.search(item.text) if item.medicine else None
        text = (match["reason"] if match else "") if item.medicine else item.text
        words, keys = problems.words_of_name(text), problems.keys_of(text)
        found = [one for one in self.problems if (one.words and one.words <= words) or one.keys & keys]
        if not found and not item.medicine:
            pointed = problems.pointed_to(text)
            found = [one for one in self.problems if one.keys & pointed]
        if not found:
            parts = set(terms_in(text, "body"))
            found = [one for one in self.problems if parts & set(terms_in(one.heading, "body"))]
        return found

    def _here(self, place: int) -> _Problem | None:
        found = None
        for start, problem in self._stretches:
            if start > place:
                break
            found = problem
        return found

    def _last(self) -> _Problem | None:
        return next((problem for _place, problem in reversed(self._stretches) if problem is not None), None)


def _problem(name: str, turn_id: TurnId, place: int, *, sure: bool) -> _Problem:
    return _Problem(_heading_of(name), turn_id, place, problems.keys_of(name), set(problems.words_of_name(name)), sure)


def _several(name: str) -> bool:
    """True for a list of illnesses: it heads no group, or what is for one of them would stand under all."""
    return re.search(r"\b(?:and|or)\b|,", name) is not None and len(problems.keys_of(name)) > 1


def _heading_of(name: str) -> str:
    spelt = orders.spelt(name)
    return spelt[:1].upper() + spelt[1:]


def _own_site(name: str, heading: str) -> bool:
    """True when two names of one kind are of different parts of the body: two injuries are two problems."""
    one, other = set(terms_in(name, "body")), set(terms_in(heading, "body"))
    return bool(one and other) and not one & other


def _heading(item: Item) -> str:
    bare = item.short[:1].upper() + item.short[1:]
    return f"Possible {item.short}" if item.polarity is Polarity.POSSIBLE else bare


def _head(one: _Problem) -> Item:
    """The impression for a problem that was announced: its name, and no more."""
    text = sentence(f"{IMPRESSION} {lower_first(one.heading)}")
    return Item("impression", text, (one.turn_id,), short=one.heading, place=one.place, problem=one.heading)
