"""What an object store is built on: opaque blobs by address, and a way for outsiders to hand bytes in.

A backend is one maker of each. Sealing, keys, limits and atomic replacement are not here: they are done once, above,
in `clinic_vault.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from auscult.domain.ids import ClinicId
from auscult.stores.objects import UploadGrant


@dataclass(frozen=True, slots=True)
class Record:
    """A small blob as it was loaded; `version` names this state of it, for `swap`."""

    data: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Found:
    """A blob that is there, and when it was last written (aware, UTC)."""

    address: str
    written_at: datetime


class Blobs(Protocol):
    """Opaque blobs by address. Every operation raises `UnavailableError` when the medium does not answer."""

    async def write(self, address: str, parts: AsyncGenerator[bytes]) -> None:
        """Write a new blob part by part. When it raises, nothing is left at the address.

        It is durable once a record beside it (in the same folder) is swapped in. Raises `StorageFullError`. The caller
        chooses an address that was never used before.
        """
        ...

    async def read(self, address: str, start: int, end: int) -> bytes:
        """The bytes `[start, end)`, fewer where the blob ends before. Raises `NotFoundError`."""
        ...

    async def load(self, address: str) -> Record | None:
        """A small blob whole, or None."""
        ...

    async def swap(self, address: str, data: bytes, *, expected: str | None) -> None:
        """Put a small blob, durably and at once, if its version is still `expected` (None: it must not exist).

        Raises `ConflictError` when it is not, `StorageFullError`.
        """
        ...

    async def delete(self, address: str) -> None:
        """Remove the blob; removing what is not there is fine."""
        ...

    def found(self, prefix: str) -> AsyncIterator[Found]:
        """All blobs whose address starts with `prefix`, in the order of their addresses."""
        ...

    async def ready(self) -> None:
        """Raise `UnavailableError` unless a blob can be written."""
        ...

    async def close(self) -> None:
        """Release what is held."""
        ...


class Waiting(Protocol):
    """An upload that arrived from outside and was not adopted yet."""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    @property
    def content_type(self) -> str:
        """As the uploader declared it."""
        ...

    def stream(self) -> AsyncIterator[bytes]:
        """The bytes, in parts. Raises `NotFoundError` when it has gone meanwhile, `UnavailableError`."""
        ...


class Uploads(Protocol):
    """How somebody without an account here hands one object in."""

    async def url(self, clinic_id: ClinicId, key: str, *, content_type: str, expires_in: int, max_bytes: int) -> str:
        """A signed URL for one PUT, good for `expires_in` seconds."""
        ...

    async def verify(self, path_and_query: str) -> UploadGrant:
        """Check a signed URL of our own; see `Objects.verify_upload`."""
        ...

    async def waiting(self, clinic_id: ClinicId, key: str) -> Waiting | None:
        """What arrived for that key outside our own route, or None."""
        ...

    async def discard(self, clinic_id: ClinicId, key: str) -> None:
        """Remove what arrived for that key outside our own route."""
        ...
