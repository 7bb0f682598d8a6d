"""Every answer carries the security headers: pages, files, errors of every kind, streams, and what is turned away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from auscult.api.app import create_app
from auscult.clinic import Clinic
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.serving import served

pytestmark = pytest.mark.asyncio(loop_scope="module")
ELSEWHERE = "https://scribe.example"
UNKNOWN = "REC_01JN0000AV0000000000000001"


def assert_guarded(answer: httpx.Response) -> None:
    policy = answer.headers["content-security-policy"]
    for directive in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "object-src 'none'"):
        assert directive in policy, answer
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", answer
        assert answer.json()["remedy"], answer
        assert answer.json()["status"] == answer.status_code


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenClinic]:
    """A clinic that pages of one other origin may call."""
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"), work=False, cors_origins=(ELSEWHERE,), max_upload_bytes=1000
    ) as opened:
        yield opened


@pytest.fixture
def web(tmp_path: Path, clinic: OpenClinic) -> Path:
    """A built web app: a page, a file that never changes, and a secret beside the folder."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>App</title>")
    (folder / "assets" / "app-1a2b.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("not for the web")
    clinic.client._transport.app.state.web = folder  # type: ignore[attr-defined]  # ours, an ASGI transport
    return folder


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", 200),
        ("GET", "/health/ready", 200),
        ("GET", "/me", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/app", 308),
        ("GET", "/app/", 200),
        ("GET", "/app/recordings/anything", 200),
        ("GET", "/app/assets/app-1a2b.js", 200),
        ("GET", "/app/assets/gone.js", 404),
        ("GET", "/app/%2e%2e/secret.txt", 404),
        ("GET", "/app/..%2fsecret.txt", 404),
        ("GET", "/nowhere", 404),
        ("GET", f"/recordings/{UNKNOWN}", 404),
        ("DELETE", "/recordings", 405),
        ("GET", "/recordings?limit=many", 422),
        ("POST", f"/notes/{UNKNOWN}/sign", 428),
        ("PUT", "/objects/put/CLN_1/uploads/x.webm", 403),
        ("GET", "/sign-in?token=x", 401),
        ("GET", "/sample/", 307),
    ],
)
async def test_an_answer_of_a_route_is_guarded(
    clinic: OpenClinic, web: Path, method: str, path: str, expected: int
) -> None:
    answer = await clinic.client.request(method, path)
    assert answer.status_code == expected, answer.text
    assert "not for the web" not in answer.text
    assert_guarded(answer)


async def test_what_is_turned_away_before_any_route_is_guarded_too(clinic: OpenClinic) -> None:
    for host in ("attacker.example", "127.0.0.1.attacker.example", "127.0.0.1@attacker.example", "a b", "[::1", ""):
        answer = await clinic.client.get("/me", headers={"Host": host})
        assert answer.status_code == 400, host
        assert answer.json()["code"] == "unknown_host"
        assert_guarded(answer)
    for host in ("localhost", "LOCALHOST:8765", "127.0.0.1:1", "[::1]:8765", "[::1]"):
        assert (await clinic.client.get("/me", headers={"Host": host})).status_code == 200, host
    asking = {"Origin": ELSEWHERE, "Access-Control-Request-Method": "POST"}
    allowed = await clinic.client.options("/recordings", headers=asking)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == ELSEWHERE
    assert "x-content-type-options" in allowed.headers
    refused = await clinic.client.options("/recordings", headers={**asking, "Origin": "https://other.example"})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert "content-security-policy" in refused.headers


async def test_too_much_and_a_missing_sign_in_are_guarded(clinic: OpenClinic) -> None:
    async with clinic.stranger() as nobody:
        assert_guarded(await nobody.get("/me"))
    assert_guarded(await clinic.client.post("/patients", content=b"[" * 2_000_000))
    assert_guarded(await clinic.client.post("/patients", content=b"{", headers={"Content-Type": "application/json"}))


async def test_a_stream_is_guarded(clinic: OpenClinic) -> None:
    async with (
        served(clinic.clinic) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", cookies=dict(clinic.client.cookies)) as client,
        client.stream("GET", "/events") as stream,
    ):
        assert stream.status_code == 200
        assert_guarded(stream)


async def test_only_a_buckets_origin_is_let_into_the_policy(clinic: OpenClinic) -> None:
    """A browser sends uploads straight to the bucket; nothing else opens."""
    bucket = Clinic.__new__(Clinic)
    bucket.settings = clinic.clinic.settings.model_copy(update={"objects_url": "s3://sound", "s3_region": "eu-x-1"})
    policy = next(one.kwargs["policy"] for one in create_app(bucket).user_middleware if "policy" in one.kwargs)
    assert "connect-src 'self' https://sound.s3.eu-x-1.amazonaws.com;" in str(policy)


@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=", "x", "bytes=9-1", "bytes=999999-"])
async def test_the_app_comes_whole_whatever_range_is_asked_for(clinic: OpenClinic, asked: str) -> None:
    answer = await clinic.client.get("/app/", headers={"Range": asked})
    whole = await clinic.client.get("/app/")
    assert (answer.status_code, answer.content) == (200, whole.content)
    assert answer.headers["accept-ranges"] == "none"
    assert_guarded(answer)
