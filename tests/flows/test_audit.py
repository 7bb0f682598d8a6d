"""The audit trail of a clinic at work: many at once, after an erasure, on a full disk, taken out."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from auscult.domain.actor import system_actor
from auscult.domain.errors import StorageFullError
from auscult.flows import audit, audit_check, upkeep
from auscult.interop.fhir_audit_event import fhir_audit_event
from auscult.stores.audit import Sought
from tests.flows.conftest import Quiet, erase
from tests.support.canary import HINDI_PHRASE, PHRASE, Canary
from tests.support.clinics import OpenClinic

AT_ONCE = 50
on_one_database = pytest.mark.parametrize("records_backend", ["sqlite"], indirect=True)
"""What the databases differ in is in `tests/contracts`; here it is only slower twice."""


async def exported(here: OpenClinic, **sought: Any) -> list[dict[str, Any]]:
    who = system_actor(here.clinic.clinic_id)
    found = audit.export(here.clinic.services, here.clinic.clinic_id, who, Sought(**sought))
    return [fhir_audit_event(entry.event) async for entry in found]


async def assert_good(here: OpenClinic) -> audit_check.Report:
    report = await audit_check.verify(here.clinic.services, here.clinic.clinic_id)
    assert report.good, [one.sentence() for one in report.findings]
    return report


async def test_fifty_who_read_and_write_at_once_do_not_deadlock_and_the_chains_verify(quiet: Quiet) -> None:
    async with quiet() as here:
        patient_id = (await here.client.post("/patients", json={"name": "Ram"})).json()["patient_id"]

        async def visit(number: int) -> None:
            assert (await here.client.get(f"/patients/{patient_id}")).status_code == 200
            assert (await here.client.post("/patients", json={"name": f"Somebody {number}"})).status_code == 201

        async with asyncio.timeout(60):
            await asyncio.gather(*(visit(number) for number in range(AT_ONCE)))
        report = await assert_good(here)
        assert report.entries >= 2 * AT_ONCE + 1
        told = await exported(here, patient_id=patient_id)
        assert sum(one["action"] == "R" for one in told) == AT_ONCE
        heads = await here.clinic.services.records.of(here.clinic.clinic_id).audit.heads()
        assert len(heads) > 1, "writers share several chains"


@on_one_database
async def test_no_text_of_a_patient_is_in_the_trail_its_export_or_a_checkpoint(quiet: Quiet) -> None:
    async with quiet() as here:
        sent = {"name": PHRASE, "allergies": [HINDI_PHRASE], "problems": [PHRASE]}
        patient_id = (await here.client.post("/patients", json=sent)).json()["patient_id"]
        assert PHRASE in (await here.client.get(f"/patients/{patient_id}")).text, "or this proves nothing"
        await here.client.post("/queue", json={"patient_id": patient_id, "reason": HINDI_PHRASE})
        for address in (
            f"/patients/{PHRASE}",
            f"/notes/{HINDI_PHRASE}",
            f"/result/{PHRASE}",
            f"/patients?cursor={PHRASE}",
        ):
            await here.client.get(address, headers={"User-Agent": PHRASE, "X-Forwarded-For": PHRASE})
        await here.client.post("/queue/start", json={"entry_id": PHRASE})
        services, clinic_id = here.clinic.services, here.clinic.clinic_id
        assert await audit_check.write_checkpoint(services, clinic_id)
        kept = "".join(json.dumps(one, ensure_ascii=False) for one in await exported(here))
        rows = [
            bytes(one.link.body).decode()
            for chain in range(16)
            for one in await services.records.of(clinic_id).audit.links(chain, 0)
        ]
        assert len(rows) > 5
        for canary in (Canary(PHRASE), Canary(HINDI_PHRASE)):
            assert canary.in_text("export", kept) == []
            assert canary.in_text("rows", "\n".join(rows)) == []
            assert canary.in_folder(here.clinic.settings.data / "audit-checkpoints") == []


@on_one_database
async def test_the_trail_still_verifies_when_a_patient_was_erased(quiet: Quiet) -> None:
    async with quiet() as here:
        patient_id = (await here.client.post("/patients", json={"name": "Ram"})).json()["patient_id"]
        await here.client.get(f"/patients/{patient_id}")
        await erase(here, patient_id)
    async with quiet() as here:
        await assert_good(here)
        assert len(await exported(here, patient_id=patient_id)) == 3, "made, read, and now taken out"


@on_one_database
async def test_the_hourly_sweep_writes_a_checkpoint_and_the_next_only_when_something_happened(quiet: Quiet) -> None:
    async with quiet() as here:
        services, clinic_id = here.clinic.services, here.clinic.clinic_id
        for _ in range(3):
            await upkeep.sweep_hourly(services, system_actor(clinic_id))
        assert await services.checkpoints.numbers(clinic_id) == [1]
        await here.client.get("/me")
        await here.client.get("/me")
        await upkeep.sweep_hourly(services, system_actor(clinic_id))
        assert await services.checkpoints.numbers(clinic_id) == [1, 2]
        report = await assert_good(here)
        assert (report.checkpoints, report.after_checkpoint) == (2, 1)


@on_one_database
async def test_two_processes_that_write_a_checkpoint_at_once_write_one_after_the_other(quiet: Quiet) -> None:
    async with quiet() as here:
        services, clinic_id = here.clinic.services, here.clinic.clinic_id
        await asyncio.gather(*(audit_check.write_checkpoint(services, clinic_id) for _ in range(4)))
        await assert_good(here)


@on_one_database
async def test_on_a_full_disk_people_still_read_and_the_entries_follow_when_there_is_space(
    quiet: Quiet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from auscult.stores.records import sql_audit

    def full(*_given: object) -> None:
        raise StorageFullError("The disk that holds the database is full.")

    async with quiet() as here:
        patient_id = (await here.client.post("/patients", json={"name": "Ram"})).json()["patient_id"]
        monkeypatch.setattr(sql_audit, "append", full)
        assert (await here.client.get(f"/patients/{patient_id}")).status_code == 200
        assert patient_id in "".join(capsys.readouterr()), "the log has it, should the process end now"
        monkeypatch.undo()
        assert (await here.client.get("/me")).status_code == 200
        told = await exported(here, patient_id=patient_id)
        assert [one["action"] for one in told] == ["C", "R", "E"]
        await assert_good(here)


@on_one_database
async def test_an_export_is_fhir_and_says_who_took_it_out(quiet: Quiet) -> None:
    async with quiet() as here:
        patient_id = (await here.client.post("/patients", json={"name": "Ram"})).json()["patient_id"]
        made, taken = await exported(here, patient_id=patient_id)
        for one in (made, taken):
            # https://hl7.org/fhir/R4B/auditevent.html: what has a cardinality of 1
            assert one["resourceType"] == "AuditEvent"
            assert one["type"]["system"]
            assert one["recorded"].endswith("Z")
            assert isinstance(one["agent"][0]["requestor"], bool)
            assert one["source"]["observer"]
            assert len(one["id"]) <= 64
        assert made["subtype"][0] == {"system": "http://hl7.org/fhir/restful-interaction", "code": "create"}
        assert made["entity"][0]["what"]["identifier"]["value"] == patient_id
        assert made["agent"][0]["network"] == {"address": "127.0.0.1", "type": "2"}
        assert (taken["type"]["code"], taken["agent"][0]["who"]["identifier"]["value"]) == ("110106", "system")
