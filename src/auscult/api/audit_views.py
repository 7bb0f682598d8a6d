"""The JSON shapes of the audit trail: what is asked for, and what is found."""

from __future__ import annotations

from pydantic import BaseModel, Field

from auscult.api.sent import IdText
from auscult.domain.actor import Role
from auscult.domain.audit import AuditAction, AuditEntity, AuditKind, AuditOutcome
from auscult.domain.model import UtcDatetime
from auscult.domain.via import Purpose
from auscult.stores.audit import AuditEntry, Sought


class AuditSearch(BaseModel):
    """What to look for; what is not named does not matter. `since` ≤ time < `until`."""

    patient_id: IdText | None = None
    user_id: IdText | None = None
    since: UtcDatetime | None = None
    until: UtcDatetime | None = None
    actions: list[AuditAction] = Field(default=[], max_length=5)
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=1000)

    def sought(self) -> Sought:
        """As the trail is asked."""
        return Sought(self.patient_id, self.user_id, self.since, self.until, frozenset(self.actions))


class AuditEntryView(BaseModel):
    """One act: who, in which role, did what to what, when, from where and why, and how it ended."""

    audit_id: str
    timestamp: UtcDatetime
    kind: AuditKind
    action: AuditAction
    outcome: AuditOutcome
    status: int | None
    user_id: str
    user_name: str
    role: Role | None
    address: str
    credential: str
    act: str
    purpose: Purpose
    reason_id: str
    entities: list[AuditEntity]
    more: int
    chain: int
    seq: int

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditEntryView:
        """From an entry of the trail."""
        event = entry.event
        same = set(cls.model_fields) & set(type(event).model_fields)
        return cls(
            **{name: getattr(event, name) for name in same - {"entities"}},
            audit_id=event.id,
            timestamp=event.at,
            user_id=event.agent.user_id,
            user_name=event.agent.name,
            role=event.agent.role,
            entities=list(event.entities),
            chain=entry.chain,
            seq=entry.seq,
        )
