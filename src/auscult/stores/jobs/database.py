"""Connections to the job database: a SQLite file of its own, or a schema in PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_MS: Final = 30_000
_IDLE_TRANSACTION_MS: Final = 10_000
"""PostgreSQL ends a transaction that a frozen worker left open, so that the rows it locked can be had by others."""


def open_engine(url: str, *, pool: int, durable: bool) -> sa.Engine:
    """Return a blocking engine for the job database, whatever driver the URL names (`sqlite…` or `postgresql…`).

    `durable` makes every commit on SQLite survive a power cut (synchronous=FULL): used for taking jobs, because the
    outbox forgets what was taken. Without it a power cut may lose the last commits, never harm the file: a job that
    was done is done again, from its kept steps. On PostgreSQL both are the server's affair.
    """
    parsed = sa.make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed.set(drivername="sqlite" if sqlite else "postgresql+psycopg"),
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=30,
        pool_pre_ping=not sqlite,
        # Parameters of a failing statement would show up in logs; they are ids, but nobody has to prove that twice.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        if sqlite:
            connection.isolation_level = "IMMEDIATE"  # a writer waits for its turn when it begins, not half-way
        settings = (
            (
                f"PRAGMA busy_timeout={_BUSY_MS}",
                "PRAGMA journal_mode=WAL",
                f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}",
                "PRAGMA foreign_keys=ON",
            )
            if sqlite
            else (f"SET idle_in_transaction_session_timeout = {_IDLE_TRANSACTION_MS}",)
        )
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()
        connection.commit()

    return engine


def what_failed(error: BaseException) -> str:
    """Name an error of the job database for an operator: the database's own code (`SQLITE_FULL`) where it gives one.

    Never its message, which may quote a statement.
    """
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return str(code or type(error).__name__)
