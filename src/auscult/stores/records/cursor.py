"""Cursors: where the next page of one query starts. Opaque to callers, and good for that query only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from auscult.domain.errors import InvalidError

_DIGEST_CHARACTERS = 16


def encode(query: tuple[object, ...], position: tuple[str, ...]) -> str:
    """Make a cursor of what identifies the query and the sort columns of the last row of its page."""
    return base64.urlsafe_b64encode(json.dumps([_digest(query), *position]).encode()).decode().rstrip("=")


def decode(query: tuple[object, ...], cursor: str, columns: int) -> tuple[str, ...]:
    """Read a cursor of the same query back. Raises `InvalidError` for any other text."""
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        digest, *position = parts
    except (binascii.Error, ValueError, TypeError, RecursionError):
        digest, position = None, []
    if digest != _digest(query) or len(position) != columns or not all(isinstance(part, str) for part in position):
        raise InvalidError(
            "This cursor does not belong to this list.", remedy="Ask for the first page again, without a cursor."
        )
    return tuple(position)


def _digest(query: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps(query).encode()).hexdigest()[:_DIGEST_CHARACTERS]
