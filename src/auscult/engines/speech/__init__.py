"""The speech protocols: sound to samples, samples to speech regions, speech to words.

Samples are mono or two-channel signed 16-bit PCM at 16 kHz (`SAMPLE_RATE`): numpy int16 of shape (channels, n).
All three work on blocks as they arrive, so that the work can be under way while people still talk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from auscult.domain.transcript import SpeechEngine, Word

SAMPLE_RATE: Final = 16_000
Samples = NDArray[np.int16]
"""Shape (channels, n) at 16 kHz."""


class Readable(Protocol):
    """A synchronous source of an encoded recording that can at least be read from front to back."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        ...


class Bytes(Readable, Protocol):
    """A source that can also seek: a recording that is whole."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move, as `io.IOBase.seek`."""
        ...

    def tell(self) -> int:
        """The position."""
        ...


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What the container turned out to hold."""

    codec: str
    sample_rate: int
    channels: int


class Decoding(Protocol):
    """A recording being decoded: iterate for blocks of samples, then ask what was found."""

    @property
    def format(self) -> AudioFormat:
        """Known once opened."""
        ...

    @property
    def truncated(self) -> bool:
        """After the last block: the bytes ended before the sound did; what there was has been decoded."""
        ...

    def blocks(self) -> Iterator[Samples]:
        """Blocks of about a second, shape (channels ≤ 2, n), at 16 kHz. Bounded memory whatever the length."""
        ...


class Decoder(Protocol):
    """Opens anything that ffmpeg can decode."""

    def open(self, source: Readable) -> Decoding:
        """Open a recording: `Bytes`, or a `Readable` that is still being made (waits for its first bytes).

        Raises `UnreadableAudioError` when it is empty or is no audio.
        """
        ...


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of speech: seconds from the start of the recording."""

    start: float
    end: float


class Gate(Protocol):
    """Finds speech incrementally; silence, noise and music give no region."""

    def feed(self, block: Samples) -> list[Region]:
        """Take the next block (one channel) and return the regions that are complete."""
        ...

    @property
    def settled(self) -> float:
        """Seconds before which no region still to come begins: what was heard until there is judged."""
        ...

    def finish(self) -> list[Region]:
        """Return the region still open at the end, if any."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A recognised segment: seconds from the start of the samples given, words with confidence in [0, 1]."""

    text: str
    start: float
    end: float
    confidence: float
    language: str
    words: tuple[Word, ...] = ()


class Recogniser(Protocol):
    """Turns speech into words. Loaded once per process, on first use; safe to call from several threads."""

    @property
    def info(self) -> SpeechEngine:
        """Which engine and model this is."""
        ...

    def missing(self) -> str | None:
        """None when it can be used now, else one sentence with the command that provisions it."""
        ...

    def transcribe(
        self,
        samples: Samples,
        regions: Iterable[Region],
        *,
        language: str = "auto",
        cancelled: Callable[[], bool] = lambda: False,
        progress: Callable[[float], None] = lambda _fraction: None,
    ) -> list[Heard]:
        """Recognise the regions of one-channel samples, shape (1, n); times in the answer are those of the samples.

        Raises `EngineMissingError`; `CancelledError` soon after `cancelled()` turns true. Loops of repeated words
        are cut by the caller (`engines.speech.repetition`), whichever the engine.
        """
        ...
