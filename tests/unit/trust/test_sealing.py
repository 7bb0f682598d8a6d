"""The sealing hierarchy: what one key seals no other opens, filing re-wraps, and an erasure is final."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ErasedError
from auscult.domain.ids import UNFILED, ClinicId, SubjectId
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.sql_keys import SqlWrappedKeys, open_wrapped_keys
from auscult.trust.sealing import KEY_BYTES, NONCE_BYTES, TAG_BYTES, Keyring, seal, unseal
from tests.support.world import Clock

PATIENT = SubjectId("PAT_1")
OTHER_PATIENT = SubjectId("PAT_2")


@pytest.fixture
async def second_process(
    master: KeyFileMaster, wrapped_keys: SqlWrappedKeys, ambient: Ambient, clock: Clock
) -> Keyring:
    """Another process's keyring: the same key file and key store, its own memory."""
    return Keyring(master, wrapped_keys, secret=ambient.secret, monotonic=clock.monotonic)


def test_what_is_sealed_opens_with_its_key_and_context_only() -> None:
    key = os.urandom(KEY_BYTES)
    sealed = seal(key, b"a cough", b"here", os.urandom)
    assert len(sealed) == NONCE_BYTES + len(b"a cough") + TAG_BYTES
    assert unseal(key, sealed, b"here") == b"a cough"
    changed = bytearray(sealed)
    changed[NONCE_BYTES] ^= 1
    for wrong in (
        (os.urandom(KEY_BYTES), sealed, b"here"),
        (key, sealed, b"there"),
        (key, bytes(changed), b"here"),
        (key, sealed[:-1], b"here"),
        (key, b"", b"here"),
    ):
        with pytest.raises(ErasedError):
            unseal(*wrong)


def test_the_same_text_is_never_sealed_to_the_same_bytes() -> None:
    key = os.urandom(KEY_BYTES)
    assert len({seal(key, b"same", b"", os.urandom) for _ in range(100)}) == 100


async def test_each_item_has_a_key_of_its_own(keyring: Keyring, clinic_id: ClinicId) -> None:
    items = [await keyring.new_item_key(clinic_id, PATIENT, b"place") for _ in range(5)]
    assert len({item.clear for item in items}) == 5
    for item in items:
        assert item.clear not in item.wrapped
        assert await keyring.open_item_key(clinic_id, PATIENT, item.wrapped, b"place") == item.clear
        assert repr(item) == "ItemKey(…)"


async def test_an_item_key_opens_for_its_own_clinic_subject_and_place_only(
    keyring: Keyring, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    item = await keyring.new_item_key(clinic_id, PATIENT, b"place")
    await keyring.new_item_key(clinic_id, OTHER_PATIENT, b"place")
    await keyring.new_item_key(other_clinic_id, PATIENT, b"place")
    for clinic, subject, place in (
        (other_clinic_id, PATIENT, b"place"),
        (clinic_id, OTHER_PATIENT, b"place"),
        (clinic_id, PATIENT, b"another place"),
        (clinic_id, UNFILED, b"place"),
    ):
        with pytest.raises(ErasedError):
            await keyring.open_item_key(clinic, subject, item.wrapped, place)


async def test_filing_wraps_the_same_item_key_for_the_new_owner(keyring: Keyring, clinic_id: ClinicId) -> None:
    item = await keyring.new_item_key(clinic_id, UNFILED, b"place")
    filed = await keyring.rewrap(clinic_id, item.wrapped, old=UNFILED, new=PATIENT, context=b"place")
    assert await keyring.open_item_key(clinic_id, PATIENT, filed, b"place") == item.clear
    with pytest.raises(ErasedError):
        await keyring.open_item_key(clinic_id, UNFILED, filed, b"place")
    moved = await keyring.rewrap(
        clinic_id, filed, old=PATIENT, new=OTHER_PATIENT, context=b"place", new_context=b"elsewhere"
    )
    assert await keyring.open_item_key(clinic_id, OTHER_PATIENT, moved, b"elsewhere") == item.clear
    with pytest.raises(ErasedError):
        await keyring.open_item_key(clinic_id, OTHER_PATIENT, moved, b"place")


async def test_destroying_a_subject_is_final_and_touches_nobody_else(
    keyring: Keyring, second_process: Keyring, clinic_id: ClinicId
) -> None:
    item = await keyring.new_item_key(clinic_id, PATIENT, b"place")
    other = await keyring.new_item_key(clinic_id, OTHER_PATIENT, b"place")
    assert not await keyring.is_destroyed(clinic_id, PATIENT)
    await keyring.destroy_subject(clinic_id, PATIENT)
    assert await keyring.is_destroyed(clinic_id, PATIENT)
    for ring in (keyring, second_process):
        with pytest.raises(ErasedError):
            await ring.open_item_key(clinic_id, PATIENT, item.wrapped, b"place")
        with pytest.raises(ErasedError):
            await ring.new_item_key(clinic_id, PATIENT, b"place")
        with pytest.raises(ErasedError):
            await ring.rewrap(clinic_id, other.wrapped, old=OTHER_PATIENT, new=PATIENT, context=b"place")
        assert await ring.open_item_key(clinic_id, OTHER_PATIENT, other.wrapped, b"place") == other.clear


async def test_an_erasure_reaches_other_processes_within_half_a_minute(
    keyring: Keyring, second_process: Keyring, clinic_id: ClinicId, clock: Clock
) -> None:
    item = await keyring.new_item_key(clinic_id, PATIENT, b"place")
    await second_process.open_item_key(clinic_id, PATIENT, item.wrapped, b"place")
    await keyring.destroy_subject(clinic_id, PATIENT)
    clock.advance(30.1)
    with pytest.raises(ErasedError):
        await second_process.open_item_key(clinic_id, PATIENT, item.wrapped, b"place")


async def test_two_processes_that_meet_a_new_patient_at_once_agree_on_the_key(
    keyring: Keyring, second_process: Keyring, clinic_id: ClinicId
) -> None:
    for number in range(8):
        subject = SubjectId(f"PAT_{number}")
        one, two = await asyncio.gather(
            keyring.new_item_key(clinic_id, subject, b"p"), second_process.new_item_key(clinic_id, subject, b"p")
        )
        assert await second_process.open_item_key(clinic_id, subject, one.wrapped, b"p") == one.clear
        assert await keyring.open_item_key(clinic_id, subject, two.wrapped, b"p") == two.clear


async def test_derived_keys_differ_by_clinic_and_purpose_and_stay_the_same(
    keyring: Keyring, second_process: Keyring, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    derived = [
        await keyring.derive(clinic, purpose)
        for clinic in (clinic_id, other_clinic_id)
        for purpose in ("uploads", "names")
    ]
    assert len(set(derived)) == 4
    assert {len(key) for key in derived} == {KEY_BYTES}
    assert await second_process.derive(clinic_id, "uploads") == derived[0]


async def test_another_master_key_opens_nothing(
    keyring: Keyring, wrapped_keys: SqlWrappedKeys, clinic_id: ClinicId, tmp_path: Path
) -> None:
    item = await keyring.new_item_key(clinic_id, PATIENT, b"place")
    stranger = KeyFileMaster.open(tmp_path / "stranger.key", os.urandom)
    ring = Keyring(stranger, wrapped_keys, secret=os.urandom, monotonic=lambda: 0.0)
    with pytest.raises(ErasedError) as caught:
        await ring.open_item_key(clinic_id, PATIENT, item.wrapped, b"place")
    assert "master key" in caught.value.reason


async def test_a_wrapped_subject_key_moved_to_another_patient_does_not_open(
    keyring: Keyring, master: KeyFileMaster, wrapped_keys: SqlWrappedKeys, ambient: Ambient, clinic_id: ClinicId,
    tmp_path: Path,
) -> None:  # fmt: skip
    """Somebody with write access to the key store gives one patient's key to another."""
    item = await keyring.new_item_key(clinic_id, PATIENT, b"place")
    forged = await open_wrapped_keys(f"sqlite:///{tmp_path}/forged.db", ambient.now)
    for name, source in (("clinic", "clinic"), (OTHER_PATIENT, PATIENT)):
        wrapped = await wrapped_keys.get(clinic_id, source)
        assert wrapped is not None
        await forged.create(clinic_id, name, wrapped)
    ring = Keyring(master, forged, secret=os.urandom, monotonic=lambda: 0.0)
    with pytest.raises(ErasedError):
        await ring.open_item_key(clinic_id, OTHER_PATIENT, item.wrapped, b"place")
    await forged.close()
