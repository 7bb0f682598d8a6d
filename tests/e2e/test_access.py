"""Coming in, one's own account, and what an admin does: as people do it, in windows of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.support import browser as chrome
from tests.support.browser import Words, picture, shown_texts, violations
from tests.support.running import RunningClinic

en, hi = Words("en"), Words("hi")
PASSWORD = "Kowhai-gumboot-lantern-71"
"""The owner's, who chooses it in the first of these tests."""
NURSES = "Tram-violet-nineteen-oats"
OUR = {"X-Auscult": "1"}
SMALL: dict[str, Any] = {**chrome.PHONE, "viewport": {"width": 360, "height": 740}}
PAGES = {
    "account": "/app/account",
    "people": "/app/admin",
    "sessions": "/app/admin/sessions",
    "keys": "/app/admin/keys",
    "devices": "/app/admin/devices",
    "screens": "/app/admin/screens",
}


@pytest.fixture(scope="module")
def microphone() -> None:
    """Nothing is recorded here."""


@pytest.fixture(scope="module")
def session(clinic: RunningClinic, browser: Browser) -> Iterator[dict[str, Any]]:
    """The owner's browser: came by the link, saw the hint, and chose a name and a password."""
    context = browser.new_context(base_url=clinic.origin, locale="en-NZ", **chrome.DESK)
    page = context.new_page()
    page.goto(clinic.link)
    expect(page.get_by_text(en("account.hintText"))).to_be_visible()
    page.get_by_role("link", name=en("account.choosePassword")).click()
    _fill(page, "signIn.name", "owner@clinic.example")
    _fill(page, "account.newPassword", "short")
    page.get_by_role("button", name=en("account.savePassword")).click()
    expect(page.get_by_text(en("account.tooShort", count="12"))).to_be_visible()
    _fill(page, "account.newPassword", PASSWORD)
    page.get_by_role("button", name=en("account.savePassword")).click()
    expect(page.get_by_role("heading", name=en("account.password"))).to_be_visible()
    page.goto("/app/")
    expect(page.get_by_role("button", name=en("recorder.record"), exact=True)).to_be_visible()
    expect(page.get_by_text(en("account.hintText"))).to_have_count(0)
    kept: Any = context.storage_state()
    yield dict(kept)
    context.close()


def test_a_nurse_is_invited_signs_in_and_is_let_in_no_more(open_page: OpenPage, clinic: RunningClinic) -> None:
    """The admin adds her, she comes by her link and chooses a password; disabled, she is out at once, unasked."""
    admin = open_page("/app/admin")
    link = _add_nurse(admin, "Mere Tane", "mere@clinic.example")
    nurse = open_page("/", signed_in=False)
    nurse.goto(link)
    nurse.get_by_role("link", name=en("account.choosePassword")).click()
    expect(_field(nurse, "signIn.name")).to_have_value("mere@clinic.example")
    _fill(nurse, "account.newPassword", NURSES)
    nurse.get_by_role("button", name=en("account.savePassword")).click()
    expect(nurse.get_by_role("heading", name=en("account.password"))).to_be_visible()

    nurse.get_by_role("button", name=en("app.signOut")).click()
    _sign_in(nurse, "mere@clinic.example", "not-her-password")
    expect(nurse.get_by_role("alert")).to_contain_text(en("signIn.wrong"))
    _fill(nurse, "signIn.password", NURSES)
    with nurse.expect_response("**/events"):
        nurse.keyboard.press("Enter")
    expect(nurse.get_by_role("heading", name=en("account.title"))).to_be_visible()  # the page where she was
    assert nurse.request.get("/people", headers=OUR).status == 403
    nurse.goto("/app/admin")
    expect(nurse.get_by_text(en("admin.notYou"))).to_be_visible()

    admin.get_by_role("button", name=en("admin.people.acts", name="Mere Tane")).click()
    admin.get_by_role("menuitem", name=en("admin.people.disable")).click()
    admin.get_by_role("dialog").get_by_role("button", name=en("admin.people.disable")).click()
    expect(nurse.get_by_role("heading", name=en("signIn.title"))).to_be_visible(timeout=10_000)
    expect(admin.get_by_text(en("admin.ended_one", count="1"))).to_be_visible()
    _sign_in(nurse, "mere@clinic.example", NURSES)
    expect(nurse.get_by_role("alert")).to_contain_text(en("signIn.wrong"))


def test_a_second_factor_from_the_shown_secret_to_a_recovery_code(open_page: OpenPage) -> None:
    """Set up with what an app would compute, asked for at the next sign-in, a lost phone, and taken off again."""
    page = open_page("/app/account")
    page.get_by_role("button", name=en("account.factorBegin")).click()
    scan = page.get_by_role("img", name=en("account.scanAlt"))
    expect(scan).to_be_visible()
    assert scan.evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 100, "the picture can be seen"
    secret = page.get_by_role("group", name=en("account.secret")).locator("code").inner_text()
    assert violations(page) == []
    picture(page, "second-factor")
    _fill(page, "account.confirmCode", "000000" if pyotp.TOTP(secret).now() != "000000" else "111111")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This code is not right.")
    _fill(page, "account.confirmCode", pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=en("account.codes"))).to_be_focused()
    codes = page.get_by_role("listitem").locator("code").all_inner_texts()
    assert len(set(codes)) == 10
    assert violations(page) == []
    picture(page, "recovery-codes")
    with page.expect_download() as download:
        page.get_by_role("button", name=en("account.download")).click()
    assert all(code in download.value.path().read_text() for code in codes)
    page.get_by_role("button", name=en("account.codesKept")).click()
    expect(page.get_by_text(en("account.codesLeft_other", count="10"))).to_be_visible()

    other = open_page("/app/account", signed_in=False)
    _sign_in(other, "OWNER@clinic.example", PASSWORD)
    code = _field(other, "signIn.code")
    expect(code).to_be_focused()
    assert code.get_attribute("autocomplete") == "one-time-code"
    assert violations(other) == []
    picture(other, "sign-in-code")
    code.fill("12345")
    other.keyboard.press("Enter")
    expect(other.get_by_role("alert")).to_contain_text(en("signIn.wrongCode"))
    code.fill(codes[3])
    other.keyboard.press("Enter")
    expect(other.get_by_text(en("account.codesLeft_other", count="9"))).to_be_visible()

    other.get_by_role("button", name=en("account.factorRemove")).click()
    other.get_by_role("dialog").get_by_label(en("account.currentPassword")).fill(PASSWORD)
    other.keyboard.press("Enter")
    expect(other.get_by_role("button", name=en("account.factorBegin"))).to_be_visible()


def test_who_guesses_waits_and_sees_for_how_long(open_page: OpenPage) -> None:
    """After five tries the form says so, counts down and lets nobody press on; words are told, not seconds."""
    page = open_page("/app/", signed_in=False)
    for _ in range(5):
        answer = page.request.post("/sign-in", headers=OUR, data={"sign_in_name": "guess", "password": "a guess at it"})
        assert answer.status == 401
    page.clock.install()
    _sign_in(page, "guess", "a guess at it")
    expect(page.get_by_role("alert")).to_contain_text(en("signIn.waits"))
    timer = page.get_by_role("timer")
    expect(timer).to_contain_text(re.compile(r"0:[23]\d"))
    button = page.get_by_role("main").get_by_role("button", name=en("signIn.enter"), exact=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    assert violations(page) == []
    picture(page, "sign-in-waits")
    page.clock.fast_forward(31_000)
    expect(timer).to_have_count(0)
    expect(button).to_have_attribute("aria-disabled", "false")
    expect(page.get_by_role("main").get_by_text(en("signIn.waited"))).to_be_visible()


def test_keys_devices_and_screens_are_made_once_and_ended(open_page: OpenPage) -> None:
    """Each secret is shown once and works; rotated, both keys do; revoked, none."""
    page = open_page("/app/admin/keys")

    def works(token: str, path: str = "/patients") -> int:
        return page.request.get(path, headers={"X-API-Key": token, "Cookie": ""}).status

    page.get_by_role("button", name=en("admin.keys.make")).click()
    _fill(page, "admin.keys.name", "Laboratory")
    page.get_by_label(en("admin.keys.role")).select_option("doctor")
    page.get_by_label(en("admin.keys.limits")).select_option("some")
    page.get_by_label(en("admin.scopes.patients")).select_option("read")
    assert violations(page) == []
    picture(page, "new-key")
    page.get_by_role("button", name=en("admin.keys.makeYes")).click()
    first = _secret(page, "admin.keys.token", "admin.kept")
    assert works(first) == 200
    assert works(first, "/recordings") == 403, "it was given patients, to read"
    page.get_by_role("button", name=en("admin.keys.rotateNamed", name="Laboratory")).click()
    expect(page.get_by_text(en("admin.keys.rotateText"))).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name=en("admin.keys.rotate")).click()
    second = _secret(page, "admin.keys.token", "admin.kept")
    assert (works(first), works(second)) == (200, 200)
    expect(page.get_by_text(en("admin.keys.state.replaced"))).to_be_visible()
    picture(page, "keys-rotated")
    for _ in range(2):
        page.get_by_role("button", name=en("admin.revokeNamed", name="Laboratory")).first.click()
        page.get_by_role("dialog").get_by_role("button", name=en("admin.keys.revoke")).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(en("admin.ended_other", count="2"))).to_be_visible()
    assert (works(first), works(second)) == (401, 401)

    page.get_by_role("link", name=en("admin.nav.devices"), exact=True).click()
    page.get_by_role("button", name=en("admin.devices.add")).click()
    _fill(page, "admin.devices.name", "Room 2 microphone")
    page.get_by_role("button", name=en("admin.devices.addYes")).click()
    assert len(_secret(page, "admin.devices.privateKey", "admin.kept")) == 43, "32 bytes in base64url"
    page.get_by_role("button", name=en("admin.devices.add")).click()
    _fill(page, "admin.devices.name", "Own key")
    page.get_by_label(en("admin.devices.key"), exact=True).select_option("own")
    _fill(page, "admin.devices.publicKey", "no key")
    page.get_by_role("button", name=en("admin.devices.addYes")).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("This is no Ed25519 public key.")
    page.get_by_role("dialog").get_by_role("button", name=en("app.cancel")).click()
    page.get_by_role("button", name=en("admin.revokeNamed", name="Room 2 microphone")).click()
    page.get_by_role("dialog").get_by_role("button", name=en("admin.devices.revoke")).click()
    expect(page.get_by_text(en("admin.ended_one", count="1"))).to_be_visible()

    page.get_by_role("link", name=en("admin.nav.screens"), exact=True).click()
    page.get_by_role("button", name=en("admin.screens.add")).click()
    _fill(page, "admin.screens.name", "Front room")
    page.get_by_role("button", name=en("admin.screens.addYes")).click()
    link = _secret(page, "admin.link.link", "admin.done")
    screen = open_page("/", signed_in=False)
    screen.goto(link)
    assert screen.request.get("/me").json()["role"] == "display"
    page.get_by_role("link", name=en("admin.nav.sessions"), exact=True).click()
    page.get_by_role("button", name=re.compile(f"^{re.escape(en('account.endNamed', name='Front room'))}")).click()
    expect(page.get_by_text("Front room")).to_have_count(0)
    assert screen.request.get("/me").status == 401


def test_only_the_keyboard_is_needed(open_page: OpenPage) -> None:
    """From the sign-in page to a person added: every step by keys, and the focus is never lost."""
    page = open_page("/app/admin", signed_in=False)
    expect(page.get_by_role("heading", name=en("signIn.title"))).to_be_visible()
    _tab_to(page, _field(page, "signIn.name"))
    page.keyboard.type("owner@clinic.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # shows what was typed
    expect(_field(page, "signIn.password")).to_have_attribute("type", "text")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    add = page.get_by_role("button", name=en("admin.people.add"))
    expect(add).to_be_visible()
    _tab_to(page, add)
    page.keyboard.press("Enter")
    expect(_field(page, "admin.people.name")).to_be_focused()
    page.keyboard.type("Wiremu Ngata")
    page.keyboard.press("Tab")
    page.keyboard.type("wiremu@clinic.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name=en("admin.link.scan"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Wiremu Ngata")).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        pytest.param("light", "desk", marks=pytest.mark.full),
        ("dark", "phone"),
        pytest.param("light", "phone", marks=pytest.mark.full),
        pytest.param("dark", "desk", marks=pytest.mark.full),
    ],
)
def test_every_page_of_access_is_accessible(open_page: OpenPage, scheme: str, width: str) -> None:
    """No violation that axe knows, in either scheme; nothing hangs over the edge, at 360 pixels neither."""
    size = SMALL if width == "phone" else chrome.DESK
    stranger = open_page("/app/", signed_in=False, color_scheme=scheme, **size)
    expect(stranger.get_by_role("heading", name=en("signIn.title"))).to_be_visible()
    _fits_and_reads(stranger, f"sign-in-{width}-{scheme}")
    page = open_page(color_scheme=scheme, **size)
    for name, path in PAGES.items():
        page.goto(path)
        _is_there(page, name, en)
        _fits_and_reads(page, f"{name}-{width}-{scheme}")


def test_access_speaks_hindi(open_page: OpenPage) -> None:
    """No English sentence and no key is left on any of the pages, and none in a problem."""
    english = {text for key, text in en.items().items() if hi(key) != en(key) and len(text) > 3 and "{{" not in text}
    english.discard("Clinician")  # as the owner of a new clinic is called
    keys = set(en.items())
    stranger = open_page("/app/", signed_in=False, locale="hi-IN", **SMALL)
    _sign_in(stranger, "nobody", "and nothing", hi)
    expect(stranger.get_by_role("alert")).to_contain_text(hi("signIn.wrong"))
    picture(stranger, "sign-in-hindi")
    page = open_page(**SMALL)
    page.evaluate("localStorage.setItem('auscult-language', 'hi')")
    for name, path in PAGES.items():
        page.goto(path)
        _is_there(page, name, hi)
        for one in (page, stranger):
            assert not set(shown_texts(one)) & (keys | english), name
        picture(page, f"{name}-hindi")


def _fits_and_reads(page: Page, name: str) -> None:
    assert violations(page) == [], name
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{name} is {too_wide} px too wide"
    picture(page, name)


def _is_there(page: Page, name: str, words: Words) -> None:
    """Wait until the page has what it is about."""
    if name == "account":
        expect(page.get_by_text(words("account.thisBrowser"), exact=True)).to_be_visible()
    else:
        expect(page.get_by_role("region", name=words(f"admin.{name}.title"))).to_be_visible()
    expect(page.get_by_role("status", name=words("app.loading"))).to_have_count(0)


def _fill(page: Page, label: str, text: str) -> None:
    _field(page, label).fill(text)


def _field(page: Page, label: str, words: Words = en) -> Locator:
    """A field by its label, which ends in a star where something must be entered."""
    return page.get_by_label(re.compile(rf"^{re.escape(words(label))}( \*)?$"))


def _sign_in(page: Page, name: str, password: str, words: Words = en) -> None:
    expect(
        page.get_by_role("heading", name=words("signIn.title"))
    ).to_be_visible()  # an account has a field of that name too
    _field(page, "signIn.name", words).fill(name)
    _field(page, "signIn.password", words).fill(password)
    page.keyboard.press("Enter")


def _add_nurse(page: Page, name: str, sign_in_name: str) -> str:
    """Add a nurse as the admin does; return her link."""
    page.get_by_role("button", name=en("admin.people.add")).click()
    _fill(page, "admin.people.name", name)
    _fill(page, "signIn.name", sign_in_name)
    assert violations(page) == []
    picture(page, "new-person")
    page.get_by_role("button", name=en("admin.people.addYes")).click()
    expect(page.get_by_role("img", name=en("admin.link.scan"))).to_be_visible()
    assert violations(page) == []
    picture(page, "invited")
    return _secret(page, "admin.link.link", "admin.done")


def _secret(page: Page, label: str, close: str) -> str:
    """What is shown once, after which the dialog is closed."""
    text = page.get_by_role("group", name=en(label), exact=True).locator("code").inner_text()
    page.get_by_role("button", name=en(close), exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    return text


def _tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError("the keyboard does not come there")
