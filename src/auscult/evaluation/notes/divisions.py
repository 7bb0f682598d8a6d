"""Cuts a note into the benchmark's four divisions by the headings in its text (`divisions.tsv`).

A heading is a line of its own that the table knows, whatever its case, with or without `#`, `**` or a colon. What
stands before the first heading belongs to no division.
"""

from __future__ import annotations

import re
from functools import cache

from auscult.evaluation.notes.visits import DIVISIONS
from auscult.knowledge.tables import rows

_ORNAMENT = re.compile(r"^[#*\s]+|[:*\s]+$")


@cache
def headings() -> dict[str, str]:
    """Heading in lower case to division."""
    return {heading: division for heading, division, _source in rows("divisions.tsv", "auscult.evaluation.notes")}


def division_of(title: str) -> str | None:
    """The division that a section of this title is counted in; None for an unknown title."""
    return headings().get(_ORNAMENT.sub("", title).lower())


def divide(text: str) -> dict[str, str]:
    """The text of each division, its headings included, as in the benchmark's own; empty where there is none."""
    found: dict[str, list[str]] = {name: [] for name in DIVISIONS}
    here: str | None = None
    for line in text.splitlines():
        here = division_of(line) or here
        if here is not None:
            found[here].append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}
