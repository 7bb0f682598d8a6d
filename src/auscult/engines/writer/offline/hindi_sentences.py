"""Tells the Hindi sentences of a transcript from the English ones, so that each is read by who understands it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker, Transcript
from auscult.engines.writer.offline.sentences import LONGEST_TURN
from auscult.knowledge.hindi import Token, keys, sentences_of, tokens
from auscult.knowledge.hindi_numbers import counted
from auscult.knowledge.languages import language_of
from auscult.knowledge.numerals import digits

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

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its words."""
        return frozenset(word.key for word in self.words)

    def has(self, *kinds: str) -> bool:
        """True when one of its words is of these kinds."""
        return bool(self.keys & keys(*kinds))


def divide(transcript: Transcript) -> tuple[list[Said], Transcript]:
    """The sentences that are to be read as Hindi, and the transcript of the others for the reader of English.

    A question in the one language and its answer in the other go together, as Hindi. Where nothing is Hindi the
    transcript is returned as it came.
    """
    said = [one for turn in transcript.turns for one in _sentences(turn.id, turn.speaker, turn.text[:LONGEST_TURN])]
    hindi = {place for place, one in enumerate(said) if one.hindi}
    if not hindi:
        return [], transcript
    for place in sorted(hindi):
        hindi |= _asked_before(said, place) | _answered_after(said, place)
    left = {turn.id: turn for turn in transcript.turns}
    for turn in transcript.turns:
        mine = [place for place, one in enumerate(said) if one.turn_id == turn.id]
        kept = [said[place].text for place in mine if place not in hindi]
        if len(kept) == len(mine):
            continue
        if kept:
            left[turn.id] = turn.model_copy(update={"text": " ".join(kept)})
        else:
            del left[turn.id]
    return [said[place] for place in sorted(hindi)], transcript.model_copy(update={"turns": tuple(left.values())})


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
