"""What live screens follow: each clinic's published events, replayed and then live, without a gap."""

from __future__ import annotations

import asyncio
import bisect
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Final

from auscult.domain.event import Event
from auscult.domain.ids import ClinicId
from auscult.stores.records import Outbox

POLL_SECONDS: Final = 0.25
"""How often a followed clinic is looked at for events that another process published."""
_KEEP: Final = 512
"""How many newest events of a followed clinic are kept in memory; who is further behind reads from the store."""
_PAGE: Final = 200

_log = logging.getLogger(__name__)


class LiveFeed:
    """The `Feed` of one process, reading from the outbox.

    One reader per followed clinic looks for new events, when told (`announce`) and four times a second; its followers
    share what it finds. A follower is a number, the last sequence it was given: a slow one holds no queue and nobody
    up, and an idle one costs nothing. A clinic that nobody follows is not looked at.
    """

    def __init__(self, outbox: Outbox, *, poll: float = POLL_SECONDS) -> None:
        """Read from this outbox, looking every `poll` seconds at each followed clinic."""
        self._outbox = outbox
        self._poll = poll
        self._channels: dict[ClinicId, _Channel] = {}

    def announce(self, clinic_id: ClinicId) -> None:
        """Say that a clinic's events were published, so that its followers see them at once."""
        channel = self._channels.get(clinic_id)
        if channel is not None:
            channel.look.set()

    def followed(self) -> int:
        """How many followers there are, of all clinics."""
        return sum(channel.followers for channel in self._channels.values())

    async def follow(self, clinic_id: ClinicId, after: int | None = None) -> AsyncGenerator[Event]:
        """See `Feed.follow`. It begins when the first event is asked for.

        An `after` beyond the newest event (the database was restored from a backup meanwhile) counts as the newest.
        """
        newest = await self._outbox.last_seq(clinic_id)
        cursor = newest if after is None else min(after, newest)
        channel = self._join(clinic_id, newest)
        try:
            while True:
                events = channel.after(cursor)
                if events is None:
                    events = await self._outbox.events_after(clinic_id, cursor, _PAGE)
                for event in events:
                    cursor = event.seq
                    yield event
                if not events:
                    await channel.beyond(cursor)
        finally:
            self._leave(clinic_id, channel)

    def _join(self, clinic_id: ClinicId, newest: int) -> _Channel:
        channel = self._channels.get(clinic_id)
        if channel is None:
            channel = _Channel(self._outbox, clinic_id, newest, self._poll)
            self._channels[clinic_id] = channel
        channel.followers += 1
        return channel

    def _leave(self, clinic_id: ClinicId, channel: _Channel) -> None:
        channel.followers -= 1
        if channel.followers == 0:
            channel.close()
            if self._channels.get(clinic_id) is channel:
                del self._channels[clinic_id]


class _Channel:
    """The newest events of one followed clinic, and who waits for the next."""

    def __init__(self, outbox: Outbox, clinic_id: ClinicId, newest: int, poll: float) -> None:
        self.followers = 0
        self.look = asyncio.Event()
        self._outbox = outbox
        self._clinic_id = clinic_id
        self._poll = poll
        self._start = newest  # everything after this number and up to `_end` is in `_events`
        self._end = newest
        self._events: list[Event] = []
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read(), name=f"events of {clinic_id}")

    def after(self, cursor: int) -> Sequence[Event] | None:
        """The events after `cursor` as far as they are known, or None when the store has to be asked."""
        if cursor < self._start:
            return None
        return self._events[bisect.bisect_right(self._events, cursor, key=lambda event: event.seq) :]

    async def beyond(self, cursor: int) -> None:
        """Wait until an event after `cursor` is known."""
        while self._end <= cursor:
            await self._changed.wait()

    def close(self) -> None:
        self._reader.cancel()

    async def _read(self) -> None:
        while True:
            self.look.clear()
            try:
                found = await self._outbox.events_after(self._clinic_id, self._end, _PAGE)
            except Exception as error:  # the store is away; followers wait until it is back
                _log.warning("Events cannot be read (%s); trying again.", type(error).__name__)
                found = ()
            if found:
                self._add(found)
                continue
            # not `wait_for`: before Python 3.12 it loses a cancellation that comes with what it waits for
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await self.look.wait()

    def _add(self, found: Sequence[Event]) -> None:
        self._events.extend(found)
        self._end = found[-1].seq
        if len(self._events) > 2 * _KEEP:
            self._start = self._events[-_KEEP - 1].seq
            self._events = self._events[-_KEEP:]
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
