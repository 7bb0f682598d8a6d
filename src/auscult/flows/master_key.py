"""Turning the master key over: a new version wraps the clinic's key, and whoever works meanwhile notices nothing."""

from __future__ import annotations

from dataclasses import dataclass

from auscult.domain.errors import InvalidError
from auscult.domain.ids import ClinicId
from auscult.stores.secrets import MasterKey
from auscult.trust.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Rotation:
    """Which key is in use now, and whether this finished a rotation that was cut short."""

    key_id: str
    continued: bool


async def rotate(master: MasterKey, keyring: Keyring, clinic_id: ClinicId) -> Rotation:
    """Wrap the clinic's key under a new version of the master key.

    The version is kept, durably, before anything is wrapped under it, and the old ones go on opening what they wrapped:
    cut short anywhere, the clinic works, and doing it again finishes it. Where the key is kept by a command or KMS, the
    new version is made there first. Raises `InvalidError` when there is no newer one.
    """
    await keyring.derive(clinic_id, "rotation")  # makes the clinic's key where there is none yet
    continued = await keyring.needs_rewrapping(clinic_id)
    if not continued and not await master.renew():
        raise InvalidError(
            "The clinic's key is wrapped under the newest master key already.",
            remedy="Make a new master key where it is kept: let the key command print it on its first line and the old "
            "one on the second, or name another key in AUSCULT_MASTER_KEY_KMS. Then do this again.",
        )
    await keyring.rewrap_clinic(clinic_id)
    return Rotation(master.key_id, continued)
