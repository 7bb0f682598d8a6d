"""The keyed hashes by which a patient is found: what lies in key columns instead of a name, a number or a date.

HMAC-SHA256 under a key of the clinic, cut to 96 bits. Whoever has the database and not the key learns which rows share
a hash, and no name. A patient has a term for

- the first 1, 2 and 4 letters of each word of the name, folded, and for the whole word, in each of its readings;
- the last 4 digits of the phone number, and its first 5 without prefixes;
- the first 4, 6 and 8 signs of each identifier, and all of them;
- the birth date.

About ten for two words and a phone number, and never more than `MOST_TERMS`: each is a line of the index to write, and
what is written of one patient has to stay small however long a name is or however many numbers there are.

Each line is sorted by the patient's id, newest last, and carries the *trail* of the name: two signs of a keyed hash for
each beginning of each word. So a second word, or a third letter, is looked for without opening anything.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from pydantic import Field

from auscult.domain.ids import PatientId
from auscult.domain.model import Value
from auscult.domain.patient import Patient
from auscult.domain.patient_query import national_beginnings, national_digits, plain_number
from auscult.flows.tables import subject_of
from auscult.knowledge.name_folding import coarse, forms, words
from auscult.stores.records import Key, TableSpec

RULES: Final = 1
"""Which rules the terms follow. Raise it when folding or terms change: upkeep then makes everybody's terms anew."""
BEGINNINGS: Final = (4, 2, 1)
"""Letters of a word that have a term, most first. Between them the trail tells."""
TAIL: Final = 4
HEAD: Final = 5
PARTS: Final = (8, 6, 4)
MOST_TERMS: Final = 96
_TRAIL_LETTERS: Final = 8
_MOST_TRAILS: Final = 12
"""Readings of words that a trail has room for: with the id, it has to fit into a key column of 255 bytes."""
_MORE: Final = "+"
"""Ends a trail that not all readings fit into: what it does not say may yet be so."""


class PatientTerms(Value):
    """The terms of one patient, under which they are found."""

    patient_id: PatientId
    rules: int = Field(ge=1)
    terms: tuple[str, ...]
    trail: str


class TermsMade(Value):
    """How far upkeep has come with patients who were registered before there were terms, or under older rules."""

    rules: int = Field(ge=1)
    after: PatientId | None = None
    done: bool = False


def entry_sort(patient_id: PatientId, trail: str) -> str:
    """What a line of the index is sorted by."""
    return f"{patient_id}/{trail}"


PATIENT_TERMS: Final[TableSpec[PatientTerms]] = TableSpec(
    name="patient_terms",
    model=PatientTerms,
    key=lambda one: Key(one.patient_id),
    subject=lambda one: subject_of(one.patient_id),
    terms={"found": lambda one: (Key(term, entry_sort(one.patient_id, one.trail)) for term in one.terms)},
)
TERMS_MADE: Final[TableSpec[TermsMade]] = TableSpec(
    name="patient_terms_made", model=TermsMade, key=lambda _one: Key("all"), subject=lambda _one: subject_of(None)
)


def _hash(key: bytes, kind: str, text: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, f"{kind}\x00{text}".encode(), "sha256")[:12]).decode()


def word_terms(key: bytes, form: str, *, whole: bool) -> str:
    """The term of a word, or of its longest beginning that has one."""
    form = coarse(form)
    if whole:
        return _hash(key, "word", form)
    length = next((length for length in BEGINNINGS if len(form) >= length), 1)
    return _hash(key, "beginning", form[:length])


def number_terms(key: bytes, typed: str) -> tuple[str, ...]:
    """The terms under which somebody with this number may be, the end of a phone number first."""
    found: list[str] = []
    if typed.isdigit() and len(typed) >= TAIL:
        found.append(_hash(key, "tail", typed[-TAIL:]))
        found += [_hash(key, "head", one[:HEAD]) for one in national_beginnings(typed) if len(one) >= HEAD]
    length = next((length for length in PARTS if len(typed) >= length), None)
    if length is not None:
        found.append(_hash(key, "number", typed[:length]))
    return tuple(found)


def whole_number_term(key: bytes, value: str) -> str:
    """The term of a whole identifier."""
    return _hash(key, "whole", plain_number(value))


def birth_term(key: bytes, born: date) -> str:
    """The term of a birth date."""
    return _hash(key, "born", born.isoformat())


def trail_of(key: bytes, form: str) -> str:
    """Two signs for each beginning of a word, up to eight letters."""
    form = coarse(form)[:_TRAIL_LETTERS]
    return "".join(_hash(key, "trail", form[:length])[:2] for length in range(1, len(form) + 1))


def may_have(sort: str, wanted: Sequence[Sequence[str]]) -> bool:
    """Whether the name behind a line may have all words of which these are the trails, each in some reading."""
    trail = sort.partition("/")[2]
    if trail.endswith(_MORE):
        return True
    there = trail.split(".")
    return all(any(one.startswith(trail) for one in there for trail in readings) for readings in wanted)


def patient_of(sort: str) -> PatientId:
    """Whose line it is."""
    return PatientId(sort.partition("/")[0])


def terms_of(key: bytes, patient: Patient) -> PatientTerms:
    """Everything that a patient is found under."""
    readings = tuple(dict.fromkeys(form for word in words(patient.name) for form in forms(word)))
    trails = [trail_of(key, form) for form in readings]
    trail = ".".join(trails[:_MOST_TRAILS]) + (_MORE if len(trails) > _MOST_TRAILS else "")
    terms = tuple(dict.fromkeys(_terms(key, patient, readings)))[:MOST_TERMS]
    return PatientTerms(patient_id=patient.id, rules=RULES, terms=terms, trail=trail)


def _terms(key: bytes, patient: Patient, readings: Sequence[str]) -> Iterator[str]:
    if patient.birth_date is not None:
        yield birth_term(key, patient.birth_date)
    digits = "".join(one for one in patient.phone if one.isdigit())
    if len(digits) >= TAIL:
        yield _hash(key, "tail", digits[-TAIL:])
    head = national_digits(patient.phone)
    if len(head) >= HEAD:
        yield _hash(key, "head", head[:HEAD])
    for reading in readings:
        form = coarse(reading)
        yield _hash(key, "word", form)
        for length in BEGINNINGS:
            if len(form) >= length:
                yield _hash(key, "beginning", form[:length])
    for one in patient.identifiers:
        value = plain_number(one.value)
        yield whole_number_term(key, value)
        for length in PARTS:
            if len(value) >= length:
                yield _hash(key, "number", value[:length])
