"""Dumping a PostgreSQL database with its own programs while it is written, and loading it again in one transaction.

Records, jobs and wrapped keys are schemas of one database. Row security shows `pg_dump` the documents of this clinic
only; the policies come after the data in a dump, so loading does not meet them.
https://www.postgresql.org/docs/current/app-pgdump.html
"""

from __future__ import annotations

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from auscult.domain.errors import ConflictError, EngineMissingError, StorageFullError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.stores.backups import Dumped, Tell
from auscult.stores.records.schema import VERSION_TABLE
from auscult.stores.records.storage_errors import storage_errors

_KEYS: Final = "auscult_keys"
_JOBS: Final = "auscult_jobs"
_COMMON: Final = ("--no-owner", "--no-privileges", "--no-comments", "--no-password")
_LOOK_SECONDS: Final = 1.0


class PostgresDatabases:
    """The `Databases` of one PostgreSQL database."""

    kind = "postgresql"

    def __init__(self, url: str) -> None:
        """Take its address (`postgresql://…`, with or without a driver's name)."""
        self._url = make_url(url).set(drivername="postgresql")

    async def dump(self, folder: Path, clinic_id: ClinicId, tell: Tell) -> Dumped:
        """Write records and jobs as of one moment; see `Databases.dump`."""
        program = _program("pg_dump")
        to = folder / "records.dump"
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        async with self._connected() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SELECT set_config('auscult.clinic', $1, false)", clinic_id)
            rows = await connection.fetch("SELECT kind, count(*) AS number FROM documents GROUP BY kind")
            revision = await connection.fetchval(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant
            size = await connection.fetchval("SELECT pg_database_size(current_database())")
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            command = (program, *_COMMON, "--format=custom", "--compress=0", "--enable-row-security",
                       f"--snapshot={snapshot}", f"--exclude-schema={_KEYS}", f"--file={to}")  # fmt: skip
            process = await self._start(command, clinic_id, stdout=DEVNULL)
            await _watched(process, to, size, tell)
        await _succeeded(process, program)
        return Dumped({"records": to}, str(revision), {row["kind"]: row["number"] for row in rows})

    async def dump_keys(self) -> bytes:
        """The schema of the wrapped keys, in memory only."""
        program = _program("pg_dump")
        process = await self._start((program, *_COMMON, "--format=custom", f"--schema={_KEYS}"), "", stdout=PIPE)
        try:
            said, _ = await process.communicate()
        finally:
            await _ended(process)
        await _succeeded(process, program)
        return said

    async def check_empty(self) -> None:
        """Raise `ConflictError` when any of our tables is there."""
        there = (
            "SELECT to_regclass('documents') IS NOT NULL OR to_regnamespace($1) IS NOT NULL "
            "OR to_regnamespace($2) IS NOT NULL"
        )
        async with self._connected() as connection:
            if await connection.fetchval(there, _KEYS, _JOBS):
                raise ConflictError(
                    "The PostgreSQL database is not empty.",
                    remedy="Make a fresh one with `createdb`, name it in AUSCULT_RECORDS_URL and restore into that; "
                    "the old one stays as it is.",
                )

    async def load(self, files: Mapping[str, Path], keys: bytes) -> None:
        """Fill the empty database in one transaction."""
        restore, psql = _program("pg_restore"), _program("psql")
        folder = next(iter(files.values())).parent
        scripts = [folder / "keys.sql", *(path.with_suffix(".sql") for path in files.values())]
        try:
            for script in scripts:
                os.close(os.open(script, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            await self._to_script(restore, "-", scripts[0], keys)
            for path, script in zip(files.values(), scripts[1:], strict=True):
                await self._to_script(restore, str(path), script, b"")
                path.unlink()
            named = [f"--file={script}" for script in scripts]
            command = (psql, "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate",
                       "--single-transaction", *named)  # fmt: skip
            process = await self._start(command, "", stdout=DEVNULL)
            try:
                await process.wait()
            finally:
                await _ended(process)
            await _succeeded(process, psql)
        finally:
            for script in scripts:
                script.unlink(missing_ok=True)

    async def _to_script(self, program: str, source: str, to: Path, data: bytes) -> None:
        named = () if source == "-" else (source,)
        command = (program, "--no-owner", "--no-privileges", f"--file={to}", *named)
        process = await self._start(command, "", stdout=DEVNULL, stdin=PIPE if source == "-" else DEVNULL)
        try:
            await process.communicate(data if source == "-" else None)
        finally:
            await _ended(process)
        await _succeeded(process, program)

    async def _start(self, command: Sequence[str], clinic_id: str, *, stdout: int, stdin: int = DEVNULL) -> Process:
        url = self._url
        given = {
            "PGHOST": url.host,
            "PGPORT": str(url.port) if url.port else None,
            "PGUSER": url.username,
            # In the environment, because everybody on the machine sees a command's arguments.
            "PGPASSWORD": str(url.password) if url.password else None,
            "PGDATABASE": url.database,
            "PGSSLMODE": _ssl(url.query),
            "PGOPTIONS": f"-c auscult.clinic={clinic_id}" if clinic_id else None,
        }
        environment = {**os.environ, **{name: value for name, value in given.items() if value}}
        return await asyncio.create_subprocess_exec(
            *command, stdin=stdin, stdout=stdout, stderr=DEVNULL, env=environment
        )

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        import asyncpg

        with storage_errors(None):
            connection = await asyncpg.connect(self._url.render_as_string(hide_password=False))
            try:
                yield connection
            finally:
                await connection.close()


@asynccontextmanager
async def scratch_database(url: str, name: str) -> AsyncIterator[str]:
    """A fresh, empty database on the same server, gone afterwards; gives its address.

    Raises `UnavailableError` when this role may not make one.
    """
    import asyncpg

    parsed = make_url(url).set(drivername="postgresql")
    connection = await asyncpg.connect(parsed.render_as_string(hide_password=False))
    try:
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except asyncpg.InsufficientPrivilegeError as error:
            raise UnavailableError(
                "This PostgreSQL role may not make a database to restore into.",
                remedy="Grant it: ALTER ROLE … CREATEDB. Or run the drill on a machine with a PostgreSQL of its own.",
            ) from error
        try:
            yield parsed.set(database=name).render_as_string(hide_password=False)
        finally:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def _ssl(query: Mapping[str, Any]) -> str | None:
    mode = query.get("sslmode", query.get("ssl"))
    return str(mode) if mode else None


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise EngineMissingError(
            f"{name} is not on this machine; a PostgreSQL database is backed up and restored with it.",
            remedy="Install PostgreSQL's client programs, of the server's version or newer: "
            "apt install postgresql-client.",
        )
    return found


async def _watched(process: Process, file: Path, size: int, tell: Tell) -> None:
    """Wait for its end, telling how far the file is."""
    waiting = asyncio.ensure_future(process.wait())
    try:
        while not waiting.done():
            await asyncio.wait([waiting], timeout=_LOOK_SECONDS)
            written = (await asyncio.to_thread(file.stat)).st_size
            tell("records", min(1.0, written / max(1, size)))
    finally:
        waiting.cancel()
        await _ended(process)


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


async def _succeeded(process: Process, program: str) -> None:
    if process.returncode == 0:
        return
    name = Path(program).name
    if shutil.disk_usage(Path.cwd()).free < 1 << 20:
        raise StorageFullError("The disk is full.")
    # What it said is not repeated: it may quote rows.
    raise UnavailableError(
        f"{name} failed with exit code {process.returncode}.",
        remedy=f"Check that `{name} --version` is not older than the server, and that the role of AUSCULT_RECORDS_URL "
        "owns the database; nothing was changed.",
    )
