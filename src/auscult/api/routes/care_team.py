"""Care teams, and records that are opened from outside of them for a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from auscult.api.callers import Admin, Clinician, ServicesOf, needs
from auscult.api.care_team_shapes import (
    BreakGlassView,
    CareTeamMembers,
    CareTeamView,
    GlassFinding,
    GrantView,
    ReasonGiven,
)
from auscult.api.json_bodies import JsonRoute
from auscult.api.views import Listing
from auscult.domain.access import Scope
from auscult.domain.ids import PatientId, UserId
from auscult.flows import break_glass, care_team_members, patients

router = APIRouter(tags=["care team"], route_class=JsonRoute)


@router.get("/patients/{patient_id}/care-team", dependencies=[Depends(needs(Scope.PATIENTS))])
async def read_care_team(patient_id: str, services: ServicesOf, actor: Admin) -> CareTeamView:
    """Who is in a patient's care team."""
    return CareTeamView.of(await care_team_members.read_team(services, actor, PatientId(patient_id)))


@router.put("/patients/{patient_id}/care-team", dependencies=[Depends(needs(Scope.PATIENTS))])
async def set_care_team(patient_id: str, body: CareTeamMembers, services: ServicesOf, actor: Admin) -> CareTeamView:
    """Say who is in a patient's care team; who is not named leaves it. Nobody adds themselves."""
    members = [UserId(one) for one in body.member_ids]
    return CareTeamView.of(await care_team_members.set_team(services, actor, PatientId(patient_id), members))


@router.post("/patients/{patient_id}/break-glass", status_code=201, dependencies=[Depends(needs(Scope.PATIENTS))])
async def give_reason(patient_id: str, body: ReasonGiven, services: ServicesOf, actor: Clinician) -> GrantView:
    """Open the record of a patient whose care team the caller is not in, for a while, by giving a reason.

    Administrators hear of it at once, and look into it.
    """
    return GrantView.of(await break_glass.break_glass(services, actor, PatientId(patient_id), body.code, body.reason))


@router.get("/break-glass", dependencies=[Depends(needs(Scope.AUDIT))])
async def list_reasons(
    services: ServicesOf,
    actor: Admin,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Listing[BreakGlassView]:
    """Records that were opened for a reason which nobody has looked into yet, newest first."""
    page = await break_glass.to_review(services, actor, limit, cursor)
    found = [stored.value for stored in page.items]
    names = await patients.names(services, actor, (one.patient_id for one in found))
    return Listing(
        items=[BreakGlassView.with_name(one, names.get(one.patient_id, "")) for one in found], next=page.next
    )


@router.post("/break-glass/{break_glass_id}/review", dependencies=[Depends(needs(Scope.AUDIT))])
async def review(break_glass_id: str, body: GlassFinding, services: ServicesOf, actor: Admin) -> BreakGlassView:
    """Write down whether it was justified. If not, it opens nothing any more. Nobody reviews their own."""
    grant = await break_glass.review(services, actor, break_glass_id, body.finding, body.comment)
    names = await patients.names(services, actor, [grant.patient_id])
    return BreakGlassView.with_name(grant, names.get(grant.patient_id, ""))
