"""Which keys an object may have, and under which addresses its parts are kept.

An object `key` of `clinic` is two blobs side by side: `<clinic>/<key>!meta` (its record: the wrapped key, never any
patient text) and `<clinic>/<key>!<32 hex digits>` (its sealed bytes, a new name for every writing). `!` is not
allowed in keys, so nothing a caller names can meet a blob of another object; it is in the set that S3 calls safe
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html) and sorts before every character of a key, so
that blobs come in the order of their keys.
"""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.errors import InvalidError
from auscult.domain.ids import ClinicId

MAX_KEY: Final = 200
INTAKE: Final = "intake"
"""Where presigned uploads arrive, clear, until they are adopted: `intake/<clinic>/<key>`."""

_SEGMENT = "[A-Za-z0-9._-]+"
_KEY = re.compile(f"{_SEGMENT}(?:/{_SEGMENT})*")
_PREFIX = re.compile(f"(?:{_SEGMENT}/)*(?:{_SEGMENT})?")
_CLINIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RECORD = "!meta"
_CONTENT_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?: ?; ?[\w!#$&^.+-]+=[\w!#$&^.+,\"-]+)*", re.ASCII)


def checked_key(key: str) -> str:
    """Return `key` if it is one; raises `InvalidError` otherwise (path tricks, foreign characters, too long)."""
    if len(key) > MAX_KEY or not _KEY.fullmatch(key) or _has_dots(key):
        raise _bad_key()
    return key


def checked_prefix(prefix: str) -> str:
    """Return `prefix` if a key can start with it (`""` is every key); raises `InvalidError` otherwise."""
    if len(prefix) > MAX_KEY or not _PREFIX.fullmatch(prefix) or _has_dots(prefix):
        raise _bad_key()
    return prefix


def checked_clinic(clinic_id: str) -> ClinicId:
    """Return the clinic's id if it can name a folder of its own; raises `InvalidError` otherwise."""
    if not _CLINIC.fullmatch(clinic_id) or clinic_id == INTAKE:
        raise InvalidError("This is not a clinic's id.")
    return ClinicId(clinic_id)


def checked_content_type(content_type: str) -> str:
    """Return the content type if it is one (RFC 9110 §8.3.1, at most 120 characters); else raises `InvalidError`."""
    if len(content_type) > 120 or not _CONTENT_TYPE.fullmatch(content_type):
        raise InvalidError("The content type is malformed.", remedy="Send one such as audio/webm or audio/wav.")
    return content_type


def record_address(clinic_id: str, key: str) -> str:
    """Where the object's record is."""
    return f"{clinic_id}/{key}{_RECORD}"


def bytes_address(clinic_id: str, key: str, name: str) -> str:
    """Where one writing of the object's sealed bytes is; `name` is 32 hex digits."""
    return f"{clinic_id}/{key}!{name}"


def intake_address(clinic_id: str, key: str) -> str:
    """Where a presigned upload of that object arrives."""
    return f"{INTAKE}/{clinic_id}/{key}"


def key_of_record(clinic_id: str, address: str) -> str | None:
    """The key whose record this is, or None when it is another blob."""
    key = address.removeprefix(f"{clinic_id}/").removesuffix(_RECORD)
    return key if address == record_address(clinic_id, key) else None


def _has_dots(path: str) -> bool:
    return any(segment in {".", ".."} for segment in path.split("/"))


def _bad_key() -> InvalidError:
    return InvalidError(
        "This is not a valid object key.",
        remedy="Use letters, digits, '.', '_' and '-', in segments divided by '/', at most 200 characters.",
    )
