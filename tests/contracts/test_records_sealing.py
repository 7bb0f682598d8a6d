"""Whose documents are whose: clinics, owners and keys. On every database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import BaseModel
from sqlalchemy import Connection, text

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError, ErasedError, NotFoundError, UnavailableError
from auscult.domain.ids import UNFILED, ClinicId, SubjectId
from auscult.stores.records import Delete, Key, Put, Refile, TableSpec
from auscult.stores.records.sql import SqlRecords
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.sql_keys import open_wrapped_keys
from auscult.trust.sealing import Keyring
from tests.support.postgres import PostgresServer
from tests.support.visits import VISITS, Visit, event, job
from tests.support.world import Clock

CANARY = "canary-cough-7f3a9"
PATIENT = SubjectId("PAT_01JN0000AV0000000000000001")
OTHER_PATIENT = SubjectId("PAT_01JN0000AV0000000000000002")


async def rows(records: SqlRecords, clinic_id: ClinicId, sql: str, **values: Any) -> list[Any]:
    def execute(connection: Connection) -> list[Any]:
        found = connection.execute(text(sql), values)
        return list(found.mappings()) if found.returns_rows else []

    return await records._database.write(execute, clinic_id)


async def test_no_read_of_one_clinic_shows_anything_of_another(
    records: SqlRecords, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    visit = Visit(room="r1", at="1", complaint=CANARY)
    await records.of(clinic_id).table(VISITS).put(visit)
    theirs = records.of(other_clinic_id).table(VISITS)
    assert await theirs.get(Key("r1", "1")) is None
    assert (await theirs.query("r1")).items == ()
    assert (await theirs.query("status/open", index="status")).items == ()
    await theirs.delete(Key("r1", "1"))
    with pytest.raises(ConflictError):
        await theirs.put(visit, if_version=1)
    with pytest.raises(NotFoundError):
        await records.of(other_clinic_id).transact([Refile(VISITS, visit)])
    assert (await theirs.put(visit, if_version=0)).version == 1
    mine = await records.of(clinic_id).table(VISITS).get(Key("r1", "1"))
    assert mine is not None
    assert mine.version == 1


@pytest.mark.parametrize("records_backend", ["postgres"])
async def test_row_security_hides_other_clinics_from_raw_sql(
    records: SqlRecords, records_url: str, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    """The second wall, tried as the very role that the server connects as and that owns the tables."""
    for clinic, room in ((clinic_id, "mine"), (other_clinic_id, "theirs")):
        await records.of(clinic).table(VISITS).put(Visit(room=room, at="1"))
    connection = await asyncpg.connect(records_url)
    try:
        role = await connection.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert tuple(role) == (False, False)
        for table in ("documents", "document_index"):
            assert await connection.fetch(f"SELECT * FROM {table}") == []
            async with connection.transaction():
                await connection.execute("SELECT set_config('auscult.clinic', $1, true)", clinic_id)
                seen = await connection.fetch(f"SELECT DISTINCT clinic_id, partition FROM {table}")
                assert [tuple(row) for row in seen] == [(clinic_id, "mine")]
                assert await connection.execute(f"DELETE FROM {table} WHERE clinic_id = $1", other_clinic_id) == (
                    "DELETE 0"
                )
                stolen = f"UPDATE {table} SET clinic_id = $1"
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with connection.transaction():
                        await connection.execute(stolen, other_clinic_id)
            # The scope ends with the transaction.
            assert await connection.fetch(f"SELECT * FROM {table}") == []
    finally:
        await connection.close()


@pytest.mark.parametrize("records_backend", ["postgres"])
async def test_a_forgotten_clinic_condition_still_shows_one_clinic_only(
    records: SqlRecords, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    """Our own pooled connections: without a scope nothing, with one that clinic only, and no scope left behind."""
    for clinic in (clinic_id, other_clinic_id):
        await records.of(clinic).table(VISITS).put(Visit(room="r", at="1"))

    def whose(connection: Connection) -> list[str]:
        return list(connection.execute(text("SELECT clinic_id FROM documents")).scalars())

    assert await records._database.read(whose, clinic_id) == [clinic_id]
    assert await records._database.read(whose) == []


async def test_no_column_and_no_file_shows_patient_text(
    records: SqlRecords, records_backend: str, clinic_id: ClinicId, clock: Clock, tmp_path: Path
) -> None:
    clinic = records.of(clinic_id)
    for number in range(20):
        visit = Visit(room="r1", at=f"{number}", owner=PATIENT, complaint=f"{CANARY} {number} सिर दर्द")
        await clinic.transact([Put(VISITS, visit)], events=[event(clinic_id, number, clock(), room="r1")])
    await clinic.transact([Delete(VISITS, Key("r1", "3"))], jobs=[job(clinic_id, "REC_1")])
    needles = [needle.encode() for needle in (CANARY, "सिर दर्द")]
    if records_backend == "sqlite":
        kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert any(path.name == "auscult.db-wal" for path in tmp_path.rglob("*"))
    else:
        kept = []
        for table in ("documents", "document_index", "events", "event_sequences", "outbox_jobs"):
            for row in await rows(records, clinic_id, f"SELECT * FROM {table}"):
                kept += [value if isinstance(value, bytes) else str(value).encode() for value in row.values()]
    assert sum(map(len, kept)) > 5000
    assert not [needle for needle in needles if any(needle in content for content in kept)]


@pytest.mark.parametrize("records_backend", ["postgres"])
async def test_no_file_of_the_database_server_shows_patient_text(
    records: SqlRecords, postgres: PostgresServer, clinic_id: ClinicId
) -> None:
    """Tables and write-ahead log on disk, after a checkpoint."""
    await records.of(clinic_id).table(VISITS).put(Visit(room="room-marker-51", at="1", complaint=CANARY))
    await postgres.administer("CHECKPOINT")
    plain, hidden = 0, 0
    for path in postgres.data.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:
            continue
        plain += content.count(b"room-marker-51")
        hidden += content.count(CANARY.encode())
    assert plain > 0
    assert hidden == 0


async def test_filing_keeps_the_sealed_bytes_and_wraps_their_key_for_the_new_owner(
    records: SqlRecords, keyring: Keyring, clinic_id: ClinicId
) -> None:
    """A table whose body does not name its owner: only the wrapped key changes."""
    owners = {"r1": UNFILED}
    spec: TableSpec[Visit] = TableSpec(
        name="sound", model=Visit, key=lambda v: Key(v.room, v.at), subject=lambda v: SubjectId(owners[v.room])
    )
    clinic = records.of(clinic_id)
    visit = Visit(room="r1", at="1", complaint=CANARY)
    await clinic.table(spec).put(visit)
    (before,) = await rows(records, clinic_id, "SELECT * FROM documents")
    owners["r1"] = PATIENT
    assert await clinic.transact([Refile(spec, visit, if_version=1)]) == (2,)
    (after,) = await rows(records, clinic_id, "SELECT * FROM documents")
    assert after["body"] == before["body"]
    assert after["wrapped_key"] != before["wrapped_key"]
    assert (before["subject"], after["subject"]) == (UNFILED, PATIENT)
    stored = await clinic.table(spec).get(Key("r1", "1"))
    assert stored is not None
    assert stored.value == visit
    await keyring.destroy_subject(clinic_id, UNFILED)
    assert await clinic.table(spec).get(Key("r1", "1")) == stored
    await keyring.destroy_subject(clinic_id, PATIENT)
    with pytest.raises(ErasedError):
        await clinic.table(spec).get(Key("r1", "1"))


async def test_filing_with_a_changed_body_seals_it_anew_under_the_same_item_key(
    records: SqlRecords, keyring: Keyring, clinic_id: ClinicId
) -> None:
    clinic = records.of(clinic_id)
    await clinic.table(VISITS).put(Visit(room="r1", at="1", complaint=CANARY))
    place = b'["auscult/document", "visit", "r1", "1"]'
    (before,) = await rows(records, clinic_id, "SELECT * FROM documents")
    filed = Visit(room="r1", at="1", complaint=CANARY, owner=PATIENT)
    assert await clinic.transact([Refile(VISITS, filed)]) == (2,)
    (after,) = await rows(records, clinic_id, "SELECT * FROM documents")
    assert after["body"] != before["body"]
    old_key = await keyring.open_item_key(clinic_id, UNFILED, before["wrapped_key"], place)
    assert await keyring.open_item_key(clinic_id, PATIENT, after["wrapped_key"], place) == old_key
    stored = await clinic.table(VISITS).get(Key("r1", "1"))
    assert stored is not None
    assert stored.value == filed
    assert [item.value for item in (await clinic.table(VISITS).query(PATIENT, index="owner")).items] == [filed]
    assert (await clinic.table(VISITS).query(UNFILED, index="owner")).items == ()


async def test_filing_may_move_a_document_to_another_place(
    records: SqlRecords, clinic_id: ClinicId, clock: Clock
) -> None:
    clinic = records.of(clinic_id)
    visits = clinic.table(VISITS)
    await visits.put(Visit(room="r1", at="1", complaint=CANARY))
    await visits.put(Visit(room="taken", at="1"))
    moved = Visit(room="r2", at="1", complaint=CANARY, owner=PATIENT)
    with pytest.raises(ConflictError):
        await clinic.transact(
            [Refile(VISITS, moved.model_copy(update={"room": "taken"}), from_key=Key("r1", "1"))],
            events=[event(clinic_id, 1, clock())],
        )
    assert await clinic.transact([Refile(VISITS, moved, from_key=Key("r1", "1"))]) == (2,)
    assert await visits.get(Key("r1", "1")) is None
    stored = await visits.get(Key("r2", "1"))
    assert stored is not None
    assert stored.value == moved
    assert [item.value.room for item in (await visits.query("status/open", index="status")).items] == ["r2", "taken"]
    assert not await records.outbox.publish_next()


async def test_filing_what_is_not_there_or_has_changed_is_refused(records: SqlRecords, clinic_id: ClinicId) -> None:
    clinic = records.of(clinic_id)
    visit = Visit(room="r1", at="1", owner=PATIENT)
    with pytest.raises(NotFoundError):
        await clinic.transact([Refile(VISITS, visit)])
    with pytest.raises(ConflictError):
        await clinic.transact([Refile(VISITS, visit, if_version=1)])
    await clinic.table(VISITS).put(Visit(room="r1", at="1"))
    with pytest.raises(ConflictError):
        await clinic.transact([Refile(VISITS, visit, if_version=2)])


async def test_a_filing_that_was_overtaken_starts_over_from_the_newer_document(
    records: SqlRecords, clinic_id: ClinicId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody edits the document after the filing has read it and before it writes."""
    clinic = records.of(clinic_id)
    await clinic.table(VISITS).put(Visit(room="r1", at="1"))
    commit, overtaken = type(clinic)._commit, []

    async def edit_first(self: Any, prepared: Any, *more: Any) -> Any:
        if isinstance(prepared[0].write, Refile) and not overtaken:
            overtaken.append(True)
            await clinic.table(VISITS).put(Visit(room="r1", at="1", complaint="faster"))
        return await commit(self, prepared, *more)

    monkeypatch.setattr(type(clinic), "_commit", edit_first)
    filed = Visit(room="r1", at="1", owner=PATIENT)
    assert await clinic.transact([Refile(VISITS, filed)]) == (3,)
    overtaken.clear()
    with pytest.raises(ConflictError):
        await clinic.transact([Refile(VISITS, filed, if_version=3)])
    stored = await clinic.table(VISITS).get(Key("r1", "1"))
    assert stored is not None
    assert (stored.version, stored.value.complaint) == (4, "faster")


async def test_erasing_a_patient_makes_their_documents_unreadable_and_lists_go_on(
    records: SqlRecords, keyring: Keyring, clinic_id: ClinicId
) -> None:
    visits = records.of(clinic_id).table(VISITS)
    await visits.put(Visit(room="r1", at="1", owner=PATIENT))
    await visits.put(Visit(room="r1", at="2", owner=OTHER_PATIENT))
    await visits.put(Visit(room="r1", at="3"))
    await keyring.destroy_subject(clinic_id, PATIENT)
    with pytest.raises(ErasedError):
        await visits.get(Key("r1", "1"))
    with pytest.raises(ErasedError):
        await visits.put(Visit(room="r1", at="4", owner=PATIENT))
    with pytest.raises(ErasedError):
        await records.of(clinic_id).transact([Refile(VISITS, Visit(room="r1", at="3", owner=PATIENT))])
    assert [item.value.at for item in (await visits.query("r1")).items] == ["2", "3"]
    first = await visits.query("status/open", index="status", limit=1)
    assert first.items == ()
    assert first.next is not None
    await visits.delete(Key("r1", "1"))
    assert [item.value.at for item in (await visits.query("r1", cursor=None)).items] == ["2", "3"]


async def test_a_lost_key_store_is_an_error_and_not_an_empty_list(
    records_url: str, keyring: Keyring, master: KeyFileMaster, ambient: Ambient, clinic_id: ClinicId, tmp_path: Path
) -> None:
    records = await SqlRecords.open(records_url, keyring, ambient)
    await records.of(clinic_id).table(VISITS).put(Visit(room="r1", at="1", owner=PATIENT))
    await records.close()
    empty = await open_wrapped_keys(f"sqlite:///{tmp_path}/keys/another.db", ambient.now)
    lost = Keyring(master, empty, secret=os.urandom, monotonic=lambda: 0.0)
    records = await SqlRecords.open(records_url, lost, ambient)
    try:
        with pytest.raises(ErasedError):
            await records.of(clinic_id).table(VISITS).query("r1")
        with pytest.raises(ErasedError):
            await records.of(clinic_id).table(VISITS).get(Key("r1", "1"))
    finally:
        await records.close()
        await empty.close()


@pytest.mark.parametrize("copied", ["body", "wrapped_key, body", "wrapped_key, body, subject"])
async def test_a_sealed_body_copied_to_another_row_does_not_open(
    records: SqlRecords, clinic_id: ClinicId, copied: str
) -> None:
    """Somebody with write access to the database gives one patient another's note."""
    visits = records.of(clinic_id).table(VISITS)
    await visits.put(Visit(room="r1", at="1", owner=PATIENT, complaint=CANARY))
    await visits.put(Visit(room="r1", at="2", owner=OTHER_PATIENT))
    await rows(
        records,
        clinic_id,
        f"UPDATE documents SET ({copied}, version) = (SELECT {copied}, version FROM documents WHERE sort = '1')"
        " WHERE sort = '2'",
    )
    assert await visits.get(Key("r1", "1")) is not None
    with pytest.raises(ErasedError):
        await visits.get(Key("r1", "2"))


async def test_a_body_moved_to_another_clinic_type_or_schema_version_does_not_open(
    records: SqlRecords, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    clinic = records.of(clinic_id)
    await clinic.table(VISITS).put(Visit(room="r1", at="1", complaint=CANARY))
    (row,) = await rows(records, clinic_id, "SELECT * FROM documents")
    await records.of(other_clinic_id).table(VISITS).put(Visit(room="r1", at="1"))
    sealed = {name: row[name] for name in ("wrapped_key", "body")}
    await rows(records, other_clinic_id, "UPDATE documents SET wrapped_key = :wrapped_key, body = :body"
               " WHERE clinic_id = :clinic", clinic=other_clinic_id, **sealed)  # fmt: skip
    with pytest.raises(ErasedError):
        await records.of(other_clinic_id).table(VISITS).get(Key("r1", "1"))
    newer: TableSpec[Visit] = TableSpec(
        name="visit", model=Visit, key=VISITS.key, subject=VISITS.subject, schema_version=2, upcasters={1: dict}
    )
    await rows(records, clinic_id, "UPDATE documents SET schema_version = 2 WHERE clinic_id = :c", c=clinic_id)
    with pytest.raises(ErasedError):
        await clinic.table(newer).get(Key("r1", "1"))
    await rows(records, clinic_id, "UPDATE documents SET schema_version = 1, kind = 'other'"
               " WHERE clinic_id = :c", c=clinic_id)  # fmt: skip
    other: TableSpec[Visit] = TableSpec(name="other", model=Visit, key=VISITS.key, subject=VISITS.subject)
    with pytest.raises(ErasedError):
        await clinic.table(other).get(Key("r1", "1"))


class PersonV1(BaseModel):
    id: str
    full_name: str


class PersonV3(BaseModel):
    id: str
    given: str
    family: str
    nick: str


def _split(body: dict[str, Any]) -> dict[str, Any]:
    given, _, family = body.pop("full_name").partition(" ")
    return {**body, "given": given, "family": family}


V1: TableSpec[PersonV1] = TableSpec("person", PersonV1, key=lambda p: Key(p.id), subject=lambda _: UNFILED)
V3: TableSpec[PersonV3] = TableSpec(
    "person",
    PersonV3,
    key=lambda p: Key(p.id),
    subject=lambda _: UNFILED,
    schema_version=3,
    upcasters={1: _split, 2: lambda body: {**body, "nick": body["given"][:3]}},
)


async def test_old_bodies_are_read_as_the_newest_schema(records: SqlRecords, clinic_id: ClinicId) -> None:
    clinic = records.of(clinic_id)
    await clinic.table(V1).put(PersonV1(id="p1", full_name="Asha Rao"))
    stored = await clinic.table(V3).get(Key("p1"))
    assert stored is not None
    assert stored.value == PersonV3(id="p1", given="Asha", family="Rao", nick="Ash")
    assert stored.version == 1
    assert (await clinic.table(V3).query("p1")).items == (stored,)
    # Filing rewrites an old body as the newest schema; the row says so.
    await clinic.transact([Refile(V3, stored.value)])
    (row,) = await rows(records, clinic_id, "SELECT schema_version FROM documents")
    assert row["schema_version"] == 3
    assert (await clinic.table(V3).query("p1")).items[0].value == stored.value


async def test_a_body_of_a_newer_schema_asks_for_the_newer_version(records: SqlRecords, clinic_id: ClinicId) -> None:
    clinic = records.of(clinic_id)
    await clinic.table(V3).put(PersonV3(id="p1", given=CANARY, family="", nick=""))
    with pytest.raises(UnavailableError) as caught:
        await clinic.table(V1).get(Key("p1"))
    assert "newer version" in caught.value.reason
    assert "Install" in caught.value.remedy


async def test_a_body_that_cannot_be_read_is_reported_without_its_text(
    records: SqlRecords, clinic_id: ClinicId
) -> None:
    """What pydantic or an upcaster says quotes the body; none of it may reach a log, not even as a cause."""
    clinic = records.of(clinic_id)
    await clinic.table(V1).put(PersonV1(id="p1", full_name=CANARY))
    changed: TableSpec[PersonV3] = TableSpec("person", PersonV3, key=V3.key, subject=V3.subject)
    gap: TableSpec[PersonV3] = TableSpec("person", PersonV3, key=V3.key, subject=V3.subject, schema_version=2)
    for spec in (changed, gap):
        with pytest.raises(UnavailableError) as caught:
            await clinic.table(spec).get(Key("p1"))
        assert CANARY not in repr(caught.value.args)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
