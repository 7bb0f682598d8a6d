"""The repository keeps its own rules: where things lie, what they are called, and what never gets committed."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "auscult"

# Composed, so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "yarn" + "pkg.com",
    "deb.deb" + "ian.org",
    "security.deb" + "ian.org",
    "archive.ubu" + "ntu.com",
]
BUILD_MACHINE = re.compile(
    r"(?<![\w.~-])/(?:"
    + "|".join(("wo" + r"rk/(?:main|shared|\.)", "ro" + "ot/", "Us" + "ers/", "ho" + r"me/\w", "t" + "mp/"))
    + ")"
)
HOW_IT_IS_BUILT = re.compile(
    "|".join(
        (
            "co-authored" + "-by",
            "generated (?:with|by) (?:an? )?(?:a" + "i|l" + r"lm|language model)\b",
            r"\bsub" + "agent",
            "as an a" + "i ",
            r"\bchat" + "gpt",
            r"\bprom" + "pt engineer",
        )
    ),
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc", "stuff"}
BINARY = {
    ".webm",
    ".wav",
    ".png",
    ".jpg",
    ".ico",
    ".ttf",
    ".woff2",
    ".npz",
    ".gz",
    ".pdf",
    ".bin",
    ".mp3",
    ".m4a",
    ".ogg",
}
LONGEST_FILE = 500
"""Lines. Readable in one sitting is the aim; this is where it has certainly ended."""


def committed() -> list[Path]:
    """Every file of the repository, as it lies in this work tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every committed text file."""
    for path in committed():
        if path.suffix not in BINARY:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def lines_matching(pattern: re.Pattern[str], *, only: str = "") -> list[str]:
    """`file:line: text` of every committed line in which the pattern is found; `only` names a file suffix."""
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        if name.endswith(only)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def imports_of(path: Path) -> set[str]:
    """The dotted names that a module imports anywhere in it, with each `from X import y` as `X` and `X.y`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def makers() -> set[str]:
    """Modules beside a role's or store's protocol, less the pure rules that every maker shares."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    shared = {rule.split(" -> ")[1] for contract in contracts for rule in contract.get("ignore_imports", [])}
    found = set()
    for kind in ("engines", "stores"):
        for path in (SOURCE / kind).glob("*/*.py"):
            if path.stem != "__init__":
                found.add(f"auscult.{kind}.{path.parent.name}.{path.stem}")
    return found - shared


def test_no_committed_file_names_a_package_registry():
    """Whoever installs decides where packages come from."""
    assert lines_matching(re.compile("|".join(re.escape(name) for name in REGISTRIES))) == []


def test_no_committed_file_holds_a_path_of_one_machine():
    assert lines_matching(BUILD_MACHINE) == []


def test_no_committed_file_tells_how_it_was_made():
    assert lines_matching(HOW_IT_IS_BUILT) == []


def test_nothing_unfinished_is_committed():
    assert lines_matching(UNFINISHED, only=".py") + lines_matching(UNFINISHED, only=".ts") == []


def test_every_silenced_warning_says_which_and_why():
    """`# noqa: X - why`, `# type: ignore[x]  # why`; a comment on the line before counts too."""
    directive = re.compile(
        r"#\s*(?:noqa(?P<codes>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type:\s*ignore(?P<types>\[[\w, -]+\])?)(?P<why>.*)"
    )
    faults = []
    for name, text in texts():
        if not name.endswith(".py") or name == "tests/unit/test_layout.py":
            continue
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            found = directive.search(line)
            if found is None or line.lstrip().startswith(('"', "'")):
                continue
            reasoned = len(found["why"].strip(" -#:()")) > 5 or lines[number - 2].lstrip().startswith("#")
            if not (found["codes"] or found["types"]) or not reasoned:
                faults.append(f"{name}:{number}: {line.strip()[:120]}")
    assert faults == []


def test_every_rule_that_is_switched_off_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    section = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.pydocstyle]")]
    rules = [line for line in section.splitlines() if re.search(r'"[A-Z]+\d*"', line) and not line.startswith("select")]
    assert rules
    assert [line.strip() for line in rules if "#" not in line] == []


def test_no_file_has_a_name_that_says_nothing():
    stems = [path for path in committed() if path.suffix in {".py", ".ts", ".tsx"}]
    assert [str(path.relative_to(ROOT)) for path in stems if path.stem.lower() in VAGUE_NAMES] == []


def test_no_source_file_is_too_long_to_read():
    long = {name: len(text.splitlines()) for name, text in texts() if name.startswith("src/") and name.endswith(".py")}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_only_the_clinic_names_the_makers_of_roles():
    """Doors and flows ask for a role; which maker plays it is decided in one place."""
    binding = {SOURCE / "clinic" / "makers.py", SOURCE / "clinic" / "backup_makers.py"}
    known = makers()
    assert known
    faults = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).parts[0] not in {"engines", "stores"} and path not in binding
        for name in sorted(imports_of(path) & known)
    ]
    assert faults == []


def test_every_package_and_module_says_what_it_is():
    silent = [
        str(path.relative_to(ROOT))
        for path in sorted(SOURCE.rglob("*.py"))
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize(
    "name", ["LICENSE", "NOTICE", "README.md", "SECURITY.md", "CONTRIBUTING.md", ".ci/run", "Makefile"]
)
def test_what_a_stranger_looks_for_is_there(name: str):
    assert (ROOT / name).stat().st_size > 0


def test_ci_runs_the_command_that_the_readme_gives_to_everyone():
    assert (ROOT / ".ci/run").read_text().strip().endswith("make test")
    assert "make test" in (ROOT / "README.md").read_text()
