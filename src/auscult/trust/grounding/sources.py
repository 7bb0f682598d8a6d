"""The turns that a sentence rests on, with the question that a cited answer answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker, Transcript, Turn
from auscult.knowledge.frequencies import spelt_out
from auscult.knowledge.hindi_numbers import spoken_in_english
from auscult.knowledge.languages import language_of
from auscult.trust.grounding.quantities import Figures
from auscult.trust.grounding.reading import Reading, answer_to, asks, read

REACH: Final = 6
"""Turns back that a pronoun can point: three of each speaker."""
_POINTING = re.compile(r"\b(?:it|it's|its|that|that's|this|these|those|them|they|one|same|there)\b", re.IGNORECASE)
_INTAKES = re.compile(r"(?<![\d-])([0-4])\s?-\s?([0-4])\s?-\s?([0-4])(?![\d-])")
_TIMES = ((r"\bonce\b", "1 time"), (r"\btwice\b", "2 times"), (r"\bthrice\b", "3 times"))
_COUNTED = (
    *((re.compile(pattern, re.IGNORECASE), count) for pattern, count in _TIMES),
    (re.compile(r"\ba couple(?: of)?\b|\bcouple of\b", re.IGNORECASE), "2"),
    (re.compile(r"\bmorning and (?:evening|night)\b", re.IGNORECASE), "morning and night, 2 times"),
    (re.compile(r"\bfortnight(?:ly)?\b", re.IGNORECASE), "2 weeks"),
    (re.compile(r"\bhalf an hour\b", re.IGNORECASE), "30 minutes"),
    (re.compile(r"\bhalf (?:a|an|of an?)\b", re.IGNORECASE), "0.5"),
    (re.compile(r"\ban? (?=(?:hour|day|week|month|year|minute)\b)", re.IGNORECASE), "1 "),
)


def in_both(text: str) -> str:
    """A text, followed by what its Hindi says in English; English stays as it is."""
    english = spoken_in_english(text)
    return f"{text} , {english}" if english else text


def counted(text: str) -> str:
    """The text with its abbreviations and words of counting ("twice", "a fortnight", "1-0-1") as numbers."""
    text = _INTAKES.sub(lambda match: f"{match[0]} {sum(1 for part in match.groups() if part != '0')} times", text)
    text = spelt_out(text)
    for pattern, number in _COUNTED:
        text = pattern.sub(number, text)
    return text


@dataclass(frozen=True)
class Sources:
    """What a sentence cites: its turns in the order of the transcript, and uncited questions that they answer."""

    turns: tuple[Turn, ...]
    reading: Reading
    """The cited turns and those questions, read for what they say is and is not so."""
    before: tuple[Turn, ...] = ()
    """The turns that an "it" or "that" of the cited turns can mean; none when they have no such word."""

    @cached_property
    def said(self) -> str:
        """The cited turns' words: where numbers, units and medicines must stand."""
        return " ".join(in_both(turn.text) for turn in self.turns)

    @cached_property
    def figures(self) -> Figures:
        """The numbers and units of the cited turns, as said and with their counting words as numbers."""
        return Figures(f"{self.said} {counted(self.said)}")

    @cached_property
    def context(self) -> str:
        """The words of the turns before, where the cited turns point back."""
        return " ".join(turn.text for turn in self.before)

    @cached_property
    def earlier(self) -> Reading:
        """The turns before, where the cited turns point back, read."""
        return read(self.context)

    @cached_property
    def english(self) -> bool:
        """True when every cited turn is in English, as the lexicons of sides and of content are."""
        return all(turn.language.lower().startswith("en") and language_of(turn.text) == "en" for turn in self.turns)

    @property
    def speakers(self) -> frozenset[Speaker]:
        """Who said it."""
        return frozenset(turn.speaker for turn in self.turns)


class Turns:
    """The turns of one transcript, each read once however often it is cited."""

    def __init__(self, transcript: Transcript) -> None:
        self.version = transcript.version
        self._order: Sequence[Turn] = transcript.turns
        self._place = {turn.id: place for place, turn in enumerate(transcript.turns)}
        self._read: dict[tuple[int, Polarity | None], Reading] = {}
        self._cited: dict[tuple[int, ...], Sources] = {}

    def __contains__(self, turn_id: TurnId) -> bool:
        return turn_id in self._place

    def known(self, turn_ids: Iterable[TurnId]) -> list[Turn]:
        """Those of these turns that there are."""
        return [self._order[self._place[one]] for one in turn_ids if one in self._place]

    def cited(self, turn_ids: Iterable[TurnId]) -> Sources:
        """What a sentence that cites these turns rests on. Every one of them has to be in the transcript."""
        places = tuple(sorted({self._place[one] for one in turn_ids}))
        if places not in self._cited:
            self._cited[places] = self._sources(places)
        return self._cited[places]

    def _sources(self, places: tuple[int, ...]) -> Sources:
        parts: list[Reading] = []
        for place in places:
            question = place - 1
            if question >= 0 and question not in places and self._is_answered(question):
                parts.append(self._part(question, cited=(*places, question)))
            parts.append(self._part(place, cited=places))
        cited = tuple(self._order[place] for place in places)
        pointing = any(_POINTING.search(turn.text) for turn in cited)
        before = self._order[max(0, places[0] - REACH) : places[-1]] if pointing else ()
        return Sources(cited, Reading.joined(parts), tuple(before))

    def _is_answered(self, place: int) -> bool:
        """True when the turn asks something and another person speaks next."""
        if place + 1 >= len(self._order):
            return False
        turn, following = self._order[place], self._order[place + 1]
        return asks(turn.text) and (turn.speaker is not following.speaker or turn.speaker is Speaker.UNKNOWN)

    def _part(self, place: int, *, cited: Sequence[int]) -> Reading:
        answer: Polarity | None = None
        if self._is_answered(place):
            answer = answer_to(self._order[place + 1].text) if place + 1 in cited else Polarity.POSSIBLE
        key = (place, answer)
        if key not in self._read:
            self._read[key] = read(self._order[place].text, answered=answer)
        return self._read[key]
