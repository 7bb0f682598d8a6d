"""The secrets protocol: the master key, and the wrapped clinic and subject keys.

Wrapped keys live in a store of their own, so that their backups can be short-lived and an erasure is final.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class MasterKey(Protocol):
    """Wraps and unwraps clinic keys. A key file, a command, or a KMS; asked for clinic keys only."""

    @property
    def key_id(self) -> str:
        """Which master key this is (a fingerprint, never the key); stored beside what it wrapped."""
        ...

    async def wrap(self, clear: bytes, context: bytes) -> bytes:
        """Encrypt a 32-byte key, bound to `context`."""
        ...

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt it. Raises `ErasedError` when it was wrapped by another key or for another context."""
        ...


class WrappedKeys(Protocol):
    """Keeps wrapped keys by `(clinic, name)`; `name` is `clinic` or a subject id."""

    async def get(self, clinic_id: str, name: str) -> bytes | None:
        """The wrapped key, or None."""
        ...

    async def get_many(self, clinic_id: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """The wrapped keys of these names, without those that there are none of."""
        ...

    async def create(self, clinic_id: str, name: str, wrapped: bytes) -> bytes:
        """Keep it unless there is one already; return the one that is kept (two at once agree on one)."""
        ...

    async def replace(self, clinic_id: str, name: str, wrapped: bytes) -> None:
        """Put a re-wrapped key over the old one (rotation)."""
        ...

    async def destroy(self, clinic_id: str, name: str) -> None:
        """Delete it for good, overwriting where the medium allows; the name is remembered as destroyed.

        Afterwards `get` answers None and `create` raises `ErasedError`.
        """
        ...

    async def names(self, clinic_id: str) -> tuple[str, ...]:
        """All names with a key, for rotation and backup."""
        ...

    async def destroyed(self, clinic_id: str) -> tuple[str, ...]:
        """All names that were destroyed: the erasure ledger, replayed when a backup is restored."""
        ...

    async def close(self) -> None:
        """Release what is held."""
        ...
