"""Puts what was understood into the sections of a template, and derives the four fields of the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from auscult.domain.evidence import Polarity, ResultField, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.note_fields import with_sections
from auscult.engines.writer import Request
from auscult.engines.writer.labels import label_of
from auscult.engines.writer.offline import heard_medicine
from auscult.engines.writer.offline.current_medicines import with_continued
from auscult.engines.writer.offline.declined import with_declined
from auscult.engines.writer.offline.endorsed import endorsed
from auscult.engines.writer.offline.formal import in_full, in_turns
from auscult.engines.writer.offline.grouping import grouped
from auscult.engines.writer.offline.hindi_rendering import in_hindi
from auscult.engines.writer.offline.history_parts import by_system, introduces, parted
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.known_conditions import known_conditions
from auscult.engines.writer.offline.left_out import left_out
from auscult.engines.writer.offline.pronouns import named
from auscult.engines.writer.offline.reason_for_visit import presents
from auscult.engines.writer.offline.tightening import tightened
from auscult.engines.writer.offline.understanding import understand
from auscult.engines.writer.offline.wording import presentable
from auscult.engines.writer.ordering import Spot, beginnings, rank
from auscult.engines.writer.spoken_orders import marked
from auscult.knowledge.templates import labelled, sections

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
    items = _headed(presentable(grouped(presentable(understood.items, transcript), understood.cues), transcript))
    if request.language != "hi":
        items = named([in_full(item) for item in items], transcript, request.history.sex)
    items = [parted(item) for item in items]
    complaint = next((item for item in items if item.kind == "complaint"), None)
    if complaint is not None and not any(item.kind == "history" and introduces(item.text) for item in items):
        items.append(presents(complaint))
    items = with_continued(with_declined(items, understood.medicines))
    if not transcript.engine.demo_quality:  # a name alone may be misheard
        items += [*endorsed(understood.said, items), *known_conditions(understood.said, items)]
    if request.language != "hi":  # the Hindi of a sentence is made from its full wording
        items = in_turns(tightened(in_full(item)) for item in items)
    items = [one for item in items for one in by_system(item)]
    if labelled(request.template):
        items = [replace(item, label=label_of(item.kind, item.text, heads=_heads(item))) for item in items]
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
        heard_medicine.medication(
            heard, transcript.version, tuple(medicines.get((heard.name, tuple(heard.turn_ids)), ()))
        )
        for heard in understood.medicines
    )
    titles = {kind: title for title, kinds in sections(request.template) for kind in kinds}
    offered = left_out(understood.said, understood.chances, [one for section in composed for one in section.statements])
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
    """The items under one heading, as `ordering` has them: what nothing else decides, as it was said."""
    spots = {
        id(item): Spot(
            item.kind,
            item.problem,
            item.label,
            _heads(item),
            (min(places[turn_id] for turn_id in item.turn_ids), item.place),
        )
        for item in items
    }
    begun = beginnings(spots.values())
    return sorted((item for item in items if item.kind in kinds), key=lambda item: rank(spots[id(item)], begun))


def _heads(item: Item) -> bool:
    return item.kind == "impression" and bool(item.short)


def _headed(items: list[Item]) -> list[Item]:
    """The items without the headings that no impression among them says; what was said twice for a problem, once."""
    heads = {item.problem for item in items if item.kind == "impression" and _diagnosis(item) == item.problem}
    kept: dict[tuple[object, ...], Item] = {}
    for place, item in enumerate(items):
        whole = item if item.problem in heads else replace(item, problem="")
        again = (
            (whole.kind, whole.text.replace("in about ", "in "), whole.problem)
            if whole.kind in _SAID_ONCE
            else (place,)
        )
        first = kept.get(again)
        kept[again] = (
            whole
            if first is None
            else replace(first, turn_ids=tuple(dict.fromkeys((*first.turn_ids, *whole.turn_ids))))
        )
    return list(kept.values())


_SAID_ONCE: Final = frozenset({"plan", "follow_up"})


def _statement(item: Item, number: str, title: str, version: int) -> Statement:
    return Statement(
        id=number,
        text=item.text,
        section=title,
        sources=(TurnSource(turn_ids=item.turn_ids, transcript_version=version),),
        polarity=item.polarity,
        flags=item.flags,
        field=_field(item),
        term=_diagnosis(item) if item.kind == "impression" else "",
        problem=item.problem,
        label=item.label,
    )


def _field(item: Item) -> ResultField:
    """How a problem stands is no diagnosis, and is told under its heading only."""
    if item.kind == "impression" and not item.short and item.polarity is not Polarity.NEGATED:
        return ResultField.NONE
    return FIELDS.get(item.kind, ResultField.NOTES)


def _diagnosis(item: Item) -> str:
    if not item.short:
        return ""
    possible = item.polarity is Polarity.POSSIBLE
    return f"Possible {item.short}" if possible else item.short[:1].upper() + item.short[1:]
