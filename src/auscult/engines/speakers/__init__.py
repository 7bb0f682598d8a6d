"""The speakers protocol: who speaks when, on one channel.

In two steps, so that a long recording is handled part by part: voices are described where the sound is, and told
apart once, over the whole recording, from the descriptions alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from auscult.engines.speech import Region, Samples

Voice = NDArray[np.float32]
"""A description of a voice: a unit vector, shape (d,); all zero when the segment is too short to tell."""


class Diariser(Protocol):
    """Tells two voices on one channel apart."""

    def missing(self) -> str | None:
        """None when it can be used now, else one sentence with the command that provisions it."""
        ...

    def embed(self, samples: Samples, segments: Sequence[Region]) -> list[Voice]:
        """Describe the voice in each segment of one-channel samples, shape (1, n); times are those of the samples."""
        ...

    def cluster(self, voices: Sequence[Voice], seconds: Sequence[float]) -> list[int]:
        """Give each segment a voice, 0 or 1, numbered by first appearance; all 0 when only one voice is there.

        `seconds` are the segments' lengths; a voice that is all zero takes its neighbour's label.
        """
        ...
