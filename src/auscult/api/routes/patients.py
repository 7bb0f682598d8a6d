"""Patients: registered, read, listed, merged."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from auscult.api.callers import Clinician, ServicesOf, Staff, needs
from auscult.api.json_bodies import JsonRoute
from auscult.api.sent import Merge, NewPatient
from auscult.api.views import Listing, NoteView, PatientView
from auscult.domain.access import Scope
from auscult.domain.ids import PatientId
from auscult.flows import file, notes, patients

router = APIRouter(
    prefix="/patients", tags=["patients"], route_class=JsonRoute, dependencies=[Depends(needs(Scope.PATIENTS))]
)


@router.post("", status_code=201)
async def register(body: NewPatient, services: ServicesOf, actor: Clinician) -> PatientView:
    """Register a patient."""
    fields = body.model_dump(exclude={"identifiers", "allergies", "problems", "medicines"})
    patient = await patients.register(
        services,
        actor,
        **fields,
        identifiers=tuple(body.identifiers),
        allergies=tuple(body.allergies),
        problems=tuple(body.problems),
        medicines=tuple(body.medicines),
    )
    return PatientView.of(patient)


@router.get("")
async def list_patients(
    services: ServicesOf,
    actor: Staff,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Listing[PatientView]:
    """Patients, newest first."""
    page = await patients.recent(services, actor, limit, cursor)
    return Listing(items=[PatientView.of(stored.value) for stored in page.items], next=page.next)


@router.get("/{patient_id}")
async def read_patient(patient_id: str, services: ServicesOf, actor: Clinician) -> PatientView:
    """One patient."""
    return PatientView.of(await patients.read(services, actor, PatientId(patient_id)))


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


@router.post("/{patient_id}/merge")
async def merge(patient_id: str, body: Merge, services: ServicesOf, actor: Clinician) -> PatientView:
    """Make two entries of one person into one; the one named in `into` stays."""
    return PatientView.of(await file.merge_patients(services, actor, PatientId(patient_id), PatientId(body.into)))
