"""Carries out what committed transactions left behind: jobs go to the engine, events to whoever listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId
from auscult.stores.events import Transport
from auscult.stores.events.courier import Courier
from auscult.stores.events.feed import POLL_SECONDS, LiveFeed
from auscult.stores.events.holder import Holder
from auscult.stores.jobs import Jobs
from auscult.stores.records import Records

_BATCH: Final = 100
_SWEEP_SECONDS: Final = 5.0
"""How often transports are served without a reason: for what a process that died had published and not delivered."""
_LONGEST_PAUSE_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)


async def _no_clinics() -> Sequence[ClinicId]:
    return ()


class Relay:
    """One task per process, woken by its own commits and four times a second for those of others.

    Nothing is lost and nothing has to be cleaned up after a crash, at any point:

    - A job is handed to the engine first and forgotten by the outbox second. In between, the next relay hands it over
      again, and the engine, which knows it by its id, does nothing.
    - An event gets its number in one transaction. Followers and transports read numbered events from the store, from
      where they were, so it does not matter who numbered them or what became of that process.

    Several processes may run one each. Jobs and events are independent: trouble with one does not hold up the other.
    """

    def __init__(
        self,
        records: Records,
        jobs: Jobs,
        *,
        feed: LiveFeed | None = None,
        transports: Mapping[str, Transport] | None = None,
        clinics: Callable[[], Awaitable[Sequence[ClinicId]]] = _no_clinics,
        only: ClinicId | None = None,
        ambient: Ambient | None = None,
        poll: float = POLL_SECONDS,
    ) -> None:
        """Serve the outbox of `records`.

        `transports` by name, each with its own place in the event sequence; `clinics` lists the clinics whose
        undelivered events are looked for besides those that publish while this runs, and `only` is the one whose events
        the transports take when they are that clinic's own. With an `ambient` one process at a time serves each
        transport of a clinic, wherever its events are published; without, every process does.
        """
        self._records = records
        self._jobs = jobs
        self._feed = feed
        holder = Holder(records, ambient) if ambient else None
        chance = ambient.chance if ambient else lambda: 1.0
        self._couriers = tuple(
            Courier(name, transport, records, holder=holder, chance=chance)
            for name, transport in (transports or {}).items()
        )
        self._clinics = clinics
        self._only = only
        self._poll = poll
        self._wakes: list[asyncio.Event] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._deliveries: dict[tuple[str, ClinicId], asyncio.Task[None]] = {}
        self._again: set[tuple[str, ClinicId]] = set()
        self._published: set[ClinicId] = set()
        records.on_commit(self._on_commit)

    async def start(self) -> None:
        """Begin; what an earlier process left is carried out first."""
        self._loop = asyncio.get_running_loop()
        self._tasks = [
            asyncio.create_task(self._steadily("Jobs", self.hand_over), name="relay of jobs"),
            asyncio.create_task(self._steadily("Events", self.publish), name="relay of events"),
        ]
        if self._couriers:
            self._tasks.append(asyncio.create_task(self._sweep(), name="sweep of events"))

    async def close(self) -> None:
        """Stop where it is, and close the transports; what is left is carried out at the next start."""
        tasks = [*self._tasks, *self._deliveries.values()]
        self._tasks, self._wakes, self._loop = [], [], None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for courier in self._couriers:
            try:
                await courier.close()
            except Exception as error:  # the other side or the store is away: who stops does not wait for it
                _log.warning("%s was not closed in order (%s).", courier.name, type(error).__name__)

    async def hand_over(self) -> bool:
        """Hand waiting jobs to the engine; return whether there may be more."""
        waiting = await self._records.outbox.pending_jobs(_BATCH)
        if waiting:
            await self._jobs.enqueue([entry.job for entry in waiting])
            await self._records.outbox.jobs_handed_over([entry.position for entry in waiting])
        return len(waiting) == _BATCH

    async def publish(self) -> bool:
        """Number waiting events and tell followers and transports; return whether there may be more."""
        events = await self._records.outbox.publish_next(_BATCH)
        first: dict[ClinicId, int] = {}
        for event in events:
            first.setdefault(event.clinic_id, event.seq)
        for clinic_id, seq in first.items():
            if self._feed is not None:
                self._feed.announce(clinic_id)
            if self._only in (None, clinic_id):
                self._published.add(clinic_id)
                self._deliver(clinic_id, self._couriers, otherwise=seq - 1)
        return len(events) == _BATCH

    def _deliver(self, clinic_id: ClinicId, couriers: Sequence[Courier], *, otherwise: int | None = None) -> None:
        """Have transports served with a clinic's events, in the background: one may be slow or away."""
        for courier in couriers:
            key = (courier.name, clinic_id)
            if key in self._deliveries:
                self._again.add(key)  # it may have looked for events before these were there
            else:
                self._deliveries[key] = asyncio.create_task(self._serve(courier, clinic_id, otherwise))

    async def _serve(self, courier: Courier, clinic_id: ClinicId, otherwise: int | None) -> None:
        key = (courier.name, clinic_id)
        try:
            await courier.deliver(clinic_id, otherwise=otherwise)
            while key in self._again:
                self._again.discard(key)
                await courier.deliver(clinic_id)
        except Exception as error:  # whatever a transport does wrong, the sweep comes back to it
            _log.warning("Events were not delivered to %s (%s); trying again.", courier.name, type(error).__name__)
        finally:
            self._again.discard(key)
            del self._deliveries[key]

    async def _sweep(self) -> None:
        """Look at every transport now and then, and at those that this process serves as often as at the outbox.

        The others publish too, and do not say so here.
        """
        loop = asyncio.get_running_loop()
        all_at = loop.time()
        while True:
            everything = loop.time() >= all_at
            if everything:
                all_at = loop.time() + _SWEEP_SECONDS
                try:
                    self._published.update(await self._clinics())
                except Exception as error:  # the list of clinics cannot be had now
                    _log.warning("Clinics cannot be listed (%s); trying again.", type(error).__name__)
            for clinic_id in self._published:
                self._deliver(clinic_id, [one for one in self._couriers if everything or one.eager(clinic_id)])
            await asyncio.sleep(self._poll)

    async def _steadily(self, what: str, step: Callable[[], Awaitable[bool]]) -> None:
        wake = asyncio.Event()
        self._wakes.append(wake)
        pause = self._poll
        while True:
            wake.clear()
            try:
                more = await step()
            except Exception as error:  # a store is away: it is asked again, ever more slowly
                _log.warning("%s cannot be relayed (%s); trying again.", what, type(error).__name__)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                await asyncio.sleep(pause)
                continue
            pause = self._poll
            if not more:
                # not `wait_for`: before Python 3.12 it loses a cancellation that comes with what it waits for
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll):
                        await wake.wait()

    def _on_commit(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_up)

    def _wake_up(self) -> None:
        for wake in self._wakes:
            wake.set()
