"""The front door: health, signing in, engines, live events, headers, and problems with a remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from auscult.api.callers import SESSION_COOKIE
from auscult.domain.errors import AuscultError
from auscult.flows import access
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.serving import served

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_health_needs_no_sign_in_and_gives_no_details(here: OpenClinic) -> None:
    async with here.stranger() as client:
        body = (await client.get("/")).json()
        assert body["service"] == "auscult"
        assert body["status"] == "ok"
        assert body["checks"] == {"records": "ok", "objects": "ok", "jobs": "ok", "writer": "ok"}
        assert (await client.get("/health/live")).json() == {"status": "ok"}
        assert (await client.get("/health/ready")).status_code == 200


async def test_a_browser_at_the_root_is_sent_to_the_app(here: OpenClinic) -> None:
    answer = await here.client.get("/", headers={"Accept": "text/html,application/xhtml+xml"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/app/"
    assert answer.headers["vary"] == "Accept"


async def test_a_sign_in_link_works_once(here: OpenClinic) -> None:
    services = here.clinic.services
    user = await access.owner(services, here.clinic.clinic_id, "ignored: there is an owner already")
    token = await access.make_link(services, here.clinic.clinic_id, user)
    async with here.stranger() as client:
        first = await client.get("/sign-in", params={"token": token})
        assert first.status_code == 303
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert (await client.get("/me")).json()["name"] == "Dr Aroha Rangi"
        assert (await client.post("/sign-out", headers={"X-Auscult": "1"})).status_code == 204
        assert (await client.get("/me")).status_code == 401
    async with here.stranger() as client:
        second = await client.get("/sign-in", params={"token": token})
        assert second.status_code == 410
        assert "sign-in-link" in second.json()["remedy"]


@pytest.mark.parametrize("token", ["", "x", "CLN_01JN0000AV0000000000000001.abc", "a.b.c", "CLN_.", "\x00", "é" * 500])
async def test_forged_tokens_open_nothing(here: OpenClinic, token: str) -> None:
    async with here.stranger() as client:
        assert (await client.get("/sign-in", params={"token": token})).status_code in {401, 410, 422}
        answer = await client.get("/me", headers={"Cookie": f"{SESSION_COOKIE}={token}".encode()})
        assert answer.status_code == 401


async def test_unknown_addresses_and_methods_are_problems(here: OpenClinic) -> None:
    for answer in (await here.client.get("/nowhere"), await here.client.delete("/recordings")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["remedy"]
        assert answer.json()["status"] == answer.status_code


async def test_a_body_that_is_wrong_is_not_repeated_in_the_answer(here: OpenClinic) -> None:
    answer = await here.client.post("/patients", json={"name": ["CANARY-77"], "age": "CANARY-78"})
    assert answer.status_code == 422
    assert "CANARY" not in answer.text
    assert {field["field"] for field in answer.json()["fields"]} == {"body.name", "body.age"}


async def test_engines_say_what_is_bound_and_how_to_get_the_better_one(tmp_path: Path) -> None:
    async with open_clinic(tmp_path, work=False) as machines_own:
        body = (await machines_own.client.get("/engines")).json()
    roles = {role["role"]: role for role in body["roles"]}
    assert set(roles) == {"speech", "speakers", "writer", "records", "objects", "jobs"}
    assert roles["speech"]["bound"] == "sphinx"
    assert roles["speech"]["demo_quality"] is True
    assert "auscult models pull" in roles["speech"]["missing"]
    assert body["whisper"]["suggested"] in {size["size"] for size in body["whisper"]["sizes"]}


async def test_an_unknown_model_size_is_refused(here: OpenClinic) -> None:
    answer = await here.client.post("/engines/whisper/pull", json={"size": "../../etc"})
    assert answer.status_code == 422


async def read_events(here: OpenClinic, count: int, last: str | None = None) -> list[dict[str, Any]]:
    """Read events from a real HTTP server of the same application, since streams need one."""
    headers = {"Last-Event-ID": last} if last is not None else {}
    found: list[dict[str, Any]] = []
    async with (
        served(here.clinic) as port,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", cookies=dict(here.client.cookies), headers=headers, timeout=10
        ) as client,
        client.stream("GET", "/events") as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        current: dict[str, str] = {}
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            if name in {"id", "event", "data"}:
                current[name] = value
            if not line and "data" in current:
                found.append({**current, "data": json.loads(current["data"])})
                current = {}
                if len(found) == count:
                    return found
    return found


async def test_events_are_replayed_from_the_last_one_seen(here: OpenClinic) -> None:
    for name in ("Tama Sequence", "Lata Sequence", "Wiremu Sequence"):
        assert (await here.client.post("/patients", json={"name": name})).status_code == 201
    events = await read_events(here, 3, last="0")
    sequence = [int(event["id"]) for event in events]
    assert sequence == sorted(set(sequence))
    assert [event["event"] for event in events] == ["registered"] * 3
    for event in events:
        assert event["data"]["seq"] == int(event["id"])
        assert event["data"]["event"] == event["event"]
        assert event["data"]["timestamp"].endswith("Z")
        assert "Sequence" not in json.dumps(event)
    later = await read_events(here, 1, last=str(sequence[1]))
    assert int(later[0]["id"]) == sequence[2]


async def test_patients_are_registered_listed_and_read(here: OpenClinic) -> None:
    made = await here.client.post(
        "/patients", json={"name": "  Asha   Invented ", "birth_date": "1980-02-29", "sex": "female", "phone": "021"}
    )
    assert made.status_code == 201
    patient = made.json()
    assert patient["name"] == "Asha Invented"
    assert (await here.client.get(f"/patients/{patient['patient_id']}")).json() == patient
    assert patient["patient_id"] in {one["patient_id"] for one in (await here.client.get("/patients")).json()["items"]}


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": " \t "},
        {"name": "x" * 10_000},
        {"name": "A", "birth_date": "2999-01-01"},
        {"name": "A", "birth_date": "1700-01-01"},
        {"name": "A", "age": -1},
        {"name": "A", "sex": "yes"},
        {},
    ],
)
async def test_patients_that_cannot_be_are_refused(here: OpenClinic, body: dict[str, Any]) -> None:
    answer = await here.client.post("/patients", json=body)
    assert answer.status_code == 422
    assert answer.json()["remedy"]


async def test_every_error_of_ours_has_a_status_a_title_and_a_remedy() -> None:
    from auscult.api.problems import status_of

    def kinds(root: type[AuscultError]) -> list[type[AuscultError]]:
        return [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]

    for kind in kinds(AuscultError):
        error = kind("reason")
        assert 400 <= status_of(error) < 600
        assert error.title
        assert error.remedy
