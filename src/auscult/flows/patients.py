"""Patients: registered, read, listed, corrected. What they are found under is written with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, TypedDict, Unpack

from auscult.domain.actor import Actor
from auscult.domain.errors import ConflictError, NotFoundError, StaleError
from auscult.domain.ids import PatientId
from auscult.domain.patient import Identifier, Patient, Sex
from auscult.domain.patient_checks import birth_date_of, checked_identifiers, checked_lines, checked_name, checked_phone
from auscult.flows.care_team import joining, outlined, require
from auscult.flows.idempotency import made_before, remember
from auscult.flows.patient_terms import PATIENT_TERMS, terms_of
from auscult.flows.recording_state import event
from auscult.flows.services import Services
from auscult.flows.tables import ALL, PATIENTS
from auscult.stores.records import Key, Page, Put, Stored, Write

_REGISTERED: Final = "patient"
"""What an Idempotency-Key is remembered for."""


class Details(TypedDict, total=False):
    """What somebody at the desk writes of a patient. `age` is in years, for where there is no birth date."""

    name: str
    birth_date: date | None
    age: int | None
    sex: Sex
    phone: str
    identifiers: Sequence[Identifier]
    language: str
    allergies: Sequence[str]
    problems: Sequence[str]
    medicines: Sequence[str]


def described(services: Services, details: Details) -> Patient:
    """The patient whom these details describe, with an id of their own, written down nowhere yet.

    Raises `InvalidError`, which names the field: for text that cannot be read, a birth date that cannot be right, a
    number that is none, a whole Aadhaar number.
    """
    now = services.ambient.now()
    return Patient(
        id=PatientId(services.ambient.new_id("PAT")),
        name=checked_name(details.get("name", "")),
        birth_date=birth_date_of(details.get("birth_date"), details.get("age"), now),
        sex=details.get("sex", Sex.UNKNOWN),
        phone=checked_phone(details.get("phone", "")),
        identifiers=checked_identifiers(details.get("identifiers", ())),
        language=details.get("language", "en"),
        allergies=checked_lines(details.get("allergies", ()), "allergies"),
        problems=checked_lines(details.get("problems", ()), "problems"),
        medicines=checked_lines(details.get("medicines", ()), "medicines"),
        created_at=now,
    )


async def register(services: Services, actor: Actor, **details: Unpack[Details]) -> Patient:
    """Register a patient. Raises `InvalidError` as `described` does."""
    return (await registered(services, actor, details)).value


async def registered(
    services: Services, actor: Actor, details: Details, idempotency_key: str | None = None
) -> Stored[Patient]:
    """As `register`, with the version.

    The same `idempotency_key` again answers with the patient whom it registered: what was typed without a network may
    be sent twice.
    """
    if before := await made_before(services, actor, _REGISTERED, idempotency_key):
        return await read_stored(services, actor, PatientId(before))
    patient = described(services, details)
    terms = terms_of(await services.search_key(actor), patient)
    writes: list[Write] = [Put(PATIENTS, patient, if_version=0), Put(PATIENT_TERMS, terms, if_version=0)]
    try:
        (version, *_) = await services.records_of(actor).transact(
            [
                *writes,
                *remember(services, actor, _REGISTERED, idempotency_key, patient.id),
                *await joining(services, actor, patient.id),
            ],
            events=[event(services, actor, "registered", patient_id=patient.id)],
        )
    except ConflictError:
        twin = await made_before(services, actor, _REGISTERED, idempotency_key)
        if twin is None:
            raise
        return await read_stored(services, actor, PatientId(twin))
    return Stored(patient, version)


async def change(
    services: Services, actor: Actor, patient_id: PatientId, changes: Details, *, etag: int | None
) -> Stored[Patient]:
    """Correct what is written of a patient: `changes` are fields of `Details`; what is not named stays.

    `etag` is the version that the change was made from (None: whatever is there). Raises `NotFoundError`, `StaleError`,
    `InvalidError` as `described` does.
    """
    stored = await read_stored(services, actor, patient_id)
    if etag is not None and etag != stored.version:
        raise StaleError("Somebody changed this patient meanwhile.")
    before = stored.value
    if changes.get("age") is None:
        changes.pop("age", None)
    # Only what is changed is checked: an old entry with a number that nobody would take now can still be corrected.
    fresh = described(services, {"name": before.name, **changes})
    named = {"birth_date" if name == "age" else name for name in changes}
    changed = before.model_copy(update={name: getattr(fresh, name) for name in named})
    if changed == before:
        return stored
    if changed.medicines != before.medicines:
        changed = changed.model_copy(update={"medicines_at": services.ambient.now()})
    try:
        (version, _) = await services.records_of(actor).transact(
            [
                Put(PATIENTS, changed, if_version=stored.version),
                Put(PATIENT_TERMS, terms_of(await services.search_key(actor), changed)),
            ],
            events=[event(services, actor, "patient_changed", patient_id=changed.id)],
        )
    except ConflictError as error:
        raise StaleError("Somebody changed this patient meanwhile.") from error
    return Stored(changed, version)


async def read(services: Services, actor: Actor, patient_id: PatientId) -> Patient:
    """A patient; one that was merged answers as the one it was merged into.

    Raises `NotFoundError`, `OutsideCareTeamError`.
    """
    return (await read_stored(services, actor, patient_id)).value


async def read_stored(services: Services, actor: Actor, patient_id: PatientId) -> Stored[Patient]:
    """As `read`, with the version."""
    stored = await found(services, actor, patient_id)
    await require(services, actor, stored.value.id)
    return stored


async def found(services: Services, actor: Actor, patient_id: PatientId) -> Stored[Patient]:
    """As `read_stored`, whoever asks: for what shows nothing of the record, such as the queue."""
    seen: set[PatientId] = set()
    while patient_id not in seen:
        seen.add(patient_id)
        stored = await services.records_of(actor).table(PATIENTS).get(Key(patient_id))
        if stored is None:
            break
        if stored.value.merged_into is None:
            return stored
        patient_id = stored.value.merged_into
    raise NotFoundError("There is no such patient.")


async def recent(services: Services, actor: Actor, limit: int, cursor: str | None) -> Page[Patient]:
    """Patients, newest first; of those whom the actor does not care for, an outline."""
    table = services.records_of(actor).table(PATIENTS)
    page = await table.query(ALL, index="recent", newest_first=True, limit=limit, cursor=cursor)
    return Page(tuple(await outlined(services, actor, page.items)), page.next)


async def names(services: Services, actor: Actor, patient_ids: Iterable[PatientId | None]) -> dict[PatientId, str]:
    """The names of these patients, for lists; unknown ones are left out. A device or another system learns none."""
    if not actor.sees_whole_clinic:
        return {}
    wanted = list(dict.fromkeys(one for one in patient_ids if one is not None))
    rows = await services.records_of(actor).table(PATIENTS).get_many([Key(one) for one in wanted])
    return {one: stored.value.name for one, stored in zip(wanted, rows, strict=True) if stored is not None}
