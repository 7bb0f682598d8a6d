"""A master key whose bytes this process holds; where they come from is the business of the files beside this.

The key has versions: the first one wraps, the others only open what they wrapped before a rotation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from auscult.domain.errors import ErasedError, UnavailableError
from auscult.trust.sealing import KEY_BYTES, seal, unseal

FINGERPRINT_BYTES: Final = 8


class ClearKeyMaster:
    """Wraps clinic keys with AES-256-GCM. What it wrapped starts with its fingerprint, so a wrong key is named."""

    def __init__(self, keys: bytes | Sequence[bytes], secret: Callable[[int], bytes]) -> None:
        """Take the key (32 bytes), or its versions with the newest first, and a source of random bytes.

        Raises `UnavailableError` for another length.
        """
        self._secret = secret
        self._keys: dict[bytes, bytes] = {}
        self._use((keys,) if isinstance(keys, bytes) else tuple(keys))

    def __repr__(self) -> str:
        """Never show the key."""
        return f"{type(self).__name__}({self.key_id})"

    @property
    def key_id(self) -> str:
        """The fingerprint of the newest version: 16 hexadecimal digits."""
        return next(iter(self._keys)).hex()

    def versions(self) -> tuple[bytes, ...]:
        """Every version in the clear, the newest first: for the escrow copy and nothing else."""
        return tuple(self._keys.values())

    def is_current(self, wrapped: bytes) -> bool:
        """Tell whether the newest version wrapped it."""
        return wrapped[:FINGERPRINT_BYTES].hex() == self.key_id

    async def renew(self) -> bool:
        """Make a new version where that is ours to do; False where the key is kept elsewhere."""
        return False

    async def wrap(self, clear: bytes, context: bytes) -> bytes:
        """Encrypt a 32-byte key, bound to `context`."""
        print_, key = next(iter(self._keys.items()))
        return print_ + seal(key, clear, context, self._secret)

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt it. Raises `ErasedError` when it was wrapped by another key or for another context."""
        fingerprint, sealed = wrapped[:FINGERPRINT_BYTES], wrapped[FINGERPRINT_BYTES:]
        if fingerprint not in self._keys:
            # Another process may have rotated the key since this one started.
            self._use(await self._newest() or self.versions())
        if fingerprint not in self._keys:
            raise ErasedError(
                f"This was sealed under master key {fingerprint.hex()}; this machine has {self.key_id}.",
                remedy="Put the master key with that fingerprint in place (its escrow copy), then start again.",
            )
        return unseal(self._keys[fingerprint], sealed, context)

    async def _newest(self) -> tuple[bytes, ...]:
        """The versions as they are now where they come from; empty when that cannot be asked again."""
        return ()

    def _use(self, keys: Sequence[bytes]) -> None:
        for key in keys:
            if len(key) != KEY_BYTES:
                raise UnavailableError(
                    f"The master key has {len(key)} bytes instead of {KEY_BYTES}.",
                    remedy="Restore the master key from its escrow copy.",
                )
        self._keys = {fingerprint(key): key for key in keys}


def fingerprint(key: bytes) -> bytes:
    """What a key is called (8 bytes): nothing of the key can be told from it."""
    return hashlib.sha256(b"auscult/master-key-id|" + key).digest()[:FINGERPRINT_BYTES]


def keys_from_text(text: bytes) -> tuple[bytes, ...]:
    """Read the versions of a key, a line of 64 hexadecimal digits each, the newest first; empty when it is not that."""
    try:
        keys = tuple(bytes.fromhex(line) for line in text.decode("ascii").splitlines() if line.strip())
    except ValueError:
        return ()
    return keys if all(len(key) == KEY_BYTES for key in keys) else ()
