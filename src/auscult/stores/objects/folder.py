"""Objects in a folder on this machine (or on a volume that several of its processes share).

Files are 0600 in folders 0700. A record is replaced by writing a temporary file, `fsync`, `rename` and `fsync` of the
folder, under an `flock` on the folder, so that processes on one machine agree on who was first.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError, NotFoundError, StorageFullError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.stores.objects.blobs import Found, Record
from auscult.stores.objects.uploads import SignedRoute
from auscult.stores.objects.vault import Vault
from auscult.trust.sealing import Keyring

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_AT_ONCE_BYTES: Final = 1 << 18
"""A blob that is no larger is written in one go."""
_FOLDER_TRIES: Final = 16
"""A folder may be pruned by somebody's delete just before we write into it; it is made again this often."""

_T = TypeVar("_T")


def open_folder(root: Path, *, keyring: Keyring, ambient: Ambient) -> Vault:
    """The object store in that folder, which is made when it is missing."""
    blobs = FolderBlobs(root, secret=ambient.secret)
    return Vault(blobs, SignedRoute(keyring, blobs, now=ambient.now), keyring=keyring, ambient=ambient)


class FolderBlobs:
    """Blobs as files under one folder."""

    def __init__(self, root: Path, *, secret: Callable[[int], bytes]) -> None:
        """Take the folder, which need not exist yet, and a source of random bytes for temporary names."""
        self._root = root
        self._secret = secret
        # of its own, so that a transcription that fills the default threads cannot make a browser wait for sound
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="objects")

    async def write(self, address: str, parts: AsyncGenerator[bytes]) -> None:
        """Write a new blob; see `Blobs.write`."""
        path = self._root / address
        first, more = await _up_to(_AT_ONCE_BYTES, parts)
        if not more:
            # A slice of a second, mostly: one hop to a thread instead of one for each system call.
            await self._do(lambda: self._in_folder(path.parent, lambda: self._write_whole(path, first)))
            return
        file = await self._do(lambda: self._in_folder(path.parent, lambda: os.open(path, _NEW, 0o600)))
        try:
            try:
                await self._do(_write_all, file, first)
                async for part in parts:
                    await self._do(_write_all, file, part)
                await self._do(os.fsync, file)
            finally:
                await self._do(os.close, file)
        except BaseException:
            await self._do(self._remove, path)
            raise

    async def read(self, address: str, start: int, end: int) -> bytes:
        """A range of a blob; see `Blobs.read`."""
        return await self._do(_read_range, self._root / address, start, end)

    async def load(self, address: str) -> Record | None:
        """A small blob whole, or None."""
        return await self._do(_load, self._root / address)

    async def swap(self, address: str, data: bytes, *, expected: str | None) -> None:
        """Put a small blob if its version is still `expected`; see `Blobs.swap`."""
        path = self._root / address
        fresh = path.parent / f"!{self._secret(16).hex()}.new"
        await self._do(lambda: self._in_folder(path.parent, lambda: _swap(path, fresh, data, expected)))

    async def delete(self, address: str) -> None:
        """Remove the blob, and the folders that are empty then."""
        await self._do(self._remove, self._root / address)

    async def found(self, prefix: str) -> AsyncIterator[Found]:
        """All blobs whose address starts with `prefix`, in order, read folder by folder."""
        stack = [iter(await self._do(self._entries, prefix.rpartition("/")[0], prefix))]
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
            elif isinstance(entry, Found):
                yield entry
            else:
                stack.append(iter(await self._do(self._entries, entry, prefix)))

    async def welcome(self, clinic_id: ClinicId) -> None:
        """Make the clinic's folder: it stays when the last object goes."""
        await self._do(self._make, self._root / clinic_id)

    async def knows(self, clinic_id: ClinicId) -> bool:
        """Whether this folder ever held or expected anything of that clinic."""
        return await self._do((self._root / clinic_id).is_dir)

    async def ready(self) -> None:
        """Raise `UnavailableError` unless a file can be written."""
        probe = self._root / f"!{self._secret(16).hex()}.probe"
        try:
            await self._do(lambda: self._in_folder(self._root, lambda: _write_file(probe, b"ready")))
        except StorageFullError as error:
            raise UnavailableError("The object folder's disk is full.", remedy=StorageFullError.remedy) from error
        finally:
            with suppress(UnavailableError):
                await self._do(self._remove, probe)

    async def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=True)

    async def _do(self, work: Callable[..., _T], *args: object) -> _T:
        """Run it on a thread of ours, to its end even if the caller is cancelled; translate what the system says."""
        future = asyncio.get_running_loop().run_in_executor(self._threads, _translated, work, *args)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise

    def _write_whole(self, path: Path, data: bytes) -> None:
        try:
            _write_file(path, data)
        except FileNotFoundError:
            raise  # there is no folder, so nothing was written
        except BaseException:
            self._remove(path)
            raise

    def _in_folder(self, folder: Path, work: Callable[[], _T]) -> _T:
        for _ in range(_FOLDER_TRIES):
            self._make(folder)
            with suppress(FileNotFoundError):
                return work()
        raise OSError(errno.EBUSY, "The folder is removed as often as it is made.")

    def _make(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for made in reversed(missing):
            with suppress(FileExistsError, FileNotFoundError):
                made.mkdir(mode=0o700)
                _sync_folder(made.parent)

    def _remove(self, path: Path) -> None:
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        _sync_folder(path.parent)
        # the clinic's own folder stays: it is how an upload link's clinic is known
        for folder in path.parents:
            if self._root in {folder, folder.parent}:
                return
            try:
                folder.rmdir()
            except OSError:
                return

    def _entries(self, folder: str, prefix: str) -> list[Found | str]:
        """What lies in a folder and can lead to `prefix`: blobs as `Found`, folders as paths; in address order."""
        entries = list[tuple[str, Found | str]]()
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self._root / folder) as scan:
            for entry in scan:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if f"{path}/".startswith(prefix) or prefix.startswith(f"{path}/"):
                        entries.append((f"{path}/", path))
                elif path.startswith(prefix):
                    with suppress(FileNotFoundError):
                        written = datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)
                        entries.append((path, Found(path, written)))
        return [entry for _, entry in sorted(entries, key=lambda each: each[0])]


async def _up_to(most: int, parts: AsyncGenerator[bytes]) -> tuple[bytes, bool]:
    """The first parts, together at least `most` bytes if there are as many, and whether more may follow."""
    held = bytearray()
    async for part in parts:
        held += part
        if len(held) >= most:
            return bytes(held), True
    return bytes(held), False


def _translated(work: Callable[..., _T], *args: object) -> _T:
    try:
        return work(*args)
    except FileNotFoundError as error:
        raise NotFoundError("There is no such blob.") from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFullError("The disk that holds the objects is full.") from error
        raise UnavailableError(
            f"The object folder cannot be used: {os.strerror(error.errno or errno.EIO)}.",
            remedy="Check that the folder exists, belongs to this user and that its disk is healthy.",
        ) from error


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _write_file(path: Path, data: bytes) -> None:
    file = os.open(path, _NEW, 0o600)
    try:
        _write_all(file, data)
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    """Make names durable, not only bytes. A folder that is gone has no names to keep."""
    with suppress(FileNotFoundError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _read_range(path: Path, start: int, end: int) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        parts = list[bytes]()
        while start < end:
            part = os.pread(file, end - start, start)
            if not part:
                break
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)
    finally:
        os.close(file)


def _load(path: Path) -> Record | None:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Record(data, hashlib.sha256(data).hexdigest())


def _swap(path: Path, fresh: Path, data: bytes, expected: str | None) -> None:
    try:
        # written before the lock is asked for: while it lies there, nobody can prune the folder that is locked
        _write_file(fresh, data)
        with _locked(path.parent):
            now = _load(path)
            if (now.version if now else None) != expected:
                raise ConflictError("Somebody else was first.")
            fresh.replace(path)
            _sync_folder(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
