"""Copying objects into a destination and back: sealed bytes once, and for each backup the list of what there was."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auscult.domain.errors import ConflictError, ErasedError, NotFoundError
from auscult.domain.ids import ClinicId
from auscult.stores.backups import RawObjects, Tell
from auscult.stores.backups.sealed_parts import check_file, damaged
from auscult.stores.objects.keys import bytes_address, key_of_record, record_address
from auscult.stores.objects.record import ObjectRecord
from auscult.stores.objects.sealed import Opener

_BLOCK: Final = 4 << 20
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of a backup: its record as it was, and where its sealed bytes lie, with size and SHA-256 of them."""

    record: bytes
    address: str
    size: int
    sha256: str

    def line(self) -> bytes:
        """As it is kept in the list."""
        record = base64.b64encode(self.record).decode()
        return json.dumps([record, self.address, self.size, self.sha256]).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> Listed:
        """Read a line of the list."""
        record, address, size, sha256 = json.loads(line)
        return cls(base64.b64decode(record), address, size, sha256)

    @property
    def subject(self) -> str:
        """Whose key seals it."""
        return ObjectRecord.from_json(self.record).subject


@dataclass(frozen=True, slots=True)
class Copied:
    """How many objects there are, their sealed bytes, and how many of these were not at the destination."""

    objects: int
    total_bytes: int
    copied_bytes: int


def lines(chunks: Iterable[bytes]) -> Iterator[Listed]:
    """The entries of a list that comes in chunks."""
    held = b""
    for chunk in chunks:
        *whole, held = (held + chunk).split(b"\n")
        for line in whole:
            yield Listed.of_line(line)


async def copy_objects(
    source: RawObjects, clinic_id: ClinicId, *, folder: Path, to_list: Path, before: Iterator[Listed], tell: Tell
) -> Copied:
    """Copy what is not in the destination's folder of objects yet, and write the list of all there are.

    `before` is the list of the newest backup, in the same order: what it has under the same name is the same bytes.
    An object that is removed meanwhile is left out; one whose record is damaged too, as it could not be read before.
    """
    count = total = copied = 0
    known = next(before, None)
    descriptor = os.open(to_list, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as listing:
        async for found in source.found(f"{clinic_id}/"):
            key = key_of_record(clinic_id, found.address)
            if key is None:
                continue
            while known is not None and _owner(known.address) < _owner(found.address):
                known = next(before, None)
            listed, fresh = await _copy_one(source, clinic_id, key, folder, known)
            if listed is None:
                continue
            listing.write(listed.line())
            count, total, copied = count + 1, total + listed.size, copied + fresh
            tell(f"{count} objects", 0.0)
    return Copied(count, total, copied)


def _owner(address: str) -> str:
    return address.partition("!")[0] + "!"


async def _copy_one(
    source: RawObjects, clinic_id: ClinicId, key: str, folder: Path, known: Listed | None
) -> tuple[Listed | None, int]:
    for _ in range(_TRIES):
        loaded = await source.load(record_address(clinic_id, key))
        if loaded is None:
            return None, 0
        try:
            record = ObjectRecord.from_json(loaded.data)
        except ErasedError:
            return None, 0
        address, size = bytes_address(clinic_id, key, record.name), _sealed_size(record)
        to = folder / address
        if known is not None and known.address == address and to.exists() and to.stat().st_size == known.size:
            return Listed(loaded.data, address, known.size, known.sha256), 0
        try:
            sha256 = await _copy_bytes(source, address, size, to)
        except NotFoundError:
            continue  # replaced or removed meanwhile: its record says which
        return Listed(loaded.data, address, size, sha256), size
    return None, 0


async def _copy_bytes(source: RawObjects, address: str, size: int, to: Path) -> str:
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft, digest = to.with_name(f"{to.name}.draft"), hashlib.sha256()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for start in range(0, size, _BLOCK):
                block = await source.read(address, start, min(start + _BLOCK, size))
                digest.update(block)
                file.write(block)
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)
    return digest.hexdigest()


def _sealed_size(record: ObjectRecord) -> int:
    opener = Opener(bytes(32), record.header, record.size)
    return opener.span(opener.chunks(0, max(1, record.size)))[1]


def check_copy(folder: Path, listed: Listed) -> None:
    """Raise `UnavailableError` unless the object's sealed bytes are at the destination, unchanged."""
    check_file(folder / listed.address, listed.size, listed.sha256)


async def put_object(target: RawObjects, clinic_id: ClinicId, folder: Path, listed: Listed) -> None:
    """Put one object back: its bytes, then its record. Harmless to repeat."""
    record = ObjectRecord.from_json(listed.record)
    if listed.address != bytes_address(clinic_id, record.key, record.name):
        raise damaged(listed.address, "is not where its record says")
    path = folder / listed.address
    with suppress(ConflictError):
        await target.write(listed.address, _blocks(path))
    with suppress(ConflictError):
        await target.swap(record_address(clinic_id, record.key), listed.record, expected=None)


async def _blocks(path: Path) -> AsyncGenerator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def remove_unlisted(folder: Path, wanted: set[str]) -> int:
    """Remove the sealed bytes that no backup of the destination lists any more; return how many."""
    gone = [path for path in folder.rglob("*") if path.is_file() and str(path.relative_to(folder)) not in wanted]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
