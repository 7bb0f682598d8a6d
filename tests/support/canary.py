"""Search everything a deployment leaves behind for words that a patient said.

Plant a rare phrase in a consultation, run it, then ask where it can be read: in files (SQLite with its journal,
objects, names of files), in a PostgreSQL database, in logs, in events, in answers. It is looked for in every disguise
in which plain text travels without being protected: other encodings, upper and lower case, hex, base64, URL and JSON
escapes, and inside gzip and zlib.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import sqlite3
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import asyncpg
import httpx

from auscult.domain.event import Event

PHRASE = "the quillwort tincture from Vesperholm"
"""A phrase that nobody says, of words that stand nowhere in the product."""
HINDI_PHRASE = "ज़्वेरीनगर की काढ़ा पुड़िया"

_BLOCK = 8 * 1024 * 1024
_LARGEST_UNPACKED = 64 * 1024 * 1024
_SQLITE_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Found:
    """The phrase can be read at `where`, written as `form`."""

    where: str
    form: str


def _percent(data: bytes) -> str:
    return "".join(f"%{byte:02x}" for byte in data)


def _base64_cores(data: bytes) -> Iterable[bytes]:
    """What stays the same of the base64 of `data` wherever it starts in what was encoded."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data)
        first = -(-before * 8 // 6)  # characters that hold bits of what comes before
        whole = (before + len(data)) * 8 // 6
        yield encoded[first:whole]


def _forms(phrase: str) -> dict[bytes, str]:
    """Every byte string that gives the phrase away → what it is called."""
    forms: dict[bytes, str] = {}
    spellings = {
        unicodedata.normalize(form, spelling)
        for spelling in (phrase, phrase.lower(), phrase.upper(), phrase.title(), phrase.casefold())
        for form in ("NFC", "NFD")
    }
    for text in spellings:
        for escaped, name in (
            (json.dumps(text)[1:-1], "JSON"),
            (html.escape(text), "HTML"),
            (quote(text, safe=""), "URL"),
            (quote_plus(text), "URL with pluses"),
            (_percent(text.encode()), "URL, every byte"),
            (_percent(text.encode()).upper(), "URL, every byte"),
        ):
            forms[escaped.encode()] = name
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
            data = text.encode(encoding)
            forms[data] = encoding
            forms[binascii.hexlify(data)] = f"hex of {encoding}"
            forms[binascii.hexlify(data).upper()] = f"hex of {encoding}"
            for core in _base64_cores(data):
                forms[core] = f"base64 of {encoding}"
                forms[core.translate(bytes.maketrans(b"+/", b"-_"))] = f"base64 of {encoding}"
    return forms


class Canary:
    """One phrase, and where it shows."""

    def __init__(self, phrase: str = PHRASE) -> None:
        """`phrase` should be at least 12 characters, so that chance does not find it."""
        if len(phrase) < 12:
            raise ValueError("choose a longer phrase")
        self.phrase = phrase
        self._forms = _forms(phrase)
        self._longest = max(map(len, self._forms))

    def in_bytes(self, where: str, data: bytes) -> list[Found]:
        """Search bytes, and what they hold when they are gzip or zlib."""
        found = [Found(where, form) for form in sorted({name for form, name in self._forms.items() if form in data})]
        unpacked = _unpacked(data)
        if unpacked is not None:
            found += self.in_bytes(f"{where} (unpacked)", unpacked)
        return found

    def in_text(self, where: str, text: str) -> list[Found]:
        """Search text: a captured log, a page, a command's output."""
        return self.in_bytes(where, text.encode("utf-8", "surrogatepass"))

    def in_events(self, events: Sequence[Event]) -> list[Found]:
        """Search events whole, as they are kept and as they are sent."""
        return [
            found
            for event in events
            for text in (event.model_dump_json(), json.dumps(event.envelope(), ensure_ascii=False))
            for found in self.in_text(f"event {event.id}", text)
        ]

    def in_response(self, response: httpx.Response) -> list[Found]:
        """Search an answer that must not hold it: address, headers and body. Read the body before."""
        where = f"{response.request.method} {response.request.url.path} → {response.status_code}"
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        found = self.in_text(f"{where}, address", str(response.request.url))
        return found + self.in_text(f"{where}, headers", headers) + self.in_bytes(f"{where}, body", response.content)

    def in_folder(self, folder: Path) -> list[Found]:
        """Search every file below a folder: name, bytes (journals and free pages too), and SQLite by row as well."""
        found: list[Found] = []
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            found += self.in_text(f"the name {name}", name)
            if path.is_file() and not path.is_symlink():
                found += self._in_file(name, path)
        return found

    async def in_postgres(self, dsn: str) -> list[Found]:
        """Search every row of every table. Connect as a superuser: row security hides rows from others."""
        connection = await asyncpg.connect(dsn)
        found: list[Found] = []
        try:
            if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
                raise ValueError("row security may hide rows from this role: connect as a superuser")
            tables = await connection.fetch(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
            for table in tables:
                async with connection.transaction():
                    async for row in connection.cursor(f"SELECT * FROM {table['name']}"):
                        for column, value in row.items():
                            found += self._in_cell(f"{table['name']}.{column}", value)
        finally:
            await connection.close()
        return _once(found)

    def in_sqlite(self, path: Path) -> list[Found]:
        """Search a SQLite database cell by cell: a long value is not in one piece in the file."""
        found: list[Found] = []
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            connection.text_factory = bytes
            names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (name,) in names:
                table = name.decode()
                rows = connection.execute('SELECT * FROM "{}"'.format(table.replace('"', '""')))
                columns = [column[0] for column in rows.description]
                for row in rows:
                    for column, value in zip(columns, row, strict=True):
                        found += self._in_cell(f"{path.name}: {table}.{column}", value)
        finally:
            connection.close()
        return _once(found)

    def _in_file(self, name: str, path: Path) -> list[Found]:
        found: list[Found] = []
        with path.open("rb") as file:
            magic = file.read(16)
            file.seek(0)
            kept = b""
            while block := file.read(_BLOCK):
                found += self.in_bytes(name, kept + block)
                kept = (kept + block)[-self._longest :]
        if magic == _SQLITE_MAGIC:
            found += self.in_sqlite(path)
        return _once(found)

    def _in_cell(self, where: str, value: object) -> list[Found]:
        if isinstance(value, bytes | bytearray | memoryview):
            return self.in_bytes(where, bytes(value))
        return self.in_text(where, str(value))


def _unpacked(data: bytes) -> bytes | None:
    """What gzip or zlib data holds (the first 64 MiB), or None when it is neither."""
    if data[:2] not in (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        return None
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(data, _LARGEST_UNPACKED)
    except zlib.error:
        return None


def _once(found: Iterable[Found]) -> list[Found]:
    return list(dict.fromkeys(found))
