"""Brings the schema of the records store to the revision that this code speaks, once, whoever starts first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from auscult.domain.errors import UnavailableError
from auscult.stores.records.database import Database
from auscult.stores.records.schema import HEAD, REVISIONS, VERSION_TABLE

_LOCK: Final = 0x41_55_53_43_55_4C_54_01
"""PostgreSQL advisory lock taken while migrating ("AUSCULT", 1)."""


async def revision(database: Database) -> str | None:
    """The schema revision of a database, or None when it has none yet."""
    return await database.read(_revision)


async def migrate(database: Database) -> None:
    """Upgrade the schema to `HEAD`; does nothing when it is there. Safe when several processes start together.

    Raises `UnavailableError` when a newer Auscult has made the schema.
    """
    if _is_current(await revision(database)):
        # The usual start: Alembic takes longer to import than the rest of this store.
        return
    await database.write(_bring_up_to_date)


def _bring_up_to_date(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    # On SQLite the write transaction itself keeps the others out. Whoever came second finds the work done.
    if not _is_current(_revision(connection)):
        _upgrade(connection)


def _is_current(found: str | None) -> bool:
    if found is not None and found not in REVISIONS:
        raise UnavailableError(
            "The database was made by a newer version of Auscult.",
            remedy="Install that version or a later one on this machine; older ones cannot read it.",
        )
    return found == HEAD


def _revision(connection: Connection) -> str | None:
    there = (
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :table"
        if connection.dialect.name == "sqlite"
        else "SELECT 1 WHERE to_regclass(:table) IS NOT NULL"
    )
    if connection.execute(text(there), {"table": VERSION_TABLE}).first() is None:
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
