"""The queue: who waits, who is called, who is seen."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from auscult.api.callers import Clinician, ServicesOf, SignedIn, needs
from auscult.api.json_bodies import JsonRoute
from auscult.api.sent import NamedEntry, NewQueueEntry, NextEntry, QueueAgain
from auscult.api.views import Listing, QueueEntryView
from auscult.api.waiting_room import NumbersView
from auscult.domain.access import Scope
from auscult.domain.actor import Actor
from auscult.domain.ids import PatientId, QueueEntryId
from auscult.domain.queue import QueueEntry
from auscult.flows import patients, queue
from auscult.flows.services import Services

router = APIRouter(prefix="/queue", tags=["queue"], route_class=JsonRoute, dependencies=[Depends(needs(Scope.QUEUE))])


@router.post("", status_code=201)
async def join(body: NewQueueEntry, services: ServicesOf, actor: Clinician) -> QueueEntryView:
    """Put a patient into the queue."""
    patient_id = PatientId(body.patient_id)
    waiting = await queue.join(services, actor, patient_id, reason=body.reason, urgency=body.urgency)
    return await _view(services, actor, waiting)


@router.get("")
async def list_queue(services: ServicesOf, actor: Clinician) -> Listing[QueueEntryView]:
    """Everybody who is seen, was called or waits, in this order, and each as they come."""
    shown = await queue.overview(services, actor)
    names = await patients.names(services, actor, [one.entry.patient_id for one in shown])
    return Listing(items=[QueueEntryView.of(one, names) for one in shown], next=None)


@router.post("/call")
async def call(body: NextEntry, services: ServicesOf, actor: Clinician) -> QueueEntryView:
    """Call somebody in: the one named, or the next."""
    return await _after(services, actor, await queue.call(services, actor, _named(body)))


@router.post("/start")
async def start(body: NextEntry, services: ServicesOf, actor: Clinician) -> QueueEntryView:
    """Begin a consultation: with the one named, else whom the caller called, else the next."""
    return await _after(services, actor, await queue.start(services, actor, _named(body), another=body.another))


@router.post("/complete")
async def complete(body: NamedEntry, services: ServicesOf, actor: Clinician) -> QueueEntryView:
    """End a consultation."""
    return await _after(services, actor, await queue.complete(services, actor, QueueEntryId(body.entry_id)))


@router.get("/numbers")
async def waiting_room(services: ServicesOf, actor: SignedIn) -> NumbersView:
    """What the waiting-room screen shows: numbers, and nothing of whose they are."""
    return NumbersView.of([one.entry for one in await queue.overview(services, actor)])


@router.get("/{entry_id}")
async def read_entry(entry_id: str, services: ServicesOf, actor: Clinician) -> QueueEntryView:
    """One entry, with its position and the estimate."""
    return await _view(services, actor, await queue.read(services, actor, QueueEntryId(entry_id)))


@router.post("/{entry_id}/cancel")
async def cancel(entry_id: str, services: ServicesOf, actor: Clinician) -> QueueEntryView:
    """Take somebody out of the queue."""
    return await _after(services, actor, await queue.cancel(services, actor, QueueEntryId(entry_id)))


@router.post("/{entry_id}/no-show")
async def no_show(entry_id: str, services: ServicesOf, actor: Clinician) -> QueueEntryView:
    """Note that somebody who was called did not come."""
    return await _after(services, actor, await queue.no_show(services, actor, QueueEntryId(entry_id)))


@router.post("/{entry_id}/queue-again")
async def queue_again(entry_id: str, body: QueueAgain, services: ServicesOf, actor: Clinician) -> QueueEntryView:
    """Put somebody back to waiting who was called, cancelled or did not come."""
    again = await queue.queue_again(services, actor, QueueEntryId(entry_id), keeps_place=body.keeps_place)
    return await _after(services, actor, again)


def _named(body: NextEntry) -> QueueEntryId | None:
    return None if body.entry_id is None else QueueEntryId(body.entry_id)


async def _after(services: Services, actor: Actor, entry: QueueEntry) -> QueueEntryView:
    return await _view(services, actor, await queue.described(services, actor, entry))


async def _view(services: Services, actor: Actor, waiting: queue.Waiting) -> QueueEntryView:
    return QueueEntryView.of(waiting, await patients.names(services, actor, [waiting.entry.patient_id]))
