"""Every answer is one that the OpenAPI document declares: its status, its media type, its headers and its shape.

Requests are made from the document by schemathesis, with bodies and parameters that follow it and that do not, and sent
to the real application by everybody who may knock.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from auscult.domain.actor import Role
from auscult.domain.ids import ClinicId
from auscult.flows import access
from tests.api.test_fuzz import API, Doors, doors, plausible
from tests.flows.test_review_notes import drafted

__all__ = ["doors"]
pytestmark = pytest.mark.asyncio(loop_scope="module")

AS_DECLARED: Final = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
OPERATIONS: Final[dict[str, APIOperation[Any, Any, Any, Any]]] = {
    f"{one.method.upper()} {one.path}": one
    for found in schemathesis.openapi.from_dict(API).get_all_operations()
    if isinstance(found, Ok)
    for one in [found.ok()]
}
STREAM: Final = "GET /events"
ROLES: Final = (Role.DOCTOR, Role.NURSE, Role.ADMIN, Role.DEVICE, Role.INTEGRATION, Role.DISPLAY)
OTHERS: Final = (*(role.value for role in ROLES), "another clinic")
WHO: Final = ("session", "nobody", *OTHERS)

AnyCase = Case[Any]
Knockers = Mapping[str, httpx.AsyncClient]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def knockers(doors: Doors) -> AsyncIterator[Knockers]:
    """The doctor's browser, a key of each role, a doctor of another clinic, and nobody."""
    here = doors.here
    elsewhere = ClinicId(here.clinic.services.ambient.new_id("CLN"))
    async with AsyncExitStack() as stack:
        found = {"session": here.client, "nobody": await stack.enter_async_context(here.stranger())}
        for who, clinic_id, role in [
            *((role.value, here.clinic.clinic_id, role) for role in ROLES),
            ("another clinic", elsewhere, Role.DOCTOR),
        ]:
            token, _key = await access.make_api_key(here.clinic.services, clinic_id, who, role)
            found[who] = await stack.enter_async_context(here.stranger(**{"X-API-Key": token}))
        yield found


async def answered(client: httpx.AsyncClient, case: AnyCase, **more: str) -> httpx.Response:
    """Send what was made, and see that the answer is declared and no fault of ours."""
    request = case.as_transport_kwargs(base_url="http://127.0.0.1")
    headers = {**request["headers"], **more}
    content = json.dumps(request["json"]).encode() if "json" in request else request.get("data")
    async with asyncio.timeout(120):
        answer = await client.request(
            request["method"], request["url"], params=request["params"], headers=_sent(headers), content=content
        )
    assert answer.status_code < 500, (case.operation.label, answer.text)
    case.validate_response(answer, checks=AS_DECLARED)
    return answer


def _sent(headers: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Headers as a client sends them: whatever was generated, as bytes, and none that says something of the client."""
    kept = {name: str(value) for name, value in headers.items() if name.lower() not in {"user-agent", "cookie"}}
    return {name.encode(): value.encode() for name, value in kept.items() if not set(value) & set("\r\n\x00")}


def asked(label: str, path: Mapping[str, Any] | None = None, body: object = None) -> AnyCase:
    """A request of an operation with these parameters and this body."""
    given_body: dict[str, Any] = {} if body is None else {"body": body, "media_type": "application/json"}
    return OPERATIONS[label].Case(path_parameters=dict(path or {}), **given_body)


def described(label: str) -> dict[str, Any]:
    """An operation as the document has it."""
    found: dict[str, Any] = API["paths"][OPERATIONS[label].path][OPERATIONS[label].method]
    return found


def path_names(label: str) -> list[str]:
    return [one["name"] for one in described(label).get("parameters", []) if one["in"] == "path"]


def _reading_first(label: str) -> tuple[bool, bool, str]:
    method, _, path = label.partition(" ")
    return path in {"/sign-out", "/me/password"} or method == "DELETE", method != "GET", path


@pytest.mark.parametrize("who", ["session", "nobody", *(pytest.param(one, marks=pytest.mark.full) for one in OTHERS)])
async def test_every_route_answers_as_the_document_says(who: str, doors: Doors, knockers: Knockers) -> None:
    """With ids that are there and bodies that routes take."""
    succeeded = 0
    for label in sorted(set(OPERATIONS) - {STREAM}, key=_reading_first):
        path = {name: {**doors.own, "seq": 1}[name] for name in path_names(label)}
        case = asked(label, path, plausible(described(label)))
        succeeded += (await answered(knockers[who], case, **{"If-Match": '"1-1"'})).is_success
    assert succeeded >= {"session": 30, "nobody": 4}.get(who, 4), "most answers were refusals"


async def test_a_visit_is_answered_as_the_document_says_from_the_desk_to_the_signature(
    doors: Doors, knockers: Knockers
) -> None:
    """What only a state that was led up to answers with success."""
    client = knockers["doctor"]

    async def do(label: str, body: object = None, status: int = 200, **path: object) -> Any:
        etag = {"If-Match": note["etag"]} if "note_id" in path else {}
        answer = await answered(client, asked(label, path, body), **etag)
        assert answer.status_code == status, (label, answer.text)
        return answer.json() if answer.content else None

    note: dict[str, Any] = {}
    patient = await do("POST /patients", {"name": "Asha Rao"}, 201)
    entry = await do("POST /queue", {"patient_id": patient["patient_id"]}, 201)
    named = {"entry_id": entry["entry_id"]}
    await do("POST /queue/call", named)
    await do("POST /queue/{entry_id}/no-show", **named)
    await do("POST /queue/{entry_id}/queue-again", {}, **named)
    await do("POST /queue/start", named)
    await do("POST /queue/complete", named)

    opened = await do("POST /recordings", {"live": True, "consent": {"given_by": "patient"}}, 201)
    recording = {"recording_id": opened["recording_id"]}
    sent = b"a slice of sound"
    kept = await client.put(f"/recordings/{opened['recording_id']}/chunks/0", content=sent)
    digest = hashlib.sha256(hashlib.sha256(sent).hexdigest().encode()).hexdigest()
    assert kept.status_code == 200
    await do("POST /recordings/{recording_id}/finalise", {"count": 1, "sha256": digest}, 202, **recording)
    await do("POST /recordings/{recording_id}/cancel", **recording)
    await do("POST /recordings/{recording_id}/retry", None, 202, **recording)
    await do("POST /recordings/{recording_id}/withdraw-consent", **recording)

    _services, _actor, written, note_id = await drafted(doors.here)
    await do("PATCH /recordings/{recording_id}", {"patient_id": patient["patient_id"]}, recording_id=written.id)
    note = (await client.get(f"/notes/{note_id}")).json()
    for label, body in (
        ("POST /notes/{note_id}/statements", {"section": "Plan", "text": "Come back in a week."}),
        ("POST /notes/{note_id}/undo", None),
    ):
        note = await do(label, body, note_id=note_id)
    for section in note["body"]["sections"]:
        for one in section["statements"]:
            where = {"note_id": note_id, "statement_id": one["id"]}
            note = await do("POST /notes/{note_id}/statements/{statement_id}/keep", **where)
    words = {"text": "In other words."}
    note = await do("PATCH /notes/{note_id}/statements/{statement_id}", words, **where)
    note = await do("DELETE /notes/{note_id}/statements/{statement_id}", **where)
    for one in note["body"]["omitted"][:1]:
        where["statement_id"] = one["id"]
        note = await do("POST /notes/{note_id}/omitted/{statement_id}/add", **where)
    sound = asked("GET /recordings/{recording_id}/audio", {"recording_id": written.id})
    for wanted, status in (("bytes=0-9", 206), ("bytes=999999999-", 416), ("lines=1", 200)):
        assert (await answered(client, sound, Range=wanted)).status_code == status
    note = await do("POST /notes/{note_id}/sign", note_id=note_id)
    await do("GET /patients/{patient_id}/summary", patient_id=patient["patient_id"])
    await do("GET /result/{key}", key=written.upload_key)
    note = await do("POST /notes/{note_id}/amend", {"reason": "A wrong dose."}, 201, note_id=note_id)

    to_the_app = await answered(knockers["nobody"], asked("GET /"), Accept="text/html")
    assert to_the_app.status_code == 303


async def tried(data: st.DataObject, doors: Doors, knockers: Knockers) -> None:
    """One request that schemathesis makes of the document."""
    label = data.draw(st.sampled_from(sorted(set(OPERATIONS) - {STREAM})), label="operation")
    who = data.draw(st.sampled_from(WHO[1:] if label == "POST /sign-out" else WHO), label="who")
    mode = data.draw(st.sampled_from(list(GenerationMode)), label="mode")
    case = data.draw(made(label, mode), label="case")
    for name in path_names(label):
        if name in doors.own and data.draw(st.booleans(), label=f"a real {name}"):
            case.path_parameters[name] = doors.own[name]
    more = {"If-Match": '"1-1"'} if data.draw(st.booleans(), label="If-Match") else {}
    await answered(knockers[who], case, **more)


@functools.cache
def made(label: str, mode: GenerationMode) -> st.SearchStrategy[AnyCase]:
    """Requests of an operation; such as follow the document where it leaves nothing to go against."""
    operation = OPERATIONS[label]
    takes = bool(described(label).get("parameters")) or "requestBody" in described(label)
    return operation.as_strategy(mode if takes else GenerationMode.POSITIVE)


LENIENT: Final = [*settings().suppress_health_check, *HealthCheck]


@settings(max_examples=30, derandomize=True, suppress_health_check=LENIENT, phases=[Phase.generate])
@given(data=st.data())
async def test_what_the_document_allows_and_forbids_is_answered_as_it_says(
    doors: Doors, knockers: Knockers, data: st.DataObject
) -> None:
    await tried(data, doors, knockers)


@pytest.mark.full
@settings(max_examples=3000, derandomize=True, suppress_health_check=LENIENT, phases=[Phase.generate, Phase.shrink])
@given(data=st.data())
async def test_so_are_many_more(doors: Doors, knockers: Knockers, data: st.DataObject) -> None:
    await tried(data, doors, knockers)
