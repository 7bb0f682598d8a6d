"""What devices are told: which topics an event has, and what is in each message.

Ids, numbers and times only. A patient's name travels in `registered` where the deployment allows it, and nothing else
that is known of a patient ever does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from auscult.domain.actor import Actor, system_actor
from auscult.domain.device_message import DeviceMessage
from auscult.domain.errors import ErasedError, NotFoundError
from auscult.domain.event import Event
from auscult.domain.ids import PatientId, QueueEntryId, is_id
from auscult.flows import patients, queue
from auscult.flows.services import Services

TOPICS: Final = (
    "patients/{patient_id}/registered",
    "patients/{patient_id}/soap_ready",
    "patients/{patient_id}/history_updated",
    "patients/{patient_id}/updates",
    "queue/{entry_id}/status",
)
"""Every topic that devices are told on, below what their clinic's topics begin with."""
TOLD_WAITING: Final = 200
"""How many of those who wait, from the head of the queue, are told when somebody else's change moves them."""
_ANNOUNCED: Final = {"soap_ready": "soap_note_ready"}
"""Names of events that the topic `updates` has otherwise."""

Body = dict[str, str | int | float | None]
_Standing = tuple[str, int | None, int | None]
"""An entry's status, its position from 1, and its estimated wait in whole minutes."""


class DeviceTopics:
    """The `Wording` of one clinic's events.

    Each message holds the `seq` of the event that it tells of, or was caused by: on one topic a reader may drop what
    has no higher number than the last, since what is told of the queue is its state when the message is made, which is
    never older than the event.
    """

    def __init__(self, services: Services, *, names: bool) -> None:
        """`names`: whether a patient's name may travel."""
        self._services = services
        self._names = names
        self._standings: dict[str, _Standing] = {}

    async def messages(self, events: Sequence[Event]) -> Sequence[DeviceMessage]:
        """See `Wording.messages`.

        A change of the queue tells its own entry's place, and that of everybody among the first `TOLD_WAITING` whose
        position or estimated wait it changed; several changes in `events` tell the others once, after the last.
        """
        found: list[DeviceMessage] = []
        moved = [event for event in events if event.name == "queue_status"]
        now = await self._queue(system_actor(moved[-1].clinic_id)) if moved else {}
        for event in events:
            found += await self._of_patient(event)
            if event.name == "queue_status":
                found += await self._of_entry(event, now)
        if moved:
            told = {str(event.ids.get("entry_id")) for event in moved}
            found += [
                _standing(moved[-1], entry_id, standing)
                for entry_id, standing in now.items()
                if entry_id not in told and self._standings.get(entry_id) != standing
            ]
            self._standings = now
        return found

    def forget(self) -> None:
        """See `Wording.forget`."""
        self._standings = {}

    async def _of_patient(self, event: Event) -> list[DeviceMessage]:
        patient_id = str(event.ids.get("patient_id", ""))
        if not is_id(patient_id, "PAT"):
            return []
        found = []
        body = await self._body(event, PatientId(patient_id))
        if body is not None:
            found.append(_message(event, f"patients/{patient_id}/{event.name}", {"patient_id": patient_id, **body}))
        update: Body = {"event": _ANNOUNCED.get(event.name, event.name), "patient_id": patient_id}
        return [*found, _message(event, f"patients/{patient_id}/updates", update)]

    async def _body(self, event: Event, patient_id: PatientId) -> Body | None:
        """What the event's own topic says beside the patient's id; None when it has none."""
        timestamp = event.envelope()["timestamp"]
        if event.name == "registered":
            name = await self._name(system_actor(event.clinic_id), patient_id) if self._names else None
            return {"timestamp": timestamp} if name is None else {"name": name, "timestamp": timestamp}
        if event.name == "soap_ready":
            return {"note_id": event.ids.get("note_id"), "timestamp": timestamp}
        if event.name == "history_updated":
            return {"medication_count": event.ids.get("medication_count"), "timestamp": timestamp}
        return None

    async def _name(self, system: Actor, patient_id: PatientId) -> str | None:
        try:
            return (await patients.read(self._services, system, patient_id)).name
        except (NotFoundError, ErasedError):
            return None

    async def _of_entry(self, event: Event, now: dict[str, _Standing]) -> list[DeviceMessage]:
        entry_id = str(event.ids.get("entry_id", ""))
        if not is_id(entry_id, "QUE"):
            return []
        standing = now.get(entry_id)
        if standing is None:  # it is over, or far behind
            try:
                system = system_actor(event.clinic_id)
                standing = _stands(await queue.read(self._services, system, QueueEntryId(entry_id)))
            except (NotFoundError, ErasedError):
                standing = (str(event.ids.get("status", "")), None, None)
        return [_standing(event, entry_id, standing)]

    async def _queue(self, system: Actor) -> dict[str, _Standing]:
        found = await queue.overview(self._services, system, limit=TOLD_WAITING)
        return {waiting.entry.id: _stands(waiting) for waiting in found}


def _stands(waiting: queue.Waiting) -> _Standing:
    return (
        waiting.entry.status.value,
        None if waiting.before is None else waiting.before + 1,
        None if waiting.wait is None else math.ceil(waiting.wait),
    )


def _standing(event: Event, entry_id: str, standing: _Standing) -> DeviceMessage:
    status, position, wait = standing
    return _message(event, f"queue/{entry_id}/status", {"position": position, "estimated_wait": wait, "status": status})


def _message(event: Event, path: str, body: Body) -> DeviceMessage:
    return DeviceMessage(clinic_id=event.clinic_id, path=path, body={**body, "seq": event.seq})
