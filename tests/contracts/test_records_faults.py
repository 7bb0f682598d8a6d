"""What goes wrong around a database ends in a typed error with a remedy, and harms nothing that was stored."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text

import auscult.stores.records.database as database_module
from auscult.domain.ambient import Ambient
from auscult.domain.errors import InvalidError, StorageFullError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.stores.records import Key
from auscult.stores.records.schema import REVISIONS, VERSION_TABLE, metadata
from auscult.stores.records.sql import SqlRecords
from auscult.trust.sealing import Keyring
from tests.support.postgres import PostgresServer
from tests.support.visits import VISITS, Visit

MIGRATIONS = Path(database_module.__file__).parent / "migrations"


async def execute(records: SqlRecords, *statements: str) -> None:
    def each(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    await records._database.write(each)


async def test_migrations_make_exactly_the_schema_that_the_code_uses(records: SqlRecords) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    assert await records._database.read(differences) == []


def test_the_revisions_that_the_code_knows_are_those_that_are_shipped() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    shipped = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(shipped)) == REVISIONS


async def test_reopening_keeps_everything_and_is_quick(
    records: SqlRecords, records_url: str, keyring: Keyring, ambient: Ambient, clinic_id: ClinicId
) -> None:
    await records.of(clinic_id).table(VISITS).put(Visit(room="r", at="1"))
    started = time.process_time()  # the processor's own, so that a busy machine does not fail it
    again = await SqlRecords.open(records_url, keyring, ambient)
    took = time.process_time() - started
    await again.ready()
    assert await again.of(clinic_id).table(VISITS).get(Key("r", "1")) is not None
    await again.close()
    assert took < 0.2


async def test_a_database_made_by_a_newer_version_is_refused(
    records: SqlRecords, records_url: str, keyring: Keyring, ambient: Ambient
) -> None:
    await execute(records, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(UnavailableError) as caught:
        await SqlRecords.open(records_url, keyring, ambient)
    assert "newer version" in caught.value.reason
    with pytest.raises(UnavailableError):
        await records.ready()


async def test_records_are_ready_once_open(records: SqlRecords) -> None:
    await records.ready()


async def test_many_that_start_together_in_one_process_make_one_schema(
    records_url: str, keyring: Keyring, ambient: Ambient, clinic_id: ClinicId
) -> None:
    opened = await asyncio.gather(*(SqlRecords.open(records_url, keyring, ambient) for _ in range(4)))
    for side in opened:
        await side.of(clinic_id).table(VISITS).put(Visit(room="r", at="1"))
        await side.close()


_WRITER = """
import asyncio, os, sys
from datetime import UTC, datetime
from pathlib import Path
from auscult.domain.ambient import Ambient
from auscult.domain.event import Event
from auscult.stores.records import Put
from auscult.stores.records.sql import SqlRecords
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.sql_keys import open_wrapped_keys
from auscult.trust.sealing import Keyring
from tests.support.visits import VISITS, Visit, event

async def main(url, keys, clinic, worker, count):
    ambient = Ambient(now=lambda: datetime.now(UTC), new_id=str, chance=float, secret=os.urandom)
    master = KeyFileMaster.open(keys / "master.key", os.urandom)
    wrapped = await open_wrapped_keys(f"sqlite:///{keys}/keys.db", ambient.now)
    ring = Keyring(master, wrapped, secret=os.urandom, monotonic=asyncio.get_running_loop().time)
    records = await SqlRecords.open(url, ring, ambient)
    print("open", flush=True)
    for number in range(count):
        at = f"{worker}-{number:06}"
        await records.of(clinic).transact(
            [Put(VISITS, Visit(room="a", at=at), 0), Put(VISITS, Visit(room="b", at=at), 0)],
            events=[event(clinic, worker * 1000000 + number, ambient.now(), visit=at)],
        )
        print(at, flush=True)
    await records.close()
    await wrapped.close()

url, keys, clinic, worker, count = sys.argv[1:]
asyncio.run(main(url, Path(keys), clinic, int(worker), int(count)))
"""


def _writer(url: str, keys: Path, clinic_id: ClinicId, worker: int, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, url, str(keys), clinic_id, str(worker), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


async def test_processes_that_start_together_on_a_new_database_share_keys_and_schema(
    records_url: str, tmp_path: Path, ambient: Ambient, clinic_id: ClinicId, keyring: Keyring
) -> None:
    """Three real processes race to make the key file, the key store, the schema and the clinic's first key."""
    processes = [_writer(records_url, tmp_path / "keys", clinic_id, worker, 10) for worker in range(3)]
    for process in processes:
        output, _ = await asyncio.to_thread(process.communicate, timeout=60)
        assert process.returncode == 0
        assert len(output.splitlines()) == 11
    records = await SqlRecords.open(records_url, keyring, ambient)
    assert len((await records.of(clinic_id).table(VISITS).query("a")).items) == 30
    await records.close()


async def test_a_killed_process_leaves_whole_transactions_only(
    records_url: str, tmp_path: Path, ambient: Ambient, clinic_id: ClinicId, keyring: Keyring
) -> None:
    """Kill -9 in the middle of writing pairs: every pair is there with its event, or none of the three."""
    process = _writer(records_url, tmp_path / "keys", clinic_id, 1, 100_000)
    assert process.stdout is not None
    for _ in range(40):
        confirmed = (await asyncio.to_thread(process.stdout.readline)).strip()
    process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.wait)
    process.stdout.close()
    records = await SqlRecords.open(records_url, keyring, ambient)
    visits = records.of(clinic_id).table(VISITS)
    first = [item.value.at for item in (await visits.query("a", limit=1000)).items]
    second = [item.value.at for item in (await visits.query("b", limit=1000)).items]
    told = [told.ids["visit"] for told in await records.outbox.publish_next(limit=1000)]
    assert first == second == told
    assert confirmed in first
    await visits.put(Visit(room="a", at="after"))
    await records.close()


async def test_a_full_disk_is_said_and_harms_nothing(
    records: SqlRecords, records_backend: str, clinic_id: ClinicId
) -> None:
    """SQLite's own page limit, and PostgreSQL's own error class 53100, stand for the disk."""
    visits = records.of(clinic_id).table(VISITS)
    await visits.put(Visit(room="r", at="1"))
    pool = records._database.engine

    def limit(connection: Any, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count=1")
        cursor.close()

    def unlimit(connection: Any, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count=1000000")
        cursor.close()

    if records_backend == "sqlite":
        event.listen(pool, "checkout", limit)
    else:
        await execute(
            records,
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$",
            "CREATE TRIGGER full_disk BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION no_space()",
        )
    with pytest.raises(StorageFullError) as caught:
        await visits.put(Visit(room="r", at="2", complaint="canary-cough " * 100_000))
    assert "Free disk space" in caught.value.remedy
    assert "canary-cough" not in str(caught.value.__cause__)
    assert [item.value.at for item in (await visits.query("r")).items] == ["1"]
    if records_backend == "sqlite":
        event.remove(pool, "checkout", limit)
        event.listen(pool, "checkout", unlimit)
    else:
        await execute(records, "DROP TRIGGER full_disk ON documents")
    await visits.put(Visit(room="r", at="2"))


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_a_database_that_another_process_keeps_locked_is_unavailable_for_writing_only(
    records_url: str,
    keyring: Keyring,
    ambient: Ambient,
    clinic_id: ClinicId,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.2)
    records = await SqlRecords.open(records_url, keyring, ambient)
    visits = records.of(clinic_id).table(VISITS)
    await visits.put(Visit(room="r", at="1"))
    intruder = sqlite3.connect(records_url.removeprefix("sqlite:///"))
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError):
        await visits.put(Visit(room="r", at="2"))
    assert await visits.get(Key("r", "1")) is not None
    intruder.rollback()
    intruder.close()
    await visits.put(Visit(room="r", at="2"))
    await records.close()


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_the_database_file_is_private_and_the_key_store_is_another_file(
    records: SqlRecords, records_url: str, tmp_path: Path
) -> None:
    for path in (*(tmp_path / "records").iterdir(), *(tmp_path / "keys").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert not {path.name for path in (tmp_path / "records").iterdir()} & {"keys.db"}


@pytest.mark.parametrize("damage", [b"this is no database, " * 400, b"SQLite format 3\x00" + bytes(4000)])
async def test_a_damaged_file_is_unavailable_and_is_left_as_it_is(
    damage: bytes, keyring: Keyring, ambient: Ambient, tmp_path: Path
) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(damage)
    with pytest.raises(UnavailableError):
        await SqlRecords.open(f"sqlite:///{path}", keyring, ambient)
    assert path.read_bytes() == damage


@pytest.mark.parametrize(
    "url", ["", "mysql://u:hunter2@h/d", "sqlite://", "sqlite:///:memory:", "hunter2", "postgresql://u:hunter2@h:x/d"]
)
async def test_an_address_of_another_kind_is_refused_without_repeating_it(
    url: str, keyring: Keyring, ambient: Ambient
) -> None:
    with pytest.raises(InvalidError) as caught:
        await SqlRecords.open(url, keyring, ambient)
    assert "hunter2" not in f"{caught.value.reason}{caught.value.remedy}{caught.value.__cause__!r}"


async def test_a_server_that_is_not_there_is_unavailable(
    postgres: PostgresServer, keyring: Keyring, ambient: Ambient
) -> None:
    for url in ("postgresql://auscult@127.0.0.1:1/auscult", postgres.url("no_such_database")):
        with pytest.raises(UnavailableError) as caught:
            await SqlRecords.open(url, keyring, ambient)
        assert "database server" in caught.value.remedy


@pytest.mark.parametrize("records_backend", ["postgres"])
async def test_after_the_server_dropped_every_connection_the_next_call_works(
    records: SqlRecords, postgres: PostgresServer, records_url: str, clinic_id: ClinicId
) -> None:
    visits = records.of(clinic_id).table(VISITS)
    await asyncio.gather(*(visits.put(Visit(room="r", at=f"{number}")) for number in range(4)))
    name = records_url.rpartition("/")[2]
    admin = await asyncpg.connect(postgres.url("postgres", postgres.superuser))
    dropped = await admin.fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    await admin.close()
    assert len(dropped) > 0
    await visits.put(Visit(room="r", at="9"))
    assert len((await visits.query("r")).items) == 5
