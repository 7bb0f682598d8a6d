"""What the audit trail says of one act, in the words of FHIR's AuditEvent: who, what, when, from where and why.

https://hl7.org/fhir/R4B/auditevent.html. Ids, codes and times only, never patient text: what a caller typed is not
taken over unless it is an id of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from auscult.domain.actor import Actor, Role
from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId
from auscult.domain.model import UtcDatetime, Value
from auscult.domain.via import Purpose, Via


class AuditKind(StrEnum):
    """What sort of act it was."""

    RECORDS = "records"
    """Something was read or written."""
    REFUSAL = "refusal"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SECURITY = "security"
    """People, roles, sessions, keys and settings."""
    BREAK_GLASS = "break_glass"
    EXPORT = "export"
    ERASURE = "erasure"
    CHECKPOINT = "checkpoint"


class AuditAction(StrEnum):
    """What was done: https://hl7.org/fhir/R4B/valueset-audit-event-action.html ."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"
    """Signing in, searching, exporting: what is none of the others."""


class AuditOutcome(StrEnum):
    """How it ended: https://hl7.org/fhir/R4B/valueset-audit-event-outcome.html ."""

    SUCCESS = "0"
    MINOR_FAILURE = "4"
    """Refused, or not possible as asked."""
    SERIOUS_FAILURE = "8"
    """A fault of ours."""


PATIENT: Final = "patient"
"""The type of entity that says whose record it was."""
ANONYMOUS: Final = "anonymous"
"""The user id of somebody whom we do not know."""
COMMAND_LINE: Final = Via(address="local", act="command line")

_ID: Final = re.compile(r"[A-Z]{2,6}_[0-9A-HJKMNP-TV-Z]{26}|uploads/[0-9a-f-]{36}\.[a-z0-9]{2,5}|[0-9]{1,12}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/+@-]{1,255}")
_SHORT_HASH: Final = 12
_NAMELESS: Final = frozenset({Role.PATIENT, Role.DISPLAY})
"""A patient's name is patient text."""
_USUAL: Final = {
    Role.ADMIN: Purpose.ADMINISTRATION,
    Role.PATIENT: Purpose.PATIENT_REQUEST,
    Role.SYSTEM: Purpose.OPERATIONS,
    Role.DISPLAY: Purpose.OPERATIONS,
    Role.INTEGRATION: Purpose.OPERATIONS,
}


class AuditAgent(Value):
    """Who did it. The name is how the clinic knows a member of staff or another system; a patient has none here."""

    user_id: str
    role: Role | None = None
    name: str = ""

    @classmethod
    def of(cls, actor: Actor) -> AuditAgent:
        """Somebody whom we know."""
        return cls(user_id=actor.user_id, role=actor.role, name="" if actor.role in _NAMELESS else actor.name)


class AuditEntity(Value):
    """What it was done to: the type of the document and its id."""

    type: str
    id: str


class AuditEvent(Value):
    """One act."""

    id: str
    clinic_id: ClinicId
    at: UtcDatetime
    kind: AuditKind
    action: AuditAction
    outcome: AuditOutcome = AuditOutcome.SUCCESS
    status: int | None = None
    """What was answered, as an HTTP status; None where nobody waited for an answer."""
    agent: AuditAgent
    address: str = ""
    request_id: str = ""
    credential: str = ""
    act: str = ""
    """Method and route template, or the command."""
    purpose: Purpose
    reason_id: str = ""
    entities: tuple[AuditEntity, ...] = ()
    more: int = 0
    """How many entities there were besides those named."""

    @property
    def patients(self) -> tuple[str, ...]:
        """Whose records it concerned."""
        return tuple(dict.fromkeys(entity.id for entity in self.entities if entity.type == PATIENT))

    @property
    def moment(self) -> str:
        """Sorts acts by time: the time to the microsecond, and the id where two are equal."""
        return f"{moment_of(self.at)}/{self.id}"


def moment_of(at: UtcDatetime) -> str:
    """A UTC time as text of one length, that sorts as the time does."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def given_id(text: str) -> str | None:
    """The text when it can only be an id of ours (or a number), else None: then it may be anything somebody typed."""
    return text if _ID.fullmatch(text) else None


def entity(kind: str, partition: str, sort: str = "-") -> AuditEntity:
    """The entity of a document by its key columns. Of the hash of a token only the beginning is told."""
    identifier = partition if sort == "-" or _ID.fullmatch(partition) else sort
    if _HASH.fullmatch(identifier):
        identifier = identifier[:_SHORT_HASH]
    return AuditEntity(type=kind, id=identifier if _PLAIN.fullmatch(identifier) else "")


def audit_event(
    ambient: Ambient,
    clinic_id: ClinicId,
    who: Actor | None,
    *,
    kind: AuditKind,
    action: AuditAction,
    via: Via | None = None,
    outcome: AuditOutcome = AuditOutcome.SUCCESS,
    status: int | None = None,
    entities: Iterable[AuditEntity] = (),
    more: int = 0,
) -> AuditEvent:
    """An act of now. `who` is None for somebody whom we do not know; without `via` the actor's own is taken."""
    way = via or (who.via if who else None) or Via()
    usual = Purpose.OPERATIONS if who is None else _USUAL.get(who.role, Purpose.TREATMENT)
    if way.trace.grant:
        usual = Purpose.BREAK_GLASS
    return AuditEvent(
        id=ambient.new_id("AUD"),
        clinic_id=clinic_id,
        at=ambient.now(),
        kind=kind,
        action=action,
        outcome=outcome,
        status=status,
        agent=AuditAgent(user_id=ANONYMOUS) if who is None else AuditAgent.of(who),
        address=way.address,
        request_id=way.request_id,
        credential=way.credential,
        act=way.act,
        purpose=way.purpose or usual,
        reason_id=way.reason_id or way.trace.grant,
        entities=tuple(dict.fromkeys(entities)),
        more=more,
    )


def event_in(body: bytes) -> AuditEvent:
    """The act in the body of an entry. Raises `ValueError`."""
    told = json.loads(body)
    if isinstance(told, dict):
        told = {name: value for name, value in told.items() if name not in ("chain", "seq")}
    return AuditEvent.model_validate_json(json.dumps(told))
