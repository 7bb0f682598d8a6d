"""Care teams on each database: outside of one nothing of a patient opens, but for a reason that somebody looks into."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
import structlog

from auscult.domain.actor import Actor, Role, system_actor
from auscult.domain.care_team import GlassReason
from auscult.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, OutsideCareTeamError
from auscult.domain.ids import ClinicId, PatientId, UserId
from auscult.flows import audit, break_glass, care_team_members, patients, queue, record, slices
from auscult.flows.care_team import BREAK_GLASS, CARE_TEAMS
from auscult.flows.services import Services
from auscult.stores.audit import Sought
from auscult.stores.records import Key
from tests.flows.conftest import Quiet
from tests.flows.test_accounts import Clock, ambient_of
from tests.flows.test_backup import erased
from tests.flows.test_review_notes import VISIT, drafted
from tests.support.canary import PHRASE, Canary
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.scripted_engines import Script, scripted_engines

pytestmark = pytest.mark.asyncio(loop_scope="module")
WHY = f"Brought in unconscious after {PHRASE}"
REASON = {"code": "emergency", "reason": WHY}


@dataclass(frozen=True)
class Here:
    """A clinic with care teams; `team` cares for everybody whom it registers (and administers), `outsider` does not."""

    open: OpenClinic
    clock: Clock
    outsider: httpx.AsyncClient
    outsider_id: UserId
    nurse: httpx.AsyncClient

    @property
    def team(self) -> httpx.AsyncClient:
        return self.open.client

    @property
    def services(self) -> Services:
        return self.open.clinic.services

    def actor(self, number: int, role: Role = Role.DOCTOR) -> Actor:
        """Somebody who has nothing to do with anybody yet."""
        return Actor(clinic_id=self.open.clinic.clinic_id, user_id=UserId(f"USR_C{number}"), role=role, name="Dr")

    async def patient(self, name: str = "Ram Kumar") -> PatientId:
        """Somebody whom the team registered, with an allergy."""
        answer = await self.team.post("/patients", json={"name": name, "allergies": ["nuts"], "phone": "0211234567"})
        assert answer.status_code == 201, answer.text
        return PatientId(answer.json()["patient_id"])

    async def trail(self, patient_id: PatientId) -> list[dict[str, Any]]:
        """The entries about a patient, oldest first."""
        told = audit.export(
            self.services, self.open.clinic.clinic_id, system_actor(self.open.clinic.clinic_id), Sought(patient_id)
        )
        return [json.loads(entry.event.model_dump_json()) async for entry in told]


async def signed_in(here: OpenClinic, stack: AsyncExitStack, name: str, role: str) -> tuple[httpx.AsyncClient, UserId]:
    added = (await here.client.post("/people", json={"name": name, "role": role, "sign_in_name": name})).json()
    browser = await stack.enter_async_context(here.stranger(**{"X-Auscult": "1"}))
    assert (await browser.get(added["sign_in_url"])).status_code == 303
    return browser, UserId(added["person"]["user_id"])


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Here]:
    """One clinic for all tests on a database: what one does to its own patients does not disturb the others."""
    clock, url = Clock(), ""
    async with AsyncExitStack() as stack:
        if request.param == "postgres":
            server = request.getfixturevalue("postgres")
            name = await server.create_database()
            stack.push_async_callback(server.drop_database, name)
            url = server.url(name)
        opened = await stack.enter_async_context(
            open_clinic(
                tmp_path_factory.mktemp("clinic"),
                engines=lambda chosen: scripted_engines(chosen, Script(writer="quotes")),
                ambient=ambient_of(clock),
                work=False,
                records_url=url,
                care_team="assigned",
                break_glass_minutes=30,
                session_idle_minutes=600,
            )
        )
        outsider, outsider_id = await signed_in(opened, stack, "Dr Beyond", "doctor")
        nurse, _ = await signed_in(opened, stack, "Nurse Beyond", "nurse")
        yield Here(opened, clock, outsider, outsider_id, nurse)


def closed(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and answer.json()["code"] == "outside_care_team"


async def test_outside_the_team_nothing_of_a_patient_opens_until_a_reason_is_given_and_for_so_long(here: Here) -> None:
    patient_id, other = await here.patient(), await here.patient("Sita Devi")
    _services, _actor, recording, note_id = await drafted(here.open)
    filed = await here.team.patch(f"/recordings/{recording.id}", json={"patient_id": patient_id})
    assert filed.status_code == 200, filed.text
    of_recording, of_note = f"/recordings/{recording.id}", f"/notes/{note_id}"
    reads = [f"/patients/{patient_id}{more}" for more in ("", "/summary", "/notes")]
    reads += [of_recording, *(f"{of_recording}/{more}" for more in ("transcript", "audio", "chunks"))]
    reads += [of_note, f"{of_note}/versions", f"/result/{recording.upload_key}"]
    writes: list[tuple[str, str, Any]] = [
        ("PATCH", f"/patients/{patient_id}", {"phone": "0219999999"}),
        ("POST", f"/patients/{patient_id}/merge", {"into": other}),
        ("PATCH", of_recording, {"title": "mine"}),
        ("PATCH", of_recording, {"patient_id": None}),
        ("DELETE", of_recording, None),
        ("POST", f"{of_recording}/swap-speakers", None),
        ("POST", f"{of_recording}/rewrite", {"template": "gp"}),
        ("POST", f"{of_recording}/retry", None),
        ("POST", f"{of_note}/sign", None),
        ("POST", f"{of_note}/amend", {"reason": "none"}),
        ("POST", f"{of_note}/statements", {"section": "Plan", "text": "Slipped in."}),
    ]
    before = [(await here.team.get(path)).content for path in reads]
    for path in reads:
        assert (await here.team.get(path)).status_code == 200, path
        refused = await here.outsider.get(path)
        assert closed(refused), (path, refused.text)
        assert refused.json()["patient_id"] == patient_id
        assert "Ram" not in refused.text
    for method, path, body in writes:
        etag = '"1-1"' if path.startswith(of_note) else '"1"'
        sent = await here.outsider.request(method, path, json=body, headers={"If-Match": etag})
        assert closed(sent), (method, path, sent.text)
    assert [(await here.team.get(path)).content for path in reads] == before

    granted = await here.outsider.post(f"/patients/{patient_id}/break-glass", json=REASON)
    assert granted.status_code == 201, granted.text
    for path in reads:
        assert (await here.outsider.get(path)).status_code == 200, path
    assert closed(await here.outsider.get(f"/patients/{other}")), "a reason opens one record"
    assert closed(await here.nurse.get(f"/patients/{patient_id}")), "and to one clinician"
    assert (await here.outsider.post(f"/patients/{patient_id}/break-glass", json=REASON)).status_code == 409
    here.clock.advance(timedelta(minutes=29).total_seconds())
    assert (await here.outsider.get(reads[0])).status_code == 200
    here.clock.advance(timedelta(minutes=1).total_seconds())
    for path in reads:
        assert closed(await here.outsider.get(path)), path
    assert (await here.outsider.post(f"/patients/{patient_id}/break-glass", json=REASON)).status_code == 201


async def test_lists_show_who_it_is_and_no_more_and_the_queue_shows_whom_to_call(here: Here) -> None:
    patient_id = await here.patient("Quentin Quill")
    _services, _actor, recording, _note_id = await drafted(here.open)
    await here.team.patch(f"/recordings/{recording.id}", json={"patient_id": patient_id})
    await here.team.post("/queue", json={"patient_id": patient_id})

    async def shown(client: httpx.AsyncClient) -> list[dict[str, Any]]:
        found = (await client.post("/patients/search", json={"text": "Quill"})).json()["items"]
        listed = (await client.get("/patients")).json()["items"]
        alike = (await client.post("/patients/duplicates", json={"name": "Quentin Quill"})).json()["items"]
        every = [*found, *listed, *(one["patient"] for one in alike)]
        return [one for one in every if one["patient_id"] == patient_id]

    assert [(one["allergies"], one["outside_care_team"]) for one in await shown(here.team)] == [(["nuts"], False)] * 3
    told = [(one["name"], one["allergies"], one["phone"], one["outside_care_team"]) for one in await shown(here.nurse)]
    assert told == [("Quentin Quill", [], "", True)] * 3
    for client, sees in ((here.team, True), (here.nurse, False)):
        ids = [one["recording_id"] for one in (await client.get("/recordings")).json()["items"]]
        assert (recording.id in ids) is sees
    names = [one["patient_name"] for one in (await here.nurse.get("/queue")).json()["items"]]
    assert "Quentin Quill" in names


async def test_the_trail_says_why_administrators_hear_of_it_and_the_words_are_only_for_them(here: Here) -> None:
    patient_id = await here.patient()
    with structlog.testing.capture_logs() as logs:
        granted = (await here.outsider.post(f"/patients/{patient_id}/break-glass", json=REASON)).json()
        await here.outsider.get(f"/patients/{patient_id}/summary")
        await here.outsider.patch(f"/patients/{patient_id}", json={"phone": "021777"}, headers={"If-Match": '"1"'})
        await here.team.get(f"/patients/{patient_id}")
        listed = (await here.team.get("/break-glass")).json()["items"]
    grant_id = granted["break_glass_id"]
    assert (listed[0]["break_glass_id"], listed[0]["reason"], listed[0]["patient_name"]) == (grant_id, WHY, "Ram Kumar")
    assert (await here.outsider.get("/break-glass")).status_code == 403
    trail = await here.trail(patient_id)
    broke = [one for one in trail if one["kind"] == "break_glass"]
    assert [(one["agent"]["user_id"], one["purpose"], one["reason_id"]) for one in broke] == [
        (here.outsider_id, "BTG", grant_id)
    ]
    later = {
        (one["act"], one["action"]): (one["purpose"], one["reason_id"])
        for one in trail
        if one["agent"]["user_id"] == here.outsider_id and one["kind"] == "records" and "break-glass" not in one["act"]
    }
    assert later == {
        ("GET /patients/{patient_id}/summary", "R"): ("BTG", grant_id),
        ("PATCH /patients/{patient_id}", "U"): ("BTG", grant_id),
    }
    usual = [one["purpose"] for one in trail if one["act"] == "GET /patients/{patient_id}"]
    assert usual == ["TREAT"]
    await here.services.records.outbox.publish_next(1000)
    events = await here.services.records.outbox.events_after(here.open.clinic.clinic_id, 0)
    assert [one.ids for one in events if one.name == "break_glass" and one.ids["break_glass_id"] == grant_id] == [
        {"break_glass_id": grant_id, "patient_id": patient_id, "user_id": here.outsider_id}
    ]
    reviewed = await here.team.post(
        f"/break-glass/{grant_id}/review", json={"finding": "justified", "comment": f"It was {PHRASE}."}
    )
    assert (reviewed.status_code, reviewed.json()["finding"]) == (200, "justified")
    assert grant_id not in (await here.team.get("/break-glass")).text
    assert (await here.team.post(f"/break-glass/{grant_id}/review", json={"finding": "justified"})).status_code == 409
    canary = Canary(PHRASE)
    assert canary.in_text("trail", json.dumps(await here.trail(patient_id))) == []
    assert canary.in_events(events) == []
    assert canary.in_text("logs", json.dumps(logs, default=str)) == []
    assert canary.in_folder(here.open.clinic.settings.data) == []


async def test_what_was_not_justified_opens_nothing_more_and_nobody_reviews_their_own(here: Here) -> None:
    patient_id = await here.patient()
    granted = (await here.outsider.post(f"/patients/{patient_id}/break-glass", json=REASON)).json()
    said = await here.team.post(f"/break-glass/{granted['break_glass_id']}/review", json={"finding": "not_justified"})
    assert said.status_code == 200
    assert closed(await here.outsider.get(f"/patients/{patient_id}"))
    theirs = (await here.outsider.post("/patients", json={"name": "Not Mine"})).json()["patient_id"]
    assert closed(await here.team.get(f"/patients/{theirs}")), "who administers is no exception"
    own = (await here.team.post(f"/patients/{theirs}/break-glass", json=REASON)).json()["break_glass_id"]
    assert (await here.team.post(f"/break-glass/{own}/review", json={"finding": "justified"})).status_code == 403


async def test_who_queues_in_takes_from_the_queue_or_records_is_of_the_team_from_then_on(here: Here) -> None:
    services, queues, takes, records = here.services, here.actor(1, Role.NURSE), here.actor(2), here.actor(3)
    patient_id = await here.patient()
    for one in (queues, takes, records):
        with pytest.raises(OutsideCareTeamError):
            await patients.read(services, one, patient_id)
    entry = (await queue.join(services, queues, patient_id)).entry
    await queue.start(services, takes, entry.id)
    live = await record.open_recording(services, records, content_type="audio/webm", live=True, patient_id=patient_id)
    for one in (queues, takes, records):
        assert (await patients.read(services, one, patient_id)).name == "Ram Kumar"
    owner = (await here.team.get("/me")).json()["user_id"]
    members = (await here.team.get(f"/patients/{patient_id}/care-team")).json()["member_ids"]
    assert members == [owner, queues.user_id, takes.user_id, records.user_id]

    without = {"member_ids": [owner, here.outsider_id]}
    assert (await here.team.put(f"/patients/{patient_id}/care-team", json=without)).status_code == 200
    assert (await here.outsider.get(f"/patients/{patient_id}")).status_code == 200
    with pytest.raises(OutsideCareTeamError):
        await patients.read(services, records, patient_id)
    kept = await slices.put_slice(services, records, live.id, 0, VISIT)
    await slices.finalise(services, records, live.id, 1, slices.sequence_hash([kept]))
    with pytest.raises(OutsideCareTeamError):
        await slices.kept_slices(services, records, live.id)


async def test_a_team_is_of_the_clinics_clinicians_and_nobody_adds_themselves(here: Here) -> None:
    patient_id = await here.patient()
    theirs = PatientId((await here.outsider.post("/patients", json={"name": "Not Mine"})).json()["patient_id"])
    owner = (await here.team.get("/me")).json()["user_id"]
    assert (
        await here.team.put(f"/patients/{theirs}/care-team", json={"member_ids": [here.outsider_id, owner]})
    ).status_code == 403
    for member in ("", "USR_01JN0000AV0000000000000009", patient_id, "x" * 64):
        refused = await here.team.put(f"/patients/{patient_id}/care-team", json={"member_ids": [owner, member]})
        assert refused.status_code == 422, refused.text
    assert (await here.team.get(f"/patients/{patient_id}/care-team")).json()["member_ids"] == [owner]
    elsewhere = here.actor(9).model_copy(
        update={"clinic_id": ClinicId(here.services.ambient.new_id("CLN")), "role": Role.DOCTOR}
    )
    granted = (await here.outsider.post(f"/patients/{patient_id}/break-glass", json=REASON)).json()["break_glass_id"]
    for asked in (
        care_team_members.read_team(here.services, elsewhere, patient_id),
        care_team_members.set_team(here.services, elsewhere, patient_id, []),
        break_glass.break_glass(here.services, elsewhere, patient_id, GlassReason.OTHER, WHY),
        break_glass.review(here.services, elsewhere, granted, break_glass.Finding.JUSTIFIED),
    ):
        with pytest.raises(NotFoundError):
            await asked
    with pytest.raises(ForbiddenError):
        await break_glass.break_glass(
            here.services, here.actor(1, Role.INTEGRATION), patient_id, GlassReason.OTHER, WHY
        )
    for poor in ("", "  in a   ", "x" * 501, " " * 400):
        with pytest.raises(InvalidError):
            await break_glass.break_glass(here.services, here.actor(8), patient_id, GlassReason.OTHER, poor)


async def test_merging_unites_teams_and_reasons_and_an_erasure_takes_them_along(here: Here) -> None:
    services = here.services
    gone, stays = await here.patient(), await here.patient()
    await queue.join(services, here.actor(1, Role.NURSE), gone)
    granted = (await here.outsider.post(f"/patients/{gone}/break-glass", json=REASON)).json()["break_glass_id"]
    assert closed(await here.outsider.post(f"/patients/{gone}/merge", json={"into": stays})), "both must be open"
    merged = await here.team.post(f"/patients/{gone}/merge", json={"into": stays})
    assert merged.status_code == 200, merged.text
    assert (await patients.read(services, here.actor(1, Role.NURSE), gone)).id == stays
    assert (await here.outsider.get(f"/patients/{stays}")).status_code == 200, "they are one person"
    records = services.records.of(here.open.clinic.clinic_id)
    assert await records.table(CARE_TEAMS).get(Key(gone)) is None
    kept = await records.table(BREAK_GLASS).get(Key(granted))
    assert kept is not None
    assert kept.value.patient_id == stays
    await erased(here.open, stays)
    assert await records.table(CARE_TEAMS).get(Key(stays)) is None
    assert await records.table(BREAK_GLASS).get(Key(granted)) is None


@pytest.mark.parametrize("records_backend", ["sqlite"], indirect=True)
async def test_without_care_teams_everybody_of_the_clinic_opens_everything_and_none_is_kept(quiet: Quiet) -> None:
    async with quiet() as plain:
        patient_id = PatientId((await plain.client.post("/patients", json={"name": "Ram"})).json()["patient_id"])
        services = plain.clinic.services
        other = Actor(clinic_id=plain.clinic.clinic_id, user_id=UserId("USR_2"), role=Role.NURSE)
        assert (await patients.read(services, other, patient_id)).name == "Ram"
        assert not (await patients.recent(services, other, 10, None)).items[0].value.outline
        with pytest.raises(ConflictError, match="open to you"):
            await break_glass.break_glass(services, other, patient_id, GlassReason.OTHER, WHY)
        assert await services.records_of(other).table(CARE_TEAMS).get(Key(patient_id)) is None
