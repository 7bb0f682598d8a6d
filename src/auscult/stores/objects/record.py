"""An object's record: what lies beside its sealed bytes, so that filing re-wraps a key and moves nothing.

It holds no patient text, and the hash of the clear bytes only sealed: a hash in the clear would still tell, after a
patient was erased, whether a known document had been theirs. The seal of the hash is bound to the other fields, so a
changed size, content type or date is found; the wrapped key authenticates the subject and the object's key itself.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from auscult.domain.errors import ErasedError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.objects import ObjectInfo
from auscult.stores.objects.sealed import Header, damaged
from auscult.trust.sealing import ItemKey, seal, unseal

_VERSION: Final = 1


def wrapping_context(key: str) -> bytes:
    """What an object's item key is wrapped for; the keyring adds the clinic and the subject."""
    return b"object|" + key.encode()


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """Everything kept about one object. `name` is the writing of its bytes; sizes are of the clear bytes."""

    key: str
    size: int
    content_type: str
    created_at: datetime
    name: str
    header: Header
    subject: SubjectId
    wrapped: bytes
    sealed_hash: bytes = b""

    @classmethod
    def of(
        cls,
        info: ObjectInfo,
        *,
        clinic_id: ClinicId,
        name: str,
        header: Header,
        subject: SubjectId,
        item: ItemKey,
        secret: Callable[[int], bytes],
    ) -> ObjectRecord:
        """The record of an object whose bytes were just written under `name`."""
        bare = cls(info.key, info.size, info.content_type, info.created_at, name, header, subject, item.wrapped)
        clear = bytes.fromhex(info.sha256)
        return replace(bare, sealed_hash=seal(_own_key(item.clear), clear, bare._bound(clinic_id), secret))

    def info(self, clinic_id: ClinicId, item_key: bytes) -> ObjectInfo:
        """What a reader may rely on. Raises `ErasedError` when a field is not as it was written."""
        try:
            clear = unseal(_own_key(item_key), self.sealed_hash, self._bound(clinic_id))
        except ErasedError as error:
            raise damaged() from error
        return ObjectInfo(self.key, self.size, self.content_type, clear.hex(), self.created_at)

    def rewrapped(self, subject: SubjectId, wrapped: bytes) -> Self:
        """The same record, its key wrapped for another subject."""
        return replace(self, subject=subject, wrapped=wrapped)

    def to_json(self) -> bytes:
        """The stored form."""
        kept = {
            **self._fields(),
            "subject": self.subject,
            "wrapped": base64.b64encode(self.wrapped).decode(),
            "sealed_hash": base64.b64encode(self.sealed_hash).decode(),
        }
        return json.dumps(kept, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> ObjectRecord:
        """Read the stored form. Raises `ErasedError` when it is not one, or of a version from the future."""
        try:
            kept = json.loads(data)
            if kept["version"] != _VERSION:
                raise damaged()
            return cls(
                key=str(kept["key"]),
                size=int(kept["size"]),
                content_type=str(kept["content_type"]),
                created_at=datetime.fromisoformat(kept["created_at"]),
                name=str(kept["name"]),
                header=Header.parse(base64.b64decode(kept["header"], validate=True)),
                subject=SubjectId(kept["subject"]),
                wrapped=base64.b64decode(kept["wrapped"], validate=True),
                sealed_hash=base64.b64decode(kept["sealed_hash"], validate=True),
            )
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise damaged() from error

    def _fields(self) -> dict[str, object]:
        return {
            "version": _VERSION,
            "key": self.key,
            "size": self.size,
            "content_type": self.content_type,
            "created_at": self.created_at.isoformat(),
            "name": self.name,
            "header": base64.b64encode(bytes(self.header)).decode(),
        }

    def _bound(self, clinic_id: ClinicId) -> bytes:
        return json.dumps([clinic_id, self._fields()], sort_keys=True, separators=(",", ":")).encode()


def _own_key(item_key: bytes) -> bytes:
    """The key of the record: derived, because the item key's nonces belong to the chunks."""
    return hmac.digest(item_key, b"auscult/object-record", "sha256")
