"""JSON that is too much, of another kind, or none: refused with a typed problem, before a route sees any of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from auscult.api.access_table import api_routes
from auscult.api.app import create_app
from auscult.api.json_bodies import MAX_BYTES, MAX_DEPTH, JsonRoute
from auscult.api.openapi import document
from tests.support.clinics import OpenClinic

pytestmark = pytest.mark.asyncio(loop_scope="module")
AS_JSON = {"Content-Type": "application/json"}
CANARY = "CANARY-he said"


async def refused(here: OpenClinic, content: bytes | AsyncIterator[bytes], **headers: str) -> dict[str, Any]:
    """Send it to a route that would keep it; return the problem."""
    before = (await here.client.get("/patients")).json()
    answer = await here.client.post("/patients", content=content, headers=headers or AS_JSON)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["remedy"]
    assert "CANARY" not in answer.text
    assert (await here.client.get("/patients")).json() == before
    return body


async def test_a_body_that_says_it_is_too_large_is_refused_unread(here: OpenClinic) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    problem = await refused(here, never(), **AS_JSON, **{"Content-Length": str(MAX_BYTES + 1)})
    assert (problem["status"], problem["code"], problem["max_bytes"]) == (413, "too_large", MAX_BYTES)
    assert str(MAX_BYTES) in problem["remedy"]


async def test_a_body_that_does_not_say_how_large_it_is_is_cut_off(here: OpenClinic) -> None:
    sent = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"name": "'
        for _ in range(1000):
            sent += 65536
            yield b"x" * 65536

    problem = await refused(here, flood(), **AS_JSON)
    assert (problem["status"], problem["code"]) == (413, "too_large")
    assert sent <= MAX_BYTES + 65536


async def test_a_body_of_the_largest_size_is_read(here: OpenClinic) -> None:
    body = b'{"name": "Largest Body"' + b" " * (MAX_BYTES - 24) + b"}"
    assert len(body) == MAX_BYTES
    assert (await here.client.post("/patients", content=body, headers=AS_JSON)).status_code == 201


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        ";",
        "json",
        "text/json",
        "text/plain",
        "application/jsonx",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        'application/json; charset="latin-1"',
    ],
)
async def test_another_content_type_is_refused(here: OpenClinic, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {"Accept": "*/*"}
    problem = await refused(here, json.dumps({"name": CANARY}).encode(), **headers)
    assert (problem["status"], problem["code"]) == (415, "unsupported_media")
    assert "application/json" in problem["remedy"]


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON ; Charset=UTF-8", "application/x+json"])
async def test_json_by_any_of_its_names_is_read(here: OpenClinic, content_type: str) -> None:
    answer = await here.client.post(
        "/patients", content=b'{"name": "\\ud83d\\ude42 \xf0\x9f\x99\x82"}', headers={"Content-Type": content_type}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "🙂 🙂"


def nested(levels: int) -> bytes:
    return b'{"name": "CANARY", "x": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("UTF-8", b'{"name": "CANARY \xff\xfe"}'),
        ("UTF-8", '{"name": "CANARY"}'.encode("utf-16")),
        ("surrogate", b'{"name": "CANARY \\ud800"}'),
        ("surrogate", b'{"name": "x", "CANARY \\uDFFF": 1}'),
        ("not JSON", b'{"name": "CANARY"'),
        ("not JSON", b"CANARY"),
        ("not JSON", b'{"name": "x"} CANARY'),
        ("not JSON", b"\xef\xbb\xbf{}"),
        ("not JSON", b'{"name": "a\x00b"}'),
        ("NaN", b'{"name": "CANARY", "age": NaN}'),
        ("NaN", b'{"name": "CANARY", "age": -Infinity}'),
        ("number", b'{"name": "CANARY", "age": ' + b"9" * 5000 + b"}"),
        ("twice", b'{"name": "x", "name": "CANARY"}'),
        ("deeply", nested(MAX_DEPTH + 1)),
        ("deeply", b"[" * 500_000),
        ("deeply", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    ],
)
async def test_what_is_not_json_is_malformed(here: OpenClinic, what: str, body: bytes) -> None:
    problem = await refused(here, body)
    assert (problem["status"], problem["code"]) == (400, "malformed")
    assert what in problem["detail"]


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"1e999", b"true", nested(MAX_DEPTH)[:-1] + b"}"])
async def test_json_of_another_shape_is_invalid_or_passed_over(here: OpenClinic, body: bytes) -> None:
    answer = await here.client.post("/patients", content=body, headers=AS_JSON)
    assert answer.status_code == (201 if body.startswith(b"{") else 422), answer.text


async def test_a_field_that_nobody_knows_is_not_named_in_the_answer(here: OpenClinic) -> None:
    problem = await refused(here, b'{"name": "A", "identifiers": [{"system": "nhi", "value": "x", "CANARY": 1}]}')
    assert problem["fields"] == [{"field": "body.identifiers.0", "problem": "extra_forbidden"}]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "A", "allergies": ["x"] * 201},
        {"name": "A", "problems": ["x" * 501]},
        {"name": "A", "identifiers": [{"system": "nhi", "value": "x" * 101}]},
        {"name": "A", "identifiers": [{"system": "nhi", "value": "x"}] * 21},
    ],
)
async def test_lists_and_lines_have_an_end(here: OpenClinic, body: dict[str, Any]) -> None:
    problem = await refused(here, json.dumps(body).encode())
    assert (problem["status"], problem["code"]) == (422, "invalid")
    assert problem["fields"]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_a_time_beyond_the_calendar_is_refused(here: OpenClinic, at: str) -> None:
    answer = await here.client.post("/recordings", json={"consent": {"given_by": "patient", "at": at}})
    assert answer.status_code == 422, answer.text


async def test_every_route_with_a_json_body_reads_it_by_these_rules() -> None:
    taking = [route for route in api_routes(create_app(None)) if isinstance(route, APIRoute) and route.body_field]
    assert len(taking) >= 10
    assert [route.path for route in taking if not isinstance(route, JsonRoute)] == []


async def test_every_string_and_list_that_a_client_sends_has_a_largest_length() -> None:
    described = json.loads(document())

    def unbounded(schema: dict[str, Any], where: str) -> Iterator[str]:
        if "$ref" in schema:
            schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if schema.get("type") == "string" and not {"maxLength", "enum", "const", "format", "pattern"} & set(schema):
            yield where
        if schema.get("type") == "array" and "maxItems" not in schema:
            yield where
        for name, inner in schema.get("properties", {}).items():
            yield from unbounded(inner, f"{where}.{name}")
        for inner in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
            yield from unbounded(inner, f"{where}[]" if "items" in schema else where)

    found = [
        one
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
        for one in unbounded(
            operation["requestBody"]["content"]["application/json"]["schema"], f"{method.upper()} {path}"
        )
    ]
    assert found == []
