"""The disk fills up under a running clinic: it says so, harms nothing, and goes on when there is space again."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.audio import encoded, speech
from tests.support.patience import until
from tests.support.server_process import Orders, ServerProcess, running

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def visit() -> bytes:
    return encoded(speech("visit")[:, : 7 * 16000], "webm", "libopus", live="1")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Take all space but so many bytes."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(4096, free - leave))
    return ballast


async def assert_intact(server: ServerProcess, recording_id: str, sound: bytes) -> None:
    body = await server.recording(recording_id)
    assert body["status"] == "ready"
    assert (await server.client.get(f"/notes/{body['note_id']}")).status_code == 200
    assert (await server.client.get(f"/recordings/{recording_id}/transcript")).json()["turns"]
    assert (await server.client.get(f"/recordings/{recording_id}/audio")).content == sound


async def test_a_full_disk_refuses_uploads_with_a_remedy_and_harms_nothing(
    disk: Path, visit: bytes, tmp_path: Path
) -> None:
    orders = Orders(data=str(disk / "clinic"), script={})
    async with running(orders, tmp_path / "said") as server:
        earlier = await server.upload(visit)
        assert (await server.settled(earlier))["status"] == "ready"
        single, url = await server.opened()
        live = (await server.client.post("/recordings", json={"live": True})).json()["recording_id"]
        ballast = fill(disk, 64 * 1024)

        refused = await server.client.put(url, content=visit + bytes(MEGABYTE), headers={"Content-Type": "audio/webm"})
        assert refused.status_code == 507, refused.text
        assert refused.json()["code"] == "storage_full"
        assert "disk" in refused.json()["remedy"]
        slice_refused = await server.client.put(f"/recordings/{live}/chunks/0", content=visit + bytes(MEGABYTE))
        assert slice_refused.status_code == 507, slice_refused.text
        await assert_intact(server, earlier, visit)

        ballast.unlink()
        again = await server.client.put(url, content=visit, headers={"Content-Type": "audio/webm"})
        assert again.status_code == 200, again.text
        assert (await server.settled(single))["status"] == "ready"
        slice_taken = await server.client.put(f"/recordings/{live}/chunks/0", content=visit)
        assert slice_taken.status_code == 200, slice_taken.text
        await assert_intact(server, earlier, visit)
        await server.stop()


async def test_a_disk_that_fills_up_during_the_work_loses_nothing(disk: Path, tmp_path: Path) -> None:
    """The recording fits, its decoded sound does not: the work waits or fails, says why, and is done when it can be."""
    visit = encoded(speech("visit"), "webm", "libopus", live="1")
    orders = Orders(data=str(disk / "clinic"), script={})
    async with running(orders, tmp_path / "said") as server:
        recording_id, url = await server.opened()
        ballast = fill(disk, 512 * 1024)
        taken = await server.client.put(url, content=visit, headers={"Content-Type": "audio/webm"})
        assert taken.status_code == 200, taken.text

        # With the last bytes gone it may not even be able to note its failure: then it says so and waits for space.
        await until(
            lambda: re.search(r"Attempt 1 of job|SQLITE_FULL", server.text()) is not None, what="an attempt that fails"
        )
        assert (await server.recording(recording_id))["status"] != "ready"
        ballast.unlink()
        body = await server.settled(recording_id, seconds=120)
        if body["status"] == "failed":
            assert body["failure"]["code"] == "storage_full", body
            assert body["failure"]["remedy"]
            assert (await server.client.post(f"/recordings/{recording_id}/retry")).status_code == 202
            body = await server.settled(recording_id)
        assert body["status"] == "ready", body
        await assert_intact(server, recording_id, visit)
        await server.stop()
