"""The outbox on SQL: numbers events for each clinic and keeps jobs until the engine has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from auscult.domain.event import Event
from auscult.domain.ids import ClinicId
from auscult.domain.job import Job
from auscult.stores.records import OutboxJob
from auscult.stores.records.database import Database
from auscult.stores.records.schema import event_sequences, events, outbox_jobs
from auscult.stores.records.sql_writes import dialect_insert

_MAX_PAGE = 1000


def add_to_outbox(connection: Connection, told: Sequence[Event], jobs: Sequence[Job]) -> None:
    """Leave events and jobs in the outbox as part of a transaction. A job that waits already is not added again."""
    if told:
        connection.execute(
            insert(events),
            [
                {"id": event.id, "clinic_id": event.clinic_id, "payload": event.model_dump_json(exclude={"seq"})}
                for event in told
            ],
        )
    if jobs:
        # In the order of their ids, so that two transactions with the same jobs do not wait for each other.
        rows = [{"job_id": job.id, "payload": job.model_dump_json()} for job in sorted(jobs, key=lambda job: job.id)]
        statement = dialect_insert(connection.dialect.name, outbox_jobs)
        connection.execute(statement.on_conflict_do_nothing(index_elements=["job_id"]), rows)


class SqlOutbox:
    """The `Outbox` of a SQL database."""

    def __init__(self, database: Database) -> None:
        """Serve the outbox of this database."""
        self._database = database

    async def publish_next(self, limit: int = 100) -> Sequence[Event]:
        """Number the oldest unpublished events and return them (see `Outbox`)."""
        # Looked for without a lock first: most calls find nothing, and must not hold up a writer.
        if not await self._database.read(lambda connection: _clinics_with_unpublished(connection, limit)):
            return ()
        return await self._database.write(lambda connection: _publish(connection, limit))

    async def events_after(self, clinic_id: ClinicId, seq: int, limit: int = 500) -> Sequence[Event]:
        """Published events of one clinic with a higher sequence number, oldest first (at most 1000)."""
        columns = events.c
        wanted = (
            select(columns.payload, columns.seq)
            .where(columns.clinic_id == clinic_id, columns.seq > seq)
            .order_by(columns.seq)
            .limit(min(limit, _MAX_PAGE))
        )
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(_event(row.payload, row.seq) for row in rows)

    async def last_seq(self, clinic_id: ClinicId) -> int:
        """The newest published sequence number (0 when none)."""
        wanted = select(event_sequences.c.last_seq).where(event_sequences.c.clinic_id == clinic_id)
        return await self._database.read(lambda connection: connection.execute(wanted).scalar()) or 0

    async def pending_jobs(self, limit: int = 100) -> Sequence[OutboxJob]:
        """Jobs committed and not yet handed over, oldest first."""
        columns = outbox_jobs.c
        wanted = select(columns.position, columns.payload).order_by(columns.position).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(OutboxJob(row.position, Job.model_validate_json(row.payload)) for row in rows)

    async def jobs_handed_over(self, positions: Sequence[int]) -> None:
        """Forget outbox rows whose jobs the engine has durably taken."""
        if positions:
            # In order, so that two relays with the same jobs do not wait for each other.
            statement = delete(outbox_jobs).where(outbox_jobs.c.position == bindparam("at_position"))
            rows = [{"at_position": position} for position in sorted(positions)]
            await self._database.write(lambda connection: connection.execute(statement, rows).close())


def _publish(connection: Connection, limit: int) -> tuple[Event, ...]:
    clinics = _clinics_with_unpublished(connection, limit)
    if not clinics:
        return ()
    # One publisher at a time for each clinic; the others wait here and then see what is left. The numbers become
    # visible in their order, because the next publisher starts after this one's commit.
    last = _lock_sequences(connection, clinics)
    columns = events.c
    batch = (
        select(columns.position, columns.clinic_id, columns.payload)
        .where(columns.seq.is_(None), columns.clinic_id.in_(clinics))
        .order_by(columns.position)
        .limit(limit)
    )
    published: list[Event] = []
    numbers: list[dict[str, Any]] = []
    for row in connection.execute(batch):
        last[row.clinic_id] += 1
        numbers.append({"at_position": row.position, "number": last[row.clinic_id]})
        published.append(_event(row.payload, last[row.clinic_id]))
    if not published:
        return ()
    numbered = update(events).where(columns.position == bindparam("at_position"))
    connection.execute(numbered.values(seq=bindparam("number")), numbers)
    counted = update(event_sequences).where(event_sequences.c.clinic_id == bindparam("of_clinic"))
    connection.execute(
        counted.values(last_seq=bindparam("number")),
        [{"of_clinic": clinic, "number": number} for clinic, number in sorted(last.items())],
    )
    return tuple(published)


def _clinics_with_unpublished(connection: Connection, limit: int) -> list[str]:
    oldest = select(events.c.clinic_id).where(events.c.seq.is_(None)).order_by(events.c.position).limit(limit)
    return sorted(set(connection.execute(oldest).scalars()))


def _lock_sequences(connection: Connection, clinics: list[str]) -> dict[str, int]:
    """Lock the counters of these clinics and return them.

    New counters are made before any is locked, and both in the order of the clinics: so no two publishers can each
    hold one that the other waits for.
    """
    clinic_id = event_sequences.c.clinic_id
    known = set(connection.execute(select(clinic_id).where(clinic_id.in_(clinics))).scalars())
    fresh = [{"clinic_id": clinic, "last_seq": 0} for clinic in clinics if clinic not in known]
    if fresh:
        statement = dialect_insert(connection.dialect.name, event_sequences)
        connection.execute(statement.on_conflict_do_nothing(index_elements=["clinic_id"]), fresh)
    counters = select(event_sequences).where(clinic_id.in_(clinics)).order_by(clinic_id).with_for_update()
    return {row.clinic_id: row.last_seq for row in connection.execute(counters)}


def _event(payload: str, seq: int) -> Event:
    return Event.model_validate_json(payload).model_copy(update={"seq": seq})
