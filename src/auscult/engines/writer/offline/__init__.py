"""The offline writer: no model, no network. It retells what was said and leaves out what it does not understand.

Turns become sentences (`sentences`), sentences are understood one by one (`understanding`: questions and answers in
`asking`, the patient's own telling in `telling`, medicines in `prescribing` and `doses`, measurements in `vitals`, the
clinician's findings, impression and plan in `clinician`), and what was understood is put under a template's headings
(`compose`). English only: turns in another language stay in the transcript.
"""

from __future__ import annotations

import asyncio
from typing import Final

from auscult.domain.note import NoteBody, WriterInfo
from auscult.engines.writer import Request

VERSION: Final = "1"


class OfflineWriter:
    """Writes notes from the transcript alone; deterministic."""

    @property
    def info(self) -> WriterInfo:
        """`offline` and its version."""
        return WriterInfo(name="offline", version=VERSION)

    async def write(self, request: Request) -> NoteBody:
        """Write the note in a thread, so that a long consultation does not hold up the server.

        Raises `InvalidError` for an unknown template.
        """
        from auscult.engines.writer.offline.compose import compose

        return await asyncio.to_thread(compose, request, self.info)
