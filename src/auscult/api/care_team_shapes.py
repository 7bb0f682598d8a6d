"""The JSON shapes of care teams and of opening a record for a reason."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from auscult.api.sent import IdText
from auscult.domain.care_team import LONGEST_REASON, SHORTEST_REASON, BreakGlass, CareTeam, Finding, GlassReason
from auscult.domain.model import UtcDatetime
from auscult.flows.care_team_members import MOST_MEMBERS


class CareTeamMembers(BaseModel):
    """Who is in the care team: the whole list."""

    member_ids: Annotated[list[IdText], Field(max_length=MOST_MEMBERS)]


class CareTeamView(BaseModel):
    """A patient's care team, in the order in which they joined."""

    patient_id: str
    member_ids: list[str]

    @classmethod
    def of(cls, team: CareTeam) -> CareTeamView:
        """From the team as it is kept."""
        return cls(patient_id=team.patient_id, member_ids=list(team.member_ids))


class ReasonGiven(BaseModel):
    """Why somebody outside the care team opens the record: what kind of reason, and a sentence."""

    code: GlassReason
    reason: str = Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON)


class GrantView(BaseModel):
    """To whom the record is open, and until when."""

    break_glass_id: str
    patient_id: str
    user_id: str
    expires_at: UtcDatetime

    @classmethod
    def of(cls, grant: BreakGlass) -> GrantView:
        """From the grant as it is kept."""
        return cls(
            break_glass_id=grant.id, patient_id=grant.patient_id, user_id=grant.user_id, expires_at=grant.expires_at
        )


class GlassFinding(BaseModel):
    """What an administrator found."""

    finding: Finding
    comment: str = Field(default="", max_length=LONGEST_REASON)


class BreakGlassView(GrantView):
    """Who opened whose record and why, for an administrator; the review once there is one."""

    user_name: str
    patient_name: str
    code: GlassReason
    reason: str
    created_at: UtcDatetime
    finding: Finding | None
    comment: str
    reviewed_by: str | None
    reviewed_at: UtcDatetime | None

    @classmethod
    def with_name(cls, grant: BreakGlass, patient_name: str) -> BreakGlassView:
        """From the grant as it is kept, with the patient's name."""
        review = grant.review
        return cls(
            **GrantView.of(grant).model_dump(),
            user_name=grant.user_name,
            patient_name=patient_name,
            code=grant.code,
            reason=grant.reason,
            created_at=grant.at,
            finding=review.finding if review else None,
            comment=review.comment if review else "",
            reviewed_by=review.user_id if review else None,
            reviewed_at=review.at if review else None,
        )
