"""Devices and other systems: what they opened themselves is theirs to fill and to ask for; nothing else is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from auscult.domain.actor import Actor, Role, system_actor
from auscult.domain.ids import ClinicId, UserId
from tests.api.test_recordings import total_hash
from tests.support.clinics import OpenClinic, open_clinic

pytestmark = pytest.mark.asyncio(loop_scope="module")
MACHINES = (Role.DEVICE, Role.INTEGRATION)
SOUND = b"not yet decoded"
NAME = "Keti Secret-Name"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenClinic]:
    """A clinic that takes requests and runs no jobs: what is received here stays as it is."""
    async with open_clinic(tmp_path_factory.mktemp("clinic"), work=False) as opened:
        yield opened


async def machine(clinic: OpenClinic, role: Role) -> httpx.AsyncClient:
    return clinic.stranger(**{"X-API-Key": await clinic.api_key(role)})


async def opened_by(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/recordings", json=body)
    assert answer.status_code == 201, answer.text
    recording: dict[str, Any] = answer.json()
    return recording


def acts(recording: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Everything that a machine may ask of a recording that is its own."""
    path = f"/recordings/{recording['recording_id']}"
    return [
        ("GET", path, None),
        ("PUT", f"{path}/chunks/0", SOUND),
        ("GET", f"{path}/chunks", None),
        ("POST", f"{path}/consent", {"given_by": "patient"}),
        ("POST", f"{path}/finalise", {"count": 1, "sha256": total_hash([SOUND])}),
        ("GET", f"/result/{recording['upload_key']}", None),
        ("POST", f"{path}/withdraw-consent", None),
    ]


async def ask(client: httpx.AsyncClient, method: str, path: str, body: Any) -> httpx.Response:
    sent = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
    return await client.request(method, path, **sent)


@pytest.mark.parametrize("role", MACHINES)
async def test_a_machine_fills_follows_and_takes_back_its_own_recording(clinic: OpenClinic, role: Role) -> None:
    async with await machine(clinic, role) as client:
        own = await opened_by(client, title="From the device", consent={"given_by": "patient"})
        answers = {f"{method} {path}": await ask(client, method, path, body) for method, path, body in acts(own)}
        statuses = [answer.status_code for answer in answers.values()]
        assert statuses == [200, 200, 200, 200, 202, 404, 200], answers
        assert answers[f"GET /result/{own['upload_key']}"].json() == {"status": "processing"}
        granted = (await client.get("/get-upload-url")).json()
        put = await client.put(granted["upload_url"], content=SOUND, headers={"Content-Type": "audio/webm"})
        assert put.status_code == 200
        assert (await client.get(f"/result/{granted['key']}")).json() == {"status": "processing"}


@pytest.mark.parametrize("role", MACHINES)
@pytest.mark.parametrize("whose", ["a doctor's", "another key's", "another role's"])
async def test_a_recording_of_anybody_else_does_not_exist_for_a_machine(
    clinic: OpenClinic, role: Role, whose: str
) -> None:
    patient = (await clinic.client.post("/patients", json={"name": NAME})).json()["patient_id"]
    others = {
        "a doctor's": clinic.client,
        "another key's": await machine(clinic, role),
        "another role's": await machine(clinic, next(one for one in MACHINES if one is not role)),
    }
    theirs = await opened_by(others[whose], title="Not for machines", patient_id=patient)
    await clinic.client.put(f"/recordings/{theirs['recording_id']}/chunks/1", content=b"kept")
    before = (await clinic.client.get(f"/recordings/{theirs['recording_id']}")).json()
    slices = (await clinic.client.get(f"/recordings/{theirs['recording_id']}/chunks")).json()
    async with await machine(clinic, role) as client:
        for method, path, body in acts(theirs):
            answer = await ask(client, method, path, body)
            assert answer.status_code == 404, (method, path, answer.text)
            if path.startswith("/result/"):
                assert answer.json() == {"status": "unknown"}
            assert "Not for machines" not in answer.text
            assert NAME not in answer.text
    assert (await clinic.client.get(f"/recordings/{theirs['recording_id']}")).json() == before
    assert (await clinic.client.get(f"/recordings/{theirs['recording_id']}/chunks")).json() == slices


@pytest.mark.parametrize("role", MACHINES)
async def test_a_machine_lists_discards_files_and_reads_nothing_of_the_clinic(clinic: OpenClinic, role: Role) -> None:
    patient = (await clinic.client.post("/patients", json={"name": NAME})).json()["patient_id"]
    async with await machine(clinic, role) as client:
        own = await opened_by(client)
        path = f"/recordings/{own['recording_id']}"
        for method, address, body in [
            ("GET", "/recordings", None),
            ("DELETE", path, None),
            ("PATCH", path, {"patient_id": patient}),
            ("GET", f"{path}/audio", None),
            ("GET", f"{path}/transcript", None),
            ("POST", f"{path}/cancel", None),
            ("GET", "/patients", None),
            ("GET", f"/patients/{patient}", None),
            ("POST", "/patients", {"name": "Made by a machine"}),
            ("GET", "/notes/NOTE_01JN0000AV0000000000000001", None),
            ("GET", "/events", None),
            ("GET", "/me", None),
        ]:
            answer = await ask(client, method, address, body)
            assert answer.status_code == 403, (method, address, answer.text)


@pytest.mark.parametrize("role", MACHINES)
async def test_a_machine_may_say_for_whom_it_records_but_learns_no_name(clinic: OpenClinic, role: Role) -> None:
    patient = (await clinic.client.post("/patients", json={"name": NAME})).json()["patient_id"]
    async with await machine(clinic, role) as client:
        own = await opened_by(client, patient_id=patient)
        for answer in (
            await client.get(f"/recordings/{own['recording_id']}"),
            await client.post("/recordings", json={"patient_id": patient}),
        ):
            assert answer.json()["patient_id"] == patient
            assert NAME not in answer.text
        unknown = await client.post("/recordings", json={"patient_id": "PAT_01JN0000AV0000000000000009"})
        assert unknown.status_code == 404
    seen = (await clinic.client.get(f"/recordings/{own['recording_id']}")).json()
    assert seen["patient_name"] == NAME, "people see it"


@pytest.mark.parametrize("role", MACHINES)
async def test_one_machines_repeated_request_never_answers_another(clinic: OpenClinic, role: Role) -> None:
    """Two devices that count their recordings alike open two."""
    key = {"Idempotency-Key": "recording-1"}
    async with await machine(clinic, role) as one, await machine(clinic, role) as other:
        first = (await one.post("/recordings", json={}, headers=key)).json()["recording_id"]
        assert (await one.post("/recordings", json={}, headers=key)).json()["recording_id"] == first
        assert (await other.post("/recordings", json={}, headers=key)).json()["recording_id"] != first


@pytest.mark.parametrize("role", list(Role))
async def test_the_rule_of_who_sees_what_somebody_made(role: Role) -> None:
    """Staff and the clinic itself see all of a clinic; whoever else there is or will be, what they made."""
    clinic_id = ClinicId("CLN_01JN0000AV0000000000000001")
    actor = (
        system_actor(clinic_id) if role is Role.SYSTEM else Actor(clinic_id=clinic_id, user_id=UserId("me"), role=role)
    )
    assert actor.may_see(actor.user_id)
    assert actor.may_see(UserId("another")) is (role in {Role.NURSE, Role.DOCTOR, Role.ADMIN, Role.SYSTEM})
