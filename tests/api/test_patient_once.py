"""A registration that is sent again, because its answer was lost, registers one patient."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.clinics import OpenClinic

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_registration_sent_five_times_at_once_registers_one_patient(here: OpenClinic) -> None:
    headers = {"Idempotency-Key": "typed-on-the-phone-1"}
    answers = await asyncio.gather(
        *(here.client.post("/patients", json={"name": "Aroha Ngata"}, headers=headers) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["patient_id"] for answer in answers}) == 1
    again = await here.client.post("/patients", json={"name": "Aroha Ngata"}, headers=headers)
    assert again.json()["patient_id"] == answers[0].json()["patient_id"]


async def test_another_key_and_another_clinic_register_another_patient(here: OpenClinic, elsewhere: OpenClinic) -> None:
    made = [
        (await one.client.post("/patients", json={"name": "Hemi"}, headers={"Idempotency-Key": key})).json()
        for one, key in ((here, "one"), (here, "two"), (elsewhere, "one"))
    ]
    assert len({one["patient_id"] for one in made}) == 3
    refused = await here.client.post("/patients", json={"name": "Hemi"}, headers={"Idempotency-Key": "x" * 201})
    assert refused.status_code == 422
