"""Which sentences of a consultation belong into its note, and under which part: a small trained model.

A linear model over hashed words: the sentence's own, its neighbours', who speaks, and where in the visit it is. It
chooses among what was said and writes nothing. `auscult train notes` makes it (`training.py`); its weights are in
`knowledge/notes/relevance.npz`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np

from auscult.engines.writer.offline import hashed_linear
from auscult.engines.writer.offline.hashed_linear import Features, Floats, Weights
from auscult.engines.writer.offline.sentences import Sentence

PARTS: Final = ("none", "subjective", "examination", "results", "plan")
"""What the model tells apart: no part of the note, or which one."""
_WORD: Final = re.compile(r"[a-z0-9']+")
_NEIGHBOURS: Final = ((-2, "pp", 0.2), (-1, "p", 0.4), (1, "n", 0.4), (2, "nn", 0.2))


def features(said: Sequence[Sentence]) -> Features:
    """Describe every sentence of one visit."""
    words = [_WORD.findall(one.lower) for one in said]
    return hashed_linear.described((_described(said, words, place) for place in range(len(said))), length=4.0)


def _described(said: Sequence[Sentence], words: list[list[str]], place: int) -> Iterator[tuple[str, float]]:
    own, speaker = words[place], said[place].speaker.value[0]
    for word in own:
        yield f"w={word}", 1.0
        yield f"{speaker}w={word}", 0.7
    for pair in pairwise(own):
        yield f"b={pair[0]} {pair[1]}", 0.8
    for step, mark, value in _NEIGHBOURS:
        if 0 <= place + step < len(said):
            for word in words[place + step]:
                yield f"{mark}={word}", value
            yield f"{mark}s={said[place + step].speaker.value[0]}{said[place + step].question}", 0.5
    yield f"s={speaker}{said[place].question}", 1.0
    yield f"at={place * 12 // len(said)}", 1.0
    yield f"long={min(9, len(own) // 3)}", 1.0
    yield f"number={any(word.isdigit() for word in own)}", 1.0
    yield f"first={said[place].first}", 0.5


@dataclass(frozen=True)
class Relevance:
    """The model over `PARTS`."""

    model: Weights

    def parts(self, said: Sequence[Sentence]) -> Floats:
        """The probability of each of `PARTS` for every sentence of a visit: (sentences, parts)."""
        return self.model.chances(features(said)) if said else np.zeros((0, len(PARTS)), np.float32)


@cache
def shipped() -> Relevance:
    """The model that comes along. Raises `FileNotFoundError` when the installation lacks it."""
    return Relevance(hashed_linear.shipped("relevance.npz"))
