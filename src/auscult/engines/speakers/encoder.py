"""The voice encoder's forward pass in numpy: a three-layer LSTM, a projection, a rectifier, a unit vector.

Equal to Resemblyzer's torch module within rounding. Weights: `knowledge/speakers/README.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

LAYERS: Final = 3
HIDDEN: Final = 256
DIMENSIONS: Final = 256
FRAMES: Final = 160
"""Mel frames in one window: 1.6 s, what the encoder was trained on."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Layer:
    input: Array
    """Input weights, transposed: (features, 4 x hidden); gates in torch's order: input, forget, cell, output."""
    recurrent: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class Encoder:
    """The weights, in single precision."""

    layers: tuple[_Layer, ...]
    projection: Array
    projection_bias: Array

    @classmethod
    def load(cls) -> Encoder:
        """Read the bundled weights, and let numpy multiply on one thread from now on, in the whole process.

        A forward pass is hundreds of small products, one after the other. Shared out, each waits for the slowest
        thread, and the others spin meanwhile: on two busy processors that took ten times the processor time.

        Raises `FileNotFoundError` when the installation lacks the weights.
        """
        path = resources.files("auscult.knowledge.speakers").joinpath("encoder.npz")
        with path.open("rb") as file, np.load(file) as stored:
            tensors = {name: stored[name].astype(np.float32) for name in stored.files}
        layers = tuple(
            _Layer(
                np.ascontiguousarray(tensors[f"lstm_weight_ih_l{n}"].T),
                np.ascontiguousarray(tensors[f"lstm_weight_hh_l{n}"].T),
                tensors[f"lstm_bias_ih_l{n}"] + tensors[f"lstm_bias_hh_l{n}"],
            )
            for n in range(LAYERS)
        )
        threadpool_limits(limits=1, user_api="blas")
        return cls(layers, np.ascontiguousarray(tensors["linear_weight"].T), tensors["linear_bias"])

    def embed(self, windows: Array) -> Array:
        """Return one unit vector a window: (n, frames, bands) to (n, 256). A window of silence gives all zeros."""
        sequence = windows.astype(np.float32, copy=False)
        last = np.zeros((windows.shape[0], HIDDEN), np.float32)
        for layer in self.layers:
            sequence, last = _lstm(layer, sequence)
        raw = np.maximum(last @ self.projection + self.projection_bias, 0.0)
        lengths = np.linalg.norm(raw, axis=1, keepdims=True)
        units: Array = np.divide(raw, lengths, out=np.zeros_like(raw), where=lengths > 0)
        return units


def _sigmoid(x: Array) -> Array:
    """In place. The tanh form neither overflows nor needs a branch."""
    x *= 0.5
    np.tanh(x, out=x)
    x += 1.0
    x *= 0.5
    return x


def _lstm(layer: _Layer, sequence: Array) -> tuple[Array, Array]:
    """Run one layer over (n, frames, features); return every hidden state (n, frames, hidden) and the last one."""
    count, frames, features = sequence.shape
    by_time = np.ascontiguousarray(sequence.transpose(1, 0, 2)).reshape(frames * count, features)
    inputs = (by_time @ layer.input + layer.bias).reshape(frames, count, 4 * HIDDEN)
    hidden = np.zeros((count, HIDDEN), np.float32)
    cell = np.zeros((count, HIDDEN), np.float32)
    states = np.empty((frames, count, HIDDEN), np.float32)
    for time in range(frames):
        gates = inputs[time]
        gates += hidden @ layer.recurrent
        kept = _sigmoid(gates[:, : 2 * HIDDEN])
        candidate = np.tanh(gates[:, 2 * HIDDEN : 3 * HIDDEN])
        cell = kept[:, HIDDEN:] * cell + kept[:, :HIDDEN] * candidate
        hidden = _sigmoid(gates[:, 3 * HIDDEN :]) * np.tanh(cell)
        states[time] = hidden
    return states.transpose(1, 0, 2), hidden
