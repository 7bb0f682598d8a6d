"""A small entity with everything a table can have, for the contract suites of the stores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from auscult.domain.event import Event
from auscult.domain.ids import UNFILED, ClinicId, EventId, SubjectId
from auscult.domain.job import Job
from auscult.domain.model import UtcDatetime, Value
from auscult.stores.records import Key, TableSpec


class Visit(Value):
    """A visit of somebody to a room, at a time; `complaint` stands for patient text."""

    room: str
    at: str
    owner: str = UNFILED
    complaint: str = ""
    status: str = "open"
    since: UtcDatetime | None = None


def _by_status(visit: Visit) -> Key | None:
    return Key(f"status/{visit.status}", visit.at) if visit.status else None


VISITS: TableSpec[Visit] = TableSpec(
    name="visit",
    model=Visit,
    key=lambda visit: Key(visit.room, visit.at),
    subject=lambda visit: SubjectId(visit.owner),
    indexes={"status": _by_status, "owner": lambda visit: Key(visit.owner, visit.at)},
)


def event(clinic_id: ClinicId, number: int, at: datetime, **ids: Any) -> Event:
    """An event with a readable id."""
    return Event(id=EventId(f"EVT_{number:026}"), clinic_id=clinic_id, name="visited", at=at, ids=ids)


def job(clinic_id: ClinicId, subject: str, revision: int = 1) -> Job:
    """A job of a flow that no test runs."""
    return Job(clinic_id=clinic_id, flow="scribe", subject=subject, revision=revision)
