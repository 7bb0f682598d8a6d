"""Patients: registered, found, read, corrected, listed, merged."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response

from auscult.api.callers import Clinician, ServicesOf, Staff, needs
from auscult.api.json_bodies import JsonRoute
from auscult.api.preconditions import PatientVersion
from auscult.api.sent import Merge, NewPatient, PatientChange, PatientSearch
from auscult.api.views import DuplicateView, Listing, NoteView, PatientView, SummaryView
from auscult.domain.access import Scope
from auscult.domain.ids import PatientId
from auscult.domain.patient import Patient
from auscult.flows import file, notes, patient_search, patient_summary, patients
from auscult.stores.records import Stored

router = APIRouter(
    prefix="/patients", tags=["patients"], route_class=JsonRoute, dependencies=[Depends(needs(Scope.PATIENTS))]
)


@router.post("", status_code=201)
async def register(
    body: NewPatient,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> PatientView:
    """Register a patient. Somebody who may be registered already is no obstacle: see `/patients/duplicates`.

    The same Idempotency-Key again answers with the patient whom it registered.
    """
    return _answer(response, await patients.registered(services, actor, _details(body), idempotency_key))


@router.post("/search")
async def search(body: PatientSearch, services: ServicesOf, actor: Staff) -> Listing[PatientView]:
    """Find patients while typing: by words of the name in either script, phone, number or birth date; best first."""
    found = await patient_search.search(services, actor, body.text, body.limit)
    return Listing(items=[PatientView.of(stored) for stored in found])


@router.post("/duplicates")
async def find_duplicates(body: NewPatient, services: ServicesOf, actor: Clinician) -> Listing[DuplicateView]:
    """Who is likely registered already, before a patient is registered; the likeliest first."""
    described = patients.described(services, _details(body))
    found = await patient_search.duplicates(services, actor, described)
    return Listing(
        items=[DuplicateView(patient=PatientView.of(one.patient), reasons=list(one.reasons)) for one in found]
    )


@router.get("")
async def list_patients(
    services: ServicesOf,
    actor: Staff,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Listing[PatientView]:
    """Patients, newest first."""
    page = await patients.recent(services, actor, limit, cursor)
    return Listing(items=[PatientView.of(stored) for stored in page.items], next=page.next)


@router.get("/{patient_id}")
async def read_patient(patient_id: str, response: Response, services: ServicesOf, actor: Clinician) -> PatientView:
    """One patient."""
    return _answer(response, await patients.read_stored(services, actor, PatientId(patient_id)))


@router.patch("/{patient_id}")
async def change_patient(
    patient_id: str,
    body: PatientChange,
    response: Response,
    services: ServicesOf,
    actor: Clinician,
    etag: PatientVersion,
) -> PatientView:
    """Correct what is written of a patient."""
    changes = _details(body, only_set=True)
    return _answer(response, await patients.change(services, actor, PatientId(patient_id), changes, etag=etag))


@router.get("/{patient_id}/notes")
async def patient_notes(
    patient_id: str,
    services: ServicesOf,
    actor: Clinician,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Listing[NoteView]:
    """A patient's notes, newest first, each in its newest version."""
    patient = await patients.read(services, actor, PatientId(patient_id))
    page = await notes.of_patient(services, actor, patient.id, limit, cursor)
    return Listing(items=[NoteView.of(stored) for stored in page.items], next=page.next)


@router.get("/{patient_id}/summary")
async def read_summary(patient_id: str, services: ServicesOf, actor: Clinician) -> SummaryView:
    """What is known of a patient: what was registered, and what signed notes say. Drafts are not known."""
    return SummaryView.of(await patient_summary.read(services, actor, PatientId(patient_id)))


@router.post("/{patient_id}/merge")
async def merge(
    patient_id: str, body: Merge, response: Response, services: ServicesOf, actor: Clinician
) -> PatientView:
    """Make two entries of one person into one; the one named in `into` stays."""
    merged = await file.merge_patients(services, actor, PatientId(patient_id), PatientId(body.into))
    return _answer(response, merged)


def _details(body: NewPatient | PatientChange, *, only_set: bool = False) -> patients.Details:
    names = body.model_fields_set if only_set else set(type(body).model_fields)
    details: patients.Details = {name: getattr(body, name) for name in names}  # type: ignore[assignment]  # same names
    return details


def _answer(response: Response, stored: Stored[Patient]) -> PatientView:
    view = PatientView.of(stored)
    response.headers["ETag"] = view.etag
    return view
