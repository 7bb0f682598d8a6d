"""Checkpoints as blobs: files in a folder of their own, or objects of the bucket under `audit-checkpoints/`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId
from auscult.stores.objects.blobs import Blobs
from auscult.stores.objects.folder import FolderBlobs

_NUMBER: Final = re.compile("[0-9]{8,12}")


def folder_checkpoints(folder: Path, ambient: Ambient) -> BlobCheckpoints:
    """Checkpoints in that folder, in a folder for each clinic; each file 0600 and on the disk before it counts."""
    return BlobCheckpoints(FolderBlobs(folder, secret=ambient.secret), prefix="")


class BlobCheckpoints:
    """The `Checkpoints` on any store of blobs."""

    def __init__(self, blobs: Blobs, *, prefix: str = "audit-checkpoints/") -> None:
        """Take the store, and what stands before the clinic in an address."""
        self._blobs = blobs
        self._prefix = prefix

    async def add(self, clinic_id: ClinicId, number: int, data: bytes) -> None:
        """Keep one durably. Raises `ConflictError` when there is one of that number."""
        await self._blobs.swap(self._address(clinic_id, number), data, expected=None)

    async def numbers(self, clinic_id: ClinicId) -> Sequence[int]:
        """Which there are, in order."""
        folder = f"{self._prefix}{clinic_id}/"
        names = [found.address.removeprefix(folder).removesuffix(".json") async for found in self._blobs.found(folder)]
        return sorted(int(name) for name in names if _NUMBER.fullmatch(name))

    async def read(self, clinic_id: ClinicId, number: int) -> bytes | None:
        """One of them, or None."""
        found = await self._blobs.load(self._address(clinic_id, number))
        return None if found is None else found.data

    async def close(self) -> None:
        """Release what is held."""
        await self._blobs.close()

    def _address(self, clinic_id: ClinicId, number: int) -> str:
        return f"{self._prefix}{clinic_id}/{number:08d}.json"
