"""Plan the parts that a long recording is recognised in: cut where nobody speaks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

from auscult.engines.speech import Region


def plan_parts(regions: Sequence[Region], max_seconds: float) -> list[list[Region]]:
    """Group regions into parts that span at most `max_seconds`, in order, cut at the longest pause that fits.

    Regions are seconds, in order and not overlapping. Speech is cut only where one region alone is longer than a part;
    then it is cut into equal pieces. Raises `ValueError` when `max_seconds` is not positive.
    """
    if max_seconds <= 0:
        raise ValueError("a part must have a length")
    left = [piece for region in regions for piece in _pieces(region, max_seconds)]
    parts: list[list[Region]] = []
    first = 0
    while first < len(left):
        limit = left[first].start + max_seconds
        fitting = first + 1
        while fitting < len(left) and left[fitting].end <= limit:
            fitting += 1
        cut = fitting if fitting == len(left) else _best_cut(left, first, fitting, limit - max_seconds / 2)
        parts.append(left[first:cut])
        first = cut
    return parts


def _pieces(region: Region, max_seconds: float) -> list[Region]:
    count = max(1, ceil((region.end - region.start) / max_seconds - 1e-9))
    edges = [region.start + (region.end - region.start) * number / count for number in range(count)] + [region.end]
    return [Region(start, end) for start, end in pairwise(edges)]


def _best_cut(regions: Sequence[Region], first: int, fitting: int, earliest: float) -> int:
    """The index to cut before: the longest pause after `earliest`, or the last that fits; late ones win a tie."""
    possible = [index for index in range(first + 1, fitting + 1) if regions[index - 1].end >= earliest] or [fitting]
    return max(possible, key=lambda index: (regions[index].start - regions[index - 1].end, index))
