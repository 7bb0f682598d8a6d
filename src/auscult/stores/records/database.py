"""A SQL database as the stores use it: short transactions on SQLite and PostgreSQL, typed errors.

A transaction is a plain function that is given a connection. On SQLite it runs whole on a thread of the database's own:
one hop there and back, however many statements it has. On PostgreSQL it runs on the event loop, each statement awaited.
The two databases differ further in how a connection is made and how a write transaction begins, all of it here.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from auscult.domain.errors import InvalidError
from auscult.stores.records.storage_errors import storage_errors

R = TypeVar("R")
Work = Callable[[Connection], R]
"""What is done in one transaction. It runs on a thread or on the event loop: it touches its connection and nothing else
that others use, and waits for nothing but the database."""

BUSY_SECONDS: Final = 10.0
"""How long a statement waits for another process's lock, and a caller for a free connection."""
_READERS: Final = 4
"""Threads that read a SQLite file. A read takes far less than a millisecond, mostly of the interpreter's own time."""
_IDLE_IN_TRANSACTION_MS: Final = 60_000
"""PostgreSQL ends a transaction whose process froze half-way, so that its locks do not hold up the others."""


async def _to_its_end(work: Awaitable[R]) -> R:
    """Await work that uses a connection, to its end even when the caller is cancelled meanwhile.

    A driver that is interrupted between two steps of its protocol leaves a connection with an open transaction, and
    its locks with it, until somebody times out. Transactions here are short, so a cancelled caller waits for the end
    and is cancelled then: what it asked for is done wholly or not at all.
    """
    task = asyncio.ensure_future(work)
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


class _Driver(Protocol):
    """How transactions reach one kind of database."""

    @property
    def engine(self) -> Engine:
        """The engine and its pool."""
        ...

    async def read(self, work: Work[R], clinic_id: str | None) -> R: ...

    async def write(self, work: Work[R], clinic_id: str | None) -> R: ...

    async def rewrite(self, table: str) -> None: ...

    async def close(self) -> None: ...


class Database:
    """One SQLite file or one PostgreSQL database."""

    def __init__(self, driver: _Driver, file: Path | None) -> None:
        """Use `Database.connect`."""
        self._driver = driver
        self.file = file
        """The database file (SQLite), or None (PostgreSQL)."""

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, False on PostgreSQL."""
        return self.file is not None

    @property
    def engine(self) -> Engine:
        """The engine, to look at or to listen to; transactions go through `read` and `write`."""
        return self._driver.engine

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
            database = cls(_Sqlite(parsed, pragmas or {}), file)
        else:
            database = cls(_Postgres(parsed), None)
        try:
            if "journal_mode" in (pragmas or {}):
                await database._set_journal_mode((pragmas or {})["journal_mode"])
            await database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
        except BaseException:
            await database.close()
            raise
        return database

    async def read(self, work: Work[R], clinic_id: str | None = None) -> R:
        """Do `work` in a read transaction, scoped to a clinic where one is given, and return what it returns."""
        with storage_errors(self.file):
            return await self._driver.read(work, clinic_id)

    async def write(self, work: Work[R], clinic_id: str | None = None) -> R:
        """Do `work` in a write transaction: committed at its end, rolled back on any exception."""
        with storage_errors(self.file):
            return await self._driver.write(work, clinic_id)

    async def rewrite(self, table: str) -> None:
        """Write a table anew, without the rows that were deleted or replaced and still lie in its file.

        PostgreSQL only: on SQLite the pragma `secure_delete` overwrites them at once. Raises `UnavailableError` when
        others use the table for more than 5 s.
        """
        with storage_errors(self.file):
            await self._driver.rewrite(table)

    async def close(self) -> None:
        """Close every connection."""
        await self._driver.close()

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


class _Sqlite:
    """Transactions on threads: readers beside each other, writers one after the other, as SQLite has it.

    Writers of one process queue for their one thread and not in SQLite's busy handler, which sleeps up to 100 ms
    between looks.
    """

    def __init__(self, url: URL, pragmas: dict[str, str]) -> None:
        self.engine = _sqlite_engine(url, pragmas)
        self._writing = self.engine.execution_options(auscult_write=True)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")

    async def read(self, work: Work[R], clinic_id: str | None) -> R:  # noqa: ARG002 - PostgreSQL's second wall
        return await self._on(self._readers, self._read, work)

    async def write(self, work: Work[R], clinic_id: str | None) -> R:  # noqa: ARG002 - PostgreSQL's second wall
        return await self._on(self._writer, self._write, work)

    async def rewrite(self, table: str) -> None:
        """Nothing is left to do."""

    async def close(self) -> None:
        # The last connection moves the write-ahead log into the file, which takes the disk's time and not the loop's.
        await _to_its_end(asyncio.get_running_loop().run_in_executor(self._writer, self.engine.dispose))
        for threads in (self._readers, self._writer):
            threads.shutdown(wait=True)

    async def _on(self, threads: ThreadPoolExecutor, way: Callable[[Work[R]], R], work: Work[R]) -> R:
        return await _to_its_end(asyncio.get_running_loop().run_in_executor(threads, way, work))

    def _read(self, work: Work[R]) -> R:
        with self.engine.connect() as connection:
            return work(connection)

    def _write(self, work: Work[R]) -> R:
        with self._writing.begin() as connection:
            return work(connection)


class _Postgres:
    """Transactions on the event loop, as many at a time as there are connections."""

    def __init__(self, url: URL) -> None:
        self._engine = _postgres_engine(url)

    @property
    def engine(self) -> Engine:
        return self._engine.sync_engine

    async def read(self, work: Work[R], clinic_id: str | None) -> R:
        return await _to_its_end(self._read(work, clinic_id))

    async def write(self, work: Work[R], clinic_id: str | None) -> R:
        return await _to_its_end(self._write(work, clinic_id))

    async def rewrite(self, table: str) -> None:
        await _to_its_end(self._rewrite(table))

    async def close(self) -> None:
        await _to_its_end(self._engine.dispose())

    async def _read(self, work: Work[R], clinic_id: str | None) -> R:
        async with self._engine.connect() as connection:
            return await connection.run_sync(_scoped(work, clinic_id))

    async def _write(self, work: Work[R], clinic_id: str | None) -> R:
        async with self._engine.begin() as connection:
            return await connection.run_sync(_scoped(work, clinic_id))

    async def _rewrite(self, table: str) -> None:
        async with self._engine.connect() as connection:
            alone: AsyncConnection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(text("SET lock_timeout = '5s'"))
            try:
                await alone.execute(text(f"VACUUM (FULL) {table}"))
            finally:
                await alone.execute(text("RESET lock_timeout"))


_SCOPE: Final = text("SELECT set_config('auscult.clinic', :clinic, true)")


def _scoped(work: Work[R], clinic_id: str | None) -> Work[R]:
    """The second wall: PostgreSQL's row security compares each row with this, for this transaction only."""
    if clinic_id is None:
        return work

    def scoped(connection: Connection) -> R:
        connection.execute(_SCOPE, {"clinic": clinic_id})
        return work(connection)

    return scoped


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
            return parsed.set(drivername="sqlite+pysqlite")
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


def _sqlite_engine(url: URL, pragmas: dict[str, str]) -> Engine:
    engine = create_engine(
        url,
        # No implicit BEGIN from the driver; ours is below. A connection serves one thread at a time, whichever is free.
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False},
        pool_size=_READERS + 1,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
    )
    settings = [f"PRAGMA {name}={value}" for name, value in pragmas.items() if name != "journal_mode"]

    @event.listens_for(engine, "connect")
    def _on_connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()

    @event.listens_for(engine, "begin")
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
