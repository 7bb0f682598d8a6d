"""Recordings whose sound never comes, comes late, or comes in part: each ends, says why, and loses nothing."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError
from auscult.domain.ids import UNFILED, UserId
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows import discard, record, rerun, retention, scribe, slices, upkeep
from auscult.flows.recording_state import load
from auscult.flows.services import Services
from auscult.flows.transcripts import transcript_of
from auscult.flows.work import scribe_job
from auscult.stores.records import Key
from auscult.stores.records.sealed import Sealer
from tests.flows.conftest import Quiet
from tests.support.audio import encoded, speech
from tests.support.clinics import OpenClinic

VISIT: Final = encoded(speech("visit"), "webm", "libopus", live="1")
SLICES: Final = [VISIT[start : start + 20_000] for start in range(0, len(VISIT), 20_000)]
TOO_LATE: Final = timedelta(hours=2)
LOST: Final = timedelta(hours=13)


def doctor(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")


def later(services: Services, by: timedelta) -> Services:
    """The same clinic when so much more time has passed."""
    now = services.ambient.now
    return replace(services, ambient=replace(services.ambient, now=lambda: now() + by))


async def current(services: Services, actor: Actor, recording: Recording) -> Recording:
    return (await load(services, actor, recording.id)).value


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def opened(services: Services, actor: Actor, *, live: bool, consent: str | None = "patient") -> Recording:
    return await record.open_recording(services, actor, content_type="audio/webm", live=live, consent_given_by=consent)


async def spoken(services: Services, actor: Actor, recording: Recording, *numbers: int) -> str:
    """Send these slices; return the hash of all that would have been sent then."""
    for seq in numbers:
        await slices.put_slice(services, actor, recording.id, seq, SLICES[seq])
    hashes = "".join(hashlib.sha256(SLICES[seq]).hexdigest() for seq in numbers)
    return hashlib.sha256(hashes.encode()).hexdigest()


@contextmanager
def opening(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Which documents are opened meanwhile."""
    asked: list[str] = []
    really = Sealer.open

    async def noted(self: Sealer, spec: Any, key: Key, document: Any) -> Any:
        asked.append(f"{spec.name} {key.partition}")
        return await really(self, spec, key, document)

    with monkeypatch.context() as patch:
        patch.setattr(Sealer, "open", noted)
        yield asked


async def test_an_upload_url_that_nobody_used_ends_and_its_result_says_so(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, here.clinic.system
        granted = (await here.client.get("/get-upload-url")).json()
        path = f"/result/{granted['key']}"
        await upkeep.sweep(later(services, timedelta(minutes=50)), actor)
        assert (await here.client.get(path)).json() == {"status": "processing"}
        await upkeep.sweep(later(services, TOO_LATE), actor)
        answer = await here.client.get(path)
        body = answer.json()
        assert (answer.status_code, body["status"], body["transcript"]) == (200, "failed", "")
        assert "expired" in body["reason"]
        assert "new upload URL" in body["remedy"]
        ended = (await record.by_upload_key(services, actor, granted["key"])).value
        assert ended.status is RecordingStatus.FAILED
        assert ended.failure is not None
        assert ended.failure.code == "upload_expired"
        with pytest.raises(ConflictError):
            await rerun.retry(services, actor, ended.id)


ONE_LOOK = ["patient_terms_made all"]
"""What every turn of upkeep reads, whatever there is: whether all patients can be found by name."""


async def test_upkeep_reads_what_is_due_and_nothing_else(quiet: Quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads that ended and live recordings that are young cost it nothing, however many there are."""
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        for _ in range(20):
            await opened(services, actor, live=False)
            await opened(services, actor, live=True)
        await upkeep.sweep(later(services, TOO_LATE), actor)
        with opening(monkeypatch) as asked:
            await upkeep.sweep(later(services, TOO_LATE + timedelta(minutes=1)), actor)
        assert asked == ONE_LOOK


async def test_bytes_that_come_after_their_upload_was_given_up_are_worked_on(quiet: Quiet) -> None:
    """A slow upload began in time; or it went to a store that tells nobody."""
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        slow, untold = await opened(services, actor, live=False), await opened(services, actor, live=False)

        async def slowly() -> AsyncIterator[bytes]:
            yield VISIT[:1000]
            await upkeep.sweep(later(services, TOO_LATE), actor)
            assert (await current(services, actor, slow)).status is RecordingStatus.FAILED
            yield VISIT[1000:]

        taken = await record.store_upload(
            services, actor, slow.upload_key, slowly(), content_type="audio/webm", max_bytes=10_000_000
        )
        assert (taken.status, taken.failure) == (RecordingStatus.RECEIVED, None)
        await scribe.scribe(services, scribe_job(actor, taken))
        assert (await current(services, actor, slow)).status is RecordingStatus.READY

        assert (await current(services, actor, untold)).status is RecordingStatus.FAILED
        await services.objects_of(actor).put(
            untold.upload_key, once(VISIT), content_type="audio/webm", subject=UNFILED, max_bytes=10_000_000
        )
        await upkeep.sweep(services, actor)
        assert (await current(services, actor, untold)).status is RecordingStatus.FAILED
        await upkeep.sweep_hourly(later(services, TOO_LATE), actor)
        assert (await current(services, actor, untold)).status is RecordingStatus.RECEIVED


async def test_a_live_recording_whose_device_is_lost_becomes_a_note_that_says_so(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        lost = await opened(services, actor, live=True)
        await spoken(services, actor, lost, 0, 1, 2, 3, 5, 6)
        await upkeep.sweep(later(services, timedelta(hours=11)), actor)
        assert (await current(services, actor, lost)).status is RecordingStatus.OPEN
        await upkeep.sweep(later(services, LOST), actor)
        closed = await current(services, actor, lost)
        assert (closed.status, closed.abandoned) == (RecordingStatus.RECEIVED, True)
        assert closed.size == sum(len(SLICES[seq]) for seq in (0, 1, 2, 3, 5, 6))
        await scribe.scribe(services, scribe_job(actor, closed))
        ready = await current(services, actor, lost)
        assert ready.status is RecordingStatus.READY
        assert ready.duration > 10
        heard = await transcript_of(services, actor, lost.id)
        assert any("not heard of again" in problem for problem in heard.problems)


async def test_a_live_recording_that_is_still_spoken_into_is_not_closed_however_old(
    quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        long = await opened(services, actor, live=True)
        await spoken(services, actor, long, 0)
        await spoken(later(services, timedelta(hours=10)), actor, long, 1)
        await upkeep.sweep(later(services, LOST), actor)
        assert (await current(services, actor, long)).status is RecordingStatus.OPEN
        with opening(monkeypatch) as asked:
            await upkeep.sweep(later(services, LOST), actor)
        assert asked == ONE_LOOK, "it is not read again before it can be due"
        await upkeep.sweep(later(services, timedelta(hours=23)), actor)
        assert (await current(services, actor, long)).status is RecordingStatus.RECEIVED


async def test_a_device_that_comes_back_gets_the_same_answer_or_a_conflict_with_a_remedy(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, here.clinic.system
        answer = await here.client.post("/recordings", json={"live": True, "consent": {"given_by": "patient"}})
        recording_id = answer.json()["recording_id"]
        lost = (await load(services, actor, recording_id)).value
        same = await spoken(services, actor, lost, 0, 1, 2)
        await upkeep.sweep(later(services, LOST), actor)
        have = (await here.client.get(f"/recordings/{recording_id}/chunks")).json()
        assert have["have"] == [0, 1, 2]
        assert have["finalised"] is False, "the device has not said that this was all: it must keep what it has"

        async def finalise(count: int, sha256: str) -> httpx.Response:
            asked = {"count": count, "sha256": sha256}
            answer: httpx.Response = await here.client.post(f"/recordings/{recording_id}/finalise", json=asked)
            return answer

        for _ in range(2):
            again = await finalise(3, same)
            assert (again.status_code, again.json()["status"]) == (202, "received")
        known = await here.client.put(f"/recordings/{recording_id}/chunks/2", content=SLICES[2])
        assert known.status_code == 200
        for more in (
            await here.client.put(f"/recordings/{recording_id}/chunks/3", content=SLICES[3]),
            await finalise(4, "ab" * 32),
        ):
            body = more.json()
            assert (more.status_code, body["code"], body["slice_count"]) == (409, "conflict", 3)
            assert body["remedy"] == "Send what follows as a new recording."


async def test_slices_tell_their_hashes_so_that_another_device_can_finalise(quiet: Quiet) -> None:
    async with quiet() as here:
        recording_id = (await here.client.post("/recordings", json={"live": True})).json()["recording_id"]
        for seq in (1, 0):
            await here.client.put(f"/recordings/{recording_id}/chunks/{seq}", content=SLICES[seq])
        body = (await here.client.get(f"/recordings/{recording_id}/chunks")).json()
        assert (body["have"], body["finalised"]) == ([0, 1], False)
        assert body["slices"] == [
            {"seq": seq, "size": len(SLICES[seq]), "sha256": hashlib.sha256(SLICES[seq]).hexdigest()} for seq in (0, 1)
        ]
        whole = hashlib.sha256("".join(one["sha256"] for one in body["slices"]).encode()).hexdigest()
        done = await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 2, "sha256": whole})
        assert done.status_code == 202
        assert (await here.client.get(f"/recordings/{recording_id}/chunks")).json()["finalised"] is True


async def test_a_live_recording_of_which_nothing_came_ends_and_is_taken_up_when_it_comes(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        silent = await opened(services, actor, live=True)
        after = later(services, LOST)
        await upkeep.sweep(after, actor)
        ended = await current(services, actor, silent)
        assert ended.status is RecordingStatus.FAILED
        assert ended.failure is not None
        assert ended.failure.code == "nothing_recorded"
        sent = await spoken(after, actor, silent, 0, 1)
        await upkeep.sweep(after, actor)
        again = await current(services, actor, silent)
        assert (again.status, again.failure) == (RecordingStatus.OPEN, None)
        done = await slices.finalise(after, actor, silent.id, 2, sent)
        assert (done.status, done.abandoned) == (RecordingStatus.RECEIVED, False)


async def test_without_its_beginning_a_recording_waits_for_it(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        headless = await opened(services, actor, live=True)
        await spoken(services, actor, headless, 1, 2)
        await upkeep.sweep(later(services, LOST), actor)
        ended = await current(services, actor, headless)
        assert ended.failure is not None
        assert ended.failure.code == "start_missing"
        await spoken(services, actor, headless, 0)
        await upkeep.sweep(later(services, 2 * LOST), actor)
        assert (await current(services, actor, headless)).status is RecordingStatus.RECEIVED


async def test_nothing_is_worked_on_before_consent_and_it_is_once_it_is_written_down(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        unasked = await opened(services, actor, live=True, consent=None)
        await spoken(services, actor, unasked, 0, 1)
        await upkeep.sweep(later(services, LOST), actor)
        ended = await current(services, actor, unasked)
        assert ended.failure is not None
        assert (ended.failure.code, ended.run) == ("consent_missing", 0)
        await record.record_consent(services, actor, unasked.id, "patient")
        await upkeep.sweep(later(services, LOST), actor)
        assert (await current(services, actor, unasked)).status is RecordingStatus.RECEIVED


async def test_a_recording_that_was_discarded_or_lost_its_sound_is_not_taken_up(quiet: Quiet) -> None:
    async with quiet(delete_audio="30") as here:
        services, actor = here.clinic.services, doctor(here)
        thrown, old = await opened(services, actor, live=True), await opened(services, actor, live=True, consent=None)
        await spoken(services, actor, old, 0)
        await discard.discard(services, actor, thrown.id, consent_withdrawn=True)
        await upkeep.sweep(later(services, LOST), actor)
        await retention.sweep(later(services, timedelta(days=31)), actor)
        for recording in (thrown, old):
            with pytest.raises(ConflictError) as refused:
                await spoken(services, actor, recording, 1)
            assert refused.value.remedy
