"""Turns a model's answer into a note, and finds what is wrong with an answer before it becomes one.

The headings, and the field of the result that a kind is told in, are those of the offline writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from auscult.domain.evidence import Flag, Polarity, ResultField, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.note_fields import IMPRESSION, with_sections
from auscult.domain.transcript import Transcript, Turn
from auscult.engines.writer import KnownHistory, Request
from auscult.engines.writer.model.answer import Answer, WrittenMedication, WrittenStatement
from auscult.engines.writer.model.prompting import LANGUAGES
from auscult.engines.writer.offline.compose import FIELDS
from auscult.engines.writer.offline.prescribing import ALLERGY_CONFLICT, conflicts
from auscult.engines.writer.spoken_orders import flags_on, giving_orders
from auscult.knowledge.templates import sections
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
_WORD = re.compile(r"[^\W_]+")


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
                    for number, one in enumerate(answer.statements, start=1)
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
    headings = sections(request.template)
    placed = {kind for _, kinds in headings for kind in kinds}
    number = 0
    composed: list[Section] = []
    for title, kinds in headings:
        wanted = [*kinds, *(sorted({one.kind for one in answer.statements} - placed) if not composed else ())]
        statements: list[Statement] = []
        for one in (one for kind in wanted for one in answer.statements if one.kind == kind):
            number += 1
            statement = _statement(one, f"s{number}", title, transcript.version)
            flags = (*flags_on(one.turn_ids, orders), *_unknown_mark(one, said))
            statements.append(statement.model_copy(update={"flags": flags}))
        composed.append(Section(title=title, statements=tuple(statements)))
    medications = [
        _medication(one, transcript).model_copy(update={"flags": flags_on(one.turn_ids, orders)})
        for one in answer.medications
    ]
    language = request.language if request.language in LANGUAGES else "en"
    body = NoteBody(
        medications=tuple(_against_allergies(medications, request.history)), writer=writer, language=language
    )
    return with_sections(body, composed)


def _unknown_mark(one: WrittenStatement, said: str) -> tuple[Flag, ...]:
    if all(mark in said for mark in PLACEHOLDER.findall(one.text)):
        return ()
    return (Flag(code=UNKNOWN_MARK, reason="A name or number in this sentence was replaced and cannot be put back."),)


def _statement(one: WrittenStatement, number: str, title: str, version: int) -> Statement:
    return Statement(
        id=number,
        text=one.text,
        section=title,
        sources=_sources(one.turn_ids, version),
        polarity=one.polarity,
        field=FIELDS.get(one.kind, ResultField.NOTES),
        term=_term(one) if one.kind == "impression" else "",
    )


def _sources(turn_ids: Iterable[str], version: int) -> tuple[TurnSource, ...]:
    ids = tuple(TurnId(turn_id.strip("[] ")) for turn_id in dict.fromkeys(turn_ids) if turn_id.strip("[] "))
    return (TurnSource(turn_ids=ids, transcript_version=version),) if ids else ()


def _term(one: WrittenStatement) -> str:
    """How the diagnosis words it: what the model calls the problem if the sentence says so too, else the sentence."""
    if one.polarity is Polarity.NEGATED:
        return ""
    bare = one.text.removeprefix(IMPRESSION).strip().rstrip(".")
    named = one.problem if one.problem and set(_words(one.problem)) <= set(_words(one.text)) else bare
    if one.polarity is Polarity.POSSIBLE and "possible" not in named.casefold():
        named = f"possible {named[:1].lower()}{named[1:]}"
    return named[:1].upper() + named[1:]


def _medication(one: WrittenMedication, transcript: Transcript) -> Medication:
    """The medicine as the model read it, without a reason, form or quotation that is not in its turns."""
    cited = " ".join(turn.text for turn in transcript.turns if turn.id in one.turn_ids)
    said = {word[:4] for word in _words(cited)}
    quoted = " ".join(_words(one.as_said))
    return Medication(
        name=one.name,
        status=MedicationStatus.TAKING if one.status is MedicationStatus.REWORDED else one.status,
        strength=one.strength,
        dose=one.dose,
        form=one.form if {word[:4] for word in _words(one.form)} <= said else "",
        route=one.route,
        frequency=one.frequency,
        duration=one.duration,
        reason=one.reason if {word[:4] for word in _words(one.reason)} <= said else "",
        timing=one.timing,
        prn=one.prn,
        as_written=one.as_said if quoted and quoted in " ".join(_words(cited)) else "",
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


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
