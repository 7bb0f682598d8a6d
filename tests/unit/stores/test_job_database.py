"""What an operator is told of a job database that refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from auscult.stores.jobs.database import open_engine, what_failed


def test_a_full_database_is_called_full_and_its_statement_is_not_quoted(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'jobs.db'}", pool=1, durable=True)
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE kept (words TEXT)"))
        connection.execute(sa.text("PRAGMA max_page_count=4"))
        with pytest.raises(sa.exc.SQLAlchemyError) as refused:
            connection.execute(sa.text("INSERT INTO kept VALUES (:words)"), {"words": "canary " * 10_000})
    assert what_failed(refused.value) == "SQLITE_FULL"
    engine.dispose()


def test_an_error_without_a_code_is_named_by_its_type() -> None:
    assert what_failed(ValueError("canary")) == "ValueError"
