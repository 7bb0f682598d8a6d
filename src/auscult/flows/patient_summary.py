"""The patient page: what is known of somebody, from their registration and from what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from auscult.domain.actor import Actor
from auscult.domain.ids import NoteId, PatientId
from auscult.domain.note import Note, NoteStatus
from auscult.domain.patient import Patient
from auscult.domain.patient_summary import Summary, summarise
from auscult.flows import patients
from auscult.flows.services import Services
from auscult.flows.tables import NOTES
from auscult.stores.records import Stored

_MOST_VERSIONS: Final = 1000
"""Versions of notes that are read, the newest first: all of a patient who was seen every week for years."""


@dataclass(frozen=True, slots=True)
class PatientPage:
    """A patient, what is known of them, when they were last seen, and how many notes there are, drafts included."""

    patient: Stored[Patient]
    summary: Summary
    last_visit: datetime | None
    notes_count: int


async def read(services: Services, actor: Actor, patient_id: PatientId) -> PatientPage:
    """What is known of a patient. Raises `NotFoundError`."""
    patient = await patients.read_stored(services, actor, patient_id)
    page = (
        await services.records_of(actor)
        .table(NOTES)
        .query(patient.value.id, index="patient", newest_first=True, limit=_MOST_VERSIONS)
    )
    signed: dict[NoteId, Note] = {}
    visits: dict[NoteId, datetime] = {}
    for stored in page.items:
        note = stored.value
        visits[note.id] = note.created_at  # versions come newest first, so the first version's time stays
        if note.status is not NoteStatus.DRAFT:
            signed.setdefault(note.id, note)
    told = [(visits[note.id], note) for note in signed.values()]
    return PatientPage(
        patient=patient,
        summary=summarise(patient.value, told),
        last_visit=max(visits.values(), default=None),
        notes_count=len(visits),
    )
