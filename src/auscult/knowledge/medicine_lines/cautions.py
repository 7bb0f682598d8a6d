"""The doubts that a medicine line raises, worded for a clinician (`cautions.tsv`)."""

from __future__ import annotations

from functools import cache

from auscult.domain.evidence import Flag
from auscult.knowledge.tables import rows


@cache
def _reasons() -> dict[str, str]:
    return {code: reason for code, reason, _source in rows("cautions.tsv", "auscult.knowledge.medicine_lines")}


def flag(code: str, written: str = "") -> Flag:
    """The flag of this code, about what is written. Raises `KeyError` for a code that the table does not have."""
    return Flag(code=code, reason=_reasons()[code].replace("{}", written))
