"""The objects protocol: bytes by key, inside one clinic, sealed at rest, readable by range.

Keys are `/`-separated segments of `[A-Za-z0-9._-]`, no segment `.` or `..`, at most 200 characters: anything else is
refused before a backend sees it. A content type is a media type of at most 120 characters, with or without parameters.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from auscult.domain.ids import ClinicId, SubjectId


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object as its reader sees it: `size` and `sha256` are of the clear bytes."""

    key: str
    size: int
    content_type: str
    sha256: str
    created_at: datetime


class ClinicObjects(Protocol):
    """The objects of one clinic."""

    async def put(
        self,
        key: str,
        data: AsyncIterable[bytes],
        *,
        content_type: str,
        subject: SubjectId,
        max_bytes: int,
        overwrite: bool = False,
    ) -> ObjectInfo:
        """Store a stream, sealed under the subject's key. Half-written objects are never visible.

        Raises `TooLargeError` as soon as more than `max_bytes` have come, `ConflictError` when the key exists and
        `overwrite` is False, `StorageFullError` when the medium is full, `InvalidError` for a bad key. Nothing of the
        failed object stays behind, and what was there before is intact.
        """
        ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Stream clear bytes `[start, end)`; only the chunks that hold them are fetched and opened.

        Raises `NotFoundError`, `ErasedError`.
        """
        ...

    async def head(self, key: str) -> ObjectInfo | None:
        """What is known of the object, or None. Raises `ErasedError`: the hash of a document tells of its patient."""
        ...

    async def delete(self, key: str) -> None:
        """Remove it; removing what is not there is fine."""
        ...

    def keys(self, prefix: str) -> AsyncIterator[str]:
        """All keys that start with `prefix`, in order."""
        ...

    async def erase(self, subjects: Collection[SubjectId]) -> int:
        """Remove every object that is sealed under one of these subjects; returns how many.

        Needs no key, so it follows an erasure. It looks at every object: for what is done seldom.
        """
        ...

    async def refile(self, key: str, subject: SubjectId) -> None:
        """Re-wrap the object's key for another subject; its bytes are not touched. Raises `NotFoundError`."""
        ...

    async def upload_url(self, key: str, *, content_type: str, expires_in: int, max_bytes: int) -> str:
        """A signed URL that takes one PUT of that content type to that key until it expires (seconds).

        On disk a path of ours (`/objects/put/…?…`), absolute once the API puts its own origin before it; on S3 a
        presigned URL to an intake key, adopted (read, sealed, removed) by `adopt`.
        """
        ...

    async def adopt(self, key: str, *, content_type: str, subject: SubjectId, max_bytes: int) -> ObjectInfo | None:
        """Seal an object that was PUT to a presigned URL, or None when nothing was.

        Idempotent, and safe to repeat after a crash anywhere in it. Where the PUT came through our own route the
        object is sealed already and this only reports it. Raises `TooLargeError`, `UnsupportedMediaError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class UploadGrant:
    """What a verified signed PUT URL allows."""

    clinic_id: ClinicId
    key: str
    content_type: str
    expires_at: datetime
    max_bytes: int


class Objects(Protocol):
    """All objects of a deployment; every read goes through `of(clinic)`."""

    def of(self, clinic_id: ClinicId) -> ClinicObjects:
        """The objects of one clinic."""
        ...

    async def verify_upload(self, path_and_query: str) -> UploadGrant:
        """Check a signed PUT URL of our own route: signature, expiry, nothing altered.

        A link takes one PUT because the caller then stores with `overwrite=False`.

        Raises `ForbiddenError` (altered, not ours), `GoneError` (expired), `NotFoundError` (this backend signs
        elsewhere).
        """
        ...

    async def sweep(self, older_than: timedelta) -> int:
        """Remove what processes that died in the middle of a put left behind, if older; returns how many blobs.

        Nobody could open it. `older_than` must exceed the longest put; a day is plenty. Uploads that wait to be
        adopted are not touched.
        """
        ...

    async def ready(self) -> None:
        """Raise `UnavailableError` unless the store can be written."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
