"""The queue over HTTP, with the paths and fields of its contract."""

from __future__ import annotations

import pytest

from auscult.domain.actor import Role
from tests.support.clinics import OpenClinic

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def registered(here: OpenClinic, name: str) -> str:
    answer = await here.client.post("/patients", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["patient_id"])


async def queued(here: OpenClinic, name: str, **fields: str) -> dict[str, object]:
    answer = await here.client.post("/queue", json={"patient_id": await registered(here, name), **fields})
    assert answer.status_code == 201, answer.text
    body: dict[str, object] = answer.json()
    return body


async def test_from_the_front_desk_to_the_end_of_the_consultation(here: OpenClinic) -> None:
    first = await queued(here, "Ravi Kumar", reason="cough", urgency="urgent")
    assert (first["position"], first["estimated_wait"], first["number"]) == (1, 0, 1)
    assert (first["patient_name"], first["reason"], first["status"]) == ("Ravi Kumar", "cough", "waiting")
    second = await queued(here, "Mere Tane")
    assert second["position"] == 2
    assert isinstance(second["estimated_wait"], int)
    shown = (await here.client.get("/queue")).json()["items"]
    assert [one["entry_id"] for one in shown] == [first["entry_id"], second["entry_id"]]
    started = (await here.client.post("/queue/start", json={})).json()
    assert (started["entry_id"], started["status"], started["position"]) == (first["entry_id"], "consulting", None)
    refused = await here.client.post("/queue/start", json={})
    assert refused.status_code == 409
    assert refused.json()["entry_id"] == first["entry_id"]
    assert refused.json()["remedy"]
    done = await here.client.post("/queue/complete", json={"entry_id": first["entry_id"]})
    assert done.json()["status"] == "completed"
    read = (await here.client.get(f"/queue/{second['entry_id']}")).json()
    assert read["position"] == 1
    cancelled = await here.client.post(f"/queue/{second['entry_id']}/cancel")
    assert cancelled.json()["status"] == "cancelled"
    assert (await here.client.get("/queue")).json()["items"] == []
    empty = await here.client.post("/queue/start", json={})
    assert empty.status_code == 404
    assert "Nobody is waiting" in empty.json()["detail"]


async def test_called_not_there_and_queued_again(here: OpenClinic) -> None:
    entry = await queued(here, "Asha Rao")
    called = (await here.client.post("/queue/call", json={})).json()
    assert (called["entry_id"], called["status"]) == (entry["entry_id"], "called")
    gone = await here.client.post(f"/queue/{entry['entry_id']}/no-show")
    assert gone.json()["status"] == "no_show"
    back = await here.client.post(f"/queue/{entry['entry_id']}/queue-again", json={"keeps_place": False})
    assert (back.json()["status"], back.json()["position"]) == ("waiting", 1)
    assert (await here.client.post(f"/queue/{entry['entry_id']}/cancel")).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"patient_id": "PAT_nobody"}, 404),
        ({"patient_id": "x" * 65}, 422),
        ({"patient_id": "PAT_nobody", "urgency": "now"}, 422),
        ({"patient_id": "PAT_nobody", "reason": "x" * 501}, 422),
    ],
)
async def test_a_wrong_body_is_told_what_is_wrong_and_nothing_is_queued(
    here: OpenClinic, body: dict[str, str], status: int
) -> None:
    answer = await here.client.post("/queue", json=body)
    assert answer.status_code == status, answer.text
    assert (await here.client.get("/queue")).json()["items"] == []


async def test_another_clinic_and_another_system_see_no_queue(here: OpenClinic, elsewhere: OpenClinic) -> None:
    entry = await queued(here, "Hemi Walker")
    assert (await elsewhere.client.get("/queue")).json()["items"] == []
    for path in (f"/queue/{entry['entry_id']}/cancel", f"/queue/{entry['entry_id']}/no-show"):
        assert (await elsewhere.client.post(path)).status_code == 404
    assert (await elsewhere.client.get(f"/queue/{entry['entry_id']}")).status_code == 404
    async with here.stranger(**{"X-API-Key": await here.api_key(Role.INTEGRATION)}) as machine:
        assert (await machine.get("/queue")).status_code == 403
    assert (await here.client.post(f"/queue/{entry['entry_id']}/cancel")).status_code == 200


async def test_the_waiting_room_sees_numbers_and_nothing_else(here: OpenClinic) -> None:
    """Called by the newest call, waiting as they come; not a name and not an id, whoever asks."""
    async with here.stranger(**{"X-API-Key": await here.api_key(Role.DISPLAY)}) as screen:
        assert (await screen.get("/queue/numbers")).json() == {"called": [], "consulting": [], "waiting": []}
        entries = [await queued(here, name) for name in ("Tama Ruru", "Ravi Kumar", "Asha Rao", "Mere Tane")]
        late = await queued(here, "Hemi Walker", urgency="emergency")
        for entry in entries[:2]:
            assert (await here.client.post("/queue/call", json={"entry_id": entry["entry_id"]})).status_code == 200
        assert (await here.client.post("/queue/start", json={"entry_id": entries[2]["entry_id"]})).status_code == 200
        answer = await screen.get("/queue/numbers")
        numbers = [entry["number"] for entry in entries]
        assert answer.json() == {
            "called": [numbers[1], numbers[0]],
            "consulting": [numbers[2]],
            "waiting": [late["number"], numbers[3]],
        }
        assert (await screen.get("/queue")).status_code == 403
    for entry in entries[:2]:
        await here.client.post(f"/queue/{entry['entry_id']}/cancel")
    await here.client.post("/queue/complete", json={"entry_id": entries[2]["entry_id"]})
    for entry in (entries[3], late):
        await here.client.post(f"/queue/{entry['entry_id']}/cancel")
