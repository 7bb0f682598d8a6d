"""A password that is made once and kept in a file that only its owner reads."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from auscult.domain.errors import UnavailableError

_BYTES: Final = 24


def kept_password(path: Path, secret: Callable[[int], bytes]) -> str:
    """The password in the file, made (48 hexadecimal digits, mode 0600) when there is none.

    Raises `UnavailableError` when the file cannot be read or written, or others than its owner may read it.
    """
    try:
        if not path.exists():
            _write(path, secret(_BYTES).hex())
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise UnavailableError(
                    "The password file may be read or written by others.",
                    remedy=f"Remove {path}: a new password is made at the next start.",
                )
            password = file.read(1024).strip()
    except OSError as error:
        raise UnavailableError(
            f"The password file cannot be used ({error.strerror}).",
            remedy=f"Check that {path} and its folder belong to the user that runs Auscult.",
        ) from error
    if len(password) < _BYTES:
        raise UnavailableError(
            "The password file does not hold a password.", remedy=f"Remove {path}: a new one is made at the next start."
        )
    return password


def _write(path: Path, password: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{password}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)  # whole or not at all
