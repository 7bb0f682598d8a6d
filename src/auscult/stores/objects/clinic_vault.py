"""The objects of one clinic, once for every backend: keys, limits, sealing, atomic replacement, filing, adoption.

An object becomes visible when its record is swapped in, after its bytes are durable; it is replaced by bytes under a
new name and a swapped record. A process that dies in between leaves bytes that no record names: nobody can open them
(their key was never kept), and `Vault.sweep` removes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Collection, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from auscult.domain.ambient import Ambient
from auscult.domain.errors import (
    AuscultError,
    ConflictError,
    InvalidError,
    NotFoundError,
    UnavailableError,
    UnsupportedMediaError,
)
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.objects import ObjectInfo
from auscult.stores.objects.blobs import Blobs, Record, Uploads, Waiting
from auscult.stores.objects.keys import (
    bytes_address,
    checked_content_type,
    checked_key,
    checked_prefix,
    key_of_record,
    record_address,
)
from auscult.stores.objects.record import ObjectRecord, wrapping_context
from auscult.stores.objects.sealed import CHUNK_BYTES, HEADER_BYTES, PREFIX_BYTES, Header, Opener, damaged
from auscult.stores.objects.sealing_stream import SealingStream, aside, too_large
from auscult.trust.sealing import Keyring

_FIRST_CHUNKS: Final = 4
_MOST_CHUNKS: Final = 16
"""A read fetches 4 chunks (256 KiB: a seek is answered soon), then twice as many each time, up to 16 (1 MiB)."""
_SWAPS: Final = 16
"""How often a record is swapped again when somebody else was faster."""
_MAX_EXPIRES_IN: Final = 7 * 24 * 3600
"""The longest S3 takes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Workings:
    """What every clinic's objects are built on: one of each per process."""

    blobs: Blobs
    uploads: Uploads
    keyring: Keyring
    ambient: Ambient
    threads: ThreadPoolExecutor


class ClinicVault:
    """The objects of one clinic; see `ClinicObjects` for what each operation promises."""

    def __init__(self, clinic_id: ClinicId, workings: Workings) -> None:
        """Made by `Vault.of`."""
        self._clinic_id = clinic_id
        self._blobs = workings.blobs
        self._uploads = workings.uploads
        self._keyring = workings.keyring
        self._ambient = workings.ambient
        self._threads = workings.threads

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
        """Store a stream, sealed under the subject's key; see `ClinicObjects.put`."""
        checked_key(key)
        checked_content_type(content_type)
        if not overwrite and await self._load(key) is not None:
            raise _taken()
        item = await self._keyring.new_item_key(self._clinic_id, subject, wrapping_context(key))
        header = Header(CHUNK_BYTES, self._ambient.secret(PREFIX_BYTES))
        name = self._ambient.secret(16).hex()
        sealing = SealingStream(item.clear, header, self._threads)
        try:
            async with aclosing(sealing.parts(data, max_bytes)) as parts:
                await self._blobs.write(bytes_address(self._clinic_id, key, name), parts)
            info = ObjectInfo(key, sealing.size, content_type, sealing.sha256, self._ambient.now())
            record = ObjectRecord.of(
                info,
                clinic_id=self._clinic_id,
                name=name,
                header=header,
                subject=subject,
                item=item,
                secret=self._ambient.secret,
            )
            await _to_the_end(self._commit(record, overwrite=overwrite))
        except BaseException:
            await _to_the_end(self._abandon(key, name))
            raise
        return info

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Stream clear bytes `[start, end)`; see `ClinicObjects.read`. Raises `InvalidError` for a negative range."""
        checked_key(key)
        if start < 0 or (end is not None and end < start):
            raise InvalidError("The range ends before it starts.", remedy="Ask for 0 ≤ start ≤ end, in bytes.")
        record, item_key = await self._open(key)
        size = record.size
        end = size if end is None else min(end, size)
        if start >= end and size:
            return
        opener = Opener(item_key, record.header, size)
        for window in _windows(opener.chunks(start, end)):
            piece = await self._piece(record, opener, window, start, end)
            if piece:
                yield piece

    async def head(self, key: str) -> ObjectInfo | None:
        """What is known of the object, or None. Raises `ErasedError`: its hash tells of the patient too."""
        loaded = await self._load(checked_key(key))
        if loaded is None:
            return None
        record = loaded[0]
        return record.info(self._clinic_id, await self._item_key(record))

    async def delete(self, key: str) -> None:
        """Remove it; removing what is not there is fine. What waits to be adopted under this key goes with it."""
        loaded = await self._load_leniently(checked_key(key))
        await self._blobs.delete(record_address(self._clinic_id, key))
        if loaded is not None:
            await self._blobs.delete(bytes_address(self._clinic_id, key, loaded.name))
        await self._uploads.discard(self._clinic_id, key)

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        """All keys that start with `prefix`, in order."""
        checked_prefix(prefix)
        async for found in self._blobs.found(f"{self._clinic_id}/{prefix}"):
            key = key_of_record(self._clinic_id, found.address)
            if key is not None:
                yield key

    async def erase(self, subjects: Collection[SubjectId]) -> int:
        """Remove every object that is sealed under one of these subjects; see `ClinicObjects.erase`."""
        removed = 0
        async for key in self.keys(""):
            record = await self._load_leniently(key)
            if record is not None and record.subject in subjects:
                await self.delete(key)
                removed += 1
        return removed

    async def refile(self, key: str, subject: SubjectId) -> None:
        """Re-wrap the object's key for another subject; see `ClinicObjects.refile`."""
        checked_key(key)
        for _ in range(_SWAPS):
            loaded = await self._load(key)
            if loaded is None:
                raise NotFoundError("There is no such object.")
            record, version = loaded
            if record.subject == subject:
                return
            wrapped = await self._keyring.rewrap(
                self._clinic_id, record.wrapped, old=record.subject, new=subject, context=wrapping_context(key)
            )
            moved = record.rewrapped(subject, wrapped).to_json()
            with suppress(ConflictError):
                await self._blobs.swap(record_address(self._clinic_id, key), moved, expected=version)
                return
        raise _busy()

    async def upload_url(self, key: str, *, content_type: str, expires_in: int, max_bytes: int) -> str:
        """A signed URL that takes one PUT; see `ClinicObjects.upload_url`. `expires_in` is 1 s to 7 days."""
        checked_key(key)
        checked_content_type(content_type)
        if not 0 < expires_in <= _MAX_EXPIRES_IN or max_bytes <= 0:
            raise InvalidError("An upload link needs a time to live (up to 7 days) and a size above zero.")
        return await self._uploads.url(
            self._clinic_id, key, content_type=content_type, expires_in=expires_in, max_bytes=max_bytes
        )

    async def adopt(self, key: str, *, content_type: str, subject: SubjectId, max_bytes: int) -> ObjectInfo | None:
        """Seal an object that was PUT to a presigned URL; see `ClinicObjects.adopt`.

        What is too large or of another type stays where it arrived until the store's lifecycle rule removes it, so
        that a person can raise the limit and try again. The first upload adopted wins; a later one is discarded.
        """
        info = await self.head(key)
        if info is None:
            waiting = await self._uploads.waiting(self._clinic_id, key)
            if waiting is None:
                return None
            if waiting.size > max_bytes:
                raise too_large()
            if _media_type(waiting.content_type) != _media_type(content_type):
                raise UnsupportedMediaError("The upload is of another content type than its link allowed.")
            info = await self._adopt_waiting(key, waiting, content_type, subject, max_bytes)
        await self._uploads.discard(self._clinic_id, key)
        return info

    async def _adopt_waiting(
        self, key: str, waiting: Waiting, content_type: str, subject: SubjectId, max_bytes: int
    ) -> ObjectInfo:
        try:
            return await self.put(
                key, waiting.stream(), content_type=content_type, subject=subject, max_bytes=max_bytes
            )
        except (ConflictError, NotFoundError):
            # somebody else adopted it while we tried: theirs is there, and what was waiting may be gone
            info = await self.head(key)
            if info is None:
                raise
            return info

    async def _load(self, key: str) -> tuple[ObjectRecord, str] | None:
        loaded = await self._blobs.load(record_address(self._clinic_id, key))
        if loaded is None:
            return None
        record = ObjectRecord.from_json(loaded.data)
        if record.key != key:
            raise damaged()
        return record, loaded.version

    async def _load_leniently(self, key: str) -> ObjectRecord | None:
        """The record, or None where it is missing or too damaged to say where its bytes are."""
        try:
            loaded = await self._load(key)
        except UnavailableError:
            raise
        except AuscultError:
            return None
        return loaded[0] if loaded else None

    async def _open(self, key: str) -> tuple[ObjectRecord, bytes]:
        """The record, its fields checked, and the object's key."""
        loaded = await self._load(key)
        if loaded is None:
            raise NotFoundError("There is no such object.")
        record = loaded[0]
        item_key = await self._item_key(record)
        record.info(self._clinic_id, item_key)
        return record, item_key

    async def _item_key(self, record: ObjectRecord) -> bytes:
        return await self._keyring.open_item_key(
            self._clinic_id, record.subject, record.wrapped, wrapping_context(record.key)
        )

    async def _piece(self, record: ObjectRecord, opener: Opener, window: range, start: int, end: int) -> bytes:
        """What the window holds of `[start, end)`; nothing else of it stays in memory while a slow reader takes it."""
        sealed = await self._fetch(record, opener, window)
        clear = await aside(self._threads, len(sealed), partial(opener.open, window, sealed))
        offset = window.start * record.header.chunk_bytes
        return clear[max(0, start - offset) : end - offset]

    async def _fetch(self, record: ObjectRecord, opener: Opener, window: range) -> bytes:
        start, end = opener.span(window)
        from_the_header = window.start == 0
        address = bytes_address(self._clinic_id, record.key, record.name)
        try:
            sealed = await self._blobs.read(address, 0 if from_the_header else start, end)
        except NotFoundError as error:
            now = await self._load(record.key)
            if now is None:
                raise NotFoundError("The object was removed while it was being read.") from error
            if now[0].name != record.name:
                raise ConflictError("The object was replaced while it was being read.") from error
            raise damaged() from error
        if from_the_header:
            if sealed[:HEADER_BYTES] != bytes(record.header):
                raise damaged()
            sealed = sealed[HEADER_BYTES:]
        return sealed

    async def _commit(self, record: ObjectRecord, *, overwrite: bool) -> None:
        """Swap the record in, and remove the bytes that the one before it named."""
        key = record.key
        address = record_address(self._clinic_id, key)
        before: Record | None = None  # mostly it is new: what was there is looked for only when something was
        for _ in range(_SWAPS if overwrite else 1):
            try:
                await self._blobs.swap(address, record.to_json(), expected=before.version if before else None)
            except (ConflictError, UnavailableError) as error:
                # the answer of a swap that went through may have been lost on its way
                now = await self._blobs.load(address)
                if now is None or _name_in(now) != record.name:
                    if isinstance(error, ConflictError):
                        before = now
                        continue
                    raise
            old = _name_in(before) if before else None
            if old is not None:
                with suppress(AuscultError):  # the object is there; what is left of the old one, `sweep` removes
                    await self._blobs.delete(bytes_address(self._clinic_id, key, old))
            return
        raise _busy() if overwrite else _taken()

    async def _abandon(self, key: str, name: str) -> None:
        """Remove the bytes of a put that failed, unless its record made it after all."""
        with suppress(AuscultError):
            record = await self._load_leniently(key)
            if record is None or record.name != name:
                await self._blobs.delete(bytes_address(self._clinic_id, key, name))


def _name_in(record: Record) -> str | None:
    """Which bytes a record names; None when it is too damaged to say."""
    try:
        return ObjectRecord.from_json(record.data).name
    except AuscultError:
        return None


def _windows(chunks: range) -> Iterator[range]:
    size, first = _FIRST_CHUNKS, chunks.start
    while first < chunks.stop:
        yield range(first, min(first + size, chunks.stop))
        first += size
        size = min(2 * size, _MOST_CHUNKS)


async def _to_the_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Await `work` even when the caller is cancelled meanwhile: what it commits or removes must not stay half done."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _taken() -> ConflictError:
    return ConflictError("There is an object with this key already.", remedy="Use a new key; a link takes one upload.")


def _busy() -> ConflictError:
    return ConflictError("This object is being replaced by others all the time.", remedy="Wait a moment and try again.")
