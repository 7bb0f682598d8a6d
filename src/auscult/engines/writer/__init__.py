"""The writer protocol: a transcript becomes statements in sections, each with its sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from auscult.domain.note import NoteBody, WriterInfo
from auscult.domain.patient import Sex
from auscult.domain.transcript import Transcript


@dataclass(frozen=True, slots=True)
class KnownHistory:
    """What the record already says of the patient; empty for an unfiled recording."""

    problems: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    sex: Sex = Sex.UNKNOWN


@dataclass(frozen=True, slots=True)
class Request:
    """What a writer is asked for. `template` names the sections (`visit`, `soap`, `gp`); `language` is the note's.

    `names` are the people known to take part: what redaction replaces before a consultation leaves this machine.
    """

    transcript: Transcript
    history: KnownHistory = KnownHistory()
    template: str = "visit"
    language: str = "en"
    names: tuple[str, ...] = ()


class Writer(Protocol):
    """Writes notes. It may fail, hang or return nonsense: the flow guards against all three."""

    @property
    def info(self) -> WriterInfo:
        """Which writer this is."""
        ...

    async def write(self, request: Request) -> NoteBody:
        """Write the note. Every statement names the turns it rests on; nothing is invented.

        Raises `EngineMissingError`, `EngineFailedError`. Must honour asyncio cancellation.
        """
        ...
