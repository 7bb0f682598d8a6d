"""Figures: a number beside its baseline from the same run, and the table that shows them."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

Size = Literal["tiny", "default", "full"]
TINY: Final[Size] = "tiny"
"""Seconds, to see that a measurement works; its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `limit` is the most (or, with `at_least`, the least) that it is meant to be."""

    name: str
    value: float
    unit: str
    baseline: str = ""
    """What the baseline is, in words."""
    baseline_value: float | None = None
    limit: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the limit holds; None without one."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def number(value: float) -> str:
    """Three significant digits, as a person writes them."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text."""
    rows = [("figure", "value", "baseline", "meant to be")]
    for one in figures:
        baseline = "" if one.baseline_value is None else f"{number(one.baseline_value)} {one.unit} ({one.baseline})"
        meant = ""
        if one.limit is not None:
            meant = f"{'≥' if one.at_least else '≤'} {number(one.limit)} {one.unit}{'' if one.met else '  MISSED'}"
        rows.append((one.name, f"{number(one.value)} {one.unit}".rstrip(), baseline, meant))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def machine() -> dict[str, str | int | float]:
    """What the figures were measured on, and how busy it was."""
    return {
        "processors": os.cpu_count() or 0,
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def run(measure: Callable[[Size], list[Figure]], description: str | None) -> None:
    """The command line of one measurement: print its table (or, for `python -m bench`, JSON)."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["tiny", "default", "full"], default="default")
    parser.add_argument("--json", action="store_true", help="one JSON line instead of a table")
    given = parser.parse_args()
    figures = measure(given.size)
    sys.stdout.write(json.dumps([asdict(one) for one in figures]) if given.json else table(figures))
    sys.stdout.write("\n")
