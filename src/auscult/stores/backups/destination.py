"""A folder of backups: which there are, whose turn it is, and what goes when it is old."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from auscult.domain.errors import AuscultError, ConflictError, NotFoundError, StorageFullError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.stores.backups import KeysManifest, Manifest
from auscult.stores.backups.manifests import MANIFEST, key_of, read_manifest
from auscult.stores.backups.objects_copy import Listed, lines, remove_unlisted
from auscult.stores.backups.sealed_parts import damaged, open_part, part_key
from auscult.stores.secrets import MasterKey

OBJECTS: Final = "objects"
KEYS: Final = "keys"
_PREFIX: Final = "BKP_"
_DRAFT: Final = ".draft-"
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Destination:
    """One folder of backups of one clinic."""

    def __init__(self, root: Path) -> None:
        """Take the folder, which need not exist yet."""
        self.root = root
        self.objects = root / OBJECTS
        self.keys = root / KEYS

    @classmethod
    def of(cls, source: Path) -> tuple[Destination, str]:
        """The destination and the id of the backup that `source` names: one backup's folder, or all: the newest one.

        Raises `NotFoundError` when there is none.
        """
        if (source / MANIFEST).is_file():
            return cls(source.resolve().parent), source.resolve().name
        found = cls(source).ids()
        if not found:
            raise NotFoundError(
                "There is no finished backup in that folder.",
                remedy="Name the folder that was given to `auscult backup`, or one of the BKP_ folders in it.",
            )
        return cls(source), found[-1]

    def ids(self) -> list[str]:
        """The finished backups, the oldest first: their ids sort by time."""
        return sorted(path.parent.name for path in self.root.glob(f"{_PREFIX}*/{MANIFEST}"))

    def folder(self, backup_id: str) -> Path:
        """Where a finished backup lies."""
        return self.root / backup_id

    def draft(self, backup_id: str) -> Path:
        """Where one lies while it is made."""
        return self.root / f"{_DRAFT}{backup_id}"

    def manifest(self, backup_id: str) -> Manifest:
        """What a backup says of itself. Raises `UnavailableError`."""
        manifest = read_manifest(self.folder(backup_id) / MANIFEST, Manifest)
        if manifest.id != backup_id:
            raise damaged(MANIFEST, "belongs to another")
        return manifest

    def keys_manifests(self) -> list[Path]:
        """What opens each copy of the wrapped keys, the newest first; of one backup, the first copy first."""
        found = sorted(self.keys.glob(f"{_PREFIX}*.json"))
        return sorted(found, key=lambda path: path.name.split(".")[0], reverse=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """For one backup at a time. Makes the folder. Raises `ConflictError` while another is being made."""
        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = (self.root / ".lock").open("a")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConflictError(
                    "Another backup is being written to this folder.", remedy="Wait until it has finished."
                ) from error
            yield

    def refuse_another_clinic(self, clinic_id: ClinicId) -> None:
        """Raise `ConflictError` when the folder holds another clinic's backups, `UnavailableError` for newer ones."""
        for backup_id in self.ids()[-1:]:
            if self.manifest(backup_id).clinic_id != clinic_id:
                raise ConflictError(
                    "This folder holds the backups of another clinic.", remedy="Give each clinic a folder of its own."
                )

    def tidy(self) -> None:
        """Remove what was cut short, and wrapped keys older than the newest backup's."""
        for path in self.root.glob(f"{_DRAFT}*"):
            shutil.rmtree(path)
        newest = self.ids()[-1:]
        for path in self.keys.glob("*"):
            if path.name.split(".")[0] not in newest:
                path.unlink()

    async def prune(self, keep: int, master: MasterKey) -> int:
        """Remove all but the newest `keep` backups, and the objects that only they had; return how many went.

        Objects stay when the list of a backup that stays cannot be read.
        """
        gone = self.ids()[: -max(1, keep)]
        for backup_id in gone:
            # Without its manifest it is none, whatever of it is left by a crash.
            (self.folder(backup_id) / MANIFEST).unlink()
            shutil.rmtree(self.folder(backup_id))
        for path in self.root.glob(f"{_PREFIX}*"):
            if path.is_dir() and not (path / MANIFEST).exists():
                shutil.rmtree(path)
        wanted: set[str] = set()
        for backup_id in self.ids():
            manifest = self.manifest(backup_id)
            wanted |= {listed.address for listed in self.listed(manifest, await key_of(manifest, master))}
        remove_unlisted(self.objects, wanted)
        return len(gone)

    def listed(self, manifest: Manifest, key: bytes) -> Iterator[Listed]:
        """The objects of a backup, in the order of their addresses. Raises `UnavailableError` when it is damaged."""
        part = next(part for part in manifest.parts if part.name == OBJECTS)
        path = self.folder(manifest.id) / f"{OBJECTS}.sealed"
        return lines(open_part(part, path, part_key(key, manifest.id, OBJECTS)))

    async def newest_list(self, master: MasterKey) -> Iterator[Listed]:
        """The objects of the newest backup, in order; nothing when there is none that can be read."""
        for backup_id in self.ids()[-1:]:
            try:
                manifest = self.manifest(backup_id)
                return iter(list(self.listed(manifest, await key_of(manifest, master))))
            except AuscultError:
                break  # then everything is copied anew
        return iter(())

    def read_keys_manifest(self, path: Path) -> KeysManifest:
        """What one copy of the wrapped keys says of itself."""
        return read_manifest(path, KeysManifest)


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turn what the system says of a disk into our errors."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFullError(
                f"The disk of {place} is full.",
                remedy="Free space, keep fewer backups (--keep), or name a folder on another disk.",
            ) from error
        raise UnavailableError(
            f"{place} cannot be used: {os.strerror(error.errno or errno.EIO)}.",
            remedy="Check that the disk is there and that this user may write to it.",
        ) from error
