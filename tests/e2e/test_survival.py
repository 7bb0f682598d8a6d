"""A recording survives: a killed browser, a server that is away, a network that goes, a page that is loaded again."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import Any

import av
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.conftest import OpenPage
from tests.support import browser as chrome
from tests.support.browser import Words, asked, kept_on_device, picture, recording_id_of, settled, violations
from tests.support.running import RunningClinic, running_clinic, wait_for

en = Words("en")

SLICE_SECONDS = 1.0
LATE_SECONDS = 0.75
"""How late a busy machine may be to cut a slice and to have it on the disk."""

TELL_START = """
  const start = MediaRecorder.prototype.start;
  MediaRecorder.prototype.start = function (...how) {
    this.addEventListener("start", () => { window.startedAt = Date.now(); });
    return start.apply(this, how);
  };
"""


def test_a_killed_browser_loses_at_most_the_last_second(
    playwright: Playwright, clinic: RunningClinic, session: dict[str, Any], microphone: Path, tmp_path: Path
) -> None:
    """SIGKILL while recording; on reopening, the recording is offered and completes."""
    profile = tmp_path / "profile"
    context = chrome.at_home(playwright, profile, microphone, clinic.origin)
    context.add_cookies(session["cookies"])
    context.add_init_script(TELL_START)
    page = context.pages[0]
    page.goto(f"{clinic.origin}/app/")
    start_recording(page)
    wait_for(lambda: page.evaluate("window.startedAt"), what="the recording to run")
    started = page.evaluate("window.startedAt") / 1_000
    wait_for(lambda: kept_on_device(page)[0]["slices"] >= 8, what="eight seconds on the disk")
    before = kept_on_device(page)[0]
    recorded = time.time() - started
    chrome.kill(profile)

    context = chrome.at_home(playwright, profile, microphone, clinic.origin)
    context.add_cookies(session["cookies"])  # Chromium writes them every 30 s: people sign in long before they record
    try:
        page = context.pages[0]
        page.goto(f"{clinic.origin}/app/")
        offered = page.get_by_role("status").filter(has=page.get_by_text(en.like("recorder.interrupted")))
        expect(offered).to_be_visible()
        after = kept_on_device(page)[0]
        assert after["localId"] == before["localId"]
        assert after["slices"] == after["count"] >= before["slices"], "every slice that was counted is there"
        assert violations(page) == []
        picture(page, "recording-offered-after-a-crash")
        offered.get_by_role("button", name=en("recorder.finish")).click()
        body = settled(page, arrived(page))
        assert body["status"] in {"ready", "no_speech"}, body
        expect(page.get_by_role("region", name=en("transcript.title"))).to_be_visible()
        assert kept_on_device(page) == [], "it is deleted here once the server has it"
        length = seconds_of(page, body["recording_id"])
        assert recorded - length <= SLICE_SECONDS + LATE_SECONDS, f"{length:.2f} s of {recorded:.2f} s"
    finally:
        context.close()


def test_the_recorder_opens_and_records_without_a_server(
    playwright: Playwright, web_app: Path, browser: Browser, tmp_path: Path
) -> None:
    """With the server stopped the app opens from the device, records, and sends when the server is back."""
    with running_clinic(tmp_path / "clinic") as clinic:
        context = browser.new_context(base_url=clinic.origin, locale="en-NZ", **chrome.DESK)
        page = context.new_page()
        page.goto(clinic.link)
        expect(record_button(page)).to_be_visible()
        page.evaluate("() => navigator.serviceWorker.ready")
        wait_for(lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"), what="the service worker")
        page.close()
        clinic.stop()

        page = context.new_page()
        page.goto(f"{clinic.origin}/app/")
        expect(page.get_by_text(en("app.offline"))).to_be_visible()
        assert violations(page) == []
        start_recording(page)
        expect(page.get_by_text(en("recorder.keptHere"))).to_be_visible()
        wait_for(lambda: kept_on_device(page)[0]["slices"] >= 5, what="five seconds on the disk")
        picture(page, "recording-without-a-server")
        page.get_by_role("button", name=en("recorder.stop"), exact=True).click()
        expect(page.get_by_text(en.like("recorder.sendingWaits"))).to_be_visible()
        assert violations(page) == []

        clinic.start()
        body = settled(page, arrived(page, seconds=120))
        assert body["status"] in {"ready", "no_speech"}, body
        assert seconds_of(page, body["recording_id"]) >= 5
        assert kept_on_device(page) == []
        context.close()


def test_recording_goes_on_while_the_network_is_away(open_page: OpenPage) -> None:
    """The network goes in mid-recording: nothing stops, and what was said meanwhile arrives."""
    page = open_page()
    start_recording(page)
    expect(page.get_by_text(en("recorder.keptAndSent"))).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text(en("recorder.keptHere"))).to_be_visible()
    away_since = kept_on_device(page)[0]
    wait_for(lambda: kept_on_device(page)[0]["slices"] >= away_since["slices"] + 3, what="three more seconds")
    page.context.set_offline(False)
    expect(page.get_by_text(en("recorder.keptAndSent"))).to_be_visible()
    page.get_by_role("button", name=en("recorder.stop"), exact=True).click()
    recording_id = arrived(page)
    body = settled(page, recording_id)
    assert body["status"] in {"ready", "no_speech"}, body
    assert seconds_of(page, recording_id) >= away_since["slices"] + 2


def test_a_page_loaded_again_offers_what_it_was_recording(open_page: OpenPage) -> None:
    """Loading the page again ends the capture; what was said is offered, and can be thrown away here and there."""
    page = open_page()
    start_recording(page)
    wait_for(lambda: kept_on_device(page)[0]["uploaded"] >= 2, what="two seconds on the server")
    recording_id = kept_on_device(page)[0]["serverId"]
    questions: list[str] = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.reload()
    assert questions == ["beforeunload"], "the browser asked before it left"
    offered = page.get_by_role("status").filter(has=page.get_by_text(en.like("recorder.interrupted")))
    expect(offered).to_be_visible()
    offered.get_by_role("button", name=en("recorder.discard"), exact=True).click()
    expect(offered).to_have_count(0)
    wait_for(lambda: not kept_on_device(page), what="the device to be empty")
    assert asked(page, f"/recordings/{recording_id}")["status"] == "discarded"


def record_button(page: Page) -> Any:
    """The one large button."""
    return page.get_by_role("button", name=en("recorder.record"), exact=True)


def start_recording(page: Page) -> None:
    """Press the button and say that the patient has agreed."""
    record_button(page).click()
    page.get_by_role("button", name=en("recorder.patient"), exact=True).click()
    expect(page.get_by_role("timer", name=en("recorder.elapsed"))).to_be_visible()
    wait_for(lambda: kept_on_device(page), what="the recording on the device")


def arrived(page: Page, *, seconds: float = 60.0) -> str:
    """Wait for the page of the recording, which opens once the server has all of it."""
    page.wait_for_url(re.compile("/app/recordings/REC_"), timeout=seconds * 1_000)
    return recording_id_of(page)


def seconds_of(page: Page, recording_id: str) -> float:
    """How long the sound is that the server has, decoded."""
    answer = page.request.get(f"/recordings/{recording_id}/audio")
    assert answer.ok, answer.status
    with av.open(io.BytesIO(answer.body())) as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
