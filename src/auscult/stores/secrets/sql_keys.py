"""Wrapped keys on SQL: a SQLite file of their own (`keys.db`), or the schema `auscult_keys` on PostgreSQL.

Kept apart from the records so that their backups can be short-lived. A destroyed key leaves its name behind and
nothing else: no copy in a journal of SQLite's, no dead row in a PostgreSQL table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from auscult.domain.errors import ErasedError, NotFoundError
from auscult.stores.records.database import Database
from auscult.stores.records.schema import UtcTime

_SCHEMA: Final = "auscult_keys"
_LOCK: Final = 0x41_55_53_43_55_4C_54_02
"""PostgreSQL advisory lock taken while making the table ("AUSCULT", 2)."""
_SQLITE: Final = {
    # A rollback journal, because it is gone with the commit; a write-ahead log keeps the old page for a long while.
    "journal_mode": "DELETE",
    # A document must never outlive its key in a power cut: keys reach the disk before anything is sealed under them.
    "synchronous": "EXTRA",
    # Overwrites what is deleted with zeros: https://www.sqlite.org/pragma.html#pragma_secure_delete
    "secure_delete": "ON",
}

_AT_ONCE: Final = 500
"""Names in one question: SQLite takes at least 999 parameters."""

_log = structlog.get_logger(__name__)


def _key_table(schema: str | None) -> Table:
    return Table(
        "wrapped_keys",
        MetaData(),
        Column("clinic_id", Text, primary_key=True),
        Column("name", Text, primary_key=True),
        Column("wrapped", LargeBinary, nullable=True),
        Column("created_at", UtcTime, nullable=False),
        Column("destroyed_at", UtcTime, nullable=True),
        schema=schema,
    )


_ON_SQLITE: Final = _key_table(None)
_ON_POSTGRES: Final = _key_table(_SCHEMA)


async def open_wrapped_keys(url: str, now: Callable[[], datetime]) -> SqlWrappedKeys:
    """Open the key store at `sqlite:///path/keys.db` or `postgresql://…`, making its table when there is none.

    `now` returns an aware UTC time. Raises `UnavailableError`, `StorageFullError`, `InvalidError` as `Database` does.
    """
    database = await Database.connect(url, pragmas=_SQLITE)
    try:
        if not await database.read(_exists):
            await database.write(_make_table)
    except BaseException:
        await database.close()
        raise
    return SqlWrappedKeys(database, now)


class SqlWrappedKeys:
    """The `WrappedKeys` of a SQL database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Use `open_wrapped_keys`."""
        self._database = database
        self._now = now
        self._table = _ON_SQLITE if database.is_sqlite else _ON_POSTGRES
        columns = self._table.c
        self._this = and_(columns.clinic_id == bindparam("of_clinic"), columns.name == bindparam("named"))
        # Built once: building it took longer than asking it.
        self._one = select(columns.wrapped).where(self._this)
        self._many = select(columns.name, columns.wrapped).where(
            columns.clinic_id == bindparam("of_clinic"),
            columns.name.in_(bindparam("named", expanding=True)),
            columns.wrapped.is_not(None),
        )

    async def get(self, clinic_id: str, name: str) -> bytes | None:
        """The wrapped key, or None."""

        def look(connection: Connection) -> bytes | None:
            wrapped: bytes | None = connection.execute(self._one, {"of_clinic": clinic_id, "named": name}).scalar()
            return wrapped

        return await self._database.read(look)

    async def get_many(self, clinic_id: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """The wrapped keys of these names, without those that there are none of."""
        found: dict[str, bytes] = {}
        for first in range(0, len(names), _AT_ONCE):
            asked = {"of_clinic": clinic_id, "named": list(names[first : first + _AT_ONCE])}

            def look(connection: Connection, asked: dict[str, Any] = asked) -> list[tuple[str, bytes]]:
                return [(name, wrapped) for name, wrapped in connection.execute(self._many, asked)]

            found.update(await self._database.read(look))
        return found

    async def create(self, clinic_id: str, name: str, wrapped: bytes) -> bytes:
        """Keep it unless there is one already; return the one that is kept. Raises `ErasedError`."""
        fresh = self._insert(clinic_id, name, wrapped).on_conflict_do_nothing()

        def keep(connection: Connection) -> bytes | None:
            connection.execute(fresh)
            kept: bytes | None = connection.execute(self._one, {"of_clinic": clinic_id, "named": name}).scalar()
            return kept

        found = await self._database.write(keep)
        if found is None:
            raise _erased()
        return found

    async def replace(self, clinic_id: str, name: str, wrapped: bytes) -> None:
        """Put a re-wrapped key over the old one. Raises `ErasedError`, and `NotFoundError` when there never was one."""
        this = {"of_clinic": clinic_id, "named": name}
        over = update(self._table).where(self._this, self._table.c.wrapped.is_not(None)).values(wrapped=wrapped)
        there = select(func.count()).select_from(self._table).where(self._this)

        def put_over(connection: Connection) -> tuple[bool, bool]:
            replaced = connection.execute(over, this).rowcount == 1
            return replaced, replaced or bool(connection.execute(there, this).scalar())

        replaced, known = await self._database.write(put_over)
        if not replaced:
            raise _erased() if known else NotFoundError("There is no key of that name.")

    async def destroy(self, clinic_id: str, name: str) -> None:
        """Delete a key for good and remember its name. Destroying again, or what never was, is fine."""
        now = self._now()
        gone = self._insert(clinic_id, name, None, now).on_conflict_do_update(
            index_elements=[self._table.c.clinic_id, self._table.c.name],
            set_={"wrapped": None, "destroyed_at": func.coalesce(self._table.c.destroyed_at, now)},
        )
        await self._database.write(lambda connection: connection.execute(gone).close())
        await self._forget_old_rows()

    async def names(self, clinic_id: str) -> tuple[str, ...]:
        """All names with a key, in order."""
        return await self._list(clinic_id, destroyed=False)

    async def destroyed(self, clinic_id: str) -> tuple[str, ...]:
        """All names that were destroyed, in order: the erasure ledger."""
        return await self._list(clinic_id, destroyed=True)

    async def close(self) -> None:
        """Release connections."""
        await self._database.close()

    def _insert(
        self, clinic_id: str, name: str, wrapped: bytes | None, destroyed_at: datetime | None = None
    ) -> sqlite.Insert | postgresql.Insert:
        statement = sqlite.insert(self._table) if self._database.is_sqlite else postgresql.insert(self._table)
        return statement.values(
            clinic_id=clinic_id, name=name, wrapped=wrapped, created_at=self._now(), destroyed_at=destroyed_at
        )

    async def _list(self, clinic_id: str, *, destroyed: bool) -> tuple[str, ...]:
        wrapped = self._table.c.wrapped
        which = wrapped.is_(None) if destroyed else wrapped.is_not(None)
        wanted = select(self._table.c.name).where(self._table.c.clinic_id == clinic_id, which)
        return await self._database.read(lambda connection: tuple(sorted(connection.execute(wanted).scalars())))

    async def _forget_old_rows(self) -> None:
        # An UPDATE leaves the old row in PostgreSQL's file until something overwrites it. One short row for each
        # patient: the whole table is rewritten in well under a second. The write-ahead log forgets by itself, in
        # minutes.
        try:
            await self._database.rewrite(f"{_SCHEMA}.wrapped_keys")
        except Exception as error:
            # The key is gone for every reader already; only its trace in the file waits for autovacuum.
            _log.warning("key_table_not_rewritten", error=type(error).__name__)


def _exists(connection: Connection) -> bool:
    there = (
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'wrapped_keys'"
        if connection.dialect.name == "sqlite"
        else f"SELECT 1 WHERE to_regclass('{_SCHEMA}.wrapped_keys') IS NOT NULL"
    )
    return connection.execute(text(there)).first() is not None


def _make_table(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        _ON_SQLITE.metadata.create_all(connection)
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}"))
    _ON_POSTGRES.metadata.create_all(connection)


def _erased() -> ErasedError:
    return ErasedError("This key was destroyed; its owner was erased.", remedy="It cannot be made again.")
