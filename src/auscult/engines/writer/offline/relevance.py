"""Which sentences of a consultation belong into its note, and under which part: a small trained model.

A linear model over hashed words: the sentence's own, its neighbours', who speaks, and where in the visit it is. It
chooses among what was said and writes nothing. `auscult train notes` makes it (`training.py`); its weights are in
`knowledge/notes/relevance.npz`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from auscult.engines.writer.offline.sentences import Sentence

PARTS: Final = ("none", "subjective", "examination", "results", "plan")
"""What the model tells apart: no part of the note, or which one."""
SLOTS: Final = 2**16
"""Hash slots of the weights; collisions are few with some 40,000 distinct features in the training visits."""

_WORD: Final = re.compile(r"[a-z0-9']+")
_NEIGHBOURS: Final = ((-2, "pp", 0.2), (-1, "p", 0.4), (1, "n", 0.4), (2, "nn", 0.2))

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features of a visit's sentences, one row after the other: `starts[i]` is where row i begins."""

    slots: NDArray[np.int64]
    values: Floats
    starts: NDArray[np.int64]


def features(said: Sequence[Sentence]) -> Features:
    """Describe every sentence of one visit."""
    words = [_WORD.findall(one.lower) for one in said]
    slots: list[int] = []
    values: list[float] = []
    starts: list[int] = []
    known: dict[str, int] = {}
    for place in range(len(said)):
        starts.append(len(slots))
        row: dict[int, float] = {}
        for name, value in _described(said, words, place):
            slot = known.get(name)
            if slot is None:
                slot = known[name] = zlib.crc32(name.encode()) % SLOTS
            if value > row.get(slot, 0.0):
                row[slot] = value
        scale = 1.0 / max(1.0, sum(value * value for value in row.values()) ** 0.5) * 4.0
        slots += row
        values += (value * scale for value in row.values())
    return Features(np.array(slots, np.int64), np.array(values, np.float32), np.array(starts, np.int64))


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
    """The model. `weights` is (SLOTS, len(PARTS)), `bias` (len(PARTS),)."""

    weights: Floats
    bias: Floats

    def parts(self, said: Sequence[Sentence]) -> Floats:
        """The probability of each of `PARTS` for every sentence of a visit: (sentences, parts)."""
        if not said:
            return np.zeros((0, len(PARTS)), np.float32)
        return probabilities(scores(features(said), self.weights, self.bias))


def scores(described: Features, weights: Floats, bias: Floats) -> Floats:
    """The linear scores of every row: (rows, parts). Every row has at least one feature."""
    weighed = weights[described.slots] * described.values[:, None]
    summed: Floats = np.add.reduceat(weighed, described.starts, axis=0) + bias
    return summed


def probabilities(scored: Floats) -> Floats:
    """Softmax over the parts."""
    raised = np.exp(scored - scored.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


@cache
def shipped() -> Relevance:
    """The model that comes along. Raises `FileNotFoundError` when the installation lacks it."""
    path = resources.files("auscult.knowledge.notes").joinpath("relevance.npz")
    with path.open("rb") as file, np.load(file) as stored:
        weights = stored["weights"].astype(np.float32) * stored["scale"]
        return Relevance(weights, stored["bias"].astype(np.float32))
