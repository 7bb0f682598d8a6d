"""What a patient said is nowhere but where it is sealed: not in a file, a database, a log, an event or an error."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.audio import encoded, speech
from tests.support.canary import HINDI_PHRASE, PHRASE, Canary, Found
from tests.support.postgres import PostgresServer
from tests.support.server_process import Orders, ServerProcess, running

CANARIES = [Canary(PHRASE), Canary(HINDI_PHRASE)]
SAID = (
    f"what brings you in today is it {PHRASE}",
    f"yes i take {PHRASE} five hundred milligrams twice a day and {HINDI_PHRASE} for the headache",
    "i have had a bad headache for five days",
)


@pytest.fixture(scope="module")
def visit() -> bytes:
    return encoded(speech("visit")[:, : 12 * 16000], "webm", "libopus", live="1")


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """The address of the database: empty for SQLite, made when it is PostgreSQL."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return ""


def found_in_answers(answers: Sequence[httpx.Response]) -> list[Found]:
    return [found for canary in CANARIES for answer in answers for found in canary.in_response(answer)]


async def whole_life(server: ServerProcess, visit: bytes) -> list[httpx.Response]:
    """A patient, a recording with a note that is edited, and every request that goes wrong; return those answers."""
    client = server.client
    patient = await client.post("/patients", json={"name": PHRASE, "allergies": [HINDI_PHRASE], "problems": [PHRASE]})
    assert patient.status_code == 201, patient.text
    patient_id = patient.json()["patient_id"]
    recording_id = await server.upload(visit, title=PHRASE, patient_id=patient_id)
    body = await server.settled(recording_id)
    transcript = await client.get(f"/recordings/{recording_id}/transcript")
    assert PHRASE in transcript.text, "the canary was heard, or this test proves nothing"
    assert HINDI_PHRASE in transcript.text
    wrong = [
        await client.post("/patients", content=f'{{"name": "{PHRASE}', headers={"Content-Type": "application/json"}),
        await client.post("/patients", json={"name": {"first": PHRASE}}),
        await client.post("/recordings", json={"language": PHRASE, "title": HINDI_PHRASE}),
        await client.post("/recordings", json={"patient_id": PHRASE}),
        await client.patch(f"/recordings/{recording_id}", json={"title": [PHRASE]}),
        await client.put(f"/recordings/{recording_id}/chunks/0", content=PHRASE.encode()),
        await client.put(f"/recordings/{recording_id}/chunks/0", content=b"x", headers={"X-Content-SHA256": PHRASE}),
        await client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": PHRASE}),
    ]
    if body["status"] == "ready":
        wrong += await edited(client, body["note_id"])
    return wrong


async def edited(client: httpx.AsyncClient, note_id: str) -> list[httpx.Response]:
    """Edit a note as a clinician does; return the answers to edits that are refused."""
    note = await client.get(f"/notes/{note_id}")
    assert PHRASE in note.text
    etag = note.headers["etag"]
    sections = note.json()["body"]["sections"]
    statements = [statement for section in sections for statement in section["statements"]]
    address = f"/notes/{note_id}/statements/{statements[0]['id']}"
    kept = await client.patch(address, json={"text": f"Takes {PHRASE}."}, headers={"If-Match": etag})
    assert kept.status_code == 200, kept.text
    return [
        await client.patch(address, json={"text": f"{PHRASE} " * 2000}, headers={"If-Match": etag}),
        await client.patch(address, json={"text": HINDI_PHRASE}, headers={"If-Match": etag}),
        await client.patch(f"{address}x", json={"text": PHRASE}),
    ]


async def not_audio(server: ServerProcess) -> dict[str, Any]:
    recording_id = await server.upload((PHRASE * 100).encode())
    return await server.settled(recording_id)


@pytest.mark.parametrize(
    ("backend", "writer"),
    [
        ("sqlite", "quotes"),
        pytest.param("sqlite", "raises", marks=pytest.mark.full),
        pytest.param("postgres", "quotes", marks=pytest.mark.full),
        ("postgres", "raises"),
    ],
    indirect=["backend"],
)
async def test_what_was_said_is_found_nowhere(
    backend: str, writer: str, visit: bytes, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """With debug logs, and with a writer that fails with the whole conversation in its message."""
    orders = Orders(
        data=str(tmp_path / "clinic"),
        script={"lines": SAID, "writer": writer},
        settings={"log_level": "debug", "records_url": backend.replace("postgresql://", "postgresql+asyncpg://")},
    )
    async with running(orders, tmp_path / "said") as server:
        wrong = await whole_life(server, visit)
        assert all(400 <= answer.status_code < 500 for answer in wrong), [answer.status_code for answer in wrong]
        bad = await not_audio(server)
        assert bad["status"] == "failed", bad
        events = await server.events("recording_failed")
        found = found_in_answers(wrong)
        for canary in CANARIES:
            found += canary.in_text("events", json.dumps(events, ensure_ascii=False))
            found += canary.in_folder(tmp_path / "clinic")  # while it runs: with its write-ahead log
        if backend:
            found += await in_postgres(request.getfixturevalue("postgres"), backend)
        await server.stop()
    for canary in CANARIES:
        found += canary.in_text("what it said", server.text())
        found += canary.in_folder(tmp_path / "clinic")
    assert found == []


async def in_postgres(postgres: PostgresServer, url: str) -> list[Found]:
    dsn = postgres.url(url.rpartition("/")[2], postgres.superuser)
    return [found for canary in CANARIES for found in await canary.in_postgres(dsn)]
