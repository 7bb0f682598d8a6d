"""The thread that keeps a worker honest: its heart beats, it stops what is no longer its own, it inherits the dead."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from auscult.stores.jobs import Schedule, cron
from auscult.stores.jobs.database import what_failed
from auscult.stores.jobs.ledger import Ledger
from auscult.stores.jobs.runs import Runs

LOOK_SECONDS: Final = 0.5
"""How often running jobs are compared with the database: the longest that a cancellation takes to arrive."""
BEAT_SECONDS: Final = 3.0
DEAD_AFTER_SECONDS: Final = 12.0
"""A worker not seen for this long (by the database's clock) is dead: four missed beats. With one more beat until a
survivor looks, its jobs are on the queue again within 15 s."""
_FORGET_SECONDS: Final = 3600.0
_FORGET_AT_ONCE: Final = 500

_log = logging.getLogger(__name__)


class Keeper(threading.Thread):
    """Runs beside the event loop, so that a busy loop does not look like a dead worker.

    Every half second: jobs that run here but were cancelled, or given to another worker while this process was paused,
    are stopped; schedules that are due are enqueued. Every three seconds: this worker's heart beats, and the jobs of
    workers whose hearts have stopped go back on the queue. Every hour: jobs that ended long ago are forgotten.
    """

    def __init__(
        self,
        ledger: Ledger,
        runs: Runs,
        *,
        now: Callable[[], datetime],
        schedules: tuple[Schedule, ...],
        fire: Callable[[str, datetime], None],
        forget: Callable[[list[str]], None],
        keep: timedelta,
        beat: float,
        dead_after: float,
    ) -> None:
        """Take what to watch over, how to enqueue a due schedule, how to forget old jobs, and the intervals (s)."""
        super().__init__(name="auscult-jobs-keeper", daemon=True)
        self._ledger = ledger
        self._runs = runs
        self._now = now
        self._schedules = schedules
        self._fire = fire
        self._forget = forget
        self._keep = keep
        self._beat = beat
        self._dead_after = dead_after
        self._halt = threading.Event()
        self.looks = 0
        """How often it has looked; a number that stands still means that it hangs."""
        self._last_due: dict[str, datetime] = {}
        self._next_due: dict[str, datetime] = {}
        self._beating_since = time.monotonic()
        self._last_beat = -float("inf")
        self._last_forget = -float("inf")
        self._complained = False

    def halt(self) -> None:
        """Stop at the next look; `join` afterwards."""
        self._halt.set()

    def run(self) -> None:
        """Look, again and again, until halted; a database that is away is waited for."""
        while not self._halt.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception as error:  # whatever it was, a worker without a keeper would be worse
                # Whoever comes back first must not take the others, who could not beat either, for dead.
                self._beating_since = time.monotonic()
                if not self._complained:
                    _log.warning("The job database does not answer (%s); waiting for it.", what_failed(error))
                self._complained = True
            else:
                self._complained = False

    def look(self) -> None:
        """Do once what is due now."""
        self.looks += 1
        self._stop_strangers()
        self._fire_due()
        elapsed = time.monotonic() - self._last_beat
        if elapsed >= self._beat:
            self._ledger.beat()
            now = time.monotonic()
            if elapsed >= self._dead_after:  # a start, or this process was paused: the others may have been, too
                self._beating_since = now
            self._last_beat = now
            if now - self._beating_since >= self._dead_after:
                freed = self._ledger.take_over(self._dead_after)
                if freed:
                    _log.warning("Took over %d job(s) of a worker that is gone.", freed)
        if time.monotonic() - self._last_forget >= _FORGET_SECONDS:
            self._forget_old()

    def _stop_strangers(self) -> None:
        running = self._runs.owners()
        if running:
            owners = self._ledger.owners(running)
            for job_id, tokens in running.items():
                for token in tokens - {owners.get(job_id, "")}:
                    self._runs.stop_from_thread(job_id, token)

    def _fire_due(self) -> None:
        now = self._now()
        for schedule in self._schedules:
            name = schedule.name
            if name not in self._last_due:
                self._last_due[name] = self._ledger.last_due(name, now)
            elif now < self._next_due[name]:
                continue
            due = cron.latest_due(schedule.cron, now)
            if due > self._last_due[name]:
                # Enqueued first, noted second: a crash between them enqueues the same job id again, which is nothing.
                self._fire(name, due)
                self._ledger.fired(name, due)
                self._last_due[name] = due
            self._next_due[name] = cron.next_due(schedule.cron, now)

    def _forget_old(self) -> None:
        before = self._now() - self._keep
        while not self._halt.is_set():
            old = list(self._ledger.ended_before(before, _FORGET_AT_ONCE))
            if old:
                self._forget(old)
                self._ledger.forget(old)
            if len(old) < _FORGET_AT_ONCE:
                break
        self._last_forget = time.monotonic()
