"""What the folder store promises beyond the contract: our own signed URLs, permissions, a full disk, a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auscult.domain.ambient import Ambient
from auscult.domain.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    StorageFullError,
    UnavailableError,
)
from auscult.domain.ids import UNFILED, ClinicId
from auscult.stores.objects import UploadGrant
from auscult.stores.objects.folder import open_folder
from auscult.stores.secrets.sql_keys import SqlWrappedKeys
from auscult.trust.sealing import Keyring
from tests.contracts.conftest import FolderMedium, Store, all_keys, keep, whole
from tests.support.world import Clock

KEY = "uploads/0b8f7c7e-0000-4000-8000-000000000001.webm"
TYPE = "audio/webm;codecs=opus"


async def link(store: Store, clinic_id: ClinicId) -> str:
    return await store.vault.of(clinic_id).upload_url(KEY, content_type=TYPE, expires_in=300, max_bytes=1000)


async def test_a_link_grants_what_was_asked_until_it_expires(
    folder_store: Store, clinic_id: ClinicId, clock: Clock
) -> None:
    url = await link(folder_store, clinic_id)
    assert url.startswith(f"/objects/put/{clinic_id}/{KEY}?")
    until = clock() + timedelta(seconds=300)
    assert await folder_store.vault.verify_upload(url) == UploadGrant(clinic_id, KEY, TYPE, until, 1000)
    clock.advance(299)
    await folder_store.vault.verify_upload(url)
    clock.advance(1)
    with pytest.raises(GoneError) as gone:
        await folder_store.vault.verify_upload(url)
    assert gone.value.remedy


async def test_a_link_takes_one_put(folder_store: Store, clinic_id: ClinicId) -> None:
    """The whole way a PUT goes: verified, stored, reported by `adopt`; the same link again is a conflict."""
    url = await link(folder_store, clinic_id)
    grant = await folder_store.vault.verify_upload(url)
    objects = folder_store.vault.of(grant.clinic_id)
    assert await objects.adopt(KEY, content_type=TYPE, subject=UNFILED, max_bytes=1000) is None
    info = await keep(objects, grant.key, b"sound", content_type=grant.content_type)
    assert await objects.adopt(KEY, content_type=TYPE, subject=UNFILED, max_bytes=1000) == info
    again = await folder_store.vault.verify_upload(url)
    with pytest.raises(ConflictError):
        await keep(objects, again.key, b"other sound")
    assert await whole(objects, KEY) == b"sound"


def altered(url: str, other_clinic_id: ClinicId) -> Iterator[tuple[str, str]]:
    path, query = urlsplit(url).path, dict(parse_qsl(urlsplit(url).query))
    changed = {
        "expires": str(int(query["expires"]) + 1),
        "type": "text/html",
        "max": "1000000",
        "signature": query["signature"][:-1] + ("0" if query["signature"][-1] != "0" else "1"),
    }
    for field, value in changed.items():
        yield field, f"{path}?{urlencode({**query, field: value})}"
        yield f"no {field}", f"{path}?{urlencode({name: each for name, each in query.items() if name != field})}"
        yield f"two {field}", f"{url}&{urlencode({field: query[field]})}"
        yield f"empty {field}", f"{path}?{urlencode({**query, field: ''})}"
    yield "key", url.replace("0001.webm", "0002.webm")
    yield "longer key", url.replace("0001.webm", "0001.webm/x")
    yield "path trick", url.replace("uploads/", "uploads/../uploads/")
    yield "encoded path trick", url.replace("uploads/", "uploads/%2e%2e/uploads/")
    yield "clinic", f"/objects/put/{other_clinic_id}/{KEY}?{urlencode(query)}"
    yield "unknown clinic", f"/objects/put/CLN_01JN0000AV0000000000000099/{KEY}?{urlencode(query)}"
    yield "route", url.replace("/objects/put/", "/objects/get/")
    yield "extra", f"{url}&x=1"
    yield "no query", path
    yield "upper case", f"{path}?{urlencode({**query, 'signature': query['signature'].upper()})}"
    yield "digits of another script", f"{path}?{urlencode({**query, 'max': '१०००'})}"
    yield "zeros before", f"{path}?{urlencode({**query, 'max': '01000'})}"
    yield "a shifted field", f"{path}?{urlencode({**query, 'type': TYPE + chr(10) + '1000'})}"
    yield "far too long", url + "&" + "x" * 5000


async def test_a_link_altered_anywhere_is_forbidden(
    folder_store: Store, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    await link(folder_store, other_clinic_id)
    url = await link(folder_store, clinic_id)
    checked = 0
    for what, bad in altered(url, other_clinic_id):
        with pytest.raises(ForbiddenError):
            pytest.fail(f"{what}: {await folder_store.vault.verify_upload(bad)}")
        checked += 1
    assert checked > 25
    await folder_store.vault.verify_upload(url)


async def test_an_expired_link_that_was_altered_is_forbidden_rather_than_gone(
    folder_store: Store, clinic_id: ClinicId, clock: Clock
) -> None:
    url = await link(folder_store, clinic_id)
    clock.advance(1000)
    with pytest.raises(ForbiddenError):
        await folder_store.vault.verify_upload(url.replace("max=1000", "max=1001"))


async def test_a_link_survives_other_spellings_of_the_same_url(folder_store: Store, clinic_id: ClinicId) -> None:
    """Proxies and clients may re-encode a URL or reorder its fields; what it says is the same."""
    url = await link(folder_store, clinic_id)
    path, fields = urlsplit(url).path, parse_qsl(urlsplit(url).query)
    respelt = f"{quote(path, safe='/').replace('webm', '%77ebm')}?{urlencode(fields[::-1], quote_via=quote)}"
    assert respelt != url
    assert (await folder_store.vault.verify_upload(respelt)).key == KEY


@given(text=st.text(max_size=80), position=st.integers(0, 400))
@example(text="%00", position=20)
@example(text="%ff%fe", position=20)
@settings(
    max_examples=60,
    suppress_health_check=[*settings().suppress_health_check, HealthCheck.function_scoped_fixture],
)
async def test_a_link_with_anything_pasted_into_it_is_forbidden(
    folder_store: Store, clinic_id: ClinicId, text: str, position: int
) -> None:
    url = await link(folder_store, clinic_id)
    bad = url[: position % len(url)] + text + url[position % len(url) :]
    if bad == url:
        return
    try:
        grant = await folder_store.vault.verify_upload(bad)
    except ForbiddenError:
        return
    assert grant == await folder_store.vault.verify_upload(url)  # an empty field pasted in: "&&"


async def test_strangers_cannot_make_us_create_keys_for_clinics_they_invent(
    folder_store: Store, wrapped_keys: SqlWrappedKeys
) -> None:
    invented = "CLN_01JN0000AV0000000000000098"
    with pytest.raises(ForbiddenError):
        await folder_store.vault.verify_upload(
            f"/objects/put/{invented}/a?" + urlencode({"expires": "9", "type": "a/b", "max": "9", "signature": "00"})
        )
    assert await wrapped_keys.names(invented) == ()


async def test_only_the_owner_may_look_into_files_and_folders(folder_store: Store, clinic_id: ClinicId) -> None:
    before = os.umask(0)
    try:
        await keep(folder_store.vault.of(clinic_id), "a/b/c", b"x")
    finally:
        os.umask(before)
    assert isinstance(folder_store.medium, FolderMedium)
    root = folder_store.medium.root
    for path in (root, *root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


async def test_folders_that_are_empty_go_with_their_last_object(folder_store: Store, clinic_id: ClinicId) -> None:
    objects = folder_store.vault.of(clinic_id)
    await keep(objects, "a/b/c", b"x")
    await keep(objects, "a/d", b"x")
    await objects.delete("a/b/c")
    assert isinstance(folder_store.medium, FolderMedium)
    assert [path.name for path in (folder_store.medium.root / clinic_id).rglob("*") if path.is_dir()] == ["a"]
    await asyncio.gather(objects.delete("a/d"), *(keep(objects, f"a/e{n}", b"x") for n in range(20)))
    assert len(await all_keys(objects)) == 20


async def test_two_processes_agree_on_who_was_first(
    folder_store: Store, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient
) -> None:
    """Two stores on one folder, as two processes have them: locks are the file system's, not ours."""
    assert isinstance(folder_store.medium, FolderMedium)
    second = open_folder(folder_store.medium.root, keyring=keyring, ambient=ambient)
    try:
        for number in range(10):
            ended = await asyncio.gather(
                keep(folder_store.vault.of(clinic_id), f"k{number}", b"one"),
                keep(second.of(clinic_id), f"k{number}", b"two"),
                return_exceptions=True,
            )
            assert sorted(type(each).__name__ for each in ended) == ["ConflictError", "ObjectInfo"]
    finally:
        await second.close()


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root; the test with a limited process covers this machine")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_is_said_so_and_harms_nothing(
    tmp_path: Path, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient
) -> None:
    with small_disk(tmp_path / "disk", "size=2m") as disk:
        vault = open_folder(disk, keyring=keyring, ambient=ambient)
        objects = vault.of(clinic_id)
        try:
            await keep(objects, "small", b"kept")
            for key, overwrite in (("large", False), ("small", True)):
                with pytest.raises(StorageFullError) as full:
                    await keep(objects, key, bytes(6 << 20), overwrite=overwrite)
                assert "disk" in full.value.remedy
            assert len(FolderMedium(disk).addresses()) == 2
            assert await all_keys(objects) == ["small"]
            assert await whole(objects, "small") == b"kept"
            await keep(objects, "other", b"there is room for this")
            (disk / "filler").write_bytes(b"")
            with pytest.raises(OSError), (disk / "filler").open("wb") as filler:  # noqa: PT012 - fills what is left
                while True:
                    filler.write(bytes(4096))
                    filler.flush()
            with pytest.raises(UnavailableError):
                await vault.ready()
        finally:
            await vault.close()


async def test_a_disk_that_fills_up_between_the_bytes_and_the_record_keeps_neither(
    tmp_path: Path, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient
) -> None:
    """A disk with room for only so many files runs out at every step of a put in turn."""
    outcomes = []
    for files in range(2, 9):
        with small_disk(tmp_path / f"disk{files}", f"size=1m,nr_inodes={files}") as disk:
            vault = open_folder(disk, keyring=keyring, ambient=ambient)
            try:
                await keep(vault.of(clinic_id), "a/b", b"x")
                outcomes.append("kept")
                assert await whole(vault.of(clinic_id), "a/b") == b"x"
            except StorageFullError:
                outcomes.append("full")
                assert FolderMedium(disk).addresses() == []
            finally:
                await vault.close()
    assert outcomes == sorted(outcomes)
    assert {"full", "kept"} == set(outcomes)


LIMITED = """
import asyncio, os, resource, sys, time
from pathlib import Path
from auscult.domain.ambient import Ambient
from auscult.domain.errors import StorageFullError
from auscult.domain.ids import UNFILED
from auscult.stores.objects.folder import open_folder
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.sql_keys import open_wrapped_keys
from auscult.trust.sealing import Keyring
from datetime import UTC, datetime

root, clinic, action = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

async def pieces(count):
    for _ in range(count):
        yield bytes(1 << 20)
    if action == "stop halfway":
        print("halfway", flush=True)
        await asyncio.Event().wait()

async def main():
    now = lambda: datetime.now(UTC)
    wrapped = await open_wrapped_keys(f"sqlite:///{root}/keys/keys.db", now)
    keyring = Keyring(KeyFileMaster.open(root / "keys/master.key", os.urandom), wrapped, secret=os.urandom,
                      monotonic=time.monotonic)
    vault = open_folder(root / "objects", keyring=keyring, ambient=Ambient(now, str, float, os.urandom))
    objects = vault.of(clinic)
    put = dict(content_type="audio/wav", subject=UNFILED, max_bytes=1 << 30)
    await objects.put("small", pieces(1) if action == "limit" else once(), overwrite=True, **put)
    if action == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))
    try:
        await objects.put("large", pieces(5), **put)
    except StorageFullError as error:
        print("full:", error.remedy, flush=True)
    print([key async for key in objects.keys("")], sum(p.is_file() for p in (root / "objects").rglob("*")), flush=True)
    await vault.close()
    await wrapped.close()

async def once():
    yield b"small"

asyncio.run(main())
"""


def start(tmp_path: Path, clinic_id: ClinicId, action: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", LIMITED, str(tmp_path), clinic_id, action], stdout=subprocess.PIPE, text=True
    )


def test_a_process_that_may_not_write_more_says_so_and_leaves_nothing(tmp_path: Path, clinic_id: ClinicId) -> None:
    """RLIMIT_FSIZE: the system refuses in the middle of a file, on any machine and without root."""
    process = start(tmp_path, clinic_id, "limit")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.startswith("full: Free disk space")
    assert said.endswith("['small'] 2\n")


async def test_a_process_killed_in_the_middle_of_a_put_leaves_nothing_that_can_be_seen(
    folder_store: Store, tmp_path: Path, clinic_id: ClinicId, clock: Clock
) -> None:
    """Kill -9 halfway: the half object is invisible, its bytes are swept, the key can be put again."""
    process = start(tmp_path, clinic_id, "stop halfway")
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "halfway\n"
        process.send_signal(signal.SIGKILL)
    objects = folder_store.vault.of(clinic_id)
    assert await all_keys(objects) == ["small"]
    assert await objects.head("large") is None
    assert len(folder_store.medium.addresses()) == 3
    clock.advance(10 * 365 * 24 * 3600)
    assert await folder_store.vault.sweep(timedelta(days=1)) == 1
    assert len(folder_store.medium.addresses()) == 2
    assert await whole(objects, "small") == b"small"
    await keep(objects, "large", b"again")


async def test_a_folder_that_cannot_be_made_is_said_so(keyring: Keyring, ambient: Ambient) -> None:
    vault = open_folder(Path("/proc/objects"), keyring=keyring, ambient=ambient)
    with pytest.raises(UnavailableError):
        await vault.ready()
    await vault.close()


async def test_a_path_that_is_no_folder_is_said_so(
    tmp_path: Path, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient
) -> None:
    (tmp_path / "file").write_bytes(b"")
    vault = open_folder(tmp_path / "file" / "objects", keyring=keyring, ambient=ambient)
    with pytest.raises(UnavailableError) as unavailable:
        await vault.ready()
    assert "folder" in unavailable.value.remedy
    with pytest.raises(UnavailableError):
        await keep(vault.of(clinic_id), "a", b"x")
    await vault.close()


async def test_a_stream_that_never_comes_does_not_hold_up_others(folder_store: Store, clinic_id: ClinicId) -> None:
    """More stalled uploads than there are threads, and a read is answered all the same."""
    objects = folder_store.vault.of(clinic_id)
    await keep(objects, "a", b"sound")

    async def stalled() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    puts = [
        asyncio.ensure_future(objects.put(f"s{n}", stalled(), content_type="audio/wav", subject=UNFILED, max_bytes=10))
        for n in range(30)
    ]
    async with asyncio.timeout(20):
        assert await whole(objects, "a") == b"sound"
    for put in puts:
        put.cancel()
    await asyncio.gather(*puts, return_exceptions=True)
    assert len(folder_store.medium.addresses()) == 2
