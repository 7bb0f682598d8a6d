"""Tells two voices apart with Resemblyzer's voice encoder, run in numpy: no torch, nothing to download."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from auscult.domain.errors import EngineMissingError
from auscult.engines.speakers import Voice
from auscult.engines.speakers.clustering import split
from auscult.engines.speakers.encoder import DIMENSIONS, FRAMES, Encoder
from auscult.engines.speakers.mel import melspectrogram
from auscult.engines.speech import SAMPLE_RATE, Region, Samples

SHORTEST: Final = 0.3
"""Seconds. Below it there is no voice to describe, only a sound."""
HOP: Final = 0.8
"""Seconds between windows of 1.6 s: every moment is seen twice."""
MOST_WINDOWS: Final = 8
"""Windows taken of one segment, evenly spread: more describe the same voice no better."""
BATCH: Final = 48
"""Windows in one pass: about 60 MB of work space, whatever the length of the recording."""
LOUDNESS: Final = 10 ** (-30 / 20)
"""Root mean square that quieter segments are raised to: -30 dB of full scale, as in the encoder's training."""


class ResemblyzerDiariser:
    """Describes voices as unit vectors of 256 numbers and splits them in two. The weights are read on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None

    def missing(self) -> str | None:
        """None: the weights come with the package. A sentence when this installation lost them."""
        if resources.files("auscult.knowledge.speakers").joinpath("encoder.npz").is_file():
            return None
        return "The voice encoder's weights are missing; reinstall them: `uv sync --reinstall-package auscult`."

    def embed(self, samples: Samples, segments: Sequence[Region]) -> list[Voice]:
        """Describe the voice in each segment of samples, shape (1, n); times are seconds from their start.

        Raises `EngineMissingError` when the weights are gone.
        """
        voices: list[Voice] = [np.zeros(DIMENSIONS, np.float32) for _segment in segments]
        batch: list[NDArray[np.float32]] = []
        owners: list[int] = []
        for number, segment in enumerate(segments):
            for window in _windows(_cut(samples, segment)):
                batch.append(window)
                owners.append(number)
                if len(batch) == BATCH:
                    self._add(voices, batch, owners)
                    batch, owners = [], []
        if batch:
            self._add(voices, batch, owners)
        return [_unit(voice) for voice in voices]

    def cluster(self, voices: Sequence[Voice], seconds: Sequence[float]) -> list[int]:
        """Give each segment a voice, 0 or 1, numbered by first appearance; all 0 when only one voice is there."""
        return split(voices, seconds)

    def _add(self, voices: list[Voice], batch: list[NDArray[np.float32]], owners: list[int]) -> None:
        """Embed a batch of windows and add each to its segment's sum."""
        for owner, vector in zip(owners, self._loaded().embed(np.stack(batch)), strict=True):
            voices[owner] += vector

    def _loaded(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                try:
                    self._encoder = Encoder.load()
                except FileNotFoundError:
                    raise EngineMissingError("the voice encoder's weights are missing", remedy=self.missing()) from None
            return self._encoder


def _cut(samples: Samples, segment: Region) -> NDArray[np.float32]:
    """The segment's samples in [-1, 1], raised to the training loudness when quieter."""
    first, last = (round(seconds * SAMPLE_RATE) for seconds in (max(segment.start, 0.0), segment.end))
    wave = samples[0, first:last].astype(np.float32) / 32768.0
    loudness = float(np.sqrt(np.mean(wave**2))) if wave.size else 0.0
    if 0.0 < loudness < LOUDNESS:
        wave *= LOUDNESS / loudness
    return wave


def _windows(wave: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Windows of 160 mel frames; a segment shorter than one is repeated until it fills it; too short gives none."""
    if wave.size < SHORTEST * SAMPLE_RATE or not wave.any():
        return []
    frames = melspectrogram(wave)
    if len(frames) <= FRAMES:
        return [np.resize(frames, (FRAMES, frames.shape[1]))]
    spare = len(frames) - FRAMES
    count = min(MOST_WINDOWS, 1 + round(spare / (HOP * 100)))
    starts = np.linspace(0, spare, max(count, 1)).astype(int) if count > 1 else [spare // 2]
    return [frames[start : start + FRAMES] for start in starts]


def _unit(vector: Voice) -> Voice:
    length = float(np.linalg.norm(vector))
    return vector if length == 0 else (vector / length).astype(np.float32)
