"""Plan the parts that a long recording is recognised in: cut where nobody speaks, and while it still goes on.

`PartPlanner` is told of speech as it is found and hands out each part once nothing that may still come can change it;
`plan_parts` is the same planner told everything at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, inf

from auscult.engines.speech import Region


class PartPlanner:
    """Groups regions into parts that span at most `max_seconds`, in order, cut at the longest pause that fits.

    Speech is cut only where one region alone is longer than a part; then it is cut into equal pieces.
    """

    def __init__(self, max_seconds: float) -> None:
        """Raises `ValueError` when `max_seconds` is not positive."""
        if max_seconds <= 0:
            raise ValueError("a part must have a length")
        self._longest = max_seconds
        self._left: list[Region] = []

    @property
    def open_since(self) -> float | None:
        """Where the speech that is in no part yet begins, in seconds; None when there is none."""
        return self._left[0].start if self._left else None

    def feed(self, regions: Sequence[Region], *, settled: float = 0.0) -> list[list[Region]]:
        """Take the next regions (seconds, in order, not overlapping) and return the parts that are closed now.

        No region still to come begins before `settled` (infinity: none comes): a part is closed, too, when so much
        silence has followed that nothing can join it.
        """
        self._left += [piece for region in regions for piece in _pieces(region, self._longest)]
        return list(self._closed(settled))

    def _closed(self, settled: float) -> Iterator[list[Region]]:
        while self._left:
            limit = self._left[0].start + self._longest
            fitting = 1
            while fitting < len(self._left) and self._left[fitting].end <= limit:
                fitting += 1
            following = self._left[fitting].start if fitting < len(self._left) else None
            if following is None and settled <= limit:
                return  # what comes next may fit
            cut = self._best_cut(fitting, limit - self._longest / 2, settled if following is None else following)
            if following is None and cut < fitting:
                return  # the pause that has begun may become the longest
            yield self._left[:cut]
            del self._left[:cut]

    def _best_cut(self, fitting: int, earliest: float, following: float) -> int:
        """The index to cut before: the longest pause after `earliest`, or the last that fits; late ones win a tie.

        `following` is where the first region that does not fit begins.
        """
        starts = [*(one.start for one in self._left[:fitting]), following]
        possible = [at for at in range(1, fitting + 1) if self._left[at - 1].end >= earliest] or [fitting]
        return max(possible, key=lambda at: (starts[at] - self._left[at - 1].end, at))


class Union:
    """Speech in any of several channels: their regions, merged where they overlap or touch."""

    def __init__(self) -> None:
        self._waiting: list[Region] = []

    def feed(self, regions: Sequence[Region], *, settled: float) -> list[Region]:
        """Take regions of any channel and return the merged ones that nothing can change any more, in order.

        No region still to come, of whichever channel, begins before `settled`: infinity says that none comes.
        """
        merged: list[Region] = []
        for region in sorted([*self._waiting, *regions], key=lambda one: one.start):
            if merged and region.start <= merged[-1].end:
                merged[-1] = Region(merged[-1].start, max(merged[-1].end, region.end))
            else:
                merged.append(region)
        self._waiting = [region for region in merged if region.end >= settled]
        return [region for region in merged if region.end < settled]

    @property
    def open_since(self) -> float | None:
        """Where the first region that still waits begins, in seconds; None when none does."""
        return self._waiting[0].start if self._waiting else None


def plan_parts(regions: Sequence[Region], max_seconds: float) -> list[list[Region]]:
    """The parts of a whole recording: what a `PartPlanner` makes of regions in seconds, in order, not overlapping.

    Raises `ValueError` when `max_seconds` is not positive.
    """
    return PartPlanner(max_seconds).feed(regions, settled=inf)


def _pieces(region: Region, max_seconds: float) -> list[Region]:
    count = max(1, ceil((region.end - region.start) / max_seconds - 1e-9))
    edges = [region.start + (region.end - region.start) * number / count for number in range(count)] + [region.end]
    return [Region(start, end) for start, end in pairwise(edges)]
