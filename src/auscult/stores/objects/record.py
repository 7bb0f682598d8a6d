"""An object's record: what lies beside its sealed bytes, so that filing re-wraps a key and moves nothing.

It holds no patient text. Its fields are authenticated under the object's own key, so a changed size, content type or
date is found when the object is read; the wrapped key authenticates the subject and the object's key itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.objects import ObjectInfo
from auscult.stores.objects.sealed import Header, damaged

_VERSION: Final = 1


def wrapping_context(key: str) -> bytes:
    """What an object's item key is wrapped for; the keyring adds the clinic and the subject."""
    return b"object|" + key.encode()


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """Everything kept about one object: `name` is the writing of its bytes, `mark` authenticates the rest."""

    info: ObjectInfo
    name: str
    header: Header
    subject: SubjectId
    wrapped: bytes
    mark: bytes = b""

    def marked(self, clinic_id: ClinicId, item_key: bytes) -> Self:
        """The same record with its fields authenticated under the object's key."""
        return replace(self, mark=self._mark(clinic_id, item_key))

    def check(self, clinic_id: ClinicId, item_key: bytes) -> None:
        """Raise `ErasedError` when a field is not as it was marked."""
        if not hmac.compare_digest(self.mark, self._mark(clinic_id, item_key)):
            raise damaged()

    def rewrapped(self, subject: SubjectId, wrapped: bytes) -> Self:
        """The same record, its key wrapped for another subject."""
        return replace(self, subject=subject, wrapped=wrapped)

    def to_json(self) -> bytes:
        """The stored form."""
        kept = {
            **self._fields(),
            "subject": self.subject,
            "wrapped": base64.b64encode(self.wrapped).decode(),
            "mark": base64.b64encode(self.mark).decode(),
        }
        return json.dumps(kept, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> ObjectRecord:
        """Read the stored form. Raises `ErasedError` when it is not one."""
        try:
            kept = json.loads(data)
            if kept["version"] != _VERSION:
                raise damaged()
            return cls(
                info=ObjectInfo(
                    key=str(kept["key"]),
                    size=int(kept["size"]),
                    content_type=str(kept["content_type"]),
                    sha256=str(kept["sha256"]),
                    created_at=datetime.fromisoformat(kept["created_at"]),
                ),
                name=str(kept["name"]),
                header=Header.parse(base64.b64decode(kept["header"], validate=True)),
                subject=SubjectId(kept["subject"]),
                wrapped=base64.b64decode(kept["wrapped"], validate=True),
                mark=base64.b64decode(kept["mark"], validate=True),
            )
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise damaged() from error

    def _fields(self) -> dict[str, object]:
        return {
            "version": _VERSION,
            "key": self.info.key,
            "size": self.info.size,
            "content_type": self.info.content_type,
            "sha256": self.info.sha256,
            "created_at": self.info.created_at.isoformat(),
            "name": self.name,
            "header": base64.b64encode(bytes(self.header)).decode(),
        }

    def _mark(self, clinic_id: ClinicId, item_key: bytes) -> bytes:
        # the item key seals chunks; a key derived from it signs, so that no key has two jobs
        signing = hmac.digest(item_key, b"auscult/object-record", "sha256")
        fields = json.dumps([clinic_id, self._fields()], sort_keys=True, separators=(",", ":")).encode()
        return hmac.digest(signing, fields, hashlib.sha256)
