"""Records on SQL: SQLite on one machine, PostgreSQL on many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import structlog
from pydantic import BaseModel
from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import IntegrityError

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError, ErasedError, InvalidError, UnavailableError
from auscult.domain.event import Event
from auscult.domain.ids import ClinicId, SubjectId
from auscult.domain.job import Job
from auscult.stores.records import Delete, Entry, Key, Page, Put, Stored, TableSpec, Write, cursor
from auscult.stores.records.database import Database
from auscult.stores.records.migrate import migrate, revision
from auscult.stores.records.schema import HEAD
from auscult.stores.records.sealed import SealedDocument, Sealer
from auscult.stores.records.sql_listing import ENTRIES_MOST, MANY, Shape, listing, term_entries
from auscult.stores.records.sql_outbox import SqlOutbox, add_to_outbox
from auscult.stores.records.sql_writes import (
    ONE,
    OvertakenError,
    Place,
    Prepared,
    check_key,
    check_text,
    prepare,
    term_index,
)
from auscult.trust.sealing import Keyring

T = TypeVar("T", bound=BaseModel)

MAX_PAGE: Final = 1000
_ATTEMPTS: Final = 5
"""How often a refile without `if_version` is prepared again when somebody else keeps changing its document."""
_SQLITE: Final = {"journal_mode": "WAL", "synchronous": "NORMAL"}

_log = structlog.get_logger(__name__)


class SqlRecords:
    """The `Records` of one SQLite file or PostgreSQL database."""

    def __init__(self, database: Database, keyring: Keyring, ambient: Ambient) -> None:
        """Use `SqlRecords.open`."""
        self._database = database
        self._keyring = keyring
        self._ambient = ambient
        self._outbox = SqlOutbox(database)
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    async def open(cls, url: str, keyring: Keyring, ambient: Ambient) -> SqlRecords:
        """Open `sqlite:///path` or `postgresql://…` and bring its schema up to date.

        Raises `UnavailableError` when it does not answer or a newer Auscult made it, `StorageFullError`,
        `InvalidError` for another kind of address.
        """
        database = await Database.connect(url, pragmas=_SQLITE)
        try:
            await migrate(database)
            await _warn_without_second_wall(database)
        except BaseException:
            await database.close()
            raise
        return cls(database, keyring, ambient)

    def of(self, clinic_id: ClinicId) -> SqlClinicRecords:
        """The records of one clinic."""
        check_key(Key(clinic_id))
        sealer = Sealer(self._keyring, self._ambient.secret, clinic_id)
        return SqlClinicRecords(self._database, sealer, clinic_id, self._ambient, self._tell)

    @property
    def outbox(self) -> SqlOutbox:
        """What committed transactions left to be carried out."""
        return self._outbox

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that left something in the outbox, in this process."""
        self._listeners.append(listener)

    async def ready(self) -> None:
        """Raise `UnavailableError` unless the database answers and its schema is current."""
        if await revision(self._database) != HEAD:
            raise UnavailableError(
                "The database schema is not the one of this version.", remedy="Restart this process."
            )

    async def close(self) -> None:
        """Release connections."""
        await self._database.close()

    def _tell(self) -> None:
        for listener in self._listeners:
            try:
                listener()
            except Exception as error:
                # The commit stands whatever a listener does; the relay also looks by itself now and then.
                _log.warning("commit_listener_failed", error=type(error).__name__)


class SqlClinicRecords:
    """The `ClinicRecords` of a SQL database."""

    def __init__(
        self, database: Database, sealer: Sealer, clinic_id: ClinicId, ambient: Ambient, tell: Callable[[], None]
    ) -> None:
        """Use `SqlRecords.of`."""
        self._database = database
        self._sealer = sealer
        self._clinic_id = clinic_id
        self._ambient = ambient
        self._tell = tell

    @property
    def clinic_id(self) -> ClinicId:
        """Whose records these are."""
        return self._clinic_id

    def table(self, spec: TableSpec[T]) -> SqlTable[T]:
        """The table of that type in this clinic."""
        return SqlTable(self, self._database, self._sealer, spec)

    async def transact(
        self, writes: Sequence[Write] = (), *, events: Sequence[Event] = (), jobs: Sequence[Job] = ()
    ) -> tuple[int, ...]:
        """Commit the writes, events and jobs together or not at all (see `ClinicRecords`)."""
        if ({event.clinic_id for event in events} | {job.clinic_id for job in jobs}) - {self._clinic_id}:
            raise InvalidError("An event or job of another clinic.")
        for _ in range(_ATTEMPTS):
            prepared = [await prepare(self._database, self._sealer, self._clinic_id, write) for write in writes]
            _refuse_twice(prepared)
            try:
                versions = await self._commit(prepared, events, jobs)
            except OvertakenError:
                continue
            except IntegrityError as error:
                raise ConflictError("Somebody else wrote the same thing meanwhile.") from error
            if events or jobs:
                self._tell()
            return versions
        raise ConflictError("It is being changed by somebody else all the time.")

    async def _commit(
        self, prepared: Sequence[Prepared], events: Sequence[Event], jobs: Sequence[Job]
    ) -> tuple[int, ...]:
        if not (prepared or events or jobs):
            return ()
        in_order = sorted(range(len(prepared)), key=lambda place: prepared[place].order)

        def apply(connection: Connection) -> tuple[int, ...]:
            now = self._ambient.now()
            versions = {place: prepared[place].apply(connection, now) for place in in_order}
            add_to_outbox(connection, events, jobs)
            return tuple(versions[place] for place in range(len(prepared)))

        return await self._database.write(apply, self._clinic_id)


class SqlTable(Generic[T]):
    """The `Table` of a SQL database."""

    def __init__(self, clinic: SqlClinicRecords, database: Database, sealer: Sealer, spec: TableSpec[T]) -> None:
        """Use `SqlClinicRecords.table`."""
        self._clinic = clinic
        self._database = database
        self._sealer = sealer
        self._spec = spec

    async def get(self, key: Key) -> Stored[T] | None:
        """Return the document at `key`, upcast to the newest schema, or None. Raises `ErasedError`."""
        at = Place(self._clinic.clinic_id, self._spec.name, check_key(key)).at
        row = await self._database.read(lambda connection: connection.execute(ONE, at).first(), self._clinic.clinic_id)
        return None if row is None else await self._open(key, row)

    async def put(self, value: T, *, if_version: int | None = None) -> Stored[T]:
        """Write one entity alone (see `Put`). Raises `ConflictError`."""
        (version,) = await self._clinic.transact([Put(self._spec, value, if_version)])
        return Stored(value, version)

    async def delete(self, key: Key, *, if_version: int | None = None) -> None:
        """Remove one document alone (see `Delete`). Raises `ConflictError`."""
        await self._clinic.transact([Delete(self._spec, key, if_version)])

    async def query(
        self,
        partition: str,
        *,
        index: str | None = None,
        after: str | None = None,
        before: str | None = None,
        newest_first: bool = False,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[T]:
        """List a partition (of the key, or of a declared index) by sort, `after` < sort < `before`.

        Documents of an erased subject that are not removed yet are left out, so a page may be shorter than `limit`;
        a document that cannot be opened for another reason raises `ErasedError`.
        """
        if limit < 1:
            raise InvalidError("A page has at least one item.")
        if index is not None and index not in self._spec.indexes:
            raise InvalidError(f"{self._spec.name} has no index of that name.")
        limit = min(limit, MAX_PAGE)
        for bound in (partition, after, before):
            check_text(bound or "")
        asked = (self._clinic.clinic_id, self._spec.name, partition, index, after, before, newest_first)
        shape = Shape(
            by_index=index is not None,
            after=after is not None,
            before=before is not None,
            from_cursor=cursor is not None,
            newest_first=newest_first,
        )
        position = _position(asked, cursor, shape.columns) if cursor is not None else ()
        wanted: dict[str, object] = {
            "at_clinic_id": self._clinic.clinic_id,
            "at_kind": self._spec.name,
            "at_partition": partition,
            "at_index": index,
            "after": after,
            "before": before,
            "most": limit + 1,
            **{f"from_{number}": column for number, column in enumerate(position)},
        }
        statement = listing(shape, sqlite=self._database.is_sqlite)
        rows = await self._database.read(
            lambda connection: connection.execute(statement, wanted).all(), self._clinic.clinic_id
        )
        more = len(rows) > limit
        rows = rows[:limit]
        await self._sealer.fetch_keys({SubjectId(row.subject) for row in rows})
        erased: set[str] = set()
        items = [item for row in rows if (item := await self._open_unless_erased(row, erased)) is not None]
        return Page(tuple(items), _next(asked, rows[-1], index) if more else None)

    async def get_many(self, keys: Sequence[Key]) -> tuple[Stored[T] | None, ...]:
        """The documents at `keys`, each in its place; None where there is none or its subject was erased."""
        if len(keys) > MAX_PAGE:
            raise InvalidError(f"At most {MAX_PAGE} documents are read at once.")
        if not keys:
            return ()
        for key in keys:
            check_key(key)
        wanted = {
            "at_clinic_id": self._clinic.clinic_id,
            "at_kind": self._spec.name,
            "at_partitions": _padded({key.partition for key in keys}),
            "at_sorts": _padded({key.sort for key in keys}),
        }
        rows = await self._database.read(
            lambda connection: connection.execute(MANY, wanted).all(), self._clinic.clinic_id
        )
        asked = set(keys)
        found = {key: row for row in rows if (key := Key(row.partition, row.sort)) in asked}
        await self._sealer.fetch_keys({SubjectId(row.subject) for row in found.values()})
        erased: set[str] = set()
        opened = {key: await self._open_unless_erased(row, erased) for key, row in found.items()}
        return tuple(opened.get(key) for key in keys)

    async def entries(
        self, partition: str, *, index: str, before: str | None = None, limit: int = 100
    ) -> tuple[Entry, ...]:
        """List a partition of an index of terms by sort, the highest first (see `Table`)."""
        if limit < 1:
            raise InvalidError("A page has at least one item.")
        if index not in self._spec.terms:
            raise InvalidError(f"{self._spec.name} has no index of terms of that name.")
        wanted = {
            "at_clinic_id": self._clinic.clinic_id,
            "at_kind": self._spec.name,
            "at_index": term_index(index, check_text(partition)),
            "at_partition": partition,
            "before": check_text(before or ""),
            "most": min(limit, ENTRIES_MOST),
        }
        statement = term_entries(before=before is not None)
        rows = await self._database.read(
            lambda connection: connection.execute(statement, wanted).all(), self._clinic.clinic_id
        )
        return tuple(Entry(Key(partition, sort), isort) for partition, sort, isort in rows)

    async def _open(self, key: Key, row: Row[Any]) -> Stored[T]:
        document = SealedDocument(SubjectId(row.subject), row.schema_version, row.wrapped_key, row.body)
        return Stored(await self._sealer.open(self._spec, key, document), row.version)

    async def _open_unless_erased(self, row: Row[Any], erased: set[str]) -> Stored[T] | None:
        """Open a row, or answer None when its subject is one of `erased`, which this adds to."""
        if row.subject in erased:
            return None
        try:
            return await self._open(Key(row.partition, row.sort), row)
        except ErasedError:
            if not await self._sealer.is_erased(SubjectId(row.subject)):
                raise
            erased.add(row.subject)
            return None


def _padded(columns: set[str]) -> list[str]:
    """The columns, with the last one repeated up to a power of two: so few statements differ, each prepared once."""
    found = sorted(columns)
    return found + found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))


def _position(asked: tuple[object, ...], given: str, columns: int) -> tuple[str, ...]:
    position = cursor.decode(asked, given, columns)
    for column in position:
        check_text(column)
    return position


def _next(asked: tuple[object, ...], row: Row[Any], index: str | None) -> str:
    position = (row.sort,) if index is None else (row.isort, row.partition, row.sort)
    return cursor.encode(asked, position)


def _refuse_twice(prepared: Sequence[Prepared]) -> None:
    places = [place for write in prepared for place in {write.place, write.destination}]
    if len(set(places)) < len(places):
        raise InvalidError("One transaction writes the same document twice.")


async def _warn_without_second_wall(database: Database) -> None:
    if database.is_sqlite:
        return
    exempt = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if await database.read(lambda connection: connection.execute(exempt).scalar()):
        _log.warning(
            "row_security_bypassed",
            remedy="Connect as a PostgreSQL role without SUPERUSER and BYPASSRLS.",
        )


__all__ = ["MAX_PAGE", "SqlClinicRecords", "SqlRecords", "SqlTable"]
