"""Files of a backup as they lie at its destination: sealed in chunks as objects are, each under a key of its own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auscult.domain.errors import AuscultError, ErasedError, UnavailableError
from auscult.stores.backups import Part
from auscult.stores.objects.sealed import HEADER_BYTES, PREFIX_BYTES, Header, Opener, Sealer
from auscult.trust.sealing import KEY_BYTES

_CHUNK: Final = 1 << 20
_BLOCK: Final = 1 << 20


def part_key(backup_key: bytes, backup_id: str, name: str) -> bytes:
    """The key of one part: one that was swapped with another, or with another backup's, does not open."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"auscult/backup/{backup_id}/{name}".encode()).derive(backup_key)


def seal_part(
    name: str, clear: IO[bytes], to: Path, key: bytes, secret: Callable[[int], bytes]
) -> Iterator[Part | int]:
    """Seal a file into `to`, durably: yields how many clear bytes are done, again and again, and at last the part."""
    header = Header(_CHUNK, secret(PREFIX_BYTES))
    sealer, digest, size, done = Sealer(key, header), hashlib.sha256(), 0, 0
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:

        def put(data: bytes) -> None:
            nonlocal size
            digest.update(data)
            size += len(data)
            file.write(data)

        put(bytes(header))
        while block := clear.read(_BLOCK):
            put(sealer.add(block))
            done += len(block)
            yield done
        put(sealer.finish())
        file.flush()
        os.fsync(file.fileno())
    yield Part(name=name, size=size, clear_size=done, sha256=digest.hexdigest())


def check_file(path: Path, size: int, sha256: str) -> None:
    """Raise `UnavailableError` unless the file is there, whole and unchanged."""
    try:
        if path.stat().st_size == size and file_hash(path) == sha256:
            return
    except OSError as error:
        raise damaged(path.name, "cannot be read") from error
    raise damaged(path.name, "was changed or cut off")


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_part(part: Part, path: Path, key: bytes) -> Iterator[bytes]:
    """The clear bytes, chunk by chunk. Raises `UnavailableError` when the file is not as it was sealed."""
    try:
        with path.open("rb") as file:
            opener = Opener(key, Header.parse(file.read(HEADER_BYTES)), part.clear_size)
            chunks = max(1, -(-part.clear_size // _CHUNK))
            for number in range(chunks):
                chunk = range(number, number + 1)
                start, end = opener.span(chunk)
                yield opener.open(chunk, file.read(end - start))
    except (OSError, ErasedError) as error:
        raise damaged(path.name, "does not open") from error


def damaged(name: str, how: str) -> AuscultError:
    """A file of the backup that cannot be relied on."""
    return UnavailableError(
        f"{name} of this backup {how}.",
        remedy="Restore another backup, or one from another destination; check the disk that this one lies on.",
    )
