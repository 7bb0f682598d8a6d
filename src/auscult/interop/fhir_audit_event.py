"""Audit entries as FHIR R4B AuditEvent resources: https://hl7.org/fhir/R4B/auditevent.html ."""

from __future__ import annotations

from typing import Any, Final

from auscult.domain.audit import ANONYMOUS, PATIENT, AuditAction, AuditEntity, AuditEvent, AuditKind

_EVENT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_INTERACTION: Final = "http://hl7.org/fhir/restful-interaction"
_PURPOSE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ENTITY_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
_SOURCE_TYPE: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
_OURS: Final = "urn:auscult"

_TYPES: Final = {
    AuditKind.RECORDS: (_EVENT_TYPE, "rest", "RESTful Operation"),
    AuditKind.REFUSAL: (_EVENT_TYPE, "rest", "RESTful Operation"),
    AuditKind.SIGN_IN: (_DICOM, "110114", "User Authentication"),
    AuditKind.SIGN_OUT: (_DICOM, "110114", "User Authentication"),
    AuditKind.SECURITY: (_DICOM, "110113", "Security Alert"),
    AuditKind.BREAK_GLASS: (_DICOM, "110113", "Security Alert"),
    AuditKind.EXPORT: (_DICOM, "110106", "Export"),
    AuditKind.ERASURE: (_DICOM, "110110", "Patient Record"),
    AuditKind.CHECKPOINT: (_DICOM, "110101", "Audit Log Used"),
}
"""DICOM PS3.16, CID 400: https://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_400.html ."""
_SUBTYPES: Final = {
    AuditKind.SIGN_IN: (_DICOM, "110122", "Login"),
    AuditKind.SIGN_OUT: (_DICOM, "110123", "Logout"),
    AuditKind.SECURITY: (_DICOM, "110137", "User Security Attributes Changed"),
    AuditKind.BREAK_GLASS: (_DICOM, "110127", "Emergency Override Started"),
}
_INTERACTIONS: Final = {
    AuditAction.CREATE: "create",
    AuditAction.READ: "read",
    AuditAction.UPDATE: "update",
    AuditAction.DELETE: "delete",
    AuditAction.EXECUTE: "operation",
}
_PEOPLE_OR_MACHINES: Final = {"machine": "1", "address": "2"}
"""https://hl7.org/fhir/R4B/valueset-network-type.html: 1 a name, 2 an IP address."""
_PERSON, _SYSTEM_OBJECT = "1", "2"
_PATIENT_ROLE, _DOMAIN_RESOURCE = "1", "4"


def fhir_audit_event(event: AuditEvent) -> dict[str, Any]:
    """The resource of one entry, as plain JSON values."""
    resource: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": event.id.replace("_", "-"),
        "type": _coding(*_TYPES[event.kind]),
        "subtype": [_subtype(event)],
        "action": event.action.value,
        "recorded": event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "outcome": event.outcome.value,
        "purposeOfEvent": [{"coding": [{"system": _PURPOSE, "code": event.purpose.value}]}],
        "agent": [_agent(event)],
        "source": {
            "site": event.clinic_id,
            "observer": {"display": "Auscult"},
            "type": [{"system": _SOURCE_TYPE, "code": "4", "display": "Application Server"}],
        },
    }
    if event.status is not None:
        resource["outcomeDesc"] = f"HTTP {event.status}"
    entities = [_entity(one) for one in event.entities]
    about = {"route": event.act, "request": event.request_id, "credential": event.credential}
    about |= {"reason": event.reason_id, "more": str(event.more) if event.more else ""}
    detail = [{"type": name, "valueString": value} for name, value in about.items() if value]
    if detail:
        entities.append({"type": _coding(_ENTITY_TYPE, "4", "Other"), "name": "request", "detail": detail})
    if entities:
        resource["entity"] = entities
    return resource


def _subtype(event: AuditEvent) -> dict[str, str]:
    if event.kind in _SUBTYPES:
        return _coding(*_SUBTYPES[event.kind])
    if event.kind in (AuditKind.RECORDS, AuditKind.REFUSAL):
        return _coding(_INTERACTION, _INTERACTIONS[event.action])
    return _coding(_OURS, event.kind.value)


def _agent(event: AuditEvent) -> dict[str, Any]:
    agent: dict[str, Any] = {"who": {"identifier": {"system": _OURS, "value": event.agent.user_id}}, "requestor": True}
    if event.agent.role is not None:
        agent["role"] = [{"coding": [{"system": f"{_OURS}:role", "code": event.agent.role.value}]}]
    if event.agent.name:
        agent["name"] = event.agent.name
    elif event.agent.user_id == ANONYMOUS:
        agent["altId"] = ANONYMOUS
    if event.address:
        kind = "machine" if event.address == "local" else "address"
        agent["network"] = {"address": event.address, "type": _PEOPLE_OR_MACHINES[kind]}
    return agent


def _entity(entity: AuditEntity) -> dict[str, Any]:
    if entity.type == PATIENT:
        return {
            "what": {"identifier": {"system": _OURS, "value": entity.id}, "type": "Patient"},
            "type": _coding(_ENTITY_TYPE, _PERSON, "Person"),
            "role": _coding(_ENTITY_ROLE, _PATIENT_ROLE, "Patient"),
        }
    return {
        "what": {"identifier": {"system": f"{_OURS}:{entity.type}", "value": entity.id}},
        "type": _coding(_ENTITY_TYPE, _SYSTEM_OBJECT, "System Object"),
        "role": _coding(_ENTITY_ROLE, _DOMAIN_RESOURCE, "Domain Resource"),
        "name": entity.type,
    }


def _coding(system: str, code: str, display: str = "") -> dict[str, str]:
    return {"system": system, "code": code, **({"display": display} if display else {})}
