"""Trains `headers.py`'s model from short public dialogues, each with the header of the section written from it.

No text of any dialogue is kept: only weights of hashed words. A feature's weights are penalised less the rarer it is
(its values are multiplied by its inverse document frequency while fitting), and what only one dialogue has
weighs nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

from auscult.domain.errors import InvalidError
from auscult.engines.writer.offline import hashed_linear
from auscult.engines.writer.offline.hashed_linear import SLOTS, Features, Floats, Labels, Weights
from auscult.engines.writer.offline.headers import HEADERS, features, read_dialogue

FILE: Final = "mts_train.jsonl"
"""MTS-Dialog, Ben Abacha et al. 2023, CC BY 4.0. Only the training file: the others judge."""
EVENING: Final = 0.75
"""How far the headers' frequencies in the training file are taken back, as a power of them (Menon et al. 2021,
https://arxiv.org/abs/2007.07314): half of its dialogues have one of two headers, and other files are more even."""
STEPS: Final = 250
PENALTY: Final = 5e-4
"""Chosen like `EVENING` by five-fold cross-validation over the training file, twice."""


def train_headers(data: Path, to: Path) -> None:
    """Train from `data`/mts_train.jsonl and write `headers.npz` into the folder `to`; deterministic.

    A row has `header` (one of `HEADERS`) and `dialogue`. Raises `InvalidError` when the file is missing or empty, or
    has a row without them.
    """
    path = data / FILE
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    pieces, labels = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            labels.append(HEADERS.index(row["header"]))
            pieces.append(read_dialogue(row["dialogue"]))
        except (ValueError, KeyError, TypeError):
            raise InvalidError(
                f"Line {number} of {FILE} is not a dialogue with its header.",
                remedy='Each row needs "dialogue" and "header", one of MTS-Dialog\'s twenty.',
            ) from None
    if not pieces:
        raise InvalidError(
            f"There is no {FILE} with dialogues in this folder.", remedy="Name the folder with the training dialogues."
        )
    hashed_linear.write(fit(features(pieces), np.array(labels, np.int64)), to / "headers.npz")


def fit(rows: Features, labels: Labels) -> Weights:
    """The model that tells the rows apart."""
    rarity = _rarity(rows)
    scaled = Features(rows.slots, rows.values * rarity[rows.slots], rows.starts)
    fitted = hashed_linear.fit_by_rows(scaled, labels, len(HEADERS), steps=STEPS, penalty=PENALTY)
    counts = np.bincount(labels, minlength=len(HEADERS))
    common = np.log(np.maximum(counts, 1) / len(labels))
    return Weights(fitted.weights * rarity[:, None], (fitted.bias - EVENING * common).astype(np.float32))


def _rarity(rows: Features) -> Floats:
    """For each slot 1 + ln((1 + rows) / (1 + rows that have it)); 0 where at most one row has it."""
    found = np.bincount(rows.slots, minlength=SLOTS)
    return np.where(found > 1, 1 + np.log((1 + len(rows.starts)) / (1 + found)), 0).astype(np.float32)
