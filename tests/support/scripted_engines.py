"""Engines whose words are decided beforehand, and a tally of what every engine was asked to do.

A recogniser takes minutes of processor time and hears what it likes; where a test is about the journey and not about
hearing, this one says a script instead. It can spend a fixed amount of work for each second of sound, so that what is
around the engine can be measured against it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from auscult.clinic.makers import Engines, embedded_engines
from auscult.domain.errors import CancelledError
from auscult.domain.evidence import Flag, Statement, TurnSource
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.transcript import SpeechEngine, Word
from auscult.engines.speakers import Diariser, Voice
from auscult.engines.speech import Decoder, Decoding, Heard, Readable, Region, Samples
from auscult.engines.speech.choice import Choice
from auscult.engines.writer import Request, Writer
from auscult.settings import Settings

SCRIPT: Final = (
    "what brings you in today",
    "i have had a bad cough for five days",
    "do you have any fever",
    "no fever but i feel very tired",
    "are you taking any medicine",
    "yes i take metformin five hundred milligrams twice a day",
    "i think this is bronchitis",
    "please come back in one week",
)
"""What is said, region by region, over and over."""

_BLOCK: Final = bytes(1 << 20)


@dataclass(frozen=True)
class Tally:
    """What engines were asked to do, a line each in a file that outlives the process."""

    path: Path

    def note(self, what: str) -> None:
        """Add a line; whole lines from several processes do not mix."""
        with self.path.open("a") as file:
            file.write(f"{os.getpid()} {time.time():.3f} {what}\n")

    def counts(self) -> Counter[str]:
        """How often each thing was asked for, by whichever process."""
        return Counter(what for _process, _at, what in self._lines())

    def processes(self, what: str) -> list[int]:
        """Which processes were asked for something, in order."""
        return [process for process, _at, asked in self._lines() if asked == what]

    def times(self, what: str, process: int) -> list[float]:
        """When a process was asked for something: seconds since the epoch."""
        return [at for by, at, asked in self._lines() if asked == what and by == process]

    def _lines(self) -> list[tuple[int, float, str]]:
        if not self.path.exists():
            return []
        split = (line.split(" ", 2) for line in self.path.read_text().splitlines())
        return [(int(process), float(at), what) for process, at, what in split]


@dataclass(frozen=True)
class Script:
    """How the engines behave."""

    lines: tuple[str, ...] = SCRIPT
    work: int = 0
    """MiB hashed for each second of speech: the recogniser's load, the same in every run and outside the GIL."""
    seconds: float = 0.0
    """How long each part takes at least, so that a test can interrupt it."""
    writer: str = "offline"
    """`offline`; `quotes`: every turn is a statement; `raises`: fails with all that was said in its message;
    `offers`: quotes, with the first turn as a problem that heads the rest, and offers every turn with a medicine."""


class ScriptedRecogniser:
    """Says the script: the line of a region is chosen by where in the recording it starts."""

    def __init__(self, script: Script, asked: Callable[[str], None]) -> None:
        """`asked` is told of each call."""
        self._script = script
        self._asked = asked

    @property
    def info(self) -> SpeechEngine:
        """`scripted`, which nobody must trust for care."""
        return SpeechEngine(name="scripted", model="none", version="1", demo_quality=True)

    def missing(self) -> str | None:
        """Nothing is ever missing."""
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
        """One segment a region, with the work of listening to it."""
        listed = list(regions)
        self._asked("transcribe")
        until = time.monotonic() + self._script.seconds
        heard = []
        for number, region in enumerate(listed):
            self._work(region.end - region.start, cancelled)
            heard.append(self._said(number, region, language))
            progress((number + 1) / len(listed))
        while time.monotonic() < until:
            if cancelled():
                raise CancelledError("Stopped.")
            time.sleep(0.02)
        self._asked("transcribed")
        return heard

    def _work(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        digest = hashlib.blake2b()
        for _ in range(round(seconds * self._script.work)):
            digest.update(_BLOCK)
            if cancelled():
                raise CancelledError("Stopped.")

    def _said(self, number: int, region: Region, language: str) -> Heard:
        line = self._script.lines[number % len(self._script.lines)]
        spoken = line.split()
        each = (region.end - region.start) / len(spoken)
        words = tuple(
            Word(text=word, start=region.start + place * each, end=region.start + (place + 1) * each, confidence=0.9)
            for place, word in enumerate(spoken)
        )
        return Heard(
            text=line,
            start=region.start,
            end=region.end,
            confidence=0.9,
            language="en" if language == "auto" else language,
            words=words,
        )


class _QuotingWriter:
    @property
    def info(self) -> WriterInfo:
        return WriterInfo(name="quoting", version="1")

    async def write(self, request: Request) -> NoteBody:
        heard = request.transcript
        statements = tuple(
            Statement(
                id=f"s{number}",
                text=turn.text,
                section="said",
                sources=(TurnSource(turn_ids=(turn.id,), transcript_version=heard.version),),
            )
            for number, turn in enumerate(heard.turns, start=1)
        )
        return NoteBody(
            sections=(Section(title="said", statements=statements),),
            diagnosis=heard.text,
            follow_up=heard.text,
            notes=heard.text,
            writer=self.info,
        )


class _OfferingWriter(_QuotingWriter):
    """Puts what was said wherever a note can hold it: problems that head groups, offers, medicines of both."""

    async def write(self, request: Request) -> NoteBody:
        body = await super().write(request)
        problem = body.statements[0].text
        (section,) = body.sections
        grouped = tuple(
            one.model_copy(update={"problem": problem, "term": problem if one is body.statements[0] else ""})
            for one in section.statements
        )
        offered = tuple(
            one.model_copy(update={"id": f"o{number}", "text": f"Heard: {one.text}"})
            for number, one in enumerate(section.statements, start=1)
        )
        return body.model_copy(
            update={
                "sections": (section.model_copy(update={"statements": grouped}),),
                "medications": tuple(_told(one) for one in grouped),
                "omitted": offered,
                "omitted_medications": tuple(_told(one) for one in offered),
            }
        )


def _told(statement: Statement) -> Medication:
    return Medication(
        name=statement.text,
        status=MedicationStatus.STARTED,
        as_written=statement.text,
        flags=(Flag(code="look_alike", reason=f"Looks like {statement.text}"),),
        sources=statement.sources,
        statement_ids=(statement.id,),
    )


class _RaisingWriter:
    @property
    def info(self) -> WriterInfo:
        return WriterInfo(name="raising", version="1")

    async def write(self, request: Request) -> NoteBody:
        raise RuntimeError(f"cannot write: {request.transcript.text} {request.history}")


class _TalliedWriter:
    def __init__(self, writer: Writer, asked: Callable[[str], None]) -> None:
        self._writer = writer
        self._asked = asked

    @property
    def info(self) -> WriterInfo:
        return self._writer.info

    async def write(self, request: Request) -> NoteBody:
        self._asked("write")
        body = await self._writer.write(request)
        self._asked("written")
        return body


class _TalliedDecoder:
    def __init__(self, decoder: Decoder, asked: Callable[[str], None]) -> None:
        self._decoder = decoder
        self._asked = asked

    def open(self, source: Readable) -> Decoding:
        self._asked("decode")
        return _TalliedDecoding(self._decoder.open(source), self._asked)


class _TalliedDecoding:
    def __init__(self, decoding: Decoding, asked: Callable[[str], None]) -> None:
        self._decoding = decoding
        self._asked = asked
        self.format = decoding.format

    @property
    def truncated(self) -> bool:
        return self._decoding.truncated

    def blocks(self) -> Iterator[Samples]:
        for number, block in enumerate(self._decoding.blocks()):
            if number == 3:
                self._asked("decode three seconds")
            yield block
        self._asked("decoded")


class _TalliedDiariser:
    def __init__(self, diariser: Diariser, asked: Callable[[str], None]) -> None:
        self._diariser = diariser
        self._asked = asked

    def missing(self) -> str | None:
        return self._diariser.missing()

    def embed(self, samples: Samples, segments: Sequence[Region]) -> list[Voice]:
        self._asked("embed")
        return self._diariser.embed(samples, segments)

    def cluster(self, voices: Sequence[Voice], seconds: Sequence[float]) -> list[int]:
        self._asked("cluster")
        return self._diariser.cluster(voices, seconds)


def scripted_engines(
    settings: Settings, script: Script | None, asked: Callable[[str], None] = lambda _what: None
) -> Engines:
    """The engines of this machine with a tally around each; with a script, the recogniser says that instead."""
    real = embedded_engines(settings)
    writers: dict[str, Writer] = {
        "offline": real.writer,
        "quotes": _QuotingWriter(),
        "offers": _OfferingWriter(),
        "raises": _RaisingWriter(),
    }
    writer = writers[script.writer if script is not None else "offline"]
    told = replace(
        real,
        decoder=_TalliedDecoder(real.decoder, asked),
        diariser=_TalliedDiariser(real.diariser, asked),
        writer=_TalliedWriter(writer, asked),
    )
    if script is None:
        return told
    recogniser = ScriptedRecogniser(script, asked)
    return replace(told, speech=Choice(lambda: [recogniser]))
