"""The queue, from the front desk to the end of the consultation.

Every change is one transaction over the newest state: whoever comes second is asked again, and finds the next patient,
or that there is none. So two clinicians never call the same one, and a process that dies leaves the queue as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError, NotFoundError
from auscult.domain.event import Event
from auscult.domain.ids import PatientId, QueueEntryId
from auscult.domain.queue import (
    ENDED,
    FOLLOWS,
    QueueDesk,
    QueueEntry,
    QueueNumbers,
    QueuePlace,
    QueueStatus,
    Urgency,
)
from auscult.domain.queue_wait import RECENT, estimated_wait
from auscult.flows import patients
from auscult.flows.care_team import joining
from auscult.flows.newest import RefusedError, until_it_holds
from auscult.flows.recording_state import all_rows, event
from auscult.flows.services import Services
from auscult.flows.tables import ALL, QUEUE, QUEUE_DESKS, QUEUE_NUMBERS, QUEUE_PLACES
from auscult.stores.records import Delete, Key, Put, Refile, Stored, Write

_NEW_DAY: Final = timedelta(hours=6)
"""Numbers begin at 1 again when none was given for so long: a night, wherever the clinic is."""
_AT_WORK: Final = timedelta(hours=2)
"""A clinician who called or finished with nobody for so long is not counted on."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry, how many are seen before it (None once it waits no more), and the estimate in minutes."""

    entry: QueueEntry
    before: int | None
    wait: float | None


async def join(
    services: Services, actor: Actor, patient_id: PatientId, *, reason: str = "", urgency: Urgency = Urgency.ROUTINE
) -> Waiting:
    """Put a patient into the queue.

    Raises `NotFoundError` for a patient who is not this clinic's, `ConflictError` for one who is in the queue already
    (with `entry_id`).
    """
    patient = (await patients.found(services, actor, patient_id)).value
    reason = " ".join(reason.split())
    records = services.records_of(actor)

    async def once() -> QueueEntry:
        place = await records.table(QUEUE_PLACES).get(Key(patient.id))
        if place is not None:
            raise RefusedError(
                ConflictError(
                    "This patient is in the queue already.",
                    remedy="Open their entry, or cancel it and queue them again.",
                    extras={"entry_id": place.value.entry_id},
                )
            )
        now = services.ambient.now()
        numbers = await records.table(QUEUE_NUMBERS).get(Key(ALL))
        number = 1 if numbers is None or now - numbers.value.at > _NEW_DAY else numbers.value.last + 1
        entry = QueueEntry(
            id=QueueEntryId(services.ambient.new_id("QUE")),
            number=number,
            patient_id=patient.id,
            reason=reason,
            urgency=urgency,
            waiting_since=now,
            queued_by=actor.user_id,
            queued_at=now,
        )
        await records.transact(
            [
                Put(QUEUE, entry, if_version=0),
                Put(QUEUE_PLACES, QueuePlace(patient_id=patient.id, entry_id=entry.id), if_version=0),
                Put(QUEUE_NUMBERS, QueueNumbers(last=number, at=now), if_version=numbers.version if numbers else 0),
                *await joining(services, actor, patient.id),
            ],
            events=[_told(services, actor, entry)],
        )
        return entry

    return await described(services, actor, await until_it_holds(once))


async def call(services: Services, actor: Actor, entry_id: QueueEntryId | None = None) -> QueueEntry:
    """Call a patient, the next one when none is named, into the room of the actor.

    Raises `NotFoundError` when nobody waits or there is no such entry, `ConflictError` when who is named waits no more.
    """
    return await _take(services, actor, entry_id, QueueStatus.CALLED, another=True)


async def start(
    services: Services, actor: Actor, entry_id: QueueEntryId | None = None, *, another: bool = False
) -> QueueEntry:
    """Begin a consultation: with whom the actor or a nurse called, else with the next one, or with who is named.

    Raises `ConflictError` while the actor sees somebody, unless they ask for `another`; else as `call`.
    """
    return await _take(services, actor, entry_id, QueueStatus.CONSULTING, another=another)


async def complete(services: Services, actor: Actor, entry_id: QueueEntryId) -> QueueEntry:
    """End a consultation. Raises `ConflictError` when there is none of this entry."""
    return await _move(services, actor, entry_id, QueueStatus.COMPLETED)


async def cancel(services: Services, actor: Actor, entry_id: QueueEntryId) -> QueueEntry:
    """Take an entry out of the queue. Raises `ConflictError` when a consultation has begun."""
    return await _move(services, actor, entry_id, QueueStatus.CANCELLED)


async def no_show(services: Services, actor: Actor, entry_id: QueueEntryId) -> QueueEntry:
    """Note that somebody who was called did not come."""
    return await _move(services, actor, entry_id, QueueStatus.NO_SHOW)


async def queue_again(
    services: Services, actor: Actor, entry_id: QueueEntryId, *, keeps_place: bool = True
) -> QueueEntry:
    """Put an entry back to waiting: where it was, or behind all others of its urgency.

    Raises `ConflictError` for one that was completed, and for a patient who has another entry meanwhile.
    """
    return await _move(services, actor, entry_id, QueueStatus.WAITING, keeps_place=keeps_place)


async def described(services: Services, actor: Actor, entry: QueueEntry) -> Waiting:
    """The entry with its place and the estimate."""
    if entry.status is not QueueStatus.WAITING:
        return Waiting(entry, None, None)
    before = await _count_before(services, actor, entry.order)
    durations, clinicians, busy = await _pace(services, actor)
    return Waiting(entry, before, estimated_wait(before, durations, clinicians=clinicians, busy=busy))


async def overview(services: Services, actor: Actor, limit: int = 200) -> list[Waiting]:
    """Everybody who waits, was called or is seen, as they come: consultations, then called, then waiting."""
    table = services.records_of(actor).table(QUEUE)
    durations, clinicians, busy = await _pace(services, actor)
    found: list[Waiting] = []
    for status in (QueueStatus.CONSULTING, QueueStatus.CALLED):
        page = await table.query(status, index="status", limit=limit)
        found += [Waiting(stored.value, None, None) for stored in page.items]
    page = await table.query(QueueStatus.WAITING, index="status", limit=limit)
    return found + [
        Waiting(stored.value, before, estimated_wait(before, durations, clinicians=clinicians, busy=busy))
        for before, stored in enumerate(page.items)
    ]


async def read(services: Services, actor: Actor, entry_id: QueueEntryId) -> Waiting:
    """One entry. Raises `NotFoundError`."""
    return await described(services, actor, (await _load(services, actor, entry_id)).value)


async def follow(services: Services, actor: Actor, source: PatientId, into: PatientId) -> None:
    """Bring the entries of a patient who is merged into another to that one. Harmless to repeat.

    Where both are in the queue, both entries stay for the clinic to end: only the one of `into` holds their place.
    """
    records = services.records_of(actor)
    for row in await all_rows(records, QUEUE, source, "patient"):

        async def once(entry_id: QueueEntryId = row.id) -> None:
            stored = await _load(services, actor, entry_id)
            if stored.value.patient_id != source:
                return
            moved = stored.value.model_copy(update={"patient_id": into})
            writes: list[Write] = [Refile(QUEUE, moved, if_version=stored.version)]
            if moved.status not in ENDED:
                writes.append(Delete(QUEUE_PLACES, Key(source)))
                if await records.table(QUEUE_PLACES).get(Key(into)) is None:
                    writes.append(Put(QUEUE_PLACES, QueuePlace(patient_id=into, entry_id=entry_id), if_version=0))
            await records.transact(writes, events=[_told(services, actor, moved)])

        await until_it_holds(once)


async def _load(services: Services, actor: Actor, entry_id: QueueEntryId) -> Stored[QueueEntry]:
    stored = await services.records_of(actor).table(QUEUE).get(Key(entry_id))
    if stored is None:
        raise NotFoundError("There is no such entry in the queue.")
    return stored


async def _next(services: Services, actor: Actor, status: QueueStatus) -> Stored[QueueEntry]:
    """When a consultation begins, whom the actor called already, or who was called in for whichever doctor is free.

    Else who waits at the head of the queue.
    """
    table = services.records_of(actor).table(QUEUE)
    if status is QueueStatus.CONSULTING:
        page = await table.query(QueueStatus.CALLED, index="status", limit=1000)
        mine = [stored for stored in page.items if stored.value.called_by == actor.user_id]
        called = mine or [stored for stored in page.items if stored.value.called_for_anyone]
        if called:
            return called[0]
    page = await table.query(QueueStatus.WAITING, index="status", limit=1)
    if not page.items:
        raise NotFoundError("Nobody is waiting.", remedy="Register a patient and put them into the queue.")
    return page.items[0]


async def _take(
    services: Services, actor: Actor, entry_id: QueueEntryId | None, status: QueueStatus, *, another: bool
) -> QueueEntry:
    records = services.records_of(actor)

    async def once() -> QueueEntry:
        desk = await records.table(QUEUE_DESKS).get(Key(actor.user_id))
        seen = desk.value.entry_ids if desk else ()
        if seen and not another and entry_id not in seen:
            raise RefusedError(
                ConflictError(
                    "You are seeing a patient.",
                    remedy="Complete that consultation first, or ask for another one beside it.",
                    extras={"entry_id": seen[-1]},
                )
            )
        stored = await (_load(services, actor, entry_id) if entry_id else _next(services, actor, status))
        now = services.ambient.now()
        entry = _moved(stored.value, status, now).model_copy(
            update={
                "called_by": actor.user_id,
                "called_for_anyone": status is QueueStatus.CALLED and actor.role is not Role.DOCTOR,
                "called_at": stored.value.called_at or now,
                "started_at": now if status is QueueStatus.CONSULTING else None,
            }
        )
        ids = (*seen, entry.id) if status is QueueStatus.CONSULTING else seen
        await records.transact(
            [
                Put(QUEUE, entry, if_version=stored.version),
                Put(
                    QUEUE_DESKS,
                    QueueDesk(clinician_id=actor.user_id, entry_ids=ids, active_at=now),
                    if_version=desk.version if desk else 0,
                ),
                *await joining(services, actor, entry.patient_id),
            ],
            events=[_told(services, actor, entry)],
        )
        return entry

    return await until_it_holds(once)


async def _move(
    services: Services, actor: Actor, entry_id: QueueEntryId, status: QueueStatus, *, keeps_place: bool = True
) -> QueueEntry:
    records = services.records_of(actor)

    async def once() -> QueueEntry:
        stored = await _load(services, actor, entry_id)
        before, now = stored.value, services.ambient.now()
        entry = _moved(before, status, now)
        if status is QueueStatus.WAITING:
            entry = entry.model_copy(
                update={
                    "called_by": None,
                    "called_for_anyone": False,
                    "called_at": None,
                    "started_at": None,
                    "ended_at": None,
                    "waiting_since": before.waiting_since if keeps_place else now,
                }
            )
        writes: list[Write] = [Put(QUEUE, entry, if_version=stored.version)]
        if status in ENDED:
            place = await records.table(QUEUE_PLACES).get(Key(before.patient_id))
            if place is not None and place.value.entry_id == entry.id:
                writes.append(Delete(QUEUE_PLACES, Key(before.patient_id), if_version=place.version))
        elif before.status in ENDED:
            if await records.table(QUEUE_PLACES).get(Key(before.patient_id)) is not None:
                raise RefusedError(ConflictError("This patient is in the queue with another entry."))
            taken = QueuePlace(patient_id=before.patient_id, entry_id=entry.id)
            writes.append(Put(QUEUE_PLACES, taken, if_version=0))
        if before.status is QueueStatus.CONSULTING and before.called_by is not None:
            desk = await records.table(QUEUE_DESKS).get(Key(before.called_by))
            if desk is not None:
                left = tuple(one for one in desk.value.entry_ids if one != entry.id)
                freed = desk.value.model_copy(update={"entry_ids": left, "active_at": now})
                writes.append(Put(QUEUE_DESKS, freed, if_version=desk.version))
        await records.transact(writes, events=[_told(services, actor, entry)])
        return entry

    return await until_it_holds(once)


def _moved(entry: QueueEntry, status: QueueStatus, now: datetime) -> QueueEntry:
    if status not in FOLLOWS[entry.status]:
        raise RefusedError(
            ConflictError(
                f"This entry is {entry.status.value.replace('_', ' ')}.", extras={"entry_status": entry.status.value}
            )
        )
    return entry.model_copy(update={"status": status, "ended_at": now if status in ENDED else None})


async def _count_before(services: Services, actor: Actor, order: str) -> int:
    table, count, cursor = services.records_of(actor).table(QUEUE), 0, None
    while True:
        page = await table.query(QueueStatus.WAITING, index="status", before=order, limit=1000, cursor=cursor)
        count, cursor = count + len(page.items), page.next
        if cursor is None:
            return count


async def _pace(services: Services, actor: Actor) -> tuple[list[float], int, int]:
    """Minutes of the last consultations, oldest first; how many clinicians are at work; how many of them are taken."""
    records = services.records_of(actor)
    done = await records.table(QUEUE).query(QueueStatus.COMPLETED, index="status", newest_first=True, limit=RECENT)
    minutes = [
        (stored.value.ended_at - stored.value.started_at).total_seconds() / 60
        for stored in reversed(done.items)
        if stored.value.started_at is not None and stored.value.ended_at is not None
    ]
    since = (services.ambient.now() - _AT_WORK).isoformat()
    desks = await records.table(QUEUE_DESKS).query(ALL, index="active", after=since, limit=1000)
    called = await records.table(QUEUE).query(QueueStatus.CALLED, index="status", limit=1000)
    busy = {desk.value.clinician_id for desk in desks.items if desk.value.entry_ids}
    busy |= {stored.value.called_by for stored in called.items if stored.value.called_by is not None}
    return minutes, len(busy | {desk.value.clinician_id for desk in desks.items}), len(busy)


def _told(services: Services, actor: Actor, entry: QueueEntry) -> Event:
    return event(services, actor, "queue_status", entry_id=entry.id, patient_id=entry.patient_id, status=entry.status)
