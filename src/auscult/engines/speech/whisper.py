"""`Recogniser` on faster-whisper: the production default, once a model has been pulled.

Loaded once per process, on first use, from the models folder only; nothing is ever downloaded here.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import threading
from collections.abc import Callable, Iterable
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from auscult.domain.errors import CancelledError, EngineFailedError, EngineMissingError
from auscult.domain.transcript import SpeechEngine, Word
from auscult.engines.speech import SAMPLE_RATE, Heard, Region, Samples
from auscult.engines.speech.parts import plan_parts
from auscult.engines.speech.whisper_models import MANIFEST, size_named, verify

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

CLIP_SECONDS: Final = 28.0
"""Whisper's window is 30 s; a little less leaves room for the last word."""
BATCH_SIZE: Final = 4
"""Clips decoded together: more is faster on a GPU, but takes memory and makes cancelling slower."""
BEAM_SIZE: Final = 5
_DETECTION_CLIPS: Final = 2
"""How many clips decide the language when it is to be found out."""
_DEVANAGARI: Final = range(0x0900, 0x0980)


class WhisperRecogniser:
    """faster-whisper with one model size. Safe from several threads: CTranslate2 queues the work."""

    def __init__(
        self,
        size: str,
        models_dir: Path,
        *,
        device: str = "auto",
        compute_type: str = "auto",
        threads: int = 0,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        """Take a size of `whisper_models.SIZES` and the folder `pull` filled.

        `device` is auto, cpu or cuda; `compute_type` auto (int8 on a CPU, float16 on CUDA) or CTranslate2's name for
        one; `threads` 0 means all cores. Raises `InvalidError` for a size that does not exist.
        """
        self._size = size_named(size)
        self._folder = models_dir / size
        self._device = device
        self._compute_type = compute_type
        self._threads = threads
        self._batch_size = batch_size
        self._loading = threading.Lock()
        self._model: WhisperModel | None = None

    @property
    def info(self) -> SpeechEngine:
        """The engine, with the library's version and the revision of the weights."""
        try:
            revision = json.loads((self._folder / MANIFEST).read_text("utf-8"))["revision"][:12]
        except (OSError, ValueError, KeyError):
            revision = "missing"
        library = importlib.metadata.version("faster-whisper")
        return SpeechEngine(name="whisper", model=self._size.name, version=f"{library}+{revision}")

    def missing(self) -> str | None:
        """None when the library and the weights are here."""
        if importlib.util.find_spec("faster_whisper") is None:
            return "faster-whisper is not installed: run `pip install faster-whisper`."
        if not (self._folder / MANIFEST).is_file():
            return f"Whisper {self._size.name} is not on this machine: run `auscult models pull {self._size.name}`."
        return None

    def load(self) -> WhisperModel:
        """Load the model now rather than on first use. Raises `EngineMissingError`, `EngineFailedError`."""
        with self._loading:
            if self._model is None:
                if (reason := self.missing()) is not None:
                    raise EngineMissingError(reason, remedy=f"Run `auscult models pull {self._size.name}`.")
                verify(self._folder)
                self._model = self._open()
            return self._model

    def transcribe(
        self,
        samples: Samples,
        regions: Iterable[Region],
        *,
        language: str = "auto",
        cancelled: Callable[[], bool] = lambda: False,
        progress: Callable[[float], None] = lambda _fraction: None,
    ) -> list[Heard]:
        """Recognise the regions of samples of shape (1, n). `language` is auto or a BCP 47 tag.

        Raises `EngineMissingError` (also when the model does not know the language), `EngineFailedError`,
        `CancelledError` after the batch in hand.
        """
        _stop_if(cancelled)
        model = self.load()
        clips = [
            {"start": max(0.0, part[0].start), "end": min(part[-1].end, samples.shape[1] / SAMPLE_RATE)}
            for part in plan_parts(list(regions), CLIP_SECONDS)
        ]
        clips = [clip for clip in clips if clip["end"] > clip["start"]]
        if not clips:
            return []
        sound = samples[0].astype(np.float32) / 32768.0
        spoken = self._language(model, sound, clips, language)
        heard: list[Heard] = []
        for first in range(0, len(clips), self._batch_size):
            _stop_if(cancelled)
            heard += self._batch(model, sound, clips[first : first + self._batch_size], spoken)
            progress(min(1.0, (first + self._batch_size) / len(clips)))
        return heard

    def _open(self) -> WhisperModel:
        import ctranslate2
        from faster_whisper import WhisperModel

        device = self._device
        if device == "auto":
            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        compute = self._compute_type
        if compute == "auto":
            compute = "float16" if device == "cuda" else "int8"
        try:
            return WhisperModel(
                str(self._folder),
                device=device,
                compute_type=compute,
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineFailedError(
                f"Whisper {self._size.name} could not be loaded on {device} as {compute}.",
                remedy="Set AUSCULT_WHISPER_DEVICE=cpu, or pull a smaller size.",
            ) from error

    def _language(
        self, model: WhisperModel, sound: np.ndarray[Any, np.dtype[np.float32]], clips: list[dict[str, float]], tag: str
    ) -> str:
        """The language code to decode in."""
        code = tag.split("-", maxsplit=1)[0].lower()
        if code != "auto":
            if code not in model.supported_languages:
                raise EngineMissingError(
                    f"Whisper {self._size.name} does not know the language {code}.",
                    remedy="Choose another language, or automatic detection.",
                )
            return code
        if not model.model.is_multilingual:
            return "en"
        speech = [
            sound[int(clip["start"] * SAMPLE_RATE) : int(clip["end"] * SAMPLE_RATE)]
            for clip in clips[:_DETECTION_CLIPS]
        ]
        found, _, _ = model.detect_language(np.concatenate(speech), language_detection_segments=_DETECTION_CLIPS)
        return str(found)

    def _batch(
        self,
        model: WhisperModel,
        sound: np.ndarray[Any, np.dtype[np.float32]],
        clips: list[dict[str, float]],
        language: str,
    ) -> list[Heard]:
        from faster_whisper import BatchedInferencePipeline

        # The pipeline keeps the time of the last word between calls, so it belongs to one batch; it is only a wrapper.
        pipeline = BatchedInferencePipeline(model)
        try:
            segments, _ = pipeline.transcribe(
                sound,
                language=language,
                clip_timestamps=clips,
                batch_size=self._batch_size,
                beam_size=BEAM_SIZE,
                word_timestamps=True,
                without_timestamps=True,
            )
            return [
                one
                for segment in segments
                if (one := _heard(segment, _clip_of(segment.seek / 100, clips), language)) is not None
            ]
        except RuntimeError as error:
            raise EngineFailedError("Whisper failed on this stretch of sound.") from error


def _clip_of(seconds: float, clips: list[dict[str, float]]) -> Region:
    """The clip that starts at this time (of 10 ms frames)."""
    nearest = min(clips, key=lambda clip: abs(clip["start"] - seconds))
    return Region(nearest["start"], nearest["end"])


def _heard(segment: Any, clip: Region, language: str) -> Heard | None:  # noqa: ANN401 (faster-whisper ships no types)
    text = segment.text.strip()
    if not text:
        return None

    def within(time: float) -> float:
        # Whisper may place a word anywhere in its 30 s window, also in the padding after a clip.
        return min(max(clip.start, float(time)), clip.end)

    words = tuple(
        Word(
            text=word.word.strip(),
            start=within(word.start),
            end=max(within(word.start), within(word.end)),
            confidence=min(1.0, max(0.0, float(word.probability))),
        )
        for word in segment.words or ()
        if word.word.strip()
    )
    if words:
        confidence = sum(word.confidence for word in words) / len(words)
        start, end = words[0].start, max(word.end for word in words)
    else:
        confidence = min(1.0, exp(segment.avg_logprob))
        start, end = within(segment.start), within(segment.end)
    return Heard(text, start, max(start, end), confidence, _language_of(text, language), words)


def _language_of(text: str, default: str) -> str:
    """`hi` for text in Devanagari whatever was detected for the whole: people change language in mid-visit."""
    letters = [ord(sign) for sign in text if sign.isalpha() or ord(sign) in _DEVANAGARI]
    devanagari = sum(letter in _DEVANAGARI for letter in letters)
    return "hi" if letters and default != "hi" and devanagari > len(letters) / 2 else default


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise CancelledError("The transcription was cancelled.")
