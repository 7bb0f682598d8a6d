"""A phone in the clinic's network: it is told to trust the clinic, opens the app, and may use its microphone."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Playwright, expect

from tests.support import browser as chrome
from tests.support.browser import PHONE, Words, picture, violations
from tests.support.running import RunningClinic, wait_for

en = Words("en")


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    return {"AUSCULT_LAN": "true", "AUSCULT_HOST": "127.0.0.2", "AUSCULT_TRUST_PORT": "0"}


@pytest.fixture(scope="module")
def browser(playwright: Playwright, clinic: RunningClinic, microphone: Path) -> Iterator[Browser]:
    """A phone's browser that believes the server of this clinic and no other that it could not check."""
    served = x509.load_pem_x509_certificate((clinic.folder / "data" / "tls" / "web.pem").read_bytes())
    key = served.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    believed = f"--ignore-certificate-errors-spki-list={b64encode(sha256(key).digest()).decode()}"
    launched = playwright.chromium.launch(executable_path=chrome.chromium(), args=[*chrome.flags(microphone), believed])
    yield launched
    launched.close()


def printed(clinic: RunningClinic, pattern: str) -> str:
    found = wait_for(lambda: re.search(pattern, clinic.said), what=pattern)
    return found.group(1)


def test_a_phone_opens_the_app_by_the_printed_link_and_has_its_microphone(
    clinic: RunningClinic, browser: Browser
) -> None:
    link = printed(clinic, r"(https://\S+/sign-in\?token=\S+)\n")
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(link)
    page.wait_for_url("https://127.0.0.2:*/app/")
    expect(page.get_by_role("main")).to_be_visible()
    assert page.evaluate("window.isSecureContext")
    tracks = page.evaluate(
        """async () => (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()
            .map((track) => track.readyState)"""
    )
    assert tracks == ["live"]
    assert [cookie["secure"] for cookie in context.cookies()] == [True]
    context.close()


def test_the_trust_page_can_be_read_by_everybody(clinic: RunningClinic, browser: Browser) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(**PHONE, color_scheme=scheme)
        page = context.new_page()
        page.goto(printed(clinic, r"trust this clinic: (\S+)\n"))
        assert violations(page) == []
        picture(page, f"trust-{scheme}")
        context.close()


def test_the_clinics_screen_shows_two_codes_that_can_be_scanned(
    clinic: RunningClinic, browser: Browser, session: Any
) -> None:
    page = browser.new_context(storage_state=session).new_page()
    page.goto(f"{clinic.origin}/phone")
    for name in ("Trust this clinic", "Open Auscult"):
        expect(page.get_by_role("img", name=name)).to_be_visible()
    assert violations(page) == []
    picture(page, "phone-codes")
    page.close()
