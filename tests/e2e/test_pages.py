"""Every page, in light and dark, English and Hindi, wide and narrow; and the pages of people who are not let in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.conftest import SAMPLE, OpenPage
from tests.support import browser as chrome
from tests.support.audio import RATE, encoded
from tests.support.browser import Words, picture, settled, shown_texts, violations
from tests.support.running import RunningClinic

en, hi = Words("en"), Words("hi")
UNKNOWN = "/app/recordings/REC_01JN0000AV0000000000000009"
HEADINGS = Path(__file__).parents[2] / "web" / "src" / "i18n" / "sections.hi.json"
PAGES = {"recorder": "/app/", "machine": "/app/engines", "consultation": "", "unknown": UNKNOWN, "nowhere": "/app/no"}


@pytest.fixture(scope="module")
def consultation(clinic: RunningClinic, browser: Browser, session: dict[str, Any]) -> str:
    """The address of a consultation that has a note."""
    context = browser.new_context(base_url=clinic.origin, storage_state=session)
    page = context.new_page()
    sound = encoded(chrome.heard(SAMPLE)[:, round(17.5 * RATE) : round(34.5 * RATE)])
    body = {"content_type": "audio/wav", "live": False, "consent": {"given_by": "patient"}}
    made = page.request.post("/recordings", headers={"X-Auscult": "1"}, data=body).json()
    assert page.request.put(made["upload_url"], headers={"Content-Type": "audio/wav"}, data=sound).ok
    body = settled(page, made["recording_id"])
    assert body["status"] == "ready", body["failure"]
    context.close()
    return f"/app/recordings/{made['recording_id']}"


@pytest.mark.parametrize("width", ["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(open_page: OpenPage, consultation: str, scheme: str, width: str) -> None:
    """No violation that axe knows, on any page, and nothing hangs over the edge of the screen."""
    page = open_page(color_scheme=scheme, **chrome.WIDTHS[width])
    for name, path in PAGES.items():
        page.goto(path or consultation)
        _is_there(page, name, en)
        assert violations(page) == [], name
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} is {too_wide} px too wide"
        picture(page, f"{name}-{width}-{scheme}")


def test_the_settings_are_accessible(open_page: OpenPage) -> None:
    """No violation while they are open."""
    page = open_page()
    page.get_by_role("button", name=en("app.settings")).click()
    expect(page.get_by_label(en("app.colours"))).to_be_visible()
    assert violations(page) == []
    picture(page, "settings")
    page.get_by_label(en("app.colours")).select_option(label=en("app.dark"))
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert violations(page) == []


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_every_page_speaks_hindi_when_asked(open_page: OpenPage, consultation: str, width: str) -> None:
    """The choice is kept; the page says which language it is in; no English sentence and no key is left."""
    page = open_page(**chrome.WIDTHS[width])
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name=en("app.settings")).click()
    page.get_by_label(en("app.language"), exact=True).select_option(label="हिन्दी")
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    english = {text for key, text in en.items().items() if hi(key) != en(key) and len(text) > 3 and "{{" not in text}
    english -= set(json.loads(HEADINGS.read_text("utf-8")))  # of a note in English, which stays as it was written
    keys = set(en.items())
    for name, path in PAGES.items():
        page.goto(path or consultation)
        _is_there(page, name, hi)
        expect(page.locator("html")).to_have_attribute("lang", "hi")
        shown = set(shown_texts(page))
        assert not shown & keys, f"{name}: keys that have no words"
        assert shown & english == set(), f"{name}: words that are still English"
        assert violations(page) == [], name
        picture(page, f"{name}-{width}-hindi")


def test_a_recording_that_is_not_there_says_so(open_page: OpenPage) -> None:
    """An unknown id ends on a page that can be read, with a way on."""
    page = open_page(UNKNOWN)
    alert = page.get_by_role("alert").first
    expect(alert).to_be_visible()
    assert len(alert.inner_text().split()) >= 4, alert.inner_text()
    page.get_by_role("link", name=en("app.goHome")).click()
    expect(page.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()


def test_an_ended_session_says_how_to_sign_in_again(open_page: OpenPage, clinic: RunningClinic, session: Any) -> None:
    """Signed out in the middle of work: the page names the command, and a fresh link goes on."""
    page = open_page()
    expect(page.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("heading", name=en("signIn.title"))).to_be_visible()
    page.get_by_text(en("signIn.noPassword")).click()
    expect(page.get_by_text("auscult sign-in-link")).to_be_visible()
    assert violations(page) == []
    picture(page, "signed-out")
    page.goto(clinic.fresh_link())
    page.get_by_role("button", name=en("app.settings")).click()
    page.get_by_role("button", name=en("app.signOut")).click()
    expect(page.get_by_role("heading", name=en("signIn.title"))).to_be_visible()
    assert page.request.get("/me").status == 401


def test_a_session_that_is_ended_elsewhere_shows_so_by_itself(open_page: OpenPage, clinic: RunningClinic) -> None:
    """Nobody touches the page: its live stream ends, and it says how to sign in, and knocks no more."""
    page = open_page("/", signed_in=False)
    with page.expect_response("**/events"):
        page.goto(clinic.fresh_link())
    expect(page.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()
    knocks: list[str] = []
    page.on("request", lambda request: knocks.append(request.url) if request.url.endswith("/events") else None)
    assert page.request.post("/sign-out", headers={"X-Auscult": "1"}).status == 204
    expect(page.get_by_role("heading", name=en("signIn.title"))).to_be_visible(timeout=10_000)
    assert len(knocks) == 1, "the browser asked once more, was refused, and left it at that"
    page.goto(clinic.fresh_link())
    expect(page.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()


def test_a_microphone_that_is_not_allowed_says_what_to_do(
    playwright: Playwright, clinic: RunningClinic, session: Any
) -> None:
    """The browser refuses: the page says where to allow it, and nothing is left behind."""
    refusing = chrome.launch(playwright, None, allowed=False)
    try:
        context = refusing.new_context(base_url=clinic.origin, storage_state=session, locale="en-NZ")
        page = context.new_page()
        page.goto("/app/")
        page.get_by_role("button", name=en("recorder.record"), exact=True).click()
        page.get_by_role("button", name=en("recorder.patient"), exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text(en("recorder.problem.denied"))
        assert violations(page) == []
        picture(page, "microphone-not-allowed")
        assert chrome.kept_on_device(page) == []
    finally:
        refusing.close()


def _is_there(page: Page, name: str, words: Words) -> None:
    """Wait for what makes each page what it is, all of it loaded."""
    if name == "recorder":
        expect(page.get_by_role("button", name=words("recorder.record"), exact=True)).to_be_visible()
        expect(page.get_by_role("listitem").first).to_be_visible()
    elif name == "machine":
        expect(page.get_by_role("heading", name=words("engines.role.jobs"))).to_be_visible()
    elif name == "consultation":
        expect(page.get_by_role("region", name=words("note.title"), exact=True)).to_be_visible()
        expect(page.locator("li[id^=turn-]").first).to_be_visible()
    elif name == "unknown":
        expect(page.get_by_role("alert").first).to_be_visible()
    else:
        expect(page.get_by_role("heading", name=words("app.nothingHere"))).to_be_visible()
    expect(page).to_have_title(re.compile("Auscult"))
