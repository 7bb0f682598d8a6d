"""Do two channels carry a voice each, or the same sound twice?

Counted over 20 ms frames in a joint histogram of the two levels, so that memory is the same for a minute and for three
hours, and the noise floor of each channel is known exactly when the question is asked.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from auscult.engines.speech import SAMPLE_RATE, Samples

_FRAME: Final = SAMPLE_RATE // 50
_QUIETEST: Final = -90
"""Decibels below full scale at which the histogram starts; 1 dB a bin."""
_BINS: Final = -_QUIETEST + 1
_AUDIBLE: Final = -60
"""Decibels below full scale: quieter is not a voice that anyone recorded on purpose."""
_OVER_FLOOR: Final = 10
"""Decibels over a channel's own noise floor (its 10th percentile) from which a frame counts as voice."""
_FLOOR_SHARE: Final = 0.1
_DOMINANCE: Final = 8
"""Decibels between the channels. A person is that much louder in their own headset or line; in a stereo room
recording the two microphones differ by less."""
_LEAST_SECONDS: Final = 0.5
_LEAST_SHARE: Final = 0.03
"""Each side must be dominant for this long, and for this share of all voiced frames."""
_SAME: Final = 0.9
"""Correlation from which two channels are one signal."""


class ChannelComparison:
    """Compares the two channels of a recording block by block."""

    def __init__(self) -> None:
        self._levels = np.zeros((_BINS, _BINS), np.int64)
        self._rest = np.zeros((2, 0), np.int16)
        self._products = np.zeros(3)

    def feed(self, block: Samples) -> None:
        """Take the next block, shape (2, n)."""
        samples = np.concatenate([self._rest, block], axis=1)
        whole = samples.shape[1] - samples.shape[1] % _FRAME
        self._rest = samples[:, whole:]
        if not whole:
            return
        wide = samples[:, :whole].astype(np.float64)
        left, right = wide
        self._products += (left @ right, left @ left, right @ right)
        power = (wide.reshape(2, -1, _FRAME) ** 2).mean(axis=2)
        level = 10 * np.log10(power / 32768.0**2 + 1e-12)
        bins = np.clip(np.rint(level - _QUIETEST), 0, _BINS - 1).astype(np.int64)
        np.add.at(self._levels, (bins[0], bins[1]), 1)

    def correlation(self) -> float:
        """How alike the two signals are, in [-1, 1]; 0 when one of them is silent."""
        both, left, right = self._products
        return float(both / np.sqrt(left * right)) if left and right else 0.0

    def two_voices(self) -> bool:
        """True when each channel has a voice of its own; false for the same sound twice and for one silent channel."""
        if abs(self.correlation()) >= _SAME:
            return False
        decibels = np.arange(_BINS) + _QUIETEST
        left_floor, right_floor = (_floor(self._levels.sum(axis=axis)) for axis in (1, 0))
        left_voiced = decibels > max(_AUDIBLE, left_floor + _OVER_FLOOR)
        right_voiced = decibels > max(_AUDIBLE, right_floor + _OVER_FLOOR)
        difference = decibels[:, None] - decibels[None, :]
        voiced = int(self._levels[left_voiced[:, None] | right_voiced[None, :]].sum())
        left = int(self._levels[left_voiced[:, None] & (difference >= _DOMINANCE)].sum())
        right = int(self._levels[right_voiced[None, :] & (difference <= -_DOMINANCE)].sum())
        least = max(_LEAST_SECONDS * SAMPLE_RATE / _FRAME, _LEAST_SHARE * voiced)
        return min(left, right) >= least


def _floor(histogram: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> int:
    seen = np.cumsum(histogram)
    return int(np.searchsorted(seen, _FLOOR_SHARE * seen[-1])) + _QUIETEST if seen[-1] else _QUIETEST
