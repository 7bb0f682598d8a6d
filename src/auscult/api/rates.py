"""How often somebody may call: per key, per person, and per address that nobody is signed in from."""

from __future__ import annotations

import time
from typing import Final

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from auscult.domain.actor import Actor
from auscult.domain.errors import TooManyRequestsError

_log = structlog.get_logger(__name__)

KEY: Final = RateLimitItemPerSecond(50, 5)
"""Ten a second with bursts of fifty, for another system's key."""
PERSON: Final = RateLimitItemPerSecond(600, 10)
"""Sixty a second: a browser that was offline sends an hour of one-second slices in a minute."""
STRANGER: Final = RateLimitItemPerSecond(120, 60)
"""Two a second from an address: sign-ins, forged cookies, guessed links. A clinic's people share one address."""


class Rates:
    """Counts calls in this process, or in a Redis or Valkey that several share."""

    def __init__(self, url: str = "", *, off: bool = False) -> None:
        """`url` is empty (this process) or `redis://…`; `off` counts nothing."""
        self._off = off
        self._limiter = MovingWindowRateLimiter(
            storage_from_string(f"async+{url}", implementation="redispy") if url else MemoryStorage()
        )

    async def count_caller(self, actor: Actor, *, key: bool) -> None:
        """Count a call of somebody who is known. Raises `TooManyRequestsError`."""
        await self._count(KEY if key else PERSON, f"{actor.clinic_id}/{actor.user_id}")

    async def count_stranger(self, address: str) -> None:
        """Count a call of somebody who is not known, or a sign-in. Raises `TooManyRequestsError`."""
        await self._count(STRANGER, f"address/{address}")

    async def _count(self, limit: RateLimitItem, who: str) -> None:
        if self._off:
            return
        try:
            if await self._limiter.hit(limit, who):
                return
            reset, _left = await self._limiter.get_window_stats(limit, who)
        except Exception as error:
            # A clinic whose counter is down goes on working: what it guards has locks of its own.
            _log.warning("rates_not_counted", kind=type(error).__name__)
            return
        raise TooManyRequestsError("You call more often than is allowed.", retry_after=reset - time.time())
