"""How far off the estimate of a wait is: simulated mornings of clinics, with an estimate for each patient who joins.

- Patients come at random (exponential gaps), consultations are log-normal, and 1, 2 or 4 clinicians call the next one.
- The error is what they waited less what they were told, in minutes; beside it that of telling everybody the mean wait,
  which is the baseline.

Simulated and not measured in a clinic: real queues have breaks, visits, and patients who come at nine all together.
"""

from __future__ import annotations

import heapq
import math
import random
from statistics import fmean, quantiles
from typing import Final

from auscult.domain.queue_wait import estimated_wait
from bench.figures import TINY, Figure, Size, run

CLINICIANS: Final = (1, 2, 4)
MORNING: Final = 240.0
"""Minutes in which patients come."""
MEAN: Final = 12.0
SPREAD: Final = 0.45
"""Standard deviation of the logarithm of a consultation's length."""
LOAD: Final = 0.9
"""What share of the clinicians' time the patients need."""


def morning(chance: random.Random, clinicians: int) -> list[tuple[float, float]]:
    """The wait that each patient was told, and the wait that they had, in minutes."""
    free: list[float] = [0.0] * clinicians  # when each clinician is free
    ended: list[tuple[float, float]] = []  # when consultations ended, and how long they were
    starts: list[float] = []
    told: list[tuple[float, float]] = []
    now = 0.0
    while (now := now + chance.expovariate(LOAD * clinicians / MEAN)) < MORNING:
        before = sum(start > now for start in starts)
        busy = sum(when > now for when in free) if before == 0 else clinicians
        durations = [length for when, length in sorted(ended) if when <= now]
        estimate = estimated_wait(before, durations, clinicians=clinicians, busy=busy)
        start = max(now, heapq.heappop(free))
        length = chance.lognormvariate(math.log(MEAN) - SPREAD**2 / 2, SPREAD)
        heapq.heappush(free, start + length)
        ended.append((start + length, length))
        starts.append(start)
        told.append((estimate, start - now))
    return told


def measure(size: Size) -> list[Figure]:
    """Simulate mornings with a fixed seed."""
    mornings = 20 if size == TINY else 1000
    figures: list[Figure] = []
    for clinicians in CLINICIANS:
        chance = random.Random(clinicians)
        pairs = [pair for _ in range(mornings) for pair in morning(chance, clinicians)]
        mean = fmean(waited for _told, waited in pairs)
        errors = [abs(waited - told) for told, waited in pairs]
        same = fmean(abs(waited - mean) for _told, waited in pairs)
        name = f"{clinicians} clinician{'s' * (clinicians > 1)}"
        figures += [
            Figure(f"{name}: mean error of the estimate", fmean(errors), "min", "telling all the mean wait", same),
            Figure(f"{name}: error that 9 in 10 are below", quantiles(errors, n=10)[-1], "min", "mean wait", mean),
        ]
    return figures


if __name__ == "__main__":
    run(measure, __doc__)
