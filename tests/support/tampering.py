"""Somebody with the database in hand and without the clinic's key, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import asyncpg

from tests.support.postgres import PostgresServer


class Intruder:
    """Edits the rows of a database behind the product's back. Statements use `?` for their parameters."""

    def __init__(self, url: str, postgres: PostgresServer | None = None) -> None:
        """`url` as the product has it; on PostgreSQL a superuser, whom row security does not bind."""
        self._file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
        self._dsn = "" if postgres is None else postgres.url(url.rpartition("/")[2], postgres.superuser)

    async def run(self, statement: str, *values: Any) -> list[Any]:
        """Carry out one statement and return its rows."""
        if self._file is not None:
            connection = sqlite3.connect(self._file, timeout=10)
            try:
                with connection:
                    return connection.execute(statement, values).fetchall()
            finally:
                connection.close()
        for number in range(len(values)):
            statement = statement.replace("?", f"${number + 1}", 1)
        link = await asyncpg.connect(self._dsn)
        try:
            return [tuple(row) for row in await link.fetch(statement, *values)]
        finally:
            await link.close()

    async def tables(self) -> dict[str, list[Any]]:
        """A copy of the whole trail."""
        names = ("audit_heads", "audit_entries", "audit_patients")
        return {name: await self.run(f"SELECT * FROM {name}") for name in names}

    async def put_back(self, copy: dict[str, list[Any]]) -> None:
        """Make the trail what it was when it was copied."""
        for name, rows in copy.items():
            await self.run(f"DELETE FROM {name}")
            for row in rows:
                marks = ", ".join("?" for _ in row)
                await self.run(f"INSERT INTO {name} VALUES ({marks})", *row)
