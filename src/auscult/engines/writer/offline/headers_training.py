"""Trains `headers.py`'s model from short public dialogues, each with the section written from it and its header.

The written section counts as a further example, in which nobody is known to speak. No text of either is kept: only
weights of hashed words. A feature's weights are penalised less the rarer it is (its values are multiplied by its
inverse document frequency while fitting), and what only one example has weighs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from auscult.domain.errors import InvalidError
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline import hashed_linear
from auscult.engines.writer.offline.hashed_linear import SLOTS, Features, Floats, Weights
from auscult.engines.writer.offline.headers import HEADERS, Said, features, read_dialogue
from auscult.knowledge.conversations import rows

FILE: Final = "mts_train.jsonl"
"""MTS-Dialog, Ben Abacha et al. 2023, CC BY 4.0. Only the training file: the others judge."""
EVENING: Final = 0.75
"""How far the headers' frequencies in the training file are taken back, as a power of them (Menon et al. 2021,
https://arxiv.org/abs/2007.07314): half of its dialogues have one of two headers, and other files are more even."""
WRITTEN: Final = 0.3
"""How much a written section counts beside its dialogue."""
STEPS: Final = 250
PENALTY: Final = 5e-4
"""Chosen like `EVENING` by five-fold cross-validation over the training file, twice."""


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of conversation or a written section, the place of its header in `HEADERS`, and how much it counts."""

    turns: tuple[Said, ...]
    label: int
    importance: float


def train_headers(data: Path, to: Path) -> None:
    """Train from `data`/mts_train.jsonl and write `headers.npz` into the folder `to`; deterministic.

    A row has `header` (one of `HEADERS`), `dialogue`, and as a rule `note`. Raises `InvalidError` when the file is
    missing or empty, or has a row that is not so.
    """
    examples: list[Example] = []
    for row in rows(data / FILE):
        header = row.text("header")
        if header not in HEADERS:
            raise row.refused('one of MTS-Dialog\'s twenty headers as "header"', remedy="Correct it, or leave it out.")
        examples.append(Example(read_dialogue(row.text("dialogue")), HEADERS.index(header), 1.0))
        if note := row.text_or_none("note"):
            examples.append(Example((Said(Speaker.UNKNOWN, note),), HEADERS.index(header), WRITTEN))
    if not examples:
        raise InvalidError(f"There are no dialogues in {FILE}.", remedy="Name the folder with the training dialogues.")
    hashed_linear.write(fit(examples), to / "headers.npz")


def fit(examples: Sequence[Example]) -> Weights:
    """The model that tells the examples apart."""
    rows = features([one.turns for one in examples])
    labels = np.array([one.label for one in examples], np.int64)
    importance = np.array([one.importance for one in examples], np.float32)
    rarity = _rarity(rows)
    scaled = Features(rows.slots, rows.values * rarity[rows.slots], rows.starts)
    fitted = hashed_linear.fit_by_rows(
        scaled, labels, len(HEADERS), importance=importance, steps=STEPS, penalty=PENALTY
    )
    counts = np.bincount(labels, minlength=len(HEADERS))
    common = np.log(np.maximum(counts, 1) / len(labels))
    bias = np.round(fitted.bias - EVENING * common, 3)  # the last digits of sums differ with the number of threads
    return Weights(fitted.weights * rarity[:, None], bias.astype(np.float32))


def _rarity(rows: Features) -> Floats:
    """For each slot 1 + ln((1 + rows) / (1 + rows that have it)); 0 where at most one row has it."""
    found = np.bincount(rows.slots, minlength=SLOTS)
    return np.where(found > 1, 1 + np.log((1 + len(rows.starts)) / (1 + found)), 0).astype(np.float32)
