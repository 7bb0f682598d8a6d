"""A clinic on the local network: what a phone meets there, before and after it trusts the clinic."""

from __future__ import annotations

import hashlib
import plistlib
import re
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from tests.support.patience import until
from tests.support.server_process import Orders, ServerProcess, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADDRESS = "127.0.0.2"


@dataclass
class Network:
    """A clinic that serves an address of this machine as it would one of the network, and what it printed."""

    server: ServerProcess
    trust: str
    app: str
    links: list[str]
    fingerprint: str

    async def trusting(self) -> ssl.SSLContext:
        """A phone's trust after it has installed what it was given."""
        async with httpx.AsyncClient() as phone:
            der = (await phone.get(f"{self.trust}auscult-ca.crt")).content
        return ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(der))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    """The clinic, started as `auscult up --lan` does."""
    folder = tmp_path_factory.mktemp("clinic")
    settings = {"lan": True, "host": ADDRESS, "trust_port": 0}
    async with running(Orders(data=str(folder / "data"), settings=settings), folder / "said.log") as server:
        await until(lambda: "Then open" in server.text(), what="the phone's link")
        said = server.text()
        links = re.findall(r"https://\S+/sign-in\?token=\S+", said)
        trust = re.search(r"trust this clinic: (\S+)", said)
        fingerprint = re.search(r"fingerprint: (\S+)", said)
        assert trust
        assert fingerprint
        assert len(links) == 1
        yield Network(server, trust.group(1), links[0].partition("/sign-in")[0], links, fingerprint.group(1))


async def test_a_phone_that_trusts_the_clinic_signs_in_with_the_printed_link(network: Network) -> None:
    async with httpx.AsyncClient(verify=await network.trusting(), base_url=network.app) as phone:
        answer = await phone.get(network.links[0])
        assert answer.status_code == 303
        assert "secure" in answer.headers["set-cookie"].lower()
        assert "strict-transport-security" not in answer.headers, "a browser keeps none for an address"
        me = (await phone.get("/me")).json()
        assert (me["role"], me["phones"]) == ("doctor", True)
        assert (await phone.get(network.links[0], headers={"Accept": "*/*"})).status_code == 410


async def test_it_says_that_nobody_has_a_password_yet_and_what_to_do(network: Network) -> None:
    await until(lambda: "auscult people add" in network.server.text(), what="how to add people")
    said = network.server.text()
    assert said.count("Nobody of this clinic has a password yet") == 1
    assert "My account" in said


async def test_uploads_from_a_phone_go_where_the_phone_came_in(network: Network) -> None:
    answer = await network.server.client.post("/recordings", json={"content_type": "audio/webm", "live": False})
    assert answer.json()["upload_url"].startswith(network.server.origin)
    cookie = network.server.client.cookies["auscult_session"]
    async with httpx.AsyncClient(
        verify=await network.trusting(),
        base_url=network.app,
        headers={"X-Auscult": "1", "Cookie": f"auscult_session={cookie}"},
    ) as phone:
        answer = await phone.post("/recordings", json={"content_type": "audio/webm", "live": False})
        assert answer.json()["upload_url"].startswith(network.app)


async def test_a_phone_that_does_not_trust_the_clinic_yet_is_not_let_in(network: Network) -> None:
    async with httpx.AsyncClient() as phone:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await phone.get(f"{network.app}/")


async def test_the_trust_page_gives_the_certificate_whose_fingerprint_the_clinic_shows(network: Network) -> None:
    async with httpx.AsyncClient(base_url=network.trust) as phone:
        given = await phone.get("/auscult-ca.crt")
        assert given.headers["content-type"] == "application/x-x509-ca-cert"
        assert hashlib.sha256(given.content).hexdigest().upper() == network.fingerprint.replace(":", "")
        profile = plistlib.loads((await phone.get("/auscult-ca.mobileconfig")).content)
        assert profile["PayloadContent"][0]["PayloadContent"] == given.content
        page = (await phone.get("/")).text
        assert page.count(network.fingerprint) == 2, "once in each language"
        assert f"{network.app}/app/" in page


async def test_the_trust_page_serves_nothing_else(network: Network) -> None:
    async with httpx.AsyncClient(base_url=network.trust) as phone:
        for path in (
            "/me",
            "/app/",
            "/sign-in",
            "/auscult-ca.crt/",
            "/../authority.pem",
            "/tls/authority.pem",
            "/openapi.json",
        ):
            assert (await phone.get(path)).status_code == 404, path
        assert (await phone.post("/auscult-ca.crt")).status_code == 404
        everything = "".join([(await phone.get(path)).text for path in ("/", "/auscult-ca.mobileconfig", "/x")])
        assert "token" not in everything
        assert "PRIVATE" not in everything
        hostile = await phone.get("/", headers={"Host": '"><script>alert(1)</script>'})
        assert "<script" not in hostile.text


async def test_another_host_name_is_refused_on_the_local_network_too(network: Network) -> None:
    async with httpx.AsyncClient(verify=await network.trusting()) as phone:
        answer = await phone.get(f"{network.app}/", headers={"Host": "rebound.example"})
        assert answer.json()["code"] == "unknown_host"


async def test_nothing_is_said_in_the_clear_on_the_encrypted_port(network: Network) -> None:
    host, port = network.app.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        plain.sendall(b"GET /me HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n")
        heard = plain.recv(4096)
    assert b"auscult" not in heard.lower()
    async with httpx.AsyncClient(verify=await network.trusting()) as phone:
        assert (await phone.get(f"{network.app}/health/live")).status_code == 200


async def test_the_clinics_screen_shows_both_codes_to_whoever_is_signed_in(network: Network) -> None:
    page = await network.server.client.get("/phone")
    assert page.text.count("<svg") == 2
    assert network.fingerprint in page.text
    assert "no-store" in page.headers["cache-control"]
    async with httpx.AsyncClient(base_url=network.server.origin) as stranger:
        assert (await stranger.get("/phone")).status_code == 401
