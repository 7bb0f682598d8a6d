"""Backup, drill, restore, escrow, rotation and erasure as an operator types them."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from auscult.clinic import Clinic
from auscult.flows import patients
from auscult.settings import Settings
from tests.flows.conftest import Typed


def on_the_clinic(data: Path, do: Callable[[Clinic], object]) -> object:
    """Open the clinic, do something, close it."""

    async def done() -> object:
        async with await Clinic.open(Settings(data=data), work=False) as clinic:
            return await do(clinic)  # type: ignore[misc]  # whatever it awaits

    return asyncio.run(done())


def test_an_operator_keeps_a_clinic_safe_and_brings_it_back(tmp_path: Path, typed: Typed) -> None:
    data, backups = tmp_path / "data", str(tmp_path / "backups")

    async def register(clinic: Clinic) -> list[str]:
        names = ("Hana Black", "Ravi White")
        return [(await patients.register(clinic.services, clinic.system, name=name)).id for name in names]

    gone, stays = on_the_clinic(data, register)
    _code, said, _ = typed("check", "--json")
    checked = json.loads(said)
    assert ["keys escrow" in one for one in checked["warnings"]] == [True]
    assert "There is no backup yet." in [one["sentence"] for one in checked["alarms"]]

    code, said, told = typed("backup", backups)
    assert (code, "4 documents, 0 objects" in said) == (0, True), told
    assert "There is no escrow copy" in told

    page, passphrase = tmp_path / "page.txt", tmp_path / "passphrase.txt"
    passphrase.write_text("correct horse battery staple")
    given = ("--passphrase-file", str(passphrase))
    assert typed("keys", "escrow", str(page), *given)[0] == 0
    assert page.stat().st_mode & 0o077 == 0
    assert typed("keys", "escrow", str(page), *given)[0] == 1, "a page that is there is not written over"

    code, _, told = typed("patients", "erase", gone, stdin="something else\n")
    assert (code, "Nothing was erased" in told) == (130, True)
    code, said, told = typed("patients", "erase", gone, stdin=f"{gone}\n")
    assert (code, "is erased" in said) == (0, True), told

    code, said, told = typed("backup", "drill", backups, "--all")
    assert code == 0, told
    assert re.search(r"^RPO [\d.]+ (s|min)", said, re.MULTILINE), said
    assert re.search(r"^RTO [\d.]+ (s|min)", said, re.MULTILINE), said
    assert "1 erased subjects stay erased" in said

    shutil.rmtree(data)  # the machine is lost
    code, _, told = typed("restore", backups)
    assert (code, "auscult keys recover" in told) == (1, True)
    assert typed("keys", "recover", str(page), *given)[0] == 0
    code, _, told = typed("restore", backups)
    assert code == 0, told
    code, _, told = typed("keys", "rotate")
    assert (code, "older master key" in told) == (0, True), told

    async def listed(clinic: Clinic) -> list[str]:
        page_of = await patients.recent(clinic.services, clinic.system, 10, None)
        return [stored.value.id for stored in page_of.items]

    assert on_the_clinic(data, listed) == [stays]
