"""Patients: registered, read, listed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from auscult.domain.actor import Actor
from auscult.domain.errors import InvalidError, NotFoundError
from auscult.domain.ids import PatientId
from auscult.domain.patient import Identifier, Patient, Sex
from auscult.flows.recording_state import event
from auscult.flows.services import Services
from auscult.flows.tables import ALL, PATIENTS
from auscult.stores.records import Key, Page, Put

MAX_AGE = 130
"""Years. The oldest verified human age is 122; beyond this a birth date is a slip."""


async def register(
    services: Services,
    actor: Actor,
    *,
    name: str,
    birth_date: date | None = None,
    age: int | None = None,
    sex: Sex = Sex.UNKNOWN,
    phone: str = "",
    identifiers: tuple[Identifier, ...] = (),
    language: str = "en",
    allergies: tuple[str, ...] = (),
    problems: tuple[str, ...] = (),
    medicines: tuple[str, ...] = (),
) -> Patient:
    """Register a patient; an `age` in years is kept as 1 July of the year that it points to.

    Raises `InvalidError` for a birth date in the future or beyond any human age, and for a name of spaces.
    """
    name = " ".join(name.split())
    if not name:
        raise InvalidError("A patient needs a name.", remedy="Write the name, or what the person is called meanwhile.")
    now = services.ambient.now()
    if birth_date is None and age is not None:
        birth_date = date(now.year - age, 7, 1)
        if birth_date > now.date():
            birth_date = date(now.year - age - 1, 7, 1)
    if birth_date is not None and not now.year - MAX_AGE <= birth_date.year <= now.year:
        raise InvalidError("The birth date cannot be right.", remedy="Correct the birth date or the age.")
    if birth_date is not None and birth_date > now.date():
        raise InvalidError("The birth date is in the future.", remedy="Correct the birth date.")
    patient = Patient(
        id=PatientId(services.ambient.new_id("PAT")),
        name=name,
        birth_date=birth_date,
        sex=sex,
        phone=phone,
        identifiers=identifiers,
        language=language,
        allergies=allergies,
        problems=problems,
        medicines=medicines,
        created_at=now,
    )
    await services.records_of(actor).transact(
        [Put(PATIENTS, patient, if_version=0)], events=[event(services, actor, "registered", patient_id=patient.id)]
    )
    return patient


async def read(services: Services, actor: Actor, patient_id: PatientId) -> Patient:
    """A patient; one that was merged answers as the one it was merged into. Raises `NotFoundError`."""
    seen: set[PatientId] = set()
    while patient_id not in seen:
        seen.add(patient_id)
        stored = await services.records_of(actor).table(PATIENTS).get(Key(patient_id))
        if stored is None:
            break
        if stored.value.merged_into is None:
            return stored.value
        patient_id = stored.value.merged_into
    raise NotFoundError("There is no such patient.")


async def recent(services: Services, actor: Actor, limit: int, cursor: str | None) -> Page[Patient]:
    """Patients, newest first."""
    table = services.records_of(actor).table(PATIENTS)
    return await table.query(ALL, index="recent", newest_first=True, limit=limit, cursor=cursor)


async def names(services: Services, actor: Actor, patient_ids: Iterable[PatientId | None]) -> dict[PatientId, str]:
    """The names of these patients, for lists; unknown ones are left out. A device or another system learns none."""
    found: dict[PatientId, str] = {}
    if not actor.sees_whole_clinic:
        return found
    for patient_id in {one for one in patient_ids if one is not None}:
        stored = await services.records_of(actor).table(PATIENTS).get(Key(patient_id))
        if stored is not None:
            found[patient_id] = stored.value.name
    return found
