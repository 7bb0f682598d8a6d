"""`makers`, for backups: what dumps and loads the databases, and where the sealed objects lie."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from auscult.clinic.makers import bucket
from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId
from auscult.settings import Settings
from auscult.stores.backups import Databases, Manifest, RawObjects, Saved, Tell
from auscult.stores.secrets import Erasure, MasterKey
from auscult.trust.sealing import Keyring


def databases(settings: Settings) -> Databases:
    """The databases as they are dumped into a backup and loaded from one."""
    if settings.records_url:
        from auscult.stores.backups.postgres_databases import PostgresDatabases

        return PostgresDatabases(settings.records_url)
    from auscult.stores.backups.sqlite_databases import SqliteDatabases

    return SqliteDatabases(settings.data)


def scratch_database(settings: Settings, name: str) -> AbstractAsyncContextManager[str]:
    """The address of an empty database for a drill, gone afterwards; empty where a folder is all it takes."""
    if not settings.records_url:
        return nullcontext("")
    from auscult.stores.backups import postgres_databases

    return postgres_databases.scratch_database(settings.records_url, name)


def raw_objects(settings: Settings, ambient: Ambient) -> RawObjects:
    """The blobs of the object store, sealed as they lie there."""
    if settings.objects_url.startswith("s3://"):
        from auscult.stores.objects.s3 import S3Blobs

        return S3Blobs(bucket(settings))
    from auscult.stores.objects.folder import FolderBlobs

    return FolderBlobs(settings.data / "objects", secret=ambient.secret)


async def write_backup(
    settings: Settings, to: Path, *, clinic_id: ClinicId, keyring: Keyring, master: MasterKey, ambient: Ambient,
    keep: int | None, tell: Tell,
) -> Manifest:  # fmt: skip
    """Make a backup while the clinic works; see `stores.backups.writing`."""
    from auscult.stores.backups.writing import Deployment, write_backup

    objects = raw_objects(settings, ambient)
    try:
        what = Deployment(clinic_id, settings.data, databases(settings), objects, master, keyring, ambient)
        return await write_backup(what, to, keep=keep, tell=tell)
    finally:
        await objects.close()


async def saved_backup(source: Path, master: MasterKey, clinic_id: ClinicId | None) -> Saved:
    """A finished backup that opens with this key; see `stores.backups.reading`."""
    from auscult.stores.backups import reading

    return await reading.SavedBackup.open(source, master, clinic_id)


def remember_erasures(ledger: Path, key: bytes, erasures: Sequence[Erasure]) -> None:
    """Add to the ledger outside the database who is erased. Raises `UnavailableError` when it was altered."""
    from auscult.stores.backups.ledger import add_erasures

    add_erasures(ledger, key, erasures)


def remembered_erasures(ledger: Path, key: bytes) -> list[Erasure]:
    """Who was erased, as the ledger knows. Raises `UnavailableError` when it was altered."""
    from auscult.stores.backups.ledger import read_erasures

    return read_erasures(ledger, key)


def in_use(workers: Path) -> bool:
    """Whether a living process works on the data folder that holds this folder of worker places."""
    from auscult.stores.jobs.slots import in_use

    return in_use(workers)
