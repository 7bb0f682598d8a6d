"""What a database or its disk raises, as our own typed errors with a remedy."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from auscult.domain.errors import AuscultError, StorageFullError, UnavailableError

_FULL_BELOW_BYTES: Final = 1 << 20
"""SQLite reports a full disk under its `-wal` and `-shm` files as an I/O error: with less than this free it is one."""
_DISK_FULL: Final = "53100"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""


@contextmanager
def storage_errors(file: Path | None) -> Iterator[None]:
    """Turn what a database or its disk raises into `StorageFullError` or `UnavailableError`.

    `file` is the database's file (SQLite) or None. Programming and integrity errors pass: the first is a fault of ours,
    the second is for the caller to interpret.
    """
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except (DBAPIError, sqlite3.Error, PoolTimeoutError, OSError) as error:
        raise _typed(error, file) from error
    except Exception as error:
        # asyncpg's refusals while connecting (no such database, wrong password, too many) arrive unwrapped.
        if getattr(error, "sqlstate", None) is None:
            raise
        raise _typed(error, file) from error


def _typed(error: Exception, file: Path | None) -> AuscultError:
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFullError("The disk that holds the database is full.")
    if getattr(cause, "sqlstate", None) == _DISK_FULL:
        return StorageFullError("The database server's disk is full.")
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        # The low byte is the primary code: https://www.sqlite.org/rescode.html
        if code & 0xFF == sqlite3.SQLITE_FULL or (code & 0xFF == sqlite3.SQLITE_IOERR and _full(file)):
            return StorageFullError("The disk that holds the database is full.")
        if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return UnavailableError("The database is busy with another write.")
        return UnavailableError(
            f"The database file cannot be used ({getattr(cause, 'sqlite_errorname', 'error')}).",
            remedy="Check that the data folder exists, belongs to this user and its disk is sound.",
        )
    state = getattr(cause, "sqlstate", None)
    return UnavailableError(
        f"The database does not answer ({state or type(cause).__name__}).",
        remedy="Check that the database server runs and that AUSCULT_DATABASE_URL is right, then try again.",
    )


def _full(file: Path | None) -> bool:
    return file is not None and shutil.disk_usage(file.parent).free < _FULL_BELOW_BYTES
