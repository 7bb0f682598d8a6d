"""Something happened: ids and numbers only, never patient text."""

from __future__ import annotations

from pydantic import Field

from auscult.domain.ids import ClinicId, EventId
from auscult.domain.model import UtcDatetime, Value


class Event(Value):
    """One event, written in the same transaction as the change that it tells of.

    `seq` is the per-clinic sequence number, given when it is published (0 before): replay goes by it.
    `ids` holds identifiers and numbers that a client needs to fetch more (`recording_id`, `note_id`, `step`, …).
    """

    id: EventId
    clinic_id: ClinicId
    name: str
    """`recording_progress`, `soap_ready`, `recording_failed`, `note_signed`, …"""
    at: UtcDatetime
    ids: dict[str, str | int | float] = Field(default_factory=dict)
    seq: int = Field(ge=0, default=0)

    def envelope(self) -> dict[str, str | int | float]:
        """The one JSON shape on every transport: `{seq, event, timestamp, …ids}`."""
        return {
            "seq": self.seq,
            "event": self.name,
            "timestamp": self.at.isoformat().replace("+00:00", "Z"),
            **self.ids,
        }
