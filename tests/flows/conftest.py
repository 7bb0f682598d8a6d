"""A clinic whose jobs wait for the test, on each database."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from auscult import cli
from auscult.domain.ids import SubjectId
from auscult.stores.secrets.sql_keys import open_wrapped_keys
from auscult.world import real_ambient
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.scripted_engines import Script, scripted_engines

Typed: TypeAlias = Callable[..., tuple[int, str, str]]
Quiet: TypeAlias = Callable[..., AbstractAsyncContextManager[OpenClinic]]


@pytest.fixture
def quiet(records_backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Quiet:
    """Opens a clinic in this test's folder and database, as often as asked; with `work=True` it runs its jobs."""
    url = request.getfixturevalue("postgres_url") if records_backend == "postgres" else ""

    @asynccontextmanager
    async def opened(*, work: bool = False, **settings: Any) -> AsyncIterator[OpenClinic]:
        async with open_clinic(
            settings.pop("data", tmp_path / "clinic"),
            engines=lambda chosen: scripted_engines(chosen, Script(writer="quotes")),
            work=work,
            **{"records_url": url, **settings},
        ) as here:
            yield here

    return opened


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Carries out a command in this process: its exit code, what it printed, and what it told on standard error."""
    monkeypatch.setenv("AUSCULT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(cli, "configure", lambda _level: None)

    def carried_out(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["auscult", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return carried_out


async def erase(here: OpenClinic, subject: str) -> None:
    """Destroy a subject's key, as an erasure does, in a store that no process of this clinic has open."""
    settings = here.clinic.settings
    keys = await open_wrapped_keys(settings.records_url or f"sqlite:///{settings.data}/keys.db", real_ambient().now)
    await keys.destroy(here.clinic.clinic_id, SubjectId(subject))
    await keys.close()
