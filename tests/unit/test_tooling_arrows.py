"""The contracts in pyproject.toml bite: a forbidden import, put into a copy of the architecture, is found."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = "Doors call flows, flows use roles, roles speak the domain's words"
TRUST = "Trust knows the domain, the lexicons and the secrets protocol"
WORDS = "The domain and knowledge need nobody's trust"
FLOWS = "Flows take roles by their protocols, never a maker"
CLINIC = "Only the clinic binds a role to a maker"

MODULES = {
    "domain.note": "",
    "knowledge.sample.make_sample": "import auscult.engines.speech",
    "trust.sealing": "import auscult.stores.secrets, auscult.domain.note",
    "engines.speech": "import auscult.domain.note",
    "engines.speech.whisper": "import auscult.engines.speech, auscult.knowledge",
    "engines.speech.repetition": "",
    "engines.speakers.turns": "",
    "engines.speakers.roles": "",
    "stores.records": "import auscult.domain.note",
    "stores.records.sql": "import auscult.stores.records, auscult.trust.sealing",
    "stores.objects": "",
    "stores.jobs": "",
    "stores.events": "",
    "stores.secrets": "",
    "stores.secrets.key_file": "import auscult.stores.secrets",
    "flows.scribe": "import auscult.engines.speech, auscult.stores.records, auscult.engines.speech.repetition",
    "settings": "",
    "clinic": "import auscult.engines.speech.whisper, auscult.stores.records.sql, auscult.settings",
    "api.routes": "import auscult.flows.scribe, auscult.clinic",
    "cli": "import auscult.clinic, auscult.flows.scribe, auscult.api",
}
"""A small house with every allowed arrow."""


def build(folder: Path, importer: str | None = None, imported: str | None = None) -> None:
    """Write the house into `folder`, with one more import if asked."""
    modules = dict(MODULES)
    if importer:
        modules[importer] = f"{modules.get(importer, '')}\nimport auscult.{imported}\n"
    source = folder / "src" / "auscult"
    packages = {parent for name in modules for parent in [name.rpartition(".")[0]] if parent}
    for name, text in modules.items():
        parts = name.split(".")
        is_package = name in packages or (len(parts) == 2 and parts[0] in {"engines", "stores"})
        path = source.joinpath(*parts) / "__init__.py" if is_package else source.joinpath(*parts).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for directory in [source, *(path for path in source.rglob("*") if path.is_dir())]:
        (directory / "__init__.py").touch()
    text = (ROOT / "pyproject.toml").read_text()
    assert "importlinter" in tomllib.loads(text)["tool"]
    (folder / "pyproject.toml").write_text(text)


def broken(folder: Path) -> set[str]:
    """The names of the contracts that are broken in that folder."""
    tool = Path(sys.executable).parent / "lint-imports"
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    ran = subprocess.run(
        [tool, "--no-logo", "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    verdicts = {
        line.rsplit(" ", 1)[0]: line for line in ran.stdout.splitlines() if " BROKEN" in line or " KEPT" in line
    }
    assert verdicts, ran.stdout + ran.stderr
    assert ran.returncode == int("BROKEN" in ran.stdout)
    return {name for name in (LAYERS, TRUST, WORDS, FLOWS, CLINIC) if f"{name} BROKEN" in ran.stdout}


def test_the_house_as_drawn_breaks_nothing(tmp_path: Path):
    build(tmp_path)
    assert broken(tmp_path) == set()


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        ("domain.note", "stores.records", LAYERS),
        ("domain.note", "trust.sealing", WORDS),
        ("knowledge.sample.make_sample", "flows.scribe", LAYERS),
        ("knowledge.sample.make_sample", "trust.sealing", WORDS),
        ("engines.speech.whisper", "stores.records", LAYERS),
        ("engines.speech.whisper", "flows.scribe", LAYERS),
        ("engines.speech", "settings", LAYERS),
        ("stores.records.sql", "engines.speech", LAYERS),
        ("stores.records.sql", "api.routes", LAYERS),
        ("trust.sealing", "stores.secrets.key_file", TRUST),
        ("trust.sealing", "stores.records", TRUST),
        ("trust.sealing", "engines.speech", TRUST),
        ("flows.scribe", "engines.speech.whisper", FLOWS),
        ("flows.scribe", "stores.records.sql", FLOWS),
        ("flows.scribe", "clinic", LAYERS),
        ("flows.scribe", "cli", LAYERS),
        ("clinic", "api.routes", LAYERS),
        ("api.routes", "engines.speech.whisper", CLINIC),
        ("api.routes", "cli", LAYERS),
        ("a_new_top_level_module", "domain.note", LAYERS),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, importer: str, imported: str, contract: str):
    build(tmp_path, importer, imported)
    assert contract in broken(tmp_path)
