"""The audit trail on SQL: acts written together, searched by time, and read back chain by chain."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, Select, and_, func, or_, select, tuple_

from auscult.domain.ambient import Ambient
from auscult.domain.audit import AuditEvent, event_in, moment_of
from auscult.domain.errors import InvalidError, StorageFullError
from auscult.domain.ids import ClinicId
from auscult.stores.audit import AuditEntry, AuditKeys, AuditPage, IndexedLink, Sought
from auscult.stores.records import cursor as cursors
from auscult.stores.records.database import Database
from auscult.stores.records.schema import audit_entries, audit_heads, audit_patients
from auscult.stores.records.sql_audit_writes import append, as_bytes, chosen_chain
from auscult.stores.records.sql_writes import check_text
from auscult.trust.audit_chain import CHAINS, Head, Link
from auscult.trust.sealing import Keyring

MAX_PAGE: Final = 1000
_TOGETHER: Final = 500
"""Acts in one transaction at most."""
_LAST: Final = 2**62
"""More than any number of an entry. On SQLite it is also less than any text in its place."""
_MOST_WAITING: Final = 10_000
"""Acts that wait in memory for space on the disk: about 10 MB."""

_log = structlog.get_logger(__name__)


class SqlAuditTrail:
    """The `AuditTrail` of one clinic on a SQL database. One for each process and clinic."""

    def __init__(self, database: Database, keyring: Keyring, ambient: Ambient, clinic_id: ClinicId) -> None:
        """Use `SqlRecords.of(clinic).audit`."""
        self._database = database
        self._keyring = keyring
        self._ambient = ambient
        self._clinic_id = clinic_id
        self.clinic_id: Final = clinic_id
        """Whose trail this is."""
        self._pending: list[tuple[AuditEvent, asyncio.Future[None]]] = []
        self._waiting: list[AuditEvent] = []
        self._writer: asyncio.Task[None] | None = None

    async def record(self, event: AuditEvent) -> None:
        """Write an act together with those that arrive meanwhile (see `AuditTrail`)."""
        if event.clinic_id != self._clinic_id:
            raise InvalidError("An act in another clinic.")
        kept = asyncio.get_running_loop().create_future()
        self._pending.append((event, kept))
        if self._writer is None or self._writer.done():
            # A task of its own: a caller that goes away does not take the others' entries with it.
            self._writer = asyncio.create_task(self._write_pending())
        await kept

    async def close(self) -> None:
        """Write what waits, as far as there is space."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        if self._waiting:
            try:
                await self._write([])
            except Exception as error:
                _log.error("audit_entries_lost", count=len(self._waiting), error=type(error).__name__)

    async def marks_key(self) -> bytes:
        """The key of the chains' marks, for a transaction that adds to them."""
        return await self._keyring.derive(self._clinic_id, "audit/marks")

    async def keys(self) -> AuditKeys:
        """The keys to check the trail by."""
        return AuditKeys(await self.marks_key(), await self._keyring.derive(self._clinic_id, "audit/checkpoints"))

    async def heads(self) -> Mapping[int, Head]:
        """Where each chain ends."""
        wanted = select(audit_heads).where(audit_heads.c.clinic_id == self._clinic_id)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all(), self._clinic_id)
        return {row.chain: Head(_whole(row.seq), as_bytes(row.mark)) for row in rows}

    async def strangers(self) -> int:
        """How many rows lie where no entry can be (SQLite keeps any value in any column)."""
        columns = audit_entries.c
        nowhere = or_(columns.chain.not_in(range(CHAINS)), columns.seq < 1, columns.seq > _LAST)
        wanted = select(func.count()).select_from(audit_entries).where(columns.clinic_id == self._clinic_id, nowhere)
        return await self._database.read(lambda connection: connection.execute(wanted).scalar(), self._clinic_id) or 0

    async def links(self, chain: int, after: int, limit: int = 1000) -> Sequence[IndexedLink]:
        """Entries of a chain with higher numbers than `after`, in their order."""
        columns = audit_entries.c
        here = and_(
            columns.clinic_id == self._clinic_id, columns.chain == chain, columns.seq > after, columns.seq <= _LAST
        )
        wanted = select(audit_entries).where(here).order_by(columns.seq).limit(min(limit, MAX_PAGE))

        def read(connection: Connection) -> list[IndexedLink]:
            rows = connection.execute(wanted).all()
            patients: dict[int, set[str]] = {}
            if rows:
                found = audit_patients.c
                of_them = select(found.seq, found.patient_id, found.moment).where(
                    found.clinic_id == self._clinic_id, found.chain == chain, found.seq.between(after + 1, rows[-1].seq)
                )
                moments = {row.seq: row.moment for row in rows}
                for one in connection.execute(of_them):
                    # under another time it would not be found where it belongs
                    right = moments.get(one.seq) == one.moment
                    patients.setdefault(one.seq, set()).add(one.patient_id if right else "")
            return [
                IndexedLink(
                    Link(chain, _whole(row.seq), as_bytes(row.body), as_bytes(row.mark)),
                    row.moment,
                    row.user_id,
                    row.action,
                    frozenset(patients.get(row.seq, ())),
                )
                for row in rows
            ]

        return await self._database.read(read, self._clinic_id)

    async def search(
        self, sought: Sought, *, oldest_first: bool = False, limit: int = 100, cursor: str | None = None
    ) -> AuditPage:
        """The entries sought, by time (see `AuditTrail`)."""
        if limit < 1:
            raise InvalidError("A page has at least one item.")
        limit = min(limit, MAX_PAGE)
        asked = _asked(self._clinic_id, sought, oldest_first=oldest_first)
        position = None
        if cursor is not None:
            (position,) = cursors.decode(asked, cursor, 1)
            check_text(position)
        statement = _listing(self._clinic_id, sought, position, oldest_first=oldest_first).limit(limit + 1)
        rows = await self._database.read(lambda connection: connection.execute(statement).all(), self._clinic_id)
        more, rows = len(rows) > limit, rows[:limit]
        entries = tuple(entry for row in rows if (entry := _entry(row)) is not None)
        return AuditPage(entries, cursors.encode(asked, (rows[-1].moment,)) if more else None)

    async def _write_pending(self) -> None:
        while self._pending:
            batch, self._pending = self._pending[:_TOGETHER], self._pending[_TOGETHER:]
            try:
                await self._write([event for event, _kept in batch])
            except StorageFullError as error:
                self._wait_for_space(batch, error)
            except Exception as error:
                _fail(batch, error)
            else:
                for _event, kept in batch:
                    if not kept.done():
                        kept.set_result(None)

    async def _write(self, events: list[AuditEvent]) -> None:
        waiting = self._waiting
        every = [*waiting, *events]
        key = await self.marks_key()
        chain = chosen_chain(self._ambient)
        await self._database.write(
            lambda connection: append(connection, key, self._clinic_id, chain, every), self._clinic_id
        )
        self._waiting = []

    def _wait_for_space(self, batch: list[tuple[AuditEvent, asyncio.Future[None]]], error: StorageFullError) -> None:
        if len(self._waiting) + len(batch) > _MOST_WAITING:
            _fail(batch, error)
            return
        for event, kept in batch:
            self._waiting.append(event)
            # Should the process end before there is space, the log still has it: ids and codes only.
            _log.warning("audit_entry_waits_for_space", entry=event.model_dump(mode="json", exclude_defaults=True))
            if not kept.done():
                kept.set_result(None)


def _whole(value: object) -> int:
    """A number as it should be; what is none becomes one that no entry has."""
    return int(value) if isinstance(value, int | float) else -1


def _fail(batch: list[tuple[AuditEvent, asyncio.Future[None]]], error: Exception) -> None:
    for _event, kept in batch:
        if not kept.done():
            kept.set_exception(error)


def _asked(clinic_id: ClinicId, sought: Sought, *, oldest_first: bool) -> tuple[object, ...]:
    since, until = (moment_of(one) if one else None for one in (sought.since, sought.until))
    return (clinic_id, "audit", sought.patient_id, sought.user_id, since, until, sorted(sought.actions), oldest_first)


def _listing(clinic_id: ClinicId, sought: Sought, after: str | None, *, oldest_first: bool) -> Select[Any]:
    entries = audit_entries.c
    statement = select(audit_entries)
    moment = entries.moment
    if sought.patient_id is not None:
        check_text(sought.patient_id)
        patients = audit_patients.c
        moment = patients.moment
        same = tuple_(patients.clinic_id, patients.chain, patients.seq) == tuple_(
            entries.clinic_id, entries.chain, entries.seq
        )
        statement = statement.join(audit_patients, same).where(
            patients.clinic_id == clinic_id, patients.patient_id == sought.patient_id
        )
    if sought.user_id is not None:
        statement = statement.where(entries.user_id == check_text(sought.user_id))
    statement = statement.where(entries.clinic_id == clinic_id)
    if sought.actions:
        statement = statement.where(entries.action.in_(sorted(sought.actions)))
    if sought.since is not None:
        statement = statement.where(moment >= moment_of(sought.since))
    if sought.until is not None:
        statement = statement.where(moment < moment_of(sought.until))
    if after is not None:
        statement = statement.where(moment > after if oldest_first else moment < after)
    return statement.order_by(moment if oldest_first else moment.desc())


def _entry(row: Row[Any]) -> AuditEntry | None:
    """The act of a row; None when it was damaged so that it says nothing any more (`audit verify` says so)."""
    try:
        return AuditEntry(event_in(as_bytes(row.body)), row.chain, row.seq, as_bytes(row.mark))
    except ValueError:
        return None
