"""The master key and the wrapped keys: made once, never shown, gone when destroyed. On every maker."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import boto3
import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ErasedError, NotFoundError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.stores.secrets import MasterKey
from auscult.stores.secrets.command import CommandMaster
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.kms import KmsMaster
from auscult.stores.secrets.sql_keys import SqlWrappedKeys, open_wrapped_keys
from tests.support.postgres import PostgresServer

KEY = bytes(range(32))


async def kms_master(endpoint: str, monkeypatch: pytest.MonkeyPatch, key: str = "") -> KmsMaster:
    """A master key in a key service that speaks AWS's protocol; `key` names one, else a fresh one is made."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    client = boto3.client("kms", region_name="ap-southeast-2", endpoint_url=endpoint)
    named = key or client.create_key()["KeyMetadata"]["KeyId"]
    return await KmsMaster.open(named, region="ap-southeast-2", endpoint=endpoint)


@pytest.fixture
def keys_url(records_backend: str, records_url: str, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/keys/keys.db" if records_backend == "sqlite" else records_url


@pytest.fixture
async def keys(keys_url: str, ambient: Ambient) -> AsyncIterator[SqlWrappedKeys]:
    opened = await open_wrapped_keys(keys_url, ambient.now)
    yield opened
    await opened.close()


@pytest.fixture(params=["file", "command", "kms"])
async def any_master(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MasterKey:
    if request.param == "kms":
        return await kms_master(request.getfixturevalue("moto_endpoint"), monkeypatch)
    path = tmp_path / "master.key"
    path.write_text(KEY.hex() + "\n")
    path.chmod(0o600)
    if request.param == "file":
        return KeyFileMaster.open(path, os.urandom)
    return await CommandMaster.open(["cat", str(path)], os.urandom)


async def test_a_wrapped_key_opens_again_under_the_same_master_and_context(any_master: MasterKey) -> None:
    wrapped = await any_master.wrap(KEY, b"clinic 1")
    assert KEY not in wrapped
    assert await any_master.unwrap(wrapped, b"clinic 1") == KEY
    assert await any_master.wrap(KEY, b"clinic 1") != wrapped
    for spoiled, context in (
        (wrapped, b"clinic 2"),
        (wrapped[:-1] + bytes([wrapped[-1] ^ 1]), b"clinic 1"),
        (wrapped[:20], b"clinic 1"),
        (b"", b"clinic 1"),
    ):
        with pytest.raises(ErasedError):
            await any_master.unwrap(spoiled, context)


async def test_a_master_never_shows_its_key(any_master: MasterKey) -> None:
    assert any_master.key_id in repr(any_master)
    assert KEY.hex() not in repr(any_master)
    assert len(any_master.key_id) == 16
    assert any_master.key_id not in KEY.hex()


async def test_a_file_and_a_command_with_the_same_key_are_the_same_master(tmp_path: Path) -> None:
    file = KeyFileMaster.open(tmp_path / "made" / "master.key", os.urandom)
    command = await CommandMaster.open(["cat", str(tmp_path / "made" / "master.key")], os.urandom)
    assert command.key_id == file.key_id
    assert await command.unwrap(await file.wrap(KEY, b"c"), b"c") == KEY


async def test_another_master_says_which_key_is_wanted(tmp_path: Path) -> None:
    one = KeyFileMaster.open(tmp_path / "one.key", os.urandom)
    two = KeyFileMaster.open(tmp_path / "two.key", os.urandom)
    assert one.key_id != two.key_id
    with pytest.raises(ErasedError) as caught:
        await two.unwrap(await one.wrap(KEY, b"c"), b"c")
    assert one.key_id in caught.value.reason
    assert two.key_id in caught.value.reason
    assert "escrow" in caught.value.remedy


def test_the_key_file_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    before = os.umask(0)
    try:
        first = KeyFileMaster.open(path, os.urandom)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]
    assert KeyFileMaster.open(path, os.urandom).key_id == first.key_id
    assert len(path.read_text().strip()) == 64


def test_many_that_make_the_key_file_at_once_agree_on_one_key(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    ids: list[str] = []

    def make() -> None:
        barrier.wait()
        ids.append(KeyFileMaster.open(tmp_path / "master.key", os.urandom).key_id)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["master.key"]


def test_a_key_file_of_32_raw_bytes_is_read_too(tmp_path: Path) -> None:
    for name, content in (("raw.key", KEY), ("hex.key", KEY.hex().upper().encode())):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    raw, text = (KeyFileMaster.open(tmp_path / name, os.urandom) for name in ("raw.key", "hex.key"))
    assert raw.key_id == text.key_id


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o660])
def test_a_key_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    KeyFileMaster.open(path, os.urandom)
    path.chmod(mode)
    with pytest.raises(UnavailableError) as caught:
        KeyFileMaster.open(path, os.urandom)
    assert f"chmod 600 {path}" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"short", b"zz" * 32, KEY + b"\n", KEY.hex().encode() * 2, b"\xff" * 33])
def test_a_key_file_without_a_key_is_refused_and_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(UnavailableError) as caught:
        KeyFileMaster.open(path, os.urandom)
    assert "escrow" in caught.value.remedy
    assert path.read_bytes() == content


def test_a_key_file_that_is_a_folder_or_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "folder", tmp_path / "file" / "master.key"):
        with pytest.raises(UnavailableError):
            KeyFileMaster.open(path, os.urandom)


@pytest.mark.parametrize(
    "script",
    ["raise SystemExit(3)", "print('secret-canary')", "print('ab' * 31)", "", "import time; time.sleep(60)"],
)
async def test_a_key_command_that_gives_no_key_is_refused_without_repeating_what_it_said(script: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        await CommandMaster.open([sys.executable, "-c", script], os.urandom, timeout_seconds=2)
    assert "canary" not in f"{caught.value.reason}{caught.value.remedy}"


async def test_a_key_command_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnavailableError):
        await CommandMaster.open(["/nowhere/vault"], os.urandom)


async def test_a_wrapped_key_is_kept_by_clinic_and_name(keys: SqlWrappedKeys) -> None:
    assert await keys.get("c1", "clinic") is None
    assert await keys.create("c1", "clinic", b"one") == b"one"
    assert await keys.create("c1", "clinic", b"two") == b"one"
    assert await keys.create("c2", "clinic", b"three") == b"three"
    assert await keys.create("c1", "PAT_1", b"four") == b"four"
    assert await keys.get("c1", "clinic") == b"one"
    assert await keys.names("c1") == ("PAT_1", "clinic")
    assert await keys.names("c3") == ()


async def test_creates_at_once_agree_on_one_key(keys: SqlWrappedKeys, keys_url: str, ambient: Ambient) -> None:
    rival = await open_wrapped_keys(keys_url, ambient.now)
    try:
        for number in range(10):
            kept = await asyncio.gather(
                *(
                    side.create("c1", f"PAT_{number}", f"{who}".encode())
                    for who, side in enumerate((keys, rival, keys, rival))
                )
            )
            assert len(set(kept)) == 1
            assert await rival.get("c1", f"PAT_{number}") == kept[0]
    finally:
        await rival.close()


async def test_stores_opened_at_once_on_nothing_make_one_table(keys_url: str, ambient: Ambient) -> None:
    opened = await asyncio.gather(*(open_wrapped_keys(keys_url, ambient.now) for _ in range(4)))
    await opened[0].create("c1", "clinic", b"one")
    for side in opened:
        assert await side.get("c1", "clinic") == b"one"
        await side.close()


async def test_a_destroyed_key_never_comes_back(keys: SqlWrappedKeys, keys_url: str, ambient: Ambient) -> None:
    await keys.create("c1", "PAT_1", b"one")
    await keys.create("c1", "PAT_2", b"two")
    await keys.destroy("c1", "PAT_1")
    await keys.destroy("c1", "PAT_1")
    await keys.destroy("c1", "PAT_never")
    assert await keys.get("c1", "PAT_1") is None
    assert await keys.names("c1") == ("PAT_2",)
    assert await keys.destroyed("c1") == ("PAT_1", "PAT_never")
    assert await keys.destroyed("c2") == ()
    reopened = await open_wrapped_keys(keys_url, ambient.now)
    for name in ("PAT_1", "PAT_never"):
        with pytest.raises(ErasedError):
            await reopened.create("c1", name, b"again")
        with pytest.raises(ErasedError):
            await reopened.replace("c1", name, b"again")
    assert await reopened.create("c2", "PAT_1", b"another clinic's") == b"another clinic's"
    await reopened.close()


async def test_a_rotated_key_replaces_the_old_one(keys: SqlWrappedKeys) -> None:
    with pytest.raises(NotFoundError):
        await keys.replace("c1", "clinic", b"new")
    await keys.create("c1", "clinic", b"old")
    await keys.replace("c1", "clinic", b"new")
    assert await keys.get("c1", "clinic") == b"new"


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_no_file_keeps_a_trace_of_a_destroyed_key(keys: SqlWrappedKeys, tmp_path: Path) -> None:
    wrapped = {name: os.urandom(60) for name in ("PAT_1", "PAT_2", "PAT_3")}

    def traces(key: bytes) -> int:
        return sum(key in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    for name, key in wrapped.items():
        await keys.create("c1", name, key)
    assert traces(wrapped["PAT_2"]) == 1
    await keys.destroy("c1", "PAT_2")
    assert traces(wrapped["PAT_2"]) == 0
    assert traces(wrapped["PAT_1"]) == traces(wrapped["PAT_3"]) == 1


@pytest.mark.parametrize("records_backend", ["postgres"])
async def test_no_table_file_keeps_a_trace_of_a_destroyed_key(keys: SqlWrappedKeys, postgres: PostgresServer) -> None:
    wrapped = {name: os.urandom(60) for name in ("PAT_1", "PAT_2")}

    async def traces(key: bytes) -> int:
        await postgres.administer("CHECKPOINT")
        return sum(key in path.read_bytes() for path in (postgres.data / "base").rglob("*") if path.is_file())

    for name, key in wrapped.items():
        await keys.create("c1", name, key)
    assert await traces(wrapped["PAT_1"]) == 1
    await keys.destroy("c1", "PAT_1")
    assert await traces(wrapped["PAT_1"]) == 0
    assert await traces(wrapped["PAT_2"]) == 1


@pytest.mark.parametrize("records_backend", ["postgres"])
async def test_keys_have_a_schema_of_their_own(keys: SqlWrappedKeys, keys_url: str) -> None:
    """So that they can be backed up apart from the records."""
    await keys.create("c1", "clinic", b"one")
    connection = await asyncpg.connect(keys_url)
    assert await connection.fetchval("SELECT count(*) FROM auscult_keys.wrapped_keys") == 1
    await connection.close()


async def test_no_clear_key_and_no_master_key_lies_in_a_file(
    tmp_path: Path, master: KeyFileMaster, wrapped_keys: SqlWrappedKeys
) -> None:
    clear = os.urandom(32)
    await wrapped_keys.create(ClinicId("c1"), "clinic", await master.wrap(clear, b"c1"))
    secret = bytes.fromhex((tmp_path / "keys" / "master.key").read_text())
    for path in (tmp_path / "keys").iterdir():
        content = path.read_bytes()
        assert clear not in content
        assert secret not in content
