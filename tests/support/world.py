"""A world that a test decides: the time stands still until it is told to move, ids count up, chance repeats."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from auscult.domain.ambient import Ambient

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Clock:
    """A clock that moves only when told; call it for the time, as `Ambient.now` is called."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Move on by so many seconds and return the new time."""
        self._now += timedelta(seconds=seconds)
        return self._now

    def monotonic(self) -> float:
        """The same time as seconds, for what wants a monotonic clock."""
        return self._now.timestamp()


def sequential_ids() -> Callable[[str], str]:
    """`new_id("REC")` → `REC_01JN…0001` and so on: well-formed ULIDs in the order of their making."""
    numbers = itertools.count(1)

    def new_id(prefix: str) -> str:
        number, text = next(numbers), ""
        for _ in range(16):
            number, digit = divmod(number, 32)
            text = _CROCKFORD[digit] + text
        return f"{prefix}_01JN0000AV{text}"

    return new_id


def ambient_of(clock: Clock, seed: int = 7) -> Ambient:
    """An `Ambient` on that clock, with sequential ids and seeded chance. Keys and nonces stay truly random."""
    return Ambient(now=clock, new_id=sequential_ids(), chance=random.Random(seed).random, secret=os.urandom)
