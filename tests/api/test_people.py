"""Signing in by name over HTTP, and what an admin does: people, sessions, keys, devices."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import httpx
import pyotp
import pytest

from auscult.api.callers import SESSION_COOKIE
from auscult.api.rates import KEY, STRANGER
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.serving import served

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "kererū over the harbour"
APP = {"X-Auscult": "1"}


async def invited(here: OpenClinic, name: str, **body: object) -> dict[str, str]:
    """Somebody whom the doctor adds: the id, and the link of the invitation."""
    answer = await here.client.post(
        "/people", json={"name": "Mere Kaiwai", "role": "nurse", "sign_in_name": name, **body}
    )
    assert answer.status_code == 201, answer.text
    added = answer.json()
    return {"user_id": added["person"]["user_id"], "link": added["sign_in_url"]}


async def joined(here: OpenClinic, browser: httpx.AsyncClient, name: str, **body: object) -> str:
    """Somebody who followed the invitation and chose a password; returns the user's id."""
    person = await invited(here, name, **body)
    assert (await browser.get(person["link"])).status_code == 303
    chosen = await browser.put("/me/password", json={"new": PASSWORD}, headers=APP)
    assert chosen.status_code == 200, chosen.text
    assert chosen.json()["has_password"]
    return person["user_id"]


async def sign_in(browser: httpx.AsyncClient, name: str, **body: str) -> httpx.Response:
    return await browser.post("/sign-in", json={"sign_in_name": name, "password": PASSWORD, **body}, headers=APP)


async def test_an_invited_nurse_chooses_a_password_and_signs_in_with_it(here: OpenClinic) -> None:
    async with here.stranger() as browser:
        await joined(here, browser, "mere")
    async with here.stranger() as browser:
        answer = await sign_in(browser, "mere")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert answer.headers["cache-control"] == "no-store"
        me = (await browser.get("/me")).json()
        assert (me["name"], me["role"], me["administers"]) == ("Mere Kaiwai", "nurse", False)


async def test_a_second_factor_is_set_up_and_asked_for_by_its_own_code(here: OpenClinic) -> None:
    async with here.stranger() as browser:
        await joined(here, browser, "tane")
        begun = (await browser.post("/me/second-factor", headers=APP)).json()
        assert begun["qr"].startswith("<svg")
        code = pyotp.TOTP(begun["secret"]).now()
        codes = (await browser.post("/me/second-factor/confirm", json={"code": code}, headers=APP)).json()
        assert (await browser.get("/me")).json()["has_second_factor"]
    async with here.stranger() as browser:
        asked = await sign_in(browser, "tane")
        assert (asked.status_code, asked.json()["code"]) == (401, "second_factor")
        assert SESSION_COOKIE not in browser.cookies
        assert (await sign_in(browser, "tane", code=code)).status_code == 401
        assert (await sign_in(browser, "tane", code=codes["recovery_codes"][3])).status_code == 200


async def test_failed_sign_ins_have_to_wait_and_are_told_how_long(here: OpenClinic) -> None:
    async with here.stranger() as browser:
        answers = [await sign_in(browser, "nobody-at-all") for _ in range(6)]
    assert [one.status_code for one in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) == answers[-1].json()["retry_after"]
    assert answers[-1].json()["status"] == 429


async def test_a_sign_in_form_of_another_site_does_not_sign_in(here: OpenClinic) -> None:
    async with here.stranger() as browser:
        answer = await browser.post("/sign-in", json={"sign_in_name": "mere", "password": PASSWORD})
        assert answer.status_code == 403


async def test_only_who_administers_manages_people_keys_and_devices(here: OpenClinic) -> None:
    paths = ["/people", "/sessions", "/api-keys", "/devices"]
    async with here.stranger() as browser:
        user_id = await joined(here, browser, "rewi")
        assert [(await browser.get(path)).status_code for path in paths] == [403] * 4
        assert (await browser.patch(f"/people/{user_id}", json={"role": "admin"}, headers=APP)).status_code == 403
    assert [(await here.client.get(path)).status_code for path in paths] == [200] * 4
    changed = await here.client.patch(f"/people/{user_id}", json={"administers": True})
    assert changed.json()["administers"]
    async with here.stranger() as browser:
        await sign_in(browser, "rewi")
        assert (await browser.get("/people")).status_code == 200


async def test_another_clinics_people_are_not_there(here: OpenClinic, elsewhere: OpenClinic) -> None:
    person = await invited(here, "hemi")
    for answer in (
        await elsewhere.client.get("/people"),
        await elsewhere.client.patch(f"/people/{person['user_id']}", json={"disabled": True}),
    ):
        assert answer.status_code in {403, 404}
    assert (await here.client.get("/people")).json()["items"][-1]["disabled_at"] is None


async def test_ending_a_session_closes_its_live_stream_at_once(here: OpenClinic) -> None:
    async with here.stranger() as browser:
        user_id = await joined(here, browser, "ana")
        session = (await browser.get("/me/sessions")).json()["items"][0]
        assert session["current"]
        cookie = {"Cookie": f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"}
    async with (
        served(here.clinic) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=cookie) as live,
    ):
        async with live.stream("GET", "/events") as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            listed = (await here.client.get("/sessions")).json()["items"]
            assert session["session_id"] in {one["session_id"] for one in listed if one["user_id"] == user_id}
            ended = await here.client.delete(f"/sessions/{session['session_id']}")
            assert ended.status_code == 204
            async with asyncio.timeout(10):
                with suppress(StopAsyncIteration):
                    while True:
                        await anext(lines)
        assert (await live.get("/me")).status_code == 401


async def test_a_key_does_what_its_scopes_say_and_nothing_else(here: OpenClinic) -> None:
    made = (
        await here.client.post(
            "/api-keys", json={"name": "results", "role": "doctor", "scopes": ["patients.read", "queue.write"]}
        )
    ).json()
    async with here.stranger(**{"X-API-Key": made["token"]}) as key:
        assert (await key.get("/patients")).status_code == 200
        refused = await key.post("/patients", json={"name": "Somebody"})
        assert refused.status_code == 403
        assert "patients.write" in refused.json()["detail"]
        assert (await key.get("/queue")).status_code == 200, "to write includes to read"
        assert (await key.get("/recordings")).status_code == 403
        assert (await key.get("/people")).status_code == 403
    unknown = await here.client.post("/api-keys", json={"name": "x", "scopes": ["everything"]})
    assert unknown.status_code == 422
    rotated = (await here.client.post(f"/api-keys/{made['key']['key_id']}/rotate")).json()
    assert rotated["key"]["scopes"] == made["key"]["scopes"]
    listed = {one["key_id"]: one for one in (await here.client.get("/api-keys")).json()["items"]}
    assert listed[made["key"]["key_id"]]["replaced_by"] == rotated["key"]["key_id"]
    assert "token" not in str(listed)
    assert (await here.client.post("/api-keys", json={"name": "x", "role": "admin"})).status_code == 422


async def test_a_screen_signs_in_by_its_link_and_sees_nothing_of_patients(here: OpenClinic) -> None:
    screen = await invited(here, "", role="display")
    async with here.stranger() as browser:
        assert (await browser.get(screen["link"])).status_code == 303
        assert (await browser.get("/me")).json()["role"] == "display"
        for path in ("/patients", "/queue", "/recordings", "/people", "/me/sessions"):
            assert (await browser.get(path)).status_code == 403, path


@pytest.mark.parametrize("rates_url", ["", "redis"])
async def test_who_calls_too_often_is_told_when_to_come_back(
    rates_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("redis_url") if rates_url else ""
    async with open_clinic(tmp_path, work=False, rates=True, rates_url=url) as opened:
        token = await opened.api_key()
        async with opened.stranger(**{"X-API-Key": token}) as key:
            answers = [(await key.get("/result/uploads/none.webm")).status_code for _ in range(KEY.amount + 1)]
            assert answers == [404] * KEY.amount + [429]
            late = await key.get("/result/uploads/none.webm")
            assert 1 <= int(late.headers["Retry-After"]) <= KEY.multiples
        assert (await opened.client.get("/me")).status_code == 200, "the others are not held up"
        async with opened.stranger(Cookie=f"{SESSION_COOKIE}=forged") as forged:
            answers = [(await forged.get("/me")).status_code for _ in range(STRANGER.amount + 1)]
            assert answers == [401] * STRANGER.amount + [429]
        assert (await opened.client.get("/me")).status_code == 200


async def test_a_counter_that_is_down_holds_nobody_up(tmp_path: Path) -> None:
    async with open_clinic(tmp_path, work=False, rates=True, rates_url="redis://127.0.0.1:1") as opened:
        assert (await opened.client.get("/me")).status_code == 200
