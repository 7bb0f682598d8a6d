"""What happens to a recording while something else happens to it: nothing is lost, and nothing stays behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError, NotFoundError
from auscult.domain.ids import UNFILED, PatientId, RecordingId, UserId
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows import discard, file, notes, patients, record, rerun, retention, sample, scribe
from auscult.flows.recording_state import load
from auscult.flows.result import result_of
from auscult.flows.services import Services
from auscult.flows.work import scribe_job
from tests.support.audio import encoded, speech
from tests.support.clinics import OpenClinic, eventually, open_clinic
from tests.support.scripted_engines import Script, scripted_engines

VISIT = encoded(speech("visit"), "webm", "libopus", live="1")


@asynccontextmanager
async def quiet(folder: Path, *, work: bool = False, **settings: Any) -> AsyncIterator[OpenClinic]:
    """A clinic whose jobs wait (unless `work`), so that a test decides what happens when."""
    async with open_clinic(
        folder, engines=lambda chosen: scripted_engines(chosen, Script(writer="quotes")), work=work, **settings
    ) as here:
        yield here


def doctor(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")


async def uploaded(services: Services, actor: Actor, **opening: Any) -> Recording:
    opened = await record.open_recording(services, actor, content_type="audio/webm", live=False, **opening)
    return await put(services, actor, opened, once(VISIT))


async def put(services: Services, actor: Actor, opened: Recording, data: AsyncIterator[bytes]) -> Recording:
    return await record.store_upload(
        services, actor, opened.upload_key, data, content_type="audio/webm", max_bytes=10_000_000
    )


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def scribed(services: Services, actor: Actor, received: Recording) -> Recording:
    await scribe.scribe(services, scribe_job(actor, received))
    return (await load(services, actor, received.id)).value


async def left(here: OpenClinic, recording: Recording) -> list[str]:
    objects = here.clinic.services.objects.of(here.clinic.clinic_id)
    prefixes = (recording.upload_key, f"slices/{recording.id}/", f"derived/{recording.id}/")
    return [key for prefix in prefixes async for key in objects.keys(prefix)]


def owner_of(here: OpenClinic, key: str) -> str:
    """Under whose key an object is sealed, as it lies on the disk."""
    kept = here.clinic.settings.data / "objects" / here.clinic.clinic_id / f"{key}!meta"
    subject: str = json.loads(kept.read_bytes())["subject"]
    return subject


async def a_patient(services: Services, actor: Actor, **known: Any) -> PatientId:
    return (await patients.register(services, actor, name="Mere Parata", **known)).id


async def test_an_upload_that_is_filed_while_it_arrives_ends_under_its_patients_key(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        patient_id = await a_patient(services, actor)
        opened = await record.open_recording(services, actor, content_type="audio/webm", live=False)

        async def filed_half_way() -> AsyncIterator[bytes]:
            yield VISIT[:1000]
            await file.file_recording(services, actor, opened.id, patient_id)
            yield VISIT[1000:]

        await put(services, actor, opened, filed_half_way())
    async with quiet(tmp_path, work=True) as here:

        async def owner() -> str:
            return owner_of(here, opened.upload_key)

        await eventually(owner, lambda subject: subject == patient_id)


async def test_an_upload_that_is_discarded_while_it_arrives_leaves_nothing(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        opened = await record.open_recording(services, actor, content_type="audio/webm", live=False)

        async def withdrawn_half_way() -> AsyncIterator[bytes]:
            yield VISIT[:1000]
            await discard.discard(services, actor, opened.id, consent_withdrawn=True)
            yield VISIT[1000:]

        with pytest.raises(NotFoundError):
            await put(services, actor, opened, withdrawn_half_way())
        assert await left(here, opened) == []


async def test_an_upload_that_somebody_else_noticed_first_is_not_refused(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        received = await uploaded(services, actor)
        as_it_was = received.model_copy(update={"status": RecordingStatus.OPEN})
        assert (await record.adopt_upload(services, actor, as_it_was)).run == received.run


async def test_what_a_crash_left_of_a_discarded_recording_is_removed_after_the_restart(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        discarded = await discard.discard(services, actor, (await uploaded(services, actor)).id)
        # as a worker in another process that was decoding it would leave it
        await services.objects_of(actor).put(
            f"derived/{discarded.id}/1/pcm", once(b"sound"), content_type="audio/l16", subject=UNFILED, max_bytes=9
        )
        assert await left(here, discarded)
    async with quiet(tmp_path, work=True) as here:
        await eventually(lambda: left(here, discarded), lambda keys: keys == [])


async def test_a_crash_right_after_signing_does_not_keep_the_audio(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        ready = await scribed(services, actor, await uploaded(services, actor))
        assert ready.note_id is not None
        away = replace(services, limits=replace(services.limits, delete_audio="3650"))
        for statement in (await notes.read(services, actor, ready.note_id)).value.blocking:
            await notes.keep(services, actor, ready.note_id, statement, etag=None)
        await notes.sign(away, actor, ready.note_id, etag=None)  # signed, and nothing removed yet
        assert await left(here, ready) == [ready.upload_key]
    async with quiet(tmp_path, work=True) as here:
        await eventually(lambda: left(here, ready), lambda keys: keys == [])
        assert (await load(here.clinic.services, actor, ready.id)).value.audio_deleted_at is not None


async def test_a_transcript_without_a_note_keeps_no_decoded_sound(tmp_path: Path) -> None:
    async with open_clinic(
        tmp_path, engines=lambda chosen: scripted_engines(chosen, Script(writer="raises")), work=False
    ) as here:
        services, actor = here.clinic.services, doctor(here)
        ended = await scribed(services, actor, await uploaded(services, actor))
        assert ended.status is RecordingStatus.TRANSCRIPT_ONLY
        assert await left(here, ended) == [ended.upload_key]


async def test_a_ready_note_is_not_put_back_to_its_first_draft_by_a_retry(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        ready = await scribed(services, actor, await uploaded(services, actor))
        with pytest.raises(ConflictError):
            await rerun.retry(services, actor, ready.id)


async def test_a_result_once_given_is_given_while_the_work_is_done_again(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        ready = await scribed(services, actor, await uploaded(services, actor))
        before = await result_of(services, actor, ready)
        again = await rerun.retry(services, actor, ready.id, afresh=True)
        assert await result_of(services, actor, again) == before
        cancelled = await rerun.cancel(services, actor, ready.id)
        assert await result_of(services, actor, cancelled) == before


async def test_the_policy_of_days_also_removes_the_audio_of_work_that_ended_badly(tmp_path: Path) -> None:
    async with quiet(tmp_path, delete_audio="30") as here:
        services, actor = here.clinic.services, doctor(here)
        old = await rerun.cancel(services, actor, (await uploaded(services, actor)).id)
        waiting = await uploaded(services, actor)
        now = services.ambient.now()
        ambient = replace(services.ambient, now=lambda: now + timedelta(days=31))
        later = replace(services, ambient=ambient)
        assert await retention.sweep(later, actor) == 1
        assert await left(here, old) == []
        assert await left(here, waiting) == [waiting.upload_key]
        assert await retention.sweep(later, actor) == 0


async def test_two_entries_are_merged_with_their_allergies_and_with_what_was_discarded(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        source = await a_patient(services, actor, allergies=("penicillin",), phone="021 000")
        into = await a_patient(services, actor, allergies=("latex",))
        gone = await uploaded(services, actor, patient_id=source)
        await discard.discard(services, actor, gone.id)
        await file.merge_patients(services, actor, source, into)
        merged = await patients.read(services, actor, into)
        assert merged.allergies == ("latex", "penicillin")
        assert merged.phone == "021 000"
        assert (await load(services, actor, gone.id)).value.patient_id == into
        with pytest.raises(NotFoundError):
            await record.open_recording(services, actor, content_type="audio/webm", live=True, patient_id=source)


async def test_a_withdrawn_consent_is_not_written_over(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        opened = await record.open_recording(
            services, actor, content_type="audio/webm", live=True, consent_given_by="patient"
        )
        await discard.discard(services, actor, opened.id, consent_withdrawn=True)
        with pytest.raises(ConflictError):
            await record.record_consent(services, actor, opened.id, "patient")
        with pytest.raises(ConflictError):
            await record.rename(services, actor, opened.id, title="Mere's knee", language=None)


async def test_the_sample_is_found_without_reading_every_recording(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        await uploaded(services, actor)
        assert await sample.find(services, actor) is None
        started = await sample.start(services, actor)
        found = await sample.find(services, actor)
        assert found is not None
        assert found.id == started.id
        await discard.discard(services, actor, RecordingId(started.id))
        assert await sample.find(services, actor) is None


async def test_a_key_that_no_upload_could_have_is_unknown(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        for key in ("uploads/%01.webm", "uploads/" + "x" * 300, "..%2f..%2fetc%2fpasswd"):
            answer = await here.client.get(f"/result/{key}")
            assert (answer.status_code, answer.json()) == (404, {"status": "unknown"})
