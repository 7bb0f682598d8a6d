"""The main journey: from the record button to a signed note, with a real browser, server, recogniser and microphone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.support import browser as chrome
from tests.support.browser import Words, asked, picture, recording_id_of, settled, violations
from tests.support.running import RunningClinic, wait_for

en = Words("en")

WATCH_STEPS = """
  window.stepsSeen = [];
  new MutationObserver(() => {
    for (const line of document.querySelectorAll("li[data-state]")) {
      const said = line.getAttribute("aria-label");
      if (!window.stepsSeen.includes(said)) window.stepsSeen.push(said);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
"""
"""Notes every state of every step that the page ever shows."""

WATCH_SEEKS = """(audio) => {
  window.seeks = [];
  audio.addEventListener("seeking", () => window.seeks.push(audio.currentTime));
}"""


@pytest.mark.parametrize(("width", "seconds"), [("desk", 21), ("phone", 13)])
def test_a_visit_is_recorded_written_checked_and_signed(
    open_page: OpenPage, clinic: RunningClinic, width: str, seconds: int
) -> None:
    """The button, consent, level and time, a pause, the steps, a draft whose sentences play, edits, the signature."""
    page = open_page(**chrome.WIDTHS[width])
    page.add_init_script(WATCH_STEPS)
    page.goto(clinic.origin + "/app/")
    _records(page, seconds, width)
    recording_id = _sees_the_steps(page)
    _swaps_the_speakers(page, recording_id)
    _swaps_the_speakers(page, recording_id)  # back: they were right
    _hears_where_a_sentence_comes_from(page, recording_id, width)
    _edits_and_undoes(page)
    _signs(page, recording_id, width)


def test_the_printed_link_signs_in_once(open_page: OpenPage, clinic: RunningClinic, session: dict[str, Any]) -> None:
    """The link works one time; who comes with a used one is told, and how to get another."""
    page = open_page("/app/", signed_in=False)
    expect(page.get_by_role("heading", name=en("signIn.title"))).to_be_visible()
    page.goto(clinic.link)
    expect(page.locator("body")).to_contain_text("auscult sign-in-link")
    page.goto(clinic.fresh_link())
    expect(page.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()


def _records(page: Page, seconds: int, width: str) -> None:
    expect(page).to_have_title(re.compile(re.escape(en("recorder.title"))))
    picture(page, f"recorder-{width}")
    page.get_by_role("button", name=en("recorder.record"), exact=True).click()
    expect(page.get_by_role("heading", name=en("recorder.whoAgrees"))).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name=en("recorder.patient"), exact=True).click()

    timer = page.get_by_role("timer", name=en("recorder.elapsed"))
    meter = page.get_by_role("meter", name=en("recorder.level"))
    expect(timer).to_be_visible()
    wait_for(lambda: int(meter.get_attribute("aria-valuenow") or 0) > 5, what="the level of the voices")
    _reaches(page, 3)
    assert violations(page) == []
    picture(page, f"recording-{width}")

    page.get_by_role("button", name=en("recorder.pause"), exact=True).click()
    expect(page.get_by_role("heading", name=en("recorder.paused"))).to_be_visible()
    held = timer.inner_text()
    expect(page.get_by_text(en("recorder.keptAndSent"))).to_be_visible()  # the pause hands over what was said
    assert timer.inner_text() == held, "the time stands still in a pause"
    page.get_by_role("button", name=en("recorder.resume"), exact=True).click()
    _reaches(page, seconds)
    page.get_by_role("button", name=en("recorder.stop"), exact=True).click()


def _reaches(page: Page, seconds: int) -> None:
    """Wait until the clock of the recorder shows so many seconds."""
    timer = page.get_by_role("timer", name=en("recorder.elapsed"))

    def shown() -> bool:
        minutes, rest = timer.inner_text().strip().split(":")[-2:]
        return int(minutes) * 60 + int(rest) >= seconds

    wait_for(shown, seconds=seconds + 60, what=f"{seconds} s on the clock")


def _sees_the_steps(page: Page) -> str:
    page.wait_for_url(re.compile("/app/recordings/REC_"))
    recording_id = recording_id_of(page)
    sheet = page.get_by_role("region", name=en("note.title"), exact=True)
    expect(sheet).to_be_visible(timeout=150_000)  # without a reload: the server tells when it is ready
    seen = page.evaluate("window.stepsSeen")
    assert any(en("recording.steps.transcribed") in one and en("recording.stepDone") not in one for one in seen), seen
    assert any(one.endswith(f": {en('recording.stepDone')}") for one in seen), seen
    body = settled(page, recording_id)
    assert body["status"] == "ready", body
    assert body["consent"]["given_by"] == "patient"
    expect(page.get_by_text(en("recording.consentPatient")).first).to_be_visible()
    expect(sheet.get_by_text(en("note.draft"), exact=True).first).to_be_visible()
    expect(sheet.get_by_text(en("note.demo"), exact=True)).to_be_visible()
    return recording_id


def _hears_where_a_sentence_comes_from(page: Page, recording_id: str, width: str) -> None:
    note = asked(page, f"/notes/{asked(page, f'/recordings/{recording_id}')['note_id']}")
    starts = {turn["id"]: turn["start"] for turn in asked(page, f"/recordings/{recording_id}/transcript")["turns"]}
    statements = [one for section in note["body"]["sections"] for one in section["statements"]]
    assert statements, "the note has sentences"
    assert all(one["sources"] for one in statements), "each with a source"
    chosen = max(statements, key=lambda one: starts[one["sources"][0]["turn_ids"][0]])  # not the beginning
    turn_ids = chosen["sources"][0]["turn_ids"]

    audio = page.get_by_role("region", name=en("transcript.title")).locator("audio")
    wait_for(
        lambda: audio.evaluate("(one) => one.readyState > 0 && Number.isFinite(one.duration)"),
        what="the sound's length",
    )
    audio.evaluate(WATCH_SEEKS)
    sentence = page.locator(f"#statement-{chosen['id']}").get_by_role("button", name=chosen["text"], exact=True)
    sentence.click()
    expect(sentence).to_have_attribute("aria-pressed", "true")
    lit = page.locator("li[data-source]")
    expect(lit).to_have_count(len(turn_ids))
    assert [one.get_attribute("id") for one in lit.all()] == [f"turn-{one}" for one in turn_ids]
    assert page.evaluate("window.seeks.at(-1)") == pytest.approx(starts[turn_ids[0]], abs=0.1), "it jumped to the turn"
    wait_for(
        lambda: audio.evaluate("(one) => !one.paused && one.currentTime") > starts[turn_ids[0]],
        what="the sound to play",
    )
    audio.evaluate("(one) => one.pause()")
    assert violations(page) == []
    picture(page, f"note-draft-{width}")


def _edits_and_undoes(page: Page) -> None:
    undo = page.get_by_role("button", name=en("note.undo"), exact=True)
    line = page.locator("li[id^=statement-][data-chosen]")
    before = line.get_by_role("button").first.inner_text()
    line.get_by_role("button", name=en("note.edit"), exact=True).click()
    field = page.get_by_role("textbox", name=en("note.sentence"))
    field.fill("Headache and tiredness for a week.")
    assert violations(page) == []
    field.press("Enter")
    edited = page.get_by_role("button", name="Headache and tiredness for a week.", exact=True)
    expect(edited).to_be_visible()
    expect(line.get_by_text(en.like("note.editedBy"))).to_be_visible()
    undo.click()
    expect(page.get_by_role("button", name=before, exact=True).first).to_be_visible()
    expect(edited).to_have_count(0)


def _swaps_the_speakers(page: Page, recording_id: str) -> None:
    """The transcript tells it the other way round, and the note is written again from that."""
    before = [turn["speaker"] for turn in asked(page, f"/recordings/{recording_id}/transcript")["turns"]]
    page.get_by_role("button", name=en("recording.swap"), exact=True).click()
    swapped = {"clinician": "patient", "patient": "clinician"}
    wanted = [swapped.get(one, one) for one in before]
    shown = page.locator("li[id^=turn-]")
    wait_for(lambda: [one.get_attribute("data-speaker") for one in shown.all()] == wanted, what="the other way round")
    settled(page, recording_id)
    note = asked(page, f"/notes/{asked(page, f'/recordings/{recording_id}')['note_id']}")
    wanted = [one["text"] for section in note["body"]["sections"] for one in section["statements"]]
    lines = page.locator("li[id^=statement-] button[aria-pressed]")
    wait_for(lambda: lines.all_inner_texts() == wanted, what="the note as it was written again")


def _signs(page: Page, recording_id: str, width: str) -> None:
    sign = page.get_by_role("button", name=en("note.sign"), exact=True)
    note_id = asked(page, f"/recordings/{recording_id}")["note_id"]
    doubtful = page.locator("li[data-doubt]")
    keep = True
    while note := asked(page, f"/notes/{note_id}"):
        expect(doubtful).to_have_count(len(note["blocking"]))
        if not note["blocking"]:
            break
        expect(sign).to_be_disabled()
        act = en("note.keep") if keep else en("note.remove")
        doubtful.first.get_by_role("button", name=act, exact=True).click()
        expect(doubtful).to_have_count(len(note["blocking"]) - 1)
        keep = not keep
    expect(page.get_by_text(en("note.allDecided"))).to_be_visible()
    sign.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(en("note.signDemo"))).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name=en.like("note.signYes")).click()
    sheet = page.get_by_role("region", name=en("note.title"), exact=True)
    expect(sheet.get_by_text(en.like("note.signedBy"))).to_be_visible()
    expect(sheet.get_by_text(en("note.demo"), exact=True)).to_be_visible()  # it stays on the signed note
    expect(sign).to_have_count(0)
    expect(page.get_by_role("button", name=en("note.edit"), exact=True)).to_have_count(0)
    sheet.locator("li[id^=statement-]").first.get_by_role("button").first.click()
    expect(page.get_by_role("button", name=en("note.edit"), exact=True)).to_have_count(0)

    note = asked(page, f"/notes/{note_id}")
    assert note["status"] == "signed"
    assert note["signature"]["name"]
    first = next(one for section in note["body"]["sections"] for one in section["statements"])
    refused = page.request.patch(
        f"/notes/{note_id}/statements/{first['id']}",
        headers={"X-Auscult": "1", "If-Match": note["etag"]},
        data={"text": "Changed after the signature."},
    )
    assert refused.status == 409, refused.text()
    assert violations(page) == []
    picture(page, f"note-signed-{width}")
