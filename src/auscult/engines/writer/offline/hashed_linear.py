"""A linear model over hashed features: describing rows, fitting, weighing, and the file that holds its weights.

A row is a set of named features with values; a name's slot is its CRC-32 modulo the number of slots (Weinberger et al.
2009, https://arxiv.org/abs/0902.2206), so no word of the training text is stored. `relevance`, `headers` and
`punctuation` are such models.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

SLOTS: Final = 2**16
"""Hash slots of the weights; collisions are few with some 40,000 distinct features in the training data."""

_COLUMNS: Final = 4096
"""Columns that `fit_by_rows` holds in double precision at once."""

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features, one row after the other: `starts[i]` is where row i begins. Every row has at least one."""

    slots: NDArray[np.int64]
    values: Floats
    starts: NDArray[np.int64]
    width: int = SLOTS
    """How many slots there are."""


@dataclass(frozen=True)
class Weights:
    """The model. `weights` is (slots, classes), `bias` (classes,)."""

    weights: Floats
    bias: Floats

    def chances(self, described: Features) -> Floats:
        """The probability of each class for every row: (rows, classes)."""
        return probabilities(scores(described, self.weights, self.bias))


def slot_of(name: str, slots: int = SLOTS) -> int:
    """Where the weights of a named feature are."""
    return zlib.crc32(name.encode()) % slots


def slots_of(names: Iterable[str], slots: int = SLOTS) -> Labels:
    """Where the weights of these features are, in order; sooner than one by one."""
    hashed = np.fromiter((zlib.crc32(name.encode()) for name in names), np.int64)
    return hashed % slots


def described(rows: Iterable[Iterable[tuple[str, float]]], *, length: float, slots: int = SLOTS) -> Features:
    """Hash rows of named features, each scaled to this Euclidean length; of two names in one slot the larger counts."""
    places: list[int] = []
    values: list[float] = []
    starts: list[int] = []
    known: dict[str, int] = {}
    for named in rows:
        starts.append(len(places))
        row: dict[int, float] = {}
        for name, value in named:
            slot = known.get(name)
            if slot is None:
                slot = known[name] = slot_of(name, slots)
            row[slot] = max(value, row.get(slot, 0.0))
        scale = 1.0 / max(1.0, sum(value * value for value in row.values()) ** 0.5) * length
        places += row
        values += (value * scale for value in row.values())
    return Features(np.array(places, np.int64), np.array(values, np.float32), np.array(starts, np.int64), slots)


def joined(parts: Sequence[Features]) -> Features:
    """The rows of all parts, in order."""
    offsets = np.cumsum([0, *(len(one.slots) for one in parts[:-1])])
    return Features(
        np.concatenate([one.slots for one in parts]),
        np.concatenate([one.values for one in parts]),
        np.concatenate([one.starts + offset for one, offset in zip(parts, offsets, strict=True)]),
        parts[0].width,
    )


def scores(rows: Features, weights: Floats, bias: Floats) -> Floats:
    """The linear scores of every row: (rows, classes)."""
    weighed = weights[rows.slots] * rows.values[:, None]
    summed: Floats = np.add.reduceat(weighed, rows.starts, axis=0) + bias
    return summed


def probabilities(scored: Floats) -> Floats:
    """Softmax over the classes."""
    raised = np.exp(scored - scored.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def fit(rows: Features, labels: Labels, classes: int, *, epochs: int, rate: float, penalty: float) -> Weights:
    """Multinomial logistic regression by full-batch Adam from zero; the same rows give the same weights.

    `penalty` is the L2 penalty of the weights, `rate` Adam's step.
    """
    wanted = np.eye(classes, dtype=np.float32)[labels]
    used, place = np.unique(rows.slots, return_inverse=True)
    near = Features(place, rows.values, rows.starts)
    lengths = np.diff(np.append(rows.starts, len(rows.slots)))
    of_row = np.repeat(np.arange(len(wanted)), lengths)
    weights = np.zeros((len(used) + 1, classes), np.float32)  # the last row is the bias
    mean, spread = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, epochs + 1):
        error = (probabilities(scores(near, weights[:-1], weights[-1])) - wanted) / len(wanted)
        slope = np.empty_like(weights)
        for one in range(classes):
            slope[:-1, one] = np.bincount(place, weights=near.values * error[of_row, one], minlength=len(used))
        slope[:-1] += penalty * weights[:-1]
        slope[-1] = error.sum(axis=0)
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.99 * spread + 0.01 * slope * slope
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.99**step)) + 1e-8)
    whole = np.zeros((rows.width, classes), np.float32)
    whole[used] = weights[:-1]
    return Weights(whole, weights[-1])


def fit_by_rows(
    rows: Features, labels: Labels, classes: int, *, importance: Floats, steps: int, penalty: float
) -> Weights:
    """The same regression where rows are few: solved for a factor of each row, from which the weights follow.

    Accelerated gradient descent from zero (Beck and Teboulle 2009, https://doi.org/10.1137/080716542) on the rows'
    products with each other. It needs no rate and comes as near to the one solution as `steps` allows, whatever the
    values' scale, but holds every row whole. `importance` is how much each row counts, `penalty` the L2 penalty of
    weights and bias.
    """
    used, place = np.unique(rows.slots, return_inverse=True)
    lengths = np.diff(np.append(rows.starts, len(rows.slots)))
    whole_rows = np.zeros((len(labels), len(used) + 1), np.float32)
    whole_rows[np.repeat(np.arange(len(labels)), lengths), place] = rows.values
    whole_rows[:, -1] = 1.0  # the bias
    # in double precision, or the order of sums, which differs with the number of threads, reaches the rounded weights
    products = np.zeros((len(labels), len(labels)), np.float64)
    for start in range(0, whole_rows.shape[1], _COLUMNS):
        some = whole_rows[:, start : start + _COLUMNS].astype(np.float64)
        products += some @ some.T
    wanted = np.eye(classes)[labels]
    share = importance.astype(np.float64) / importance.sum(dtype=np.float64)
    # softmax curves by at most a half, and no eigenvalue is above the largest row sum
    step = 1 / (float(np.abs(products).sum(axis=1).max() * share.max()) / 2 + penalty)
    factors = np.zeros_like(wanted)
    ahead = factors
    pace = 1.0
    for _ in range(steps):
        scored = products @ ahead
        raised = np.exp(scored - scored.max(axis=1, keepdims=True))
        error = (raised / raised.sum(axis=1, keepdims=True) - wanted) * share[:, None]
        moved = ahead - step * (error + penalty * ahead)
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead = moved + (pace - 1) / faster * (moved - factors)
        factors, pace = moved, faster
    weights = np.concatenate(
        [
            whole_rows[:, start : start + _COLUMNS].T.astype(np.float64) @ factors
            for start in range(0, whole_rows.shape[1], _COLUMNS)
        ]
    ).astype(np.float32)
    whole = np.zeros((rows.width, classes), np.float32)
    whole[used] = weights[:-1]
    return Weights(whole, weights[-1])


def write(model: Weights, path: Path) -> None:
    """Write the model with 8 bits a weight; makes the folder."""
    scale = float(np.abs(model.weights).max()) / 127 or 1.0
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        weights=np.round(model.weights / scale).astype(np.int8),
        scale=np.float32(scale),
        bias=model.bias,
    )


def shipped(name: str) -> Weights:
    """A model of `knowledge/notes`. Raises `FileNotFoundError` when the installation lacks it."""
    with resources.files("auscult.knowledge.notes").joinpath(name).open("rb") as file, np.load(file) as stored:
        return Weights(stored["weights"].astype(np.float32) * stored["scale"], stored["bias"].astype(np.float32))
