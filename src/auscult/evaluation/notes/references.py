"""The reference notes as a writer: what the figures make of notes that people wrote.

A figure cannot tell a writer from a clinician where the clinicians' own notes do no better. The reference names no
sources, so what rests on them (unsupported, contradictions) says nothing here; ROUGE is that of a note with itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from auscult.domain.errors import EngineFailedError
from auscult.domain.evidence import Statement
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.engines.writer import Request
from auscult.evaluation.notes.divisions import division_of
from auscult.evaluation.notes.visits import EXAM, PLAN, RESULTS, SUBJECTIVE, Visit

TITLES: Final = {SUBJECTIVE: "Subjective", EXAM: "Examination", RESULTS: "Results", PLAN: "Assessment and plan"}
_BULLETS: Final = "\u2022-* "


class ReferenceWriter:
    """Returns the reference note of a visit, one statement a line, under a heading for each division."""

    def __init__(self, visits: Iterable[Visit]) -> None:
        """Take the visits that it will be asked to write of."""
        self._visits = {visit.transcript.recording_id: visit for visit in visits}

    @property
    def info(self) -> WriterInfo:
        """`reference`."""
        return WriterInfo(name="reference", version="1")

    async def write(self, request: Request) -> NoteBody:
        """The reference note. Raises `EngineFailedError` for a visit that has none."""
        visit = self._visits.get(request.transcript.recording_id)
        if visit is None or visit.reference is None:
            raise EngineFailedError("This visit has no reference note.", remedy="Leave it out.")
        sections = [
            Section(title=title, statements=tuple(_statements(title, visit.divisions.get(division, ""))))
            for division, title in TITLES.items()
        ]
        return NoteBody(sections=tuple(sections), writer=self.info)


def _statements(title: str, text: str) -> Iterable[Statement]:
    lines = [line.strip().lstrip(_BULLETS) for line in text.splitlines()]
    for place, line in enumerate(line for line in lines if line and not line.isupper() and not division_of(line)):
        yield Statement(id=f"{title}{place}", text=line, section=title)
