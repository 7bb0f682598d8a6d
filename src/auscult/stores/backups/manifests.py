"""Reading and writing what a backup says of itself, and proving it with the backup's own key."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from auscult.domain.errors import ErasedError, UnavailableError
from auscult.stores.backups import FORMAT, KeysManifest, Manifest
from auscult.stores.backups.sealed_parts import damaged
from auscult.stores.secrets import MasterKey

MANIFEST: Final = "manifest.json"
M = TypeVar("M", Manifest, KeysManifest)


def key_context(manifest: Manifest | KeysManifest) -> bytes:
    """What a backup's key is wrapped for."""
    return f"auscult/backup/{manifest.clinic_id}/{manifest.id}".encode()


async def with_key(manifest: M, key: bytes, master: MasterKey) -> M:
    """The manifest with its key, wrapped by the master key, and the proof of all of it."""
    wrapped = base64.b64encode(await master.wrap(key, key_context(manifest))).decode()
    bare = manifest.model_copy(update={"wrapped_key": wrapped, "mac": ""})
    return bare.model_copy(update={"mac": _mac(bare, key)})


async def key_of(manifest: Manifest | KeysManifest, master: MasterKey) -> bytes:
    """The backup's key. Raises `ErasedError` for another master key, `UnavailableError` for a changed manifest."""
    try:
        wrapped = base64.b64decode(manifest.wrapped_key, validate=True)
    except binascii.Error as error:
        raise damaged(MANIFEST, "was changed") from error
    try:
        key = await master.unwrap(wrapped, key_context(manifest))
    except ErasedError as error:
        raise ErasedError(
            f"This backup does not open with the master key of this machine ({master.key_id}). {error.reason}",
            remedy="Put the clinic's own master key in place: `auscult keys recover FILE`, FILE being its escrow copy.",
        ) from error
    bare = manifest.model_copy(update={"mac": ""})
    if not hmac.compare_digest(_mac(bare, key), manifest.mac):
        raise damaged(MANIFEST, "was changed")
    return key


def write_manifest(path: Path, manifest: Manifest | KeysManifest) -> None:
    """Write it at once and durably: it is there whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_manifest(path: Path, kind: type[M]) -> M:
    """Read one. Raises `UnavailableError` when it cannot be read, is none, or is of a newer version of Auscult."""
    try:
        text = path.read_text("utf-8")
        newer = int(json.loads(text)["format"]) > FORMAT
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path.name, "cannot be read") from error
    if newer:
        raise UnavailableError(
            "This backup was made by a newer version of Auscult.",
            remedy="Install that version or a later one on this machine, then restore it.",
        )
    problem = None
    try:
        return kind.model_validate_json(text)
    except ValidationError:
        problem = damaged(path.name, "was changed")
    raise problem


def _mac(manifest: Manifest | KeysManifest, key: bytes) -> str:
    return hmac.digest(key, b"auscult/manifest|" + manifest.model_dump_json().encode(), "sha256").hex()
