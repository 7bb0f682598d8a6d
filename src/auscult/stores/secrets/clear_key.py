"""A master key whose 32 bytes this process holds; where they come from is the business of the files beside this."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from auscult.domain.errors import ErasedError, UnavailableError
from auscult.trust.sealing import KEY_BYTES, seal, unseal

_FINGERPRINT_BYTES: Final = 8


class ClearKeyMaster:
    """Wraps clinic keys with AES-256-GCM. What it wrapped starts with its fingerprint, so a wrong key is named."""

    def __init__(self, key: bytes, secret: Callable[[int], bytes]) -> None:
        """Take the key (32 bytes) and a source of random bytes. Raises `UnavailableError` for another length."""
        if len(key) != KEY_BYTES:
            raise UnavailableError(
                f"The master key has {len(key)} bytes instead of {KEY_BYTES}.",
                remedy="Restore the master key from its escrow copy.",
            )
        self._key = key
        self._secret = secret
        self._fingerprint = hashlib.sha256(b"auscult/master-key-id|" + key).digest()[:_FINGERPRINT_BYTES]

    def __repr__(self) -> str:
        """Never show the key."""
        return f"{type(self).__name__}({self.key_id})"

    @property
    def key_id(self) -> str:
        """The fingerprint of the key: 16 hexadecimal digits."""
        return self._fingerprint.hex()

    async def wrap(self, clear: bytes, context: bytes) -> bytes:
        """Encrypt a 32-byte key, bound to `context`."""
        return self._fingerprint + seal(self._key, clear, context, self._secret)

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt it. Raises `ErasedError` when it was wrapped by another key or for another context."""
        fingerprint, sealed = wrapped[:_FINGERPRINT_BYTES], wrapped[_FINGERPRINT_BYTES:]
        if fingerprint != self._fingerprint:
            raise ErasedError(
                f"This was sealed under master key {fingerprint.hex()}; this machine has {self.key_id}.",
                remedy="Put the master key with that fingerprint in place (its escrow copy), then start again.",
            )
        return unseal(self._key, sealed, context)


def key_from_text(text: bytes) -> bytes | None:
    """Read a key from 64 hexadecimal digits with white space around them, or return None."""
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None
