"""The events protocol: what happened, told to whoever listens, after the commit that made it so."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from auscult.domain.device_message import DeviceMessage
from auscult.domain.event import Event
from auscult.domain.ids import ClinicId


class Transport(Protocol):
    """Carries published events outward (in process, MQTT, WebSocket). At least once, in sequence per clinic."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Send them; returning means they are delivered or durably queued."""
        ...

    def in_doubt(self) -> bool:
        """Whether what it took last may be lost all the same, because the other side broke down since."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Wording(Protocol):
    """What devices are told of events."""

    async def messages(self, events: Sequence[Event]) -> Sequence[DeviceMessage]:
        """The messages that tell of these events of one clinic, in their order."""
        ...

    def forget(self) -> None:
        """What `messages` gave last may not have arrived: nothing is left out because it was told before."""
        ...


class Feed(Protocol):
    """What a live screen follows."""

    def follow(self, clinic_id: ClinicId, after: int | None = None) -> AsyncGenerator[Event]:
        """Yield a clinic's events in sequence, without end: those after `after` (None: only new ones), then live ones.

        No gap, and a slow reader never holds up the others: it is caught up from the store.
        """
        ...
