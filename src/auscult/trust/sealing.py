"""The sealing hierarchy: master key → clinic key → subject key → one key per document or object.

AES-256-GCM throughout (NIST SP 800-38D), 96-bit random nonces, a fresh key for every document and object, so that a
nonce never repeats under one key in practice. Filing, moving and merging re-wrap an item key; they never re-encrypt.
Destroying a subject key makes everything sealed under it unreadable, wherever copies of it lie.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auscult.domain.errors import ErasedError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.secrets import MasterKey, WrappedKeys

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
_CACHE_SECONDS: Final = 30.0
"""How long a clear subject key may stay in memory: an erasure in one process reaches the others within it."""
_CACHE_KEYS: Final = 4096


def seal(key: bytes, clear: bytes, context: bytes, secret: Callable[[int], bytes]) -> bytes:
    """Encrypt `clear` under a 32-byte key, bound to `context`; returns nonce, ciphertext and tag together."""
    nonce = secret(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Decrypt what `seal` returned. Raises `ErasedError` when the key or context is another, or a bit was changed."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise ErasedError("The key does not open this record.") from error


@dataclass(frozen=True, slots=True)
class ItemKey:
    """The key of one document or object: `clear` to use now, `wrapped` to keep beside it."""

    clear: bytes
    wrapped: bytes

    def __repr__(self) -> str:
        """Never show the key."""
        return "ItemKey(…)"


class Keyring:
    """Makes, opens and re-wraps item keys. One per process; clear subject keys are cached for seconds."""

    def __init__(
        self,
        master: MasterKey,
        wrapped: WrappedKeys,
        *,
        secret: Callable[[int], bytes],
        monotonic: Callable[[], float],
    ) -> None:
        """Take the master key, the store of wrapped keys, a source of random bytes and a monotonic clock (seconds)."""
        self._master = master
        self._wrapped = wrapped
        self._secret = secret
        self._monotonic = monotonic
        self._cache: OrderedDict[tuple[str, str], tuple[float, bytes]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def new_item_key(self, clinic_id: ClinicId, subject: SubjectId, context: bytes) -> ItemKey:
        """Make a key for a new item; creates the subject's key on first use. Raises `ErasedError`."""
        subject_key = await self._subject_key(clinic_id, subject, create=True)
        clear = self._secret(KEY_BYTES)
        return ItemKey(clear, seal(subject_key, clear, _bound(clinic_id, subject, context), self._secret))

    async def open_item_key(self, clinic_id: ClinicId, subject: SubjectId, wrapped: bytes, context: bytes) -> bytes:
        """Open an item key kept beside its item. Raises `ErasedError` when the subject's key is gone."""
        subject_key = await self._subject_key(clinic_id, subject, create=False)
        return unseal(subject_key, wrapped, _bound(clinic_id, subject, context))

    async def fetch(self, clinic_id: ClinicId, subjects: Collection[SubjectId]) -> None:
        """Have the keys of these subjects in memory, with one question to the key store; those that are gone are not.

        More than half of what fits into memory is not fetched: it would push itself out.
        """
        missing = [one for one in subjects if self._cached(clinic_id, one) is None]
        if len(missing) < 2 or len(missing) > _CACHE_KEYS // 2:
            return
        async with self._lock:
            clinic_key = await self._clinic_key(clinic_id)
            wrapped = await self._wrapped.get_many(clinic_id, missing)
            for subject, kept in wrapped.items():
                context = f"auscult/subject/{clinic_id}/{subject}".encode()
                with suppress(ErasedError):  # whoever opens the record is told
                    self._keep(clinic_id, subject, unseal(clinic_key, kept, context))

    async def rewrap(
        self,
        clinic_id: ClinicId,
        wrapped: bytes,
        *,
        old: SubjectId,
        new: SubjectId,
        context: bytes,
        new_context: bytes | None = None,
    ) -> bytes:
        """Wrap an item's key for another subject, and for `new_context` when it moves; the item is not touched."""
        clear = await self.open_item_key(clinic_id, old, wrapped, context)
        subject_key = await self._subject_key(clinic_id, new, create=True)
        bound = _bound(clinic_id, new, context if new_context is None else new_context)
        return seal(subject_key, clear, bound, self._secret)

    async def derive(self, clinic_id: ClinicId, purpose: str) -> bytes:
        """A 32-byte key of the clinic for one purpose (keyed hashes, signatures): HKDF-SHA256, RFC 5869."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        clinic_key = await self._clinic_key(clinic_id)
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"auscult/{purpose}".encode()).derive(clinic_key)

    async def destroy_subject(self, clinic_id: ClinicId, subject: SubjectId) -> None:
        """Destroy a subject's key for good. Everything sealed under it is unreadable from then on."""
        async with self._lock:
            await self._wrapped.destroy(clinic_id, subject)
            self._cache.pop((clinic_id, subject), None)

    async def is_destroyed(self, clinic_id: ClinicId, subject: SubjectId) -> bool:
        """Tell whether a subject's key was destroyed on purpose, rather than lost."""
        return subject in await self._wrapped.destroyed(clinic_id)

    async def _clinic_key(self, clinic_id: ClinicId) -> bytes:
        cached = self._cached(clinic_id, "clinic")
        if cached is not None:
            return cached
        context = f"auscult/clinic/{clinic_id}".encode()
        wrapped = await self._wrapped.get(clinic_id, "clinic")
        if wrapped is None:
            fresh = await self._master.wrap(self._secret(KEY_BYTES), context)
            wrapped = await self._wrapped.create(clinic_id, "clinic", fresh)
        return self._keep(clinic_id, "clinic", await self._master.unwrap(wrapped, context))

    async def _subject_key(self, clinic_id: ClinicId, subject: SubjectId, *, create: bool) -> bytes:
        cached = self._cached(clinic_id, subject)
        if cached is not None:
            return cached
        async with self._lock:
            clinic_key = await self._clinic_key(clinic_id)
            context = f"auscult/subject/{clinic_id}/{subject}".encode()
            wrapped = await self._wrapped.get(clinic_id, subject)
            if wrapped is None:
                if not create:
                    raise ErasedError("The key of this record's owner is gone.")
                fresh = seal(clinic_key, self._secret(KEY_BYTES), context, self._secret)
                wrapped = await self._wrapped.create(clinic_id, subject, fresh)
            return self._keep(clinic_id, subject, unseal(clinic_key, wrapped, context))

    def _cached(self, clinic_id: str, name: str) -> bytes | None:
        kept = self._cache.get((clinic_id, name))
        if kept is None or self._monotonic() - kept[0] > _CACHE_SECONDS:
            return None
        self._cache.move_to_end((clinic_id, name))
        return kept[1]

    def _keep(self, clinic_id: str, name: str, clear: bytes) -> bytes:
        self._cache[clinic_id, name] = (self._monotonic(), clear)
        while len(self._cache) > _CACHE_KEYS:
            self._cache.popitem(last=False)
        return clear


def _bound(clinic_id: str, subject: str, context: bytes) -> bytes:
    return b"|".join((b"auscult/item", clinic_id.encode(), subject.encode(), context))
