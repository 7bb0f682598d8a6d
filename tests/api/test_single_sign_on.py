"""Signing in at an OpenID Connect provider, one that tells the truth and one that does not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from auscult.domain.actor import Role
from auscult.flows import people
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.openid_provider import CLIENT_ID, CLIENT_SECRET, LoopbackProvider, loopback_provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider() -> AsyncIterator[LoopbackProvider]:
    async with loopback_provider() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory, provider: LoopbackProvider) -> AsyncIterator[OpenClinic]:
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"),
        work=False,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_name="Clinic accounts",
    ) as opened:
        await people.add(
            opened.clinic.services,
            opened.clinic.clinic_id,
            name="Mere Kaiwai",
            role=Role.NURSE,
            sign_in_name="mere@clinic.example",
        )
        yield opened


async def went(here: OpenClinic, browser: httpx.AsyncClient) -> str:
    """Go to the provider and be sent back; returns the address that the browser comes back to."""
    sent = await browser.get("/sign-in/provider")
    assert sent.status_code == 303
    async with httpx.AsyncClient() as outside:
        back = (await outside.get(sent.headers["location"])).headers["location"]
    assert back.startswith("http://127.0.0.1/sign-in/provider/back?")
    return back


async def test_whom_the_provider_vouches_for_is_signed_in_as_who_they_are(
    here: OpenClinic, provider: LoopbackProvider
) -> None:
    provider.lie = ""
    async with here.stranger() as browser:
        assert (await browser.get("/sign-in/options")).json() == {"single_sign_on": {"name": "Clinic accounts"}}
        came = await browser.get(await went(here, browser))
        assert (came.status_code, came.headers["location"]) == (303, "/app/")
        assert (await browser.get("/me")).json()["name"] == "Mere Kaiwai"
    provider.claims = {**provider.claims, "email": "married@clinic.example", "email_verified": False}
    async with here.stranger() as browser:  # known by the id that never changes
        await browser.get(await went(here, browser))
        assert (await browser.get("/me")).json()["name"] == "Mere Kaiwai"


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "2", "email": "stranger@clinic.example", "email_verified": True},
        {"sub": "3", "email": "mere@clinic.example", "email_verified": False},
        {"sub": "4", "email": "mere@clinic.example", "email_verified": "true"},
        {"sub": "5"},
    ],
)
async def test_nobody_joins_the_clinic_by_it(
    here: OpenClinic, provider: LoopbackProvider, claims: dict[str, object]
) -> None:
    provider.lie, provider.claims = "", claims
    async with here.stranger() as browser:
        came = await browser.get(await went(here, browser))
        assert came.status_code == 403
        assert "admin" in came.json()["remedy"]
        assert (await browser.get("/me")).status_code == 401


@pytest.mark.parametrize(
    "lie",
    [
        "another audience",
        "another issuer",
        "another nonce",
        "expired",
        "unsigned",
        "signed with the public key",
        "another key",
        "no token",
    ],
)
async def test_what_the_provider_did_not_sign_for_us_now_is_not_believed(
    here: OpenClinic, provider: LoopbackProvider, lie: str
) -> None:
    provider.lie, provider.claims = lie, {"sub": "9", "email": "mere@clinic.example", "email_verified": True}
    async with here.stranger() as browser:
        came = await browser.get(await went(here, browser))
        assert came.status_code == 401, came.text
        assert (await browser.get("/me")).status_code == 401


async def test_a_sign_in_is_finished_once_and_in_the_browser_that_began_it(
    here: OpenClinic, provider: LoopbackProvider
) -> None:
    provider.lie, provider.claims = "", {"sub": "1", "email": "mere@clinic.example", "email_verified": True}
    async with here.stranger() as browser, here.stranger() as other:
        back = await went(here, browser)
        assert (await other.get(back)).status_code == 410
        assert (await browser.get(back.replace("state=", "state=x"))).status_code == 410
        again = await went(here, browser)
        assert (await browser.get(again)).status_code == 303
        assert (await browser.get(again)).status_code == 410
        assert (await browser.get("/sign-in/provider/back")).status_code == 410


async def test_a_provider_that_is_silent_is_said_to_be(here: OpenClinic) -> None:
    silent = here.clinic.single_sign_on
    assert silent is not None
    from auscult.trust.openid import OpenIdProvider

    nowhere = OpenIdProvider("http://127.0.0.1:1", "x", "y", "Nowhere", here.clinic.services.ambient.now)
    here.clinic.__dict__["single_sign_on"] = nowhere
    try:
        async with here.stranger() as browser:
            answer = await browser.get("/sign-in/provider")
            assert answer.status_code == 503
            assert "password" in answer.json()["remedy"]
    finally:
        here.clinic.__dict__["single_sign_on"] = silent


async def test_a_clinic_without_a_provider_offers_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with open_clinic(tmp_path_factory.mktemp("clinic"), work=False) as opened, opened.stranger() as browser:
        assert (await browser.get("/sign-in/options")).json() == {"single_sign_on": None}
        assert (await browser.get("/sign-in/provider")).status_code == 404
