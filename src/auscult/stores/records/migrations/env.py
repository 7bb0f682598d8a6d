"""Alembic's entry: runs revisions on the connection that `auscult.stores.records.migrate` hands in."""

from __future__ import annotations

from alembic import context

from auscult.stores.records.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    # SQLite can roll back a CREATE TABLE once BEGIN is ours and not the driver's (see `Database`).
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
