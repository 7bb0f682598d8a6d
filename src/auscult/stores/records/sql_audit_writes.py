"""Audit entries as part of a SQL transaction.

They are added to one chain, whose head is locked last: whoever holds it waits for nothing any more, so no two
transactions can each hold what the other wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from auscult.domain.actor import Actor
from auscult.domain.ambient import Ambient
from auscult.domain.audit import PATIENT, AuditAction, AuditEntity, AuditEvent, AuditKind, audit_event, entity
from auscult.domain.ids import ClinicId
from auscult.stores.records import Delete, Expect
from auscult.stores.records.schema import audit_entries, audit_heads, audit_patients
from auscult.stores.records.sql_writes import Prepared, dialect_insert
from auscult.trust.audit_chain import CHAINS, genesis, mark, placed

_HERE: Final = (audit_heads.c.clinic_id == bindparam("at_clinic_id"), audit_heads.c.chain == bindparam("at_chain"))
_LOCKED_HEAD: Final = select(audit_heads.c.seq, audit_heads.c.mark).where(*_HERE).with_for_update()
_ADVANCE: Final = update(audit_heads).where(*_HERE).values(seq=bindparam("to_seq"), mark=bindparam("to_mark"))
_ADD: Final = insert(audit_entries)
_ADD_PATIENTS: Final = insert(audit_patients)


def chosen_chain(ambient: Ambient) -> int:
    """One of the chains, by chance."""
    return ambient.secret(1)[0] % CHAINS


def append(connection: Connection, key: bytes, clinic_id: ClinicId, chain: int, events: Sequence[AuditEvent]) -> None:
    """Add acts to a chain, as the last thing that a transaction does."""
    seq, previous = _lock(connection, key, clinic_id, chain)
    entries: list[dict[str, Any]] = []
    patients: list[dict[str, Any]] = []
    for event in events:
        seq += 1
        body = placed(chain, seq, event.model_dump_json(exclude_defaults=True))
        previous = mark(key, previous, chain, seq, body)
        place = {"clinic_id": clinic_id, "chain": chain, "seq": seq, "moment": event.moment}
        sought_by = {"user_id": event.agent.user_id, "action": event.action.value}
        entries.append({**place, **sought_by, "body": body, "mark": previous})
        patients += [{**place, "patient_id": patient} for patient in event.patients]
    connection.execute(_ADD, entries)
    if patients:
        connection.execute(_ADD_PATIENTS, patients)
    connection.execute(_ADVANCE, {"at_clinic_id": clinic_id, "at_chain": chain, "to_seq": seq, "to_mark": previous})


def acts_of(
    ambient: Ambient,
    clinic_id: ClinicId,
    actor: Actor,
    done: Sequence[tuple[Prepared, int, str | None]],
) -> list[AuditEvent]:
    """What an actor did by these writes: one act for each action, of all documents and patients concerned.

    With each write go the new version, and the subject whose document it was before, where that is known.
    """
    touched: dict[AuditAction, list[AuditEntity]] = {}
    for write, version, owner in done:
        if isinstance(write.write, Expect) or not write.write.spec.audited:
            continue
        place = write.destination
        subjects = [owner, write.sealed.subject if write.sealed else None]
        entities = touched.setdefault(_action(write, version), [])
        entities.append(entity(place.kind, place.key.partition, place.key.sort))
        entities += [AuditEntity(type=PATIENT, id=one) for one in subjects if one and one.startswith("PAT_")]
    return [
        audit_event(ambient, clinic_id, actor, kind=AuditKind.RECORDS, action=action, entities=entities)
        for action, entities in touched.items()
    ]


def _action(write: Prepared, version: int) -> AuditAction:
    if isinstance(write.write, Delete):
        return AuditAction.DELETE
    return AuditAction.CREATE if version == 1 else AuditAction.UPDATE


def _lock(connection: Connection, key: bytes, clinic_id: ClinicId, chain: int) -> tuple[int, bytes]:
    here = {"at_clinic_id": clinic_id, "at_chain": chain}
    row = connection.execute(_LOCKED_HEAD, here).first()
    if row is None:
        fresh = dialect_insert(connection.dialect.name, audit_heads).on_conflict_do_nothing()
        first = genesis(key, clinic_id, chain)
        connection.execute(fresh, {"clinic_id": clinic_id, "chain": chain, "seq": 0, "mark": first})
        row = connection.execute(_LOCKED_HEAD, here).one()
    return row.seq, as_bytes(row.mark)


def as_bytes(value: object) -> bytes:
    """A value as the bytes that were written; SQLite keeps what somebody put there, whatever the column's type."""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()
