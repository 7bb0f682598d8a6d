"""Trains `punctuation.py`'s model from public conversations that were written with their marks.

Everything that one person says in a conversation is read as one stretch, so that the ends of their turns teach where
sentences end. No text is kept: only weights of hashed words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from auscult.domain.errors import InvalidError
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline import hashed_linear
from auscult.engines.writer.offline.fluent import joined
from auscult.engines.writer.offline.hashed_linear import Weights
from auscult.engines.writer.offline.headers import read_dialogue
from auscult.engines.writer.offline.punctuation import ENDS, LENGTH, MARKS, SLOTS, around, bare, since
from auscult.knowledge.conversations import Row, rows
from auscult.knowledge.numerals import digits

FILES: Final = ("acibench_train.jsonl", "mts_train.jsonl")
"""ACI-BENCH, Yim et al. 2023, and MTS-Dialog, Ben Abacha et al. 2023, both CC BY 4.0. Only the training files."""
EPOCHS: Final = 30
RATE: Final = 0.03
PENALTY: Final = 1e-5
RARE: Final = 3
"""Features seen less often weigh nothing."""
EAGER: Final = 0.5
"""How much the odds (their logarithm) of no mark are lowered: an end too many costs less than two sentences in one.

All were chosen on the validation visits that have marks (`auscult evaluate punctuation`).
"""
_TAIL: Final = re.compile(r"[.,;:?!]+$")


def train_punctuation(data: Path, to: Path) -> None:
    """Train from the files of `FILES` in `data` and write `punctuation.npz` into the folder `to`; deterministic.

    Raises `InvalidError` when a file is missing, has a row that is no conversation, or none has marks.
    """
    stretches = [stretch for name in FILES for stretch in _stretches(data / name)]
    if not stretches:
        raise InvalidError(
            "No conversation in these files has punctuation.", remedy=f"Name the folder with {' and '.join(FILES)}."
        )
    hashed_linear.write(fit(stretches), to / "punctuation.npz")


def fit(stretches: Iterable[str]) -> Weights:
    """The model that puts the marks of these texts where they are."""
    rows: list[list[str]] = []
    labels: list[int] = []
    for text in stretches:
        words, told = read(text)
        length = 0
        for place in range(len(words) - 1):
            rows.append([*around(words, place), *since(words, place, length)])
            labels.append(told[place])
            length = 0 if told[place] >= ENDS else length + 1
    seen = Counter(name for row in rows for name in row)
    known = [[(name, 1.0) for name in row if seen[name] >= RARE] for row in rows]
    fitted = hashed_linear.fit(
        hashed_linear.described(known, length=LENGTH, slots=SLOTS),
        np.array(labels, np.int64),
        len(MARKS),
        epochs=EPOCHS,
        rate=RATE,
        penalty=PENALTY,
    )
    return Weights(fitted.weights, fitted.bias - np.array([EAGER, 0, 0, 0], np.float32))


def read(text: str) -> tuple[list[str], list[int]]:
    """The `bare` words of a text, and behind each the place in `MARKS` of what stands there."""
    words: list[str] = []
    told: list[int] = []
    for piece in joined(digits(text)).split():
        word, tail = bare(piece), _TAIL.search(piece)
        mark = 0 if tail is None else 3 if "?" in tail[0] else 1 if tail[0] == "," else ENDS
        if word:
            words.append(word)
            told.append(mark)
        elif words:
            told[-1] = max(told[-1], mark)
    return words, told


def _stretches(path: Path) -> Iterator[str]:
    for row in rows(path):
        said: dict[Speaker, list[str]] = {}
        for speaker, text in _turns(row):
            said.setdefault(speaker, []).append(text if _TAIL.search(text) else f"{text}.")
        yield from (text for text in map(" ".join, said.values()) if _has_marks(text))


def _turns(row: Row) -> list[tuple[Speaker, str]]:
    if "turns" in row.fields:
        return [(speaker, text.strip()) for speaker, text in row.turns()]
    return [(said.speaker, said.text) for said in read_dialogue(row.text("dialogue")) if said.text]


def _has_marks(text: str) -> bool:
    """True for what was written with marks: a comma somewhere, which the ends of turns do not bring."""
    return "," in text
