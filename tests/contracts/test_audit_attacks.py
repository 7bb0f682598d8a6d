"""Whoever edits the audit trail in the database, or its checkpoints, is found: a test for each way."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId, UserId
from auscult.flows import audit_check
from auscult.stores.audit.blob_checkpoints import BlobCheckpoints, folder_checkpoints
from auscult.stores.records.sql import SqlRecords
from auscult.trust.audit_chain import Problem, genesis, mark, placed
from auscult.trust.sealing import Keyring
from tests.support.tampering import Intruder
from tests.support.visits import VISITS, Visit

ENTRIES = 12
PATIENT = "PAT_01JN0000AV0000000000000001"


@dataclass
class Trail:
    """What a check needs of the services, one chain with entries, and somebody who tampers with it."""

    records: SqlRecords
    ambient: Ambient
    checkpoints: BlobCheckpoints
    clinic_id: ClinicId
    intruder: Intruder
    folder: Path

    async def write(self, count: int) -> None:
        actor = Actor(clinic_id=self.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")
        table = self.records.of(self.clinic_id, by=actor).table(VISITS)
        for number in range(count):
            await table.put(Visit(room="r", at=str(number), owner=PATIENT))

    async def problems(self, copies: BlobCheckpoints | None = None) -> set[Problem]:
        report = await audit_check.verify(self, self.clinic_id, copies)  # type: ignore[arg-type]  # what it uses of them
        return {found.problem for found in report.findings}

    async def checkpoint(self) -> None:
        assert await audit_check.write_checkpoint(self, self.clinic_id)  # type: ignore[arg-type]  # as above

    def files(self) -> list[Path]:
        return sorted((self.folder / self.clinic_id).glob("*.json"))


@pytest.fixture
async def trail(
    records_url: str,
    keyring: Keyring,
    ambient: Ambient,
    clinic_id: ClinicId,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Trail]:
    # Chance chooses the chain; here it always chooses the same, so that there is one to tamper with.
    one_chain = replace(ambient, secret=lambda size: bytes(1) if size == 1 else os.urandom(size))
    records = await SqlRecords.open(records_url, keyring, one_chain)
    server = None if records_url.startswith("sqlite") else request.getfixturevalue("postgres")
    folder = tmp_path / "checkpoints"
    checkpoints = folder_checkpoints(folder, one_chain)
    made = Trail(records, one_chain, checkpoints, clinic_id, Intruder(records_url, server), folder)
    await made.write(ENTRIES)
    yield made
    await checkpoints.close()
    await records.close()


async def test_an_untouched_trail_is_good_and_every_write_is_in_it(trail: Trail) -> None:
    report = await audit_check.verify(trail, trail.clinic_id)  # type: ignore[arg-type]  # as above
    assert report.good
    assert report.entries == ENTRIES


async def test_a_changed_entry_is_found_where_it_is(trail: Trail) -> None:
    ((body,),) = await trail.intruder.run("SELECT body FROM audit_entries WHERE seq = ?", 5)
    changed = bytes(body).replace(b"USR_1", b"USR_9")
    assert changed != bytes(body)
    await trail.intruder.run("UPDATE audit_entries SET body = ? WHERE seq = ?", changed, 5)
    report = await audit_check.verify(trail, trail.clinic_id)  # type: ignore[arg-type]  # as above
    assert [(one.problem, one.seq, one.until) for one in report.findings if one.problem is Problem.CHANGED] == [
        (Problem.CHANGED, 5, 5)
    ]
    assert "changed in chain 0 at entry 5" in [one.sentence() for one in report.findings]


async def test_a_removed_entry_is_found(trail: Trail) -> None:
    await trail.intruder.run("DELETE FROM audit_entries WHERE seq = ?", 5)
    assert await trail.problems() == {Problem.MISSING}


async def test_an_entry_that_was_removed_and_closed_up_is_found(trail: Trail) -> None:
    await trail.intruder.run("DELETE FROM audit_entries WHERE seq = ?", 5)
    for seq in range(6, ENTRIES + 1):
        await trail.intruder.run("UPDATE audit_entries SET seq = ? WHERE seq = ?", seq - 1, seq)
    await trail.intruder.run("UPDATE audit_heads SET seq = ?", ENTRIES - 1)
    assert Problem.REORDERED in await trail.problems()


async def test_entries_that_changed_places_are_found(trail: Trail) -> None:
    for old, new in ((4, 100), (7, 4), (100, 7)):
        await trail.intruder.run("UPDATE audit_entries SET seq = ? WHERE seq = ?", new, old)
    assert Problem.REORDERED in await trail.problems()


async def test_an_entry_that_somebody_made_up_is_found(trail: Trail) -> None:
    """With a mark of a key of their own, and a head that fits."""
    ((body, last),) = await trail.intruder.run("SELECT body, mark FROM audit_entries WHERE seq = ?", ENTRIES)
    forged = bytes(body).replace(f'"seq":{ENTRIES}'.encode(), f'"seq":{ENTRIES + 1}'.encode())
    made_up = mark(os.urandom(32), bytes(last), 0, ENTRIES + 1, forged)
    await trail.intruder.run(
        "INSERT INTO audit_entries SELECT clinic_id, chain, seq + 1, moment, user_id, action, ?, ? FROM audit_entries"
        f" WHERE seq = {ENTRIES}",
        forged,
        made_up,
    )
    await trail.intruder.run("UPDATE audit_heads SET seq = ?, mark = ?", ENTRIES + 1, made_up)
    assert Problem.CHANGED in await trail.problems()


async def test_a_truncated_trail_is_found_by_its_head(trail: Trail) -> None:
    await trail.intruder.run("DELETE FROM audit_entries WHERE seq > ?", 8)
    assert Problem.TRUNCATED in await trail.problems()


async def test_a_trail_that_was_truncated_with_its_head_is_found_by_the_checkpoint(trail: Trail) -> None:
    await trail.checkpoint()
    ((last,),) = await trail.intruder.run("SELECT mark FROM audit_entries WHERE seq = ?", 8)
    for table in ("audit_entries", "audit_patients"):
        await trail.intruder.run(f"DELETE FROM {table} WHERE seq > ?", 8)
    await trail.intruder.run("UPDATE audit_heads SET seq = ?, mark = ?", 8, bytes(last))
    assert await trail.problems() == {Problem.TRUNCATED}


async def test_a_removed_head_is_found(trail: Trail) -> None:
    await trail.intruder.run("DELETE FROM audit_heads WHERE chain = ?", 0)
    assert Problem.HEAD in await trail.problems()


async def test_a_removed_chain_is_found_by_the_checkpoint(trail: Trail) -> None:
    await trail.checkpoint()
    for table in ("audit_entries", "audit_heads", "audit_patients"):
        await trail.intruder.run(f"DELETE FROM {table}")
    assert await trail.problems() == {Problem.TRUNCATED}


async def test_an_old_copy_of_the_database_is_found_by_the_checkpoint(trail: Trail) -> None:
    copy = await trail.intruder.tables()
    await trail.write(3)
    await trail.checkpoint()
    await trail.intruder.put_back(copy)
    assert await trail.problems() == {Problem.TRUNCATED}


async def test_a_trail_that_went_on_from_an_old_copy_is_found_by_the_checkpoint(trail: Trail) -> None:
    """It fits in itself, made by the product with its own key; only it is not the one that the checkpoint saw."""
    copy = await trail.intruder.tables()
    await trail.write(3)
    await trail.checkpoint()
    await trail.intruder.put_back(copy)
    await trail.write(9)
    assert await trail.problems() == {Problem.REWRITTEN}


async def test_a_chain_that_was_rewritten_without_the_key_is_one_finding(trail: Trail) -> None:
    await trail.checkpoint()
    rows = await trail.intruder.run("SELECT seq, body FROM audit_entries ORDER BY seq")
    own = os.urandom(32)
    previous = genesis(own, trail.clinic_id, 0)
    for seq, body in rows:
        event = json.loads(bytes(body))
        told = {name: value for name, value in event.items() if name not in ("chain", "seq")}
        told["act"] = "nothing"
        fresh = placed(0, seq, json.dumps(told))
        previous = mark(own, previous, 0, seq, fresh)
        await trail.intruder.run("UPDATE audit_entries SET body = ?, mark = ? WHERE seq = ?", fresh, previous, seq)
    await trail.intruder.run("UPDATE audit_heads SET mark = ?", previous)
    report = await audit_check.verify(trail, trail.clinic_id)  # type: ignore[arg-type]  # as above
    changed = [one for one in report.findings if one.problem is Problem.CHANGED]
    assert [(one.seq, one.until) for one in changed] in ([(1, len(rows))], [(1, ENTRIES), (ENTRIES + 1, len(rows))])
    assert Problem.REWRITTEN in {one.problem for one in report.findings}


async def test_what_entries_are_searched_by_cannot_be_changed_unseen(trail: Trail) -> None:
    await trail.intruder.run("UPDATE audit_entries SET user_id = ? WHERE seq = ?", "USR_9", 3)
    assert await trail.problems() == {Problem.INDEX}
    await trail.intruder.run("UPDATE audit_entries SET user_id = ? WHERE seq = ?", "USR_1", 3)
    assert await trail.problems() == set()
    await trail.intruder.run("DELETE FROM audit_patients WHERE seq = ?", 3)
    assert await trail.problems() == {Problem.INDEX}


only_files = pytest.mark.parametrize("records_backend", ["sqlite"], indirect=True)
"""What is tampered with here is not in the database."""


async def test_rows_where_no_entry_can_be_are_found(trail: Trail) -> None:
    """They would be found by a search, and belong to no chain that is read."""
    columns = "moment, user_id, action, body, mark FROM audit_entries WHERE seq = 3 AND chain = 0"
    for chain, seq in ((99, 3), (0, 0), (0, -7)):
        await trail.intruder.run(f"INSERT INTO audit_entries SELECT clinic_id, {chain}, {seq}, {columns}")
        assert Problem.STRANGE in await trail.problems(), (chain, seq)
        await trail.intruder.run("DELETE FROM audit_entries WHERE chain = ? AND seq = ?", chain, seq)
    assert await trail.problems() == set()


@only_files
async def test_values_of_another_type_are_found_and_break_nothing(trail: Trail) -> None:
    """SQLite keeps any value in any column."""
    for change in ("seq = 'x'", "seq = 4.5", "body = 'text'", "mark = 7", "body = x''"):
        copy = await trail.intruder.tables()
        await trail.intruder.run(f"UPDATE audit_entries SET {change} WHERE seq = ?", 3)
        assert await trail.problems(), change
        await trail.intruder.put_back(copy)
    await trail.intruder.run("UPDATE audit_heads SET seq = 'x'")
    assert await trail.problems() == {Problem.HEAD}


@only_files
async def test_checkpoints_that_were_removed_are_found_also_the_newest(trail: Trail) -> None:
    for _ in range(3):
        await trail.checkpoint()
        await trail.write(2)
    first, middle, last = trail.files()
    kept = {path: path.read_bytes() for path in trail.files()}
    for gone in (first, middle, last):
        gone.unlink()
        assert await trail.problems() == {Problem.CHECKPOINT_MISSING}, gone
        gone.write_bytes(kept[gone])
    for path in kept:
        path.unlink()
    assert await trail.problems() == {Problem.CHECKPOINT_MISSING}
    await trail.checkpoint()
    assert await trail.problems() == {Problem.CHECKPOINT_MISSING}, "a new series does not stand for the old one"


@only_files
async def test_a_checkpoint_that_was_changed_or_signed_by_somebody_else_is_found(trail: Trail) -> None:
    await trail.checkpoint()
    (path,) = trail.files()
    signed = json.loads(path.read_bytes())
    signed["heads"]["0"]["seq"] = 3
    path.write_text(json.dumps(signed))
    assert await trail.problems() == {Problem.CHECKPOINT_FORGED}
    path.write_bytes(b"\xff not JSON")
    assert await trail.problems() == {Problem.CHECKPOINT_FORGED}


@only_files
async def test_a_copy_of_the_checkpoints_tells_what_the_originals_no_longer_can(trail: Trail, tmp_path: Path) -> None:
    """Somebody with the key rewrote the trail and its checkpoints; the copy that was kept elsewhere does not fit."""
    before = await trail.intruder.tables()
    await trail.write(2)
    await trail.checkpoint()
    copy = tmp_path / "elsewhere" / trail.clinic_id
    copy.mkdir(parents=True)
    (path,) = trail.files()
    (copy / path.name).write_bytes(path.read_bytes())
    path.unlink()
    await trail.intruder.put_back(before)
    await trail.write(5)
    await trail.checkpoint()
    assert await trail.problems() == set()
    copies = folder_checkpoints(tmp_path / "elsewhere", trail.ambient)
    assert await trail.problems(copies) == {Problem.REWRITTEN}
    await copies.close()


@only_files
async def test_a_checkpoint_is_private_and_written_only_when_something_was_added(trail: Trail) -> None:
    await trail.checkpoint()
    assert await audit_check.write_checkpoint(trail, trail.clinic_id) is None  # type: ignore[arg-type]  # as above
    (path,) = trail.files()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
