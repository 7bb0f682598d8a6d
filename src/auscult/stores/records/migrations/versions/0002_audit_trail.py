"""The audit trail: its chains, where each of them ends, and whose records an entry concerned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; on PostgreSQL, put row security around them."""
    op.create_table(
        "audit_heads",
        sa.Column("clinic_id", _key(), nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "chain", name="audit_heads_pkey"),
    )
    op.create_table(
        "audit_entries",
        sa.Column("clinic_id", _key(), nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("moment", _key(), nullable=False),
        sa.Column("user_id", _key(), nullable=False),
        sa.Column("action", _key(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "chain", "seq", name="audit_entries_pkey"),
    )
    op.create_index("audit_entries_by_time", "audit_entries", ["clinic_id", "moment"])
    op.create_index("audit_entries_by_user", "audit_entries", ["clinic_id", "user_id", "moment"])
    op.create_table(
        "audit_patients",
        sa.Column("clinic_id", _key(), nullable=False),
        sa.Column("patient_id", _key(), nullable=False),
        sa.Column("moment", _key(), nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "moment", name="audit_patients_pkey"),
    )
    op.create_index("audit_patients_by_entry", "audit_patients", ["clinic_id", "chain", "seq"])
    if op.get_bind().dialect.name == "postgresql":
        for table in ("audit_heads", "audit_entries", "audit_patients"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            # FORCE: the owner of the table, which is usually the server's own role, is bound by it too.
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY {table}_of_one_clinic ON {table}"
                " USING (clinic_id = current_setting('auscult.clinic', true))"
                " WITH CHECK (clinic_id = current_setting('auscult.clinic', true))"
            )
