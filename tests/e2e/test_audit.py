"""The audit trail as an admin reads it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.support import browser as chrome
from tests.support.browser import Words, picture, violations

en = Words("en")
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
