"""What keeps a clinic from being lost: backups, the escrow copy of the master key, erasures that stay erased.

Opens only what it needs, so that it works beside a running server and without engines.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from auscult.clinic import backup_makers, makers
from auscult.domain.ambient import Ambient
from auscult.domain.errors import NotFoundError, UnavailableError
from auscult.domain.ids import ClinicId
from auscult.flows import master_key
from auscult.flows.figures import LAST_BACKUP
from auscult.flows.master_key import Rotation
from auscult.settings import Settings
from auscult.stores.backups import Manifest, Tell
from auscult.stores.secrets import Erasure, MasterKey
from auscult.trust.sealing import Keyring
from auscult.world import real_ambient

ESCROW: Final = "escrow.json"
"""In the data folder: `{"at", "key_id"}` of the newest escrow copy."""
LEDGER: Final = "erasures.jsonl"
OLD_AFTER: Final = timedelta(hours=26)
"""A daily backup may take a while, and must not be warned of every morning."""
STAGE: Final = ".restore"
READY: Final = "ready"
"""In the stage of a restore, once it is whole and only has to be moved into place."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a clinic, opened without anything else of it."""

    clinic_id: ClinicId
    master: MasterKey
    keyring: Keyring


@asynccontextmanager
async def open_keys(settings: Settings, ambient: Ambient) -> AsyncIterator[Keys]:
    """The keys of the clinic in the data folder. Raises `NotFoundError` when there is no clinic yet."""
    clinic_id = await asyncio.to_thread(known_clinic, settings)
    if clinic_id is None:
        raise NotFoundError(
            "There is no clinic in the data folder yet.",
            remedy="Start it once with `auscult up`, or name its folder in AUSCULT_DATA.",
        )
    await asyncio.to_thread(refuse_half_restored, settings.data)
    master = await makers.open_master_key(settings, ambient, create=False)
    wrapped = await makers.open_keys(settings, ambient)
    try:
        yield Keys(clinic_id, master, Keyring(master, wrapped, secret=ambient.secret, monotonic=time.monotonic))
    finally:
        await wrapped.close()


async def back_up(settings: Settings, to: Path, *, keep: int | None = None, tell: Tell) -> Manifest:
    """Make a backup in that folder; see `stores.backups.writing`."""
    ambient = real_ambient()
    async with open_keys(settings, ambient) as keys:
        made = await backup_makers.write_backup(
            settings,
            to,
            clinic_id=keys.clinic_id,
            keyring=keys.keyring,
            master=keys.master,
            ambient=ambient,
            keep=keep,
            tell=tell,
        )
    destination = await asyncio.to_thread(to.resolve)
    note = {"at": made.at.isoformat(), "id": made.id, "destination": str(destination)}
    await asyncio.to_thread(_write, settings.data / LAST_BACKUP, note)
    return made


async def rotate(settings: Settings) -> Rotation:
    """Turn the master key over; see `flows.master_key`."""
    async with open_keys(settings, real_ambient()) as keys:
        return await master_key.rotate(keys.master, keys.keyring, keys.clinic_id)


async def write_escrow(settings: Settings, to: Path, passphrase: str) -> str:
    """Write the escrow copy of the master key into a new file; return the key's id.

    Raises `InvalidError` for a short passphrase or a key that cannot be had, `UnavailableError` when the file is there
    already or cannot be written.
    """
    ambient = real_ambient()
    async with open_keys(settings, ambient) as keys:
        page = await asyncio.to_thread(
            lambda: makers.master_key_page(keys.master, passphrase, clinic_id=keys.clinic_id, ambient=ambient)
        )
        key_id = keys.master.key_id
    await asyncio.to_thread(_write_private, to, page)
    note = {"at": ambient.now().isoformat(), "key_id": key_id}
    await asyncio.to_thread(_write, settings.data / ESCROW, note)
    return key_id


async def recover(settings: Settings, page: str, passphrase: str) -> Path:
    """Put the key file back from an escrow copy, of which it is known now that there is one; where the file lies.

    Raises `InvalidError` for a wrong page or passphrase, `ConflictError` when another key is in its place.
    """
    ambient = real_ambient()
    path = await asyncio.to_thread(makers.put_master_key_back, settings, page, passphrase)
    from_file = settings.model_copy(update={"master_key_kms": "", "master_key_command": ""})
    master = await makers.open_master_key(from_file, ambient, create=False)
    note = {"at": ambient.now().isoformat(), "key_id": master.key_id}
    await asyncio.to_thread(_write, settings.data / ESCROW, note)
    return path


async def escrow_warning(settings: Settings, master: MasterKey) -> str | None:
    """What is wrong with the escrow copy, and the command for it; None when all is well."""
    if not master.versions():
        return None  # a key service keeps it
    how = "`auscult keys escrow FILE` writes one under a passphrase, to be printed and put into a safe."
    note = await asyncio.to_thread(_read, settings.data / ESCROW)
    if note is None:
        return f"There is no escrow copy of the master key: if this machine is lost, every backup is worthless. {how}"
    if note.get("key_id") != master.key_id:
        return f"The escrow copy is of an older master key. {how}"
    return None


async def backup_warning(settings: Settings, now: datetime) -> str | None:
    """What is wrong with the backups, and the command for it; None when all is well."""
    note = await asyncio.to_thread(_read, settings.data / LAST_BACKUP)
    if note is None:
        return "There is no backup yet. `auscult backup FOLDER` makes one, also while the clinic works."
    try:
        age = now - datetime.fromisoformat(str(note["at"]))
    except (KeyError, ValueError, TypeError):
        return "It is not known when the last backup was made. `auscult backup FOLDER` makes one."
    if age <= OLD_AFTER:
        return None
    hours = age.total_seconds() / 3600
    return f"The last backup is {hours:.0f} hours old. `auscult backup FOLDER` makes one; once a day is usual."


async def warnings(settings: Settings, *, backups: bool = True) -> list[str]:
    """Everything that an operator should do against losing the clinic."""
    ambient = real_ambient()
    master = await makers.open_master_key(settings, ambient)
    found = [await escrow_warning(settings, master)]
    if backups:
        found.append(await backup_warning(settings, ambient.now()))
    return [one for one in found if one is not None]


def ledgers(settings: Settings) -> list[Path]:
    """Where erasures are remembered: in the data folder, and beside the newest backup where it can be reached."""
    note = _read(settings.data / LAST_BACKUP)
    beside = Path(str(note["destination"])) if note and "destination" in note else None
    there = [beside / LEDGER] if beside is not None and beside.is_dir() else []
    return [settings.data / LEDGER, *there]


async def remember_erasures(
    settings: Settings, keyring: Keyring, clinic_id: ClinicId, some: tuple[Erasure, ...]
) -> None:
    """Write into every ledger who is erased. Raises `UnavailableError` when one was altered."""
    key = await keyring.derive(clinic_id, "erasures")
    for ledger in await asyncio.to_thread(ledgers, settings):
        await asyncio.to_thread(backup_makers.remember_erasures, ledger, key, some)


def known_clinic(settings: Settings) -> ClinicId | None:
    """The clinic's id, when it is configured or there is one in the data folder."""
    if settings.clinic_id:
        return ClinicId(settings.clinic_id)
    note = _read(settings.data / "clinic.json")
    return ClinicId(str(note["clinic_id"])) if note and "clinic_id" in note else None


def refuse_half_restored(data: Path) -> None:
    """Raise `UnavailableError` while a restore into this folder waits to be finished."""
    if (data / STAGE / READY).exists():
        raise UnavailableError(
            "A restore into this folder was cut short.",
            remedy="Run the same `auscult restore` again: it finishes what it began.",
        )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(path: Path, note: dict[str, str]) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(json.dumps(note), "utf-8")
    draft.replace(path)


def _write_private(path: Path, text: str) -> None:
    opener: Callable[[str, int], int] = _only_mine
    try:
        with open(path, "x", encoding="utf-8", opener=opener) as file:
            file.write(text)
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written ({error.strerror}).", remedy="Name a new file in a folder of yours."
        ) from error


def _only_mine(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
