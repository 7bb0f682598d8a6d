"""Two tabs share what they hear and do things once; a consent that is taken back takes the sound with it."""

from __future__ import annotations

import re
from collections import Counter

from playwright.sync_api import Request, expect

from tests.e2e.conftest import SAMPLE, OpenPage
from tests.e2e.test_survival import arrived, start_recording
from tests.support import browser as chrome
from tests.support.audio import RATE, encoded
from tests.support.browser import Words, asked, kept_on_device, settled, violations
from tests.support.running import RunningClinic, wait_for

en = Words("en")
OURS = {"X-Auscult": "1"}


def test_two_tabs_share_one_stream_and_send_a_recording_once(open_page: OpenPage, clinic: RunningClinic) -> None:
    """What happens in one tab shows in the other, over one connection; no slice is sent twice."""
    sent: list[Request] = []
    ended: list[Request] = []

    def began(request: Request) -> None:
        sent.append(request)

    def failed(request: Request) -> None:
        ended.append(request)

    first = open_page()
    first.context.on("request", began)
    first.context.on("requestfailed", failed)
    with first.expect_request("**/events"):
        first.reload()  # so that its stream is among the requests that are seen
    second = first.context.new_page()
    second.goto(f"{clinic.origin}/app/")
    expect(second.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()
    start_recording(first)
    wait_for(lambda: kept_on_device(first)[0]["uploaded"] >= 3, what="three seconds on the server")
    recording_id = kept_on_device(first)[0]["serverId"]
    second.goto(f"{clinic.origin}/app/recordings/{recording_id}")
    expect(second.get_by_text(en("recording.openText"))).to_be_visible()
    first.get_by_role("button", name=en("recorder.stop"), exact=True).click()
    assert arrived(first) == recording_id
    for page in (first, second):
        expect(page.get_by_role("region", name=en("transcript.title"))).to_be_visible(timeout=150_000)

    streams = [one for one in sent if one.url.endswith("/events") and one not in ended]
    assert [one.frame.page for one in streams] == [first], "one stream for both"
    slices = Counter(one.url for one in sent if one.method == "PUT" and "/chunks/" in one.url)
    assert len(slices) >= 3
    assert set(slices.values()) == {1}, slices
    assert len([one for one in sent if one.method == "POST" and one.url.endswith("/recordings")]) == 1
    assert len([one for one in sent if one.url.endswith("/finalise")]) == 1


def test_the_other_tab_takes_the_stream_over(open_page: OpenPage, clinic: RunningClinic) -> None:
    """A change shows in a tab that has no stream of its own, and goes on when the tab that had it is closed."""
    first = open_page()
    sound = encoded(chrome.heard(SAMPLE)[:, round(17.5 * RATE) : round(27.2 * RATE)])
    made = first.request.post("/recordings", headers=OURS, data={"content_type": "audio/wav", "live": False}).json()
    upload = first.request.put(made["upload_url"], headers={"Content-Type": "audio/wav"}, data=sound)
    assert upload.ok, upload.text()
    body = settled(first, made["recording_id"])
    address = f"{clinic.origin}/app/recordings/{body['recording_id']}"
    first.goto(address)
    second = first.context.new_page()
    second.goto(address)
    section = asked(first, f"/notes/{body['note_id']}")["body"]["sections"][0]["title"]
    for page in (first, second):
        expect(page.get_by_role("region", name=section, exact=True)).to_be_visible()

    def add(text: str) -> None:
        note = asked(second, f"/notes/{body['note_id']}")
        done = second.request.post(
            f"/notes/{body['note_id']}/statements",
            headers={**OURS, "If-Match": note["etag"]},
            data={"section": section, "text": text},
        )
        assert done.ok, done.text()

    add("Lives alone.")
    for page in (first, second):
        expect(page.get_by_role("button", name="Lives alone.", exact=True)).to_be_visible()
    with second.expect_request("**/events"):
        first.close()
    add("Walks with a stick.")
    expect(second.get_by_role("button", name="Walks with a stick.", exact=True)).to_be_visible()


def test_a_consent_taken_back_while_recording_takes_the_sound_with_it(open_page: OpenPage) -> None:
    """One question, then nothing is left on the device or on the server but that it was discarded."""
    page = open_page()
    start_recording(page)
    wait_for(lambda: kept_on_device(page)[0]["uploaded"] >= 3, what="three seconds on the server")
    recording_id = kept_on_device(page)[0]["serverId"]
    page.get_by_role("button", name=en("recorder.withdraw"), exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=en("recorder.withdrawNo"))).to_be_focused()  # the harmless answer
    assert violations(page) == []
    dialog.get_by_role("button", name=en("recorder.withdrawYes")).click()
    expect(page.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()
    wait_for(lambda: not kept_on_device(page), what="the device to be empty")
    body = asked(page, f"/recordings/{recording_id}")
    assert body["status"] == "discarded"
    assert body["consent"] is None or body["consent"]["withdrawn_at"]
    assert not body["audio_available"]
    assert page.request.get(f"/recordings/{recording_id}/audio").status in {404, 409, 410}
    page.goto(f"/app/recordings/{recording_id}")
    expect(page.get_by_text(en("recording.discardedTitle"))).to_be_visible()
    expect(page.get_by_text(re.compile("Traceback|undefined|null"))).to_have_count(0)
    assert violations(page) == []
