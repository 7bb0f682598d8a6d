"""Uploads that go straight to a bucket: what is too large there ends its recording, and says so to whoever asks."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import boto3
import pytest

from auscult.domain.recording import RecordingStatus
from auscult.flows import record, upkeep
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.moto_server import moto_server
from tests.support.scripted_engines import Script, scripted_engines

LIMIT = 10_000
BUCKET = "visits"
REGION: Final = "eu-west-1"
ACCESS, SECRET = "AKIAEXAMPLE", "a-secret-of-the-test"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as address:
        yield address


@pytest.fixture
async def here(tmp_path: Path, endpoint: str) -> AsyncIterator[OpenClinic]:
    """A clinic whose objects are in a bucket, and which takes 10,000 bytes at most."""
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id=ACCESS, aws_secret_access_key=SECRET
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    async with open_clinic(
        tmp_path,
        engines=lambda chosen: scripted_engines(chosen, Script()),
        work=False,
        objects_url=f"s3://{BUCKET}",
        s3_endpoint=endpoint,
        s3_region=REGION,
        s3_access_key=ACCESS,
        s3_secret_key=SECRET,
        max_upload_bytes=LIMIT,
    ) as opened:
        yield opened
    for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=item["Key"])
    client.delete_bucket(Bucket=BUCKET)


def kept(endpoint: str) -> list[str]:
    """What lies in the bucket, apart from the probe of whether it answers."""
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id=ACCESS, aws_secret_access_key=SECRET
    )
    found = [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return [key for key in found if "uploads/" in key]


async def browser_puts(url: str, data: bytes) -> None:
    request = urllib.request.Request(url, data=data, method="PUT", headers={"Content-Type": "audio/webm"})
    response = await asyncio.to_thread(urllib.request.urlopen, request)
    response.close()


@pytest.mark.parametrize("noticed_by", ["the client who asks", "upkeep"])
async def test_an_upload_over_the_limit_ends_as_a_failed_recording_and_is_removed(
    here: OpenClinic, endpoint: str, noticed_by: str
) -> None:
    services, actor = here.clinic.services, here.clinic.system
    granted = (await here.client.get("/get-upload-url")).json()
    await browser_puts(granted["upload_url"], bytes(LIMIT + 1))
    assert len(kept(endpoint)) == 1
    if noticed_by == "upkeep":
        await upkeep.sweep(services, actor)
    for _ in range(2):
        answer = await here.client.get(f"/result/{granted['key']}")
        body = answer.json()
        assert (answer.status_code, body["status"], body["audio_key"]) == (200, "failed", granted["key"])
        assert "large" in body["reason"]
        assert "AUSCULT_MAX_UPLOAD_BYTES" in body["remedy"]
    assert kept(endpoint) == []
    ended = (await record.by_upload_key(services, actor, granted["key"])).value
    assert ended.status is RecordingStatus.FAILED
    assert ended.failure is not None
    assert ended.failure.code == "too_large"
    await browser_puts(granted["upload_url"], b"once more")
    assert (await here.client.get(f"/result/{granted['key']}")).json()["status"] == "failed"


async def test_an_upload_within_the_limit_is_taken_though_nobody_tells_us(here: OpenClinic, endpoint: str) -> None:
    services, actor = here.clinic.services, here.clinic.system
    granted = (await here.client.get("/get-upload-url")).json()
    await browser_puts(granted["upload_url"], bytes(LIMIT))
    await upkeep.sweep(services, actor)
    taken = (await record.by_upload_key(services, actor, granted["key"])).value
    assert (taken.status, taken.size) == (RecordingStatus.RECEIVED, LIMIT)
    assert not [key for key in kept(endpoint) if key.startswith("intake/")]
