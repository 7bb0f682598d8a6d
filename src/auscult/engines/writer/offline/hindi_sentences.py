"""Tells the Hindi sentences of a transcript from the English ones, so that each is read by who understands it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker, Transcript
from auscult.engines.writer.offline.sentences import LONGEST_TURN, Sentence
from auscult.knowledge.hindi import Token, keys, sentences_of, tokens
from auscult.knowledge.hindi_numbers import counted
from auscult.knowledge.languages import language_of
from auscult.knowledge.numerals import digits

STEP: Final = 1_000
"""Places from one sentence to the next, so that what the reader of English cuts finer has places between."""
_AFTER_FATHER: Final = frozenset({"ji", "ko", "ka", "ki", "ke", "ne", "bhi", "se"})


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence with its words and its numbers in digits; `asked` when it is put as a question."""

    turn_id: TurnId
    speaker: Speaker
    text: str
    words: tuple[Token, ...]
    asked: bool
    hindi: bool
    place: int = -1
    """Which sentence of the talk it is, in steps of `STEP`, those in English counted too."""

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its words."""
        return frozenset(word.key for word in self.words)

    def has(self, *kinds: str) -> bool:
        """True when one of its words is of these kinds."""
        return bool(self.keys & keys(*kinds))


@dataclass(frozen=True, slots=True)
class Divided:
    """What is to be read as Hindi, and the transcript of the rest, with the places of its sentences by turn."""

    hindi: tuple[Said, ...]
    rest: Transcript
    places: Mapping[TurnId, tuple[int, ...]]

    def places_of(self, sentences: Sequence[Sentence]) -> list[int]:
        """The place in the talk of every sentence that the reader of English made of the rest, each later than before.

        Where it cut finer, the last sentences of a turn share a place and follow one another within its step.
        """
        found: list[int] = []
        number: Counter[TurnId] = Counter()
        for one in sentences:
            places, nth = self.places.get(one.turn_id) or (0,), number[one.turn_id]
            number[one.turn_id] += 1
            last = len(places) - 1
            found.append(places[min(nth, last)] + max(nth - last, 0))
        return found


def divide(transcript: Transcript) -> Divided:
    """Tell the sentences that are to be read as Hindi from the others, which are left for the reader of English.

    A question in the one language and its answer in the other go together, as Hindi. Where nothing is Hindi the
    transcript is returned as it came, and nothing has a place.
    """
    said = [one for turn in transcript.turns for one in _sentences(turn.id, turn.speaker, turn.text[:LONGEST_TURN])]
    hindi = {place for place, one in enumerate(said) if one.hindi}
    if not hindi:
        return Divided((), transcript, {})
    for place in sorted(hindi):
        hindi |= _asked_before(said, place) | _answered_after(said, place)
    left = {turn.id: turn for turn in transcript.turns}
    places: dict[TurnId, tuple[int, ...]] = {}
    for turn in transcript.turns:
        mine = [place for place, one in enumerate(said) if one.turn_id == turn.id]
        kept = [said[place].text for place in mine if place not in hindi]
        places[turn.id] = tuple(place * STEP for place in mine if place not in hindi)
        if len(kept) == len(mine):
            continue
        if kept:
            left[turn.id] = turn.model_copy(update={"text": " ".join(kept), "language": "en"})
        else:
            del left[turn.id]
    told = tuple(replace(said[place], place=place * STEP) for place in sorted(hindi))
    return Divided(told, transcript.model_copy(update={"turns": tuple(left.values())}), places)


def _sentences(turn_id: TurnId, speaker: Speaker, text: str) -> list[Said]:
    found = []
    for piece in sentences_of(text):
        read = digits(piece)
        words = tuple(_fathers(counted(tokens(read))))
        asked = read.endswith("?") or bool({word.key for word in words} & keys("question"))
        found.append(Said(turn_id, speaker, read, words, asked, language_of(piece) != "en"))
    return found


def _fathers(words: Sequence[Token]) -> list[Token]:
    """The words, with "pita" (father) and "peeta" (drinks), which sound alike here, told apart by what follows."""
    told = []
    for word, after in zip_longest(words, words[1:]):
        drinks = word.key == "pita" and (after is None or after.key not in _AFTER_FATHER)
        told.append(replace(word, key="pina") if drinks else word)
    return told


def _asked_before(said: Sequence[Said], place: int) -> set[int]:
    """The English questions that a Hindi sentence answers: those right before it, of another speaker."""
    found: set[int] = set()
    before = place - 1
    while before >= 0 and said[before].asked and said[before].turn_id != said[place].turn_id and not said[before].hindi:
        found.add(before)
        before -= 1
    return found


def _answered_after(said: Sequence[Said], place: int) -> set[int]:
    """The English answer to a Hindi question: a yes or no right after it, in another turn."""
    after = place + 1
    if after >= len(said) or said[after].turn_id == said[place].turn_id or said[after].hindi:
        return set()
    return {after} if said[after].words and said[after].words[0].key in keys("yes", "no") else set()
