"""Latin abbreviations of how often a medicine is taken (`frequencies.tsv`), and what they mean."""

from __future__ import annotations

import re
from functools import cache

from auscult.knowledge.tables import rows


@cache
def meanings() -> dict[str, str]:
    """Abbreviation in lower case to its meaning: `tds` to `3 times a day`."""
    return {row[0]: row[1] for row in rows("frequencies.tsv")}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?:{'|'.join(meanings())})(?!\w)", re.IGNORECASE)


def meaning_in(text: str) -> str:
    """The meaning of the first abbreviation in a text; empty when there is none."""
    match = _pattern().search(text)
    return meanings()[match[0].lower()] if match else ""


def spelt_out(text: str) -> str:
    """The text with its abbreviations replaced by what they mean."""
    return _pattern().sub(lambda match: meanings()[match[0].lower()], text)
