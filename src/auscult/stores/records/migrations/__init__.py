"""The schema of the records store, revision by revision (Alembic). Applied by `auscult.stores.records.migrate`."""
