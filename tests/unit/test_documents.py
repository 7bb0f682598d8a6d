"""Every command and setting that a document names exists and does what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from auscult.settings import Settings
from tests.support.audio import encoded, speech

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
FENCE = re.compile(r"```sh\n(.*?)```", re.DOTALL)

COVERED_ELSEWHERE = {
    "auscult up": "tests/e2e start it",
    "auscult work": "tests/chaos start it beside a server",
    "auscult train sphinx --data DIR --to src/auscult/knowledge/sphinx": "needs the public dialogues",
}
"""Commands that run until they are stopped, or need what a stranger has not."""
FAILS_WITHOUT_A_HUB = {"auscult models pull small": 1}


def commands() -> list[str]:
    found: list[str] = []
    for document in DOCUMENTS:
        for block in FENCE.findall(document.read_text("utf-8")):
            for line in block.splitlines():
                command = line.strip().removeprefix(".venv/bin/")
                if command.startswith("auscult ") and command not in found:
                    found.append(command)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("documents")
    (place / "recordings").mkdir()
    (place / "recordings" / "question.wav").write_bytes(encoded(speech("question")))
    (place / "recordings" / "question.txt").write_text("how long have you had this pain in your back")
    (place / "visit.m4a").write_bytes(encoded(speech("visit"), "mp4", "aac"))
    return place


@pytest.mark.parametrize("command", [one for one in commands() if one not in COVERED_ELSEWHERE])
def test_a_documented_command_runs_as_written(command: str, folder: Path) -> None:
    words, _, source = command.partition("<")
    environment = {
        **os.environ,
        "AUSCULT_DATA": str(folder / "data"),
        "HOME": str(folder),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(words)],
        cwd=folder,
        env=environment,
        input=(folder / source.strip()).read_bytes() if source else b"",
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == FAILS_WITHOUT_A_HUB.get(command, 0), done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        for block in FENCE.findall(document.read_text("utf-8")):
            for target in re.findall(r"^make ([a-z-]+)", block, re.MULTILINE):
                assert target in targets, (document.name, target)


def test_the_documented_settings_are_the_settings() -> None:
    documented = set(re.findall(r"`AUSCULT_([A-Z0-9_]+)`", (ROOT / "docs" / "using.md").read_text("utf-8")))
    known = {name.upper() for name in Settings.model_fields}
    assert documented <= known, documented - known


def test_links_between_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), (document.name, target)
