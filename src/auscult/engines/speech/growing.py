"""A recording that is still being made, as something a decoder can read: slices go in while samples come out."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from auscult.domain.errors import CancelledError

_LIMIT: Final = 16 << 20
"""Bytes that may wait unread, so that a stalled decoder holds its writer back and not the memory."""


class GrowingBytes:
    """A pipe between the thread that receives slices and the thread that decodes them.

    `read` waits until there is something to read, and returns nothing only after `close`. What was read is let go of,
    so it cannot seek: WebM, Ogg, MP3, AAC, WAV and fragmented MP4 need no seeking.
    """

    def __init__(self, *, limit: int = _LIMIT) -> None:
        self._waiting: deque[bytes] = deque()
        self._held = 0
        self._limit = limit
        self._closed = False
        self._aborted = False
        self._abort_told = False
        self._changed = threading.Condition()

    def write(self, data: bytes) -> None:
        """Add the next bytes; waits while more than the limit is unread. Raises `ValueError` once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._held < self._limit or self._closed)
            if self._closed:
                raise ValueError("the recording has ended")
            if data:
                self._waiting.append(data)
                self._held += len(data)
                self._changed.notify_all()

    def close(self) -> None:
        """Say that no more will come; the reader gets the rest and then the end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abort(self) -> None:
        """Let go of everything; the reader gets a `CancelledError`."""
        with self._changed:
            self._closed = self._aborted = True
            self._waiting.clear()
            self._held = 0
            self._changed.notify_all()

    def read(self, size: int = -1, /) -> bytes:
        """Return 1 to `size` bytes, waiting for them; empty at the end.

        Raises `CancelledError` once after `abort`: ffmpeg goes on reading after an error, and then is at the end.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._aborted and not self._abort_told:
                self._abort_told = True
                raise CancelledError("The recording was discarded while it was being read.")
            if not self._waiting:
                return b""
            piece = self._waiting.popleft()
            if 0 <= size < len(piece):
                self._waiting.appendleft(piece[size:])
                piece = piece[:size]
            self._held -= len(piece)
            self._changed.notify_all()
            return piece
