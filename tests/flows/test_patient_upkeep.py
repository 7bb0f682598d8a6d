"""A patient's record over time: merged entries are erased with the person, notes come in pages, access expires."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ErasedError, UnauthenticatedError
from auscult.domain.evidence import Statement
from auscult.domain.ids import NoteId, PatientId, RecordingId, UserId
from auscult.domain.note import Note, NoteBody, Section, WriterInfo
from auscult.flows import access, file, patients, record, upkeep
from auscult.flows.services import Services
from auscult.flows.tables import NOTES, PATIENTS
from auscult.stores.records import Key, Put
from auscult.stores.records.sql import SqlTable
from tests.flows.conftest import Quiet, erase
from tests.support.clinics import OpenClinic


def doctor(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")


def later(services: Services, by: timedelta) -> Services:
    now = services.ambient.now
    return replace(services, ambient=replace(services.ambient, now=lambda: now() + by))


async def written(services: Services, actor: Actor, patient_id: PatientId, versions: int = 1) -> NoteId:
    """A note of that patient in so many versions."""
    note_id, now = NoteId(services.ambient.new_id("NOTE")), services.ambient.now()
    statement = Statement(id="s1", text="Cough for five days.", section="History")
    for version in range(1, versions + 1):
        note = Note(
            id=note_id,
            version=version,
            recording_id=RecordingId("REC_1"),
            patient_id=patient_id,
            body=NoteBody(
                sections=(Section(title="History", statements=(statement,)),), writer=WriterInfo(name="t", version="1")
            ),
            transcript_version=1,
            demo_quality=False,
            created_at=now,
            updated_at=now,
        )
        await services.records_of(actor).transact([Put(NOTES, note)])
    return note_id


async def test_erasing_a_person_also_erases_the_entries_that_were_merged_into_theirs(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        first, second, stays, other = [
            (await patients.register(services, actor, name=name, phone="021 555 0101")).id
            for name in ("Mere Parata", "Mary Parata", "Mere Parata", "Ravi White")
        ]
        await file.merge_patients(services, actor, first, second)
        await file.merge_patients(services, actor, second, stays)
        for old in (first, second):
            assert (await patients.read(services, actor, old)).id == stays
        await erase(here, stays)
    async with quiet() as here:
        services = here.clinic.services
        table = services.records_of(actor).table(PATIENTS)
        for gone in (first, second, stays):
            with pytest.raises(ErasedError):
                await table.get(Key(gone))
            assert (await here.client.get(f"/patients/{gone}")).status_code == 410
        assert (await patients.read(services, actor, other)).name == "Ravi White"


async def test_a_patients_notes_come_in_pages_each_in_its_newest_version(
    quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        patient_id = (await patients.register(services, actor, name="Hana Black")).id
        made = [await written(services, actor, patient_id, versions) for versions in (1, 3, 1, 12, 2, 1, 1)]
        asked: list[str] = []
        for name in ("query", "get"):
            really = getattr(SqlTable, name)

            async def counted(*args: Any, _really: Any = really, **named: Any) -> Any:
                asked.append(str(args[1]))
                return await _really(*args, **named)

            monkeypatch.setattr(SqlTable, name, counted)
        for limit in (1, 2, 3, 7, 100):
            found: list[dict[str, Any]] = []
            cursor: str | None = None
            for _ in range(20):
                asked.clear()
                answer = await here.client.get(
                    f"/patients/{patient_id}/notes", params={"limit": limit, **({"cursor": cursor} if cursor else {})}
                )
                body = answer.json()
                assert len(body["items"]) <= limit
                assert len(asked) <= 6, "the session, the patient, and four looks"
                found += body["items"]
                cursor = body["next"]
                if cursor is None:
                    break
            assert [one["note_id"] for one in found] == list(reversed(made)), limit
            assert [one["version"] for one in found] == [1, 1, 2, 12, 1, 3, 1]
            assert {one["etag"] for one in found} == {'"1-1"', '"2-1"', '"3-1"', '"12-1"'}
        assert (await here.client.get(f"/patients/{patient_id}/notes")).json()["next"] is None
        wrong = await here.client.get(f"/patients/{patient_id}/notes", params={"cursor": "nothing of ours"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")
        assert (await here.client.get(f"/patients/{patient_id}/notes", params={"limit": 0})).status_code == 422


async def test_expired_links_and_sessions_are_removed_and_living_ones_stay(quiet: Quiet) -> None:
    async with quiet() as here:
        services, clinic = here.clinic.services, here.clinic
        user = await access.owner(services, clinic.clinic_id, "Dr Rangi")
        for _ in range(3):
            await access.make_link(services, clinic.clinic_id, user)
        old, _session = await access.sign_in(services, await access.make_link(services, clinic.clinic_id, user))
        tomorrow = later(services, timedelta(hours=13))
        fresh = await access.make_link(tomorrow, clinic.clinic_id, user)
        living, _session = await access.sign_in(tomorrow, await access.make_link(tomorrow, clinic.clinic_id, user))
        await upkeep.sweep_hourly(tomorrow, clinic.system)
        records = services.records.of(clinic.clinic_id)
        assert len((await records.table(access.LINKS).query("link")).items) == 1
        assert len((await records.table(access.SESSIONS).query("session")).items) == 1
        assert (await access.admit_session(tomorrow, living)).actor.user_id == user.id
        with pytest.raises(UnauthenticatedError):
            await access.admit_session(services, old)
        await access.sign_in(tomorrow, fresh)
        assert await access.forget_expired(tomorrow, clinic.clinic_id) == 0


async def test_the_result_of_an_erased_patients_recording_is_of_a_key_never_issued(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        patient_id = (await patients.register(services, actor, name="Hana Black")).id
        opened = await record.open_recording(
            services, actor, content_type="audio/webm", live=False, patient_id=patient_id
        )
        unused = (
            await record.open_recording(services, actor, content_type="audio/webm", live=False, patient_id=patient_id)
        ).upload_key

        async def data() -> Any:
            yield b"not sound, but bytes"

        await record.store_upload(
            services, actor, opened.upload_key, data(), content_type="audio/webm", max_bytes=10_000
        )
        path = f"/result/{opened.upload_key}"
        assert (await here.client.get(path)).json() == {"status": "processing"}
        await erase(here, patient_id)
        in_between = await here.client.get(path)
        assert in_between.status_code == 404, "this process may still hold the key for seconds"
    async with quiet() as here:
        await upkeep.sweep(later(here.clinic.services, timedelta(hours=2)), here.clinic.system)
        for key in (opened.upload_key, unused):
            answer = await here.client.get(f"/result/{key}")
            assert (answer.status_code, answer.json()) == (404, {"status": "unknown"})
