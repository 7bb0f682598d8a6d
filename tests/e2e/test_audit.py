"""The audit trail as an admin reads it, and the waiting room's screen, which has nothing to read but its numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.support import browser as chrome
from tests.support.browser import Words, picture, shown_texts, violations

en, hi = Words("en"), Words("hi")
ACTS = ("openPatient", "register")
OUR = {"X-Auscult": "1"}
SMALL: dict[str, Any] = {**chrome.PHONE, "viewport": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def microphone() -> None:
    """Nothing is recorded here."""


def test_what_a_nurse_did_is_found_by_the_patient(open_page: OpenPage) -> None:
    """She registers and opens one of two patients and is refused once; the admin finds what concerns that one."""
    admin = open_page("/app/admin/audit")
    nurse = _comes_in(open_page, admin, {"name": "Mere Tane", "sign_in_name": "mere@clinic.example", "role": "nurse"})
    hana, other = (_register(nurse, name) for name in ("Hana Ngata", "Wiremu Pohatu"))
    nurse.request.get(f"/patients/{hana}")
    assert nurse.request.post("/audit/search", headers=OUR, data={"patient_id": hana}).status == 403

    field = admin.get_by_label(en("admin.audit.patient"))
    field.fill("hana")
    expect(admin.get_by_role("button", name=re.compile("Hana Ngata"))).to_be_visible()
    field.press("Enter")
    admin.keyboard.press("Enter")
    expect(admin.get_by_text(en("admin.audit.chosen", name="Hana Ngata"))).to_be_visible()
    expect(field).to_be_focused()
    admin.keyboard.press("Enter")
    found = admin.get_by_role("list", name=en("admin.audit.found"))
    opened, registered = (found.locator("li", has_text=en(f"admin.audit.acts.{act}")) for act in ACTS)
    expect(opened).to_contain_text(f"Mere Tane ({en('admin.roles.nurse')})")
    expect(opened).to_contain_text(en("admin.audit.where.here"))
    expect(opened).to_contain_text(en("admin.audit.outcome.done"))
    expect(registered.first).to_be_visible()
    opened.locator("summary").focus()
    admin.keyboard.press("Enter")
    expect(opened.locator("dl")).to_contain_text(hana)
    assert other not in found.inner_text()
    _reads(admin, "audit-desk-light")
    admin.emulate_media(color_scheme="dark")
    admin.set_viewport_size(SMALL["viewport"])
    _reads(admin, "audit-phone-dark")

    admin.get_by_role("button", name=en("admin.audit.unchoose")).click()
    admin.get_by_label(en("admin.audit.person")).select_option(label="Mere Tane")
    admin.get_by_label(en("admin.audit.action")).select_option("E")
    admin.get_by_role("button", name=en("admin.audit.search")).click()
    refused = found.locator("li", has_text=en("admin.audit.acts.audit"))
    expect(refused).to_contain_text(en("admin.audit.outcome.refused"))
    picture(admin, "audit-refused")
    admin.get_by_label(en("admin.audit.to")).fill("2020-01-01")
    admin.get_by_role("button", name=en("admin.audit.search")).click()
    expect(admin.get_by_text(en("admin.audit.emptyText"))).to_be_visible()

    admin.evaluate("localStorage.setItem('auscult-language', 'hi')")
    admin.reload()
    expect(admin.get_by_role("list", name=hi("admin.audit.found"))).to_be_visible()
    english = {text for key, text in en.items().items() if key.startswith("admin.audit.") and "{{" not in text}
    assert not set(shown_texts(admin)) & english
    _reads(admin, "audit-hindi")


def test_more_is_shown_when_asked_for_and_a_fault_can_be_tried_again(open_page: OpenPage) -> None:
    """Fifty at a time; the keyboard goes on at the first of the next page, also when asking failed once."""
    page = open_page("/app/engines")
    for _ in range(60):
        assert page.request.get("/me").status == 200
    page.goto("/app/admin/audit")
    rows = page.get_by_role("list", name=en("admin.audit.found")).locator("summary")
    expect(rows).to_have_count(50)
    page.route("**/audit/search", lambda route: route.abort(), times=1)
    page.get_by_role("button", name=en("admin.audit.more")).click()
    page.get_by_role("alert").get_by_role("button", name=en("app.tryAgain")).click()
    expect(rows.nth(50)).to_be_focused()
    page.get_by_label(en("admin.audit.patient")).fill("nobody of this name")
    page.get_by_role("button", name=en("admin.audit.search")).click()
    expect(page.get_by_text(en("admin.audit.chooseOne"))).to_be_visible()


def test_a_screen_shows_its_numbers_whatever_address_is_opened(open_page: OpenPage) -> None:
    """It has no way to anywhere else; let in no more, it asks to sign in."""
    admin = open_page("/app/admin/screens")
    screen = _comes_in(open_page, admin, {"name": "Front room", "role": "display"})
    for path in ("/app/", "/app/patients", "/app/admin/audit", "/app/nowhere"):
        screen.goto(path)
        screen.wait_for_url("**/app/waiting-room")
        expect(screen.get_by_role("heading", name=en("room.called"))).to_be_visible()
        expect(screen.get_by_role("link")).to_have_count(0)
        expect(screen.get_by_role("navigation")).to_have_count(0)
        expect(screen.get_by_role("button")).to_have_count(0)
    assert violations(screen) == []
    picture(screen, "screen-of-its-own")
    [person] = [one for one in admin.request.get("/people").json()["items"] if one["role"] == "display"]
    admin.request.patch(f"/people/{person['user_id']}", headers=OUR, data={"disabled": True})
    expect(screen.get_by_role("heading", name=en("signIn.title"))).to_be_visible()


def _comes_in(open_page: OpenPage, admin: Page, who: dict[str, str]) -> Page:
    """Somebody whom the admin adds, in a window of their own."""
    answer = admin.request.post("/people", headers=OUR, data=who)
    assert answer.status == 201, answer.text()
    page = open_page("/", signed_in=False)
    page.goto(answer.json()["sign_in_url"])
    return page


def _register(nurse: Page, name: str) -> str:
    answer = nurse.request.post("/patients", headers=OUR, data={"name": name})
    assert answer.status == 201, answer.text()
    return str(answer.json()["patient_id"])


def _reads(page: Page, name: str) -> None:
    assert violations(page) == [], name
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{name} is {too_wide} px too wide"
    picture(page, name)
