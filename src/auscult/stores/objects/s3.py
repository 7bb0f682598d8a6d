"""Objects in a bucket of S3, or of anything that speaks its protocol with conditional writes.

Needed of the bucket: `If-None-Match: *` and `If-Match` on PUT (AWS has both since 2024, MinIO too), and lifecycle rules
that remove incomplete multipart uploads, and what lies under `intake/` for days: uploads arrive there in the clear
(under the bucket's own encryption) and are sealed and removed by `adopt`.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, PreconditionError
from obstore.exceptions import UnauthenticatedError as ObstoreUnauthenticatedError
from obstore.store import S3Store

from auscult.domain.ambient import Ambient
from auscult.domain.errors import (
    AuscultError,
    ConflictError,
    InvalidError,
    NotFoundError,
    StorageFullError,
    UnavailableError,
)
from auscult.domain.ids import ClinicId
from auscult.stores.objects import UploadGrant
from auscult.stores.objects.blobs import Found, Record, Waiting
from auscult.stores.objects.keys import intake_address
from auscult.stores.objects.vault import Vault
from auscult.trust.sealing import Keyring

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from obstore.store import S3Config, S3Credential

_PART_BYTES: Final = 8 << 20
"""Parts of a multipart upload; smaller objects go in one request. S3 takes 10,000 parts: 78 GiB."""
_PARTS_AT_ONCE: Final = 2
_PROBE: Final = "ready"
"""Written again and again to learn whether the bucket takes anything; no object of a clinic can have this address."""
_CLEANUP_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the bucket is and who we are there.

    `endpoint` is None on AWS. Without keys the usual AWS chain is asked (environment, profile, role). `timeout` is
    seconds for one request, `patience` seconds for a request with all its retries.
    """

    name: str
    region: str
    endpoint: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    timeout: float = 30.0
    patience: float = 60.0
    retries: int = 4

    def __repr__(self) -> str:
        """Never show the secret."""
        return f"Bucket({self.name!r}, region={self.region!r}, endpoint={self.endpoint!r})"


def open_s3(bucket: Bucket, *, keyring: Keyring, ambient: Ambient) -> Vault:
    """The object store in that bucket. Raises `UnavailableError` when no credentials are found."""
    return Vault(S3Blobs(bucket), PresignedUploads(bucket), keyring=keyring, ambient=ambient)


class S3Blobs:
    """Blobs as objects of one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        """Take the bucket."""
        self._store = _connect(bucket)

    async def write(self, address: str, parts: AsyncGenerator[bytes]) -> None:
        """Write a new blob, in several parts when it is large; see `Blobs.write`."""
        writer = obstore.open_writer_async(
            self._store, address, buffer_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
        )
        try:
            async for part in parts:
                with _translated():  # what the source of the parts raises is not ours to translate
                    await writer.write(part)
            with _translated():
                await writer.close()
        except BaseException:
            await asyncio.shield(self._undo(writer, address))
            raise

    async def read(self, address: str, start: int, end: int) -> bytes:
        """A range of a blob; see `Blobs.read`."""
        with _translated():
            try:
                return bytes(await obstore.get_range_async(self._store, address, start=start, end=end))
            except BaseError as error:
                if "416 Range Not Satisfiable" in str(error):  # the blob ends before the range starts
                    return b""
                raise

    async def load(self, address: str) -> Record | None:
        """A small blob whole, or None."""
        try:
            with _translated():
                result = await obstore.get_async(self._store, address)
                return Record(bytes(await result.bytes_async()), result.meta["e_tag"] or "")
        except NotFoundError:
            return None

    async def swap(self, address: str, data: bytes, *, expected: str | None) -> None:
        """Put a small blob with a condition on what is there; see `Blobs.swap`."""
        with _translated(writing=True):
            if expected is None:
                await obstore.put_async(self._store, address, data, mode="create")
            else:
                await obstore.put_async(self._store, address, data, mode={"e_tag": expected})

    async def delete(self, address: str) -> None:
        """Remove the blob; S3 does not mind when there is none."""
        await _delete(self._store, address)

    async def found(self, prefix: str) -> AsyncIterator[Found]:
        """All blobs whose address starts with `prefix`, in order, page by page."""
        folder, _, rest = prefix.rpartition("/")
        with _translated():
            # the store lists by folder only: start where the prefix sorts, stop where it ends
            pages = obstore.list(self._store, folder or None, offset=prefix if rest else None)
            async for page in pages:
                for meta in page:
                    if meta["path"].startswith(prefix):
                        yield Found(meta["path"], meta["last_modified"])
                    elif meta["path"] > prefix:
                        return

    async def ready(self) -> None:
        """Raise `UnavailableError` unless an object can be written."""
        try:
            with _translated(writing=True):
                await obstore.put_async(self._store, _PROBE, b"ready")
        except StorageFullError as error:
            raise UnavailableError("The bucket is full.", remedy=StorageFullError.remedy) from error

    async def close(self) -> None:
        """Connections are released with the store itself; nothing is held beyond it."""

    async def _undo(self, writer: obstore.AsyncWritableFile, address: str) -> None:
        # an upload in parts can only be ended by finishing it; what it made is then removed like any object
        with suppress(BaseError, TimeoutError, OSError, AuscultError):
            async with asyncio.timeout(_CLEANUP_SECONDS):
                if not await writer.closed():
                    with suppress(BaseError, OSError):
                        await writer.close()
                await self.delete(address)


class PresignedUploads:
    """Uploads straight to the bucket by presigned PUT, to `intake/<clinic>/<key>`."""

    def __init__(self, bucket: Bucket) -> None:
        """Take the bucket."""
        self._bucket = bucket
        self._store = _connect(bucket)
        self._client: S3Client | None = None

    async def url(
        self,
        clinic_id: ClinicId,
        key: str,
        *,
        content_type: str,
        expires_in: int,
        max_bytes: int,  # noqa: ARG002 - a presigned PUT cannot bound the size: `adopt` does
    ) -> str:
        """A presigned PUT (Signature Version 4) whose content type is signed.

        The time in it is the real one: S3 checks it against its own clock.
        """
        client = await asyncio.to_thread(self._connected)
        return client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket.name,
                "Key": intake_address(clinic_id, key),
                "ContentType": content_type,
            },
            ExpiresIn=expires_in,
            HttpMethod="PUT",
        )

    async def verify(self, path_and_query: str) -> UploadGrant:  # noqa: ARG002 - the protocol's shape
        """No URL of this backend comes to us. Always raises `NotFoundError`."""
        raise NotFoundError("Uploads go straight to the bucket here; this server takes none.")

    async def waiting(self, clinic_id: ClinicId, key: str) -> Waiting | None:
        """What was PUT to the presigned URL and not adopted yet, or None."""
        address = intake_address(clinic_id, key)
        try:
            with _translated():
                result = await obstore.get_async(self._store, address, options={"head": True})
        except NotFoundError:
            return None
        content_type = str(result.attributes.get("Content-Type", "application/octet-stream"))
        return WaitingObject(self._store, address, result.meta["size"], content_type)

    async def discard(self, clinic_id: ClinicId, key: str) -> None:
        """Remove what was PUT to the presigned URL."""
        await _delete(self._store, intake_address(clinic_id, key))

    def _connected(self) -> S3Client:
        if self._client is None:
            import boto3
            from botocore.config import Config

            self._client = boto3.client(
                "s3",
                endpoint_url=self._bucket.endpoint,
                region_name=self._bucket.region,
                aws_access_key_id=self._bucket.access_key_id,
                aws_secret_access_key=self._bucket.secret_access_key,
                config=Config(
                    signature_version="s3v4",
                    s3={"addressing_style": "path" if self._bucket.endpoint else "virtual"},
                ),
            )
        return self._client


@dataclass(frozen=True, slots=True)
class WaitingObject:
    """An upload in the intake."""

    store: S3Store
    address: str
    size: int
    content_type: str

    async def stream(self) -> AsyncIterator[bytes]:
        """Its bytes, in parts of some MiB; exactly `size` of them or `UnavailableError`."""
        seen = 0
        with _translated():
            result = await obstore.get_async(self.store, self.address)
            async for part in result.stream(min_chunk_size=1 << 20):
                seen += len(part)
                yield bytes(part)
        if seen != self.size:
            raise UnavailableError("The upload was replaced or cut off while it was being read.")


def _connect(bucket: Bucket) -> S3Store:
    secure = bucket.endpoint is None or bucket.endpoint.startswith("https://")
    if not secure and not str(bucket.endpoint).startswith("http://"):
        raise InvalidError("The endpoint of the object store is not a URL.", remedy="Set it to https://host[:port].")
    config: S3Config = {
        "region": bucket.region,
        "virtual_hosted_style_request": bucket.endpoint is None,
        "conditional_put": "etag",
    }
    if bucket.endpoint is not None:
        config["endpoint"] = bucket.endpoint
    if bucket.access_key_id is not None and bucket.secret_access_key is not None:
        config["access_key_id"] = bucket.access_key_id
        config["secret_access_key"] = bucket.secret_access_key
    return S3Store(
        bucket.name,
        config=config,
        credential_provider=None if "access_key_id" in config else _usual_credentials(),
        client_options={
            "allow_http": not secure,
            "timeout": timedelta(seconds=bucket.timeout),
            "connect_timeout": timedelta(seconds=min(5.0, bucket.timeout)),
        },
        retry_config={
            "max_retries": bucket.retries,
            "retry_timeout": timedelta(seconds=bucket.patience),
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=5),
                "base": 2,
            },
        },
    )


def _usual_credentials() -> Callable[[], S3Credential]:
    from obstore.auth.boto3 import Boto3CredentialProvider

    try:
        return Boto3CredentialProvider()
    except ValueError as error:
        raise UnavailableError(
            "There are no credentials for the object store.",
            remedy="Give the server a role, a profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        ) from error


async def _delete(store: S3Store, address: str) -> None:
    with suppress(NotFoundError), _translated():
        await obstore.delete_async(store, address)


@contextmanager
def _translated(*, writing: bool = False) -> Iterator[None]:
    """Turn what the client raises into ours. Its messages hold addresses and hosts, so ours do not quote them."""
    try:
        yield
    except FileNotFoundError as error:
        if writing or "NoSuchBucket" in str(error):
            raise UnavailableError(
                "The bucket does not exist.", remedy="Create it, or set the bucket's name and region right."
            ) from error
        raise NotFoundError("There is no such blob.") from error
    except (AlreadyExistsError, PreconditionError) as error:
        raise ConflictError("Somebody else was first.") from error
    except (PermissionDeniedError, ObstoreUnauthenticatedError) as error:
        raise UnavailableError(
            "The object store refuses our credentials.",
            remedy="Check the key or role: it needs s3:GetObject, PutObject, DeleteObject and ListBucket there.",
        ) from error
    except (BaseError, OSError, TimeoutError) as error:
        text = str(error)
        if any(sign in text for sign in ("507 Insufficient", "QuotaExceeded</Code>", "StorageFull</Code>")):
            raise StorageFullError("The object store refuses more bytes.") from error
        if "409 Conflict" in text:
            raise ConflictError("Somebody else is writing this just now.") from error
        raise UnavailableError(
            "The object store does not answer.", remedy="Check its endpoint and the network, then try again."
        ) from error
