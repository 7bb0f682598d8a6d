"""Object stores on each backend, with a way to look at and meddle with what they really keep."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import boto3
import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.ids import UNFILED, SubjectId
from auscult.stores.objects import ClinicObjects, ObjectInfo
from auscult.stores.objects.folder import open_folder
from auscult.stores.objects.s3 import Bucket, open_s3
from auscult.stores.objects.vault import Vault
from auscult.trust.sealing import Keyring
from tests.support.moto_server import moto_server

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "eu-west-1"
ACCESS = "AKIAEXAMPLE"
SECRET = "a-secret-of-the-test"
MANY = 50 * 1024 * 1024


async def pieces(data: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for offset in range(0, len(data), size):
        yield data[offset : offset + size]


async def keep(
    objects: ClinicObjects,
    key: str,
    data: bytes,
    *,
    subject: SubjectId = UNFILED,
    overwrite: bool = False,
    content_type: str = "audio/webm",
) -> ObjectInfo:
    return await objects.put(
        key, pieces(data), content_type=content_type, subject=subject, max_bytes=MANY, overwrite=overwrite
    )


async def whole(objects: ClinicObjects, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([part async for part in objects.read(key, start, end)])


async def all_keys(objects: ClinicObjects, prefix: str = "") -> list[str]:
    return [key async for key in objects.keys(prefix)]


class Medium(Protocol):
    """What lies below the store, as an intruder or an auditor sees it."""

    def addresses(self) -> list[str]: ...
    def get(self, address: str) -> bytes: ...
    def put(self, address: str, data: bytes) -> None: ...
    def unfinished(self) -> int: ...


@dataclass
class FolderMedium:
    root: Path

    def addresses(self) -> list[str]:
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())

    def get(self, address: str) -> bytes:
        return (self.root / address).read_bytes()

    def put(self, address: str, data: bytes) -> None:
        path = self.root / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def unfinished(self) -> int:
        return len([address for address in self.addresses() if address.endswith(".new")])


@dataclass
class BucketMedium:
    client: S3Client
    bucket: str

    def addresses(self) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def get(self, address: str) -> bytes:
        return self.client.get_object(Bucket=self.bucket, Key=address)["Body"].read()

    def put(self, address: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=address, Body=data)

    def unfinished(self) -> int:
        return len(self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", []))


@dataclass
class Store:
    """One object store under test."""

    name: str
    vault: Vault
    medium: Medium


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    with moto_server() as endpoint:
        yield endpoint


@pytest.fixture
def s3_client(moto_endpoint: str) -> S3Client:
    return boto3.client(
        "s3", endpoint_url=moto_endpoint, region_name=REGION, aws_access_key_id=ACCESS, aws_secret_access_key=SECRET
    )


@pytest.fixture
def bucket(moto_endpoint: str, s3_client: S3Client) -> Bucket:
    """A fresh, empty bucket."""
    name = f"objects-{os.urandom(8).hex()}"
    s3_client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return Bucket(name, REGION, endpoint=moto_endpoint, access_key_id=ACCESS, secret_access_key=SECRET)


@pytest.fixture
async def folder_store(tmp_path: Path, keyring: Keyring, ambient: Ambient) -> AsyncIterator[Store]:
    root = tmp_path / "objects"
    vault = open_folder(root, keyring=keyring, ambient=ambient)
    yield Store("folder", vault, FolderMedium(root))
    await vault.close()


@pytest.fixture
async def s3_store(bucket: Bucket, s3_client: S3Client, keyring: Keyring, ambient: Ambient) -> AsyncIterator[Store]:
    vault = open_s3(bucket, keyring=keyring, ambient=ambient)
    yield Store("s3", vault, BucketMedium(s3_client, bucket.name))
    await vault.close()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty object store; a test that asks for it runs on each backend."""
    opened: Store = request.getfixturevalue(f"{request.param}_store")
    return opened
