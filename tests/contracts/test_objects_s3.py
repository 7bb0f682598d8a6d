"""What the S3 store promises beyond the contract: presigned uploads, adoption, and a bucket that misbehaves."""

from __future__ import annotations

import asyncio
import os
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.errors import NotFoundError, TooLargeError, UnavailableError, UnsupportedMediaError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.objects import ObjectInfo
from auscult.stores.objects.s3 import Bucket, open_s3
from auscult.trust.sealing import Keyring
from tests.contracts.conftest import Store, all_keys, keep, whole

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "uploads/visit.webm"
TYPE = "audio/webm"
RAM = SubjectId("PAT_01JN0000AV0000000000000011")


async def browser_puts(url: str, data: bytes, content_type: str = TYPE) -> None:
    request = urllib.request.Request(url, data=data, method="PUT", headers={"Content-Type": content_type})
    response = await asyncio.to_thread(urllib.request.urlopen, request)
    assert response.status == 200
    response.close()


async def adopt(store: Store, clinic_id: ClinicId, max_bytes: int = 1 << 26) -> ObjectInfo | None:
    return await store.vault.of(clinic_id).adopt(KEY, content_type=TYPE, subject=RAM, max_bytes=max_bytes)


@pytest.fixture
async def url(s3_store: Store, clinic_id: ClinicId) -> str:
    return await s3_store.vault.of(clinic_id).upload_url(KEY, content_type=TYPE, expires_in=300, max_bytes=1000)


async def test_the_link_signs_method_host_key_type_and_time(
    url: str, bucket: Bucket, clinic_id: ClinicId, s3_client: S3Client
) -> None:
    """Moto does not enforce signatures, so this asserts what is signed; S3 refuses whatever differs."""
    split = urlsplit(url)
    fields = {name: value for name, [value] in parse_qs(split.query).items()}
    assert url.startswith(f"{bucket.endpoint}/{bucket.name}/intake/{clinic_id}/{KEY}?")
    assert fields["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert fields["X-Amz-Expires"] == "300"
    assert fields["X-Amz-SignedHeaders"] == "content-type;host"
    assert fields["X-Amz-Credential"].endswith("/eu-west-1/s3/aws4_request")
    assert len(fields["X-Amz-Signature"]) == 64
    assert bucket.secret_access_key is not None
    assert bucket.secret_access_key not in url
    assert bucket.secret_access_key not in repr(bucket)


async def test_a_link_for_another_type_key_or_clinic_is_signed_differently(
    s3_store: Store, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    links = [
        await s3_store.vault.of(clinic).upload_url(key, content_type=kind, expires_in=seconds, max_bytes=9)
        for clinic, key, kind, seconds in (
            (clinic_id, "a", TYPE, 300),
            (other_clinic_id, "a", TYPE, 300),
            (clinic_id, "b", TYPE, 300),
            (clinic_id, "a", "audio/wav", 300),
            (clinic_id, "a", TYPE, 301),
        )
    ]
    assert len({parse_qs(urlsplit(each).query)["X-Amz-Signature"][0] for each in links}) == len(links)


async def test_our_own_route_takes_nothing_here(s3_store: Store, url: str) -> None:
    with pytest.raises(NotFoundError):
        await s3_store.vault.verify_upload(url)


async def test_an_upload_is_adopted_sealed_and_gone_from_the_intake(
    s3_store: Store, url: str, clinic_id: ClinicId
) -> None:
    assert await adopt(s3_store, clinic_id) is None
    sound = b"Ram says where it hurts " * 200_000
    await browser_puts(url, sound)
    objects = s3_store.vault.of(clinic_id)
    assert await objects.head(KEY) is None
    info = await adopt(s3_store, clinic_id)
    assert info is not None
    assert (info.size, info.content_type) == (len(sound), TYPE)
    assert await whole(objects, KEY) == sound
    assert len(s3_store.medium.addresses()) == 2
    for address in s3_store.medium.addresses():
        assert address.startswith(f"{clinic_id}/")
        assert b"hurts" not in s3_store.medium.get(address)
    assert await adopt(s3_store, clinic_id) == info


async def test_an_empty_upload_is_an_empty_object(s3_store: Store, url: str, clinic_id: ClinicId) -> None:
    await browser_puts(url, b"")
    info = await adopt(s3_store, clinic_id)
    assert info is not None
    assert info.size == 0
    assert await whole(s3_store.vault.of(clinic_id), KEY) == b""


async def test_a_link_used_again_changes_nothing_that_was_adopted(
    s3_store: Store, url: str, clinic_id: ClinicId
) -> None:
    await browser_puts(url, b"first")
    first = await adopt(s3_store, clinic_id)
    await browser_puts(url, b"second")
    assert await adopt(s3_store, clinic_id) == first
    assert await whole(s3_store.vault.of(clinic_id), KEY) == b"first"
    assert len(s3_store.medium.addresses()) == 2


async def test_adoption_repeated_after_a_crash_at_any_point_ends_the_same(
    s3_store: Store, url: str, clinic_id: ClinicId
) -> None:
    """After the bytes: they lie unnamed. After the record: the upload still waits. Both states, then again."""
    await browser_puts(url, b"sound")
    s3_store.medium.put(f"{clinic_id}/{KEY}!{'0' * 32}", b"bytes of the adoption that died")
    info = await adopt(s3_store, clinic_id)
    assert await whole(s3_store.vault.of(clinic_id), KEY) == b"sound"
    await browser_puts(url, b"sound")
    assert await adopt(s3_store, clinic_id) == info
    assert len([each for each in s3_store.medium.addresses() if "0" * 32 not in each]) == 2


async def test_many_workers_adopting_at_once_agree(s3_store: Store, url: str, clinic_id: ClinicId) -> None:
    await browser_puts(url, os.urandom(300_000))
    infos = await asyncio.gather(*(adopt(s3_store, clinic_id) for _ in range(5)))
    found = {info.sha256 for info in infos if info is not None}
    assert len(found) == 1
    assert len(s3_store.medium.addresses()) == 2
    assert await adopt(s3_store, clinic_id) is not None


async def test_an_upload_over_the_limit_is_refused_and_waits_for_a_higher_one(
    s3_store: Store, url: str, clinic_id: ClinicId
) -> None:
    await browser_puts(url, bytes(2000))
    with pytest.raises(TooLargeError):
        await adopt(s3_store, clinic_id, max_bytes=1999)
    assert await s3_store.vault.of(clinic_id).head(KEY) is None
    info = await adopt(s3_store, clinic_id, max_bytes=2000)
    assert info is not None


async def test_an_upload_of_another_type_than_granted_is_refused(
    s3_store: Store, url: str, clinic_id: ClinicId
) -> None:
    await browser_puts(url, b"<html>", "text/html")
    with pytest.raises(UnsupportedMediaError):
        await adopt(s3_store, clinic_id)
    assert await all_keys(s3_store.vault.of(clinic_id)) == []


async def test_deleting_takes_an_upload_that_waits_with_it(s3_store: Store, url: str, clinic_id: ClinicId) -> None:
    """Consent is withdrawn before the upload was adopted: it must not be adopted later."""
    await browser_puts(url, b"sound")
    await s3_store.vault.of(clinic_id).delete(KEY)
    assert s3_store.medium.addresses() == []
    assert await adopt(s3_store, clinic_id) is None


@asynccontextmanager
async def store_at(bucket: Bucket, keyring: Keyring, ambient: Ambient):
    vault = open_s3(bucket, keyring=keyring, ambient=ambient)
    yield vault
    await vault.close()


async def test_a_bucket_that_does_not_exist_is_said_so(
    bucket: Bucket, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient
) -> None:
    async with store_at(replace(bucket, name="no-such-bucket"), keyring, ambient) as vault:
        for operation in (vault.ready(), keep(vault.of(clinic_id), "a", b"x"), vault.of(clinic_id).head("a")):
            with pytest.raises(UnavailableError) as unavailable:
                await operation
            assert "bucket" in unavailable.value.remedy


async def test_nobody_listening_is_unavailable_and_soon(
    bucket: Bucket, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient
) -> None:
    nobody = replace(bucket, endpoint="http://127.0.0.1:9", timeout=1, patience=2, retries=1)
    async with store_at(nobody, keyring, ambient) as vault, asyncio.timeout(20):
        objects = vault.of(clinic_id)
        for operation in (
            vault.ready(),
            objects.head("a"),
            keep(objects, "a", b"x", overwrite=True),
            all_keys(objects),
        ):
            with pytest.raises(UnavailableError) as unavailable:
                await operation
            assert unavailable.value.remedy


@asynccontextmanager
async def server(answer) -> AsyncIterator[str]:
    """An HTTP server of one function: takes the request's head and the streams, and does what it likes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer((await reader.readuntil(b"\r\n\r\n")).decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


async def test_a_store_that_says_slow_down_is_retried_a_bounded_time(
    bucket: Bucket, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient
) -> None:
    asked = 0

    async def slow_down(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        body = b"<Error><Code>SlowDown</Code></Error>"
        writer.write(b"HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()

    async with server(slow_down) as endpoint:
        limited = replace(bucket, endpoint=endpoint, timeout=1, patience=3, retries=2)
        async with store_at(limited, keyring, ambient) as vault, asyncio.timeout(15):
            with pytest.raises(UnavailableError):
                await vault.of(clinic_id).head("a")
    assert asked == 3


async def test_a_store_that_never_answers_is_given_up(
    bucket: Bucket, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient
) -> None:
    async def never(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server(never) as endpoint:
        limited = replace(bucket, endpoint=endpoint, timeout=0.3, patience=1, retries=1)
        async with store_at(limited, keyring, ambient) as vault:
            began = time.monotonic()
            with pytest.raises(UnavailableError):
                await vault.of(clinic_id).head("a")
            assert time.monotonic() - began < 10


@pytest.mark.parametrize("overwrite", [False, True])
async def test_a_put_whose_last_answer_is_lost_is_a_put(
    bucket: Bucket, s3_store: Store, clinic_id: ClinicId, keyring: Keyring, ambient: Ambient, overwrite: bool
) -> None:
    """A proxy drops the connection after the record was written: the object is there, and the caller is told so."""
    if overwrite:
        await keep(s3_store.vault.of(clinic_id), "a", b"before")
    assert bucket.endpoint is not None
    target = urlsplit(bucket.endpoint)
    dropped = 0

    async def proxy(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal dropped
        fields = dict(line.split(": ", 1) for line in head.lower().split("\r\n")[1:] if line)
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        there, back = await asyncio.open_connection(target.hostname, target.port)
        lines = [line for line in head.split("\r\n") if not line.lower().startswith("connection:")]
        back.write("\r\n".join([lines[0], "Connection: close", *lines[1:]]).encode() + body)
        answer = await there.read()
        back.close()
        if head.startswith("PUT ") and "meta" in head.split("\r\n", 1)[0] and dropped == 0:
            dropped += 1
            return
        writer.write(answer)
        await writer.drain()

    async with server(proxy) as endpoint, store_at(replace(bucket, endpoint=endpoint), keyring, ambient) as vault:
        info = await keep(vault.of(clinic_id), "a", b"sound", overwrite=overwrite)
    assert dropped == 1
    assert await s3_store.vault.of(clinic_id).head("a") == info
    assert await whole(s3_store.vault.of(clinic_id), "a") == b"sound"
    assert len(s3_store.medium.addresses()) == 2


async def test_a_long_object_goes_in_parts_and_comes_back(s3_store: Store, clinic_id: ClinicId) -> None:
    data = os.urandom(1 << 20) * 20
    objects = s3_store.vault.of(clinic_id)
    await keep(objects, "a", data)
    assert await whole(objects, "a") == data
    assert await whole(objects, "a", 19_000_001, 19_000_101) == data[19_000_001:19_000_101]


def test_without_credentials_the_remedy_names_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path, keyring: Keyring, ambient: Ambient
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(UnavailableError) as unavailable:
        open_s3(Bucket("b", "eu-west-1"), keyring=keyring, ambient=ambient)
    assert "AWS_ACCESS_KEY_ID" in unavailable.value.remedy
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    open_s3(Bucket("b", "eu-west-1"), keyring=keyring, ambient=ambient)
