"""The master key in AWS KMS: it never leaves there, and is asked to wrap and unwrap clinic keys only.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html. AWS rotates the material of a key by itself and
keeps opening what older material wrapped; `auscult keys rotate` is for moving to another key.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from auscult.domain.errors import ErasedError, UnavailableError

_FINGERPRINT_BYTES: Final = 8
_ALTERED: Final = {"InvalidCiphertextException", "IncorrectKeyException"}
_REMEDY: Final = "Check the name of the key, the region, and that this machine may use kms:Encrypt and kms:Decrypt."


_T = TypeVar("_T")


class _Client(Protocol):
    """What we ask of KMS, with the names of its API."""

    def describe_key(self, *, KeyId: str) -> dict[str, Any]: ...  # noqa: N803 - AWS's names

    def encrypt(self, *, KeyId: str, Plaintext: bytes, EncryptionContext: dict[str, str]) -> dict[str, Any]: ...  # noqa: N803 - AWS's names

    def decrypt(self, *, CiphertextBlob: bytes, EncryptionContext: dict[str, str]) -> dict[str, Any]: ...  # noqa: N803 - AWS's names


class KmsMaster:
    """The `MasterKey` of a KMS key."""

    def __init__(self, client: _Client, arn: str) -> None:
        """Use `KmsMaster.open`."""
        self._client = client
        self._arn = arn
        self._fingerprint = hashlib.sha256(b"auscult/master-key-kms|" + arn.encode()).digest()[:_FINGERPRINT_BYTES]

    @classmethod
    async def open(cls, key: str, *, region: str, endpoint: str | None = None) -> KmsMaster:
        """Find the key by id, ARN or alias. Credentials are those of the usual AWS chain.

        Raises `UnavailableError` when KMS does not answer, does not know the key, or does not let us use it.
        """

        def find() -> KmsMaster:
            import boto3

            client: _Client = boto3.client("kms", region_name=region, endpoint_url=endpoint)
            return cls(client, client.describe_key(KeyId=key)["KeyMetadata"]["Arn"])

        return await _asked(find)

    def __repr__(self) -> str:
        """Which key, by its fingerprint."""
        return f"KmsMaster({self.key_id})"

    @property
    def key_id(self) -> str:
        """A fingerprint of the key's ARN: 16 hexadecimal digits."""
        return self._fingerprint.hex()

    def versions(self) -> tuple[bytes, ...]:
        """None: KMS does not give its keys away."""
        return ()

    def is_current(self, wrapped: bytes) -> bool:
        """Tell whether this key wrapped it."""
        return wrapped[:_FINGERPRINT_BYTES] == self._fingerprint

    async def renew(self) -> bool:
        """False: another key is made in KMS, and named in the settings."""
        return False

    async def wrap(self, clear: bytes, context: bytes) -> bytes:
        """Have a 32-byte key encrypted, bound to `context`."""
        answer = await _asked(
            lambda: self._client.encrypt(KeyId=self._arn, Plaintext=clear, EncryptionContext=_context(context))
        )
        return self._fingerprint + bytes(answer["CiphertextBlob"])

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Have it decrypted, by whichever key of this account wrapped it. Raises `ErasedError`, `UnavailableError`."""
        blob = wrapped[_FINGERPRINT_BYTES:]
        answer = await _asked(lambda: self._client.decrypt(CiphertextBlob=blob, EncryptionContext=_context(context)))
        return bytes(answer["Plaintext"])


def _context(context: bytes) -> dict[str, str]:
    return {"auscult": context.decode()}


async def _asked(ask: Callable[[], _T]) -> _T:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return await asyncio.to_thread(ask)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _ALTERED:
            raise ErasedError(
                "The key service does not open this key: another wrapped it, or it was altered.",
                remedy="Name the KMS key that wrapped it in AUSCULT_MASTER_KEY_KMS.",
            ) from error
        raise UnavailableError(f"The key service refused ({code}).", remedy=_REMEDY) from error
    except (BotoCoreError, ValueError) as error:
        raise UnavailableError(f"The key service cannot be asked ({type(error).__name__}).", remedy=_REMEDY) from error
