"""Restoring a backup: checked whole, unpacked beside the data folder's place, opened, and only then moved into it.

Everything happens in `.restore` inside the data folder, so that it also works where that folder is a mounted disk. Once
it is whole it is marked ready; a crash after that is finished by doing the same again, one before it leaves nothing but
that folder. Erasures are replayed from three ledgers: the wrapped keys', the one beside the backups and this machine's.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from auscult.clinic import backup_makers, makers
from auscult.clinic.safekeeping import LEDGER, READY, STAGE, known_clinic
from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError, UnavailableError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.flows import audit_check
from auscult.flows.figures import LAST_BACKUP
from auscult.settings import Settings
from auscult.stores.backups import Manifest, Saved, Tell
from auscult.stores.records import Looked
from auscult.stores.secrets import MasterKey, WrappedKeys
from auscult.trust.sealing import Keyring
from auscult.world import real_ambient

SAMPLE: Final = 20_000
"""Documents and objects that are opened to see that they do; more than that, and a part of them, evenly spread."""
_NOTE: Final = "note"
_STAYS: Final = {
    makers.MASTER_KEY, f"{makers.MASTER_KEY}.lock", "models", LEDGER, LAST_BACKUP, "address", "escrow.json", STAGE
}  # fmt: skip
"""What may lie in a data folder that counts as empty: the key put back from escrow, models, ledgers."""
_ASIDE: Final = "before-restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the backup, what was opened of it, who stayed erased, the seconds it took.

    `finished` tells that this only finished a restore that had been cut short; then nothing else is known of it.
    """

    manifest: Manifest
    looked: Looked
    objects: int
    objects_opened: int
    erased: int
    audited: int
    """Entries of the audit trail, whose chains were verified."""
    seconds: float
    aside: Path | None = None

    @property
    def notes(self) -> int:
        """How many versions of notes came back."""
        return self.looked.counts.get(_NOTE, 0)


@dataclass(frozen=True, slots=True)
class Drill:
    """A rehearsal: what a disaster now would lose (`rpo`), and how long the restore took (`rto`)."""

    restored: Restored
    rpo: timedelta
    rto: timedelta


async def restore(
    settings: Settings, source: Path, *, replace: bool = False, sample: int = SAMPLE, tell: Tell
) -> Restored | None:
    """Restore a backup into the data folder; None when that finished one that was cut short.

    Raises `ConflictError` when there is a clinic already (unless `replace`, which moves it aside), `ErasedError` for a
    wrong master key, `UnavailableError` for a damaged or newer backup, `NotFoundError`, `StorageFullError`. Nothing
    that was there is touched until everything is seen to be right.
    """
    started, ambient, data = time.monotonic(), real_ambient(), settings.data
    await asyncio.to_thread(lambda: data.mkdir(parents=True, exist_ok=True, mode=0o700))
    if await asyncio.to_thread((data / STAGE / READY).exists):
        await asyncio.to_thread(_move_into_place, data)
        return None
    if not replace:
        await asyncio.to_thread(_refuse_occupied, data)
    await asyncio.to_thread(_refuse_running, data)
    master = await makers.open_master_key(settings, ambient, create=False)
    expected = None if replace and not settings.clinic_id else await asyncio.to_thread(known_clinic, settings)
    saved = await backup_makers.saved_backup(source, master, expected)
    await saved.check(tell)
    saved.check_space(data)
    stage = data / STAGE
    await asyncio.to_thread(shutil.rmtree, stage, ignore_errors=True)
    await asyncio.to_thread(lambda: stage.mkdir(mode=0o700))
    try:
        restored = await _unpacked(settings, saved, stage, master, ambient, sample=sample, tell=tell)
        aside = f"{_ASIDE}{ambient.now():%Y%m%dT%H%M%SZ}" if replace else ""
        await asyncio.to_thread((stage / READY).write_text, aside, "utf-8")
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, stage, ignore_errors=True)
        raise
    moved = await asyncio.to_thread(_move_into_place, data)
    looked, manifest = restored.looked, restored.manifest
    return Restored(
        manifest,
        looked,
        restored.objects,
        restored.objects_opened,
        restored.erased,
        restored.audited,
        time.monotonic() - started,
        moved,
    )


async def drill(
    settings: Settings, source: Path, *, scratch: Path | None = None, sample: int = SAMPLE, tell: Tell
) -> Drill:
    """Restore into a scratch folder (and, on PostgreSQL, a scratch database), look, and remove it all again.

    Raises what `restore` does, and `UnavailableError` when something that came back does not open.
    """
    started, ambient = time.monotonic(), real_ambient()
    master = await makers.open_master_key(settings, ambient, create=False)
    saved = await backup_makers.saved_backup(source, master, await asyncio.to_thread(known_clinic, settings))
    with tempfile.TemporaryDirectory(prefix="auscult-drill-", dir=scratch) as folder:
        saved.check_space(Path(folder))
        await saved.check(tell)
        name = f"auscult_drill_{ambient.secret(8).hex()}"
        async with backup_makers.scratch_database(settings, name) as url:
            # Objects go into the folder wherever they are otherwise: a drill writes into no bucket.
            apart = settings.model_copy(update={"records_url": url, "objects_url": ""})
            restored = await _unpacked(
                apart, saved, Path(folder), master, ambient, sample=sample, tell=tell, ledger=settings.data / LEDGER
            )
    took = timedelta(seconds=time.monotonic() - started)
    return Drill(restored, rpo=ambient.now() - saved.manifest.at, rto=took)


async def _unpacked(
    settings: Settings,
    saved: Saved,
    stage: Path,
    master: MasterKey,
    ambient: Ambient,
    *,
    sample: int,
    tell: Tell,
    ledger: Path | None = None,
) -> Restored:
    """Unpack into the stage, replay erasures, bring the schema up to date and see that things open."""
    staged = settings.model_copy(update={"data": stage})
    clinic_id = saved.manifest.clinic_id
    started = time.monotonic()
    await saved.unpack(stage, backup_makers.databases(staged), tell)
    async with _opened_keys(staged, master, ambient) as (wrapped, keyring):
        erased = await _replay(saved, wrapped, keyring, ledger or settings.data / LEDGER)
        raw = backup_makers.raw_objects(staged, ambient)
        try:
            objects = await saved.put_objects(raw, erased, tell)
        finally:
            await raw.close()
        records = await makers.open_records(staged, keyring, ambient)
        try:
            of_clinic = records.of(clinic_id)
            if saved.manifest.counts != dict((await of_clinic.look_over(0)).counts):
                raise _incomplete("has not the documents that it had when it was made")
            for subject in erased:
                await of_clinic.erase(SubjectId(subject), keep=("patient",))
            tell("opening records", 0.0)
            looked = await of_clinic.look_over(sample)
            if looked.broken:
                raise _incomplete(f"has {looked.broken} documents that do not open")
            tell("verifying the audit trail", 0.0)
            trail = await audit_check.verify_chains(of_clinic.audit, clinic_id)
            if trail.findings:
                raise _incomplete("has an audit trail that does not verify")
        finally:
            await records.close()
        opened = await _open_objects(staged, keyring, ambient, clinic_id, sample)
    seconds = time.monotonic() - started
    return Restored(saved.manifest, looked, objects, opened, len(erased), trail.entries, seconds)


async def _replay(saved: Saved, wrapped: WrappedKeys, keyring: Keyring, ledger: Path) -> set[str]:
    """Destroy the keys of everybody whom any ledger names; return all who are erased."""
    clinic_id = saved.manifest.clinic_id
    key = await keyring.derive(clinic_id, "erasures")
    here = await asyncio.to_thread(backup_makers.remembered_erasures, ledger, key)
    for one in [*saved.erasures(key), *here]:
        await keyring.destroy_subject(clinic_id, SubjectId(one.name))
    return set(await wrapped.destroyed(clinic_id))


async def _open_objects(
    settings: Settings, keyring: Keyring, ambient: Ambient, clinic_id: ClinicId, sample: int
) -> int:
    """Open the beginning of objects evenly spread over all. Raises `UnavailableError` for one that does not open."""
    store = makers.object_store(settings, keyring, ambient)
    opened = 0
    try:
        objects = store.of(clinic_id)
        keys = [key async for key in objects.keys("")]
        for key in keys[:: max(1, -(-len(keys) // max(1, sample)))]:
            await objects.head(key)
            async for _piece in objects.read(key, 0, 1):
                opened += 1
    finally:
        await store.close()
    return opened


@asynccontextmanager
async def _opened_keys(
    settings: Settings, master: MasterKey, ambient: Ambient
) -> AsyncIterator[tuple[WrappedKeys, Keyring]]:
    wrapped = await makers.open_keys(settings, ambient)
    try:
        yield wrapped, Keyring(master, wrapped, secret=ambient.secret, monotonic=time.monotonic)
    finally:
        await wrapped.close()


def _refuse_occupied(data: Path) -> None:
    if any(path.name not in _STAYS and not path.name.startswith(_ASIDE) for path in data.iterdir()):
        raise ConflictError(
            "There is a clinic in the data folder already.",
            remedy="Restore into another folder with --data, or add --replace: it moves what is there aside.",
        )


def _refuse_running(data: Path) -> None:
    """Raise `ConflictError` while a server or worker has this folder open."""
    if backup_makers.in_use(data / "workers"):
        raise ConflictError(
            "Auscult is running on this data folder.", remedy="Stop `auscult up` and `auscult work`, then restore."
        )


def _move_into_place(data: Path) -> Path | None:
    """Finish a restore that is ready: what was there goes aside, what was unpacked takes its place. Repeatable."""
    stage = data / STAGE
    aside_name = (stage / READY).read_text("utf-8")
    fresh = [path.name for path in stage.iterdir() if path.name != READY]
    aside = data / aside_name if aside_name else None
    if aside is not None and not (stage / f"{READY}-aside").exists():
        aside.mkdir(exist_ok=True, mode=0o700)
        for path in sorted(data.iterdir()):
            if path.name not in _STAYS and not path.name.startswith(_ASIDE):
                path.rename(aside / path.name)
        (stage / f"{READY}-aside").touch()
    for name in fresh:
        if not name.startswith(READY):
            (stage / name).replace(data / name)
    shutil.rmtree(stage)
    return aside


def _incomplete(what: str) -> UnavailableError:
    return UnavailableError(
        f"This backup {what}. Nothing was changed.",
        remedy="Restore another backup, or one from another destination, and keep this one for an expert to look at.",
    )


def hours(span: timedelta) -> str:
    """A span for a person: `3 h 12 min`, `4.2 s`."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def moment(at: datetime) -> str:
    """A time for a person, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
