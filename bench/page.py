"""Puts saved figures into docs/performance.md, each with when, and on how busy a machine, it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bench.figures import Figure, number

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures: written by `python -m bench --save` -->\n"
END: Final = "<!-- figures: end -->\n"
QUIET: Final = 0.5
"""Load average, for each processor, up to which times are worth believing."""


def section(name: str, saved: Mapping[str, Any]) -> str:
    """One measurement as a table under its name."""
    machine = saved["machine"]
    busy = machine["load_average"]
    state = "quiet" if busy <= QUIET * machine["processors"] else "**busy: times are too long, measure again**"
    lines = [
        f"### bench.{name}",
        "",
        f"{saved['at'][:10]}, {machine['processors']} processors ({machine['architecture']}, {machine['system']}), "
        f"Python {machine['python']}, size `{saved['size']}`, load average before it {busy:g} ({state}).",
        "",
        "| figure | value | baseline | meant to be |",
        "|---|---|---|---|",
    ]
    for one in (Figure(**fields) for fields in saved["figures"]):
        baseline = ""
        if one.baseline_value is not None:
            baseline = f"{number(one.baseline_value)} {one.unit} ({one.baseline})"
        meant = ""
        if one.limit is not None:
            meant = f"{'≥' if one.at_least else '≤'} {number(one.limit)} {one.unit}".strip()
            meant += "" if one.met else " (missed)"
        lines.append(f"| {one.name} | {number(one.value)} {one.unit} | {baseline} | {meant} |".replace("  |", " |"))
    return "\n".join(lines) + "\n"


def write(saved: Mapping[str, Any]) -> None:
    """Put the figures between the marks of the page."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = "\n".join(section(name, one) for name, one in saved.items())
    PAGE.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", "utf-8")
