"""A note whose plan is read problem by problem: each impression heads what is ordered for it, the rest stands apart."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.support import browser as chrome
from tests.support.browser import Words, asked, picture, violations
from tests.support.running import RunningClinic, running_clinic
from tests.support.typed_visits import typed_visits

pytestmark = pytest.mark.slow
en, hi = chrome.EN, chrome.HI
SMALL_PHONE: dict[str, Any] = {**chrome.PHONE, "viewport": {"width": 360, "height": 740}}
"""The narrowest phone that is still sold."""
VISITS = (("visit", "en"), ("soap", "en"), ("visit", "hi"), ("soap", "hi"), ("visit", "en"))
"""The layouts and languages of the notes; the last is the one that is changed."""
PLAN = {"visit": "Assessment and plan", "soap": "Plan"}
PLAN_IN_HINDI = {"visit": "आकलन और योजना", "soap": "योजना"}
LABELS = {
    "High blood pressure": ["Patient education and counseling", "Additional testing", "Medical treatment"],
    "Osteoarthritis": ["Additional testing", "Medical treatment", "Specialist referrals"],
    "Depression": ["Medical treatment", "Specialist referrals"],
    "Other": ["Follow-up"],
}
"""What the orders of a visit note stand under, problem by problem."""
LABELS_IN_HINDI = {
    "उच्च रक्तचाप": ["मरीज़ को सलाह", "जाँच", "इलाज"],
    "Osteoarthritis": ["जाँच", "इलाज", "रेफ़रल"],
    "डिप्रेशन": ["इलाज", "रेफ़रल"],
    "अन्य": ["दोबारा दिखाना"],
}
ORDERS = {
    "High blood pressure": ["Start lisinopril 10 mg once a day.", "Order a basic metabolic panel."],
    "Osteoarthritis": ["Refer to physical therapy.", "Order an x-ray of the right knee."],
    "Depression": ["Start sertraline 50 mg once a day.", "Refer to a counselor."],
    "Other": ["Review in 6 weeks."],
}
ORDERS_IN_HINDI = {
    "उच्च रक्तचाप": ["lisinopril 10 mg दिन में एक बार शुरू करें।"],
    "Osteoarthritis": ["Refer to physical therapy."],
    "डिप्रेशन": ["sertraline 50 mg दिन में एक बार शुरू करें।"],
    "अन्य": ["6 हफ़्ते बाद दोबारा दिखाने की सलाह दी गई।"],
}


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A clinic's folder, and the recordings of the visits that are in it."""
    folder = tmp_path_factory.mktemp("problems")
    return folder, [str(one) for one in asyncio.run(typed_visits(folder / "data", *VISITS))]


@pytest.fixture(scope="module")
def clinic(web_app: Path, visits: tuple[Path, list[str]]) -> Iterator[RunningClinic]:
    with running_clinic(visits[0]) as started:
        yield started


def plan(page: Page, template: str = "visit", words: Words = en) -> Locator:
    name = (PLAN if words is en else PLAN_IN_HINDI)[template]
    return page.get_by_role("region", name=name, exact=True)


def problems(section: Locator) -> Locator:
    """The groups of a section that are for a problem each; those under a label stand in them."""
    return section.get_by_role("group").filter(has=section.page.get_by_role("heading", level=4))


def labels(one: Locator) -> list[str]:
    """The labels of a group, as they are announced."""
    return [
        str(found.evaluate("(one) => document.getElementById(one.getAttribute('aria-labelledby')).textContent"))
        for found in one.get_by_role("group").all()
    ]


def group(page: Page, problem: str) -> Locator:
    return plan(page).get_by_role("group", name=problem, exact=True)


def said(page: Page, text: str) -> Locator:
    return plan(page).get_by_role("button", name=text, exact=True)


def body_of(page: Page, recording_id: str) -> dict[str, Any]:
    note_id = asked(page, f"/recordings/{recording_id}")["note_id"]
    return dict(asked(page, f"/notes/{note_id}")["body"])


def field_of(page: Page, recording_id: str, text: str, field: str) -> str:
    """What the server has a sentence under: its `problem`, or its `label`."""
    (found,) = (
        one
        for section in body_of(page, recording_id)["sections"]
        for one in section["statements"]
        if one["text"] == text
    )
    return str(found[field])


@pytest.mark.parametrize(("words", "width", "scheme"), chrome.LOOKS)
def test_a_plan_is_read_problem_by_problem_everywhere(
    open_page: OpenPage, visits: tuple[Path, list[str]], words: Words, width: str, scheme: str
) -> None:
    """Both layouts: headings, what stands under each, its source; nothing over another, clipped, or over the edge."""
    language = "en" if words is en else "hi"
    page = open_page(color_scheme=scheme, **(SMALL_PHONE if width == "phone" else chrome.DESK))
    page.evaluate("(one) => localStorage.setItem('auscult-language', one)", language)
    for template in PLAN:
        page.goto(f"/app/recordings/{visits[1][VISITS.index((template, language))]}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        section = plan(page, template, words)
        expected = ORDERS if words is en else ORDERS_IN_HINDI
        expect(problems(section)).to_have_count(len(expected))
        for problem, orders in expected.items():
            one = section.get_by_role("group", name=problem, exact=True)
            expect(one.get_by_role("heading", level=4)).to_have_count(1)
            under = (LABELS if words is en else LABELS_IN_HINDI)[problem] if template == "visit" else []
            assert labels(one) == under
            for order in orders:
                expect(one.get_by_role("button", name=order, exact=True)).to_be_visible()
        assert _untidy(page) == [], template
        section.evaluate("(one) => one.scrollIntoView({ block: 'start', behavior: 'instant' })")
        picture(page, f"problems-{template}-{width}-{scheme}-{language}")

        chosen = section.get_by_role("button", name="Refer to physical therapy.", exact=True)
        chosen.click()
        expect(chosen).to_have_attribute("aria-pressed", "true")
        expect(page.locator("li[data-source]")).to_have_count(1)
        expect(page.locator("li[data-source]")).to_contain_text("refer you to physical therapy")
        if width == "phone":
            expect(section.locator("blockquote")).to_contain_text("refer you to physical therapy")
        page.locator("audio").evaluate("(one) => one.pause()")
        chosen.evaluate("(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
        picture(page, f"problems-source-{template}-{width}-{scheme}-{language}")
        assert violations(page) == [], template
        assert _untidy(page) == [], template


def _untidy(page: Page) -> list[str]:
    """What hangs over the edge of the screen or of its own box, and lines of the note that lie over one another."""
    found: list[str] = page.evaluate(
        """() => {
          const root = document.documentElement;
          const wrong = root.scrollWidth > root.clientWidth ? ["the page is too wide"] : [];
          const note = document.getElementById("note-title").closest("section");
          for (const one of note.querySelectorAll("h3, h4, li, li p, [role=group] > p, button, button *, select"))
            if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
              wrong.push(`too wide: ${one.textContent}`);
          const all = [...note.querySelectorAll("li, h3, h4, [role=group] > p")];
          const lines = all.filter((one) => !one.querySelector("h4, li"));
          const boxes = lines.map((one) => [one.textContent, one.getBoundingClientRect()]);
          boxes.forEach(([text, box], index) => {
            for (const [other, below] of boxes.slice(index + 1))
              if (box.left < below.right - 1 && below.left < box.right - 1
                && box.top < below.bottom - 1 && below.top < box.bottom - 1) wrong.push(`${text} over ${other}`);
          });
          return wrong;
        }"""
    )
    return found


def test_sentences_of_a_group_are_changed_by_keyboard_and_the_focus_stays_at_hand(
    open_page: OpenPage, visits: tuple[Path, list[str]]
) -> None:
    """Edited where it stands; removed, and the next sentence has the focus, in whichever group; undo brings it back."""
    recording_id = visits[1][-1]
    page = open_page(f"/app/recordings/{recording_id}")
    said(page, "Refer to physical therapy.").focus()
    page.keyboard.press("e")
    field = page.get_by_role("textbox", name=en("note.sentence"))
    expect(field).to_be_focused()
    field.fill("Refer to physical therapy twice a week.")
    page.keyboard.press("Enter")
    changed = said(page, "Refer to physical therapy twice a week.")
    expect(changed).to_be_focused()
    expect(group(page, "Osteoarthritis").get_by_role("button", name="Refer to physical therapy twice")).to_be_visible()

    page.keyboard.press("Delete")
    expect(changed).to_have_count(0)
    expect(said(page, "Depression.")).to_be_focused()
    assert labels(group(page, "Osteoarthritis")) == ["Additional testing", "Medical treatment"]
    said(page, "Order an x-ray of the right knee.").focus()
    page.keyboard.press("Delete")
    expect(said(page, "Start acetaminophen 500 mg as needed for pain.")).to_be_focused()
    undo = page.get_by_role("button", name=en("note.undo"), exact=True)
    undo.focus()
    page.keyboard.press("Enter")
    expect(
        group(page, "Osteoarthritis").get_by_role("button", name="Order an x-ray of the right knee.")
    ).to_be_visible()
    expect(undo).to_be_focused()

    said(page, "Review in 6 weeks.").focus()
    page.keyboard.press("Delete")
    expect(group(page, "Other")).to_have_count(0)
    expect(said(page, "Refer to a counselor.")).to_be_focused()
    undo.click()
    expect(group(page, "Other")).to_be_visible()


def test_an_impression_worded_anew_heads_the_same_orders(open_page: OpenPage, visits: tuple[Path, list[str]]) -> None:
    """The group has the new name, the sentence the focus; taken out, its orders stand under no problem until undo."""
    recording_id = visits[1][-1]
    page = open_page(f"/app/recordings/{recording_id}")
    said(page, "Depression.").focus()
    page.keyboard.press("F2")
    page.get_by_role("textbox", name=en("note.sentence")).fill("Moderate depression.")
    page.keyboard.press("Enter")
    expect(said(page, "Moderate depression.")).to_be_focused()
    renamed = group(page, "Moderate depression")
    expect(renamed.get_by_role("button", name="Refer to a counselor.", exact=True)).to_be_visible()
    expect(renamed.get_by_role("heading", level=4)).to_have_text("Moderate depression.")
    assert violations(page) == []

    page.keyboard.press("Delete")
    expect(said(page, "Start sertraline 50 mg once a day.")).to_be_focused()
    expect(group(page, "Other").get_by_role("button", name="Refer to a counselor.", exact=True)).to_be_visible()
    assert violations(page) == []
    undo = page.get_by_role("button", name=en("note.undo"), exact=True)
    undo.click()
    expect(renamed.get_by_role("button", name="Refer to a counselor.", exact=True)).to_be_visible()

    said(page, "High blood pressure.").focus()
    page.keyboard.press("Delete")
    expect(said(page, "Advised to check the blood pressure at home every morning.")).to_be_focused()
    expect(group(page, "Other")).to_have_count(1)
    expect(problems(plan(page)).last.get_by_role("button", name="Order a basic metabolic panel.")).to_be_visible()
    undo.click()
    expect(group(page, "High blood pressure")).to_be_visible()


def test_a_label_stays_with_the_sentences_that_are_left_under_it(
    open_page: OpenPage, visits: tuple[Path, list[str]]
) -> None:
    """A sentence is added under a label; the first one is removed, and the next has the label and the keyboard."""
    recording_id = visits[1][-1]
    page = open_page(f"/app/recordings/{recording_id}")
    page.get_by_role("button", name=en("note.addTo", section=PLAN["visit"]), exact=True).click()
    page.get_by_label(en("note.forProblem"), exact=True).select_option(label="Osteoarthritis")
    under = page.get_by_label(en("note.underLabel"), exact=True)
    expect(under).to_have_value("")
    under.select_option(label="Medical treatment")
    assert violations(page) == []
    picture(page, "problems-new-sentence-label")
    field = page.get_by_role("textbox", name=en("note.newSentence"))
    field.fill("Put ice on the knee.")
    field.press("Enter")
    treatment = group(page, "Osteoarthritis").get_by_role("group", name="Medical treatment", exact=True)
    expect(treatment.get_by_role("listitem")).to_have_text(
        ["Start acetaminophen 500 mg as needed for pain.", re.compile("Put ice on the knee.")]
    )
    assert field_of(page, recording_id, "Put ice on the knee.", "label") == "Medical treatment"
    said(page, "Start acetaminophen 500 mg as needed for pain.").focus()
    page.keyboard.press("Delete")
    expect(said(page, "Put ice on the knee.")).to_be_focused()
    expect(treatment.get_by_role("listitem")).to_have_count(1)
    assert violations(page) == []
    page.get_by_role("button", name=en("note.undo"), exact=True).click()
    expect(treatment.get_by_role("listitem")).to_have_count(2)


def test_a_new_sentence_is_for_the_problem_that_is_chosen(open_page: OpenPage, visits: tuple[Path, list[str]]) -> None:
    """Asked beside the words; the problem of the chosen sentence is proposed, else none; all of it by keyboard."""
    recording_id = visits[1][-1]
    page = open_page(f"/app/recordings/{recording_id}")
    add = page.get_by_role("button", name=en("note.addTo", section=PLAN["visit"]), exact=True)
    field = page.get_by_role("textbox", name=en("note.newSentence"))
    choice = page.get_by_label(en("note.forProblem"), exact=True)
    add.focus()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    expect(choice).to_have_value("")
    assert violations(page) == []
    page.keyboard.type("Use a stick on long walks.")
    page.keyboard.press("Tab")
    expect(choice).to_be_focused()
    choice.select_option(label="Osteoarthritis")
    page.keyboard.press("Tab")
    expect(page.get_by_label(en("note.underLabel"), exact=True)).to_be_focused()
    picture(page, "problems-new-sentence")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(
        group(page, "Osteoarthritis").get_by_role("button", name="Use a stick on long walks.", exact=True)
    ).to_be_visible()
    expect(add).to_be_focused()
    assert field_of(page, recording_id, "Use a stick on long walks.", "problem") == "Osteoarthritis"

    said(page, "Order a basic metabolic panel.").click()
    page.locator("audio").evaluate("(one) => one.pause()")
    add.click()
    expect(choice).to_have_value("High blood pressure")
    expect(page.get_by_label(en("note.underLabel"), exact=True)).to_have_value("Additional testing")
    choice.select_option("")
    field.fill("Brings all medicines next time.")
    field.press("Enter")
    expect(
        group(page, "Other").get_by_role("button", name="Brings all medicines next time.", exact=True)
    ).to_be_visible()
    assert field_of(page, recording_id, "Brings all medicines next time.", "problem") == ""
    expect(
        page.get_by_role("region", name="Physical exam", exact=True).get_by_label(en("note.forProblem"))
    ).to_have_count(0)


def test_what_was_mentioned_comes_into_a_grouped_plan_by_keyboard(
    open_page: OpenPage, visits: tuple[Path, list[str]]
) -> None:
    """It stands with what is for no problem, the groups are as they were, and the next offer has the focus."""
    recording_id = visits[1][-1]
    page = open_page(f"/app/recordings/{recording_id}")
    first, second = body_of(page, recording_id)["omitted"]
    assert first["section"] == PLAN["visit"]
    expect(group(page, "Other")).to_be_visible()
    names = [one.get_attribute("aria-label") for one in plan(page).get_by_role("group").all()]
    block = page.get_by_role("region", name=en("mentioned.title"), exact=True)
    block.get_by_role("button", name=first["text"], exact=True).focus()
    page.keyboard.press("a")
    expect(group(page, "Other").get_by_role("button", name=first["text"], exact=True)).to_be_visible()
    expect(block.get_by_role("button", name=second["text"], exact=True)).to_be_focused()
    assert [one.get_attribute("aria-label") for one in plan(page).get_by_role("group").all()] == names
    assert violations(page) == []
    page.get_by_role("button", name=en("note.undo"), exact=True).click()
    expect(block.get_by_role("button", name=first["text"], exact=True)).to_be_visible()


def test_what_is_signed_is_neither_swapped_nor_discarded_and_an_amendment_begins_at_its_top(
    open_page: OpenPage, visits: tuple[Path, list[str]]
) -> None:
    """Only what the server would do is offered: on a draft both, on a signed note none, on its amendment a swap."""
    recording_id = visits[1][-1]
    page = open_page(f"/app/recordings/{recording_id}")
    swap = page.get_by_role("button", name=en("recording.swap"), exact=True)
    more = page.get_by_role("button", name=en("recording.more"), exact=True)
    discard = page.get_by_role("menuitem", name=en("recording.discard"), exact=True)
    rename = page.get_by_role("menuitem", name=en("recording.rename"), exact=True)
    again = page.get_by_role("menuitem", name=en("recording.listenAgain"), exact=True)

    def offered(count: int) -> None:
        more.click()
        expect(rename).to_be_visible()
        expect(discard).to_have_count(count)
        expect(again).to_have_count(count)
        page.keyboard.press("Escape")
        expect(rename).to_have_count(0)

    expect(swap).to_be_visible()
    offered(1)
    page.get_by_role("button", name=en("note.sign"), exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=en.like("note.signYes")).click()
    expect(page.get_by_text(en.like("note.signedBy")).first).to_be_visible()
    expect(swap).to_have_count(0)
    offered(0)
    expect(group(page, "Osteoarthritis").get_by_role("heading", level=4)).to_have_count(1)
    assert violations(page) == []
    picture(page, "problems-signed")

    page.get_by_role("button", name=en("note.amend"), exact=True).click()
    page.get_by_role("textbox", name=en("note.amendReason")).fill("The wrong knee.")
    page.get_by_role("dialog").get_by_role("button", name=en("note.amendYes"), exact=True).click()
    expect(page.get_by_text(en("note.amends", reason="The wrong knee."))).to_be_visible()
    expect(page.locator("#note-title")).to_be_focused()
    expect(swap).to_be_visible()
    offered(0)


def test_the_keyboard_goes_on_at_a_note_that_was_written_again(
    open_page: OpenPage, visits: tuple[Path, list[str]]
) -> None:
    """The layout is chosen and confirmed by keyboard; the note that comes of it has the focus, with its groups."""
    page = open_page(f"/app/recordings/{visits[1][0]}")
    expect(group(page, "Other")).to_be_visible()
    page.get_by_label(en("template.ofThisNote"), exact=True).select_option("soap")
    again = page.get_by_role("dialog").get_by_role("button", name=en("template.againYes"), exact=True)
    again.focus()
    page.keyboard.press("Enter")
    expect(plan(page, "soap").get_by_role("group", name="Depression", exact=True)).to_be_visible()
    expect(page.locator("#note-title")).to_be_focused()
