"""Every command and setting that a document names exists and does what it says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from auscult.settings import Settings
from tests.support.audio import encoded, speech
from tests.unit.evaluation.notes.invented import DIALOGUES, data, row

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
FENCE = re.compile(r"```sh\n(.*?)```", re.DOTALL)

COVERED_ELSEWHERE = {
    "auscult up": "tests/e2e start it",
    "auscult up --lan": "tests/e2e/test_lan.py starts it",
    "auscult up --host 0.0.0.0 --tls clinic.crt --tls-key clinic.key": "tests/flows/test_own_certificate.py starts it",
    "auscult up --mqtt": "tests/flows/test_embedded_mqtt.py starts it",
    "auscult work": "tests/chaos start it beside a server",
    "auscult patients erase PATIENT_ID --yes": "tests/flows/test_safety_commands.py erases somebody",
    "auscult demo": "tests/flows/test_demo.py fills a clinic",
    "auscult demo --clear": "tests/flows/test_demo.py empties it again",
    "auscult train sphinx --data DIR --to src/auscult/knowledge/sphinx": "needs the public dialogues",
    "auscult train notes --data DIR --to src/auscult/knowledge/notes": "needs the public visits",
    "auscult train sections --data DIR --to src/auscult/knowledge/notes": "needs the public dialogues",
    "auscult train punctuation --data DIR --to src/auscult/knowledge/notes": "needs the public visits and dialogues",
}
"""Commands that run until they are stopped, or need what a stranger has not."""
FAILS_WITHOUT_A_HUB = {"auscult models pull small": 1}
TAKES_LONG = {"auscult evaluate speech": "hears the whole bundled consultation; with --data it hears a question"}
"""Commands that only `make test-full` runs."""


def commands(beginning: str) -> list[str]:
    """Every documented command that begins so, once, without the path of its program and without comments."""
    found: dict[str, None] = {}
    for document in DOCUMENTS:
        for block in FENCE.findall(document.read_text("utf-8")):
            for line in block.splitlines():
                command = line.partition(" #")[0].strip().removeprefix(".venv/bin/")
                if command.startswith(beginning):
                    found[command] = None
    return list(found)


def documented() -> list[Any]:
    """Every command of ours that can be run here; what takes long is marked."""
    found = [one for one in commands("auscult ") if one not in COVERED_ELSEWHERE]
    return [pytest.param(one, marks=pytest.mark.full) if one in TAKES_LONG else one for one in found]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("documents")
    (place / "recordings").mkdir()
    (place / "recordings" / "question.wav").write_bytes(encoded(speech("question")))
    (place / "recordings" / "question.txt").write_text("how long have you had this pain in your back")
    (place / "consultations").mkdir()
    data(place / "consultations", row())
    data(place, {"turns": [{"speaker": "doctor", "text": "Any fever? Any cough at all?"}]}, name="visits.jsonl")
    (place / "dialogues").mkdir()
    data(place / "dialogues", *({"header": header, "dialogue": text} for header, text in DIALOGUES))
    (place / "visit.txt").write_text("Doctor: Any fever?\nPatient: No, but I have had a cough for two days.\n")
    (place / "visit.m4a").write_bytes(encoded(speech("question"), "mp4", "aac"))  # a word of it is as good as all
    (place / "passphrase.txt").write_text("correct horse battery staple\n")
    # The page on operating begins with a clinic that is there.
    subprocess.run([sys.executable, "-m", "auscult", "check"], env=environment(place), capture_output=True, check=True)
    return place


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "AUSCULT_DATA": str(folder / "data"),
        "HOME": str(folder),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }


@pytest.mark.parametrize("command", [one for one in commands("auscult ") if one not in COVERED_ELSEWHERE])
def test_a_documented_command_runs_as_written(command: str, folder: Path) -> None:
    words, _, source = command.partition("<")
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(words)],
        cwd=folder,
        env=environment(folder),
        input=(folder / source.strip()).read_bytes() if source else b"",
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == FAILS_WITHOUT_A_HUB.get(command, 0), done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_what_the_readme_shows_of_the_output_is_the_output(folder: Path) -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    blocks = re.search(r"```sh\n([^`]*auscult note[^`]*)```\n\n```text\n(.*?)```", page, re.DOTALL)
    assert blocks
    printed = ""
    for line in blocks[1].splitlines():
        words = shlex.split(line.removeprefix(".venv/bin/"))
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=folder, capture_output=True, timeout=180, check=True, text=True
        )
        printed += done.stdout
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    shown = [" ".join(line.split()) for line in blocks[2].splitlines() if line]
    assert [line for line in shown if line not in lines] == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What measuring needs of the checkout, to be written to: `--save` changes a page of the documents."""
    place = tmp_path_factory.mktemp("checkout")
    for part in ("bench", "docs", "tests", "tools"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    return place


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("command", [*commands("python -m bench"), *commands("python -m tools")])
def test_a_documented_measurement_or_tool_runs_as_written(command: str, copy: Path) -> None:
    """Measurements at their smallest; missing a figure on a busy machine is no failure, breaking down is."""
    words = shlex.split(command)[1:]
    small = ["--size", "tiny"] if words[1].startswith("bench") else []
    before = (copy / "docs" / "performance.md").read_text("utf-8")
    done = subprocess.run([sys.executable, *words, *small], cwd=copy, capture_output=True, timeout=1700, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    assert b"Traceback" not in done.stderr
    assert ((copy / "docs" / "performance.md").read_text("utf-8") != before) == ("--save" in words)


def test_documents_say_how_to_measure() -> None:
    assert {"python -m bench.memory", "python -m bench --save"} <= set(commands("python -m bench"))


def test_make_targets_in_documents_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        named = re.findall(r"`make ([a-z-]+)`", text)
        for block in FENCE.findall(text):
            named += re.findall(r"^make ([a-z-]+)", block, re.MULTILINE)
        assert set(named) <= targets, document.name


@pytest.mark.parametrize("target", ["run", "test", "test-full", "bench", "lint", "format", "licences", "lock", "wheel"])
def test_what_a_make_target_starts_is_there(target: str) -> None:
    """Every script and module that the target's lines name."""
    shown = subprocess.run(
        ["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    scripts = re.findall(r"\b(tools/[\w.]+)", shown)
    modules = re.findall(r"python -m (\w+)", shown)
    assert scripts
    assert [name for name in scripts if not (ROOT / name).is_file()] == []
    assert [name for name in modules if find_spec(name) is None] == []


def test_the_documented_settings_are_the_settings() -> None:
    documented = set(re.findall(r"`AUSCULT_([A-Z0-9_]+)`", (ROOT / "docs" / "using.md").read_text("utf-8")))
    known = {name.upper() for name in Settings.model_fields}
    assert documented <= known, documented - known


def test_links_between_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), (document.name, target)


def test_the_architecture_names_what_there_is() -> None:
    """Every file and folder that it names exists, and no part of the offline writer is passed over."""
    source = ROOT / "src" / "auscult"
    named = set(re.findall(r"`([\w./]+)`", (ROOT / "docs" / "architecture.md").read_text("utf-8")))
    files = {name for name in named if name.endswith(".py")}
    folders = {name for name in named if "/" in name} - files  # of packages, too: `trust/grounding`
    assert len(files) > 10
    assert len(folders) > 10
    assert {name for name in files if not (any(source.rglob(name)) or (ROOT / name).is_file())} == set()
    web = ROOT / "web" / "src"
    assert {n for n in folders if not (any(source.rglob(n)) or any(web.rglob(n)) or (ROOT / n).exists())} == set()
    writer = {path.stem for path in (source / "engines" / "writer" / "offline").glob("*.py")} - {"__init__"}
    assert writer - named == set()
