"""The real world for `Ambient`: the system clock, ULIDs, the operating system's randomness."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime

from ulid import ULID

from auscult.domain.ambient import Ambient


def real_ambient() -> Ambient:
    """Now, fresh ids, chance and secrets, for everything but tests."""
    return Ambient(
        now=lambda: datetime.now(UTC),
        new_id=lambda prefix: f"{prefix}_{ULID()}",
        chance=secrets.SystemRandom().random,
        secret=os.urandom,
    )
