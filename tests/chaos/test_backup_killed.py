"""The power goes while a backup is made, or restored: what is left is no backup, no clinic, and no obstacle."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from auscult.clinic import restoring, safekeeping
from auscult.domain.errors import NotFoundError, UnavailableError
from auscult.settings import Settings
from tests.flows.conftest import Quiet, quiet  # noqa: F401 - a fixture is used by naming it
from tests.flows.test_backup import keep, nothing

SCRIPT = """
import asyncio, json, os, signal, sys
from pathlib import Path
from auscult.clinic import restoring, safekeeping
from auscult.settings import Settings
from auscult.stores.backups import objects_copy, writing, reading, sqlite_databases

POINTS = {
    "databases are dumped": (sqlite_databases, "_copy"),
    "a part is sealed": (writing, "seal_part"),
    "objects are copied": (objects_copy, "_copy_bytes"),
    "keys are written": (writing, "write_manifest"),
    "the manifest is written": (os, "sync"),
    "old backups go": (writing.Destination, "prune"),
    "parts are opened": (reading, "open_part"),
    "objects are put back": (reading, "put_object"),
    "it is marked ready": (restoring, "_move_into_place"),
}

def die(*args, **named):
    os.kill(os.getpid(), signal.SIGKILL)

def run(what, point, data, folder):
    setattr(*POINTS[point], die)
    settings, tell = Settings(data=Path(data)), lambda what, fraction: None
    if what == "backup":
        asyncio.run(safekeeping.back_up(settings, Path(folder), keep=1, tell=tell))
    else:
        asyncio.run(restoring.restore(settings, Path(folder), tell=tell))

# Everything is imported once; each order is carried out by a child, which is killed.
for order in sys.stdin:
    child = os.fork()
    if not child:
        run(*json.loads(order))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

Killed = Callable[[str, str, Path, Path], None]


@pytest.fixture(scope="module")
def killed() -> Iterator[Killed]:
    """Makes or restores a backup in a process that is killed at a point."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdin is not None
    assert process.stdout is not None
    orders, answers = process.stdin, process.stdout

    def kill(what: str, point: str, data: Path, folder: Path) -> None:
        orders.write(json.dumps([what, point, str(data), str(folder)]) + "\n")
        assert int(answers.readline()) == -signal.SIGKILL, f"not killed when {point}"

    yield kill
    orders.close()
    process.wait(20)
    answers.close()


@pytest.fixture
def records_backend() -> str:
    return "sqlite"


BACKUP_POINTS = [
    "databases are dumped", "a part is sealed", "objects are copied", "keys are written", "the manifest is written",
    "old backups go",
]  # fmt: skip


async def test_a_backup_that_was_killed_anywhere_is_none_and_the_next_one_is_whole(
    quiet: Quiet,  # noqa: F811 - the fixture of that name
    killed: Killed,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        await keep(here, 1)
        data = here.clinic.settings.data
        for point in BACKUP_POINTS[:-1]:
            killed("backup", point, data, folder)
            assert list(folder.glob("BKP_*")) == [], point
            with pytest.raises(NotFoundError):
                await restoring.drill(here.clinic.settings, folder, tell=nothing)
        first = await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        await keep(here, 2)
        for point in BACKUP_POINTS[:-1]:
            killed("backup", point, data, folder)
            assert [path.name for path in folder.glob("BKP_*")] == [first.id], point
        drilled = await restoring.drill(here.clinic.settings, folder, tell=nothing)
        assert drilled.restored.manifest.id == first.id
        killed("backup", BACKUP_POINTS[-1], data, folder)
        drilled = await restoring.drill(here.clinic.settings, folder, tell=nothing)
        assert drilled.restored.manifest.id > first.id, "it had its manifest already"
        last = await safekeeping.back_up(here.clinic.settings, folder, keep=1, tell=nothing)
        assert sorted(path.name for path in folder.iterdir()) == [".lock", last.id, "keys", "objects"]
        assert not (data / ".backup").exists()


async def test_a_restore_that_was_killed_is_done_again_or_finished(
    quiet: Quiet,  # noqa: F811 - the fixture of that name
    killed: Killed,
    tmp_path: Path,
) -> None:
    folder, other = tmp_path / "backups", tmp_path / "other"
    async with quiet() as here:
        await keep(here, 1)
        await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        other.mkdir()
        shutil.copy(here.clinic.settings.data / "master.key", other)
    settings = Settings(data=other)
    for point in ("parts are opened", "objects are put back"):
        killed("restore", point, other, folder)
        assert {path.name for path in other.iterdir()} <= {".restore", "master.key"}, point
    done = await restoring.restore(settings, folder, tell=nothing)
    assert done is not None
    assert done.objects == 1
    for path in other.iterdir():
        if path.name != "master.key":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    killed("restore", "it is marked ready", other, folder)
    with pytest.raises(UnavailableError, match="cut short"):
        async with quiet(data=other):
            pass
    assert await restoring.restore(settings, folder, tell=nothing) is None, "it finishes what it began"
    async with quiet(data=other) as here:
        assert (await here.client.get("/patients")).json()["items"] != []


async def test_ctrl_c_ends_a_backup_without_a_trace(quiet: Quiet, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    folder = tmp_path / "backups"
    async with quiet() as here:
        await keep(here, 1)
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(_what: str, _fraction: float) -> None:
            loop.call_soon_threadsafe(begun.set)

        making = asyncio.create_task(safekeeping.back_up(here.clinic.settings, folder, tell=tell))
        await begun.wait()
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert list(folder.glob("**/manifest.json")) == list(folder.glob(".draft*")) == []
        assert not (here.clinic.settings.data / ".backup").exists()
        assert not (here.clinic.settings.data / "last-backup.json").exists()


async def test_a_full_disk_ends_a_backup_with_a_remedy_and_the_older_one_stays(
    quiet: Quiet,  # noqa: F811 - the fixture of that name
    tmp_path: Path,
) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        await keep(here, 1)
        first = await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        await keep(here, 2, size=400_000)
        # A limit on the size of a file stands for the disk: the system says EFBIG, as it says ENOSPC.
        limited = (
            "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000));"
            "from auscult.cli import main; sys.argv = ['auscult', 'backup', sys.argv[1]]; main()"
        )
        environment = {**os.environ, "AUSCULT_DATA": str(here.clinic.settings.data)}
        done = subprocess.run(
            [sys.executable, "-c", limited, str(folder)], env=environment, capture_output=True, timeout=60, check=False
        )
        said = done.stderr.decode()
        assert done.returncode == 1, said
        assert "No space left" in said
        assert "Free space" in said
        assert [path.name for path in folder.glob("BKP_*")] == [first.id]
        note = json.loads((here.clinic.settings.data / "last-backup.json").read_text())
        assert note["id"] == first.id
