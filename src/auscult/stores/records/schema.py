"""The tables of the records store, and which schema revision this code speaks.

The tables are made by the migrations beside this file; a test holds the two equal. Text columns that are compared or
sorted are bytewise (`COLLATE "C"`) on PostgreSQL, as they are on SQLite, whatever the database's own language.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

REVISIONS: Final = ("0001", "0002")
"""Every revision of the schema, oldest first. The last is the one this code speaks."""
HEAD: Final = REVISIONS[-1]
VERSION_TABLE: Final = "auscult_version"


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time on every database; SQLite itself keeps no zone and would return a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a naive time, and normalise to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_KEY: Final = Text().with_variant(Text(collation="C"), "postgresql")
_COUNT: Final = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("clinic_id", _KEY, nullable=False),
    Column("kind", _KEY, nullable=False),
    Column("partition", _KEY, nullable=False),
    Column("sort", _KEY, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("subject", _KEY, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("clinic_id", "kind", "partition", "sort", name="documents_pkey"),
)

document_index = Table(
    "document_index",
    metadata,
    Column("clinic_id", _KEY, nullable=False),
    Column("kind", _KEY, nullable=False),
    Column("partition", _KEY, nullable=False),
    Column("sort", _KEY, nullable=False),
    Column("index_name", _KEY, nullable=False),
    Column("ipartition", _KEY, nullable=False),
    Column("isort", _KEY, nullable=False),
    PrimaryKeyConstraint("clinic_id", "kind", "partition", "sort", "index_name", name="document_index_pkey"),
    Index(
        "document_index_order",
        "clinic_id",
        "kind",
        "index_name",
        "ipartition",
        "isort",
        "partition",
        "sort",
        unique=True,
    ),
)

outbox_jobs = Table(
    "outbox_jobs",
    metadata,
    Column("position", _COUNT, primary_key=True, autoincrement=True),
    Column("job_id", _KEY, nullable=False),
    Column("payload", Text, nullable=False),
    UniqueConstraint("job_id", name="outbox_jobs_once"),
    # Positions are never used again: a late `jobs_handed_over` must not forget somebody else's job.
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    Column("position", _COUNT, primary_key=True, autoincrement=True),
    Column("id", _KEY, nullable=False),
    Column("clinic_id", _KEY, nullable=False),
    Column("payload", Text, nullable=False),
    Column("seq", BigInteger, nullable=True),
    UniqueConstraint("id", name="events_once"),
    UniqueConstraint("clinic_id", "seq", name="events_sequence"),
    sqlite_autoincrement=True,
)
Index(
    "events_unpublished",
    events.c.position,
    sqlite_where=text("seq IS NULL"),
    postgresql_where=text("seq IS NULL"),
)

event_sequences = Table(
    "event_sequences",
    metadata,
    Column("clinic_id", _KEY, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("clinic_id", _KEY, nullable=False),
    Column("chain", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    PrimaryKeyConstraint("clinic_id", "chain", name="audit_heads_pkey"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("clinic_id", _KEY, nullable=False),
    Column("chain", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("moment", _KEY, nullable=False),
    Column("user_id", _KEY, nullable=False),
    Column("action", _KEY, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    PrimaryKeyConstraint("clinic_id", "chain", "seq", name="audit_entries_pkey"),
    Index("audit_entries_by_time", "clinic_id", "moment"),
    Index("audit_entries_by_user", "clinic_id", "user_id", "moment"),
)

audit_patients = Table(
    "audit_patients",
    metadata,
    Column("clinic_id", _KEY, nullable=False),
    Column("patient_id", _KEY, nullable=False),
    Column("moment", _KEY, nullable=False),
    Column("chain", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("clinic_id", "patient_id", "moment", name="audit_patients_pkey"),
    Index("audit_patients_by_entry", "clinic_id", "chain", "seq"),
)
