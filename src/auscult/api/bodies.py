"""Request bodies that are bytes: read as a stream, never more than allowed, whatever was declared."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import Request

from auscult.domain.errors import InvalidError, TooLargeError


def refuse_declared(request: Request, max_bytes: int) -> None:
    """Refuse by Content-Length before a byte is read. Raises `TooLargeError`, `InvalidError`."""
    declared = request.headers.get("content-length")
    if declared is None:
        return
    if not (declared.isascii() and declared.isdigit()):
        raise InvalidError("Content-Length is not a number.")
    if int(declared) > max_bytes:
        raise TooLargeError("The upload is larger than allowed.", extras={"max_bytes": max_bytes})


async def stream(request: Request, max_bytes: int) -> AsyncIterator[bytes]:
    """The body, piece by piece. Raises `TooLargeError` as soon as there is more than `max_bytes`."""
    taken = 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > max_bytes:
            raise TooLargeError("The upload is larger than allowed.", extras={"max_bytes": max_bytes})
        yield piece


async def whole(request: Request, max_bytes: int) -> bytes:
    """The body as one piece, for small ones. Raises `TooLargeError`."""
    refuse_declared(request, max_bytes)
    return b"".join([piece async for piece in stream(request, max_bytes)])
