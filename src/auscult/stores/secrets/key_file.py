"""The master key in a file: 64 hexadecimal digits, readable by its owner only. The default on one machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from auscult.domain.errors import UnavailableError
from auscult.stores.secrets.clear_key import ClearKeyMaster, key_from_text
from auscult.trust.sealing import KEY_BYTES


class KeyFileMaster(ClearKeyMaster):
    """The `MasterKey` of a key file."""

    @classmethod
    def open(cls, path: Path, secret: Callable[[int], bytes]) -> KeyFileMaster:
        """Read the key file, or make one with a fresh key (mode 0600) when there is none.

        Two processes that start at once agree on one key, and a crash never leaves half a file. Raises
        `UnavailableError` when the file cannot be read or made, when others than its owner may read it, or when it
        does not hold a key.
        """
        try:
            if not path.exists():
                _create(path, secret(KEY_BYTES))
            held = _read(path)
        except OSError as error:
            raise UnavailableError(
                f"The key file cannot be used ({error.strerror}).",
                remedy=f"Check that {path} and its folder belong to the user that runs Auscult.",
            ) from error
        key = held if len(held) == KEY_BYTES else key_from_text(held)
        if key is None:
            raise UnavailableError(
                "The key file does not hold a key.",
                remedy=f"Restore {path} from its escrow copy (64 hexadecimal digits or 32 bytes).",
            )
        return cls(key, secret)


def _create(path: Path, key: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{key[:4].hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link appears whole or not at all and, unlike a rename, never replaces the key of a faster process.
            os.link(draft, path)
        except FileExistsError:
            return
        # Everything sealed from now on depends on this file: its name has to survive a power cut too.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if os.name == "posix" and mode & 0o077:
            raise UnavailableError(
                f"The key file may be read or written by others (mode {mode:04o}).",
                remedy=f"Run: chmod 600 {path}. If others had access to this machine, consider the key known to them.",
            )
        return file.read(1024)
