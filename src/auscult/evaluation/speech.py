"""How well a recogniser hears: word error rate over recordings whose words are known.

A folder holds pairs: a recording, and a text file of the same name (`visit.wav`, `visit.txt`) with what is said in it.
Weakness: a word error rate counts every word alike; a misheard dose weighs no more than a misheard "um".
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from auscult.domain.errors import InvalidError
from auscult.engines.speech import SAMPLE_RATE, Decoder, Gate, Recogniser
from auscult.evaluation.word_error import WordErrors, compare


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording and the words that are said in it."""

    name: str
    sound: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """What came of one recording: its errors, its length in seconds and how long the recogniser took."""

    name: str
    errors: WordErrors
    seconds: float
    took: float


def pairs(folder: Path) -> Iterator[Spoken]:
    """Read the recordings of a folder that have a text file beside them.

    Raises `InvalidError` when there is none, or one of the two files cannot be read.
    """
    texts = sorted(folder.glob("*.txt"))
    found = False
    for text in texts:
        for sound in sorted(one for one in folder.glob(f"{text.stem}.*") if one != text):
            found = True
            yield _read(sound, text)
    if not found:
        raise InvalidError(
            "There is no recording with its words in this folder.",
            remedy="Put a text file beside each recording: visit.wav and visit.txt.",
        )


def _read(sound: Path, text: Path) -> Spoken:
    try:
        return Spoken(sound.name, sound.read_bytes(), text.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise InvalidError(
            f"{sound.name} or {text.name} cannot be read.",
            remedy="Give a recording, and its words as UTF-8 text, that you may read.",
        ) from None


def hear(spoken: Spoken, decoder: Decoder, gate: Gate, recogniser: Recogniser, language: str) -> Hearing:
    """Recognise one recording as the product does (decode, mix to one channel, gate) and count its errors.

    Raises `UnreadableAudioError`, `EngineMissingError`.
    """
    blocks = [block.astype(np.int32).mean(axis=0) for block in decoder.open(io.BytesIO(spoken.sound)).blocks()]
    samples = np.concatenate([np.zeros(0), *blocks]).astype(np.int16).reshape(1, -1)
    regions = [*gate.feed(samples), *gate.finish()]
    started = time.perf_counter()
    heard = recogniser.transcribe(samples, regions, language=language)
    took = time.perf_counter() - started
    errors = compare(spoken.text, " ".join(one.text for one in heard))
    return Hearing(spoken.name, errors, samples.shape[1] / SAMPLE_RATE, took)


def evaluate(
    recordings: Sequence[Spoken],
    decoder: Decoder,
    gate: Callable[[], Gate],
    recogniser: Recogniser,
    *,
    language: str = "auto",
) -> list[Hearing]:
    """Recognise every recording, each with a gate of its own."""
    return [hear(one, decoder, gate(), recogniser, language) for one in recordings]


def pooled(hearings: Sequence[Hearing]) -> float:
    """Errors in all recordings per word said in all of them."""
    said = sum(one.errors.reference_words for one in hearings)
    return sum(one.errors.errors for one in hearings) / said if said else 0.0
