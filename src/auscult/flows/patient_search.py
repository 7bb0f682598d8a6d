"""Finding patients while somebody types, and finding out that somebody is registered already.

What is typed becomes keyed hashes (`patient_terms`); the lines of the rarest of them are read from the index, the
newest first, and those whose trail fits are opened in one go. Nobody is shown whose opened record does not fit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from auscult.domain.actor import Actor
from auscult.domain.ids import PatientId
from auscult.domain.patient import Patient
from auscult.domain.patient_query import (
    SHORTEST_NUMBER,
    PatientQuery,
    national_digits,
    number_fits,
    plain_number,
    read_query,
)
from auscult.flows.care_team import outlined
from auscult.flows.patient_terms import (
    PATIENT_TERMS,
    birth_term,
    may_have,
    number_terms,
    patient_of,
    trail_of,
    whole_number_term,
    word_terms,
)
from auscult.flows.services import Services
from auscult.flows.tables import PATIENTS
from auscult.knowledge.name_folding import all_found, forms, same_name, similar_name, typed, words
from auscult.stores.records import Key, Stored

MOST_FOUND: Final = 50
_FIRST_LOOK: Final = 250
"""Lines read at first: where many fit, the newest of them are among these."""
_LOOK: Final = 5_000
_MOST_NAMESAKES: Final = 40
"""People of one name who are opened to see who may be the same: the newest. Numbers and birth dates find others."""
_MOST_DUPLICATES: Final = 10


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Somebody who may be the same person, and why: `same_identifier`, `same_name`, `same_birth_date` and so on."""

    patient: Stored[Patient]
    reasons: tuple[str, ...]


async def search(services: Services, actor: Actor, text: str, limit: int = 20) -> list[Stored[Patient]]:
    """The patients who fit all that was typed, best first: whole words before beginnings, then the newest.

    Words of the name in any order and either script, each perhaps not typed to its end; a phone number from its end or
    its beginning; an identifier from its beginning; a birth date. Empty for a text that nobody can be found by.
    Of who is found and is not in the actor's care, an outline.
    """
    query = read_query(text)
    named = tuple(word for piece in query.words for word in words(piece))
    key = await services.search_key(actor)
    wanted = [[trail_of(key, form) for form in typed(word)] for word in named]
    found: dict[PatientId, Stored[Patient]] = {}
    for terms in _ways(key, query, named):
        async for batch in _candidates(services, actor, terms, wanted, limit):
            for stored in batch:
                if _fits(stored.value, query, named):
                    found[stored.value.id] = stored
            if len(found) >= limit:
                break
        if len(found) >= limit:
            break
    best = sorted(found.values(), key=lambda one: _rank(one.value, named), reverse=True)[:limit]
    return await outlined(services, actor, best)


def _ways(key: bytes, query: PatientQuery, named: Sequence[str]) -> list[list[str]]:
    """The terms to look under, in the order in which they are looked under: the rarest that was typed."""
    number = max((one for one in query.numbers if len(one) >= SHORTEST_NUMBER), key=len, default=None)
    if number is not None:
        return [list(number_terms(key, number))]
    if query.born is not None:
        return [[birth_term(key, query.born)]]
    if not named:
        return []
    # The longest word is likely the rarest; people who have it as it stands come before those who are called longer.
    longest = max(named, key=lambda word: len(forms(word)[0]))
    readings = typed(longest)
    return [
        [word_terms(key, form, whole=True) for form in readings],
        [word_terms(key, form, whole=False) for form in readings],
    ]


async def _candidates(
    services: Services, actor: Actor, terms: Sequence[str], wanted: Sequence[Sequence[str]], limit: int
) -> AsyncIterator[list[Stored[Patient]]]:
    """Patients under these terms whose trail fits, opened, `limit` at a time."""
    seen: set[PatientId] = set()
    for term in dict.fromkeys(terms):
        before: str | None = None
        size = _FIRST_LOOK
        while True:
            lines = (
                await services.records_of(actor)
                .table(PATIENT_TERMS)
                .entries(term, index="found", before=before, limit=size)
            )
            fitting = [
                one for line in lines if may_have(line.sort, wanted) and (one := patient_of(line.sort)) not in seen
            ]
            seen.update(fitting)
            for first in range(0, len(fitting), limit):
                yield await _opened(services, actor, fitting[first : first + limit])
            if len(lines) < size:
                break
            before, size = lines[-1].sort, _LOOK


async def _opened(services: Services, actor: Actor, ids: Iterable[PatientId]) -> list[Stored[Patient]]:
    found = await services.records_of(actor).table(PATIENTS).get_many([Key(one) for one in ids])
    return [stored for stored in found if stored is not None and stored.value.merged_into is None]


def _fits(patient: Patient, query: PatientQuery, named: Sequence[str]) -> bool:
    numbers = tuple(one.value for one in patient.identifiers)
    return (
        (query.born is None or patient.birth_date == query.born)
        and all(number_fits(one, phone=patient.phone, identifiers=numbers) for one in query.numbers)
        and all_found(patient.name, named) is not None
    )


def _rank(patient: Patient, named: Sequence[str]) -> tuple[int, str]:
    return (all_found(patient.name, named) or 0, patient.id)


async def duplicates(services: Services, actor: Actor, patient: Patient) -> list[Duplicate]:
    """Who is likely the same person as `patient`, who need not be registered; the likeliest first, ten at most.

    The same identifier; or two of: the name or one like it, the birth date, the phone number; or the name alone where
    one of the birth dates is unknown or only about right.
    """
    key = await services.search_key(actor)
    ids = await _alike(services, actor, key, patient)
    found = []
    for stored in await _opened(services, actor, (one for one in ids if one != patient.id)):
        reasons = _reasons(patient, stored.value)
        if _likely(reasons, patient, stored.value):
            found.append(Duplicate(stored, reasons))
    likeliest = sorted(found, key=lambda one: (len(one.reasons), one.patient.value.id), reverse=True)[:_MOST_DUPLICATES]
    shown = await outlined(services, actor, [one.patient for one in likeliest])
    return [Duplicate(patient, one.reasons) for patient, one in zip(shown, likeliest, strict=True)]


async def _alike(services: Services, actor: Actor, key: bytes, patient: Patient) -> list[PatientId]:
    """Who has a number or the birth date of this patient, and the newest ones of the same name."""
    table = services.records_of(actor).table(PATIENT_TERMS)
    digits = "".join(one for one in patient.phone if one.isdigit())
    terms = [whole_number_term(key, one.value) for one in patient.identifiers]
    terms += number_terms(key, digits)[:1] if len(digits) >= SHORTEST_NUMBER else []
    terms += [birth_term(key, patient.birth_date)] if patient.birth_date else []
    found: dict[PatientId, None] = {}
    for term in terms:
        for line in await table.entries(term, index="found", limit=_MOST_NAMESAKES * 3):
            found[patient_of(line.sort)] = None
    named = words(patient.name)
    wanted = [[trail_of(key, form) for form in forms(word)] for word in named]
    longest = max(named, key=len, default="")
    namesakes: dict[PatientId, None] = {}
    for form in forms(longest) if longest else ():
        for line in await table.entries(word_terms(key, form, whole=True), index="found", limit=_LOOK):
            if may_have(line.sort, wanted) and len(namesakes) < _MOST_NAMESAKES:
                namesakes[patient_of(line.sort)] = None
    return list(found | namesakes)


def _reasons(one: Patient, other: Patient) -> tuple[str, ...]:
    numbers = {(kept.system.casefold(), plain_number(kept.value)) for kept in one.identifiers}
    same_number = any((kept.system.casefold(), plain_number(kept.value)) in numbers for kept in other.identifiers)
    same_phone = bool(national_digits(one.phone)) and national_digits(one.phone) == national_digits(other.phone)
    named = same_name(one.name, other.name)
    told = {
        "same_identifier": same_number,
        "same_name": named,
        "similar_name": not named and similar_name(one.name, other.name),
        "same_birth_date": one.birth_date is not None and one.birth_date == other.birth_date,
        "same_phone": same_phone,
    }
    return tuple(reason for reason, holds in told.items() if holds)


def _likely(reasons: Sequence[str], one: Patient, other: Patient) -> bool:
    # Four digits of an Aadhaar number are shared by one person in ten thousand: a number, but not proof.
    if "same_identifier" in reasons or len(reasons) > 1:
        return True
    return "same_name" in reasons and _birth_may_be_same(one, other)


def _birth_may_be_same(one: Patient, other: Patient) -> bool:
    """Whether the birth dates do not tell the two apart: 1 July stands for an age in years."""
    if one.birth_date is None or other.birth_date is None:
        return True
    about = any((born.month, born.day) == (7, 1) for born in (one.birth_date, other.birth_date))
    return about and abs(one.birth_date.year - other.birth_date.year) <= 1
