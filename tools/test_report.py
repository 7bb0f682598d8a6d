"""Turn pytest's junit file into `docs/test-report.md`: when, on what machine, how many, how long, what failed.

Usage: `python tools/test_report.py artefacts/junit.xml docs/test-report.md`. Exits with 1 when a test failed.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

SLOWEST = 15


@dataclass(frozen=True, slots=True)
class Case:
    """One test as pytest reported it; `seconds` is its wall time with set-up and tear-down."""

    module: str
    name: str
    seconds: float
    outcome: str
    """`passed`, `failed` or `skipped`."""
    reason: str


def read(junit: Path) -> tuple[str, float, list[Case]]:
    """Return when the run began (ISO 8601), its wall time in seconds, and its tests."""
    suite = next(ET.parse(junit).iter("testsuite"))
    cases = []
    for element in suite.iter("testcase"):
        outcome, reason = "passed", ""
        for child in element:
            if child.tag in {"failure", "error"}:
                outcome, reason = "failed", child.get("message", "")
            elif child.tag == "skipped":
                outcome, reason = "skipped", child.get("message", "")
        cases.append(
            Case(
                module=element.get("classname", ""),
                name=element.get("name", ""),
                seconds=float(element.get("time", "0")),
                outcome=outcome,
                reason=reason.splitlines()[0] if reason else "",
            )
        )
    return suite.get("timestamp", ""), float(suite.get("time", "0")), cases


def machine() -> str:
    """Describe this machine: system, processor, cores, memory in GiB, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.system()} {platform.release()} on {platform.machine()}, {os.cpu_count()} cores, "
        f"{memory:.0f} GiB of memory, Python {platform.python_version()}"
    )


def commit() -> str:
    """Return the commit that was tested, or `unknown` outside a clone."""
    answer = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


def folder_of(case: Case) -> str:
    """Return the folder of a test below tests/ (`flows`), or `.` for one that lies directly there."""
    parts = case.module.split(".")
    return parts[1] if len(parts) > 2 and parts[0] == "tests" else "."


def render(began: str, seconds: float, cases: list[Case]) -> str:
    """Return the report as Markdown."""
    counts = {outcome: sum(case.outcome == outcome for case in cases) for outcome in ("passed", "failed", "skipped")}
    folders: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        folders[folder_of(case)].append(case)
    lines = [
        "# Test report",
        "",
        "Written by `make test-full`, which runs every test: kill points, sizes and soaks too.",
        "",
        f"- When: {began[:16].replace('T', ' ')}, {seconds / 60:.1f} minutes",
        f"- Machine: {machine()}",
        f"- Commit: {commit()}",
        f"- Result: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped",
        "",
        "| folder | passed | failed | skipped | seconds |",
        "|---|---:|---:|---:|---:|",
    ]
    for folder, own in sorted(folders.items()):
        numbers = [sum(case.outcome == outcome for case in own) for outcome in counts]
        spent = sum(case.seconds for case in own)
        lines.append(f"| {folder} | {numbers[0]} | {numbers[1]} | {numbers[2]} | {spent:.0f} |")
    for outcome in ("failed", "skipped"):
        if counts[outcome]:
            lines += ["", f"## {outcome.capitalize()}", ""]
            lines += [f"- `{case.module}::{case.name}`: {case.reason}" for case in cases if case.outcome == outcome]
    lines += ["", f"## The {SLOWEST} longest", "", "| seconds | test |", "|---:|---|"]
    longest = sorted(cases, key=lambda case: -case.seconds)[:SLOWEST]
    lines += [f"| {case.seconds:.1f} | `{case.module}::{case.name}` |" for case in longest]
    return "\n".join(lines) + "\n"


def main(junit: str, report: str) -> int:
    """Write the report; returns 1 when a test failed or none ran."""
    began, seconds, cases = read(Path(junit))
    Path(report).parent.mkdir(parents=True, exist_ok=True)
    Path(report).write_text(render(began, seconds, cases))
    print(f"Wrote {report}.")
    return int(not cases or any(case.outcome == "failed" for case in cases))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
