"""The audit trail as others use it: what is noted of a request or a command, and what is found in it again.

Writes are noted by the store in their own transaction (`Records.of(…, by=actor)`). Here is what leaves nothing behind
otherwise: reading, being refused, signing in and out, exporting.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from http import HTTPStatus
from typing import Final

from auscult.domain.actor import Actor
from auscult.domain.audit import (
    AuditAction,
    AuditEntity,
    AuditEvent,
    AuditKind,
    AuditOutcome,
    audit_event,
)
from auscult.domain.ids import ClinicId
from auscult.domain.via import Via
from auscult.flows.services import Services
from auscult.stores.audit import AuditEntry, AuditPage, Sought

_REFUSALS: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_ACTIONS: Final = {
    "GET": AuditAction.READ,
    "HEAD": AuditAction.READ,
    "PUT": AuditAction.UPDATE,
    "PATCH": AuditAction.UPDATE,
    "DELETE": AuditAction.DELETE,
}


def event(
    services: Services,
    clinic_id: ClinicId,
    who: Actor | None,
    kind: AuditKind,
    *,
    action: AuditAction = AuditAction.EXECUTE,
    via: Via | None = None,
    entities: Iterable[AuditEntity] = (),
    outcome: AuditOutcome = AuditOutcome.SUCCESS,
) -> AuditEvent:
    """An act of now, to be given to `transact(…, audit=[…])` or to `note`."""
    return audit_event(
        services.ambient, clinic_id, who, kind=kind, action=action, via=via, entities=entities, outcome=outcome
    )


async def note(services: Services, told: AuditEvent) -> None:
    """Write an act that no transaction writes."""
    await services.records.of(told.clinic_id).audit.record(told)


async def note_request(
    services: Services,
    clinic_id: ClinicId,
    who: Actor | None,
    *,
    via: Via,
    method: str,
    status: int,
    named: Sequence[AuditEntity] = (),
    refused: bool = False,
) -> None:
    """Note a request that is about to be answered, unless what it wrote says it already.

    - of somebody whom we do not know, what is refused for that reason (401, 403, 429, or `refused`);
    - of a caller, each that is refused or fails, each that reads, and each other that wrote nothing.

    `named` are the entities that the address names; what was opened to answer is added to them.
    """
    known = who is not None
    failed = status >= HTTPStatus.BAD_REQUEST or refused
    if not known and not (refused or (status in _REFUSALS and status != HTTPStatus.NOT_FOUND)):
        return
    action = _ACTIONS.get(method, AuditAction.EXECUTE)
    if known and not failed and action is not AuditAction.READ and via.trace.wrote:
        return
    opened = [AuditEntity(type=kind, id=identifier) for kind, identifier in via.trace.opened]
    await note(
        services,
        audit_event(
            services.ambient,
            clinic_id,
            who,
            kind=AuditKind.REFUSAL if refused or status in _REFUSALS else AuditKind.RECORDS,
            action=action if failed or action is AuditAction.READ else AuditAction.EXECUTE,
            via=via,
            outcome=_outcome(status, failed=failed),
            status=status,
            entities=[*named, *opened],
            more=via.trace.more,
        ),
    )


def _outcome(status: int, *, failed: bool) -> AuditOutcome:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return AuditOutcome.SERIOUS_FAILURE
    return AuditOutcome.MINOR_FAILURE if failed else AuditOutcome.SUCCESS


async def search(
    services: Services, actor: Actor, sought: Sought, *, limit: int = 50, cursor: str | None = None
) -> AuditPage:
    """A page of the actor's clinic's trail, newest first."""
    return await services.records_of(actor).audit.search(sought, limit=limit, cursor=cursor)


async def export(services: Services, clinic_id: ClinicId, who: Actor, sought: Sought) -> AsyncIterator[AuditEntry]:
    """All entries sought, oldest first, page by page; that they were taken out is noted before the first."""
    concerned = [AuditEntity(type="patient", id=sought.patient_id)] if sought.patient_id else []
    await note(services, event(services, clinic_id, who, AuditKind.EXPORT, entities=concerned))
    trail = services.records.of(clinic_id).audit
    cursor: str | None = None
    while True:
        page = await trail.search(sought, oldest_first=True, limit=500, cursor=cursor)
        for entry in page.items:
            yield entry
        if page.next is None:
            return
        cursor = page.next
