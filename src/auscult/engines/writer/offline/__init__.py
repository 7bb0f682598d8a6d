"""The offline writer: no model, no network. It retells what was said and leaves out what it does not understand.

Turns are made fluent (`fluent`) and become sentences (`sentences`), which are understood one by one (`understanding`:
questions and answers in `asking`, the patient's own telling in `telling`, medicines in `prescribing`, measurements in
`vitals`, the clinician's findings, impression and plan in `clinician`). Of the sentences that no rule reads, a small
trained model chooses those that belong into a note (`relevance`, `choosing`), and each is retold whole or not at all
(`retelling`). Hindi, in both scripts, is read by `hindi`. What was understood is put under a template's headings
(`compose`).
"""

from __future__ import annotations

import asyncio
from typing import Final

from auscult.domain.errors import EngineFailedError
from auscult.domain.note import NoteBody, WriterInfo
from auscult.engines.writer import Request
from auscult.knowledge.languages import is_ours

VERSION: Final = "2"


class OfflineWriter:
    """Writes notes from the transcript alone; deterministic."""

    @property
    def info(self) -> WriterInfo:
        """`offline` and its version."""
        return WriterInfo(name="offline", version=VERSION)

    async def write(self, request: Request) -> NoteBody:
        """Write the note in a thread, so that a long consultation does not hold up the server.

        Raises `InvalidError` for an unknown template, and `EngineFailedError` for a consultation that is neither in
        English nor in Hindi: to leave out what it does not understand would leave out everything.
        """
        from auscult.engines.writer.offline.compose import compose

        if not is_ours(" ".join(turn.text for turn in request.transcript.turns)):
            raise EngineFailedError(
                "The offline writer reads English and Hindi; this consultation seems to be in another language.",
                remedy="Choose a language model as the writer (AUSCULT_WRITER), or write the note from the transcript.",
            )
        return await asyncio.to_thread(compose, request, self.info)
