"""Puts what was understood into the sections of a template, and derives the four fields of the result."""

from __future__ import annotations

from typing import Final

from auscult.domain.evidence import Polarity, ResultField, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.note_fields import with_sections
from auscult.engines.writer import Request
from auscult.engines.writer.offline import prescribing
from auscult.engines.writer.offline.hindi_rendering import in_hindi
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.left_out import left_out
from auscult.engines.writer.offline.pronouns import named
from auscult.engines.writer.offline.understanding import understand
from auscult.engines.writer.offline.wording import presentable
from auscult.engines.writer.spoken_orders import marked
from auscult.knowledge.templates import sections

FIELDS: Final = {
    "impression": ResultField.DIAGNOSIS,
    "medicine": ResultField.MEDICATIONS,
    "follow_up": ResultField.FOLLOW_UP,
    "plan": ResultField.NONE,
}
"""In which field of the result a kind of item is told; every other kind is part of `notes`."""


def compose(request: Request, writer: WriterInfo) -> NoteBody:
    """Write the note. Raises `InvalidError` for an unknown template."""
    transcript = request.transcript
    understood = understand(transcript, request.history.allergies)
    items = presentable(understood.items, transcript)
    if request.language != "hi":
        items = named(items, transcript, request.history.sex)
    places = {turn.id: place for place, turn in enumerate(transcript.turns)}
    number = 0
    composed: list[Section] = []
    medicines: dict[tuple[str, tuple[TurnId, ...]], list[str]] = {}
    for title, kinds in sections(request.template):
        statements: list[Statement] = []
        for item in _in_order(items, kinds, places):
            number += 1
            statements.append(_statement(item, f"s{number}", title, transcript.version))
            if item.medicine:
                medicines.setdefault((item.medicine, item.turn_ids), []).append(f"s{number}")
        composed.append(Section(title=title, statements=tuple(statements)))
    medications = tuple(
        prescribing.medication(heard, transcript.version, tuple(medicines.get((heard.name, tuple(heard.turn_ids)), ())))
        for heard in understood.medicines
    )
    titles = {kind: title for title, kinds in sections(request.template) for kind in kinds}
    offered = left_out(understood.said, [one for section in composed for one in section.statements])
    omitted = tuple(
        _statement(item, f"o{place}", titles[item.kind], transcript.version).model_copy(update={"field": None})
        for place, item in enumerate(offered, start=1)
    )
    *told, aside = marked([*composed, Section(title="", statements=omitted)], transcript)
    body = with_sections(
        NoteBody(medications=medications, writer=writer, language="en", omitted=aside.statements), told
    )
    return in_hindi(body) if request.language == "hi" else body


def _in_order(items: list[Item], kinds: tuple[str, ...], places: dict[TurnId, int]) -> list[Item]:
    """The items under one heading as they were said: a plan then stands with the problem that it is for.

    What to do when it gets worse, and when to come back, ends the section.
    """
    chosen = [item for item in items if item.kind in kinds]
    return sorted(
        chosen, key=lambda item: (item.kind == "follow_up", min(places[turn_id] for turn_id in item.turn_ids))
    )


def _statement(item: Item, number: str, title: str, version: int) -> Statement:
    return Statement(
        id=number,
        text=item.text,
        section=title,
        sources=(TurnSource(turn_ids=item.turn_ids, transcript_version=version),),
        polarity=item.polarity,
        flags=item.flags,
        field=FIELDS.get(item.kind, ResultField.NOTES),
        term=_diagnosis(item) if item.kind == "impression" else "",
    )


def _diagnosis(item: Item) -> str:
    if not item.short:
        return ""
    possible = item.polarity is Polarity.POSSIBLE
    return f"Possible {item.short}" if possible else item.short[:1].upper() + item.short[1:]
