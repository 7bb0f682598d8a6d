"""Opening the record of a patient whom one does not care for: for a reason, for a while, and looked into afterwards.

The words of the reason are sealed under the patient; the audit trail and events hold the id of the grant.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from auscult.domain.actor import Actor
from auscult.domain.audit import PATIENT, AuditAction, AuditEntity, AuditEvent, AuditKind
from auscult.domain.care_team import BreakGlass, Finding, GlassReason, GlassReview, checked_comment, checked_reason
from auscult.domain.errors import ConflictError, ForbiddenError, NotFoundError, OutsideCareTeamError
from auscult.domain.ids import PatientId
from auscult.domain.via import Purpose, Via
from auscult.flows import audit, patients
from auscult.flows.care_team import BREAK_GLASS, CARING, TO_REVIEW, require
from auscult.flows.newest import RefusedError, until_it_holds
from auscult.flows.recording_state import event
from auscult.flows.services import Services
from auscult.flows.tables import PATIENTS
from auscult.stores.records import Expect, Key, Page, Put


async def break_glass(
    services: Services, actor: Actor, patient_id: PatientId, code: GlassReason, reason: str
) -> BreakGlass:
    """Open the record of this patient to the actor, alone and until `expires_at`; administrators hear of it.

    Raises `InvalidError` for a reason of fewer than 10 or more than 500 characters, `NotFoundError`, `ConflictError`
    when the record is open to the actor already, `ForbiddenError` for who is no clinician.
    """
    if actor.role not in CARING:
        raise ForbiddenError("Only clinicians open records.")
    words = checked_reason(reason)

    async def once() -> BreakGlass:
        patient = await patients.found(services, actor, patient_id)
        if await _may_open(services, actor, patient.value.id):
            raise RefusedError(ConflictError("This record is open to you already.", remedy="Open the record."))
        now = services.ambient.now()
        grant = BreakGlass(
            id=services.ambient.new_id("BTG"),
            patient_id=patient.value.id,
            user_id=actor.user_id,
            user_name=actor.name,
            code=code,
            reason=words,
            at=now,
            expires_at=now + timedelta(seconds=services.limits.break_glass_seconds),
        )
        await services.records_of(actor).transact(
            # a merge that comes between takes the grants that it knows along: this one is then made for who stays
            [Put(BREAK_GLASS, grant, if_version=0), Expect(PATIENTS, Key(grant.patient_id), patient.version)],
            events=[
                event(
                    services,
                    actor,
                    "break_glass",
                    break_glass_id=grant.id,
                    patient_id=grant.patient_id,
                    user_id=grant.user_id,
                )
            ],
            audit=[_entry(services, actor, grant, AuditAction.CREATE)],
        )
        return grant

    return await until_it_holds(once)


async def to_review(services: Services, actor: Actor, limit: int, cursor: str | None) -> Page[BreakGlass]:
    """What nobody has looked into yet, newest first, expired ones too."""
    table = services.records_of(actor).table(BREAK_GLASS)
    return await table.query(TO_REVIEW, index="review", newest_first=True, limit=limit, cursor=cursor)


async def review(services: Services, actor: Actor, grant_id: str, finding: Finding, comment: str = "") -> BreakGlass:
    """Write down what was found. One that is not justified opens nothing any more, also before its time is over.

    Raises `NotFoundError`, `ConflictError` when it was reviewed before, `ForbiddenError` for one's own.
    """
    said = checked_comment(comment)
    stored = await services.records_of(actor).table(BREAK_GLASS).get(Key(grant_id))
    if stored is None:
        raise NotFoundError("There is no such grant.")
    grant = stored.value
    if grant.user_id == actor.user_id:
        raise ForbiddenError("Nobody reviews their own.", remedy="Ask another administrator.")
    if grant.review is not None:
        raise ConflictError("This was reviewed before.")
    found = GlassReview(
        user_id=actor.user_id, name=actor.name, at=services.ambient.now(), finding=finding, comment=said
    )
    reviewed = grant.model_copy(update={"review": found})
    await services.records_of(actor).transact(
        [Put(BREAK_GLASS, reviewed, if_version=stored.version)],
        events=[event(services, actor, "break_glass_reviewed", break_glass_id=grant.id)],
        audit=[_entry(services, actor, reviewed, AuditAction.UPDATE)],
    )
    return reviewed


async def _may_open(services: Services, actor: Actor, patient_id: PatientId) -> bool:
    try:
        await require(services, actor, patient_id)
    except OutsideCareTeamError:
        return False
    return True


def _entry(services: Services, actor: Actor, grant: BreakGlass, action: AuditAction) -> AuditEvent:
    """The entry of its own beside the one of the write, by which such acts are found."""
    why = replace(actor.via or Via(), reason_id=grant.id)
    return audit.event(
        services,
        actor.clinic_id,
        actor,
        AuditKind.BREAK_GLASS,
        action=action,
        via=replace(why, purpose=Purpose.BREAK_GLASS) if action is AuditAction.CREATE else why,
        entities=[AuditEntity(type="break_glass", id=grant.id), AuditEntity(type=PATIENT, id=grant.patient_id)],
    )
