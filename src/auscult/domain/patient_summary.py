"""What is known of a patient at a glance: what was registered, and what signed notes say, each with its place.

A draft is nobody's word yet: nothing here rests on one. Where a note and an older entry differ, the newer one counts:
a medicine that a signed note stops is known no more, also where it was registered before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from auscult.domain.evidence import Polarity, Statement
from auscult.domain.ids import NoteId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.model import UtcDatetime, Value
from auscult.domain.note import Note, NoteStatus
from auscult.domain.note_fields import diagnosis_term, names
from auscult.domain.patient import Patient

_ALLERGIES: Final = "allergies"
_DENIED: Final = re.compile(r"(?:no|not|denies|none|nil|nkda|without)\b", re.IGNORECASE)
_NUMBER: Final = r"(?P<value>\d{1,3}(?:\.\d{1,2})?)"
_READINGS: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = tuple(
    (name, re.compile(rf"(?:{said})(?: (?:is|of|at))?:? {value}(?![\d/.]\d)\s*(?P<unit>{units})?", re.IGNORECASE), unit)
    for name, said, value, units, unit in (
        ("Blood pressure", "blood pressure|bp", r"(?P<value>\d{2,3}/\d{2,3})", "mm ?hg", "mmHg"),
        ("Pulse", "pulse|heart rate|hr", _NUMBER, "/min|bpm|beats per minute", "/min"),
        ("Temperature", "temperature|temp|low-grade fever", _NUMBER, "°? ?[CF]", ""),
        ("Oxygen saturation", "oxygen saturation|spo2|o2 saturation|sats", _NUMBER, "%|percent", "%"),
        ("Respiratory rate", "respiratory rate|rr", _NUMBER, "/min|breaths per minute", "/min"),
        ("Weight", "weight", _NUMBER, "kg", "kg"),
        ("Peak flow", "peak flow", _NUMBER, "l/min", "L/min"),
    )
)
"""How notes word measurements, each at the beginning of a sentence or of a part of one: what was so at another time is
worded otherwise ("The blood pressure was 150/90")."""
_PARTS: Final = re.compile(r"[;,]\s+|(?<=[a-z%\d])\.\s+|\s+and\s+", re.IGNORECASE)
_CELSIUS: Final = (33, 43)
_FAHRENHEIT: Final = (91, 110)
"""Body temperatures: no number is both, so a scale that was not said can be told."""


class Known(Value):
    """One line of the summary. `note_id`, `statement_id` and `at` say where a signed note has it; None: registered."""

    text: str
    note_id: NoteId | None = None
    statement_id: str | None = None
    at: UtcDatetime | None = None


class Reading(Value):
    """The newest value of one measurement. `value` is as it was written; `unit` is empty where it cannot be told."""

    name: str
    value: str
    unit: str
    taken_at: UtcDatetime
    note_id: NoteId
    statement_id: str


class Summary(Value):
    """What is known of a patient, the newest first, what was registered last."""

    problems: tuple[Known, ...] = ()
    medicines: tuple[Known, ...] = ()
    allergies: tuple[Known, ...] = ()
    vitals: tuple[Reading, ...] = ()


def summarise(patient: Patient, notes: Sequence[tuple[datetime, Note]]) -> Summary:
    """Sum up a patient.

    `notes` are signed, one version of each, the newest first, each with the time of the visit that it tells of. A draft
    among them is passed over.
    """
    signed = [(at, note) for at, note in notes if note.status is not NoteStatus.DRAFT]
    return Summary(
        problems=_problems(patient, signed),
        medicines=_medicines(patient, signed),
        allergies=_allergies(patient, signed),
        vitals=_vitals(signed),
    )


def _problems(patient: Patient, signed: Sequence[tuple[datetime, Note]]) -> tuple[Known, ...]:
    found = [
        Known(text=term, note_id=note.id, statement_id=statement.id, at=at)
        for at, note in signed
        for statement in note.body.statements
        if statement.polarity is not Polarity.NEGATED and (term := diagnosis_term(statement))
    ]
    return _each_once([*found, *(Known(text=line) for line in patient.problems)])


def _medicines(patient: Patient, signed: Sequence[tuple[datetime, Note]]) -> tuple[Known, ...]:
    found: list[Known] = []
    decided: dict[str, datetime] = {}
    """When the newest note said something of a medicine, by its name."""
    for at, note in signed:
        for one in note.body.medications:
            if one.status is MedicationStatus.ALLERGY or one.name.casefold() in decided:
                continue
            decided[one.name.casefold()] = at
            if one.status is not MedicationStatus.STOPPED:
                found.append(_of_note(one.line, one, note, at))
    written = patient.medicines_at or patient.created_at
    for line in patient.medicines:
        newer = [at for name, at in decided.items() if names(line, name)]
        if not newer or max(newer) < written:
            found.append(Known(text=line))
    return _each_once(found)


def _allergies(patient: Patient, signed: Sequence[tuple[datetime, Note]]) -> tuple[Known, ...]:
    found = [Known(text=line) for line in patient.allergies]
    for at, note in signed:
        medicines = [one for one in note.body.medications if one.status is MedicationStatus.ALLERGY]
        found += [_of_note(one.name, one, note, at) for one in medicines]
        told = {statement_id for one in medicines for statement_id in one.statement_ids}
        found += [
            Known(text=statement.text, note_id=note.id, statement_id=statement.id, at=at)
            for statement in note.body.statements
            if statement.section.casefold() == _ALLERGIES
            and statement.id not in told
            and statement.polarity is not Polarity.NEGATED
            and not _DENIED.match(statement.text)
        ]
    return _each_once(found)


def _vitals(signed: Sequence[tuple[datetime, Note]]) -> tuple[Reading, ...]:
    newest: dict[str, Reading] = {}
    for at, note in signed:
        for statement in note.body.statements:
            for name, value, unit in readings(statement):
                reading = Reading(
                    name=name, value=value, unit=unit, taken_at=at, note_id=note.id, statement_id=statement.id
                )
                newest.setdefault(name, reading)
    return tuple(newest[name] for name, _pattern, _unit in _READINGS if name in newest)


def readings(statement: Statement) -> list[tuple[str, str, str]]:
    """The measurements that a sentence gives: name, value as written, unit. Numbers are copied, never converted."""
    if statement.polarity is not Polarity.AFFIRMED:
        return []
    found = []
    for part in _PARTS.split(statement.text):
        for name, pattern, unit in _READINGS:
            match = pattern.match(part.strip())
            if match:
                found.append((name, match["value"], unit or _scale(match["value"], match["unit"] or "")))
    return found


def _scale(value: str, written: str) -> str:
    if written:
        return f"°{written[-1].upper()}"
    number = float(value)
    if _CELSIUS[0] <= number <= _CELSIUS[1]:
        return "°C"
    return "°F" if _FAHRENHEIT[0] <= number <= _FAHRENHEIT[1] else ""


def _of_note(text: str, medicine: Medication, note: Note, at: datetime) -> Known:
    statement_id = medicine.statement_ids[0] if medicine.statement_ids else None
    return Known(text=text, note_id=note.id, statement_id=statement_id, at=at)


def _each_once(lines: Iterable[Known]) -> tuple[Known, ...]:
    found: dict[str, Known] = {}
    for line in lines:
        found.setdefault(line.text.casefold().strip(" ."), line)
    return tuple(found.values())
