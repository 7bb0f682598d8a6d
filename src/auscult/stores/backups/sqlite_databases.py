"""Dumping the SQLite files of a data folder while they are written, and putting them back."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from auscult.domain.errors import CancelledError, ConflictError
from auscult.domain.ids import ClinicId
from auscult.stores.backups import Dumped, Tell
from auscult.stores.records.schema import VERSION_TABLE
from auscult.stores.records.storage_errors import storage_errors

_KEYS: Final = "keys.db"
_BUSY_SECONDS: Final = 30.0
_PAGES: Final = 2048
"""Copied between two looks at whether somebody stopped us: 8 MiB."""

_T = TypeVar("_T")


class SqliteDatabases:
    """The `Databases` of a data folder."""

    kind = "sqlite"

    def __init__(self, data: Path) -> None:
        """Take the data folder."""
        self._data = data

    async def dump(self, folder: Path, clinic_id: ClinicId, tell: Tell) -> Dumped:
        """Write records and jobs as of one moment; see `Databases.dump`."""
        return await _in_thread(lambda stop: self._dump(folder, clinic_id, tell, stop))

    async def dump_keys(self) -> bytes:
        """The key store as a database of its own, in memory only."""
        return await _in_thread(lambda _stop: self._dump_keys())

    async def check_empty(self) -> None:
        """Raise `ConflictError` when there is a database in the folder."""
        for name in ("records.db", "jobs.db", _KEYS):
            if (self._data / name).exists():
                raise ConflictError("There is a database in this place.")

    async def load(self, files: Mapping[str, Path], keys: bytes) -> None:
        """Put the files into the folder."""

        def put() -> None:
            self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name, path in files.items():
                path.replace(self._data / f"{name}.db")
                (self._data / f"{name}.db").chmod(0o600)
            descriptor = os.open(self._data / _KEYS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(keys)
                file.flush()
                os.fsync(file.fileno())

        with storage_errors(self._data):
            await asyncio.to_thread(put)

    def _dump(self, folder: Path, clinic_id: ClinicId, tell: Tell, stop: threading.Event) -> Dumped:
        found = [name for name in ("records", "jobs") if (self._data / f"{name}.db").exists()]
        with storage_errors(self._data), ExitStack() as opened:
            readers = {name: opened.enter_context(_connected(self._data / f"{name}.db")) for name in found}
            with ExitStack() as held:
                # Nobody writes for the moment that it takes to begin reading: a job that is done in one file and not
                # yet in the other would never be done again.
                for name in found:
                    writer = held.enter_context(_connected(self._data / f"{name}.db"))
                    writer.execute("BEGIN IMMEDIATE")
                for reader in readers.values():
                    reader.execute("BEGIN")
                    reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            counts, revision = _counts(readers["records"], clinic_id)
            files = {}
            for name, reader in readers.items():
                files[name] = folder / f"{name}.db"
                _copy(reader, files[name], lambda done, name=name: tell(name, done), stop)  # type: ignore[misc]  # a default binds the name to its function
        return Dumped(files, revision, counts)

    def _dump_keys(self) -> bytes:
        # In memory: unsealed, it touches no disk.
        keys, memory = _connected(self._data / _KEYS), closing(sqlite3.connect(":memory:"))
        with storage_errors(self._data), keys as source, memory as copy:
            source.backup(copy)
            return copy.serialize()


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        yield connection


def _counts(connection: sqlite3.Connection, clinic_id: ClinicId) -> tuple[dict[str, int], str]:
    rows = connection.execute("SELECT kind, count(*) FROM documents WHERE clinic_id = ? GROUP BY kind", (clinic_id,))
    revision = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()[0]  # noqa: S608 - a constant
    return dict(rows.fetchall()), str(revision)


def _copy(source: sqlite3.Connection, to: Path, tell: Callable[[float], None], stop: threading.Event) -> None:
    """Copy what the open read transaction of `source` sees: https://www.sqlite.org/backup.html."""

    def moved(_status: int, left: int, total: int) -> None:
        tell(1 - left / total if total else 1.0)
        if stop.is_set():
            raise CancelledError("The backup was stopped.")

    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with _connected(to) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # the copy is sealed into a file of its own, which is made durable
        source.backup(copy, pages=_PAGES, progress=moved)


async def _in_thread(work: Callable[[threading.Event], _T]) -> _T:
    """Run it on a thread; when the caller is cancelled, tell it to stop and wait until it has."""
    stop = threading.Event()
    task = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([task])
        task.exception()
        raise
