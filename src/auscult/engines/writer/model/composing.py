"""Turns a model's answer into a note, and finds what is wrong with an answer before it becomes one.

The headings, labels and order, and the field of the result that a kind is told in, are those of the offline writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from auscult.domain.evidence import Flag, Polarity, ResultField, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.note_fields import IMPRESSION, with_sections
from auscult.domain.transcript import Transcript, Turn
from auscult.engines.writer import KnownHistory, Request
from auscult.engines.writer.labels import label_of
from auscult.engines.writer.model.answer import Answer, WrittenMedication, WrittenStatement, words
from auscult.engines.writer.model.grouping import Grouped, grouped
from auscult.engines.writer.model.prompting import LANGUAGES
from auscult.engines.writer.offline.compose import FIELDS
from auscult.engines.writer.offline.heard_medicine import ALLERGY_CONFLICT, conflicts
from auscult.engines.writer.offline.hindi_rendering import label_in_hindi
from auscult.engines.writer.ordering import Spot, beginnings, rank
from auscult.engines.writer.spoken_orders import flags_on, giving_orders
from auscult.knowledge.templates import labelled, sections
from auscult.trust import grounding
from auscult.trust.redaction import PLACEHOLDER

UNKNOWN_MARK: Final = "unknown_mark"
_FAULTY: Final = {
    grounding.UNKNOWN_SOURCE,
    grounding.NO_SOURCE,
    grounding.NUMBER,
    grounding.UNIT,
    grounding.MEDICINE,
    grounding.NEGATION,
}
_WRITER: Final = WriterInfo(name="draft", version="")


def faults(answer: Answer, transcript: Transcript, turns: Sequence[Turn]) -> list[str]:
    """What the turns do not bear out, in words for the model: entries by number, never a word of the consultation."""
    part = transcript.model_copy(update={"turns": tuple(turns)})
    version = transcript.version
    draft = NoteBody(
        sections=(
            Section(
                title="Draft",
                statements=tuple(
                    _statement(one, f"s{number}", "Draft", version)
                    for number, one in enumerate(grouped(answer.statements), start=1)
                ),
            ),
        ),
        medications=tuple(_medication(one, part) for one in answer.medications),
        writer=_WRITER,
    )
    checked = grounding.check(draft, part)
    said = part.text
    found = [
        f"Statement {number}: {flag.reason}"
        for number, statement in enumerate(checked.statements, start=1)
        for flag in statement.flags
        if flag.code in _FAULTY
    ]
    found += [
        f"Statement {number}: it holds a mark in brackets that is not in the consultation."
        for number, statement in enumerate(answer.statements, start=1)
        if any(mark not in said for mark in PLACEHOLDER.findall(statement.text))
    ]
    return found + [
        f"Medication {number}: {flag.reason}"
        for number, medication in enumerate(checked.medications, start=1)
        for flag in medication.flags
        if flag.code in _FAULTY
    ]


def compose(answer: Answer, request: Request, writer: WriterInfo) -> NoteBody:
    """The note of an answer. Raises `InvalidError` for an unknown template."""
    transcript = request.transcript
    said = transcript.text
    orders = giving_orders(transcript)
    language = request.language if request.language in LANGUAGES else "en"
    number = 0
    composed: list[Section] = []
    for title, found in _under_headings(grouped(answer.statements), request.template):
        statements: list[Statement] = []
        for one in found:
            number += 1
            statement = _statement(one, f"s{number}", title, transcript.version)
            label = label_in_hindi(one.label) if language == "hi" else one.label
            flags = (*flags_on(one.written.turn_ids, orders), *_unknown_mark(one.written, said))
            statements.append(statement.model_copy(update={"flags": flags, "label": label}))
        composed.append(Section(title=title, statements=tuple(statements)))
    medications = [
        _medication(one, transcript).model_copy(update={"flags": flags_on(one.turn_ids, orders)})
        for one in answer.medications
    ]
    body = NoteBody(
        medications=tuple(_against_allergies(medications, request.history)), writer=writer, language=language
    )
    return with_sections(body, composed)


def _under_headings(found: Sequence[Grouped], template: str) -> list[tuple[str, list[Grouped]]]:
    """The statements in the order of `ordering`; what that leaves open, kind by kind and as the model has it."""
    headings = sections(template)
    found = [_labelled(one, labels=labelled(template)) for one in found]
    kinds_in_order = [kind for _, kinds in headings for kind in kinds]
    spots = {
        id(one): Spot(
            one.written.kind, one.problem, one.label, one.heads, (kinds_in_order.index(one.written.kind), place)
        )
        for place, one in enumerate(found)
    }
    begun = beginnings(spots.values())
    return [
        (
            title,
            sorted((one for one in found if one.written.kind in kinds), key=lambda one: rank(spots[id(one)], begun)),
        )
        for title, kinds in headings
    ]


def _labelled(one: Grouped, *, labels: bool) -> Grouped:
    """The statement without the lead-in that the heading says already, and with its label where there are labels."""
    written = one.written
    bare = written.text.removeprefix(IMPRESSION).strip() if written.kind == "impression" else ""
    if bare:
        written = written.model_copy(update={"text": bare[:1].upper() + bare[1:]})
    label = label_of(written.kind, written.text, heads=one.heads) if labels else ""
    return replace(one, written=written, label=label)


def _unknown_mark(one: WrittenStatement, said: str) -> tuple[Flag, ...]:
    if all(mark in said for mark in PLACEHOLDER.findall(one.text)):
        return ()
    return (Flag(code=UNKNOWN_MARK, reason="A name or number in this sentence was replaced and cannot be put back."),)


def _statement(one: Grouped, number: str, title: str, version: int) -> Statement:
    written = one.written
    stands = written.kind == "impression" and not one.term and written.polarity is not Polarity.NEGATED
    return Statement(
        id=number,
        text=written.text,
        section=title,
        sources=_sources(written.turn_ids, version),
        polarity=written.polarity,
        # how a problem stands is no diagnosis, and is told under its heading only
        field=ResultField.NONE if stands else FIELDS.get(written.kind, ResultField.NOTES),
        term=one.term,
        problem=one.problem,
    )


def _sources(turn_ids: Iterable[str], version: int) -> tuple[TurnSource, ...]:
    ids = tuple(TurnId(turn_id.strip("[] ")) for turn_id in dict.fromkeys(turn_ids) if turn_id.strip("[] "))
    return (TurnSource(turn_ids=ids, transcript_version=version),) if ids else ()


def _medication(one: WrittenMedication, transcript: Transcript) -> Medication:
    """The medicine as the model read it, without a reason, form or quotation that is not in its turns."""
    cited = " ".join(turn.text for turn in transcript.turns if turn.id in one.turn_ids)
    said = {word[:4] for word in words(cited)}
    quoted = " ".join(words(one.as_said))
    return Medication(
        name=one.name,
        status=MedicationStatus.TAKING if one.status is MedicationStatus.REWORDED else one.status,
        strength=one.strength,
        dose=one.dose,
        form=one.form if {word[:4] for word in words(one.form)} <= said else "",
        route=one.route,
        frequency=one.frequency,
        duration=one.duration,
        reason=one.reason if {word[:4] for word in words(one.reason)} <= said else "",
        timing=one.timing,
        prn=one.prn,
        as_written=one.as_said if quoted and quoted in " ".join(words(cited)) else "",
        sources=_sources(one.turn_ids, transcript.version),
    )


def _against_allergies(medications: Sequence[Medication], history: KnownHistory) -> Iterable[Medication]:
    allergens = [one.name for one in medications if one.status is MedicationStatus.ALLERGY] + list(history.allergies)
    for one in medications:
        taken = one.status not in {MedicationStatus.ALLERGY, MedicationStatus.STOPPED}
        if taken and any(conflicts(one.name, allergen) for allergen in allergens):
            flag = Flag(code=ALLERGY_CONFLICT, reason="The patient is said to be allergic to this or its class.")
            yield one.model_copy(update={"flags": (*one.flags, flag)})
        else:
            yield one
