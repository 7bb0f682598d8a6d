"""Takes a clinic's published events to one transport: in sequence, at least once, across crashes."""

from __future__ import annotations

import asyncio
from typing import Final

from auscult.domain.errors import ConflictError
from auscult.domain.ids import UNFILED, ClinicId
from auscult.domain.model import Value
from auscult.stores.events import Transport
from auscult.stores.records import Key, Records, TableSpec

_PAGE: Final = 200


class Cursor(Value):
    """How far a transport has been served: the sequence number of the last event that it took."""

    transport: str
    seq: int


CURSORS: Final[TableSpec[Cursor]] = TableSpec(
    name="event_cursors",
    model=Cursor,
    key=lambda cursor: Key(cursor.transport),
    subject=lambda _cursor: UNFILED,
)


class Courier:
    """Serves one transport.

    Where it got to is kept in the records, and moves only after the transport took the events: whoever dies between
    publishing and delivering, in whichever process, the next delivery starts there. Two processes that deliver at once
    send some events twice, each in order; consumers drop a sequence number that they have seen.
    """

    def __init__(self, name: str, transport: Transport, records: Records) -> None:
        """`name` names the transport's place in the records: keep it when the transport's settings change."""
        self.name = name
        self._transport = transport
        self._records = records
        self._locks: dict[ClinicId, asyncio.Lock] = {}

    async def deliver(self, clinic_id: ClinicId, *, otherwise: int | None = None) -> None:
        """Deliver all that was published and not delivered yet.

        A transport that is new to the clinic starts after `otherwise`, or with the next event when that is None:
        history is not replayed to it. What the transport raises is passed on, and the place is kept.
        """
        table = self._records.of(clinic_id).table(CURSORS)
        async with self._locks.setdefault(clinic_id, asyncio.Lock()):
            kept = await table.get(Key(self.name))
            if kept is None:
                start = otherwise if otherwise is not None else await self._records.outbox.last_seq(clinic_id)
                try:
                    kept = await table.put(Cursor(transport=self.name, seq=start), if_version=0)
                except ConflictError:
                    return  # another process has just begun, and delivers
            while events := await self._records.outbox.events_after(clinic_id, kept.value.seq, _PAGE):
                await self._transport.publish(events)
                cursor = Cursor(transport=self.name, seq=events[-1].seq)
                try:
                    kept = await table.put(cursor, if_version=kept.version)
                except ConflictError:
                    return  # another process delivers as well, and is further

    async def close(self) -> None:
        """Release the transport."""
        await self._transport.close()
