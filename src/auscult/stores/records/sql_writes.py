"""The writes of a transaction on SQL: sealed beforehand, then applied with their version checks.

Sealing asks the key store, so it happens before the database's write lock is taken. A refile has to read the document
first; it then insists on the version that it read, and is prepared again when somebody was faster.

Statements are built once: building one took longer than carrying it out. `at_…` are the parameters that say where.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, select, update
from sqlalchemy import Table as SqlaTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from auscult.domain.errors import ConflictError, InvalidError, NotFoundError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.records import Delete, Expect, Key, Put, Refile, TableSpec, Write
from auscult.stores.records.database import Database
from auscult.stores.records.schema import document_index, documents
from auscult.stores.records.sealed import SealedDocument, Sealer

MAX_KEY_BYTES: Final = 255
"""Of one key column in UTF-8: seven of them fit into one entry of a PostgreSQL index (2,704 bytes)."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")


def at(table: SqlaTable) -> ColumnElement[bool]:
    """That a row is the document of the parameters `at_clinic_id`, `at_kind`, `at_partition`, `at_sort`."""
    return and_(*(table.c[name] == bindparam(f"at_{name}") for name in ("clinic_id", "kind", "partition", "sort")))


SEALED: Final = tuple(documents.c[name] for name in ("version", "subject", "schema_version", "wrapped_key", "body"))
"""What a reader needs of a document whose key it knows."""
ONE: Final = select(*SEALED).where(at(documents))
_VERSION: Final = select(documents.c.version).where(at(documents))
# Others may expect it too, but nobody changes it before this transaction ends. (SQLite has one writer at a time.)
_HELD: Final = _VERSION.with_for_update(read=True)
_UPDATE: Final = update(documents).where(at(documents), documents.c.version == bindparam("at_version"))
_DELETE: Final = delete(documents).where(at(documents))
_DELETE_VERSION: Final = _DELETE.where(documents.c.version == bindparam("at_version"))
_LEAVE_INDEXES: Final = delete(document_index).where(at(document_index))
_ENTER_INDEXES: Final = insert(document_index)


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
    if too_long or _CONTROL.search(column):
        raise InvalidError(f"A key may have {MAX_KEY_BYTES} bytes of text and no control characters.")
    return column


def dialect_insert(dialect: str, table: SqlaTable) -> sqlite.Insert | postgresql.Insert:
    """`INSERT` with `ON CONFLICT`: the two databases spell it alike, SQLAlchemy has one construct for each."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _put(dialect: str, *, replacing: bool) -> ReturningInsert[int]:
    """Insert a document; one that is there already is replaced, or left alone, which then answers no version."""
    statement = dialect_insert(dialect, documents)
    keys = list(documents.primary_key.columns)
    if replacing:
        taken = ("schema_version", "subject", "wrapped_key", "body", "updated_at")
        changed: dict[str, Any] = {name: statement.excluded[name] for name in taken}
        changed["version"] = documents.c.version + 1
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    return statement.returning(documents.c.version)


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

    @property
    def at(self) -> dict[str, str]:
        """As the parameters of statements that say where."""
        return {f"at_{name}": value for name, value in self.columns.items()}


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

    def apply(self, connection: Connection, now: datetime) -> int:
        """Write it; returns the new version (0 for a delete). Raises `ConflictError`, `OvertakenError`."""
        if isinstance(self.write, Expect):
            return self._expect(connection, self.write.if_version)
        if isinstance(self.write, Delete):
            return self._delete(connection)
        version = (self._refile if isinstance(self.write, Refile) else self._put)(connection, now)
        if self.write.spec.indexes or self.write.spec.terms:
            if version > 1:
                connection.execute(_LEAVE_INDEXES, self.place.at)
            if self.index_rows:
                connection.execute(_ENTER_INDEXES, list(self.index_rows))
        return version

    def _expect(self, connection: Connection, version: int) -> int:
        if connection.execute(_HELD, self.place.at).scalar() != version:
            raise ConflictError("Somebody else changed or removed it meanwhile.")
        return version

    def _put(self, connection: Connection, now: datetime) -> int:
        if_version = self.write.if_version
        if if_version:
            return self._update(connection, now, if_version, ConflictError("Somebody else changed it meanwhile."))
        row = {**self.destination.columns, **self._content, "version": 1, "created_at": now, "updated_at": now}
        statement = _put(connection.dialect.name, replacing=if_version is None)
        version: int | None = connection.execute(statement, row).scalar()
        if version is None:
            raise ConflictError("It exists already.")
        return version

    def _refile(self, connection: Connection, now: datetime) -> int:
        if self.destination != self.place and connection.execute(_VERSION, self.destination.at).first() is not None:
            raise ConflictError("There is something at its new place already.")
        return self._update(connection, now, self.read_version, OvertakenError())

    def _update(self, connection: Connection, now: datetime, version: int, otherwise: Exception) -> int:
        row = {**self.destination.columns, **self._content, "version": version + 1, "updated_at": now}
        if connection.execute(_UPDATE, {**row, **self.place.at, "at_version": version}).rowcount != 1:
            raise otherwise
        return version + 1

    def _delete(self, connection: Connection) -> int:
        if_version = self.write.if_version
        if if_version == 0:
            if connection.execute(_VERSION, self.place.at).first() is not None:
                raise ConflictError("It exists.")
            return 0
        if if_version is None:
            connection.execute(_DELETE, self.place.at)
        elif connection.execute(_DELETE_VERSION, {**self.place.at, "at_version": if_version}).rowcount != 1:
            raise ConflictError("Somebody else changed or removed it meanwhile.")
        connection.execute(_LEAVE_INDEXES, self.place.at)
        return 0

    @property
    def _content(self) -> dict[str, Any]:
        if self.sealed is None:
            raise TypeError("this write has no content")
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
    if isinstance(write, Delete | Expect):
        if isinstance(write, Expect) and write.if_version < 1:
            raise InvalidError("What is expected to be there has a version.")
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


async def _read_for_refile(database: Database, place: Place, write: Refile[Any]) -> tuple[int, SealedDocument]:
    row = await database.read(lambda connection: connection.execute(ONE, place.at).first(), place.clinic_id)
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
    for name, terms in spec.terms.items():
        # Once for each partition: the name of the index is part of a line's primary key.
        for key in {key.partition: check_key(key) for key in terms(value)}.values():
            line = {"index_name": term_index(name, key.partition), "ipartition": key.partition, "isort": key.sort}
            rows.append({**place.columns, **line})
    return rows


def term_index(name: str, partition: str) -> str:
    """Under which name an index of terms keeps its lines of one partition. Raises `InvalidError` for one too long."""
    return check_text(f"{name}/{partition}")
