"""Behind a proxy: its word is taken on who asks and how, nobody else's is; and what that means for cookies and HSTS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from auscult.api.app import create_app
from auscult.api.forwarded import UNKNOWN, ProxyHeadersMiddleware, client_address
from auscult.flows import access
from auscult.settings import Settings
from tests.support.clinics import OpenClinic, open_clinic

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROXY, SECOND_PROXY, STRANGER = "10.0.0.5", "10.0.1.7", "203.0.113.50"
TRUSTED = [PROXY, "10.0.1.0/24"]


async def seen(peer: str, headers: list[tuple[str, str]]) -> tuple[str, str]:
    """The client's address and the scheme as a route sees them."""
    found: list[tuple[str, str]] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append((client_address(Request(scope)), scope["scheme"]))

    scope: dict[str, Any] = {
        "type": "http",
        "scheme": "http",
        "client": (peer, 1234),
        "headers": [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers],
    }
    await ProxyHeadersMiddleware(app, trusted_hosts=TRUSTED)(scope, None, None)  # type: ignore[arg-type]  # unused
    return found[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "1.1.1.1, 198.51.100.7", "198.51.100.7"),  # what the client itself wrote stands to the left
        (PROXY, f"1.1.1.1, 198.51.100.7, {SECOND_PROXY}", "198.51.100.7"),
        (PROXY, "198.51.100.7:4711", "198.51.100.7"),
        (PROXY, "[2001:db8::1]:4711", "2001:db8::1"),
        (PROXY, "2001:0DB8::0001", "2001:db8::1"),
        (PROXY, "::ffff:198.51.100.7", "198.51.100.7"),
        (PROXY, "garbage", UNKNOWN),
        (PROXY, "1.1.1.1, <script>", UNKNOWN),
        (PROXY, "", PROXY),
        (PROXY, f"{PROXY}", PROXY),
        (STRANGER, "198.51.100.7", STRANGER),
        (STRANGER, f"198.51.100.7, {PROXY}", STRANGER),
        ("10.0.0.50", "198.51.100.7", "10.0.0.50"),
    ],
)
async def test_the_client_is_the_right_most_address_that_no_proxy_of_ours_has(
    peer: str, forwarded: str, expected: str
) -> None:
    assert (await seen(peer, [("X-Forwarded-For", forwarded)]))[0] == expected


async def test_only_a_trusted_proxy_says_that_a_request_came_encrypted() -> None:
    assert (await seen(PROXY, [("X-Forwarded-Proto", "https")]))[1] == "https"
    assert (await seen(STRANGER, [("X-Forwarded-Proto", "https")]))[1] == "http"
    assert (await seen(PROXY, [("X-Forwarded-Proto", "javascript")]))[1] == "http"


_ON_A_BUSY_MACHINE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_HEADER = st.tuples(
    st.sampled_from(["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP"]),
    st.text(st.characters(max_codepoint=255), max_size=60)
    | st.lists(st.sampled_from([PROXY, SECOND_PROXY, STRANGER, "::1", "1.2.3.4:5", "unknown"]), max_size=4).map(
        ", ".join
    ),
)


@_ON_A_BUSY_MACHINE
@given(st.lists(_HEADER, max_size=5))
async def test_whatever_a_stranger_sends_they_are_who_they_are(headers: list[tuple[str, str]]) -> None:
    assert await seen(STRANGER, headers) == (STRANGER, "http")


@_ON_A_BUSY_MACHINE
@given(st.lists(_HEADER, max_size=5))
async def test_whatever_comes_through_a_proxy_the_answer_is_an_address_or_unknown(
    headers: list[tuple[str, str]],
) -> None:
    address, scheme = await seen(PROXY, headers)
    assert scheme in {"http", "https", "ws", "wss"}
    assert address == UNKNOWN or str(ip_address(address)) == address


@pytest.mark.parametrize("value", [["*"], ["0.0.0.0/0"], ["::/0"], ["proxy.example"], [""], ["10.0.0.1/8"]])
async def test_trust_in_everybody_or_in_a_name_is_refused(value: list[str]) -> None:
    with pytest.raises(ValidationError):
        Settings(trusted_proxies=tuple(value))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenClinic]:
    """A clinic that is called clinic.example, behind a proxy."""
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"),
        work=False,
        public_url="https://clinic.example",
        trusted_proxies=(PROXY,),
    ) as opened:
        yield opened


def from_peer(clinic: OpenClinic, peer: str, host: str) -> httpx.AsyncClient:
    app = create_app(clinic.clinic)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(peer, 1)), base_url=f"http://{host}")


async def link(clinic: OpenClinic) -> str:
    services, clinic_id = clinic.clinic.services, clinic.clinic.clinic_id
    return await access.make_link(services, clinic_id, await access.owner(services, clinic_id, "Dr Aroha Rangi"))


async def test_behind_a_proxy_cookies_are_secure_and_browsers_told_to_stay_encrypted(clinic: OpenClinic) -> None:
    for headers in ({"X-Forwarded-Proto": "https"}, {}):
        async with from_peer(clinic, PROXY, "clinic.example") as client:
            answer = await client.get(f"/sign-in?token={await link(clinic)}", headers=headers)
        assert "secure" in answer.headers["set-cookie"].lower()
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_nothing_is_promised_for_addresses_for_localhost_or_in_the_clear(clinic: OpenClinic) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        async with from_peer(clinic, PROXY, host) as client:
            for proto in ("http", "https"):
                answer = await client.get("/health/live", headers={"X-Forwarded-Proto": proto})
                assert answer.status_code == 200
                assert "strict-transport-security" not in answer.headers


async def test_a_forwarded_host_is_believed_from_nobody(clinic: OpenClinic) -> None:
    async with from_peer(clinic, PROXY, "evil.example") as client:
        answer = await client.get("/health/live", headers={"X-Forwarded-Host": "clinic.example"})
        assert answer.json()["code"] == "unknown_host"
