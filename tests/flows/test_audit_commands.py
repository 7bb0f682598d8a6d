"""`auscult audit` as a script meets it: it takes the trail out, and its exit code says whether to trust it."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from auscult.clinic import Clinic
from auscult.domain.actor import Role
from auscult.flows import access
from auscult.settings import Settings


def auscult(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auscult", "audit", *arguments],
        env={**os.environ, "AUSCULT_DATA": str(data), "HOME": str(data), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def make_keys(data: Path) -> None:
    async with await Clinic.open(Settings(data=data), work=False) as clinic:
        for name in ("laboratory", "pharmacy"):
            await access.make_api_key(clinic.services, clinic.clinic_id, name, Role.INTEGRATION)


def test_the_trail_is_exported_and_tampering_with_it_has_an_exit_code(tmp_path: Path) -> None:
    data = tmp_path / "data"
    asyncio.run(make_keys(data))
    taken = auscult(data, "export", "--format", "fhir")
    assert taken.returncode == 0, taken.stderr
    lines = [json.loads(line) for line in taken.stdout.splitlines()]
    assert [line["type"]["code"] for line in lines] == ["110113", "110113", "110106"]
    assert auscult(data, "export", "--format", "xml").returncode == 1
    with sqlite3.connect(data / "records.db") as database:
        database.execute("UPDATE audit_entries SET body = replace(CAST(body AS TEXT), 'KEY_', 'KEX_')")
    told = auscult(data, "verify", "--json")
    assert told.returncode == 6, told.stderr
    report = json.loads(told.stdout)
    assert not report["good"]
    assert {finding["problem"] for finding in report["findings"]} == {"changed"}
