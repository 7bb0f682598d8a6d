"""Making a backup while the clinic works.

The order is what makes it whole. Records and jobs are taken first, as of one moment; then objects, so that none is
missing that a record names; the wrapped keys last, so that none is missing that opens either. The manifest comes after
everything is on the disk, and only then the folder gets its name.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import auscult
from auscult.domain.ambient import Ambient
from auscult.domain.errors import InvalidError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.stores.backups import FORMAT, Databases, KeysManifest, Manifest, Part, RawObjects, Tell
from auscult.stores.backups.destination import OBJECTS, Destination, disk_errors
from auscult.stores.backups.ledger import LEDGER, add_erasures, read_erasures
from auscult.stores.backups.manifests import MANIFEST, with_key, write_manifest
from auscult.stores.backups.objects_copy import copy_objects
from auscult.stores.backups.sealed_parts import part_key, seal_part
from auscult.stores.secrets import MasterKey
from auscult.trust.sealing import KEY_BYTES, Keyring

FILES: Final = "files"
COPIES: Final = ("1", "2")
_SCRATCH: Final = ".backup"
_NOT_FILES: Final = {
    "master.key", "master.key.lock", "models", "workers", "objects", "address", "last-backup.json", LEDGER,
}  # fmt: skip
_NOT_SUFFIXES: Final = (".db", ".db-wal", ".db-shm", ".db-journal")
ASIDE: Final = "before-restore-"
"""What a restore moved aside in the data folder."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is backed up, and with which keys."""

    clinic_id: ClinicId
    data: Path
    databases: Databases
    objects: RawObjects
    master: MasterKey
    keyring: Keyring
    ambient: Ambient


async def write_backup(what: Deployment, to: Path, *, keep: int | None, tell: Tell) -> Manifest:
    """Make a backup in the folder `to`, and remove all but the newest `keep`. Cut short anywhere, it leaves none.

    Raises `InvalidError` for a folder inside the data folder, `ConflictError` while another backup is being made or
    for another clinic's folder, `StorageFullError`, `UnavailableError`.
    """
    destination, data = await asyncio.to_thread(lambda: (to.resolve(), what.data.resolve()))
    if destination.is_relative_to(data) or data.is_relative_to(destination):
        raise InvalidError(
            "A backup inside the data folder is lost with it.",
            remedy="Name a folder on another disk or another machine.",
        )
    if keep is not None and keep < 1:
        raise InvalidError("At least one backup has to be kept.", remedy="Give --keep a number from 1.")
    return await _Writing(what, Destination(destination), tell).run(keep)


class _Writing:
    """One backup being made."""

    def __init__(self, what: Deployment, to: Destination, tell: Tell) -> None:
        self._what = what
        self._to = to
        self._tell = tell
        self._id = what.ambient.new_id("BKP")
        self._key = what.ambient.secret(KEY_BYTES)
        self._draft = to.draft(self._id)

    async def run(self, keep: int | None) -> Manifest:
        with self._to.locked(), disk_errors(self._to.root):
            self._to.refuse_another_clinic(self._what.clinic_id)
            if self._to.ids() and self._to.ids()[-1] >= self._id:
                raise UnavailableError(
                    "The newest backup in this folder is of a later time than now.",
                    remedy="Correct this machine's clock, then make the backup again.",
                )
            self._to.tidy()
            self._draft.mkdir(mode=0o700)
            try:
                with _scratch(self._what.data) as scratch:
                    manifest = await self._make(scratch)
            finally:
                shutil.rmtree(self._draft, ignore_errors=True)
            self._to.tidy()
            if keep is not None:
                await self._to.prune(keep, self._what.master)
        return manifest

    async def _make(self, scratch: Path) -> Manifest:
        what, at = self._what, self._what.ambient.now()
        dumped = await what.databases.dump(scratch, what.clinic_id, self._tell)
        parts = []
        for name, path in dumped.files.items():
            parts.append(await self._seal_file(name, path))
            path.unlink()
        listing = scratch / "objects.jsonl"
        before = await self._to.newest_list(what.master)
        copied = await copy_objects(
            what.objects, what.clinic_id, folder=self._to.objects, to_list=listing, before=before, tell=self._tell
        )
        parts.append(await self._seal_file(OBJECTS, listing))
        tar = scratch / "files.tar"
        await asyncio.to_thread(_pack_files, what.data, tar)
        parts.append(await self._seal_file(FILES, tar))
        await self._keep_ledger()
        await self._put_keys(at)
        manifest = Manifest(
            format=FORMAT,
            id=self._id,
            clinic_id=what.clinic_id,
            at=at,
            finished_at=what.ambient.now(),
            version=auscult.__version__,
            database=what.databases.kind,
            schema_revision=dumped.schema_revision,
            parts=tuple(parts),
            counts=dict(dumped.counts),
            objects=copied.objects,
            object_bytes=copied.total_bytes,
            copied_bytes=copied.copied_bytes,
            wrapped_key="",
        )
        # The objects were copied without waiting for the disk after each; now everything is waited for at once.
        await asyncio.to_thread(os.sync)
        write_manifest(self._draft / MANIFEST, await with_key(manifest, self._key, what.master))
        self._draft.rename(self._to.folder(self._id))
        await asyncio.to_thread(_sync_folder, self._to.root)
        return manifest

    async def _keep_ledger(self) -> None:
        key = await self._what.keyring.derive(self._what.clinic_id, "erasures")
        here = self._what.data / LEDGER
        known = [*await self._what.keyring.erasures(self._what.clinic_id), *read_erasures(here, key)]
        for ledger in (here, self._to.root / LEDGER):
            add_erasures(ledger, key, known)

    async def _put_keys(self, at: datetime) -> None:
        keys = await self._what.databases.dump_keys()
        self._to.keys.mkdir(exist_ok=True, mode=0o700)
        for copy in COPIES:
            name = f"{self._id}.{copy}"
            part = await self._seal(name, BytesIO(keys), self._to.keys / f"{name}.sealed", len(keys))
            manifest = KeysManifest(
                format=FORMAT, id=self._id, clinic_id=self._what.clinic_id, at=at, part=part, wrapped_key=""
            )  # fmt: skip
            write_manifest(self._to.keys / f"{name}.json", await with_key(manifest, self._key, self._what.master))

    async def _seal_file(self, name: str, path: Path) -> Part:
        with path.open("rb") as clear:
            size = os.fstat(clear.fileno()).st_size
            return await self._seal(name, clear, self._draft / f"{name}.sealed", size)

    async def _seal(self, name: str, clear: IO[bytes], to: Path, size: int) -> Part:
        key = part_key(self._key, self._id, name)
        sealing = seal_part(name, clear, to, key, self._what.ambient.secret)
        while True:
            # Block by block, so that it can be stopped between two.
            done = await asyncio.to_thread(next, sealing)
            if isinstance(done, Part):
                return done
            self._tell(f"sealing {name.partition('.')[0]}", done / size if size else 1.0)


@contextmanager
def _scratch(data: Path) -> Iterator[Path]:
    """A folder beside what is dumped, for what is not sealed yet. What a crash left there is removed first."""
    folder = data / _SCRATCH
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _pack_files(data: Path, to: Path) -> None:
    """Everything else in the data folder, but never the master key."""
    with tarfile.open(to, "w") as tar:
        for top in sorted(data.iterdir()):
            if top.name in _NOT_FILES or top.name.startswith((".", ASIDE)) or top.name.endswith(_NOT_SUFFIXES):
                continue
            for path in [top, *sorted(top.rglob("*"))] if top.is_dir() else [top]:
                if path.is_file() and not path.is_symlink():
                    tar.add(path, arcname=str(path.relative_to(data)), recursive=False)
