"""Units of what is taken (`units.tsv`): which words mean the same unit, and how a dose writes it."""

from __future__ import annotations

from functools import cache
from typing import Literal

from auscult.knowledge.tables import rows

Kind = Literal["strength", "measure", "form", "weight", "period"]
"""`measure` is poured or drawn up (ml, units), `form` is counted (tablets), `weight` is a person's."""


@cache
def meanings() -> dict[str, str]:
    """Every word, case folded, to its unit: `mgs` to `mg`, `daily` to `day`."""
    return {word: unit for word, unit, _written, _kind, _source in rows("units.tsv")}


def written(*kinds: Kind) -> dict[str, str]:
    """The words of these kinds, case folded, to how a dose writes them: `mcg` to `micrograms`, `tabs` to `tablet`."""
    return {word: shown for word, _unit, shown, kind, _source in rows("units.tsv") if kind in kinds}
