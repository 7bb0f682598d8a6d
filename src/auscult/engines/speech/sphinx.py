"""`Recogniser` on pocketsphinx: embedded, needs no download, hears English only, and is of demo quality.

The bundled US English acoustic model of pocketsphinx with our own trigram model of consultations and a dictionary that
knows the medicine lexicon (`sphinx_training.py` makes both; knowledge/sphinx/README.md says from what).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from auscult.domain.errors import CancelledError, EngineMissingError
from auscult.domain.transcript import SpeechEngine, Word
from auscult.engines.speech import SAMPLE_RATE, Heard, Region, Samples
from auscult.engines.speech.parts import plan_parts
from auscult.engines.speech.sphinx_processes import SphinxProcesses

MODEL_DIR: Final = Path(__file__).parents[2] / "knowledge" / "sphinx"
MODEL_FILE: Final = "consultation.lm.bin"
DICTIONARY_FILE: Final = "consultation.dict"
UTTERANCE_SECONDS: Final = 20.0
"""Least errors on synthesised validation dialogues among 12, 20 and 30 (.526, .504, .519)."""
PAUSE_SECONDS: Final = 0.3
"""A silence this long between words starts a new segment, so that a change of speaker can fall there."""
DECODER: Final[dict[str, Any]] = {"beam": 1e-60, "wbeam": 1e-40, "pbeam": 1e-60, "wip": 0.3}
"""Beams wider than pocketsphinx's defaults and a lower word insertion probability: least errors on synthesised
validation dialogues and two real recordings, at 0.2 of real time on one core."""
_FRAME_SECONDS: Final = 0.01
_QUESTION_OPENERS: Final = frozenset(
    {"who", "what", "when", "where", "why", "how", "which", "whose", "do", "does", "did", "have", "has", "are", "is"}
    | {"was", "were", "can", "could", "will", "would", "should", "any", "am"}
)


class SphinxRecogniser:
    """pocketsphinx in processes of its own. Safe from several threads; each call has a process to itself."""

    def __init__(self, model_dir: Path = MODEL_DIR, *, processes: int | None = None) -> None:
        """Take the folder of the trained model, and how many may decode at once (default: one a core)."""
        self._model_dir = model_dir
        self._limit = processes or os.cpu_count() or 1

    @cached_property
    def info(self) -> SpeechEngine:
        """The engine, with a checksum of the trained model as its version."""
        model = self._model_dir / MODEL_FILE
        digest = hashlib.sha256(model.read_bytes()).hexdigest()[:12] if model.exists() else "missing"
        return SpeechEngine(name="sphinx", model="en-us + consultation", version=digest, demo_quality=True)

    def missing(self) -> str | None:
        """None when the library and the trained model are here."""
        if importlib.util.find_spec("pocketsphinx") is None:
            return "pocketsphinx is not installed: run `pip install pocketsphinx`."
        if not all((self._model_dir / name).exists() for name in (MODEL_FILE, DICTIONARY_FILE)):
            return "The sphinx language model is not here: run `auscult train sphinx --data DIR`."
        return None

    def transcribe(
        self,
        samples: Samples,
        regions: Iterable[Region],
        *,
        language: str = "auto",
        cancelled: Callable[[], bool] = lambda: False,
        progress: Callable[[float], None] = lambda _fraction: None,
    ) -> list[Heard]:
        """Recognise the regions of samples of shape (1, n). Words come with times and posterior probabilities.

        Raises `EngineMissingError` (also for any language but English), `EngineFailedError`, `CancelledError`.
        """
        if (reason := self.missing()) is not None:
            raise EngineMissingError(reason)
        if language != "auto" and language.split("-", maxsplit=1)[0].lower() != "en":
            raise EngineMissingError(
                "The embedded recogniser hears English only.",
                remedy="Run `auscult models pull small` to get Whisper, which hears this language.",
            )
        utterances = [(part[0].start, part[-1].end) for part in plan_parts(list(regions), UTTERANCE_SECONDS)]
        total = sum(end - start for start, end in utterances) or 1.0
        done = 0.0
        heard: list[Heard] = []
        if cancelled():
            raise CancelledError("The transcription was cancelled.")
        if not utterances:
            return heard
        with self._processes.borrow(cancelled) as process:
            for start, end in utterances:
                first = max(0, round(start * SAMPLE_RATE))
                sound = samples[0, first : round(end * SAMPLE_RATE)]
                words = process.decode(sound.astype("<i2").tobytes(), end - start, cancelled, fresh=not done)
                heard += [_segment(group) for group in _groups(words, first / SAMPLE_RATE)]
                done += end - start
                progress(min(1.0, done / total))
        return heard

    def close(self) -> None:
        """End the idle processes, giving their memory back; the next call starts new ones."""
        self._processes.end()

    @cached_property
    def _processes(self) -> SphinxProcesses:
        import pocketsphinx

        settings = {
            "hmm": str(Path(pocketsphinx.get_model_path("en-us")) / "en-us"),
            "lm": str(self._model_dir / MODEL_FILE),
            "dict": str(self._model_dir / DICTIONARY_FILE),
            **DECODER,
        }
        return SphinxProcesses(settings, self._limit)


def _groups(words: list[list[Any]], offset: float) -> Iterator[list[Word]]:
    """Split an utterance's words at long silences; fillers (`<sil>`, `[NOISE]`, `++UH++`) are left out."""
    group: list[Word] = []
    for text, first, last, posterior in words:
        if text[0] in "<[+":
            continue
        start, end = offset + first * _FRAME_SECONDS, offset + (last + 1) * _FRAME_SECONDS
        if group and start - group[-1].end >= PAUSE_SECONDS:
            yield group
            group = []
        confidence = min(1.0, max(0.0, posterior))
        group.append(Word(text=text.split("(")[0], start=start, end=end, confidence=confidence))
    if group:
        yield group


def _segment(words: list[Word]) -> Heard:
    """Dress the words as a sentence: the recogniser gives neither capitals nor stops, and its readers need them."""
    stop = "?" if words[0].text in _QUESTION_OPENERS else "."
    texts = ["I" + word.text[1:] if word.text == "i" or word.text.startswith("i'") else word.text for word in words]
    texts[0] = texts[0][0].upper() + texts[0][1:]
    texts[-1] += stop
    dressed = tuple(word.model_copy(update={"text": text}) for word, text in zip(words, texts, strict=True))
    return Heard(
        text=" ".join(texts),
        start=words[0].start,
        end=words[-1].end,
        confidence=sum(word.confidence for word in words) / len(words),
        language="en",
        words=dressed,
    )
