"""What the job engine's own tables do not say: who is alive, how often a job failed, when a schedule last fired.

Three small tables beside the engine's `workflow_status`, in the same database, so that a job's state and our word on it
change in one transaction. This file reads and updates `workflow_status` of DBOS 3.4 directly (the columns named below,
nothing else), for what its API cannot do atomically: putting a failed job back with a delay, and giving away the jobs
of workers whose heart stopped. All functions block; they are called from threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from auscult.domain.recording import Failure

WORKFLOW: Final = "auscult.job"
"""The name under which the one durable function is registered."""
QUEUE: Final = "auscult"

_UNDER_WAY: Final = ("ENQUEUED", "PENDING", "DELAYED")
_ENDED: Final = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_SCHEMA_LOCK: Final = 7_282_785
"""Any number will do: it keeps two processes from creating the same tables at once on PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One execution of a job, as the worker that was given it sees it.

    `owner` is the engine's token of this execution; `dispatches` how often it was handed out without coming to an end
    (more than one: a worker died or stopped); `attempts` how many attempts have failed; `failure` is set when the last
    one has, and only `gave_up` remains to be told, as it was tried `tellings` times.
    """

    owner: str
    dispatches: int
    attempts: int
    failure: Failure | None
    tellings: int


@dataclass(frozen=True, slots=True)
class Line:
    """A job as the tables have it: the engine's status, failed attempts, dispatches, last failure, whether final."""

    status: str
    attempts: int
    dispatches: int
    failure: Failure | None
    final: bool
    updated_at: datetime
    priority: int


class Ledger:
    """Reads and writes those tables through one engine, on behalf of one worker (`executor_id`)."""

    def __init__(self, engine: sa.Engine, *, schema: str | None, executor_id: str) -> None:
        """Take an engine for the job database and the schema that holds its tables (None on SQLite)."""
        self._engine = engine
        self._schema = schema
        self._executor_id = executor_id
        tables = sa.MetaData(schema=schema)
        self._job = sa.table(
            "workflow_status",
            *(
                sa.column(name, kind)
                for name, kind in (
                    ("workflow_uuid", sa.Text()),
                    ("name", sa.Text()),
                    ("status", sa.Text()),
                    ("owner_xid", sa.Text()),
                    ("executor_id", sa.Text()),
                    ("queue_name", sa.Text()),
                    ("priority", sa.Integer()),
                    ("recovery_attempts", sa.BigInteger()),
                    ("started_at_epoch_ms", sa.BigInteger()),
                    ("delay_until_epoch_ms", sa.BigInteger()),
                    ("created_at", sa.BigInteger()),
                    ("updated_at", sa.BigInteger()),
                    ("completed_at", sa.BigInteger()),
                )
            ),
            schema=schema,
        )
        self._failed = sa.Table(
            "auscult_failed",
            tables,
            sa.Column("job_id", sa.Text, primary_key=True),
            sa.Column("attempts", sa.Integer, nullable=False),
            sa.Column("final", sa.Boolean, nullable=False),
            sa.Column("tellings", sa.Integer, nullable=False, default=0),
            sa.Column("code", sa.Text, nullable=False),
            sa.Column("reason", sa.Text, nullable=False),
            sa.Column("remedy", sa.Text, nullable=False),
        )
        self._workers = sa.Table(
            "auscult_workers",
            tables,
            sa.Column("executor_id", sa.Text, primary_key=True),
            sa.Column("seen_at", sa.Float, nullable=False),
        )
        self._schedules = sa.Table(
            "auscult_schedules",
            tables,
            sa.Column("name", sa.Text, primary_key=True),
            sa.Column("due", sa.Text, nullable=False),
        )
        self._tables = tables
        self._sqlite = engine.dialect.name == "sqlite"
        # The database's own clock, in seconds: workers on machines whose clocks differ agree on who is late.
        self._clock: sa.ColumnElement[float] = sa.literal_column(
            "((julianday('now') - 2440587.5) * 86400.0)"
            if self._sqlite
            else "extract(epoch from clock_timestamp())::double precision",
            sa.Float(),
        )

    def create(self) -> None:
        """Create our tables where they are missing; the engine's have been created before."""
        with self._engine.begin() as connection:
            if not self._sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            self._tables.create_all(connection, checkfirst=True)

    # Executions

    def turn(self, job_id: str) -> Turn | None:
        """What this worker has to do for a job it was just given, or None when it is no longer this worker's."""
        job, failed = self._job.c, self._failed.c
        statement = (
            sa.select(
                job.owner_xid,
                job.recovery_attempts,
                *(failed[name] for name in ("attempts", "final", "tellings", "code", "reason", "remedy")),
            )
            .select_from(self._job.outerjoin(self._failed, failed.job_id == job.workflow_uuid))
            .where(job.workflow_uuid == job_id, job.status == "PENDING", job.executor_id == self._executor_id)
        )
        with self._engine.connect() as connection:
            row = connection.execute(statement).mappings().first()
        if row is None or row["owner_xid"] is None:
            return None
        return Turn(
            owner=row["owner_xid"],
            dispatches=row["recovery_attempts"] or 0,
            attempts=row["attempts"] or 0,
            failure=_failure(row) if row["final"] else None,
            tellings=row["tellings"] or 0,
        )

    def owners(self, job_ids: Iterable[str]) -> dict[str, str]:
        """Of these jobs, those that run, each with the token of the execution that owns it now."""
        job = self._job.c
        statement = sa.select(job.workflow_uuid, job.owner_xid).where(
            job.workflow_uuid.in_(list(job_ids)), job.status == "PENDING"
        )
        with self._engine.connect() as connection:
            return {job_id: owner for job_id, owner in connection.execute(statement) if owner is not None}

    def put_back(
        self,
        job_id: str,
        owner: str,
        *,
        until: float,
        failure: Failure | None = None,
        attempts: int = 0,
        final: bool = False,
        tellings: int = 0,
    ) -> bool:
        """Let a job wait until `until` (Unix seconds) for whoever is free then, and note why, in one transaction.

        Returns False, changing nothing, when the execution no longer owns the job.
        """
        values = {
            "status": "DELAYED",
            "delay_until_epoch_ms": int(until * 1000),
            "owner_xid": None,
            "started_at_epoch_ms": None,
            "queue_name": QUEUE,
            "recovery_attempts": 0,
        }
        return self._note(job_id, owner, values, failure, attempts=attempts, final=final, tellings=tellings)

    def conclude(self, job_id: str, owner: str, failure: Failure, *, attempts: int) -> bool:
        """Note that the last attempt failed, while the execution goes on to tell `gave_up`. False when not owned."""
        return self._note(job_id, owner, {"recovery_attempts": 1}, failure, attempts=attempts, final=True, tellings=0)

    def _note(
        self,
        job_id: str,
        owner: str,
        values: dict[str, Any],
        failure: Failure | None,
        *,
        attempts: int,
        final: bool,
        tellings: int,
    ) -> bool:
        job = self._job.c
        claim = (
            sa.update(self._job)
            .where(job.workflow_uuid == job_id, job.status == "PENDING", job.owner_xid == owner)
            .values(**values, updated_at=self._now_ms())
        )
        with self._engine.begin() as connection:
            if connection.execute(claim).rowcount != 1:
                return False
            if failure is not None:
                note = {**failure.model_dump(), "attempts": attempts, "final": final, "tellings": tellings}
                connection.execute(self._upsert(self._failed, "job_id", job_id, note))
        return True

    # Workers

    def beat(self) -> None:
        """Say that this worker is alive."""
        with self._engine.begin() as connection:
            connection.execute(self._upsert(self._workers, "executor_id", self._executor_id, {"seen_at": self._clock}))

    def leave(self) -> None:
        """Say that this worker is gone: its unfinished jobs are free at once."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(self._workers).where(self._workers.c.executor_id == self._executor_id))

    def take_over(self, dead_after: float) -> int:
        """Put the running jobs of workers not seen for `dead_after` seconds back on the queue; return how many.

        One statement that judges and claims at once: of several survivors only one moves each job, and a worker that
        was seen meanwhile keeps its own.
        """
        job, worker = self._job.c, self._workers.c
        alive = sa.select(worker.executor_id).where(worker.seen_at >= self._clock - dead_after)
        with self._engine.begin() as connection:
            freed = connection.execute(
                sa.update(self._job)
                .where(
                    job.status == "PENDING",
                    job.name == WORKFLOW,
                    job.executor_id != self._executor_id,
                    job.executor_id.not_in(alive),
                )
                .values(
                    status="ENQUEUED",
                    owner_xid=None,
                    started_at_epoch_ms=None,
                    queue_name=QUEUE,
                    updated_at=self._now_ms(),
                )
            ).rowcount
            connection.execute(sa.delete(self._workers).where(worker.seen_at < self._clock - 100 * dead_after))
        return freed

    # Schedules

    def last_due(self, name: str, otherwise: datetime) -> datetime:
        """The newest time for which a schedule was fired; a new schedule starts with `otherwise`."""
        table = self._schedules
        insert: Any = (sqlite if self._sqlite else postgresql).insert(table)
        with self._engine.begin() as connection:
            connection.execute(
                insert.values(name=name, due=_text(otherwise)).on_conflict_do_nothing(index_elements=["name"])
            )
            due = connection.execute(sa.select(table.c.due).where(table.c.name == name)).scalar_one()
        return datetime.fromisoformat(due)

    def fired(self, name: str, due: datetime) -> None:
        """Note that a schedule was fired for `due`; an older note never replaces a newer one."""
        table = self._schedules.c
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(self._schedules).where(table.name == name, table.due < _text(due)).values(due=_text(due))
            )

    # What became of them

    def known(self, job_ids: Sequence[str], connection: sa.Connection) -> set[str]:
        """Of these jobs, those the engine has already."""
        column = self._job.c.workflow_uuid
        return set(connection.execute(sa.select(column).where(column.in_(job_ids))).scalars())

    def cancel_new(self, job_id: str, connection: sa.Connection) -> None:
        """Mark a job that was inserted in this transaction as cancelled before anyone saw it."""
        now = self._now_ms()
        connection.execute(
            sa.update(self._job)
            .where(self._job.c.workflow_uuid == job_id)
            .values(status="CANCELLED", queue_name=None, updated_at=now, completed_at=now)
        )

    def line(self, job_id: str) -> Line | None:
        """One job as the tables have it, or None."""
        job, failed = self._job.c, self._failed.c
        statement = (
            sa.select(job.status, job.recovery_attempts, job.updated_at, job.priority, *self._failed.c)
            .select_from(self._job.outerjoin(self._failed, failed.job_id == job.workflow_uuid))
            .where(job.workflow_uuid == job_id)
        )
        with self._engine.connect() as connection:
            row = connection.execute(statement).mappings().first()
        if row is None:
            return None
        return Line(
            status=row["status"],
            attempts=row["attempts"] or 0,
            dispatches=row["recovery_attempts"] or 0,
            failure=_failure(row) if row["code"] is not None else None,
            final=bool(row["final"]),
            updated_at=datetime.fromtimestamp(row["updated_at"] / 1000, UTC),
            priority=row["priority"],
        )

    def depth(self) -> int:
        """How many jobs wait, run, or wait for another attempt."""
        job = self._job.c
        statement = (
            sa.select(sa.func.count()).select_from(self._job).where(job.status.in_(_UNDER_WAY), job.name == WORKFLOW)
        )
        with self._engine.connect() as connection:
            return connection.execute(statement).scalar_one()

    def oldest(self) -> datetime | None:
        """When the oldest of those was taken."""
        job = self._job.c
        statement = sa.select(sa.func.min(job.created_at)).where(job.status.in_(_UNDER_WAY), job.name == WORKFLOW)
        with self._engine.connect() as connection:
            found: int | None = connection.execute(statement).scalar_one()
        return None if found is None else datetime.fromtimestamp(found / 1000, UTC)

    def clock(self) -> datetime:
        """What time the database has."""
        with self._engine.connect() as connection:
            return datetime.fromtimestamp(connection.execute(sa.select(self._clock)).scalar_one(), UTC)

    def ended_before(self, when: datetime, limit: int) -> Sequence[str]:
        """Jobs that ended before `when`, to be forgotten."""
        job = self._job.c
        statement = (
            sa.select(job.workflow_uuid)
            .where(job.status.in_(_ENDED), job.name == WORKFLOW, job.completed_at < int(when.timestamp() * 1000))
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return connection.execute(statement).scalars().all()

    def forget(self, job_ids: Iterable[str]) -> None:
        """Drop our notes on jobs that the engine has forgotten."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(self._failed).where(self._failed.c.job_id.in_(list(job_ids))))

    def _now_ms(self) -> sa.ColumnElement[int]:
        return sa.cast(self._clock * 1000, sa.BigInteger)

    def _upsert(self, table: sa.Table, key: str, value: str, values: Mapping[str, Any]) -> sa.Executable:
        insert: Any = (sqlite if self._sqlite else postgresql).insert(table)
        statement: sa.Executable = insert.values({key: value, **values}).on_conflict_do_update(
            index_elements=[key], set_=dict(values)
        )
        return statement


def _failure(row: sa.RowMapping) -> Failure:
    return Failure(code=row["code"], reason=row["reason"], remedy=row["remedy"])


def _text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds")
