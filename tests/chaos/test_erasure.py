"""A patient's key is destroyed: nothing sealed under it can be read by anybody, and nobody else is touched."""

from __future__ import annotations

from pathlib import Path

from auscult.domain.ids import SubjectId
from auscult.stores.secrets.sql_keys import open_wrapped_keys
from auscult.world import real_ambient
from tests.support.audio import encoded, speech
from tests.support.server_process import Orders, ServerProcess, running

VISIT = encoded(speech("visit")[:, : 7 * 16000], "webm", "libopus", live="1")


async def visited(server: ServerProcess, name: str) -> tuple[str, str, str]:
    """A patient with a recording that became a note: the three ids."""
    patient = await server.client.post("/patients", json={"name": name})
    patient_id = patient.json()["patient_id"]
    recording_id = await server.upload(VISIT, patient_id=patient_id)
    body = await server.settled(recording_id)
    assert body["status"] == "ready", body
    return patient_id, recording_id, body["note_id"]


def addresses(patient_id: str, recording_id: str, note_id: str) -> list[str]:
    return [
        f"/patients/{patient_id}",
        f"/recordings/{recording_id}",
        f"/recordings/{recording_id}/transcript",
        f"/recordings/{recording_id}/audio",
        f"/notes/{note_id}",
    ]


async def test_destroying_a_patients_key_makes_all_of_theirs_unreadable_and_nothing_else(tmp_path: Path) -> None:
    data = tmp_path / "clinic"
    orders = Orders(data=str(data), script={})
    async with running(orders, tmp_path / "said") as server:
        gone = await visited(server, "Hana Black")
        stays = await visited(server, "Ravi White")
        clinic_id = (await server.client.get("/me")).json()["clinic_id"]
        await server.stop()

    keys = await open_wrapped_keys(f"sqlite:///{data}/keys.db", real_ambient().now)
    await keys.destroy(clinic_id, SubjectId(gone[0]))
    await keys.close()

    async with running(orders, tmp_path / "said") as server:
        for address in addresses(*gone):
            answer = await server.client.get(address)
            assert answer.status_code == 410, f"{address}: {answer.status_code} {answer.text[:200]}"
            assert answer.json()["code"] == "erased"
            assert answer.json()["remedy"]
        for address in addresses(*stays):
            assert (await server.client.get(address)).status_code == 200, address
        listed = (await server.client.get("/recordings")).json()["items"]
        assert [one["recording_id"] for one in listed] == [stays[1]]
        people = (await server.client.get("/patients")).json()["items"]
        assert [one["patient_id"] for one in people] == [stays[0]]
        # The clinic goes on as before.
        assert (await server.settled(await server.upload(VISIT)))["status"] == "ready"
        await server.stop()
