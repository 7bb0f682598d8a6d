"""Documents as they lie in a database: an item key wrapped for its subject, and a body sealed under it.

The wrapping of the item key is bound to the clinic, the subject and the place of the document (its type and both key
columns), the body to its item key, type and schema version. So a body, or a body with its key, that is copied to
another row does not open, while filing under another subject only has to wrap the same key anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from auscult.domain.errors import UnavailableError
from auscult.domain.ids import ClinicId, SubjectId
from auscult.stores.records import Key, TableSpec
from auscult.trust.sealing import ItemKey, Keyring, seal, unseal

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """The columns of a document that hold its content. `subject` is whose key wraps `wrapped_key`."""

    subject: SubjectId
    schema_version: int
    wrapped_key: bytes
    body: bytes


class Sealer:
    """Seals and opens the documents of one clinic."""

    def __init__(self, keyring: Keyring, secret: Callable[[int], bytes], clinic_id: ClinicId) -> None:
        """Take the keyring, a source of random bytes and the clinic."""
        self._keyring = keyring
        self._secret = secret
        self._clinic_id = clinic_id

    async def seal(self, spec: TableSpec[Any], key: Key, value: BaseModel) -> SealedDocument:
        """Seal an entity under a fresh item key. Raises `ErasedError` when its subject was erased."""
        subject = spec.subject(value)
        item = await self._keyring.new_item_key(self._clinic_id, subject, _place(spec, key))
        return self._sealed(spec, subject, item, value)

    async def open(self, spec: TableSpec[T], key: Key, document: SealedDocument) -> T:
        """Open a document and upcast it to the newest schema.

        Raises `ErasedError` when its subject was erased or it is not in its own place, and `UnavailableError` when
        this version of Auscult cannot read it.
        """
        _, clear = await self._clear(spec, key, document)
        return _entity(spec, document.schema_version, clear)

    async def refile(
        self, spec: TableSpec[Any], old: Key, new: Key, document: SealedDocument, value: BaseModel
    ) -> SealedDocument:
        """Wrap a document's item key for the owner of `value`, and keep the sealed body unless `value` differs.

        Raises `ErasedError` when the old or the new subject was erased.
        """
        subject = spec.subject(value)
        clear_key, clear = await self._clear(spec, old, document)
        wrapped = await self._keyring.rewrap(
            self._clinic_id,
            document.wrapped_key,
            old=document.subject,
            new=subject,
            context=_place(spec, old),
            new_context=_place(spec, new),
        )
        if document.schema_version == spec.schema_version and clear == _json(value):
            return SealedDocument(subject, document.schema_version, wrapped, document.body)
        return self._sealed(spec, subject, ItemKey(clear_key, wrapped), value)

    async def fetch_keys(self, subjects: Collection[SubjectId]) -> None:
        """Have the keys of these subjects at hand, asked for at once: opening their documents then asks no more."""
        await self._keyring.fetch(self._clinic_id, subjects)

    async def is_erased(self, subject: SubjectId) -> bool:
        """Tell whether a subject was erased on purpose (as opposed to a key that is missing or wrong)."""
        return await self._keyring.is_destroyed(self._clinic_id, subject)

    def _sealed(self, spec: TableSpec[Any], subject: SubjectId, item: ItemKey, value: BaseModel) -> SealedDocument:
        body = seal(item.clear, _json(value), _content(spec, spec.schema_version), self._secret)
        return SealedDocument(subject, spec.schema_version, item.wrapped, body)

    async def _clear(self, spec: TableSpec[Any], key: Key, document: SealedDocument) -> tuple[bytes, bytes]:
        item_key = await self._keyring.open_item_key(
            self._clinic_id, document.subject, document.wrapped_key, _place(spec, key)
        )
        return item_key, unseal(item_key, document.body, _content(spec, document.schema_version))


def _place(spec: TableSpec[Any], key: Key) -> bytes:
    # JSON, so that no two places read alike ("a|b" + "c" and "a" + "b|c").
    return json.dumps(["auscult/document", spec.name, key.partition, key.sort]).encode()


def _content(spec: TableSpec[Any], schema_version: int) -> bytes:
    return json.dumps(["auscult/body", spec.name, schema_version]).encode()


def _json(value: BaseModel) -> bytes:
    return value.model_dump_json().encode()


def _entity(spec: TableSpec[T], schema_version: int, clear: bytes) -> T:
    if schema_version > spec.schema_version:
        raise UnavailableError(
            f"A {spec.name} was written by a newer version of Auscult.",
            remedy="Install that version or a later one on this machine, then open it again.",
        )
    try:
        if schema_version == spec.schema_version:
            return spec.model.model_validate_json(clear)
        body = json.loads(clear)
        for version in range(schema_version, spec.schema_version):
            body = spec.upcasters[version](body)
        return spec.model.model_validate_json(json.dumps(body))
    except (ValidationError, KeyError, TypeError, ValueError):
        # What they say quotes the body, which is patient text: nothing of it may go further.
        problem = UnavailableError(
            f"A {spec.name} of schema version {schema_version} cannot be read as version {spec.schema_version}.",
            remedy="Nothing was changed. Report this with both version numbers.",
        )
    raise problem
