"""Backups: what one is made of, and the databases that are dumped into it and loaded from it.

A destination is a folder with one folder for each backup, the sealed bytes of objects that all of them share, and the
wrapped keys of the newest backup only: keys are made and destroyed and never changed, so the newest serve every backup
of the destination, and a patient who was erased before it can be read from none of them.

    DESTINATION/BKP_…/manifest.json     written last: a folder without it is no backup
    DESTINATION/BKP_…/<part>.sealed     records, jobs, files, objects (the list of them)
    DESTINATION/objects/…               sealed bytes under their own names, never changed, copied once
    DESTINATION/keys/BKP_….{1,2}        the wrapped keys, twice, and beside them what opens and proves them
    DESTINATION/erasures.jsonl          whose keys were destroyed, also since the newest backup
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import Field

from auscult.domain.ids import ClinicId
from auscult.domain.model import UtcDatetime, Value
from auscult.stores.secrets import Erasure

FORMAT = 1
"""Of everything in a destination. A newer one is refused."""

Tell = Callable[[str, float], None]
"""Called with what is being done and how much of it is (0 to 1)."""


class Part(Value):
    """One sealed file of a backup: `sha256` and `size` are of the file, `clear_size` of what it holds (bytes)."""

    name: str
    size: int = Field(ge=0)
    clear_size: int = Field(ge=0)
    sha256: str


class Manifest(Value):
    """What a backup holds, readable without any key; `mac` proves it to whoever has the master key."""

    format: int
    id: str
    clinic_id: ClinicId
    at: UtcDatetime
    """The moment whose state this is: nothing committed after it is in it."""
    finished_at: UtcDatetime
    version: str
    """Of Auscult."""
    database: str
    schema_revision: str
    parts: tuple[Part, ...]
    counts: dict[str, int]
    """Documents by table at that moment."""
    objects: int
    object_bytes: int
    copied_bytes: int
    """Of the objects' sealed bytes, what was not at the destination before."""
    wrapped_key: str
    """The backup's key, wrapped by the master key (base64)."""
    mac: str = ""


class KeysManifest(Value):
    """What opens and proves a copy of the wrapped keys."""

    format: int
    id: str
    clinic_id: ClinicId
    at: UtcDatetime
    part: Part
    wrapped_key: str
    mac: str = ""


@dataclass(frozen=True, slots=True)
class Dumped:
    """Databases as of one moment: a file for each, the revision of the records' schema, documents by table."""

    files: Mapping[str, Path]
    schema_revision: str
    counts: Mapping[str, int]


class Databases(Protocol):
    """The databases of a deployment: records and jobs, and the wrapped keys apart from them."""

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`: a backup goes back to the kind that it came from."""
        ...

    async def dump(self, folder: Path, clinic_id: ClinicId, tell: Tell) -> Dumped:
        """Write records and jobs as of one moment into files of a folder, while others go on writing.

        Raises `UnavailableError`, `StorageFullError`, and `EngineMissingError` when a program for it is not here.
        """
        ...

    async def dump_keys(self) -> bytes:
        """The wrapped keys as they are now. Dumped after everything that they open, they lack none of its keys."""
        ...

    async def check_empty(self) -> None:
        """Raise `ConflictError` unless a backup can be loaded without touching anything."""
        ...

    async def load(self, files: Mapping[str, Path], keys: bytes) -> None:
        """Fill the empty databases, wholly or not at all."""
        ...


class Saved(Protocol):
    """A finished backup that opens with this machine's master key; see `reading`."""

    @property
    def manifest(self) -> Manifest:
        """What it holds."""
        ...

    async def check(self, tell: Tell) -> None:
        """Compare every file with its hash. Raises `UnavailableError` at the first that is not as it was written."""
        ...

    def check_space(self, folder: Path) -> None:
        """Raise `StorageFullError` unless it fits on the disk of that folder."""
        ...

    async def unpack(self, folder: Path, databases: Databases, tell: Tell) -> None:
        """Put files into the folder and load the databases. Raises `ConflictError` when they are not empty."""
        ...

    async def put_objects(self, target: RawObjects, skip: Collection[str], tell: Tell) -> int:
        """Put the objects back, but those of the subjects to `skip`; return how many."""
        ...

    def erasures(self, key: bytes) -> list[Erasure]:
        """Who was erased, as the ledger beside the backups knows. `key` proves it."""
        ...


class RawObjects(Protocol):
    """The sealed blobs of the object store, as they lie there."""

    def found(self, prefix: str) -> AsyncIterator[Blob]:
        """All blobs whose address starts with `prefix`, in the order of their addresses."""
        ...

    async def load(self, address: str) -> Small | None:
        """A small blob whole, or None."""
        ...

    async def read(self, address: str, start: int, end: int) -> bytes:
        """A range of a blob. Raises `NotFoundError`."""
        ...

    async def write(self, address: str, parts: AsyncGenerator[bytes]) -> None:
        """Write a new blob."""
        ...

    async def swap(self, address: str, data: bytes, *, expected: str | None) -> None:
        """Put a small blob if its version is still `expected` (None: it must not exist)."""
        ...

    async def close(self) -> None:
        """Release what is held."""
        ...


class Blob(Protocol):
    """A blob that is there."""

    @property
    def address(self) -> str:
        """Where."""
        ...


class Small(Protocol):
    """A small blob as it was loaded."""

    @property
    def data(self) -> bytes:
        """Its bytes."""
        ...
