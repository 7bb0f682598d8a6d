"""A backup as it is restored: checked whole before anything is touched, then unpacked."""

from __future__ import annotations

import asyncio
import os
import shutil
import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Final

from auscult.domain.errors import AuscultError, ConflictError, StorageFullError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.stores.backups import Databases, KeysManifest, Manifest, Part, RawObjects, Tell
from auscult.stores.backups.destination import OBJECTS, Destination, disk_errors
from auscult.stores.backups.ledger import LEDGER, read_erasures
from auscult.stores.backups.manifests import key_of
from auscult.stores.backups.objects_copy import check_copy, put_object
from auscult.stores.backups.sealed_parts import check_file, damaged, open_part, part_key
from auscult.stores.backups.writing import FILES
from auscult.stores.records.schema import REVISIONS
from auscult.stores.secrets import Erasure, MasterKey

_MARGIN: Final = 64 << 20


class SavedBackup:
    """One finished backup that opens with this machine's master key."""

    def __init__(self, destination: Destination, manifest: Manifest, key: bytes, master: MasterKey) -> None:
        """Use `SavedBackup.open`."""
        self._manifest = manifest
        self._at = destination
        self._key = key
        self._master = master

    @property
    def manifest(self) -> Manifest:
        """What it holds."""
        return self._manifest

    @classmethod
    async def open(cls, source: Path, master: MasterKey, clinic_id: ClinicId | None) -> SavedBackup:
        """Find it and prove what it says of itself.

        Raises `NotFoundError` when there is none, `ConflictError` for another clinic's, `ErasedError` for another
        master key, `UnavailableError` for one that was changed or that a newer Auscult made.
        """
        destination, backup_id = Destination.of(source)
        manifest = destination.manifest(backup_id)
        if clinic_id is not None and manifest.clinic_id != clinic_id:
            raise ConflictError(
                f"This backup is of clinic {manifest.clinic_id}, and this machine is set up for {clinic_id}.",
                remedy="Restore it on a machine of that clinic, or into an empty folder with --data.",
            )
        if manifest.schema_revision not in REVISIONS:
            raise UnavailableError(
                "This backup was made by a newer version of Auscult.",
                remedy=f"Install version {manifest.version} or a later one on this machine, then restore it.",
            )
        return cls(destination, manifest, await key_of(manifest, master), master)

    async def check(self, tell: Tell) -> None:
        """Compare every file with its hash. Raises `UnavailableError` at the first that is not as it was written."""
        for part in self.manifest.parts:
            await asyncio.to_thread(check_file, self._path(part), part.size, part.sha256)
        await self._keys()
        for done, listed in enumerate(self._at.listed(self.manifest, self._key), 1):
            await asyncio.to_thread(check_copy, self._at.objects, listed)
            tell("checking objects", done / max(1, self.manifest.objects))

    def check_space(self, folder: Path) -> None:
        """Raise `StorageFullError` unless it fits on the disk of that folder."""
        there = next(path for path in (folder, *folder.parents) if path.exists())
        needed = sum(part.clear_size for part in self.manifest.parts) + self.manifest.object_bytes + _MARGIN
        free = shutil.disk_usage(there).free
        if free < needed:
            raise StorageFullError(
                f"The backup needs {needed / 1e9:.1f} GB and the disk of {folder} has {free / 1e9:.1f} GB free.",
                remedy="Free space, or restore into a folder on another disk with --data.",
            )

    async def unpack(self, folder: Path, databases: Databases, tell: Tell) -> None:
        """Put files into the folder and load the databases. Raises `ConflictError` when they are not empty."""
        if databases.kind != self.manifest.database:
            raise ConflictError(
                f"This backup is of {self.manifest.database}, and this machine is set up for {databases.kind}.",
                remedy="Set AUSCULT_RECORDS_URL to an empty PostgreSQL database, or leave it empty for SQLite.",
            )
        await databases.check_empty()
        scratch = folder / ".unpacking"
        with disk_errors(folder):
            scratch.mkdir(parents=True, mode=0o700)
            files = {}
            for part in self.manifest.parts:
                if part.name != OBJECTS:
                    files[part.name] = await self._opened(part, scratch / f"{part.name}.dump", tell)
            await asyncio.to_thread(_unpack_files, files.pop(FILES), folder)
            await databases.load(files, await self._keys())
            shutil.rmtree(scratch)

    async def put_objects(self, target: RawObjects, skip: Collection[str], tell: Tell) -> int:
        """Put the objects back, but those of the subjects to `skip`; return how many."""
        done = 0
        for listed in self._at.listed(self.manifest, self._key):
            if listed.subject not in skip:
                await put_object(target, self.manifest.clinic_id, self._at.objects, listed)
                done += 1
                tell("objects", done / max(1, self.manifest.objects))
        return done

    def erasures(self, key: bytes) -> list[Erasure]:
        """Who was erased, as the ledger beside the backups knows. `key` proves it."""
        return read_erasures(self._at.root / LEDGER, key)

    async def _keys(self) -> bytes:
        """The newest wrapped keys of the destination: from the first copy that is as it was written."""
        problem: AuscultError = damaged("The store of wrapped keys", "is missing")
        for path in self._at.keys_manifests():
            try:
                manifest: KeysManifest = self._at.read_keys_manifest(path)
                key = await key_of(manifest, self._master)
                file = path.with_suffix(".sealed")
                check_file(file, manifest.part.size, manifest.part.sha256)
                named = part_key(key, manifest.id, manifest.part.name)
                if manifest.clinic_id == self.manifest.clinic_id and manifest.id >= self.manifest.id:
                    return b"".join(open_part(manifest.part, file, named))
            except AuscultError as error:
                problem = error
        raise problem

    async def _opened(self, part: Part, to: Path, tell: Tell) -> Path:
        chunks = open_part(part, self._path(part), part_key(self._key, self.manifest.id, part.name))
        done = 0
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                file.write(chunk)
                done += len(chunk)
                tell(f"opening {part.name}", done / max(1, part.clear_size))
        return to

    def _path(self, part: Part) -> Path:
        return self._at.folder(self.manifest.id) / f"{part.name}.sealed"


def _unpack_files(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            data = tar.extractfile(member) if member.isfile() else None
            if data is None or name.is_absolute() or ".." in name.parts:
                continue
            to = folder / name
            to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            to.write_bytes(data.read())
            to.chmod(0o700 if member.mode & 0o100 else 0o600)
    archive.unlink()
