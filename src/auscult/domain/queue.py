"""The queue: who waits, for whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pydantic import Field

from auscult.domain.ids import PatientId, QueueEntryId, UserId
from auscult.domain.model import UtcDatetime, Value


class QueueStatus(StrEnum):
    """Where an entry is."""

    WAITING = "waiting"
    CALLED = "called"
    """The number is on the screen, and the patient on the way."""
    CONSULTING = "consulting"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class Urgency(StrEnum):
    """How soon somebody has to be seen, most urgent first.

    HL7 v3 ActPriority EM, UR and R, to which FHIR binds `Encounter.priority`:
    https://terminology.hl7.org/ValueSet-v3-ActPriority.html.
    """

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ROUTINE = "routine"


FOLLOWS: Final[Mapping[QueueStatus, frozenset[QueueStatus]]] = {
    QueueStatus.WAITING: frozenset({QueueStatus.CALLED, QueueStatus.CONSULTING, QueueStatus.CANCELLED}),
    QueueStatus.CALLED: frozenset(
        {QueueStatus.CONSULTING, QueueStatus.WAITING, QueueStatus.NO_SHOW, QueueStatus.CANCELLED}
    ),
    QueueStatus.CONSULTING: frozenset({QueueStatus.COMPLETED, QueueStatus.WAITING}),
    QueueStatus.COMPLETED: frozenset(),
    QueueStatus.CANCELLED: frozenset({QueueStatus.WAITING}),
    QueueStatus.NO_SHOW: frozenset({QueueStatus.WAITING}),
}
"""What may come after each status. Back to waiting is to be queued again; a consultation that ended is over."""

ENDED: Final = frozenset({QueueStatus.COMPLETED, QueueStatus.CANCELLED, QueueStatus.NO_SHOW})
"""Where nobody waits any more: the patient may be queued anew."""


class QueueEntry(Value):
    """One patient's place in the queue of one visit."""

    id: QueueEntryId
    number: int = Field(ge=1)
    """What the waiting-room screen shows: counted from 1 each day of the clinic."""
    patient_id: PatientId
    reason: str = Field(max_length=500, default="")
    urgency: Urgency = Urgency.ROUTINE
    status: QueueStatus = QueueStatus.WAITING
    waiting_since: UtcDatetime
    """When they were queued, or queued again: it decides the order within an urgency."""
    queued_by: UserId
    queued_at: UtcDatetime
    called_by: UserId | None = None
    """The clinician who called them, and whose consultation it is."""
    called_for_anyone: bool = False
    """Called in by somebody who sees no patients, as a nurse does: whichever doctor is free begins."""
    called_at: UtcDatetime | None = None
    started_at: UtcDatetime | None = None
    ended_at: UtcDatetime | None = None

    @property
    def order(self) -> str:
        """Sorts entries as they are seen: by urgency, then by how long they wait, then as they were issued."""
        return f"{list(Urgency).index(self.urgency)}/{self.waiting_since.isoformat()}/{self.id}"


class QueuePlace(Value):
    """That a patient is in the queue, once: there while their entry has not ended."""

    patient_id: PatientId
    entry_id: QueueEntryId


class QueueDesk(Value):
    """Whom a clinician sees now: one patient at a time unless they ask for another."""

    clinician_id: UserId
    entry_ids: tuple[QueueEntryId, ...] = ()
    active_at: UtcDatetime
    """When they last called, saw or finished with somebody."""


class QueueNumbers(Value):
    """The numbers that the waiting-room screen shows: the last one, and when it was given."""

    last: int = Field(ge=0)
    at: UtcDatetime
