"""Places at which a process may be killed, as by a power cut: around every commit of the journey, and inside engines.

A point is `what:when`. `before` and `after` are around a commit; `during` is inside an engine's work.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows.tables import NOTES, RECORDINGS, STEPS, StepResult
from auscult.stores.records import Put, Write
from auscult.stores.records.sql import SqlClinicRecords
from auscult.stores.records.sql_outbox import SqlOutbox

COMMITS = ("arrived", "received", "decoded", "part/000000", "speakers", "note", "stored")
"""Commits of the journey, in order: the recording has arrived; each step's result; the note with its event."""
RELAYS = ("job handed over", "event published")
"""Commits of the relay: a job was given to the engine; `soap_ready` got its number."""
ENGINES = ("decode three seconds", "transcribe", "embed", "cluster", "write")
"""Calls to engines, as the tally names them."""


def die() -> None:
    """End as if the power had gone: no cleaning up, no flushing."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(point: str) -> Callable[[str], None]:
    """Have this process killed at a point; returns what to call with each thing that an engine is asked to do."""
    what, _, when = point.rpartition(":")
    if what in COMMITS or what.startswith("part/"):
        _around_transact(what, when)
    elif what == "job handed over":
        _around_hand_over(when)
    elif what == "event published":
        _around_publish(when)
    elif what not in ENGINES:
        raise ValueError(f"no such point: {point}")

    def asked(now: str) -> None:
        if when == "during" and now == what:
            die()

    return asked


def _is(what: str, write: Write) -> bool:
    if not isinstance(write, Put):
        return False
    if write.spec is STEPS and isinstance(write.value, StepResult):
        return write.value.name == what
    if write.spec is NOTES:
        return what == "stored"
    if write.spec is RECORDINGS and isinstance(write.value, Recording):
        return what == "arrived" and write.value.status is RecordingStatus.RECEIVED
    return False


def _around_transact(what: str, when: str) -> None:
    transact = SqlClinicRecords.transact

    async def dying(self: SqlClinicRecords, writes: Sequence[Write] = (), **more: Any) -> tuple[int, ...]:
        here = any(_is(what, write) for write in writes)
        if here and when == "before":
            die()
        versions = await transact(self, writes, **more)
        if here:
            die()
        return versions

    SqlClinicRecords.transact = dying  # type: ignore[method-assign]  # this is what the file is for


def _around_hand_over(when: str) -> None:
    hand_over = SqlOutbox.jobs_handed_over

    async def dying(self: SqlOutbox, positions: Sequence[int]) -> None:
        if when == "before":
            die()
        await hand_over(self, positions)
        die()

    SqlOutbox.jobs_handed_over = dying  # type: ignore[method-assign]  # this is what the file is for


def _around_publish(when: str) -> None:
    publish = SqlOutbox.publish_next

    async def dying(self: SqlOutbox, limit: int = 100) -> Any:
        # Looked at one by one, so that it dies exactly at the event that matters.
        if when == "before" and await _soap_ready_waits(self):
            die()
        published = await publish(self, limit)
        if any(event.name == "soap_ready" for event in published):
            die()
        return published

    SqlOutbox.publish_next = dying  # type: ignore[method-assign]  # this is what the file is for


async def _soap_ready_waits(outbox: SqlOutbox) -> bool:
    from sqlalchemy import select

    from auscult.stores.records.schema import events

    wanted = select(events.c.payload).where(events.c.seq.is_(None))
    # a look that the outbox itself has no use for
    waiting = await outbox._database.read(lambda connection: connection.execute(wanted).all())
    return any('"soap_ready"' in row.payload for row in waiting)
