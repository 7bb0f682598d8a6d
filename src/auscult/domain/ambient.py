"""What the world supplies and tests replace: the time, a fresh id, chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ambient:
    """Injected wherever time, ids or chance are needed, so that a test decides all three.

    `now` returns an aware UTC time; `new_id("REC")` a fresh `REC_…` identifier; `chance()` a float in [0, 1);
    `secret(n)` n unpredictable bytes (keys, nonces, tokens).
    """

    now: Callable[[], datetime]
    new_id: Callable[[str], str]
    chance: Callable[[], float]
    secret: Callable[[int], bytes]
