"""Killed in the middle of writing, the trail has what was answered, and its chains verify."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import httpx

from auscult.clinic import Clinic
from auscult.flows import audit_check
from auscult.settings import Settings
from auscult.stores.audit import Sought
from tests.support.server_process import Orders, ServerProcess, running

WRITERS = 8
ANSWERED = 60


async def test_a_kill_in_mid_write_leaves_chains_that_verify_and_every_answered_act(tmp_path: Path) -> None:
    data = tmp_path / "clinic"
    made: list[str] = []
    enough = asyncio.Event()

    async def register(server: ServerProcess) -> None:
        with suppress(httpx.TransportError):
            while True:
                answer = await server.client.post("/patients", json={"name": "Somebody"})
                made.append(answer.json()["patient_id"])
                await server.client.get(f"/patients/{made[-1]}")
                if len(made) >= ANSWERED:
                    enough.set()

    async with running(Orders(data=str(data), script={}), tmp_path / "said") as server:
        writers = [asyncio.create_task(register(server)) for _ in range(WRITERS)]
        await asyncio.wait_for(enough.wait(), 120)
        server.kill()
        await asyncio.gather(*writers, return_exceptions=True)

    async with await Clinic.open(Settings(data=data), work=False) as clinic:
        report = await audit_check.verify(clinic.services, clinic.clinic_id)
        assert report.good, [one.sentence() for one in report.findings]
        trail = clinic.services.records.of(clinic.clinic_id).audit
        for patient_id in made:
            acts = [entry.event.act for entry in (await trail.search(Sought(patient_id=patient_id))).items]
            assert "POST /patients" in acts, "what was answered is kept"
