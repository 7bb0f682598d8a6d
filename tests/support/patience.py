"""Waiting for something real to happen, no longer than it takes."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], bool | Awaitable[bool]], *, seconds: float = 20.0, what: str = "") -> float:
    """Wait until `condition` holds and return how long it took; fail after `seconds`."""
    start = time.monotonic()
    while True:
        held = condition()
        if inspect.isawaitable(held):
            held = await held
        if held:
            return time.monotonic() - start
        if time.monotonic() - start > seconds:
            raise AssertionError(f"still not after {seconds} s: {what or condition}")
        await asyncio.sleep(0.01)
