"""Byte ranges, one at a time.

RFC 9110 section 14: https://www.rfc-editor.org/rfc/rfc9110#section-14
"""

from __future__ import annotations

import re

from auscult.domain.errors import AuscultError

_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")


class RangeError(AuscultError):
    """The range lies outside the bytes that are there."""

    code = "range"
    title = "Range not satisfiable"
    remedy = "Ask for bytes within the size that Content-Range names."


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return `[start, end)`, or None when the whole is to be sent (no header, or one that we may ignore).

    Raises `RangeError` when the range lies outside the size.
    """
    found = _RANGE.match(header.replace(" ", "")) if header else None
    if found is None or (not found[1] and not found[2]):
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
    if start >= size or start >= end:
        raise RangeError("The range lies outside the file.", extras={"size": size})
    return start, end


def content_range(start: int, end: int, size: int) -> str:
    """The Content-Range of `[start, end)`."""
    return f"bytes {start}-{end - 1}/{size}"
