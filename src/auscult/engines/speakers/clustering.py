"""Two voices or one: spherical 2-means over voice descriptions, the same answer every time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHORT: Final = 0.6
"""Seconds. A shorter segment says too little of a voice to shape a cluster; in doubt it takes its neighbours' label."""
ONE_VOICE: Final = 0.88
"""Cosine between the two centres at and above which there is only one voice. On synthetic voices one voice cut in two
gave 0.96-0.98, two distinct ones 0.55-0.87; people vary more than synthesisers, so the line is nearer to the second.
Two accents of one synthesised voice reach 0.98 and count as one; two people who sound that alike would as well.
Measured again by `tests/unit/engines/speakers`."""
UNSURE: Final = 0.05
"""A short segment whose two cosines differ by less than this takes the label of its nearest long neighbour."""
ROUNDS: Final = 50

Array = NDArray[np.float32]


def split(voices: Sequence[Array], seconds: Sequence[float]) -> list[int]:
    """Label each segment 0 or 1 by voice, numbered by first appearance; all 0 when only one voice is there.

    `voices` are unit vectors (all zero: unknown), `seconds` the segments' lengths, which weigh them. The first cut is
    along the direction of greatest spread, so nothing is random.
    """
    if not voices:
        return []
    matrix = np.stack([np.asarray(voice, np.float32) for voice in voices])
    lengths = np.asarray(seconds, np.float32)
    known = np.linalg.norm(matrix, axis=1) > 0.5
    shaping = known & (lengths >= SHORT)
    if shaping.sum() < 2:
        shaping = known
    centres = _two_centres(matrix[shaping], np.maximum(lengths[shaping], 1e-3)) if shaping.sum() >= 2 else None
    if centres is None or float(centres[0] @ centres[1]) >= ONE_VOICE:
        return [0] * len(voices)
    cosines = matrix @ centres.T
    labels = np.argmax(cosines, axis=1)
    sure = known & ((lengths >= SHORT) | (np.abs(cosines[:, 0] - cosines[:, 1]) >= UNSURE))
    return _by_first_appearance(_fill(labels, sure))


def _two_centres(matrix: Array, weights: Array) -> Array | None:
    """Weighted spherical 2-means; None when all the vectors fall on one side."""
    centred = matrix - np.average(matrix, axis=0, weights=weights)
    _, _, directions = np.linalg.svd(centred * np.sqrt(weights)[:, None], full_matrices=False)
    labels = (centred @ directions[0] > 0).astype(int)
    centres: Array | None = None
    for _round in range(ROUNDS):
        if labels.min() == labels.max():
            return None
        sums = np.stack([weights[labels == k] @ matrix[labels == k] for k in (0, 1)])
        centres = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
        moved = np.argmax(matrix @ centres.T, axis=1)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return centres


def _fill(labels: NDArray[np.intp], sure: NDArray[np.bool_]) -> list[int]:
    """Give every unsure segment the label of the nearest sure one, the earlier of two equally near."""
    places = np.flatnonzero(sure)
    if places.size == 0:
        return [0] * labels.size
    return [
        int(labels[place if sure[place] else places[np.argmin(np.abs(places - place))]]) for place in range(labels.size)
    ]


def _by_first_appearance(labels: list[int]) -> list[int]:
    return labels if not labels or labels[0] == 0 else [1 - label for label in labels]
