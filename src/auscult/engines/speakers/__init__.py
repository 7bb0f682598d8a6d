"""The speakers protocol: who speaks when, on one channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from auscult.engines.speech import Region, Samples


class Diariser(Protocol):
    """Tells two voices on one channel apart."""

    def missing(self) -> str | None:
        """None when it can be used now, else one sentence with the command that provisions it."""
        ...

    def label(self, samples: Samples, segments: Sequence[Region]) -> list[int]:
        """Give each segment of one-channel samples, shape (1, n), a voice: 0 or 1, numbered by first appearance.

        All 0 when only one voice is there.
        """
        ...
