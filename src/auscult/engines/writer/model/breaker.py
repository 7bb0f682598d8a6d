"""Leaves a provider alone for a while after it failed several times, so that notes do not wait for a dead one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

FAILURES: Final = 3
"""In a row, after which a provider is left alone."""
SECONDS: Final = 60.0
"""How long. Then one note may try it; when that fails too, it rests again."""


class Breaker:
    """One provider's. `monotonic` gives seconds that only go forward."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Closed: the provider may be asked."""
        self._monotonic = monotonic
        self._failures = 0
        self._closed_again_at: float | None = None
        self._trying = False

    def take(self) -> bool:
        """Whether the provider may be asked now. After True, one of `succeeded`, `failed` and `released` is called."""
        if self._closed_again_at is None:
            return True
        if self._monotonic() < self._closed_again_at or self._trying:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """Note that the provider answered: the count starts anew."""
        self._failures, self._closed_again_at, self._trying = 0, None, False

    def released(self) -> None:
        """Note that nothing was learnt, as when a person cancelled."""
        self._trying = False

    def failed(self, *, rest: float | None = None) -> None:
        """Note that it failed; `rest` is for how many seconds it asked to be left alone, if it did."""
        self._failures += 1
        self._trying = False
        if rest is not None or self._failures >= FAILURES:
            self._closed_again_at = self._monotonic() + (SECONDS if rest is None else rest)
