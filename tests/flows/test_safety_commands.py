"""Backup, drill, restore, escrow, rotation and erasure as an operator types them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from auscult.clinic import Clinic
from auscult.flows import patients
from auscult.settings import Settings
from tests.flows.test_command_line import auscult


async def test_an_operator_keeps_a_clinic_safe_and_brings_it_back(tmp_path: Path) -> None:
    async with await Clinic.open(Settings(data=tmp_path / "data"), work=False) as clinic:
        gone, stays = [
            (await patients.register(clinic.services, clinic.system, name=name)).id for name in ("Hana Black", "Ravi W")
        ]
    checked = json.loads(auscult(tmp_path, "check", "--json").stdout)["warnings"]
    assert ["escrow" in one for one in checked] == [True, False]
    assert ["auscult backup" in one for one in checked] == [False, True]

    made = auscult(tmp_path, "backup", str(tmp_path / "backups"))
    assert made.returncode == 0, made.stderr.decode()
    assert "There is no escrow copy" in " ".join(made.stderr.decode().split())
    assert "2 documents, 0 objects" in made.stdout.decode()

    passphrase = tmp_path / "passphrase.txt"
    passphrase.write_text("correct horse battery staple")
    page, given = tmp_path / "page.txt", ("--passphrase-file", str(passphrase))
    assert auscult(tmp_path, "keys", "escrow", str(page), *given).returncode == 0
    assert page.stat().st_mode & 0o077 == 0
    again = auscult(tmp_path, "keys", "escrow", str(page), *given)
    assert again.returncode == 1, "a page that is there is not written over"

    refused = auscult(tmp_path, "patients", "erase", gone, stdin=b"something else\n")
    assert refused.returncode == 130
    assert "Nothing was erased" in refused.stderr.decode()
    erased = auscult(tmp_path, "patients", "erase", gone, stdin=f"{gone}\n".encode())
    assert erased.returncode == 0, erased.stderr.decode()
    assert "is erased" in erased.stdout.decode()

    drilled = auscult(tmp_path, "backup", "drill", str(tmp_path / "backups"), "--all")
    said = drilled.stdout.decode()
    assert drilled.returncode == 0, drilled.stderr.decode()
    assert re.search(r"^RPO [\d.]+ (s|min)", said, re.MULTILINE), said
    assert re.search(r"^RTO [\d.]+ (s|min)", said, re.MULTILINE), said
    assert "1 erased subjects stay erased" in said

    shutil.rmtree(tmp_path / "data")  # the machine is lost
    without = auscult(tmp_path, "restore", str(tmp_path / "backups"))
    assert without.returncode == 1
    assert "auscult keys recover" in without.stderr.decode()
    assert auscult(tmp_path, "keys", "recover", str(page), *given).returncode == 0
    back = auscult(tmp_path, "restore", str(tmp_path / "backups"))
    assert back.returncode == 0, back.stderr.decode()
    turned = auscult(tmp_path, "keys", "rotate")
    assert turned.returncode == 0, turned.stderr.decode()
    assert "older master key" in " ".join(turned.stderr.decode().split())
    async with await Clinic.open(Settings(data=tmp_path / "data"), work=False) as clinic:
        page_of = await patients.recent(clinic.services, clinic.system, 10, None)
        assert [stored.value.id for stored in page_of.items] == [stays]
