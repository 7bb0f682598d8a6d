"""The jobs protocol: durable invocation of flows. It carries ids only and keeps no results; the flows do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from auscult.domain.ids import JobId
from auscult.domain.job import Job, JobState

Handler = Callable[[Job, int], Awaitable[None]]
"""Runs a job; the number is the attempt, from 1. Raising an error that is worth another try means another attempt;
`stores.jobs.retrying` says which are. `asyncio.CancelledError` in it means: stop now, leave what is stored."""

GaveUp = Callable[[Job, BaseException], Awaitable[None]]
"""Called after the last attempt, to record the failure where a person sees it; called again until it returns, also
after a crash, so it must be idempotent. The error is one of ours, rebuilt from its code, reason and remedy."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with full jitter: before attempt n+1 wait chance() x min(cap, base x 2^(n-1)) seconds.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    attempts: int = 4
    base: float = 2.0
    cap: float = 60.0

    def delay(self, attempt: int, chance: float) -> float:
        """Seconds to wait after failed attempt number `attempt` (from 1), for a chance in [0, 1)."""
        return chance * min(self.cap, self.base * 2.0 ** (attempt - 1))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A handler called at times given by a five-field cron expression (UTC), once for the whole deployment."""

    name: str
    cron: str
    run: Callable[[], Awaitable[None]]


class Jobs(Protocol):
    """Durable jobs of a deployment."""

    def register(self, flow: str, handler: Handler, *, gave_up: GaveUp, retry: RetryPolicy | None = None) -> None:
        """Say which function runs a flow; before `start`."""
        ...

    def schedule(self, schedule: Schedule) -> None:
        """Add a scheduled job; before `start`."""
        ...

    async def start(self, *, work: bool = True) -> None:
        """Open the engine.

        With `work` this process runs jobs, and takes up those of a dead worker within 30 s; without, it only enqueues.
        """
        ...

    async def enqueue(self, jobs: Sequence[Job]) -> None:
        """Take jobs durably. One that is already known (by `Job.id`) is not taken twice."""
        ...

    async def cancel(self, job_id: JobId) -> None:
        """Stop it; its state is then cancelled.

        A queued one never starts; a running one gets `asyncio.CancelledError` at its next await, in whichever process
        it runs.
        """
        ...

    async def state(self, job_id: JobId) -> JobState | None:
        """What has become of a job, or None when the engine never saw it (or has forgotten it after its time)."""
        ...

    async def depth(self) -> int:
        """How many jobs are queued or running."""
        ...

    async def oldest(self) -> datetime | None:
        """When the oldest job that is queued or running was taken; None when there is none. Aware UTC."""
        ...

    async def clock(self) -> datetime:
        """What time the engine's database has, by which workers agree on who is late. Aware UTC."""
        ...

    async def ready(self) -> None:
        """Raise `UnavailableError` unless jobs can be taken."""
        ...

    async def close(self) -> None:
        """Stop taking jobs, let running steps come to a safe point (at most a few seconds), and release everything."""
        ...
