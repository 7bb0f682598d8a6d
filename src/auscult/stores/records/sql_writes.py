"""The three writes of a transaction on SQL: sealed beforehand, then applied with their version checks.

Sealing asks the key store, so it happens before the database's write lock is taken. A refile has to read the document
first; it then insists on the version that it read, and is prepared again when somebody was faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, delete, exists, insert, select, update
from sqlalchemy import Table as SqlaTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from auscult.domain.errors import ConflictError, InvalidError, NotFoundError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.records import Delete, Key, Put, Refile, TableSpec, Write
from auscult.stores.records.database import Database, unbroken
from auscult.stores.records.schema import document_index, documents
from auscult.stores.records.sealed import SealedDocument, Sealer

MAX_KEY_BYTES: Final = 255
"""Of one key column in UTF-8: seven of them fit into one entry of a PostgreSQL index (2,704 bytes)."""


class OvertakenError(Exception):
    """A document changed between reading it for a refile and writing it; the write has to be prepared again."""


def check_key(key: Key) -> Key:
    """Return the key, or raise `InvalidError` when a database could not keep or compare it."""
    for column in (key.partition, key.sort):
        check_text(column)
        if not column:
            raise InvalidError("A key is empty.")
    return key


def check_text(column: str) -> str:
    """Return one key column, or raise `InvalidError`: too long, control characters, or not Unicode text."""
    try:
        too_long = len(column.encode()) > MAX_KEY_BYTES
    except UnicodeEncodeError:
        too_long = True
    if too_long or any(character < " " or character == "\x7f" for character in column):
        raise InvalidError(f"A key may have {MAX_KEY_BYTES} bytes of text and no control characters.")
    return column


def dialect_insert(connection: AsyncConnection, table: SqlaTable) -> sqlite.Insert | postgresql.Insert:
    """`INSERT` with `ON CONFLICT`: the two databases spell it alike, SQLAlchemy has one construct for each."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


@dataclass(frozen=True, slots=True)
class Place:
    """The primary key of a document."""

    clinic_id: ClinicId
    kind: str
    key: Key

    @property
    def columns(self) -> dict[str, str]:
        """As columns of `documents` and `document_index`."""
        return {
            "clinic_id": self.clinic_id,
            "kind": self.kind,
            "partition": self.key.partition,
            "sort": self.key.sort,
        }

    def matches(self, table: SqlaTable) -> ColumnElement[bool]:
        """The condition that a row is this document's."""
        return and_(*(table.c[name] == value for name, value in self.columns.items()))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A write that is ready to be applied: everything sealed, every key computed."""

    write: Write
    place: Place
    """Where the document is before the write."""
    destination: Place
    """Where it is afterwards; another place only for a refile that moves it."""
    sealed: SealedDocument | None = None
    index_rows: tuple[dict[str, str], ...] = ()
    read_version: int = 0
    """The version that a refile was prepared from."""

    @property
    def order(self) -> tuple[str, str, str]:
        """Rows are always locked in this order, so that two transactions never wait for each other."""
        return (self.place.kind, self.place.key.partition, self.place.key.sort)

    async def apply(self, connection: AsyncConnection, now: datetime) -> int:
        """Write it; returns the new version (0 for a delete). Raises `ConflictError`, `OvertakenError`."""
        if isinstance(self.write, Delete):
            return await self._delete(connection)
        version = await (self._refile if isinstance(self.write, Refile) else self._put)(connection, now)
        if self.write.spec.indexes:
            if version > 1:
                await connection.execute(delete(document_index).where(self.place.matches(document_index)))
            if self.index_rows:
                await connection.execute(insert(document_index), list(self.index_rows))
        return version

    async def _put(self, connection: AsyncConnection, now: datetime) -> int:
        if_version = self.write.if_version
        if if_version:
            return await self._update(connection, now, if_version, ConflictError("Somebody else changed it meanwhile."))
        statement = dialect_insert(connection, documents).values(
            **self.destination.columns, **self._content, version=1, created_at=now, updated_at=now
        )
        keys = list(documents.primary_key.columns)
        if if_version is None:
            changed: dict[str, Any] = {**self._content, "version": documents.c.version + 1, "updated_at": now}
            statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=keys)
        version: int | None = (await connection.execute(statement.returning(documents.c.version))).scalar()
        if version is None:
            raise ConflictError("It exists already.")
        return version

    async def _refile(self, connection: AsyncConnection, now: datetime) -> int:
        if self.destination != self.place:
            taken = select(exists().where(self.destination.matches(documents)))
            if (await connection.execute(taken)).scalar():
                raise ConflictError("There is something at its new place already.")
        return await self._update(connection, now, self.read_version, OvertakenError())

    async def _update(self, connection: AsyncConnection, now: datetime, version: int, otherwise: Exception) -> int:
        statement = (
            update(documents)
            .where(self.place.matches(documents), documents.c.version == version)
            .values(**self.destination.columns, **self._content, version=version + 1, updated_at=now)
        )
        if (await connection.execute(statement)).rowcount != 1:
            raise otherwise
        return version + 1

    async def _delete(self, connection: AsyncConnection) -> int:
        if_version = self.write.if_version
        if if_version == 0:
            if (await connection.execute(select(exists().where(self.place.matches(documents))))).scalar():
                raise ConflictError("It exists.")
            return 0
        statement = delete(documents).where(self.place.matches(documents))
        if if_version is not None:
            statement = statement.where(documents.c.version == if_version)
        if (await connection.execute(statement)).rowcount != 1 and if_version is not None:
            raise ConflictError("Somebody else changed or removed it meanwhile.")
        await connection.execute(delete(document_index).where(self.place.matches(document_index)))
        return 0

    @property
    def _content(self) -> dict[str, Any]:
        if self.sealed is None:
            raise TypeError("a delete has no content")
        return {
            "schema_version": self.sealed.schema_version,
            "subject": self.sealed.subject,
            "wrapped_key": self.sealed.wrapped_key,
            "body": self.sealed.body,
        }


async def prepare(database: Database, sealer: Sealer, clinic_id: ClinicId, write: Write) -> Prepared:
    """Seal one write and compute its keys; a refile reads its document.

    Raises `InvalidError` for a bad key, `ErasedError`, and for a refile `NotFoundError` or `ConflictError`.
    """
    spec: TableSpec[Any] = write.spec
    if isinstance(write, Delete):
        place = Place(clinic_id, spec.name, check_key(write.key))
        return Prepared(write, place, place)
    destination = Place(clinic_id, spec.name, check_key(spec.key(write.value)))
    rows = tuple(_index_rows(spec, write.value, destination))
    if isinstance(write, Put):
        sealed = await sealer.seal(spec, destination.key, write.value)
        return Prepared(write, destination, destination, sealed, rows)
    place = destination if write.from_key is None else Place(clinic_id, spec.name, check_key(write.from_key))
    version, document = await _read_for_refile(database, place, write)
    sealed = await sealer.refile(spec, place.key, destination.key, document, write.value)
    return Prepared(write, place, destination, sealed, rows, version)


@unbroken
async def _read_for_refile(database: Database, place: Place, write: Refile[Any]) -> tuple[int, SealedDocument]:
    columns = documents.c
    wanted = select(columns.version, columns.subject, columns.schema_version, columns.wrapped_key, columns.body)
    async with database.read(place.clinic_id) as connection:
        row = (await connection.execute(wanted.where(place.matches(documents)))).first()
    if write.if_version is not None and (row is None or row.version != write.if_version):
        raise ConflictError("Somebody else changed or removed it meanwhile.")
    if row is None:
        raise NotFoundError("There is nothing to file.")
    return row.version, SealedDocument(SubjectId(row.subject), row.schema_version, row.wrapped_key, row.body)


def _index_rows(spec: TableSpec[Any], value: BaseModel, place: Place) -> list[dict[str, str]]:
    rows = []
    for name, compute in spec.indexes.items():
        key = compute(value)
        if key is not None:
            check_key(key)
            rows.append({**place.columns, "index_name": name, "ipartition": key.partition, "isort": key.sort})
    return rows
