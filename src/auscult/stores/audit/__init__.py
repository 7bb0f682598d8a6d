"""The audit trail's protocols: entries in chains, written in the transactions of the records, and their checkpoints.

The trail itself lies with the records (`stores.records.sql_audit`); checkpoints lie anywhere but there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from auscult.domain.audit import AuditAction, AuditEvent
from auscult.domain.ids import ClinicId
from auscult.trust.audit_chain import Head, Link

BEFORE_ALL: Final = -(2**62)
"""Less than any number of an entry, also one that somebody made up."""


@dataclass(frozen=True, slots=True)
class AuditKeys:
    """The clinic's keys of the trail: of the chains' marks, and the seed of the one that signs checkpoints."""

    marks: bytes = field(repr=False)
    checkpoints: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries are asked for; what is None or empty does not matter. `since` ≤ time < `until`."""

    patient_id: str | None = None
    user_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    actions: frozenset[AuditAction] = frozenset()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry as it was found: the act, and its place in the chains."""

    event: AuditEvent
    chain: int
    seq: int
    mark: bytes


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of entries and the cursor of the next (None at the end)."""

    items: tuple[AuditEntry, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class IndexedLink:
    """An entry as it is kept, with what it is searched by."""

    link: Link
    moment: str
    user_id: str
    action: str
    patients: frozenset[str]


class AuditTrail(Protocol):
    """The audit trail of one clinic."""

    async def record(self, event: AuditEvent) -> None:
        """Write an act that no other transaction writes (a read, a refusal), and return when it is kept.

        Acts that arrive while others are being written are written together, so that readers do not queue. On a full
        disk the act waits in memory, is logged by its ids, and is written as soon as there is space: people must be
        able to read what is known of a patient. Raises `UnavailableError`, and `StorageFullError` when too many wait.
        """
        ...

    async def search(
        self, sought: Sought, *, oldest_first: bool = False, limit: int = 100, cursor: str | None = None
    ) -> AuditPage:
        """The entries sought, by time. `limit` is capped at 1000. A cursor of another search raises `InvalidError`."""
        ...

    async def heads(self) -> Mapping[int, Head]:
        """Where each chain that has entries ends, all at one moment."""
        ...

    async def links(self, chain: int, after: int, limit: int = 1000) -> Sequence[IndexedLink]:
        """Entries of a chain in the order of their numbers, as they are kept, whatever somebody made of them."""
        ...

    async def strangers(self) -> int:
        """How many rows lie where no entry can be: in a chain that is none, or under a number that is none."""
        ...

    async def keys(self) -> AuditKeys:
        """The keys to check them by."""
        ...


class Checkpoints(Protocol):
    """Keeps the files of checkpoints, by clinic and number. They are added and never changed."""

    async def add(self, clinic_id: ClinicId, number: int, data: bytes) -> None:
        """Keep one durably. Raises `ConflictError` when there is one of that number."""
        ...

    async def numbers(self, clinic_id: ClinicId) -> Sequence[int]:
        """Which there are, in order."""
        ...

    async def read(self, clinic_id: ClinicId, number: int) -> bytes | None:
        """One of them, or None."""
        ...

    async def close(self) -> None:
        """Release what is held."""
        ...
