"""A sound file instead of the microphone: chosen or dropped, with a result or with a sentence that says what to do."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.conftest import SAMPLE, OpenPage
from tests.support import browser as chrome
from tests.support.audio import RATE, encoded
from tests.support.browser import Words, asked, picture, recording_id_of, settled, violations

en = Words("en")

DROP = """({ name, type, base64 }) => {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const dragged = new DataTransfer();
  dragged.items.add(new File([bytes], name, { type }));
  for (const kind of ["dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: dragged, bubbles: true, cancelable: true }));
}"""


def test_a_chosen_file_becomes_a_note(open_page: OpenPage, tmp_path: Path) -> None:
    """A file, whose consent is noted elsewhere, is uploaded and written; its name is the title."""
    page = open_page()
    visit = chrome.heard(SAMPLE)[:, round(17.5 * RATE) : round(27.2 * RATE)]
    _choose(page, {"name": "Tuesday visit.wav", "mimeType": "audio/wav", "buffer": encoded(visit)})
    assert violations(page) == []
    page.get_by_role("button", name=en("recorder.notNoted"), exact=True).click()
    page.wait_for_url(re.compile("/app/recordings/REC_"))
    body = settled(page, recording_id_of(page))
    assert (body["status"], body["title"], body["consent"]) == ("ready", "Tuesday visit", None)
    expect(page.get_by_role("heading", name="Tuesday visit")).to_be_visible()
    expect(page.get_by_role("region", name=en("note.title"), exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=en("recording.noteConsent"))).to_be_visible()


def test_a_text_named_mp3_is_refused_with_a_remedy(open_page: OpenPage) -> None:
    """What cannot be heard ends as a page that says why, and what to do."""
    page = open_page()
    words = b"Dear doctor, this is a letter and not a recording.\n" * 40
    _choose(page, {"name": "letter.mp3", "mimeType": "audio/mpeg", "buffer": words})
    page.get_by_role("button", name=en("recorder.patient"), exact=True).click()
    page.wait_for_url(re.compile("/app/recordings/REC_"))
    recording_id = recording_id_of(page)
    alert = page.get_by_role("alert").filter(has_text=en("recording.failedTitle"))
    expect(alert).to_be_visible(timeout=90_000)
    failure = asked(page, f"/recordings/{recording_id}")["failure"]
    assert failure["reason"]
    assert failure["remedy"]
    expect(alert).to_contain_text(failure["reason"])
    expect(alert).to_contain_text(failure["remedy"].replace("`", ""))
    assert violations(page) == []
    picture(page, "file-that-is-not-sound")


def test_a_dropped_file_is_taken_anywhere_on_the_page(open_page: OpenPage) -> None:
    """A drop asks who has agreed; a picture is refused on the spot."""
    page = open_page()
    expect(page.get_by_role("button", name=en("file.choose"))).to_be_visible()
    image = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    page.evaluate(DROP, {"name": "x-ray.png", "type": "image/png", "base64": image})
    expect(page.get_by_role("alert")).to_contain_text(en("file.notSound", name="x-ray.png"))
    assert violations(page) == []
    sound = base64.b64encode(encoded(chrome.heard(SAMPLE)[:, :RATE])).decode()
    page.evaluate(DROP, {"name": "visit.wav", "type": "audio/wav", "base64": sound})
    expect(page.get_by_role("heading", name=en("recorder.whoAgrees"))).to_be_visible()
    page.get_by_role("button", name=en("app.cancel"), exact=True).click()
    expect(page.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()


def _choose(page: Page, file: FilePayload) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=en("file.choose")).click()
    chooser.value.set_files(file)
    expect(page.get_by_role("heading", name=en("recorder.whoAgrees"))).to_be_visible()
