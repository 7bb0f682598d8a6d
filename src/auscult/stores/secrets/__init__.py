"""The secrets protocol: the master key, and the wrapped clinic and subject keys.

Wrapped keys live in a store of their own, so that their backups can be short-lived and an erasure is final.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a key was destroyed, and when (aware, UTC): one row of the erasure ledger."""

    name: str
    at: datetime


class MasterKey(Protocol):
    """Wraps and unwraps clinic keys. A key file, a command, or a KMS; asked for clinic keys only."""

    @property
    def key_id(self) -> str:
        """Which master key this is (a fingerprint, never the key); stored beside what it wrapped."""
        ...

    def versions(self) -> tuple[bytes, ...]:
        """Every version in the clear, the newest first, for the escrow copy; empty where it cannot be had (KMS)."""
        ...

    def is_current(self, wrapped: bytes) -> bool:
        """Tell whether the newest version wrapped it."""
        ...

    async def renew(self) -> bool:
        """Make a new version, older ones still opening what they wrapped; False where that is done elsewhere."""
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
        """All names that were destroyed, in order."""
        ...

    async def erasures(self, clinic_id: str) -> tuple[Erasure, ...]:
        """The erasure ledger: all names that were destroyed and when, in that order; replayed by a restore."""
        ...

    async def close(self) -> None:
        """Release what is held."""
        ...
