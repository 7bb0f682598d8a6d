"""The clinic's day in two browsers: a nurse on a phone, a doctor at a desk, a screen on the wall."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from auscult.domain.actor import Role
from tests.e2e.conftest import OpenPage
from tests.support import browser as chrome
from tests.support.browser import Words, asked, picture, settled, shown_texts, violations
from tests.support.members import sign_in_link
from tests.support.running import RunningClinic, wait_for

en, hi = Words("en"), Words("hi")
NARROW: dict[str, Any] = {**chrome.PHONE, "viewport": {"width": 360, "height": 740}}
OURS = {"X-Auscult": "1"}


@pytest.fixture(scope="module")
def nurse(clinic: RunningClinic, browser: Browser) -> dict[str, Any]:
    """What the nurse's browser keeps after signing in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(sign_in_link(clinic, "Nurse Hana", Role.NURSE))
    page.wait_for_url(f"{clinic.origin}/app/")
    kept: Any = context.storage_state()
    context.close()
    return dict(kept)


@pytest.fixture
def empty_queue(clinic: RunningClinic, browser: Browser, session: Any) -> None:
    """Nobody waits, nobody is seen."""
    context = browser.new_context(base_url=clinic.origin, storage_state=session)
    for entry in asked(context.new_page(), "/queue")["items"]:
        done = (
            context.request.post("/queue/complete", headers=OURS, data={"entry_id": entry["entry_id"]})
            if entry["status"] == "consulting"
            else context.request.post(f"/queue/{entry['entry_id']}/cancel", headers=OURS)
        )
        assert done.ok, done.text()
    context.close()


def test_from_registration_to_the_signed_note(open_page: OpenPage, nurse: dict[str, Any], empty_queue: None) -> None:
    """The nurse registers, records and calls on a phone; the doctor sees it come, and signs; the wall shows numbers."""
    doctor = open_page("/app/queue")
    expect(doctor.get_by_text(en("queue.empty"))).to_be_visible()
    wall = open_page("/app/waiting-room")
    expect(wall.get_by_text(en("room.noneWaiting"))).to_be_visible()
    phone = open_page("/app/queue", **{**chrome.PHONE, "storage_state": nurse})

    number = _registers(phone, "Mere Tane")
    row = doctor.get_by_role("listitem").filter(has_text="Mere Tane")
    expect(row.get_by_text("sore throat")).to_be_visible()  # nobody reloaded
    expect(row.get_by_text(en("urgency.urgent"))).to_be_visible()
    expect(wall.get_by_role("listitem").filter(has_text=re.compile(f"^{number}$"))).to_be_visible()

    recording_id = _records(phone, "Mere Tane")
    phone.get_by_role("link", name=en("app.queue"), exact=True).click()
    phone.get_by_role("button", name=en("queue.callNext"), exact=True).click()
    expect(phone.get_by_text(en.like("queue.did.call"))).to_be_visible()
    called = wall.get_by_role("region", name=en("room.called"))
    expect(called.get_by_text(number, exact=True)).to_be_visible()
    assert not [text for text in shown_texts(wall) if "Mere" in text or "Tane" in text or "throat" in text]
    picture(wall, "waiting-room")

    expect(doctor.get_by_role("region", name=en("queue.group.called"))).to_be_visible()
    doctor.get_by_role("button", name=en("queue.next"), exact=True).click()
    expect(doctor.get_by_role("heading", name="Mere Tane")).to_be_visible()
    rail = doctor.get_by_role("complementary", name=en("person.summary"))
    expect(rail.get_by_text("Penicillin: rash")).to_be_visible()
    expect(called.get_by_text(en("room.nobody"))).to_be_visible()
    link = doctor.get_by_role("region", name=en("person.notes")).get_by_role("link")
    expect(link.filter(has_text=en("note.draft"))).to_be_visible(timeout=150_000)  # it came by itself
    settled(doctor, recording_id)
    assert violations(doctor) == []
    picture(doctor, "patient-draft")
    link.filter(has_text=en("note.draft")).click()

    expect(doctor.get_by_role("region", name=en("note.title"), exact=True)).to_be_visible()
    _decides_and_signs(doctor, recording_id)
    doctor.get_by_role("link", name="Mere Tane").click()
    expect(link.filter(has_text=en("note.signed"))).to_be_visible()
    expect(doctor.get_by_text(en.like("note.signedBy"))).to_be_visible()
    doctor.get_by_role("button", name=en("queue.complete"), exact=True).click()
    expect(doctor.get_by_text(en.like("queue.did.complete"))).to_be_visible()
    phone.get_by_role("link", name=en("app.queue"), exact=True).click()
    expect(phone.get_by_text(en("queue.empty"))).to_be_visible()


def test_a_registration_without_a_network_is_kept_and_sent_once(
    open_page: OpenPage, nurse: dict[str, Any], empty_queue: None
) -> None:
    """Typed, loaded again, sent into a missing network, loaded again: when the network is back it arrives, once."""
    page = open_page("/app/patients/new", **{**chrome.PHONE, "storage_state": nurse})
    page.evaluate("() => navigator.serviceWorker.ready")
    wait_for(lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"), what="the service worker")
    page.get_by_label(en("patient.name")).fill("Aroha Ngata")
    page.get_by_label(en("register.age")).fill("31")
    wait_for(lambda: _draft(page).get("age") == "31", what="the form on the disk")
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_label(en("patient.name"))).to_have_value("Aroha Ngata")
    page.get_by_role("button", name=en("register.andQueue")).click()
    waits = page.get_by_role("status").filter(has_text=en("register.waiting", name="Aroha Ngata"))
    page.wait_for_url("**/app/patients")
    expect(waits).to_be_visible()
    page.reload()
    expect(waits).to_be_visible()
    assert violations(page) == []
    picture(page, "registration-without-a-network")
    page.context.set_offline(False)
    expect(waits).to_have_count(0)
    expect(page.get_by_role("link").filter(has_text="Aroha Ngata")).to_be_visible()
    assert [one["name"] for one in asked(page, "/patients")["items"]].count("Aroha Ngata") == 1
    assert [one["patient_name"] for one in asked(page, "/queue")["items"]] == ["Aroha Ngata"]
    assert _draft(page) == {}


def test_the_doctor_works_by_keyboard_alone(open_page: OpenPage, clinic: RunningClinic, empty_queue: None) -> None:
    """Find, queue, start, finish, take out and put back: no mouse, and no key is taken from who types."""
    page = open_page("/app/queue")
    for name, reason in (("Hemi Walker", "cough"), ("Asha Rao", "rash"), ("राम कुमार", "")):
        patient = _made(page, "/patients", {"name": name, "birth_date": "1980-02-03"})
        if reason:
            _made(page, "/queue", {"patient_id": patient["patient_id"], "reason": reason})
    press = page.keyboard.press
    expect(page.get_by_role("link", name="Asha Rao")).to_be_visible()
    press("?")
    expect(page.get_by_role("dialog", name=en("keys.title"))).to_be_visible()
    assert violations(page) == []
    picture(page, "keys")
    press("n")  # a dialog is open: the page does not hear it
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    press("/")
    field = page.get_by_label(en("patients.find"))
    expect(field).to_be_focused()
    page.keyboard.type("ndsx ram")  # letters that are keys elsewhere are only typed here
    expect(field).to_have_value("ndsx ram")
    field.fill("ram")
    expect(page.get_by_role("link").filter(has_text="राम कुमार")).to_be_visible()
    press("ArrowDown")
    press("Enter")
    expect(page.get_by_role("heading", name="राम कुमार")).to_be_visible()
    press("q")
    reason_field = page.get_by_label(en("queue.reason"))
    expect(reason_field).to_be_focused()
    page.keyboard.type("sugar check")
    press("Enter")
    expect(page.get_by_text(en.like("queue.joined"))).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)

    press("g")
    press("q")
    expect(page.get_by_role("heading", name=en("queue.title"), exact=True)).to_be_visible()
    press("j")
    expect(page.get_by_role("link", name="Hemi Walker")).to_be_focused()
    press("s")
    expect(page.get_by_role("heading", name="Hemi Walker")).to_be_visible()
    press("g")
    press("q")
    expect(page.get_by_role("region", name=en("queue.mine"))).to_be_visible()
    press("j")
    expect(page.get_by_role("link", name="Asha Rao")).to_be_focused()
    press("s")
    both = page.get_by_role("dialog", name=en("queue.seeing", name="Hemi Walker"))
    expect(both).to_be_visible()
    assert violations(page) == []
    picture(page, "seeing-somebody")
    expect(both.get_by_role("button", name=en("queue.finishFirst"))).to_be_focused()
    press("Enter")
    expect(page.get_by_role("heading", name="Asha Rao")).to_be_visible()
    press("d")
    expect(page.get_by_text(en.like("queue.did.complete"))).to_be_visible()

    press("g")
    press("q")
    press("j")
    expect(page.get_by_role("link", name="राम कुमार")).to_be_focused()
    press("x")
    again = page.get_by_role("button", name=en("queue.again"))
    expect(again).to_be_visible()
    expect(page.get_by_text(en("queue.empty"))).to_be_visible()
    _tab_to(page, again)
    press("Enter")
    expect(page.get_by_role("link", name="राम कुमार")).to_be_visible()
    assert [(one["patient_name"], one["status"]) for one in asked(page, "/queue")["items"]] == [("राम कुमार", "waiting")]


def test_who_is_registered_already_is_shown_before_they_are_registered_again(open_page: OpenPage) -> None:
    """The same name and birth date: the record is offered, and nothing is made until the press means it."""
    page = open_page("/app/patients/new", **NARROW)
    _made(page, "/patients", {"name": "Sione Fonoti", "birth_date": "1979-05-05", "phone": "021 555 0199"})
    page.get_by_label(en("patient.name")).fill("Sione Fonoti")
    page.get_by_label(en("patient.birthDate")).fill("1979-05-05")
    warning = page.get_by_role("status", name=en("register.duplicate"))
    expect(warning.get_by_role("link", name="Sione Fonoti")).to_be_visible()
    page.get_by_role("button", name=en("register.only"), exact=True).click()
    anyway = page.get_by_role("button", name=en("register.anyway"), exact=True)
    expect(anyway).to_be_visible()
    assert violations(page) == []
    picture(page, "registered-already")
    assert [one["name"] for one in asked(page, "/patients")["items"]].count("Sione Fonoti") == 1
    warning.get_by_role("link", name="Sione Fonoti").click()
    expect(page.get_by_role("heading", name="Sione Fonoti")).to_be_visible()
    page.get_by_role("link", name=en("person.correct")).click()
    page.get_by_label(en("register.allergies")).fill("Latex")
    page.get_by_role("button", name=en("app.save")).click()
    expect(page.get_by_role("complementary", name=en("person.summary")).get_by_text("Latex")).to_be_visible()


PAGES = {
    "queue": "queue",
    "patients": "patients",
    "register": "patients/new",
    "patient": "patients/{patient_id}",
    "correct": "patients/{patient_id}/edit",
    "wall": "waiting-room",
    "recorder": "?patient={patient_id}",
}


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [
        pytest.param("desk", "light", "en", marks=pytest.mark.full),
        ("narrow", "dark", "hi"),
        pytest.param("narrow", "light", "en", marks=pytest.mark.full),
        pytest.param("desk", "dark", "hi", marks=pytest.mark.full),
    ],
)
def test_every_page_of_the_clinic_is_accessible_and_speaks_both_languages(
    open_page: OpenPage, empty_queue: None, width: str, scheme: str, language: str
) -> None:
    """No violation that axe knows, nothing over the edge at 360 px, and no English left in Hindi."""
    words = {"en": en, "hi": hi}[language]
    page = open_page(color_scheme=scheme, **(NARROW if width == "narrow" else chrome.DESK))
    page.evaluate("language => localStorage.setItem('auscult-language', language)", language)
    patients = [
        _made(page, "/patients", {"name": name, "birth_date": "1961-07-01", **more})["patient_id"]
        for name, more in (
            ("अनिता देवी", {"allergies": ["पेनिसिलिन"], "problems": ["दमा"], "phone": "+91 98765 43210"}),
            ("कमला शर्मा-विश्वनाथन-राजगोपालन", {}),
            ("सीता", {}),
        )
    ]
    for patient_id, urgency in zip(patients, ("urgent", "emergency", "routine"), strict=True):
        _made(page, "/queue", {"patient_id": patient_id, "urgency": urgency, "reason": "खाँसी"})
    _made(page, "/queue/start", {}, status=200)
    _made(page, "/queue/call", {}, status=200)
    english = {text for key, text in en.items().items() if hi(key) != en(key) and len(text) > 3 and "{{" not in text}
    for name, path in PAGES.items():
        page.goto("/app/" + path.format(patient_id=patients[0]))
        _is_there(page, name, words)
        if language == "hi":
            assert not set(shown_texts(page)) & english, f"{name}: words that are still English"
        assert not set(shown_texts(page)) & set(en.items()), f"{name}: keys that have no words"
        assert violations(page) == [], name
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} is {too_wide} px too wide"
        picture(page, f"clinic-{name}-{width}-{scheme}-{language}")


def _is_there(page: Page, name: str, words: Words) -> None:
    if name == "queue":
        expect(page.get_by_role("region", name=words("queue.mine"))).to_be_visible()
        expect(page.get_by_role("region", name=words("queue.group.waiting"))).to_be_visible()
    elif name == "patients":
        expect(page.get_by_role("listitem").first).to_be_visible()
    elif name in {"register", "correct"}:
        expect(page.get_by_label(words("register.allergies"))).to_be_visible()
    elif name == "patient":
        expect(page.get_by_role("complementary").get_by_text("दमा")).to_be_visible()
        expect(page.get_by_text(words("person.noNotes"))).to_be_visible()
    elif name == "recorder":
        expect(page.get_by_text(words("recorder.forPatient"))).to_be_visible()
        expect(page.get_by_text("अनिता देवी").first).to_be_visible()
    else:
        expect(page.get_by_role("list")).to_have_count(2)


def _registers(page: Page, name: str) -> str:
    """On the phone: the whole form, into the queue; answers with the number that the wall will show."""
    page.get_by_role("link", name=en("register.title")).click()
    page.get_by_label(en("patient.name")).fill(name)
    page.get_by_label(en("register.age")).fill("42")
    page.get_by_text(en("patient.female"), exact=True).click()
    page.get_by_label(en("register.phone")).fill("021 555 0142")
    page.get_by_label(en("register.nhi")).fill("ZZZ0016")
    page.get_by_label(en("register.allergies")).fill("Penicillin: rash")
    page.get_by_label(en("register.medicines")).fill("Salbutamol inhaler as needed\nAmlodipine 5 mg daily")
    page.get_by_label(en("queue.reason")).fill("sore throat")
    page.get_by_text(en("urgency.urgent"), exact=True).click()
    page.get_by_role("button", name=en("register.andQueue")).click()
    expect(page.get_by_text(en.like("queue.joined"))).to_be_visible()
    (entry,) = asked(page, "/queue")["items"]
    assert (entry["patient_name"], entry["urgency"], entry["position"]) == (name, "urgent", 1)
    picture(page, "queue-of-the-nurse")
    return str(entry["number"])


def _records(page: Page, name: str) -> str:
    """The intake, with the patient filed from the start."""
    page.get_by_role("button", name=en("queue.more", name=name)).click()
    page.get_by_role("menuitem", name=en("person.record")).click()
    expect(page.get_by_role("status").filter(has_text=en("recorder.forPatient"))).to_contain_text(name)
    page.get_by_role("button", name=en("recorder.record"), exact=True).click()
    page.get_by_role("button", name=en("recorder.patient"), exact=True).click()
    timer = page.get_by_role("timer", name=en("recorder.elapsed"))
    wait_for(lambda: timer.inner_text() >= "0:08", what="eight seconds")
    page.get_by_role("button", name=en("recorder.stop"), exact=True).click()
    page.wait_for_url(re.compile("/app/recordings/REC_"))
    recording_id = chrome.recording_id_of(page)
    assert asked(page, f"/recordings/{recording_id}")["patient_name"] == name
    return str(recording_id)


def _decides_and_signs(page: Page, recording_id: str) -> None:
    note_id = asked(page, f"/recordings/{recording_id}")["note_id"]
    doubtful = page.locator("li[data-doubt]")
    for left in range(len(asked(page, f"/notes/{note_id}")["blocking"]), 0, -1):
        expect(doubtful).to_have_count(left)
        doubtful.first.get_by_role("button", name=en("note.keep"), exact=True).click()
        expect(doubtful).to_have_count(left - 1)
    page.get_by_role("button", name=en("note.sign"), exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=en.like("note.signYes")).click()
    expect(page.get_by_text(en.like("note.signedBy")).first).to_be_visible()


def _made(page: Page, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
    answer = page.request.post(path, headers=OURS, data=body)
    assert answer.status == status, answer.text()
    made: dict[str, Any] = answer.json()
    return made


def _tab_to(page: Page, target: Any) -> None:
    for _ in range(60):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the Tab key does not reach it")


def _draft(page: Page) -> dict[str, Any]:
    """The form that this browser keeps."""
    kept: dict[str, Any] | None = page.evaluate(
        """() => new Promise((resolve, reject) => {
            const request = indexedDB.open("auscult-registrations", 1);
            request.onerror = () => reject(request.error);
            request.onsuccess = () => {
              const reading = request.result.transaction("drafts").objectStore("drafts").get("form");
              reading.onsuccess = () => { request.result.close(); resolve(reading.result ?? null); };
              reading.onerror = () => reject(reading.error);
            };
        })"""
    )
    return kept or {}
