"""Recording over HTTP: slices in any order, finalise, consent, filing, cancel, discard, and everything sent wrong."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.audio import encoded, speech
from tests.support.clinics import OpenClinic
from tests.support.scripted_engines import Script

pytestmark = pytest.mark.asyncio(loop_scope="module")

VISIT = encoded(speech("visit"), "webm", "libopus", live="1")
ONE_WORD = encoded(speech("one_word"), "webm", "libopus", live="1")


@pytest.fixture(scope="module")
def script() -> Script:
    """Long enough to be cancelled in."""
    return Script(seconds=0.5)


def sliced(data: bytes, count: int = 5) -> list[bytes]:
    size = -(-len(data) // count)
    return [data[start : start + size] for start in range(0, len(data), size)]


def total_hash(slices: list[bytes]) -> str:
    return hashlib.sha256("".join(hashlib.sha256(one).hexdigest() for one in slices).encode()).hexdigest()


async def opened(here: OpenClinic, **body: Any) -> str:
    answer = await here.client.post("/recordings", json={"content_type": "audio/webm;codecs=opus", **body})
    assert answer.status_code == 201, answer.text
    recording_id: str = answer.json()["recording_id"]
    return recording_id


async def send(here: OpenClinic, recording_id: str, slices: list[bytes], order: list[int] | None = None) -> None:
    for seq in order if order is not None else range(len(slices)):
        answer = await here.client.put(
            f"/recordings/{recording_id}/chunks/{seq}",
            content=slices[seq],
            headers={"X-Content-SHA256": hashlib.sha256(slices[seq]).hexdigest()},
        )
        assert answer.status_code == 200, answer.text


async def test_slices_out_of_order_and_twice_become_one_recording(here: OpenClinic) -> None:
    slices = sliced(VISIT)
    recording_id = await opened(here, consent={"given_by": "patient"})
    await send(here, recording_id, slices, order=[2, 0, 4, 4, 1, 3, 0])
    have = (await here.client.get(f"/recordings/{recording_id}/chunks")).json()
    assert (have["have"], have["finalised"]) == ([0, 1, 2, 3, 4], False)
    done = await here.client.post(
        f"/recordings/{recording_id}/finalise", json={"count": 5, "sha256": total_hash(slices)}
    )
    assert done.status_code == 202, done.text
    body = await here.settled(recording_id)
    assert body["status"] == "ready", body
    assert [step["name"] for step in body["steps"]] == [
        "received",
        "decoded",
        "transcribed",
        "speakers",
        "note",
        "stored",
    ]
    assert all(step["fraction"] == 1.0 for step in body["steps"])
    assert body["duration"] == pytest.approx(speech("visit").shape[1] / 16000, abs=0.5)
    sound = await here.client.get(f"/recordings/{recording_id}/audio")
    assert sound.content == VISIT
    part = await here.client.get(f"/recordings/{recording_id}/audio", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == VISIT[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(VISIT)}"
    beyond = await here.client.get(f"/recordings/{recording_id}/audio", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416


async def test_the_consent_says_who_when_and_to_whom(here: OpenClinic) -> None:
    recording_id = await opened(here, consent={"given_by": "guardian"})
    consent = (await here.recording(recording_id))["consent"]
    assert consent["given_by"] == "guardian"
    assert consent["recorded_by_name"] == "Dr Aroha Rangi"
    assert consent["at"].endswith("Z")
    assert consent["withdrawn_at"] is None


async def test_the_same_request_sent_again_opens_no_second_recording(here: OpenClinic) -> None:
    async def once() -> str:
        answer = await here.client.post(
            "/recordings", json={"title": "sent twice"}, headers={"Idempotency-Key": "device-1/recording-9"}
        )
        assert answer.status_code == 201, answer.text
        opened_id: str = answer.json()["recording_id"]
        return opened_id

    assert len(set(await asyncio.gather(*(once() for _ in range(5))))) == 1
    other = await here.client.post("/recordings", json={}, headers={"Idempotency-Key": "device-1/recording-10"})
    assert other.json()["recording_id"] != await once()


async def test_consent_given_without_a_network_keeps_its_own_time(here: OpenClinic) -> None:
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    body = {"consent": {"given_by": "patient", "at": an_hour_ago}}
    opened_then = (await here.client.post("/recordings", json=body)).json()
    assert datetime.fromisoformat(opened_then["consent"]["at"]) == datetime.fromisoformat(an_hour_ago)
    body["consent"]["at"] = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert (await here.client.post("/recordings", json=body)).status_code == 422


async def test_withdrawn_consent_discards_everything_but_the_consent(here: OpenClinic) -> None:
    slices = sliced(VISIT)
    recording_id = await opened(here, consent={"given_by": "patient"})
    await send(here, recording_id, slices[:3])
    answer = await here.client.post(f"/recordings/{recording_id}/withdraw-consent")
    assert answer.json()["status"] == "discarded"
    assert answer.json()["consent"]["withdrawn_at"] is not None
    late = await here.client.put(f"/recordings/{recording_id}/chunks/3", content=slices[3])
    assert late.status_code == 409
    objects = here.clinic.services.objects.of(here.clinic.clinic_id)
    assert [key async for key in objects.keys(f"slices/{recording_id}/")] == []
    assert (await here.client.get(f"/recordings/{recording_id}/audio")).status_code == 410


async def test_missing_slices_are_named(here: OpenClinic) -> None:
    slices = sliced(VISIT)
    recording_id = await opened(here)
    await send(here, recording_id, slices, order=[0, 2])
    answer = await here.client.post(
        f"/recordings/{recording_id}/finalise", json={"count": 5, "sha256": total_hash(slices)}
    )
    assert answer.status_code == 409
    assert answer.json()["missing"] == [1, 3, 4]
    assert "missing slices" in answer.json()["remedy"]
    assert (await here.recording(recording_id))["status"] == "open"


async def test_a_wrong_total_hash_closes_nothing(here: OpenClinic) -> None:
    slices = sliced(ONE_WORD, 2)
    recording_id = await opened(here)
    await send(here, recording_id, slices)
    answer = await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 2, "sha256": "0" * 64})
    assert answer.status_code == 422
    assert (await here.recording(recording_id))["status"] == "open"


async def test_other_bytes_under_a_taken_number_are_refused(here: OpenClinic) -> None:
    recording_id = await opened(here)
    first = await here.client.put(f"/recordings/{recording_id}/chunks/0", content=b"first")
    other = await here.client.put(f"/recordings/{recording_id}/chunks/0", content=b"other")
    same = await here.client.put(f"/recordings/{recording_id}/chunks/0", content=b"first")
    assert (first.status_code, other.status_code, same.status_code) == (200, 409, 200)


async def test_a_slice_that_does_not_match_its_hash_is_refused(here: OpenClinic) -> None:
    recording_id = await opened(here)
    answer = await here.client.put(
        f"/recordings/{recording_id}/chunks/0", content=b"damaged", headers={"X-Content-SHA256": "0" * 64}
    )
    assert answer.status_code == 422
    assert (await here.client.get(f"/recordings/{recording_id}/chunks")).json()["have"] == []


async def test_two_finalises_at_once_start_the_work_once(here: OpenClinic) -> None:
    slices = sliced(ONE_WORD, 2)
    recording_id = await opened(here)
    await send(here, recording_id, slices)
    body = {"count": 2, "sha256": total_hash(slices)}
    answers = await asyncio.gather(
        *(here.client.post(f"/recordings/{recording_id}/finalise", json=body) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {202}
    after = await here.client.put(f"/recordings/{recording_id}/chunks/2", content=b"late")
    assert after.status_code == 409
    again = await here.client.put(f"/recordings/{recording_id}/chunks/1", content=slices[1])
    assert again.status_code == 200
    await here.settled(recording_id)
    other = await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": "1" * 64})
    assert other.status_code == 409


async def test_one_word_is_enough_for_a_transcript(here: OpenClinic) -> None:
    slices = sliced(ONE_WORD, 1)
    recording_id = await opened(here, language="en")
    await send(here, recording_id, slices)
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash(slices)})
    body = await here.settled(recording_id)
    assert body["status"] in {"ready", "no_speech"}, body


async def test_truncated_webm_is_used_as_far_as_it_goes_and_says_so(here: OpenClinic) -> None:
    whole = encoded(speech("visit"), "webm", "libopus")
    cut = whole[: len(whole) // 2]
    recording_id = await opened(here)
    await send(here, recording_id, [cut])
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash([cut])})
    body = await here.settled(recording_id)
    assert body["status"] == "ready", body
    problems = (await here.client.get(f"/recordings/{recording_id}/transcript")).json()["problems"]
    assert any("breaks off" in problem for problem in problems)


@pytest.mark.parametrize("seq", ["-1", "100000", "99999999999999999999", "x", "..%2f..%2fetc"])
async def test_slice_numbers_that_are_none_are_refused(here: OpenClinic, seq: str) -> None:
    recording_id = await opened(here)
    answer = await here.client.put(f"/recordings/{recording_id}/chunks/{seq}", content=b"x")
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_slice_that_is_too_large_is_refused(here: OpenClinic) -> None:
    recording_id = await opened(here)
    answer = await here.client.put(f"/recordings/{recording_id}/chunks/0", content=b"\0" * (17 * 1024**2))
    assert answer.status_code == 413


async def test_a_recording_is_filed_moved_and_taken_back(here: OpenClinic) -> None:
    slices = sliced(ONE_WORD, 1)
    recording_id = await opened(here)
    await send(here, recording_id, slices)
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash(slices)})
    await here.settled(recording_id)
    for name in ("Hana Testcase", "Ravi Invented", None):
        patient_id = None
        if name:
            patient_id = (await here.client.post("/patients", json={"name": name, "age": 40})).json()["patient_id"]
        moved = await here.client.patch(f"/recordings/{recording_id}", json={"patient_id": patient_id})
        assert moved.json()["patient_id"] == patient_id
        assert (await here.client.get(f"/recordings/{recording_id}/audio")).content == ONE_WORD
    unknown = await here.client.patch(
        f"/recordings/{recording_id}", json={"patient_id": "PAT_01JN0000AV0000000000000001"}
    )
    assert unknown.status_code == 404


async def test_merging_two_entries_of_one_person_moves_their_recordings_and_notes(here: OpenClinic) -> None:
    one = (await here.client.post("/patients", json={"name": "Mere Doubled"})).json()["patient_id"]
    two = (await here.client.post("/patients", json={"name": "Mere Doubled"})).json()["patient_id"]
    slices = sliced(VISIT, 1)
    recording_id = await opened(here, patient_id=one)
    await send(here, recording_id, slices)
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash(slices)})
    assert (await here.settled(recording_id))["status"] == "ready"
    answer = await here.client.post(f"/patients/{one}/merge", json={"into": two})
    assert answer.json()["patient_id"] == two
    assert (await here.recording(recording_id))["patient_id"] == two
    assert len((await here.client.get(f"/patients/{two}/notes")).json()["items"]) == 1
    assert (await here.client.get(f"/patients/{one}")).json()["patient_id"] == two
    assert (await here.client.post(f"/patients/{two}/merge", json={"into": two})).status_code == 409


async def test_a_discarded_recording_leaves_no_bytes_and_no_note(here: OpenClinic) -> None:
    slices = sliced(VISIT, 1)
    recording_id = await opened(here)
    await send(here, recording_id, slices)
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash(slices)})
    ready = await here.settled(recording_id)
    assert (await here.client.delete(f"/recordings/{recording_id}")).status_code == 204
    assert (await here.client.get(f"/notes/{ready['note_id']}")).status_code == 404
    assert (await here.client.get(f"/recordings/{recording_id}/transcript")).status_code == 404
    objects = here.clinic.services.objects.of(here.clinic.clinic_id)
    for prefix in (ready["upload_key"], f"slices/{recording_id}/", f"derived/{recording_id}/"):
        assert [key async for key in objects.keys(prefix)] == []


async def test_cancel_stops_the_work_and_retry_goes_on(here: OpenClinic) -> None:
    slices = sliced(VISIT, 1)
    recording_id = await opened(here)
    await send(here, recording_id, slices)
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash(slices)})
    cancelled = await here.client.post(f"/recordings/{recording_id}/cancel")
    assert cancelled.json()["status"] == "cancelled"
    assert (await here.client.post(f"/recordings/{recording_id}/cancel")).status_code == 409
    again = await here.client.post(f"/recordings/{recording_id}/retry")
    assert again.status_code == 202
    assert (await here.settled(recording_id))["status"] == "ready"


async def test_transcribing_again_keeps_one_note(here: OpenClinic) -> None:
    slices = sliced(VISIT, 1)
    recording_id = await opened(here)
    await send(here, recording_id, slices)
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash(slices)})
    first = await here.settled(recording_id)
    assert (await here.client.post(f"/recordings/{recording_id}/transcribe")).status_code == 202
    second = await here.settled(recording_id)
    assert second["status"] == "ready"
    assert (second["revision"], second["note_id"]) == (2, first["note_id"])
    assert second["transcript_version"] == first["transcript_version"] + 1
    assert len((await here.client.get(f"/notes/{first['note_id']}/versions")).json()["items"]) == 1


async def test_swapping_speakers_exchanges_the_roles_and_rewrites_the_draft(here: OpenClinic) -> None:
    slices = sliced(VISIT, 1)
    recording_id = await opened(here)
    await send(here, recording_id, slices)
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash(slices)})
    await here.settled(recording_id)
    before = (await here.client.get(f"/recordings/{recording_id}/transcript")).json()
    swapped = (await here.client.post(f"/recordings/{recording_id}/swap-speakers")).json()
    exchange = {"clinician": "patient", "patient": "clinician"}
    assert [turn["speaker"] for turn in swapped["turns"]] == [
        exchange.get(turn["speaker"], turn["speaker"]) for turn in before["turns"]
    ]
    after = await here.settled(recording_id)
    assert after["status"] == "ready"
    note = (await here.client.get(f"/notes/{after['note_id']}")).json()
    assert note["transcript_version"] == swapped["version"] == before["version"] + 1


async def test_another_clinic_sees_none_of_it(here: OpenClinic, elsewhere: OpenClinic) -> None:
    recording_id = await opened(here)
    for method, path in (
        ("GET", f"/recordings/{recording_id}"),
        ("GET", f"/recordings/{recording_id}/chunks"),
        ("GET", f"/recordings/{recording_id}/audio"),
        ("GET", f"/recordings/{recording_id}/transcript"),
        ("POST", f"/recordings/{recording_id}/cancel"),
        ("POST", f"/recordings/{recording_id}/withdraw-consent"),
        ("DELETE", f"/recordings/{recording_id}"),
        ("PUT", f"/recordings/{recording_id}/chunks/0"),
    ):
        answer = await elsewhere.client.request(method, path)
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await elsewhere.client.get("/recordings")).json()["items"] == []
    assert (await here.recording(recording_id))["status"] == "open"


async def test_a_browser_request_from_another_site_changes_nothing(here: OpenClinic) -> None:
    cookies = dict(here.client.cookies)
    async with here.stranger() as client:
        client.cookies.update(cookies)
        answer = await client.post("/recordings", json={})
        assert answer.status_code == 403
        assert "X-Auscult" in answer.json()["remedy"]
