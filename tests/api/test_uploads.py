"""Upload URLs that are late, aimed elsewhere or too much, over a real socket: refused, nothing stored or harmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from auscult.world import real_ambient
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.serving import served
from tests.support.world import Clock

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLOCK = Clock()
AUDIO = {"Content-Type": "audio/webm"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenClinic]:
    """A clinic whose time stands still until a test moves it, and that runs no jobs."""
    world = replace(real_ambient(), now=CLOCK)
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"), ambient=world, work=False, max_upload_bytes=5_000_000
    ) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port(clinic: OpenClinic) -> AsyncIterator[int]:
    async with served(clinic.clinic) as listening:
        yield listening


async def granted(clinic: OpenClinic) -> tuple[str, str]:
    """A fresh upload URL, without its origin, and its key."""
    body = (await clinic.client.get("/get-upload-url")).json()
    parts = urlsplit(body["upload_url"])
    return f"{parts.path}?{parts.query}", body["key"]


async def kept(clinic: OpenClinic) -> list[str]:
    """The keys of everything that is stored."""
    return [key async for key in clinic.clinic.services.objects.of(clinic.clinic.clinic_id).keys("")]


async def raw(port: int, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, str]:
    """Send a request byte for byte, as no client library would, and return the status and the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        async with asyncio.timeout(20):
            answer = (await reader.read()).decode()
    finally:
        writer.close()
    return int(answer.split(" ", 2)[1]), answer


async def test_an_upload_url_ends_after_its_300_seconds(clinic: OpenClinic) -> None:
    late, late_key = await granted(clinic)
    in_time, _key = await granted(clinic)
    async with clinic.stranger(**AUDIO) as client:
        CLOCK.advance(299)
        assert (await client.put(in_time, content=b"in time")).status_code == 200
        CLOCK.advance(1)
        answer = await client.put(late, content=b"too late")
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    assert "new link" in answer.json()["remedy"]
    assert late_key not in await kept(clinic)
    assert (await clinic.client.get(f"/result/{late_key}")).json() == {"status": "processing"}


async def test_a_longer_life_cannot_be_written_into_a_url(clinic: OpenClinic) -> None:
    url, key = await granted(clinic)
    query = dict(httpx.QueryParams(urlsplit(url).query))
    CLOCK.advance(301)
    async with clinic.stranger(**AUDIO) as client:
        for changed in (
            {"expires": str(int(query["expires"]) + 10_000)},
            {"max": "999999999"},
            {"type": "audio/wav"},
            {"signature": "0" * 64},
            {"signature": ""},
        ):
            answer = await client.put(urlsplit(url).path, params={**query, **changed}, content=b"x")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), changed
    assert key not in await kept(clinic)


async def test_a_used_url_is_used_up_and_keeps_what_it_took(clinic: OpenClinic) -> None:
    url, key = await granted(clinic)
    objects = clinic.clinic.services.objects.of(clinic.clinic.clinic_id)
    async with clinic.stranger(**AUDIO) as client:
        assert (await client.put(url, content=b"the first")).status_code == 200
        for again in (b"the first", b"another"):
            answer = await client.put(url, content=again)
            assert answer.status_code == 409
            assert "new upload URL" in answer.json()["remedy"]
    assert b"".join([piece async for piece in objects.read(key, 0, 9)]) == b"the first"


@pytest.mark.parametrize(
    "path",
    [
        "/result/../../etc/passwd",
        "/result/..%2f..%2fetc%2fpasswd",
        "/result/%2e%2e/%2e%2e/master.key",
        "/result/uploads/..%5c..%5cmaster.key",
        "/result/uploads//x.webm",
        "/result//etc/passwd",
        "/result/uploads/x.webm%00.txt",
        "/result/uploads/x.webm%0d%0aSet-Cookie:%20a=b",
        "/result/" + "a/" * 3000,
        "/result/%ff%fe",
        "/result/%",
        "/result/uploads/*",
        "/result/intake",
        "/result/uploads/x!meta",
    ],
)
async def test_a_key_with_path_tricks_is_unknown(clinic: OpenClinic, port: int, path: str) -> None:
    headers = {"X-API-Key": await clinic.api_key()}
    status, answer = await raw(port, "GET", path, headers)
    assert status == 404, answer
    assert answer.endswith('{"status":"unknown"}') or '"code":"not_found"' in answer, "no route takes a line feed"
    assert "set-cookie" not in answer.lower()


@pytest.mark.parametrize(
    "aim",
    [
        "/objects/put/{clinic}/../{clinic}/{key}",
        "/objects/put/{clinic}/../../master.key",
        "/objects/put/{clinic}/..%2f..%2fmaster.key",
        "/objects/put/..%2f..%2f/{key}",
        "/objects/put/{clinic}/{key}/../other.webm",
        "/objects/put/{clinic}/{key}%00",
        "/objects/put/{clinic}/{key}!meta",
        "/objects/put/intake/{clinic}/{key}",
        "/objects/put/{clinic}//{key}",
        "/objects/put//{key}",
        "/objects/put/{clinic}/" + "a" * 4000,
        "/objects/put/%ff/{key}",
    ],
)
async def test_an_upload_url_that_is_bent_elsewhere_stores_nothing(clinic: OpenClinic, port: int, aim: str) -> None:
    url, key = await granted(clinic)
    before = await kept(clinic)
    target = f"{aim.format(clinic=clinic.clinic.clinic_id, key=key)}?{urlsplit(url).query}"
    status, answer = await raw(port, "PUT", target, {**AUDIO, "Content-Length": "1"}, b"x")
    assert status == 403, answer
    assert "application/problem+json" in answer
    assert await kept(clinic) == before
    assert not (clinic.clinic.settings.data / "objects" / "master.key").exists()
    async with clinic.stranger(**AUDIO) as client:
        assert (await client.put(url, content=b"x")).status_code == 200, "the true one still works"


async def test_a_declared_5_gb_upload_is_refused_before_a_byte_is_sent(clinic: OpenClinic, port: int) -> None:
    """The answer comes while the client still holds its bytes back."""
    url, key = await granted(clinic)
    for headers in ({}, {"Expect": "100-continue"}):
        status, answer = await raw(port, "PUT", url, {**AUDIO, "Content-Length": str(5 * 1024**3), **headers})
        assert status == 413, answer
        assert '"remedy"' in answer
    recording: dict[str, Any] = (await clinic.client.post("/recordings", json={})).json()
    chunk = f"/recordings/{recording['recording_id']}/chunks/0"
    device = {"X-API-Key": await clinic.api_key(), "Content-Length": str(5 * 1024**3)}
    assert (await raw(port, "PUT", chunk, device))[0] == 413
    assert key not in await kept(clinic)


@pytest.mark.parametrize("content_type", ["", "audio/wav", "text/html", "audio/webm, audio/wav", "multipart/form-data"])
async def test_a_put_of_another_content_type_is_refused_and_says_which_one(
    clinic: OpenClinic, content_type: str
) -> None:
    url, key = await granted(clinic)
    async with clinic.stranger() as client:
        answer = await client.put(url, content=b"x", headers={"Content-Type": content_type} if content_type else {})
        assert answer.status_code == 415, answer.text
        assert answer.json()["remedy"]
        assert key not in await kept(clinic)
        good = await client.put(url, content=b"x", headers={"Content-Type": "Audio/WebM; codecs=opus"})
        assert good.status_code == 200
