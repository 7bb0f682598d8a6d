"""The master key in a file, readable by its owner only: the default on one machine.

A line of 64 hexadecimal digits for each version, the newest first. Older versions stay, because what they wrapped may
lie in a backup.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from auscult.domain.errors import ConflictError, UnavailableError
from auscult.stores.secrets.clear_key import ClearKeyMaster, keys_from_text
from auscult.trust.sealing import KEY_BYTES

_LARGEST = 1 << 16


class KeyFileMaster(ClearKeyMaster):
    """The `MasterKey` of a key file."""

    def __init__(self, path: Path, keys: Sequence[bytes], secret: Callable[[int], bytes]) -> None:
        """Use `KeyFileMaster.open`."""
        super().__init__(keys, secret)
        self._path = path

    @classmethod
    def open(cls, path: Path, secret: Callable[[int], bytes], *, create: bool = True) -> KeyFileMaster:
        """Read the key file, or (with `create`) make one with a fresh key (mode 0600) when there is none.

        Two processes that start at once agree on one key, and a crash never leaves half a file. Raises
        `UnavailableError` when the file cannot be read or made, when others than its owner may read it, or when it
        does not hold a key.
        """
        if not create and not path.exists():
            raise UnavailableError(
                "There is no master key on this machine.",
                remedy="Put it back with `auscult keys recover FILE`, FILE being its escrow copy, then do this again.",
            )
        if not path.exists():
            with _translated(path):
                _link(path, secret(KEY_BYTES).hex().encode() + b"\n")
        return cls(path, _versions(path), secret)

    @classmethod
    def put_back(cls, path: Path, keys: Sequence[bytes]) -> None:
        """Write the file anew from its escrow copy.

        Raises `ConflictError` when there is one with another key, which would be lost; the same key is left as it is.
        """
        if path.exists():
            if _versions(path)[0] == keys[0]:
                return
            raise ConflictError(
                "There is another master key in this place, and it may be the only copy.",
                remedy=f"If you are sure that it is not needed, move {path} away, then do this again.",
            )
        with _translated(path):
            _link(path, _lines(keys))

    async def renew(self) -> bool:
        """Put a new version before the others, durably and at once; True."""
        self._use(await asyncio.to_thread(self._renew))
        return True

    def _renew(self) -> tuple[bytes, ...]:
        with _translated(self._path), self._path.with_name(f"{self._path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = (self._secret(KEY_BYTES), *_versions(self._path))
            draft = _draft(self._path, _lines(keys))
            try:
                draft.replace(self._path)
            finally:
                draft.unlink(missing_ok=True)
            _sync_folder(self._path.parent)
            return keys

    async def _newest(self) -> tuple[bytes, ...]:
        return await asyncio.to_thread(_versions, self._path)


class _translated:  # noqa: N801 - reads as the `with` statement that it is for
    """Turns what the system says of the key file into our error."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise UnavailableError(
                f"The key file cannot be used ({error.strerror}).",
                remedy=f"Check that {self._path} and its folder belong to the user that runs Auscult.",
            ) from error


def _versions(path: Path) -> tuple[bytes, ...]:
    with _translated(path):
        held = _read(path)
    keys = (held,) if len(held) == KEY_BYTES else keys_from_text(held)
    if not keys:
        raise UnavailableError(
            "The key file does not hold a key.",
            remedy=f"Restore {path} from its escrow copy (64 hexadecimal digits or 32 bytes).",
        )
    return keys


def _lines(keys: Sequence[bytes]) -> bytes:
    return b"".join(key.hex().encode() + b"\n" for key in keys)


def _draft(path: Path, data: bytes) -> Path:
    """The whole file under another name beside it, on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _link(path: Path, data: bytes) -> None:
    draft = _draft(path, data)
    try:
        try:
            # A link appears whole or not at all and, unlike a rename, never replaces the key of a faster process.
            os.link(draft, path)
        except FileExistsError:
            return
        # Everything sealed from now on depends on this file: its name has to survive a power cut too.
        _sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if os.name == "posix" and mode & 0o077:
            raise UnavailableError(
                f"The key file may be read or written by others (mode {mode:04o}).",
                remedy=f"Run: chmod 600 {path}. If others had access to this machine, consider the key known to them.",
            )
        return file.read(_LARGEST)
