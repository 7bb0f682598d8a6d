"""The writer of last resort: no note, only the word that there is none. The transcript stands beside it."""

from __future__ import annotations

from typing import Final

from auscult.domain.note import NoteBody, WriterInfo
from auscult.engines.writer import Request

MESSAGE: Final = "A note could not be written. The transcript is complete and can be read or tried again."


class TranscriptOnlyWriter:
    """Never fails and never says anything of the patient."""

    @property
    def info(self) -> WriterInfo:
        """`transcript-only`."""
        return WriterInfo(name="transcript-only", version="1")

    async def write(self, request: Request) -> NoteBody:
        """Return a body without statements whose `notes` field says that there is no note."""
        return NoteBody(notes=MESSAGE, writer=self.info, language=request.language)
