"""A clinic that names a language model: its notes are the model's, and nobody learns more of a patient than needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.test_recordings import VISIT, opened, send, total_hash
from tests.support.clinics import open_clinic
from tests.support.model_servers import Reply, model_server
from tests.support.scripted_engines import Script, scripted_engines

LINES = ("what brings you in today", "my name is hana and i have had a bad cough for five days")


async def note_of_a_visit(folder: Path, reply: Reply, **settings: Any) -> tuple[dict[str, Any], str]:
    """The note of a filed recording, and everything that the model was sent."""
    with model_server("openai", reply) as server:
        async with open_clinic(
            folder,
            engines=lambda chosen: scripted_engines(chosen, Script(lines=LINES)),
            writer=f"{server.setting},offline",
            **settings,
        ) as here:
            patient = {"name": "Hana Testcase", "age": 40, "allergies": ["penicillin"], "problems": ["asthma"]}
            patient_id = (await here.client.post("/patients", json=patient)).json()["patient_id"]
            recording_id = await opened(here, patient_id=patient_id)
            await send(here, recording_id, [VISIT])
            await here.client.post(
                f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash([VISIT])}
            )
            done = await here.settled(recording_id)
            assert done["status"] == "ready", done["failure"]
            note: dict[str, Any] = (await here.client.get(f"/notes/{done['note_id']}")).json()
            roles = {role.role: role for role in here.clinic.roles()}
            assert (roles["writer"].bound, roles["writer"].model) == ("openai", "test-model")
        return note["body"], server.asked_text()


async def test_the_note_of_a_filed_recording_is_the_models_and_the_patient_stays_unnamed(tmp_path: Path) -> None:
    statement = {"kind": "history", "text": "[NAME_1] reports a bad cough.", "turn_ids": ["t1", "t2"]}
    body, sent = await note_of_a_visit(tmp_path, Reply(note={"statements": [statement]}), redact="always")
    assert body["writer"]["name"] == "openai"
    assert body["writer"]["usage"]["requests"] >= 1
    assert "hana reports a bad cough." in str(body["sections"])
    assert "hana" not in sent.lower()
    assert "asthma" in sent


async def test_a_dead_model_costs_the_clinic_no_note(tmp_path: Path) -> None:
    body, _ = await note_of_a_visit(tmp_path, Reply(status=500))
    assert body["writer"]["name"] == "offline"
    assert body["writer"]["passed_over"] == ["openai:test-model: unavailable"]
    assert "cough" in body["notes"]
