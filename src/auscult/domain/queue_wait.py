"""How long somebody in the queue will wait: an estimate, and never more than that.

With k clinicians at work, consultations of m minutes in the mean, and n people before somebody, one of the k becomes
free every m/k minutes. The first to become free does so after m/(k+1) minutes in the mean where all are busy, as the
smallest of k numbers that are even between 0 and m. So the estimate is m/(k+1) + n*m/k minutes, or 0 where a clinician
is free and nobody is before. `m` leans towards `USUAL` until a clinic has shown how long its own consultations are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

USUAL: Final = 12.0
"""Minutes of a consultation before anything is known of a clinic: between what countries report, under a minute to over
twenty in the mean (Irving et al. 2017, https://doi.org/10.1136/bmjopen-2017-017902)."""
WORTH: Final = 3
"""How many consultations of its own weigh as much as `USUAL`."""
RECENT: Final = 20
"""The last consultations that count: a morning of one clinician."""
SHORTEST, LONGEST = 1.0, 60.0
"""Minutes: a slip of the finger is no consultation, and one that was never ended is no measure of the next."""


def consultation_minutes(durations: Sequence[float]) -> float:
    """How long the next consultation will be in the mean, from the lengths of earlier ones in minutes, newest last."""
    recent = [min(max(one, SHORTEST), LONGEST) for one in durations[-RECENT:]]
    return (WORTH * USUAL + sum(recent)) / (WORTH + len(recent))


def estimated_wait(before: int, durations: Sequence[float], *, clinicians: int, busy: int) -> float:
    """Minutes until somebody with `before` people ahead is called.

    `clinicians` are at work, and `busy` of them see somebody; without any, one is assumed who is not there yet.
    """
    mean = consultation_minutes(durations)
    working = max(1, clinicians)
    if busy < working:
        ahead = before - (working - busy)
        return max(0.0, (ahead + 1) * mean / working)
    return mean / (working + 1) + before * mean / working
