"""Takes a clinic's published events to one transport: in sequence, at least once, across crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from auscult.domain.errors import ConflictError
from auscult.domain.ids import UNFILED, ClinicId
from auscult.domain.model import Value
from auscult.stores.events import Transport
from auscult.stores.events.holder import Claim, Holder
from auscult.stores.records import Key, Records, Stored, TableSpec

_PAGE: Final = 200
AGAIN: Final = 200
"""How many events a transport is sent again after it, or whoever served it, broke down: a page. What a broker has
acknowledged and not yet written down when it dies is less than what it is sent at once."""
_FIRST_PAUSE_SECONDS: Final = 0.25
_LONGEST_PAUSE_SECONDS: Final = 30.0


class Cursor(Value):
    """How far a transport has been served: the sequence number of the last event that it took."""

    transport: str
    seq: int
    since: int = 0
    """Where it began: nothing up to there is sent to it, again neither."""


CURSORS: Final[TableSpec[Cursor]] = TableSpec(
    name="event_cursors",
    model=Cursor,
    key=lambda cursor: Key(cursor.transport),
    subject=lambda _cursor: UNFILED,
)


@dataclass
class _Place:
    """Where this process is with a clinic."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    kept: Stored[Cursor] | None = None
    """The newest cursor, while nobody else serves the transport."""
    again: bool = False
    """Whether what was sent last may be lost."""
    pause: float = 0.0
    not_before: float = 0.0


class Courier:
    """Serves one transport.

    Where it got to is kept in the records, and moves only after the transport took the events: whoever dies between
    publishing and delivering, in whichever process, the next delivery starts there. With a `holder` one process at a
    time delivers; two that deliver at once send some events twice, each in order, and consumers drop a sequence number
    that they have seen.
    """

    def __init__(
        self,
        name: str,
        transport: Transport,
        records: Records,
        *,
        holder: Holder | None = None,
        chance: Callable[[], float] = lambda: 1.0,
    ) -> None:
        """`name` names the transport's place in the records: keep it when the transport's settings change.

        `chance` in [0, 1) spreads the attempts of processes that failed at the same time.
        """
        self.name = name
        self._transport = transport
        self._records = records
        self._holder = holder
        self._chance = chance
        self._places: dict[ClinicId, _Place] = {}

    def eager(self, clinic_id: ClinicId) -> bool:
        """Whether it should be asked to deliver often: it is this process that delivers, or it failed lately."""
        place = self._places.get(clinic_id)
        held = self._holder is not None and self._holder.holds(clinic_id, self.name)
        return held or (place is not None and place.pause > 0)

    async def deliver(self, clinic_id: ClinicId, *, otherwise: int | None = None) -> None:
        """Deliver all that was published and not delivered yet, unless another process does.

        A transport that is new to the clinic starts after `otherwise`, or with the next event when that is None:
        history is not replayed to it. What the transport raises is passed on, and the place is kept; it is then tried
        again after a pause, ever longer, until which this does nothing.
        """
        place = self._places.setdefault(clinic_id, _Place())
        async with place.lock:
            if asyncio.get_running_loop().time() < place.not_before:
                return
            try:
                await self._deliver(clinic_id, place, otherwise)
            except Exception:
                place.kept, place.again = None, True
                place.pause = min(max(_FIRST_PAUSE_SECONDS, 2 * place.pause), _LONGEST_PAUSE_SECONDS)
                place.not_before = asyncio.get_running_loop().time() + place.pause * (0.5 + self._chance() / 2)
                if self._holder is not None:  # perhaps another process can reach it
                    await self._holder.let_go(clinic_id, self.name, in_doubt=True)
                raise
            place.pause = place.not_before = 0.0

    async def _deliver(self, clinic_id: ClinicId, place: _Place, otherwise: int | None) -> None:
        if not await self._mine(clinic_id, place):
            return
        table = self._records.of(clinic_id).table(CURSORS)
        kept = place.kept or await table.get(Key(self.name))
        if kept is None:
            start = otherwise if otherwise is not None else await self._records.outbox.last_seq(clinic_id)
            try:
                kept = await table.put(Cursor(transport=self.name, seq=start, since=start), if_version=0)
            except ConflictError:
                return  # another process has just begun, and delivers
        after = kept.value.seq
        if place.again or self._transport.in_doubt():
            place.again = True
            after = max(kept.value.since, after - AGAIN)
        while events := await self._records.outbox.events_after(clinic_id, after, _PAGE):
            await self._transport.publish(events)
            after = events[-1].seq
            if after > kept.value.seq:
                cursor = kept.value.model_copy(update={"seq": after})
                try:
                    kept = await table.put(cursor, if_version=kept.version)
                except ConflictError:
                    place.kept = None
                    return  # another process delivers as well, and is further
            if not await self._mine(clinic_id, place):
                return
        place.again = False
        place.kept = kept if self._holder is not None else None

    async def _mine(self, clinic_id: ClinicId, place: _Place) -> bool:
        """Whether this process is to deliver; what the one before it sent last may be lost."""
        if self._holder is None:
            return True
        held = self._holder.holds(clinic_id, self.name)
        claim = await self._holder.claim(clinic_id, self.name)
        if claim is Claim.OTHERS or not held:
            place.kept = None
        place.again |= claim is Claim.INHERITED
        return claim is not Claim.OTHERS

    async def close(self) -> None:
        """Leave the transport to other processes, and release it."""
        if self._holder is not None:
            for clinic_id, place in self._places.items():
                in_doubt = place.again or self._transport.in_doubt()
                await self._holder.let_go(clinic_id, self.name, in_doubt=in_doubt)
        await self._transport.close()
