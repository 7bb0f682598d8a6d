"""Puts commas, full stops and question marks into speech that a recogniser wrote without any.

A linear model over the words around each gap and the words since the last sentence ended. It adds marks and changes no
word. `auscult train punctuation` makes it (`punctuation_training.py`); its weights are in
`knowledge/notes/punctuation.npz`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from auscult.engines.writer.offline import hashed_linear
from auscult.engines.writer.offline.hashed_linear import Floats, Weights

MARKS: Final = ("", ",", ".", "?")
"""What the model tells apart: what stands behind a word."""
ENDS: Final = 2
"""The place in `MARKS` from which one ends a sentence."""
LENGTH: Final = 4.0
"""Of a described row (`hashed_linear.described`); the two halves of a row share it by their number of features."""
SLOTS: Final = 2**18
"""More than the other models have: what was never seen in training should meet nothing."""
FEWEST: Final = 10
"""Words of a turn that is looked at; a shorter one is a sentence as it is."""
SPARSE: Final = 30
"""With fewer than one mark for so many words the recogniser gave none."""

_AFTER_NO: Final = frozenset({
    "i", "i'm", "i've", "i'd", "it", "it's", "my", "we", "we've", "that", "that's", "this", "there", "there's", "he",
    "she", "they", "you", "no", "nope", "not", "nothing", "never", "none", "just", "but", "and", "so", "because",
    "okay", "ok", "well", "really", "actually", "thank", "thanks", "doctor", "sir", "ma'am", "um", "uh", "oh",
    "sorry", "wait", "the", "yeah", "yes", "only", "maybe", "usually", "sometimes",
})  # fmt: skip
"""Before any other word "no" denies it: a comma between them would turn a denial into a complaint."""
_NEGATED: Final = frozenset({"don't", "not", "didn't", "wouldn't", "doesn't", "never"})
_THOUGHT: Final = frozenset({"think", "believe", "feel", "expect", "suppose", "hope", "say", "want", "wish"})
_THINGS: Final = frozenset({
    "i", "i'm", "i've", "i'll", "i'd", "it", "it's", "it'll", "my", "we", "we're", "that", "that's", "this", "there",
    "there's", "he", "he's", "she", "she's", "they", "they're", "you", "you're", "your", "the",
})  # fmt: skip
"""What somebody does not think begins with one of these: "i don't think. i will be able to" says the contrary."""
_SUBJECTS: Final = _THINGS - {"my", "your", "the", "this", "that"}
_CONDITIONS: Final = frozenset({
    "if", "when", "whenever", "unless", "until", "once", "after", "before", "while", "although", "though",
})  # fmt: skip
_BEFORE_CONDITION: Final = frozenset({
    "not", "and", "but", "so", "like", "just", "even", "especially", "only", "or", "then", "except", "yeah", "well",
    "no", "yes", "um", "uh",
})  # fmt: skip
_MARK: Final = re.compile(r"[.,;:?!]+$")
_REACH: Final = 8
"""Words behind "make sure" in which its subject is looked for."""
_AROUND: Final = 17
_SINCE: Final = 3
_LONGEST: Final = 40
"""Words since the last sentence's end that are told apart, in steps of three."""


def bare(word: str) -> str:
    """A word as the model knows it: lower case, without marks around it; empty for a mark that stands alone."""
    return _MARK.sub("", word.lower()).strip("\"'`()[]-")


def around(words: Sequence[str], place: int) -> list[str]:
    """Names of the features of the gap behind the word at `place`: the `bare` words around it."""
    before2, before, own, after, after2, after3 = (
        words[at] if 0 <= at < len(words) else ("<" if at < 0 else ">") for at in range(place - 2, place + 4)
    )
    return [
        f"c{own}",
        f"d{after}",
        f"b{before}",
        f"e{after2}",
        f"a{before2}",
        f"f{after3}",
        f"cd{own} {after}",
        f"bc{before} {own}",
        f"de{after} {after2}",
        f"bcd{before} {own} {after}",
        f"cde{own} {after} {after2}",
        f"def{after} {after2} {after3}",
        f"abc{before2} {before} {own}",
        f"cs{own[-3:]}",
        f"ds{after[-3:]}",
        f"bd{before} {after}",
        f"ce{own} {after2}",
    ]


def since(words: Sequence[str], place: int, length: int) -> list[str]:
    """Names of the features that need to know how many words ago the last sentence ended."""
    after = words[place + 1] if place + 1 < len(words) else ">"
    steps = min(length, _LONGEST) // 3
    return [f"n{steps}", f"n{steps} d{after}", f"n{steps} c{words[place]}"]


def punctuated(text: str) -> str:
    """The text with marks behind its words where it has next to none; else, and when it is short, as it is."""
    written = text.split()
    if len(written) < FEWEST or sum(_MARK.search(word) is not None for word in written) > len(written) / SPARSE:
        return text
    words = [bare(word) or word for word in written]
    return " ".join(
        f"{_MARK.sub('', word) or word}{MARKS[mark]}"
        for word, mark in zip(written, marks(words, shipped()), strict=True)
    )


def marks(words: Sequence[str], model: Weights) -> list[int]:
    """The place in `MARKS` of what stands behind each of these `bare` words; the last one ends a sentence."""
    value = np.float32(LENGTH / (_AROUND + _SINCE) ** 0.5)  # as `hashed_linear.described` has it for so many features
    slots = hashed_linear.slots_of((name for place in range(len(words) - 1) for name in around(words, place)), SLOTS)
    gaps = model.weights[slots.reshape(-1, _AROUND)].sum(axis=1) * value + model.bias
    told: list[int] = []
    weighed: dict[str, Floats] = {}
    length = 0
    for place, known in enumerate(gaps):
        row = known.copy()
        for name in since(words, place, length):
            if name not in weighed:
                weighed[name] = model.weights[hashed_linear.slot_of(name, SLOTS)] * value
            row += weighed[name]
        mark = 0 if _belongs(words, place) else int(row.argmax())
        if mark >= ENDS and _waits(words[place - length : place + 1], words[place + 1]):
            mark = 1
        told.append(mark)
        length = 0 if mark >= ENDS else length + 1
    return [*told, ENDS]


def _belongs(words: Sequence[str], place: int) -> bool:
    """True where a mark would turn the meaning: behind "no", or "i don't think", before what is denied."""
    word, after = words[place], words[place + 1]
    if word == "no":
        return after not in _AFTER_NO
    if word in _THOUGHT and after in _THINGS and place > 0 and words[place - 1] in _NEGATED:
        return True
    return after in _THINGS and _ensured(words[max(0, place - _REACH) : place + 1])


def _ensured(before: Sequence[str]) -> bool:
    """True behind a "make sure" whose subject is still to come: "make sure a week before surgery you don't fall"."""
    sure = next((at for at in range(len(before) - 1, 0, -1) if before[at] == "sure"), 0)
    return sure > 0 and before[sure - 1] in {"make", "making", "made"} and not set(before[sure + 1 :]) & _SUBJECTS


def _waits(begun: Sequence[str], after: str) -> bool:
    """True where a condition would be cut from what it limits: "not if i'm on my feet. i'll notice a swelling"."""
    opens = next((at for at, word in enumerate(begun) if word not in _BEFORE_CONDITION), None)
    return (
        opens is not None
        and begun[opens] in _CONDITIONS
        and after in _THINGS
        and not set(begun[opens + 2 :]) & _SUBJECTS
    )


@cache
def shipped() -> Weights:
    """The model that comes along. Raises `FileNotFoundError` when the installation lacks it."""
    return hashed_linear.shipped("punctuation.npz")
