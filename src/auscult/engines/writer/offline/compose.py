"""Puts what was understood into the sections of a template, and derives the four fields of the result."""

from __future__ import annotations

from typing import Final

from auscult.domain.evidence import Polarity, Statement, TurnSource
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.engines.writer import Request
from auscult.engines.writer.offline import prescribing
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.templates import sections
from auscult.engines.writer.offline.understanding import understand
from auscult.engines.writer.offline.wording import presentable

NARRATIVE: Final = ("history", "allergy", "taking", "vitals", "examination", "result")
"""What the `notes` field tells; diagnosis, medicines and follow-up have fields of their own."""


def compose(request: Request, writer: WriterInfo) -> NoteBody:
    """Write the note. Raises `InvalidError` for an unknown template."""
    transcript = request.transcript
    understood = understand(transcript, request.history.allergies)
    items = presentable(understood.items, transcript)
    number = 0
    composed: list[Section] = []
    for title, kinds in sections(request.template):
        statements: list[Statement] = []
        for item in (item for kind in kinds for item in items if item.kind == kind):
            number += 1
            statements.append(_statement(item, f"s{number}", title, transcript.version))
        composed.append(Section(title=title, statements=tuple(statements)))
    return NoteBody(
        sections=tuple(composed),
        medications=tuple(prescribing.medication(heard, transcript.version) for heard in understood.medicines),
        diagnosis="; ".join(_diagnoses(items)),
        follow_up=_prose(items, ("follow_up",)),
        notes=_prose(items, NARRATIVE),
        writer=writer,
        language="en",
    )


def _statement(item: Item, number: str, title: str, version: int) -> Statement:
    return Statement(
        id=number,
        text=item.text,
        section=title,
        sources=(TurnSource(turn_ids=item.turn_ids, transcript_version=version),),
        polarity=item.polarity,
        flags=item.flags,
    )


def _diagnoses(items: list[Item]) -> list[str]:
    named = [
        f"Possible {item.short}" if item.polarity is Polarity.POSSIBLE else item.short[:1].upper() + item.short[1:]
        for item in items
        if item.kind == "impression" and item.short
    ]
    return list(dict.fromkeys(named))


def _prose(items: list[Item], kinds: tuple[str, ...]) -> str:
    return " ".join(item.text for kind in kinds for item in items if item.kind == kind)
