"""Choosing a recogniser: the best one that is provisioned now, asked again for every recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auscult.engines.speech import Recogniser


class Choice:
    """Recognisers in order of preference. A model that was downloaded meanwhile is found without a restart."""

    def __init__(self, candidates: Callable[[], Sequence[Recogniser]]) -> None:
        """`candidates` returns at least one recogniser, best first; it may answer differently over time."""
        self._candidates = candidates

    def best(self) -> Recogniser:
        """The first one that can be used; when none can, the first, which says what is missing when it is asked."""
        candidates = self._candidates()
        return next((one for one in candidates if one.missing() is None), candidates[0])

    def missing(self) -> str | None:
        """Why the preferred recogniser is not the one in use, with the command that changes that; None when it is."""
        candidates = self._candidates()
        best = self.best()
        if best is candidates[0] and best.missing() is None:
            return None
        return next((sentence for one in candidates if (sentence := one.missing()) is not None), None)
