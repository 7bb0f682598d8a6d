"""The records protocol: documents with a few key columns, always inside one clinic.

An entity is a frozen pydantic model. A `TableSpec` says how it is keyed, whose key seals it and which secondary
indexes it has. Bodies are sealed; key columns are plain and must hold no patient text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from auscult.domain.event import Event
from auscult.domain.ids import ClinicId, SubjectId
from auscult.domain.job import Job

T = TypeVar("T", bound=BaseModel)

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the JSON body of one schema version and returns the next version's."""


@dataclass(frozen=True, slots=True)
class Key:
    """Where a document lives: DynamoDB's partition and sort, the same on SQL. No patient text in either.

    Each is 1 to 255 bytes of text without control characters (else `InvalidError`), and compared by its UTF-8 bytes.
    """

    partition: str
    sort: str = "-"


@dataclass(frozen=True, slots=True)
class TableSpec(Generic[T]):
    """How entities of one type are kept.

    `key` and `indexes` compute plain columns from the entity; `subject` says whose key seals it (a patient's id or
    `UNFILED`). An index maps its name to a function giving `(partition, sort)`, or None to leave the entity out of it.
    An index of `terms` lists an entity under any number of partitions, each once; it is read by `Table.entries` only.
    `schema_version` is that of the newest body; `upcasters[n]` turns a version-n body into version n+1.
    """

    name: str
    model: type[T]
    key: Callable[[T], Key]
    subject: Callable[[T], SubjectId]
    indexes: Mapping[str, Callable[[T], Key | None]] = field(default_factory=dict)
    terms: Mapping[str, Callable[[T], Iterable[Key]]] = field(default_factory=dict)
    schema_version: int = 1
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """An entity as it is kept, with its optimistic version (1 for a fresh row)."""

    value: T
    version: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a query and the cursor of the next (None at the end)."""

    items: tuple[Stored[T], ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an index of terms: where the document is, and by what it is sorted there."""

    key: Key
    sort: str


@dataclass(frozen=True, slots=True)
class Put(Generic[T]):
    """Write an entity. `if_version=None` writes whatever is there; 0 only when nothing is; n only over version n."""

    spec: TableSpec[T]
    value: T
    if_version: int | None = None


@dataclass(frozen=True, slots=True)
class Delete(Generic[T]):
    """Remove a document; `if_version` as for `Put` (None: whatever is there, also nothing)."""

    spec: TableSpec[T]
    key: Key
    if_version: int | None = None


@dataclass(frozen=True, slots=True)
class Refile(Generic[T]):
    """Move a document to another subject by re-wrapping its key: `value` is the new body (with its new owner).

    The body is sealed anew under the same item key only when it changed; the item key is re-wrapped, never replaced.
    `from_key` says where the document is now when its new owner also changes its key columns. Raises `NotFoundError`
    when there is nothing to file and no `if_version` was given.
    """

    spec: TableSpec[T]
    value: T
    if_version: int | None = None
    from_key: Key | None = None


@dataclass(frozen=True, slots=True)
class Expect(Generic[T]):
    """Write nothing, and let the transaction happen only while the document is at `if_version` (1 or more).

    Whoever changes the document at the same time comes wholly before the transaction, which then fails, or wholly
    after it. (On DynamoDB: a condition check.)
    """

    spec: TableSpec[T]
    key: Key
    if_version: int


Write = Put[Any] | Delete[Any] | Refile[Any] | Expect[Any]


class Table(Protocol[T]):
    """Entities of one type in one clinic."""

    async def get(self, key: Key) -> Stored[T] | None:
        """Return the document at `key`, upcast to the newest schema, or None. Raises `ErasedError`."""
        ...

    async def put(self, value: T, *, if_version: int | None = None) -> Stored[T]:
        """Write one entity alone (see `Put`). Raises `ConflictError`."""
        ...

    async def delete(self, key: Key, *, if_version: int | None = None) -> None:
        """Remove one document alone (see `Delete`). Raises `ConflictError`."""
        ...

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

        `limit` is capped at 1000. A cursor of another query raises `InvalidError`. Documents of an erased subject are
        left out, so a page may be shorter than `limit` and yet have a next one; one that cannot be opened for any
        other reason raises `ErasedError`.
        """
        ...

    async def get_many(self, keys: Sequence[Key]) -> tuple[Stored[T] | None, ...]:
        """The documents at `keys`, at most 1000, each in its place; None where there is none or its subject was erased.

        One that cannot be opened for another reason raises `ErasedError`.
        """
        ...

    async def entries(
        self, partition: str, *, index: str, before: str | None = None, limit: int = 100
    ) -> tuple[Entry, ...]:
        """List a partition of an index of terms by sort, the highest first, sort < `before`; opens no document.

        `limit` is capped at 10,000. Fewer answers than `limit` are the last ones.
        """
        ...


class ClinicRecords(Protocol):
    """The records of one clinic. There is no unscoped read."""

    @property
    def clinic_id(self) -> ClinicId:
        """Whose records these are."""
        ...

    def table(self, spec: TableSpec[T]) -> Table[T]:
        """The table of that type in this clinic."""
        ...

    async def transact(
        self, writes: Sequence[Write] = (), *, events: Sequence[Event] = (), jobs: Sequence[Job] = ()
    ) -> tuple[int, ...]:
        """Commit the writes, events and jobs together or not at all; return each write's new version (0 for a delete).

        Raises `ConflictError` when any `if_version` does not hold; then nothing is written. One transaction may write
        or expect a document once (as on DynamoDB), and events and jobs are of this clinic: else `InvalidError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class OutboxJob:
    """A job waiting to be handed to the job engine. `position` identifies the outbox row."""

    position: int
    job: Job


class Outbox(Protocol):
    """What committed transactions left to do; served by the relay in `stores.events.relay`, not by flows."""

    async def publish_next(self, limit: int = 100) -> Sequence[Event]:
        """Give the oldest unpublished events their per-clinic sequence numbers, durably, and return them.

        Several processes may call this at once: each event gets one number, numbers have no gaps and commit order
        within a clinic is kept as far as the database can tell.
        """
        ...

    async def events_after(self, clinic_id: ClinicId, seq: int, limit: int = 500) -> Sequence[Event]:
        """Published events of one clinic with a higher sequence number, oldest first."""
        ...

    async def last_seq(self, clinic_id: ClinicId) -> int:
        """The newest published sequence number (0 when none)."""
        ...

    async def pending_jobs(self, limit: int = 100) -> Sequence[OutboxJob]:
        """Jobs committed and not yet handed over, oldest first."""
        ...

    async def jobs_handed_over(self, positions: Sequence[int]) -> None:
        """Forget outbox rows whose jobs the engine has durably taken."""
        ...


class Records(Protocol):
    """All records of a deployment; every read goes through `of(clinic)`."""

    def of(self, clinic_id: ClinicId) -> ClinicRecords:
        """The records of one clinic."""
        ...

    @property
    def outbox(self) -> Outbox:
        """What committed transactions left to be carried out."""
        ...

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that left something in the outbox, in this process (to wake the relay)."""
        ...

    async def ready(self) -> None:
        """Raise `UnavailableError` unless the database answers and its schema is current."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


__all__ = [
    "ClinicRecords",
    "Delete",
    "Entry",
    "Expect",
    "Key",
    "Outbox",
    "OutboxJob",
    "Page",
    "Put",
    "Records",
    "Refile",
    "Stored",
    "Table",
    "TableSpec",
    "Upcaster",
    "Write",
]
