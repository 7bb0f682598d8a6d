"""Whatever anybody sends to any route: an answer, never a fault of ours, and nothing of anybody else's is touched.

The routes and the shapes of their bodies are read from the OpenAPI document, so that a new route is among them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auscult.api.callers import SESSION_COOKIE
from auscult.api.openapi import document
from auscult.domain.actor import Actor, Role
from auscult.domain.care_team import GlassReason
from auscult.domain.ids import ClinicId, PatientId, UserId
from auscult.flows import access, break_glass
from tests.flows.test_review_notes import drafted, quiet
from tests.support.clinics import OpenClinic

pytestmark = pytest.mark.asyncio(loop_scope="module")

API: Final = json.loads(document())
ROUTES: Final = [
    *(
        (method.upper(), path, json.dumps(operation))
        for path, operations in API["paths"].items()
        for method, operation in operations.items()
    ),
    ("PUT", "/objects/put/{key}", "{}"),
    ("GET", "/sign-in", "{}"),
    ("GET", "/app/{key}", "{}"),
]

HOSTILE: Final = [
    "",
    " ",
    "0",
    "-1",
    "99999999999999999999999",
    "null",
    "..",
    "../../etc/passwd",
    "..\\..\\master.key",
    "a/b",
    "x" * 300,
    "x" * 5000,
    "\x00",
    "a\nb",
    "\x7f\x80",
    "é",
    "राम",
    "🙂",
    "\u202e",
    "'; DROP TABLE documents; --",
    "{{7*7}}",
    "%s%n",
    "${jndi:x}",
    "<script>",
    "REC_01JN0000AV0000000000000009",
    "NOTE_01JN0000AV0000000000000009",
    "PAT_01JN0000AV0000000000000009",
    "CLN_01JN0000AV0000000000000009.x",
    "REC_",
    "1e999",
    "2026-02-30",
    "0001-01-01T00:00:00+23:59",
]
OTHER_IDS: Final = ("user_id", "session_id", "key_id", "device_id", "break_glass_id")
TEXT: Final = st.sampled_from(HOSTILE) | st.text(max_size=30)
SCALAR: Final = (
    TEXT
    | st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**400])
    | st.floats()
)
ANYTHING: Final = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=8
)
HEADER_TEXT: Final = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=40)
HEADERS: Final = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(["application/json", "audio/webm", "text/html", "application/json;charset=x"])
        | HEADER_TEXT,
        "If-Match": st.sampled_from(['"1-1"', '"1-2"', "*", '"999999999-999999999"']) | HEADER_TEXT,
        "Idempotency-Key": HEADER_TEXT | st.just("k" * 5000),
        "X-Content-SHA256": st.just("0" * 64) | HEADER_TEXT,
        "Range": st.sampled_from(["bytes=0-", "bytes=-1", "bytes=5-1", "bytes=999999999999999999-"]) | HEADER_TEXT,
        "Last-Event-ID": st.sampled_from(["0", "9" * 18, "-1"]) | HEADER_TEXT,
        "Accept": st.sampled_from(["text/html", "*/*"]) | HEADER_TEXT,
        "Origin": st.just("https://attacker.example") | HEADER_TEXT,
        "Content-Length": st.sampled_from(["-1", "x", str(5 * 1024**3), "٣"]).map(str) | HEADER_TEXT,
    },
)


def shaped(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that follow a schema, with here and there one that does not."""
    if "$ref" in schema:
        schema = API["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | SCALAR
    if "anyOf" in schema:
        return st.one_of([shaped(one) for one in schema["anyOf"]])
    if schema.get("type") == "object":
        members = {name: shaped(inner) for name, inner in schema.get("properties", {}).items()}
        needed = {name: inner for name, inner in members.items() if name in schema.get("required", [])}
        others = {name: inner for name, inner in members.items() if name not in needed}
        return st.fixed_dictionaries(needed, optional=others) | ANYTHING
    if schema.get("type") == "array":
        return st.lists(shaped(schema["items"]), max_size=3) | SCALAR
    plain: dict[str, st.SearchStrategy[Any]] = {
        "string": TEXT,
        "integer": st.integers(-1, 5) | st.integers(),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return plain.get(schema.get("type", ""), SCALAR) | SCALAR


def bodies(operation: dict[str, Any]) -> st.SearchStrategy[bytes]:
    declared = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    values = shaped(declared) | ANYTHING if declared else ANYTHING
    broken = st.binary(max_size=200) | st.sampled_from([b"[" * 3000, b'{"a":1,"a":2}', b'"\\ud800"', b"x" * 2_000_000])
    return values.map(lambda value: json.dumps(value).encode()) | broken


@dataclass
class Doors:
    """A clinic with something in it, who may knock, and what each of them knows the ids of."""

    here: OpenClinic
    callers: dict[str, httpx.AsyncClient]
    own: dict[str, str]
    """Ids of things that the clinic's own people may do anything to."""
    dear: dict[str, str]
    """Ids of things that only outsiders aim at: they must come to no harm."""

    async def state(self) -> list[Any]:
        """Everything that is to be unharmed, as its owner sees it."""
        recording, note = f"/recordings/{self.dear['recording_id']}", f"/notes/{self.dear['note_id']}"
        paths = [recording, f"{recording}/chunks", f"{recording}/transcript", note, f"{note}/versions"]
        paths += [f"/patients/{self.dear['patient_id']}", f"/queue/{self.dear['entry_id']}"]
        paths += ["/people", "/api-keys", "/devices"]
        answers = [await self.here.client.get(path) for path in paths]
        sound = await self.here.client.get(f"{recording}/audio")
        assert [answer.status_code for answer in [*answers, sound]] == [200] * 11
        return [*(answer.json() for answer in answers), sound.content]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(quiet(tmp_path_factory.mktemp("clinic")))
        services = here.clinic.services
        web = tmp_path_factory.mktemp("web")
        (web / "index.html").write_text("<!doctype html><title>App</title>")
        here.client._transport.app.state.web = web  # type: ignore[attr-defined]  # ours, an ASGI transport

        async def made() -> dict[str, str]:
            patient = (await here.client.post("/patients", json={"name": "Only Theirs"})).json()["patient_id"]
            _services, _actor, recording, note_id = await drafted(here)
            filed = await here.client.patch(f"/recordings/{recording.id}", json={"patient_id": patient})
            assert filed.status_code == 200
            note = (await here.client.get(f"/notes/{note_id}")).json()
            first = next(one["id"] for section in note["body"]["sections"] for one in section["statements"])
            entry = (await here.client.post("/queue", json={"patient_id": patient})).json()["entry_id"]
            return {
                "patient_id": patient,
                "entry_id": entry,
                "recording_id": recording.id,
                "note_id": note_id,
                "statement_id": first,
                "key": recording.upload_key,
                "break_glass_id": await made_reason(here, PatientId(patient)),
                **await made_people(here),
            }

        async def caller(**headers: str) -> httpx.AsyncClient:
            return await stack.enter_async_context(here.stranger(**headers))

        other = ClinicId(services.ambient.new_id("CLN"))
        elsewhere, _key = await access.make_api_key(services, other, "another clinic", Role.DOCTOR)
        callers = {
            "doctor": here.client,
            "nurse": await caller(**{"X-API-Key": await here.api_key(Role.NURSE)}),
            "device": await caller(**{"X-API-Key": await here.api_key(Role.DEVICE)}),
            "integration": await caller(**{"X-API-Key": await here.api_key(Role.INTEGRATION)}),
            "another clinic": await caller(**{"X-API-Key": elsewhere}),
            "a cross-site page": await caller(Cookie=f"{SESSION_COOKIE}={here.client.cookies[SESSION_COOKIE]}"),
            "nobody": await caller(),
        }
        yield Doors(here, callers, own=await made(), dear=await made())


async def made_reason(here: OpenClinic, patient_id: PatientId) -> str:
    """A reason that somebody gave while the clinic had care teams, and nobody looked into yet."""
    services = here.clinic.services
    teams = replace(services, limits=replace(services.limits, care_team_assigned=True))
    who = Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_7"), role=Role.NURSE, name="Only Theirs")
    return (await break_glass.break_glass(teams, who, patient_id, GlassReason.OTHER, "Only Theirs to know.")).id


async def made_people(here: OpenClinic) -> dict[str, str]:
    """Somebody who is signed in, a key and a device."""
    name = f"member{here.clinic.services.ambient.new_id('KEY')}"
    invited = (
        await here.client.post("/people", json={"name": "Only Theirs", "role": "nurse", "sign_in_name": name})
    ).json()
    async with here.stranger() as browser:
        assert (await browser.get(invited["sign_in_url"])).status_code == 303
        session = (await browser.get("/me/sessions")).json()["items"][0]["session_id"]
    key = (await here.client.post("/api-keys", json={"name": "Only Theirs"})).json()["key"]["key_id"]
    device = (await here.client.post("/devices", json={"name": "Only Theirs"})).json()["device"]["device_id"]
    return {"user_id": invited["person"]["user_id"], "session_id": session, "key_id": key, "device_id": device}


@settings(
    max_examples=300,
    derandomize=True,
    suppress_health_check=[
        *settings().suppress_health_check,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(data=st.data())
async def test_no_request_meets_a_fault_of_ours(doors: Doors, data: st.DataObject) -> None:
    """Never a 5xx; every refusal is a problem with a remedy, under our headers."""
    who = data.draw(st.sampled_from(sorted(doors.callers)), label="who")
    method, path, described = data.draw(st.sampled_from(ROUTES), label="route")
    operation = json.loads(described)
    known = doors.own if who in {"doctor", "nurse"} else doors.dear
    for name in ("patient_id", "entry_id", "recording_id", "note_id", "statement_id", "key", "seq", *OTHER_IDS):
        if f"{{{name}}}" in path:
            value = data.draw(st.just(known.get(name, "1")) | TEXT, label=name)
            path = path.replace(
                f"{{{name}}}", httpx.URL("/", params={"x": value}).query.decode()[2:].replace("+", "%20")
            )
    names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"] or ["token", "expires"]
    query = data.draw(st.dictionaries(st.sampled_from(names), TEXT, max_size=3), label="query")
    headers = data.draw(HEADERS, label="headers")
    if data.draw(st.booleans(), label="as JSON"):
        headers["Content-Type"] = "application/json"
    body = data.draw(bodies(operation), label="body") if method != "GET" else b""
    sent = {name: value.encode("utf-8" if name == "Content-Length" else "latin-1") for name, value in headers.items()}
    try:
        async with asyncio.timeout(0.1 if path == "/events" else 30):
            answer = await doors.callers[who].request(method, path, params=query, headers=sent, content=body)
    except TimeoutError:
        assert path == "/events", "only a stream goes on without end"
        return
    assert answer.status_code < 500, answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    if answer.status_code >= 400 and not answer.text.startswith('{"status":'):  # a result's own 404
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["title"]
        assert problem["code"]
        assert problem["remedy"]
    if who in {"nobody", "a cross-site page"} and method != "GET":
        assert not answer.is_success


async def test_nothing_of_anybody_elses_was_harmed(doors: Doors) -> None:
    """Outsiders aim at everything by its true name, in every way that a route knows, and it stays as it was."""
    before = await doors.state()
    for who in ("device", "integration", "another clinic", "a cross-site page", "nobody"):
        for method, path, described in ROUTES:
            if path == "/events" and who in {"another clinic", "a cross-site page"}:
                continue  # a stream without end: of their own clinic, or one that another site's page cannot read
            operation = json.loads(described)
            example = plausible(operation)
            address = path.format(**doors.dear, seq=1)
            answer = await doors.callers[who].request(
                method, address, json=example, headers={"If-Match": before[3]["etag"]}
            )
            assert answer.status_code < 500, (who, method, path, answer.text)
            if who != "a cross-site page":
                assert "Only Theirs" not in answer.text, (who, method, path)
    assert await doors.state() == before


def plausible(operation: dict[str, Any]) -> Any:
    """A body that the route would take from somebody who may."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    named = schema["$ref"].rpartition("/")[2]
    return {
        "NewRecording": {},
        "RecordingChange": {"title": "taken over", "patient_id": None},
        "Finalise": {"count": 1, "sha256": "0" * 64},
        "NewConsent": {"given_by": "patient"},
        "NewStatement": {"section": "Plan", "text": "Slipped in."},
        "StatementText": {"text": "Slipped in."},
        "PreferencesChange": {"template": "gp"},
        "Rewrite": {"template": "gp"},
        "Amendment": {"reason": "none"},
        "NewPatient": {"name": "Somebody Else"},
        "PatientChange": {"name": "Somebody Else"},
        "PatientSearch": {"text": "Theirs"},
        "Merge": {"into": "PAT_01JN0000AV0000000000000009"},
        "PullRequest": {"size": "no-such-size"},
        "NewQueueEntry": {"patient_id": "PAT_01JN0000AV0000000000000009"},
        "NamedEntry": {"entry_id": "QUE_01JN0000AV0000000000000009"},
        "NextEntry": {"entry_id": "QUE_01JN0000AV0000000000000009"},
        "QueueAgain": {"keeps_place": False},
        "SignIn": {"sign_in_name": "aroha", "password": "let me in, please"},
        "NewPassword": {"new": "a password of somebody else", "sign_in_name": "mine.now"},
        "Password": {"password": "a password of somebody else"},
        "Code": {"code": "123456"},
        "NewPerson": {"name": "Slipped In", "role": "admin", "sign_in_name": "slipped.in"},
        "PersonChange": {"role": "admin", "administers": True},
        "NewKey": {"name": "slipped in", "role": "doctor"},
        "NewDevice": {"name": "slipped in"},
        "CareTeamMembers": {"member_ids": []},
        "ReasonGiven": {"code": "other", "reason": "Because I would like to know."},
        "GlassFinding": {"finding": "justified"},
        "AuditSearch": {"patient_id": "PAT_01JN0000AV0000000000000009"},
    }[named]
