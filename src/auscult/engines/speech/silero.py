"""`Gate` on silero-vad: the ONNX model that faster-whisper carries, run as the sound arrives.

https://github.com/snakers4/silero-vad (MIT). It judges windows of 32 ms with 4 ms of context before each.
"""

from __future__ import annotations

import importlib.util
import threading
from collections import deque
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from auscult.domain.errors import EngineMissingError
from auscult.engines.speech import SAMPLE_RATE, Region, Samples

if TYPE_CHECKING:
    import onnxruntime

WINDOW: Final = 512
CONTEXT: Final = 64
_STATE: Final = (1, 1, 128)
ENTER: Final = 0.5
"""Speech probability from which a region starts (silero's own default)."""
LEAVE: Final = 0.35
"""Below this a region may end; between the two it goes on (silero's own default: 0.15 under `ENTER`)."""
HANGOVER_SECONDS: Final = 0.6
"""Silence that ends a region: longer than a stop consonant or a breath, shorter than a change of speaker."""
PADDING_SECONDS: Final = 0.2
"""Added on both sides, so that soft first and last sounds are in; under half the hangover, so regions stay apart."""
MIN_SPEECH_SECONDS: Final = 0.16
"""Voiced time of the shortest region that is kept: a short `no`."""
MIN_PEAK: Final = 0.5
"""The best quarter second of a region must be this probable on average. A faint, old recording reaches .6; noise, hum
and the music of tests/support/audio.py stay under .4, now and then touching `ENTER` for a window or two."""
PEAK_WINDOWS: Final = 8
MAX_REGION_SECONDS: Final = 30.0
"""A longer monologue is cut at its least speech-like moment, so that regions come out while it goes on."""


@cache
def _session() -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    package = importlib.util.find_spec("faster_whisper")
    if package is None or package.origin is None:
        raise EngineMissingError("faster-whisper is not installed: run `pip install faster-whisper`.")
    model = max((Path(package.origin).parent / "assets").glob("silero_vad*.onnx"))
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


_loading = threading.Lock()


class _Listener:
    """Speech probabilities of consecutive windows; carries the model's state from block to block."""

    def __init__(self) -> None:
        with _loading:
            self._session = _session()
        self._h = np.zeros(_STATE, np.float32)
        self._c = np.zeros(_STATE, np.float32)
        self._context = np.zeros(CONTEXT, np.float32)
        self._rest = np.zeros(0, np.float32)

    def probabilities(self, samples: NDArray[np.int16], *, last: bool = False) -> list[float]:
        sound = np.concatenate([self._rest, samples.astype(np.float32) / 32768])
        if last and len(sound) % WINDOW:
            sound = np.pad(sound, (0, WINDOW - len(sound) % WINDOW))
        whole = len(sound) - len(sound) % WINDOW
        self._rest = sound[whole:]
        if not whole:
            return []
        windows = sound[:whole].reshape(-1, WINDOW)
        before = np.vstack([self._context, windows[:-1, -CONTEXT:]])
        self._context = windows[-1, -CONTEXT:].copy()
        inputs = {"input": np.hstack([before, windows]), "h": self._h, "c": self._c}
        speech, self._h, self._c = self._session.run(None, inputs)
        return [float(one) for one in np.ravel(speech)]


class SileroGate:
    """Finds speech incrementally on one channel at 16 kHz. One gate per recording and channel."""

    def __init__(self) -> None:
        self._listener = _Listener()
        self._window = 0
        self._received = 0
        self._start: int | None = None
        self._last_voiced = 0
        self._heard: list[float] = []
        self._joined = False
        self._found: deque[Region] = deque()

    def feed(self, block: Samples) -> list[Region]:
        """Take the next block, shape (1, n), and return the regions that are complete, in seconds from the start."""
        self._received += block.shape[1]
        for probability in self._listener.probabilities(block[0]):
            self._judge(probability)
        return self._taken()

    @property
    def settled(self) -> float:
        """Seconds before which no region still to come begins."""
        return self._first_sample(self._window if self._start is None else self._start) / SAMPLE_RATE

    def finish(self) -> list[Region]:
        """Return the region still open at the end, if any. The gate takes no more blocks."""
        for probability in self._listener.probabilities(np.zeros(0, np.int16), last=True):
            self._judge(probability)
        if self._start is not None:
            self._close()
        return self._taken()

    def _taken(self) -> list[Region]:
        taken = list(self._found)
        self._found.clear()
        return taken

    def _judge(self, probability: float) -> None:
        window, self._window = self._window, self._window + 1
        if self._start is None:
            if probability < ENTER:
                return
            self._start, self._heard = window, []
        self._heard.append(probability)
        if probability >= LEAVE:
            self._last_voiced = window
        elif (window - self._last_voiced) * WINDOW >= HANGOVER_SECONDS * SAMPLE_RATE:
            self._close()
            return
        if len(self._heard) * WINDOW >= MAX_REGION_SECONDS * SAMPLE_RATE:
            self._cut()

    def _close(self) -> None:
        start, self._start = self._start, None
        if start is not None:
            self._emit(start, self._last_voiced + 1, last=True)
        self._joined = False

    def _cut(self) -> None:
        """End the region at the quietest window of its second half, and go on with the rest."""
        start = self._start
        if start is None:
            return
        half = len(self._heard) // 2
        at = half + int(np.argmin(self._heard[half:]))
        rest = self._heard[at:]
        self._heard = self._heard[:at]
        self._emit(start, start + at, last=False)
        self._start, self._heard, self._joined = start + at, rest, True

    def _emit(self, start: int, end: int, *, last: bool) -> None:
        heard = np.array(self._heard[: end - start])
        voiced = float((heard >= ENTER).sum()) * WINDOW / SAMPLE_RATE
        width = min(PEAK_WINDOWS, len(heard))
        peak = float(np.convolve(heard, np.ones(width) / width, "valid").max()) if width else 0.0
        if voiced < MIN_SPEECH_SECONDS or peak < MIN_PEAK:
            return
        final = end * WINDOW + (PADDING_SECONDS * SAMPLE_RATE if last else 0)
        self._found.append(Region(self._first_sample(start) / SAMPLE_RATE, min(final, self._received) / SAMPLE_RATE))

    def _first_sample(self, start: int) -> float:
        """Where a region that starts at this window begins: with its padding, unless the one before runs into it."""
        return max(0.0, start * WINDOW - (0.0 if self._joined else PADDING_SECONDS * SAMPLE_RATE))
