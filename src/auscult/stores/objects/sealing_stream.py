"""Seals a stream while it flows, counting and hashing what it was, with bounded memory."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from auscult.domain.errors import TooLargeError
from auscult.stores.objects.sealed import Header, Sealer

_PART_BYTES: Final = 1 << 20
"""How many clear bytes are sealed and handed on at a time; what a put holds in memory is a few of these."""
_INLINE_BYTES: Final = 1 << 16
"""Below this, sealing takes less time than a thread takes to answer."""


class SealingStream:
    """Seals a stream while counting and hashing what it was."""

    def __init__(self, key: bytes, header: Header, threads: ThreadPoolExecutor) -> None:
        """Take the object's key and header, and the threads to seal on."""
        self.size = 0
        self._header = header
        self._sealer = Sealer(key, header)
        self._hash = hashlib.sha256()
        self._threads = threads

    @property
    def sha256(self) -> str:
        """Of the clear bytes that came so far, in hex digits."""
        return self._hash.hexdigest()

    async def parts(self, data: AsyncIterable[bytes], max_bytes: int) -> AsyncGenerator[bytes]:
        """The sealed form, in parts; raises `TooLargeError` with the piece that exceeds `max_bytes`."""
        yield bytes(self._header)
        held = bytearray()
        async for piece in data:
            self.size += len(piece)
            if self.size > max_bytes:
                raise too_large()
            for offset in range(0, len(piece), _PART_BYTES):
                held += piece[offset : offset + _PART_BYTES]
                if len(held) >= _PART_BYTES:
                    yield await self._seal(bytes(held))
                    held.clear()
        if held:
            yield await self._seal(bytes(held))
        yield self._sealer.finish()

    async def _seal(self, clear: bytes) -> bytes:
        return await aside(self._threads, len(clear), lambda: self._seal_now(clear))

    def _seal_now(self, clear: bytes) -> bytes:
        self._hash.update(clear)
        return self._sealer.add(clear)


async def aside(threads: ThreadPoolExecutor, size: int, work: Callable[[], bytes]) -> bytes:
    """Run work on `size` bytes on a thread, or here when it is too small for that to pay."""
    return work() if size <= _INLINE_BYTES else await asyncio.get_running_loop().run_in_executor(threads, work)


def too_large() -> TooLargeError:
    """The error for more bytes than were granted."""
    return TooLargeError("The object is larger than this link or request allows.")
