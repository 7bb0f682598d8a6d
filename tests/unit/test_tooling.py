"""The scripts behind `make`: pins agree, reports and licences tell the truth, a bare machine is told what it lacks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tools import licences, lock, test_report

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-uv.lock"]


def locked(name: str) -> list[str]:
    return lock.pins((ROOT / name).read_text())


def declared() -> list[Requirement]:
    """Every requirement written down by hand, of the product and of all groups."""
    groups = PYPROJECT["dependency-groups"].values()
    lines = PYPROJECT["project"]["dependencies"] + [line for group in groups for line in group if isinstance(line, str)]
    return [Requirement(line) for line in lines]


def test_uv_run_and_make_run_install_the_same_versions():
    """`uv run` resolves under the constraints of pyproject.toml, `make` installs the lock file: they must agree."""
    text = (ROOT / "requirements-dev.lock").read_text()
    assert PYPROJECT["tool"]["uv"]["constraint-dependencies"] == lock.constraints(text)


def test_what_runs_is_also_what_is_tested():
    assert set(locked("requirements.lock")) <= set(locked("requirements-dev.lock"))


def test_every_declared_dependency_is_pinned_to_a_version_it_allows():
    """Fails after a change of pyproject.toml without `make lock`."""
    pinned = {}
    for line in locked("requirements-dev.lock"):
        name, _, version = line.split(" ;")[0].partition("==")
        pinned.setdefault(name, []).append(version)
    for requirement in declared():
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert any(requirement.specifier.contains(version) for version in pinned.get(name, [])), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash_and_no_address(name: str):
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=\S)", text.split("\n", 1)[1])
    assert entries
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_no_gpu_toolkit_is_pulled_in():
    """A resolver left alone brings several gigabytes of it."""
    names = " ".join(locked("requirements-dev.lock"))
    assert re.findall(r"\b(?:torch|triton|nvidia-\S+|cuda-\S+)\b", names) == []


def test_changing_the_pins_leaves_the_rest_of_the_file_alone():
    text = (ROOT / "pyproject.toml").read_text()
    changed = lock.with_pins(text, ["one==1", "two==2 ; python_full_version < '3.12'"], ["three==3"])
    uv = tomllib.loads(changed)["tool"]["uv"]
    assert uv["constraint-dependencies"] == ["one==1", "two==2 ; python_full_version < '3.12'"]
    assert uv["build-constraint-dependencies"] == ["three==3"]
    assert lock.with_pins(changed, [], []) == lock.with_pins(text, [], [])


def test_a_condition_that_always_holds_is_left_out_of_a_lock():
    always, older = lock.SUPPORTED, "python_full_version < '3.12'"
    text = f"one==1 ; {always} \\\n    --hash=sha256:aa\n"
    text += f"two==2 ; {older} and sys_platform != 'win32' \\\n    --hash=sha256:bb\n"
    assert lock.pins(lock.simplified(text)) == ["one==1", "two==2 ; python_full_version < '3.12'"]


def test_every_runtime_package_has_a_licence_that_is_permitted(capsys: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.chdir(ROOT)
    assert licences.main([]) == 0, capsys.readouterr().err
    assert "fastapi" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "licence", "fault"),
    [
        ("some-package", "MIT", False),
        ("some-package", "Apache-2.0 OR BSD-3-Clause", False),
        ("some-package", "GPL-3.0-or-later", True),
        ("some-package", "GNU Affero General Public License v3", True),
        ("some-package", "LGPL-3.0-only", True),
        ("some-package", "MIT AND CC-BY-NC-4.0", True),
        ("some-package", "", True),
        ("psycopg", "LGPL-3.0-only", False),
        ("psycopg", "MIT", True),
    ],
)
def test_a_licence_that_is_not_permissive_needs_a_reason(name: str, licence: str, fault: bool):
    assert (licences.verdict(name, licence) is not None) is fault


def test_a_gpl_library_inside_a_permissive_wheel_is_seen():
    """PyAV says BSD and carries x264; that it may is written down, that it does must not go unnoticed."""
    assert licences.gpl_libraries(metadata.distribution("av")) <= licences.LIBRARIES.keys()
    assert licences.GPL_LIBRARY.match("libx264-d6533a8d.so.165")
    assert not licences.GPL_LIBRARY.match("libopus-114e2b1a.so.0")


def test_the_report_counts_what_pytest_counted(tmp_path: Path):
    (tmp_path / "tests" / "flows").mkdir(parents=True)
    (tmp_path / "tests" / "flows" / "test_three.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert 1 == 2\n"
        "def test_later(): pytest.skip('no such machine')\n"
    )
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "--junitxml=j.xml", "tests"]
    subprocess.run(run, cwd=tmp_path, capture_output=True, check=False)
    assert test_report.main(str(tmp_path / "j.xml"), str(tmp_path / "docs" / "report.md")) == 1
    report = (tmp_path / "docs" / "report.md").read_text()
    assert "1 passed, 1 failed, 1 skipped" in report
    assert "| flows | 1 | 1 | 1 |" in report
    assert "test_bad`: assert 1 == 2" in report
    assert "no such machine" in report
    assert f"Python {sys.version.split()[0]}" in report


def script(folder: Path, name: str, text: str) -> None:
    """Put an executable of that name into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def run_tool(name: str, path: Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a script of tools/ with nothing else on PATH than what lies in `path` and the shell's own programs."""
    for program in ("sh", "sed", "id", "rm", "touch", "dirname", "env"):
        found = shutil.which(program)
        if found and not (path / program).exists():
            path.mkdir(exist_ok=True)
            (path / program).symlink_to(found)
    return subprocess.run(
        [path / "sh", f"tools/{name}"], cwd=cwd, env={"PATH": str(path)}, capture_output=True, text=True, check=False
    )


def test_a_python_with_wheels_is_preferred_to_one_that_is_too_new(tmp_path: Path):
    script(tmp_path / "bin", "python3", "echo 3.14")
    script(tmp_path / "bin", "python3.13", "echo 3.13")
    assert run_tool("python.sh", tmp_path / "bin").stdout.strip() == str(tmp_path / "bin" / "python3.13")


def test_the_newest_supported_python_is_taken_when_it_is_the_only_one(tmp_path: Path):
    script(tmp_path / "bin", "python3", "echo 3.14")
    assert run_tool("python.sh", tmp_path / "bin").stdout.strip() == str(tmp_path / "bin" / "python3")


@pytest.mark.parametrize("version", ["3.10", "3.15", "2.7"])
def test_without_a_supported_python_the_sentence_says_what_to_install(tmp_path: Path, version: str):
    script(tmp_path / "bin", "python3", f"echo {version}")
    ran = run_tool("python.sh", tmp_path / "bin")
    assert ran.returncode == 1
    assert "needs Python 3.11 to 3.14" in ran.stderr


def test_a_uv_that_is_there_and_new_enough_is_used(tmp_path: Path):
    script(tmp_path / "bin", "uv", "echo 'uv 0.13.8 (x86_64-unknown-linux-gnu)'")
    assert run_tool("uv.sh", tmp_path / "bin").stdout.strip() == str(tmp_path / "bin" / "uv")


def test_an_old_uv_is_passed_over_for_our_own(tmp_path: Path):
    clone = tmp_path / "a clone"
    shutil.copytree(ROOT / "tools", clone / "tools")
    (clone / "requirements-uv.lock").touch()
    os.utime(clone / "requirements-uv.lock", (0, 0))
    script(tmp_path / "bin", "uv", "echo 'uv 0.4.30'")
    (clone / ".tools").mkdir()
    script(clone / ".tools" / "bin", "uv", "echo 'uv 0.13.8'")
    assert run_tool("uv.sh", tmp_path / "bin", clone).stdout.strip() == str(clone / ".tools" / "bin" / "uv")


def test_a_python_without_venv_is_told_the_package_that_brings_it(tmp_path: Path):
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "tools", clone / "tools")
    script(tmp_path / "bin", "python3", '[ "$1" = -c ] && echo 3.11 && exit 0; exit 1')
    script(tmp_path / "bin", "id", "echo 1000")
    ran = run_tool("uv.sh", tmp_path / "bin", clone)
    assert ran.returncode == 1
    assert "sudo apt install python3-venv" in ran.stderr
    assert not (clone / ".tools").exists()


def test_missing_system_packages_are_named_to_who_may_not_install_them(tmp_path: Path):
    script(tmp_path / "bin", "id", "echo 1000")
    script(tmp_path / "bin", "apt-get", "exit 1")
    ran = run_tool("test_tools.sh", tmp_path / "bin")
    assert ran.returncode == 1
    assert "sudo apt install --no-install-recommends chromium" in ran.stderr


def test_system_packages_that_are_there_are_left_alone():
    """Nothing is asked of the network when nothing is missing."""
    if subprocess.run(["sh", "tools/test_tools.sh"], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("this machine may not install what is missing")
    ran = subprocess.run(["sh", "tools/test_tools.sh"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout + ran.stderr == ""


def test_make_alone_lists_what_it_can_do():
    ran = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  make (\S+)", ran.stdout, re.MULTILINE))
    assert listed >= {"run", "test", "test-full", "bench", "lint", "lock"}
