"""Documents with their secondary indexes, and the outbox of events and jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _count() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables; on PostgreSQL, put row security around those that hold documents."""
    op.create_table(
        "documents",
        sa.Column("clinic_id", _key(), nullable=False),
        sa.Column("kind", _key(), nullable=False),
        sa.Column("partition", _key(), nullable=False),
        sa.Column("sort", _key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("subject", _key(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "kind", "partition", "sort", name="documents_pkey"),
    )
    op.create_table(
        "document_index",
        sa.Column("clinic_id", _key(), nullable=False),
        sa.Column("kind", _key(), nullable=False),
        sa.Column("partition", _key(), nullable=False),
        sa.Column("sort", _key(), nullable=False),
        sa.Column("index_name", _key(), nullable=False),
        sa.Column("ipartition", _key(), nullable=False),
        sa.Column("isort", _key(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "kind", "partition", "sort", "index_name", name="document_index_pkey"),
    )
    op.create_index(
        "document_index_order",
        "document_index",
        ["clinic_id", "kind", "index_name", "ipartition", "isort", "partition", "sort"],
        unique=True,
    )
    op.create_table(
        "outbox_jobs",
        sa.Column("position", _count(), primary_key=True, autoincrement=True),
        sa.Column("job_id", _key(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.UniqueConstraint("job_id", name="outbox_jobs_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        sa.Column("position", _count(), primary_key=True, autoincrement=True),
        sa.Column("id", _key(), nullable=False),
        sa.Column("clinic_id", _key(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("id", name="events_once"),
        sa.UniqueConstraint("clinic_id", "seq", name="events_sequence"),
        sqlite_autoincrement=True,
    )
    unpublished = sa.text("seq IS NULL")
    op.create_index(
        "events_unpublished", "events", ["position"], sqlite_where=unpublished, postgresql_where=unpublished
    )
    op.create_table(
        "event_sequences",
        sa.Column("clinic_id", _key(), primary_key=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("documents", "document_index"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            # FORCE: the owner of the table, which is usually the server's own role, is bound by it too.
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY {table}_of_one_clinic ON {table}"
                " USING (clinic_id = current_setting('auscult.clinic', true))"
                " WITH CHECK (clinic_id = current_setting('auscult.clinic', true))"
            )
