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
    """What an answer says. The address is the test's own: some carry the phrase on purpose."""
    found = [one for canary in CANARIES for answer in answers for one in canary.in_response(answer)]
    return [one for one in found if not one.where.endswith(", address")]


async def whole_life(server: ServerProcess, visit: bytes) -> list[httpx.Response]:
    """A patient, a recording with a note that is edited, and every request that goes wrong; return those answers."""
    client = server.client
    patient = await client.post("/patients", json={"name": PHRASE, "allergies": [HINDI_PHRASE], "problems": [PHRASE]})
    assert patient.status_code == 201, patient.text
    patient_id = patient.json()["patient_id"]
    preferred = await client.patch("/me/preferences", json={"template": "gp", PHRASE: HINDI_PHRASE})
    assert preferred.json() == {"template": "gp"}, "what is not known is passed over, and not repeated"
    queued = await client.post("/queue", json={"patient_id": patient_id, "reason": f"{PHRASE} {HINDI_PHRASE}"})
    assert PHRASE in queued.text, "the reason is what the clinic reads"
    for step in ("call", "start"):
        assert (await client.post(f"/queue/{step}", json={})).status_code == 200
    again = await client.post("/queue", json={"patient_id": patient_id, "reason": PHRASE})
    assert again.status_code == 409
    recording_id = await server.upload(visit, title=PHRASE, patient_id=patient_id)
    body = await server.settled(recording_id)
    transcript = await client.get(f"/recordings/{recording_id}/transcript")
    assert PHRASE in transcript.text, "the canary was heard, or this test proves nothing"
    assert HINDI_PHRASE in transcript.text
    wrong = [
        again,
        await client.post("/queue", json={"patient_id": PHRASE, "reason": PHRASE, "urgency": HINDI_PHRASE}),
        await client.post("/queue/start", json={"entry_id": PHRASE}),
        await client.post(f"/queue/{PHRASE}/no-show"),
        await client.post("/patients", content=f'{{"name": "{PHRASE}', headers={"Content-Type": "application/json"}),
        await client.put(f"/recordings/{recording_id}/chunks/0", content=PHRASE.encode()),
        await client.put(f"/recordings/{recording_id}/chunks/0", content=b"x", headers={"X-Content-SHA256": PHRASE}),
    ]
    doors = (*WRONG_BODIES, *wrong_of_recording(f"/recordings/{recording_id}"))
    wrong += [await client.request(method, address, json=sent) for method, address, sent in doors]
    wrong += [await client.get(address) for address in wrong_addresses(recording_id, patient_id)]
    if body["status"] == "ready":
        wrong += await worked_over(server, recording_id, body["note_id"])
    return wrong


def misfits(*fields: str) -> list[Any]:
    """Bodies that no door takes: the phrase in place of the object, of each field's value, and of names in it."""
    values: list[Any] = [[PHRASE], {PHRASE: HINDI_PHRASE}, [{PHRASE: PHRASE}]]
    return [PHRASE, [HINDI_PHRASE], *({field: value, PHRASE: PHRASE} for field in fields for value in values)]


PATIENT = {"name": PHRASE}
WRONG_BODIES: list[tuple[str, str, Any]] = [
    *(("PATCH", "/me/preferences", body) for body in ({"template": PHRASE}, *misfits("template"))),
    *(("POST", "/recordings", {field: PHRASE, "title": HINDI_PHRASE}) for field in ("language", "template", "live")),
    ("POST", "/recordings", {"patient_id": PHRASE}),
    ("POST", "/recordings", {"content_type": PHRASE}),
    ("POST", "/recordings", {"consent": {"given_by": PHRASE, "at": HINDI_PHRASE, PHRASE: PHRASE}}),
    *(("POST", "/recordings", body) for body in misfits("title", "language", "template", "consent", "patient_id")),
    *(("POST", "/patients", {**PATIENT, field: PHRASE}) for field in ("birth_date", "age", "sex", "problems")),
    *(("POST", "/patients", {**PATIENT, "identifiers": [one]}) for one in (PHRASE, {PHRASE: PHRASE})),
    ("POST", "/patients", {**PATIENT, "identifiers": [{"system": PHRASE, "value": PHRASE, HINDI_PHRASE: PHRASE}]}),
    *(("POST", "/patients", body) for body in misfits("name", "phone")),
    *(("POST", "/engines/whisper/pull", body) for body in ({"size": PHRASE}, *misfits("size"))),
]


def wrong_of_recording(address: str) -> list[tuple[str, str, Any]]:
    return [
        *(("PATCH", address, body) for body in ({"language": PHRASE}, *misfits("title", "language", "patient_id"))),
        ("PATCH", address, {"patient_id": PHRASE}),
        *(("POST", f"{address}/rewrite", body) for body in ({"template": PHRASE}, {PHRASE: "gp"})),
        *(("POST", f"{address}/rewrite", body) for body in misfits("template")),
        ("POST", f"{address}/consent", {"given_by": PHRASE}),
        ("POST", f"{address}/finalise", {"count": 1, "sha256": PHRASE}),
        ("POST", f"{address}/finalise", {"count": PHRASE, PHRASE: PHRASE}),
    ]


def wrong_addresses(recording_id: str, patient_id: str) -> list[str]:
    return [
        f"/notes/{PHRASE}",
        f"/patients/{PHRASE}",
        f"/patients?cursor={PHRASE}&limit={PHRASE}",
        f"/patients/{patient_id}/notes?cursor={PHRASE}",
        f"/recordings?cursor={PHRASE}",
        f"/recordings/{recording_id}/transcript?version={PHRASE}",
        f"/result/{PHRASE}",
        f"/get-upload-url?content_type={PHRASE}",
        f"/{PHRASE}?{PHRASE}={HINDI_PHRASE}",
    ]


async def worked_over(server: ServerProcess, recording_id: str, note_id: str) -> list[httpx.Response]:
    """Do with a note all that a clinician can: return the answers to what is refused on the way."""
    client = server.client
    note = await client.get(f"/notes/{note_id}")
    assert note.json()["body"]["template"] == "gp"
    assert PHRASE in note.json()["body"]["sections"][0]["statements"][1]["problem"], "a group is headed by the phrase"
    wrong = await edited(client, note)
    note = await offers_decided(client, note_id, wrong)
    again = await client.post(f"/recordings/{recording_id}/rewrite", json={"template": "soap", PHRASE: HINDI_PHRASE})
    assert again.status_code == 202, again.text
    assert (await server.settled(recording_id))["status"] == "ready"
    rewritten = await client.get(f"/notes/{note_id}")
    assert rewritten.json()["body"]["template"] == "soap"
    undone = await client.post(f"/notes/{note_id}/undo", headers={"If-Match": rewritten.headers["etag"]})
    assert undone.json()["body"] == note.json()["body"]
    wrong += [
        await client.post(f"/notes/{note_id}/undo", headers={"If-Match": rewritten.headers["etag"]}),
        await client.post(f"/notes/{note_id}/sign", headers={"If-Match": undone.headers["etag"]}),
        *[
            await client.post(f"/notes/{note_id}/amend", json=body, headers={"If-Match": undone.headers["etag"]})
            for body in ({"reason": PHRASE}, *misfits("reason"))
        ],
    ]
    return wrong


async def edited(client: httpx.AsyncClient, note: httpx.Response) -> list[httpx.Response]:
    """Word the problem that heads a group anew; return the answers to edits that are refused."""
    etag = {"If-Match": note.headers["etag"]}
    path = f"/notes/{note.json()['note_id']}/statements"
    first = note.json()["body"]["sections"][0]["statements"][0]["id"]
    kept = await client.patch(f"{path}/{first}", json={"text": f"Takes {PHRASE}."}, headers=etag)
    assert kept.status_code == 200, kept.text
    now = {"If-Match": kept.headers["etag"]}
    fresh = {"section": PHRASE, "text": HINDI_PHRASE}
    return [
        await client.patch(f"{path}/{first}", json={"text": f"{PHRASE} " * 2000}, headers=etag),
        await client.patch(f"{path}/{first}", json={"text": HINDI_PHRASE}, headers=etag),
        await client.patch(f"{path}/{first}x", json={"text": PHRASE}),
        await client.patch(f"{path}/{PHRASE}", json={"text": PHRASE}, headers=now),
        await client.patch(f"{path}/{first}", json={"text": PHRASE}, headers={"If-Match": PHRASE}),
        *[await client.patch(f"{path}/{first}", json=body, headers=now) for body in misfits("text")],
        *[await client.post(path, json={**fresh, **body}, headers=now) for body in WRONG_SENTENCES],
        *[await client.post(path, json=body, headers=now) for body in misfits("section", "text", "after")],
        await client.delete(f"{path}/{PHRASE}", headers=now),
        await client.post(f"{path}/{PHRASE}/keep", headers=now),
    ]


WRONG_SENTENCES = ({"section": PHRASE * 3}, {"after": PHRASE * 2}, {"text": PHRASE * 200})


async def offers_decided(client: httpx.AsyncClient, note_id: str, wrong: list[httpx.Response]) -> httpx.Response:
    """Add one of the sentences that were left out, put one aside, take a sentence out; return the note of then."""
    path = f"/notes/{note_id}/omitted"
    note = await client.get(f"/notes/{note_id}")
    assert PHRASE in json.dumps(note.json()["body"]["omitted"], ensure_ascii=False)
    first, second, *_ = [one["id"] for one in note.json()["body"]["omitted"]]
    added = await client.post(f"{path}/{first}/add", headers={"If-Match": note.headers["etag"]})
    assert added.status_code == 200, added.text
    aside = await client.delete(f"{path}/{second}", headers={"If-Match": added.headers["etag"]})
    assert aside.status_code == 200, aside.text
    now = {"If-Match": aside.headers["etag"]}
    for method, address in (("POST", f"{path}/{{}}/add"), ("DELETE", f"{path}/{{}}")):
        wrong += [
            await client.request(method, address.format(PHRASE), headers=now),
            await client.request(method, address.format(first), headers=now),
            await client.request(method, address.format(second), headers={"If-Match": note.headers["etag"]}),
            await client.request(method, address.format(second), headers={"If-Match": PHRASE}),
        ]
    last = aside.json()["body"]["sections"][0]["statements"][-1]["id"]
    removed = await client.delete(f"/notes/{note_id}/statements/{last}", headers=now)
    assert removed.status_code == 200, removed.text
    return removed


async def not_audio(server: ServerProcess) -> dict[str, Any]:
    recording_id = await server.upload((PHRASE * 100).encode())
    return await server.settled(recording_id)


@pytest.mark.parametrize(
    ("backend", "writer"),
    [
        ("sqlite", "offers"),
        pytest.param("sqlite", "raises", marks=pytest.mark.full),
        pytest.param("postgres", "offers", marks=pytest.mark.full),
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
        passed = [(one.request.method, one.request.content, one.text) for one in wrong if not one.is_client_error]
        assert passed == []
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
