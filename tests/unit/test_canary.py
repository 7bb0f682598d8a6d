"""The search for leaked words finds them wherever and however they are written; only sealed words escape it."""

from __future__ import annotations

import base64
import gzip
import json
import os
import sqlite3
import zlib
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest

from auscult.domain.event import Event
from auscult.domain.ids import ClinicId, EventId
from auscult.trust.sealing import seal
from tests.support.canary import HINDI_PHRASE, PHRASE, Canary, Found
from tests.support.postgres import PostgresServer
from tests.support.world import Clock

CANARY = Canary()
SENTENCE = f"She takes {PHRASE} twice a day."


@pytest.mark.parametrize("phrase", [PHRASE, HINDI_PHRASE])
@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.upper().encode(),
        lambda text: text.lower().encode(),
        lambda text: text.encode().hex().encode(),
        lambda text: text.encode("utf-16-le").hex().upper().encode(),
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.b64encode(b"x" + text.encode()),
        lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
        lambda text: base64.urlsafe_b64encode(b"\xff\xfe?" + text.encode()),
        lambda text: quote(text).encode(),
        lambda text: quote(text, safe="").replace("%20", "+").encode(),
        lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
        lambda text: json.dumps({"said": text}).encode(),
        lambda text: gzip.compress(text.encode()),
        lambda text: zlib.compress(text.encode(), 9),
        lambda text: gzip.compress(base64.b64encode(text.encode())),
    ],
)
def test_it_is_found_in_every_disguise(phrase: str, disguise):
    assert Canary(phrase).in_bytes("there", disguise(f"Well, {phrase}, then."))


def test_it_is_not_found_where_it_is_not():
    for data in (b"", os.urandom(1 << 20), b"the quillwort", json.dumps({"a": "tincture from Vesperholm"}).encode()):
        assert CANARY.in_bytes("there", data) == []


def test_sealed_words_are_not_found():
    assert CANARY.in_bytes("there", seal(os.urandom(32), SENTENCE.encode(), b"", os.urandom)) == []


def test_a_phrase_that_chance_could_find_is_refused():
    with pytest.raises(ValueError, match="longer"):
        Canary("pain")


def database(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute('CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY, body BLOB, note TEXT)')
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return connection


def test_a_row_of_a_sqlite_file_is_found_by_table_and_column(tmp_path: Path):
    connection = database(tmp_path / "records.db")
    connection.execute('INSERT INTO "odd ""name" (note) VALUES (?)', (SENTENCE,))
    connection.commit()
    connection.close()
    assert Found('records.db: odd "name.note', "utf-8") in CANARY.in_folder(tmp_path)


def test_a_row_that_is_only_in_the_write_ahead_log_is_found_there(tmp_path: Path):
    connection = database(tmp_path / "records.db")
    connection.execute('INSERT INTO "odd ""name" (note) VALUES (?)', (SENTENCE,))
    connection.commit()
    assert Found("records.db-wal", "utf-8") in CANARY.in_folder(tmp_path)
    connection.close()


def test_a_deleted_row_is_found_in_the_free_pages(tmp_path: Path):
    connection = database(tmp_path / "records.db")
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute('INSERT INTO "odd ""name" (note) VALUES (?)', (SENTENCE,))
    connection.execute('DELETE FROM "odd ""name"')
    connection.commit()
    connection.close()
    assert Found("records.db", "utf-8") in CANARY.in_folder(tmp_path)


def test_a_value_cut_by_the_pages_of_the_file_is_found_by_row(tmp_path: Path):
    """SQLite keeps a long value in a chain of pages: somewhere the phrase is in two pieces."""
    connection = database(tmp_path / "records.db")
    for padding in range(4060, 4110):
        body = b"-" * padding + SENTENCE.encode() + b"-" * 5000
        connection.execute('INSERT INTO "odd ""name" (body) VALUES (?)', (body,))
    connection.commit()
    connection.close()
    assert CANARY.in_sqlite(tmp_path / "records.db") == [Found('records.db: odd "name.body', "utf-8")]


def test_a_file_and_the_name_of_a_file_are_found(tmp_path: Path):
    (tmp_path / "objects" / "deep").mkdir(parents=True)
    (tmp_path / "objects" / "deep" / "0001").write_bytes(os.urandom(5000) + SENTENCE.encode("utf-16-le"))
    (tmp_path / quote(PHRASE)).touch()
    places = {found.where for found in CANARY.in_folder(tmp_path)}
    assert places == {"objects/deep/0001", f"the name {quote(PHRASE)}"}


def test_a_phrase_across_two_blocks_of_a_large_file_is_found(tmp_path: Path):
    (tmp_path / "large").write_bytes(b"-" * (8 * 1024 * 1024 - 10) + SENTENCE.encode() + b"-" * 100)
    assert CANARY.in_folder(tmp_path) == [Found("large", "utf-8")]


def test_an_event_that_tells_too_much_is_found(clock: Clock):
    event = Event(id=EventId("EVT_1"), clinic_id=ClinicId("CLN_1"), name="soap_ready", at=clock(), ids={"note_id": "N"})
    loud = event.model_copy(update={"id": EventId("EVT_2"), "ids": {"note_id": SENTENCE}})
    assert CANARY.in_events([event]) == []
    assert {found.where for found in CANARY.in_events([event, loud])} == {"event EVT_2"}


def test_an_answer_is_searched_in_address_headers_and_body():
    request = httpx.Request("GET", "http://127.0.0.1/patients", params={"q": PHRASE})
    response = httpx.Response(404, headers={"X-Detail": PHRASE}, json={"detail": SENTENCE}, request=request)
    assert [found.where.rpartition(", ")[2] for found in CANARY.in_response(response)][:1] == ["address"]
    assert {found.where.rpartition(", ")[2] for found in CANARY.in_response(response)} == {"address", "headers", "body"}


async def test_every_kind_of_column_of_a_postgresql_database_is_searched(postgres: PostgresServer):
    name = await postgres.create_database("template0")
    superuser = postgres.url(name, postgres.superuser)
    connection = await asyncpg.connect(superuser)
    try:
        await connection.execute(
            "CREATE SCHEMA other; CREATE TABLE other.hidden (told jsonb); "
            "CREATE TABLE rows (a text, b bytea, c text[]); "
            "ALTER TABLE rows ENABLE ROW LEVEL SECURITY; ALTER TABLE rows FORCE ROW LEVEL SECURITY"
        )
        assert await CANARY.in_postgres(superuser) == []
        await connection.execute("INSERT INTO other.hidden VALUES ($1)", json.dumps({"x": [SENTENCE]}))
        await connection.execute(
            "INSERT INTO rows VALUES ($1, $2, $3)", SENTENCE * 500, zlib.compress(SENTENCE.encode()), [SENTENCE]
        )
        places = {found.where.removesuffix(" (unpacked)") for found in await CANARY.in_postgres(superuser)}
        assert places == {"other.hidden.told", "public.rows.a", "public.rows.b", "public.rows.c"}
        with pytest.raises(ValueError, match="superuser"):
            await CANARY.in_postgres(postgres.url(name))
    finally:
        await connection.close()
        await postgres.drop_database(name)
