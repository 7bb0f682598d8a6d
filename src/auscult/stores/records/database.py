"""A SQL database as the stores use it: short read and write transactions on SQLite and PostgreSQL, typed errors.

The two databases differ in three places only, all of them here: how a connection is made, how a write transaction
begins, and what their errors mean.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from auscult.domain.errors import AuscultError, InvalidError, StorageFullError, UnavailableError

P = ParamSpec("P")
R = TypeVar("R")

BUSY_SECONDS: Final = 10.0
"""How long a statement waits for another process's lock, and a caller for a free connection."""
_IDLE_IN_TRANSACTION_MS: Final = 60_000
"""PostgreSQL ends a transaction whose process froze half-way, so that its locks do not hold up the others."""
_FULL_BELOW_BYTES: Final = 1 << 20
"""SQLite reports a full disk under its `-wal` and `-shm` files as an I/O error: with less than this free it is one."""
_DISK_FULL: Final = "53100"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def unbroken(work: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Have an async function that uses a connection run to its end even when its caller is cancelled meanwhile.

    A driver that is interrupted between two steps of its protocol leaves a connection with an open transaction, and
    its locks with it, until somebody times out. Transactions here are short, so a cancelled caller waits for the end
    and is cancelled then: what it asked for is done wholly or not at all.
    """

    @functools.wraps(work)
    async def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        task = asyncio.ensure_future(work(*args, **kwargs))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():
                # Cancelled again while waiting: the connection matters more.
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # looked at, or the event loop would report it as forgotten
            raise

    return whole


class Database:
    """One SQLite file or one PostgreSQL database."""

    def __init__(self, engine: AsyncEngine, file: Path | None) -> None:
        """Use `Database.connect`."""
        self.engine = engine
        self.file = file
        """The database file (SQLite), or None (PostgreSQL)."""
        self._writer = engine.execution_options(auscult_write=True)
        # Writers of one process queue here and not in SQLite's busy handler, which sleeps up to 100 ms between looks.
        self._turn = asyncio.Lock()

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, False on PostgreSQL."""
        return self.file is not None

    @classmethod
    async def connect(cls, url: str, *, pragmas: dict[str, str] | None = None) -> Database:
        """Open `sqlite:///path` or `postgresql://…`; a missing SQLite file is made, readable by its owner only.

        `pragmas` are set on each SQLite connection (PostgreSQL has none). Raises `InvalidError` for another kind of
        address; `UnavailableError` when the database does not answer; `StorageFullError`.
        """
        parsed = _normalised(url)
        if parsed.get_backend_name() == "sqlite":
            file = Path(parsed.database or "")
            with storage_errors(file):
                _make_private(file)
            database = cls(_sqlite_engine(parsed, pragmas or {}), file)
        else:
            database = cls(_postgres_engine(parsed), None)
        try:
            if "journal_mode" in (pragmas or {}):
                await database._set_journal_mode((pragmas or {})["journal_mode"])
            async with database.read() as connection:
                await connection.execute(text("SELECT 1"))
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def read(self, clinic_id: str | None = None) -> AsyncIterator[AsyncConnection]:
        """Lend a connection inside a read transaction, scoped to a clinic where one is given; for `unbroken` work."""
        with storage_errors(self.file):
            async with self.engine.connect() as connection:
                await self._scope(connection, clinic_id)
                yield connection

    @asynccontextmanager
    async def write(self, clinic_id: str | None = None) -> AsyncIterator[AsyncConnection]:
        """Lend a connection inside a write transaction: committed at the end, rolled back on any exception.

        For `unbroken` work only.
        """
        with storage_errors(self.file):
            if self.is_sqlite:
                async with self._turn, self._writer.begin() as connection:
                    yield connection
            else:
                async with self._writer.begin() as connection:
                    await self._scope(connection, clinic_id)
                    yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def _scope(self, connection: AsyncConnection, clinic_id: str | None) -> None:
        # The second wall: PostgreSQL's row security compares each row with this, for this transaction only.
        if clinic_id is not None and not self.is_sqlite:
            await connection.execute(text("SELECT set_config('auscult.clinic', :clinic, true)"), {"clinic": clinic_id})

    async def _set_journal_mode(self, mode: str) -> None:
        # The mode is kept in the file. Changing it needs the file alone, and SQLite's busy handler does not wait for
        # that, so two processes that make the same file at once have to be patient themselves.
        if not self.is_sqlite:
            return
        deadline = time.monotonic() + BUSY_SECONDS
        with storage_errors(self.file):
            while not _journal_mode_set(str(self.file), mode, last_try=time.monotonic() > deadline):  # noqa: ASYNC110  # another process holds the lock: there is no event to wait for
                # Another process's lock tells nobody when it goes.
                await asyncio.sleep(0.02)


@contextmanager
def storage_errors(file: Path | None) -> Iterator[None]:
    """Turn what a database or its disk raises into `StorageFullError` or `UnavailableError`.

    Programming and integrity errors pass: the first is a fault of ours, the second is for the caller to interpret.
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


def _normalised(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not chained: the address may hold a password.
        parsed = None
    if parsed is not None:
        backend = parsed.drivername.partition("+")[0]
        if backend in ("postgres", "postgresql"):
            return parsed.set(drivername="postgresql+asyncpg")
        if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
            return parsed.set(drivername="sqlite+aiosqlite")
    raise InvalidError(
        "This is not the address of a database that we can use.",
        remedy="Use sqlite:///path/to/file.db or postgresql://user:password@host/database.",
    )


def _make_private(file: Path) -> None:
    # SQLite gives its -wal and -shm files the permissions of the database file.
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _journal_mode_set(file: str, mode: str, *, last_try: bool) -> bool:
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS)
    try:
        connection.execute(f"PRAGMA journal_mode={mode}")
    except sqlite3.OperationalError as error:
        if last_try or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        connection.close()
    return True


def _sqlite_engine(url: URL, pragmas: dict[str, str]) -> AsyncEngine:
    engine = create_async_engine(
        url,
        # No implicit BEGIN from the driver; ours is below.
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        pool_size=8,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
    )
    settings = [f"PRAGMA {name}={value}" for name, value in pragmas.items() if name != "journal_mode"]

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another wrote in between, whatever the
        # busy timeout: a write takes the lock first. https://www.sqlite.org/lang_transaction.html
        immediate = connection.get_execution_options().get("auscult_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgres_engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        connect_args={
            "timeout": BUSY_SECONDS,
            "command_timeout": BUSY_SECONDS * 6,
            "server_settings": {
                "application_name": "auscult",
                "idle_in_transaction_session_timeout": str(_IDLE_IN_TRANSACTION_MS),
                "timezone": "UTC",
                # Compiling plans pays off for analytics; here each statement touches a few rows.
                "jit": "off",
            },
        },
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
        # One round trip a checkout, so that a restarted server is noticed here and not in somebody's write.
        pool_pre_ping=True,
        hide_parameters=True,
    )
