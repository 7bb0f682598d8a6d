"""Removing all that is sealed under one subject, and looking over all there is: whatever table it belongs to.

Both go by the plain columns, so they need to know no table. What is to be removed is found by reading, which holds
nobody up, and removed in short transactions by its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, text, tuple_

from auscult.domain.errors import ErasedError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.records import Key, Looked
from auscult.stores.records.database import Database
from auscult.stores.records.schema import document_index, documents
from auscult.stores.records.sealed import SealedDocument, Sealer

_AT_ONCE: Final = 200


async def erase(database: Database, clinic_id: ClinicId, subject: SubjectId, keep: Collection[str]) -> int:
    """Remove every document of a subject but those of the kinds to `keep`, with their index rows; return how many."""
    where = documents.c
    find = (
        select(where.kind, where.partition, where.sort)
        .where(where.clinic_id == clinic_id, where.subject == subject, where.kind.not_in(list(keep)))
        .order_by(where.kind, where.partition, where.sort)
    )
    found = await database.read(lambda connection: connection.execute(find).all(), clinic_id)
    for start in range(0, len(found), _AT_ONCE):
        places = found[start : start + _AT_ONCE]
        await database.write(lambda connection, places=places: _remove(connection, clinic_id, places), clinic_id)  # type: ignore[misc]  # a default binds the page to its function
    return len(found)


def _remove(connection: Connection, clinic_id: ClinicId, places: Sequence[Row[Any]]) -> None:
    keys = [tuple(place) for place in places]
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # Index rows hold keyed hashes of names: they are overwritten, not only let go.
        # https://www.sqlite.org/pragma.html#pragma_secure_delete
        connection.execute(text("PRAGMA secure_delete=ON"))
    try:
        for table in (document_index, documents):
            columns = tuple_(table.c.kind, table.c.partition, table.c.sort)
            connection.execute(delete(table).where(table.c.clinic_id == clinic_id, columns.in_(keys)))
    finally:
        if sqlite:
            connection.execute(text("PRAGMA secure_delete=OFF"))


async def look_over(database: Database, sealer: Sealer, clinic_id: ClinicId, at_most: int) -> Looked:
    """Open documents evenly spread over all there are, `at_most` so many, and say how that went."""
    where = documents.c
    of_clinic = where.clinic_id == clinic_id
    count = select(where.kind, func.count()).where(of_clinic).group_by(where.kind)
    rows = await database.read(lambda connection: connection.execute(count).all(), clinic_id)
    counts = {kind: int(number) for kind, number in rows}
    step = max(1, -(-sum(counts.values()) // max(1, at_most)))
    outcome: Counter[str] = Counter()
    after: tuple[str, str, str] | None = None
    seen = 0
    while True:
        page = (
            select(where.kind, where.partition, where.sort)
            .where(of_clinic)
            .order_by(where.kind, where.partition, where.sort)
            .limit(_AT_ONCE * 5)
        )
        if after is not None:
            page = page.where(tuple_(where.kind, where.partition, where.sort) > tuple_(*after))
        places = await database.read(lambda connection, page=page: connection.execute(page).all(), clinic_id)  # type: ignore[misc]  # a default binds the page to its function
        if not places:
            return Looked(counts, outcome["opened"], outcome["erased"], outcome["broken"])
        chosen = [tuple(place) for number, place in enumerate(places, seen) if number % step == 0]
        seen, after = seen + len(places), tuple(places[-1])
        whole = select(documents).where(of_clinic, tuple_(where.kind, where.partition, where.sort).in_(chosen))
        for row in await database.read(lambda connection, whole=whole: connection.execute(whole).all(), clinic_id):  # type: ignore[misc]  # a default binds the page to its function
            outcome[await _opens(sealer, row)] += 1


async def _opens(sealer: Sealer, row: Row[Any]) -> str:
    subject = SubjectId(row.subject)
    document = SealedDocument(subject, row.schema_version, row.wrapped_key, row.body)
    try:
        await sealer.opens(row.kind, Key(row.partition, row.sort), document)
    except ErasedError:
        return "erased" if await sealer.is_erased(subject) else "broken"
    return "opened"
