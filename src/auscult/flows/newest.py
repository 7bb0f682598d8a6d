"""Changing what others change at the same time: over the newest state, until nobody came between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from auscult.domain.errors import AuscultError, ConflictError

T = TypeVar("T")

_TRIES: Final = 500
"""How often a change is tried again when others came between. Each try that fails is one that somebody else won."""


class RefusedError(Exception):
    """Carries a refusal that trying again would not change past the loop."""

    def __init__(self, error: AuscultError) -> None:
        """`error` is what the caller gets."""
        super().__init__(error.reason)
        self.error = error


async def until_it_holds(once: Callable[[], Awaitable[T]]) -> T:
    """Do `once`, which reads and writes, again while it meets a `ConflictError`; what it refuses with is raised."""
    for _ in range(_TRIES):
        try:
            return await once()
        except RefusedError as refused:
            raise refused.error from None
        except ConflictError:
            continue
    raise ConflictError("This is being changed too often at the same time.")
