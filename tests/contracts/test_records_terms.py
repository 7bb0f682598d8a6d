"""Indexes of terms, and many documents at once: on every database, in one clinic, never of an erased subject."""

from __future__ import annotations

import pytest

from auscult.domain.errors import InvalidError
from auscult.domain.ids import ClinicId, PatientId
from auscult.flows.patient_terms import PATIENT_TERMS, PatientTerms
from auscult.flows.tables import subject_of
from auscult.stores.records import Key
from auscult.stores.records.sql import SqlRecords
from auscult.trust.sealing import Keyring


def terms(number: int, *found: str) -> PatientTerms:
    return PatientTerms(patient_id=PatientId(f"PAT_{number:03d}"), rules=1, terms=found, trail="aabb")


async def test_a_document_is_listed_under_each_of_its_terms_highest_first_and_no_more_when_they_change(
    records: SqlRecords, clinic_id: ClinicId
) -> None:
    table = records.of(clinic_id).table(PATIENT_TERMS)
    for number in range(5):
        await table.put(terms(number, "all", "even" if number % 2 == 0 else "odd", "all"))
    listed = await table.entries("all", index="found", limit=3)
    assert [one.sort for one in listed] == ["PAT_004/aabb", "PAT_003/aabb", "PAT_002/aabb"]
    assert [one.key for one in await table.entries("all", index="found", before=listed[-1].sort)] == [
        Key("PAT_001"),
        Key("PAT_000"),
    ]
    assert [one.key for one in await table.entries("odd", index="found")] == [Key("PAT_003"), Key("PAT_001")]
    await table.put(terms(3, "even"))
    assert [one.key for one in await table.entries("odd", index="found")] == [Key("PAT_001")]
    await table.delete(Key("PAT_001"))
    assert await table.entries("odd", index="found") == ()
    elsewhere = records.of(ClinicId("CLN_01JN0000AV0000000000000077")).table(PATIENT_TERMS)
    assert await elsewhere.entries("all", index="found") == ()
    for wrong in (("x" * 256, "found", 1), ("all", "nothing", 1), ("a\x00", "found", 1), ("all", "found", 0)):
        with pytest.raises(InvalidError):
            await table.entries(wrong[0], index=wrong[1], limit=wrong[2])


async def test_many_documents_come_at_once_each_in_its_place_and_an_erased_one_is_none(
    records: SqlRecords, clinic_id: ClinicId, keyring: Keyring
) -> None:
    table = records.of(clinic_id).table(PATIENT_TERMS)
    for number in range(4):
        await table.put(terms(number, "t"))
    await keyring.destroy_subject(clinic_id, subject_of(PatientId("PAT_002")))
    asked = [Key("PAT_003"), Key("PAT_009"), Key("PAT_002"), Key("PAT_000"), Key("PAT_003")]
    found = await table.get_many(asked)
    assert [one.value.patient_id if one else None for one in found] == ["PAT_003", None, None, "PAT_000", "PAT_003"]
    assert await table.get_many([]) == ()
    assert (
        await records.of(ClinicId("CLN_01JN0000AV0000000000000077")).table(PATIENT_TERMS).get_many(asked) == (None,) * 5
    )
    with pytest.raises(InvalidError):
        await table.get_many([Key(f"PAT_{number}") for number in range(1001)])
