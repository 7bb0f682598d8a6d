"""What a clinician chooses about a note: what comes into it, what stays in it, and how it is laid out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.e2e.conftest import SAMPLE, OpenPage
from tests.support import browser as chrome
from tests.support.audio import RATE, encoded
from tests.support.browser import Words, asked, picture, settled, violations
from tests.support.model_servers import Reply, model_server
from tests.support.running import RunningClinic, wait_for

pytestmark = pytest.mark.slow
en, hi = chrome.EN, chrome.HI
SMALL_PHONE: dict[str, Any] = {**chrome.PHONE, "viewport": {"width": 360, "height": 740}}
"""The narrowest phone that is still sold."""
INVENTED = ("Reports chest pain for 30 years.", "Reports 12 falls since January.", "Takes warfarin 5 mg every day.")
"""What nobody said."""
WRITTEN = {"statements": [{"kind": "history", "text": one, "turn_ids": ["t1"]} for one in INVENTED], "medications": []}


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """A language model writes the notes: it invents three sentences, and leaves out all that was said."""
    with model_server("openai", Reply(note=WRITTEN)) as server:
        yield {"AUSCULT_WRITER": server.setting, "OPENAI_API_KEY": "not-a-real-key"}


def noted(page: Page) -> str:
    """Have a short visit written up; the id of its recording."""
    sound = encoded(chrome.heard(SAMPLE)[:, round(17.5 * RATE) : round(34.5 * RATE)])
    body = {"content_type": "audio/wav", "live": False, "consent": {"given_by": "patient"}}
    made = page.request.post("/recordings", headers={"X-Auscult": "1"}, data=body).json()
    assert page.request.put(made["upload_url"], headers={"Content-Type": "audio/wav"}, data=sound).ok
    ready = settled(page, made["recording_id"])
    assert ready["status"] == "ready", ready["failure"]
    return str(made["recording_id"])


@pytest.fixture(scope="module")
def recording_id(clinic: RunningClinic, browser: Browser, session: dict[str, Any]) -> str:
    """A recording whose note the model wrote. Its tests leave the note as they found it, but for the last."""
    context = browser.new_context(base_url=clinic.origin, storage_state=session)
    made = noted(context.new_page())
    context.close()
    return made


def note_of(page: Page, recording_id: str) -> dict[str, Any]:
    return dict(asked(page, f"/notes/{asked(page, f'/recordings/{recording_id}')['note_id']}"))


def sentences(note: dict[str, Any]) -> list[str]:
    return [one["text"] for section in note["body"]["sections"] for one in section["statements"]]


def offers(page: Page, words: Words = en) -> Locator:
    return page.get_by_role("region", name=words("mentioned.title"), exact=True)


def test_what_was_mentioned_comes_into_the_note_with_one_click_and_out_again(
    open_page: OpenPage, recording_id: str
) -> None:
    """Its source plays, the button adds it under its heading, undo takes it out, the keyboard does the same."""
    page = open_page(f"/app/recordings/{recording_id}")
    before = note_of(page, recording_id)
    offered = before["body"]["omitted"]
    assert len(offered) >= 2, "the model left out what was said"
    first = offered[0]
    block = offers(page)
    expect(block.get_by_text(str(len(offered)), exact=True)).to_be_visible()
    quoted = block.get_by_role("button", name=first["text"], exact=True)
    quoted.click()
    expect(quoted).to_have_attribute("aria-pressed", "true")
    turn_ids = first["sources"][0]["turn_ids"]
    assert [one.get_attribute("id") for one in page.locator("li[data-source]").all()] == [
        f"turn-{one}" for one in turn_ids
    ]
    page.locator("audio").evaluate("(one) => one.pause()")
    assert violations(page) == []

    add = en("mentioned.addTo", section=first["section"])
    block.get_by_role("button", name=f"{add}: {first['text']}", exact=True).click()
    section = page.get_by_role("region", name=first["section"], exact=True)
    expect(section.get_by_role("button", name=first["text"], exact=True)).to_be_visible()
    expect(quoted).to_have_count(0)
    expect(block.get_by_text(en("mentioned.added", section=first["section"]))).to_be_visible()
    after = note_of(page, recording_id)
    assert first["text"] in sentences(after)
    assert after["blocking"] == before["blocking"]
    expect(block.get_by_role("button", name=offered[1]["text"], exact=True)).to_be_focused()
    picture(page, "note-offer-added")

    page.get_by_role("button", name=en("note.undo"), exact=True).click()
    expect(quoted).to_be_visible()
    assert note_of(page, recording_id)["body"] == before["body"]
    expect(block.get_by_role("button", name=f"{add}: {first['text']}", exact=True)).to_be_enabled()
    quoted.focus()
    page.keyboard.press("a")
    expect(section.get_by_role("button", name=first["text"], exact=True)).to_be_visible()
    page.get_by_role("button", name=en("note.undo"), exact=True).click()
    expect(quoted).to_be_visible()
    expect(block.get_by_role("button", name=f"{add}: {first['text']}", exact=True)).to_be_enabled()
    quoted.focus()
    page.keyboard.press("Delete")
    expect(quoted).to_have_count(0)
    assert sentences(note_of(page, recording_id)) == sentences(before)
    page.get_by_role("button", name=en("note.undo"), exact=True).click()
    expect(quoted).to_be_visible()


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_many_offers_are_folded_until_all_are_asked_for(open_page: OpenPage, recording_id: str, width: str) -> None:
    """The best three stand there with the whole count; one click shows the rest, and the keyboard finds them."""
    page = open_page(**(SMALL_PHONE if width == "phone" else chrome.DESK))
    quote = 'Clinician: "On your heart exam, I do appreciate a 3 out of 6 systolic ejection murmur, number {}."'

    def many(route: Route) -> None:
        note = route.fetch().json()
        one = note["body"]["omitted"][0]
        note["body"]["omitted"] = [{**one, "id": f"o{n}", "text": quote.format(n)} for n in range(1, 9)]
        route.fulfill(json=note)

    page.route(re.compile(r"/notes/NOTE_\w+$"), many)
    page.goto(f"/app/recordings/{recording_id}")
    block = offers(page)
    lines = block.get_by_role("listitem")
    expect(lines).to_have_count(3)
    expect(block.get_by_text("8", exact=True)).to_be_visible()
    block.evaluate("(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
    picture(page, f"note-offers-many-{width}")
    block.get_by_role("button", name=en("mentioned.showAll", count="8"), exact=True).click()
    expect(lines).to_have_count(8)
    expect(lines.nth(3).get_by_role("button").first).to_be_focused()
    assert violations(page) == []


@pytest.mark.parametrize(("words", "width", "scheme"), chrome.LOOKS)
def test_offers_and_doubts_are_readable_everywhere(
    open_page: OpenPage, recording_id: str, words: Words, width: str, scheme: str
) -> None:
    """Both languages, both schemes, a desk and the narrowest phone: nothing that axe knows, nothing over the edge."""
    page = open_page(color_scheme=scheme, **(SMALL_PHONE if width == "phone" else chrome.DESK))
    if words is hi:
        page.get_by_role("button", name=en("app.settings")).click()
        page.get_by_label(en("app.language"), exact=True).select_option(label="हिन्दी")
        expect(page.locator("html")).to_have_attribute("lang", "hi")
    page.goto(f"/app/recordings/{recording_id}")
    block = offers(page, words)
    expect(block).to_be_visible()
    language = "english" if words is en else "hindi"
    page.get_by_label(words("template.ofThisNote"), exact=True).evaluate(
        "(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })"
    )
    picture(page, f"note-doubts-{width}-{scheme}-{language}")
    block.evaluate("(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
    picture(page, f"note-offers-{width}-{scheme}-{language}")
    assert violations(page) == []
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{too_wide} px too wide"
    page.get_by_label(words("template.ofThisNote"), exact=True).select_option("gp")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    picture(page, f"note-again-{width}-{scheme}-{language}")
    page.get_by_role("dialog").get_by_role("button", name=words("app.cancel"), exact=True).click()
    expect(page.get_by_label(words("template.ofThisNote"), exact=True)).to_have_value("visit")


def test_the_next_note_is_laid_out_as_its_recorder_prefers(open_page: OpenPage, recording_id: str) -> None:
    """Chosen once in the settings, kept on the server; the note that is there stays as it is."""
    page = open_page()
    page.get_by_role("button", name=en("app.settings")).click()
    choice = page.get_by_label(en("template.mine"), exact=True)
    expect(choice).to_be_enabled()
    choice.select_option(label=en("template.gp"))
    wait_for(lambda: asked(page, "/me/preferences")["template"] == "gp", what="the server to know")
    assert violations(page) == []
    picture(page, "settings-template")
    page.reload()
    page.get_by_role("button", name=en("app.settings")).click()
    expect(choice).to_have_value("gp")
    page.keyboard.press("Escape")
    fresh = noted(page)
    page.goto(f"/app/recordings/{fresh}")
    expect(page.get_by_role("region", name="History", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="History of present illness", exact=True)).to_have_count(0)
    expect(page.get_by_label(en("template.ofThisNote"), exact=True)).to_have_value("gp")
    assert note_of(page, recording_id)["body"]["template"] == "visit"
    page.request.patch("/me/preferences", headers={"X-Auscult": "1"}, data={"template": "visit"})


def test_one_note_is_written_again_in_another_layout_and_loses_no_edit(open_page: OpenPage, recording_id: str) -> None:
    """The app asks first; the clinician's own sentence stays; undo brings the note back as it was."""
    page = open_page(f"/app/recordings/{recording_id}")
    page.get_by_role("button", name=en("note.addTo", section="Physical exam"), exact=True).click()
    field = page.get_by_role("textbox", name=en("note.newSentence"))
    field.fill("Looks pale.")
    field.press("Enter")
    own = page.get_by_role("button", name="Looks pale.", exact=True)
    expect(own).to_be_visible()
    before = note_of(page, recording_id)["body"]

    layout = page.get_by_label(en("template.ofThisNote"), exact=True)
    layout.select_option(label=en("template.gp"))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(en("template.againText"))).to_be_visible()
    dialog.get_by_role("button", name=en("app.cancel"), exact=True).click()
    assert note_of(page, recording_id)["body"] == before, "nothing happens before the answer"
    layout.select_option(label=en("template.gp"))
    dialog.get_by_role("button", name=en("template.againYes"), exact=True).click()
    expect(page.get_by_role("region", name="Examination", exact=True)).to_be_visible(timeout=120_000)
    expect(
        page.get_by_role("region", name="Examination", exact=True).get_by_role("button", name="Looks pale.")
    ).to_be_visible()
    expect(layout).to_have_value("gp")
    assert violations(page) == []
    page.get_by_role("button", name=en("note.undo"), exact=True).click()
    expect(layout).to_have_value("visit")
    assert note_of(page, recording_id)["body"] == before
    own.focus()
    page.keyboard.press("Delete")
    expect(own).to_have_count(0)


def test_a_note_is_signed_only_when_every_doubted_sentence_is_kept_edited_or_removed(
    open_page: OpenPage, recording_id: str
) -> None:
    """Three sentences that nobody said stand out; each way of deciding counts, and none of the offers does."""
    page = open_page(f"/app/recordings/{recording_id}")
    sign = page.get_by_role("button", name=en("note.sign"), exact=True)
    doubtful = page.locator("li[data-doubt]")
    expect(doubtful).to_have_count(3)
    expect(page.get_by_text(en("note.needsDecision")).first).to_be_visible()
    expect(sign).to_be_disabled()
    note = note_of(page, recording_id)
    refused = page.request.post(f"/notes/{note['note_id']}/sign", headers={"X-Auscult": "1", "If-Match": note["etag"]})
    assert (refused.status, sorted(refused.json()["blocking"])) == (409, sorted(note["blocking"]))

    doubtful.first.get_by_role("button", name=en("note.keep"), exact=True).click()
    expect(doubtful).to_have_count(2)
    doubtful.first.get_by_role("button", name=en("note.edit"), exact=True).click()
    field = page.get_by_role("textbox", name=en("note.sentence"))
    field.fill("Reports no falls.")
    field.press("Enter")
    expect(doubtful).to_have_count(1)
    expect(sign).to_be_disabled()
    doubtful.first.get_by_role("button", name=en("note.remove"), exact=True).click()
    expect(doubtful).to_have_count(0)
    expect(sign).to_be_enabled()
    expect(offers(page)).to_be_visible()
    sign.click()
    page.get_by_role("dialog").get_by_role("button", name=en.like("note.signYes")).click()
    expect(page.get_by_text(en.like("note.signedBy")).first).to_be_visible()
    expect(offers(page)).to_have_count(0)
    expect(page.get_by_label(en("template.ofThisNote"), exact=True)).to_have_count(0)
    signed = note_of(page, recording_id)
    assert signed["status"] == "signed"
    assert "Reports no falls." in sentences(signed)
