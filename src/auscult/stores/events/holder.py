"""Which of several processes serves a transport: one at a time, so that not each event is sent by every process."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Final

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError
from auscult.domain.ids import UNFILED, ClinicId
from auscult.domain.model import UtcDatetime, Value
from auscult.stores.records import Key, Records, Stored, TableSpec

HOLD: Final = timedelta(seconds=15)
"""How long after its last sign of life another process takes over from one that died."""


_FREE: Final = datetime.min.replace(tzinfo=UTC)


class Claim(Enum):
    """How a claim ended."""

    OTHERS = auto()
    """Another process serves it."""
    MINE = auto()
    INHERITED = auto()
    """Mine now, of a process that died or gave up: what it sent last may be lost."""


class Hold(Value):
    """Who serves a transport, and until when if nothing more is heard of them."""

    transport: str
    holder: str
    until: UtcDatetime


HOLDS: Final[TableSpec[Hold]] = TableSpec(
    name="event_holds",
    model=Hold,
    key=lambda hold: Key(hold.transport),
    subject=lambda _hold: UNFILED,
)


class Holder:
    """One process's claim to serve the transports.

    A claim that two processes hold for a moment (clocks that differ, one that was asleep) makes events come twice and
    does no other harm, so that nothing waits for it to be certain.
    """

    def __init__(self, records: Records, ambient: Ambient) -> None:
        """Keep claims in `records`."""
        self._records = records
        self._now = ambient.now
        self._name = ambient.new_id("HLD")
        self._mine: dict[tuple[ClinicId, str], Stored[Hold]] = {}

    async def claim(self, clinic_id: ClinicId, transport: str) -> Claim:
        """Hold the transport, or go on holding it, unless another process does."""
        now, key = self._now(), (clinic_id, transport)
        mine = self._mine.get(key)
        if mine is not None and mine.value.until - now > HOLD / 2:
            return Claim.MINE
        table = self._records.of(clinic_id).table(HOLDS)
        kept = mine or await table.get(Key(transport))
        others = kept is not None and kept.value.holder != self._name
        if others and kept is not None and now < kept.value.until:
            return Claim.OTHERS
        try:
            claimed = Hold(transport=transport, holder=self._name, until=now + HOLD)
            self._mine[key] = await table.put(claimed, if_version=kept.version if kept else 0)
        except ConflictError:
            self._mine.pop(key, None)
            return Claim.OTHERS
        return Claim.INHERITED if others and kept is not None and kept.value.until != _FREE else Claim.MINE

    def holds(self, clinic_id: ClinicId, transport: str) -> bool:
        """Whether this process held it when it last looked."""
        return (clinic_id, transport) in self._mine

    async def let_go(self, clinic_id: ClinicId, transport: str, *, in_doubt: bool) -> None:
        """Leave it to whoever asks next, at once; `in_doubt`: what was sent last may be lost."""
        mine = self._mine.pop((clinic_id, transport), None)
        if mine is None:
            return
        left = mine.value.model_copy(update={"until": self._now() if in_doubt else _FREE})
        # else somebody else has it already
        with suppress(ConflictError):
            await self._records.of(clinic_id).table(HOLDS).put(left, if_version=mine.version)
