"""The Clinical Recorder's contract, over HTTP, with a real recording and a real recogniser."""

from __future__ import annotations

import pytest

from tests.support.audio import encoded, silence, speech
from tests.support.clinics import OpenClinic, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def script() -> None:
    """The recogniser of this machine."""


async def upload(here: OpenClinic, data: bytes, content_type: str = "audio/webm") -> str:
    granted = (await here.client.get("/get-upload-url", params={"content_type": content_type})).json()
    answer = await here.stranger().put(granted["upload_url"], content=data, headers={"Content-Type": content_type})
    assert answer.status_code == 200, answer.text
    key: str = granted["key"]
    return key


async def test_an_upload_url_is_absolute_and_names_a_fresh_webm_key(here: OpenClinic) -> None:
    answer = await here.client.get("/get-upload-url")
    assert answer.status_code == 200
    body = answer.json()
    assert body["upload_url"].startswith("http://127.0.0.1")
    assert body["key"].startswith("uploads/")
    assert body["key"].endswith(".webm")
    again = (await here.client.get("/get-upload-url")).json()
    assert again["key"] != body["key"]


async def test_the_extension_follows_the_content_type(here: OpenClinic) -> None:
    body = (await here.client.get("/get-upload-url", params={"content_type": "audio/mpeg"})).json()
    assert body["key"].endswith(".mp3")
    refused = await here.client.get("/get-upload-url", params={"content_type": "text/html"})
    assert refused.status_code == 415
    assert refused.headers["content-type"] == "application/problem+json"
    assert "WebM" in refused.json()["remedy"]


async def test_a_recording_becomes_a_result_with_the_recorders_fields(here: OpenClinic) -> None:
    key = await upload(here, encoded(speech("visit"), "webm", "libopus"))
    early = await here.client.get(f"/result/{key}")
    assert early.status_code == 200 or early.json() == {"status": "processing"}
    body = await eventually(
        lambda: here.client.get(f"/result/{key}"), lambda answer: answer.status_code == 200, seconds=60
    )
    result = body.json()
    assert {"audio_key", "transcript", "diagnosis", "medications", "follow_up", "notes"} <= set(result)
    assert result["audio_key"] == key
    assert result["demo_quality"] is True
    assert all(isinstance(line, str) for line in result["medications"])
    assert len(result["transcript"]) > 20
    encoded_key = await here.client.get(f"/result/{key.replace('/', '%2F')}")
    assert encoded_key.json() == result


async def test_a_key_never_issued_is_unknown(here: OpenClinic) -> None:
    answer = await here.client.get("/result/uploads/00000000-0000-4000-8000-000000000000.webm")
    assert answer.status_code == 404
    assert answer.json() == {"status": "unknown"}


async def test_a_key_issued_and_not_used_is_processing(here: OpenClinic) -> None:
    granted = (await here.client.get("/get-upload-url")).json()
    answer = await here.client.get(f"/result/{granted['key']}")
    assert (answer.status_code, answer.json()) == (404, {"status": "processing"})


async def test_silence_ends_as_no_speech_and_without_text(here: OpenClinic) -> None:
    key = await upload(here, encoded(silence(3), "webm", "libopus"))
    answer = await eventually(lambda: here.client.get(f"/result/{key}"), lambda got: got.status_code == 200)
    body = answer.json()
    assert body["status"] == "failed"
    assert body["transcript"] == ""
    assert "speaks" in body["reason"]
    assert "microphone" in body["remedy"]


@pytest.mark.parametrize(
    ("name", "data"),
    [("nothing at all", b""), ("a text file named .mp3", b"Dear doctor, this is not music.\n" * 50)],
)
async def test_what_is_no_recording_is_said_to_be_unreadable(here: OpenClinic, name: str, data: bytes) -> None:
    key = await upload(here, data, "audio/mpeg")
    answer = await eventually(lambda: here.client.get(f"/result/{key}"), lambda got: got.status_code == 200)
    body = answer.json()
    assert body["status"] == "failed", name
    assert body["reason"]
    assert body["remedy"]


async def test_an_upload_url_takes_one_put(here: OpenClinic) -> None:
    granted = (await here.client.get("/get-upload-url")).json()
    headers = {"Content-Type": "audio/webm"}
    first = await here.stranger().put(granted["upload_url"], content=b"one", headers=headers)
    second = await here.stranger().put(granted["upload_url"], content=b"two", headers=headers)
    assert (first.status_code, second.status_code) == (200, 409)


async def test_an_altered_upload_url_is_refused_and_stores_nothing(here: OpenClinic) -> None:
    granted = (await here.client.get("/get-upload-url")).json()
    url: str = granted["upload_url"]
    for altered in (url[:-2] + ("00" if url[-2:] != "00" else "11"), url.replace("uploads/", "uploads/x"), url + "0"):
        answer = await here.stranger().put(altered, content=b"x", headers={"Content-Type": "audio/webm"})
        assert answer.status_code in {403, 404, 422}, altered
    still = await here.client.get(f"/result/{granted['key']}")
    assert still.json() == {"status": "processing"}


async def test_another_content_type_than_the_signed_one_is_refused(here: OpenClinic) -> None:
    granted = (await here.client.get("/get-upload-url")).json()
    answer = await here.stranger().put(granted["upload_url"], content=b"x", headers={"Content-Type": "audio/wav"})
    assert answer.status_code == 415


async def test_a_declared_5_gb_upload_is_refused_before_it_is_read(here: OpenClinic) -> None:
    granted = (await here.client.get("/get-upload-url")).json()
    answer = await here.stranger().put(
        granted["upload_url"],
        content=b"",
        headers={"Content-Type": "audio/webm", "Content-Length": str(5 * 1024**3)},
    )
    assert answer.status_code == 413


async def test_an_undeclared_flood_is_cut_off_and_leaves_nothing(here: OpenClinic) -> None:
    granted = (await here.client.get("/get-upload-url")).json()
    sent = 0

    async def flood():
        nonlocal sent
        for _ in range(1000):
            sent += 65536
            yield b"\0" * 65536

    answer = await here.stranger().put(granted["upload_url"], content=flood(), headers={"Content-Type": "audio/webm"})
    assert answer.status_code == 413
    stored = [key async for key in here.clinic.services.objects.of(here.clinic.clinic_id).keys(granted["key"])]
    assert stored == []


async def test_results_of_another_clinic_are_unknown(here: OpenClinic, elsewhere: OpenClinic) -> None:
    granted = (await here.client.get("/get-upload-url")).json()
    answer = await elsewhere.client.get(f"/result/{granted['key']}")
    assert answer.json() == {"status": "unknown"}


async def test_without_a_key_or_a_session_nothing_is_answered(here: OpenClinic) -> None:
    async with here.stranger() as client:
        for path in ("/get-upload-url", "/result/uploads/x.webm", "/recordings", "/patients", "/events", "/me"):
            answer = await client.get(path)
            assert answer.status_code == 401, path
            assert answer.json()["code"] == "unauthenticated"
    async with here.stranger(Authorization="Bearer nonsense") as client:
        assert (await client.get("/get-upload-url")).status_code == 401


async def test_an_api_key_works_in_both_headers(here: OpenClinic) -> None:
    key = await here.api_key()
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
        async with here.stranger(**headers) as client:
            assert (await client.get("/get-upload-url")).status_code == 200
            assert (await client.get("/recordings")).status_code == 403
