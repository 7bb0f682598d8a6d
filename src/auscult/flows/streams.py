"""Bridges between stored bytes, which are async, and engines, which are not. Memory stays bounded on both sides."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Executor
from typing import Final, TypeVar

from auscult.stores.objects import ClinicObjects

_READ_AHEAD: Final = 1024 * 1024
"""Bytes fetched at once when an engine reads sequentially: few round trips, little memory."""
_QUEUED_BLOCKS: Final = 8

T = TypeVar("T")


class ObjectReader:
    """A stored object as a seekable, synchronous file for an engine that runs in a thread of its own.

    Must not be read from the event loop's thread: it would wait for itself.
    """

    def __init__(self, objects: ClinicObjects, key: str, size: int, loop: asyncio.AbstractEventLoop) -> None:
        """Read `key` of `size` clear bytes through `loop`, on which the objects live."""
        self._objects = objects
        self._key = key
        self._size = size
        self._loop = loop
        self._position = 0
        self._buffer = b""
        self._buffer_start = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes from the position; empty at the end."""
        wanted = self._size - self._position if size < 0 else min(size, self._size - self._position)
        if wanted <= 0:
            return b""
        offset = self._position - self._buffer_start
        if not 0 <= offset < len(self._buffer):
            self._fill(wanted)
            offset = 0
        piece = self._buffer[offset : offset + wanted]
        self._position += len(piece)
        return piece

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move, as `io.IOBase.seek`; returns the new position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def _fill(self, wanted: int) -> None:
        end = min(self._size, self._position + max(wanted, _READ_AHEAD))
        future = asyncio.run_coroutine_threadsafe(self._fetch(self._position, end), self._loop)
        self._buffer = future.result()
        self._buffer_start = self._position

    async def _fetch(self, start: int, end: int) -> bytes:
        return b"".join([piece async for piece in self._objects.read(self._key, start, end)])


async def in_thread(
    produce: Callable[[], Iterator[T]], *, threads: Executor | None = None, waiting: int = _QUEUED_BLOCKS
) -> AsyncGenerator[T]:
    """Run a blocking generator in a thread and yield what it yields; a slow consumer slows it down.

    `threads` is where it runs (none: where all blocking calls do), and `waiting` how many items it may be ahead. When
    the consumer stops, the generator is closed at its next item. Its exceptions arrive here.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[T | None, BaseException | None, bool]] = asyncio.Queue(waiting)
    stopped = threading.Event()

    def put(item: T | None, error: BaseException | None, last: bool) -> None:
        asyncio.run_coroutine_threadsafe(queue.put((item, error, last)), loop).result()

    def run() -> None:
        try:
            for item in produce():
                if stopped.is_set():
                    return
                put(item, None, False)
        except BaseException as error:  # whatever it was, it belongs to the consumer
            if not stopped.is_set():
                put(None, error, True)
            return
        if not stopped.is_set():
            put(None, None, True)

    worker = loop.run_in_executor(threads, run)
    try:
        while True:
            item, error, last = await queue.get()
            if error is not None:
                raise error
            if last:
                return
            yield item  # type: ignore[misc]  # only the last entry carries no item
    finally:
        stopped.set()
        while not queue.empty():
            queue.get_nowait()
        await asyncio.wait([worker], timeout=30)


async def cancellable(run: Callable[[Callable[[], bool]], T]) -> T:
    """Run a blocking call in a thread; when this task is cancelled the call is told through its argument.

    The task ends only after the thread has noticed, so that no engine works on unseen.
    """
    cancelled = threading.Event()
    worker = asyncio.get_running_loop().run_in_executor(None, run, cancelled.is_set)
    try:
        return await asyncio.shield(worker)
    except asyncio.CancelledError:
        cancelled.set()
        await asyncio.wait([worker], timeout=30)
        raise
