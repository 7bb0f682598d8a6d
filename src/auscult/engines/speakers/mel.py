"""Mel spectrograms as the voice encoder was trained on: librosa's `melspectrogram`, in numpy.

40 bands to 8 kHz on Slaney's scale with Slaney's area normalisation, power spectrum, Hann window of 25 ms, step 10 ms,
centred frames, zero padding. No logarithm is taken: the encoder was trained without one.
Scale and normalisation: M. Slaney, Auditory Toolbox, Technical Report 1998-010, Interval Research Corporation.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from auscult.engines.speech import SAMPLE_RATE

BANDS: Final = 40
WINDOW: Final = SAMPLE_RATE * 25 // 1000
STEP: Final = SAMPLE_RATE * 10 // 1000

_LINEAR_STEP: Final = 200.0 / 3
"""Slaney's scale is linear below 1 kHz, 66.67 Hz a mel, and logarithmic above, 27 mels to the factor 6.4."""
_LOG_START_HZ: Final = 1000.0
_LOG_START_MEL: Final = _LOG_START_HZ / _LINEAR_STEP
_LOG_STEP: Final = float(np.log(6.4) / 27.0)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = _LOG_START_HZ * np.exp(_LOG_STEP * (mel - _LOG_START_MEL))
    return np.where(mel >= _LOG_START_MEL, logarithmic, mel * _LINEAR_STEP)


@cache
def filterbank() -> NDArray[np.float32]:
    """Triangular filters, shape (bands, window // 2 + 1)."""
    top = _LOG_START_MEL + float(np.log(SAMPLE_RATE / 2 / _LOG_START_HZ)) / _LOG_STEP
    edges = _mel_to_hz(np.linspace(0.0, top, BANDS + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    ramps = edges[:, None] - bins[None, :]
    widths = np.diff(edges)
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    triangles *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return np.asarray(triangles, np.float32)


@cache
def _hann() -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def melspectrogram(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mel power spectrogram of samples in [-1, 1], shape (frames, bands), 100 frames a second."""
    padded = np.pad(wave, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP]
    spectrum = np.fft.rfft(frames * _hann(), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return power @ filterbank().T
