"""Every request leaves its entry before it is answered: who, what, when, from where, why, and never what was said."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auscult.domain.actor import Role
from auscult.domain.audit import AuditAction, AuditEvent, AuditKind, AuditOutcome
from auscult.stores.audit import Sought
from tests.support.clinics import OpenClinic
from tests.support.serving import served

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "Wiremu Canterbury-Fairweather"


async def entries(here: OpenClinic, after: int = 0, **sought: Any) -> list[AuditEvent]:
    trail = here.clinic.services.records.of(here.clinic.clinic_id).audit
    page = await trail.search(Sought(**sought), oldest_first=True, limit=1000)
    return [entry.event for entry in page.items][after:]


async def registered(here: OpenClinic) -> str:
    answer = await here.client.post("/patients", json={"name": NAME})
    patient_id: str = answer.json()["patient_id"]
    return patient_id


async def test_a_write_and_a_read_say_who_what_from_where_and_why(here: OpenClinic) -> None:
    patient_id = await registered(here)
    await here.client.get(f"/patients/{patient_id}")
    made, read = await entries(here, patient_id=patient_id)
    assert (made.action, made.outcome, made.act) == (AuditAction.CREATE, AuditOutcome.SUCCESS, "POST /patients")
    assert (read.action, read.status, read.act) == (AuditAction.READ, 200, "GET /patients/{patient_id}")
    for event in (made, read):
        assert event.agent.name == "Dr Aroha Rangi"
        assert event.agent.role is Role.DOCTOR
        assert event.address == "127.0.0.1"
        assert event.purpose == "TREAT"
        assert len(event.credential) == 12
        assert event.patients == (patient_id,)
        assert NAME not in event.model_dump_json()


async def test_a_list_names_every_patient_that_was_opened_for_it(here: OpenClinic) -> None:
    shown = {await registered(here), await registered(here)}
    before = len(await entries(here))
    await here.client.get("/patients")
    (listed,) = await entries(here, before)
    assert shown <= set(listed.patients)


async def test_refusals_are_kept_of_strangers_of_wrong_roles_and_of_other_clinics(
    here: OpenClinic, elsewhere: OpenClinic
) -> None:
    patient_id = await registered(here)
    async with here.stranger() as stranger:
        assert (await stranger.get(f"/patients/{patient_id}")).status_code == 401
    async with here.stranger(**{"X-API-Key": await here.api_key()}) as machine:
        assert (await machine.get(f"/patients/{patient_id}")).status_code == 403
    async with here.stranger(Cookie="; ".join(f"{k}={v}" for k, v in here.client.cookies.items())) as cross_site:
        assert (await cross_site.post("/patients", json={"name": NAME})).status_code == 403
    _made, by_nobody, by_machine = await entries(here, patient_id=patient_id)
    assert (by_nobody.kind, by_nobody.status, by_nobody.agent.user_id) == (AuditKind.REFUSAL, 401, "anonymous")
    assert (by_machine.kind, by_machine.status, by_machine.agent.role) == (AuditKind.REFUSAL, 403, Role.INTEGRATION)
    assert (await entries(here))[-1].agent.name == "Dr Aroha Rangi", "the session that a page of another site used"

    assert (await elsewhere.client.get(f"/patients/{patient_id}")).status_code == 404
    other = (await elsewhere.client.get("/me")).json()["clinic_id"]
    theirs = await here.clinic.services.records.of(other).audit.search(Sought(patient_id=patient_id))
    assert [entry.event.status for entry in theirs.items] == [404], "it is the caller's clinic that is told"


async def test_signing_in_and_out_and_a_used_link_are_kept(here: OpenClinic) -> None:
    from auscult.flows import access

    services, clinic_id = here.clinic.services, here.clinic.clinic_id
    user = await access.owner(services, clinic_id, "unused")
    link = await access.make_link(services, clinic_id, user)
    before = len(await entries(here))
    async with here.stranger(**{"X-Auscult": "1"}) as browser:
        await browser.get("/sign-in", params={"token": link})
        assert (await browser.post("/sign-out")).status_code == 204
        assert (
            await browser.get("/sign-in", params={"token": link}, headers={"Accept": "text/html"})
        ).status_code == 303
    kinds = [(one.kind, one.agent.user_id, one.address) for one in await entries(here, before)]
    assert kinds == [
        (AuditKind.SIGN_IN, user.id, "127.0.0.1"),
        (AuditKind.SIGN_OUT, user.id, "127.0.0.1"),
        (AuditKind.REFUSAL, "anonymous", "127.0.0.1"),
    ]


async def test_what_is_typed_into_an_address_is_not_taken_over(here: OpenClinic) -> None:
    before = len(await entries(here))
    await here.client.get(f"/patients/{NAME}")
    await here.client.get(f"/notes/{NAME}?version={NAME}")
    async with here.stranger(**{"X-Forwarded-For": NAME}) as stranger:
        await stranger.get(f"/patients/{NAME}")
    told = await entries(here, before)
    assert [one.status for one in told] == [404, 422, 401]
    assert NAME.split(maxsplit=1)[0] not in "".join(one.model_dump_json() for one in told)


async def test_health_and_the_app_leave_nothing(here: OpenClinic) -> None:
    before = len(await entries(here))
    for address in ("/", "/health/live", "/health/ready", "/app/", "/no-such-page"):
        await here.client.get(address)
    assert await entries(here, before) == []


async def test_a_live_stream_is_kept_once_when_it_opens(here: OpenClinic) -> None:
    before = len(await entries(here))
    async with (
        served(here.clinic) as port,
        httpx.AsyncClient(cookies=dict(here.client.cookies)) as browser,
        browser.stream("GET", f"http://127.0.0.1:{port}/events") as answer,
    ):
        assert answer.status_code == 200
        assert [one.act for one in await entries(here, before)] == ["GET /events"]


async def test_slices_leave_no_entry_each_but_their_recording_does(here: OpenClinic) -> None:
    opened = (await here.client.post("/recordings", json={"live": True})).json()["recording_id"]
    before = len(await entries(here))
    for seq in range(3):
        assert (await here.client.put(f"/recordings/{opened}/chunks/{seq}", content=b"sound")).status_code == 200
    assert await entries(here, before) == []
    await here.client.delete(f"/recordings/{opened}")
    assert [one.act for one in await entries(here, before)][-1] == "DELETE /recordings/{recording_id}"


async def test_an_administrator_searches_page_by_page_and_nobody_else_does(here: OpenClinic) -> None:
    patient_id = await registered(here)
    for _ in range(4):
        await here.client.get(f"/patients/{patient_id}")
    async with here.stranger(**{"X-API-Key": await here.api_key(Role.DOCTOR)}) as doctor:
        assert (await doctor.post("/audit/search", json={})).status_code == 403
    async with here.stranger(**{"X-API-Key": await here.api_key(Role.ADMIN)}) as admin:
        found, cursor = [], None
        for _ in range(3):
            page = await admin.post("/audit/search", json={"patient_id": patient_id, "limit": 2, "cursor": cursor})
            assert page.status_code == 200, page.text
            found += page.json()["items"]
            cursor = page.json()["next"]
        assert cursor is None
        assert [one["action"] for one in found] == ["R", "R", "R", "R", "C"]
        assert [one["timestamp"] for one in found] == sorted((one["timestamp"] for one in found), reverse=True)
        by = {"user_id": found[0]["user_id"], "actions": ["C"], "patient_id": patient_id}
        assert len((await admin.post("/audit/search", json=by)).json()["items"]) == 1
        late = {"since": found[0]["timestamp"], "until": found[0]["timestamp"], "patient_id": patient_id}
        assert (await admin.post("/audit/search", json=late)).json()["items"] == []
        assert (await admin.post("/audit/search", json={"cursor": "forged"})).status_code == 422
    searched = [one for one in await entries(here) if one.act == "POST /audit/search" and one.status == 200]
    assert searched, "searching is itself kept"


async def test_an_answer_that_cannot_be_audited_is_withheld(here: OpenClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database takes no writes: what is read then would leave no trace, so it is not given out."""
    from auscult.domain.errors import UnavailableError
    from auscult.stores.records import sql_audit

    patient_id = await registered(here)

    def locked(*_given: object) -> None:
        raise UnavailableError("The database is busy with another write.")

    monkeypatch.setattr(sql_audit, "append", locked)
    withheld = await here.client.get(f"/patients/{patient_id}")
    assert withheld.status_code == 503
    assert NAME not in withheld.text
    monkeypatch.undo()
    assert NAME in (await here.client.get(f"/patients/{patient_id}")).text
