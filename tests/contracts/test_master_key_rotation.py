"""The master key is turned over while others work, kept in escrow, and put back."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError, ErasedError, InvalidError, UnavailableError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.flows.master_key import rotate
from auscult.stores.secrets import MasterKey
from auscult.stores.secrets.command import CommandMaster
from auscult.stores.secrets.escrow import escrow_text, keys_of_escrow
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.sql_keys import SqlWrappedKeys, open_wrapped_keys
from auscult.trust.sealing import Keyring
from tests.contracts.test_secrets import kms_master
from tests.support.patience import until

PATIENT = SubjectId("PAT_01JN0000AV0000000000000011")
WORKING = """
import asyncio, itertools, os, sys
from pathlib import Path
from datetime import UTC, datetime
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.sql_keys import open_wrapped_keys
from auscult.trust.sealing import Keyring

async def work(folder, clinic):
    master = KeyFileMaster.open(folder / "master.key", os.urandom)
    keys = await open_wrapped_keys(f"sqlite:///{folder}/keys.db", lambda: datetime.now(UTC))
    ticks = itertools.count(0, 1000)  # each look at the clock is later than any key may stay in memory
    ring = Keyring(master, keys, secret=os.urandom, monotonic=lambda: next(ticks))
    for number in itertools.count():
        subject = SubjectId(f"PAT_{number % 7}")
        item = await ring.new_item_key(clinic, subject, b"x")
        assert await ring.open_item_key(clinic, subject, item.wrapped, b"x") == item.clear
        (folder / "done").write_text(str(number))
        if (folder / "stop").exists():
            return

asyncio.run(work(Path(sys.argv[1]), ClinicId(sys.argv[2])))
"""


def ring_on(master: MasterKey, keys: SqlWrappedKeys) -> Keyring:
    return Keyring(master, keys, secret=os.urandom, monotonic=time.monotonic)


async def test_a_process_that_seals_and_opens_all_the_time_notices_nothing_of_rotations(
    tmp_path: Path, clinic_id: ClinicId, ambient: Ambient
) -> None:
    master = KeyFileMaster.open(tmp_path / "master.key", os.urandom)
    keys = await open_wrapped_keys(f"sqlite:///{tmp_path}/keys.db", ambient.now)
    ring = ring_on(master, keys)
    before = await ring.derive(clinic_id, "x")
    worker = subprocess.Popen([sys.executable, "-c", WORKING, str(tmp_path), clinic_id], stderr=subprocess.PIPE)
    done = tmp_path / "done"
    try:
        await until(lambda: done.exists() or worker.poll() is not None, seconds=120, what="the first item")
        ids = {master.key_id}
        for _ in range(4):
            seen = done.read_text()
            ids.add((await rotate(master, ring, clinic_id)).key_id)
            await until(
                lambda seen=seen: done.read_text() not in {seen, ""} or worker.poll() is not None,
                seconds=120,
                what="work",
            )
        (tmp_path / "stop").touch()
        await until(lambda: worker.poll() is not None, seconds=120, what="its end")
        assert worker.returncode == 0, (worker.stderr.read() if worker.stderr else b"").decode()
        assert len(ids) == 5
        assert (
            await ring_on(KeyFileMaster.open(tmp_path / "master.key", os.urandom), keys).derive(clinic_id, "x")
            == before
        )
    finally:
        worker.kill()
        worker.wait()
        if worker.stderr:
            worker.stderr.close()
        await keys.close()


async def test_a_rotation_that_was_cut_short_works_and_is_finished_by_the_next(
    tmp_path: Path, clinic_id: ClinicId, wrapped_keys: SqlWrappedKeys
) -> None:
    path = tmp_path / "master.key"
    master = KeyFileMaster.open(path, os.urandom)
    item = await ring_on(master, wrapped_keys).new_item_key(clinic_id, PATIENT, b"x")
    await master.renew()  # and then the power goes
    again = KeyFileMaster.open(path, os.urandom)
    ring = ring_on(again, wrapped_keys)
    assert await ring.open_item_key(clinic_id, PATIENT, item.wrapped, b"x") == item.clear
    versions = len(path.read_text().split())
    finished = await rotate(again, ring, clinic_id)
    assert finished.continued
    assert len(path.read_text().split()) == versions == 2, "no third key was made for it"
    assert not await ring.needs_rewrapping(clinic_id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    only_new = KeyFileMaster(path, again.versions()[:1], os.urandom)
    assert await ring_on(only_new, wrapped_keys).open_item_key(clinic_id, PATIENT, item.wrapped, b"x") == item.clear


async def test_a_key_that_a_command_prints_is_rotated_where_it_is_kept(
    tmp_path: Path, clinic_id: ClinicId, wrapped_keys: SqlWrappedKeys
) -> None:
    vault = tmp_path / "vault"
    vault.write_text("11" * 32)
    running = await CommandMaster.open(["cat", str(vault)], os.urandom)
    ring = ring_on(running, wrapped_keys)
    item = await ring.new_item_key(clinic_id, PATIENT, b"x")
    with pytest.raises(InvalidError) as caught:
        await rotate(running, ring, clinic_id)
    assert "first line" in caught.value.remedy
    vault.write_text("22" * 32 + "\n" + "11" * 32)
    fresh = await CommandMaster.open(["cat", str(vault)], os.urandom)
    await rotate(fresh, ring_on(fresh, wrapped_keys), clinic_id)
    late = ring_on(running, wrapped_keys)  # a process that started before, and has forgotten what it had in memory
    assert await late.open_item_key(clinic_id, PATIENT, item.wrapped, b"x") == item.clear


async def test_a_clinic_moves_from_one_kms_key_to_another(
    moto_endpoint: str, monkeypatch: pytest.MonkeyPatch, clinic_id: ClinicId, wrapped_keys: SqlWrappedKeys
) -> None:
    old = await kms_master(moto_endpoint, monkeypatch)
    item = await ring_on(old, wrapped_keys).new_item_key(clinic_id, PATIENT, b"x")
    fresh = await kms_master(moto_endpoint, monkeypatch)
    assert fresh.key_id != old.key_id
    ring = ring_on(fresh, wrapped_keys)
    assert await ring.needs_rewrapping(clinic_id)
    await rotate(fresh, ring, clinic_id)
    assert not await ring.needs_rewrapping(clinic_id)
    assert await ring_on(fresh, wrapped_keys).open_item_key(clinic_id, PATIENT, item.wrapped, b"x") == item.clear
    with pytest.raises(InvalidError):
        await rotate(fresh, ring, clinic_id)


async def test_a_kms_that_does_not_know_the_key_or_does_not_answer_is_said(
    moto_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnavailableError) as caught:
        await kms_master(moto_endpoint, monkeypatch, key="00000000-0000-0000-0000-000000000000")
    assert "kms:Decrypt" in caught.value.remedy


def test_an_escrow_copy_gives_the_key_back_and_says_nothing_of_it(tmp_path: Path) -> None:
    keys = (os.urandom(32), os.urandom(32))
    page = escrow_text(keys, "six words that nobody would guess", clinic="CLN_1", made="2026-03-02", secret=os.urandom)
    assert keys_of_escrow(page, "six words that nobody would guess") == keys
    assert max(len(line) for line in page.splitlines()) <= 110, "it fits on paper"
    typed = page.replace(" ", "  ")
    assert keys_of_escrow(typed.replace("\n", "\r\n"), "six words that nobody would guess") == keys
    for key in keys:
        assert key.hex() not in page
    path = tmp_path / "clinic" / "master.key"
    KeyFileMaster.put_back(path, keys)
    KeyFileMaster.put_back(path, keys)
    assert KeyFileMaster.open(path, os.urandom).versions() == keys
    with pytest.raises(ConflictError):
        KeyFileMaster.put_back(path, (os.urandom(32),))
    assert KeyFileMaster.open(path, os.urandom).versions() == keys


def test_an_escrow_copy_that_is_wrong_is_refused() -> None:
    words = "six words that nobody would guess"
    page = escrow_text((os.urandom(32),), words, clinic="CLN_1", made="2026-03-02", secret=os.urandom)
    with pytest.raises(InvalidError, match="passphrase"):
        keys_of_escrow(page, "another passphrase")
    last = page.index("-----END") - 3
    altered = page[:last] + ("A" if page[last] != "A" else "B") + page[last + 1 :]
    for wrong in (altered, page[: len(page) // 2], "", "not a page", page.replace("AECB", "AEZZ"), "x" * 100_000):
        with pytest.raises(InvalidError) as caught:
            keys_of_escrow(wrong, words)
        assert caught.value.remedy
    with pytest.raises(InvalidError, match="12 characters"):
        escrow_text((os.urandom(32),), "short", clinic="CLN_1", made="2026-03-02", secret=os.urandom)


async def test_another_master_key_is_named_by_its_fingerprint(
    tmp_path: Path, clinic_id: ClinicId, wrapped_keys: SqlWrappedKeys
) -> None:
    master = KeyFileMaster.open(tmp_path / "one.key", os.urandom)
    await ring_on(master, wrapped_keys).derive(clinic_id, "x")
    other = KeyFileMaster.open(tmp_path / "two.key", os.urandom)
    with pytest.raises(ErasedError) as caught:
        await ring_on(other, wrapped_keys).derive(clinic_id, "x")
    assert master.key_id in caught.value.reason
