"""The words by which clinical content is recognised (`findings.tsv`)."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources


@cache
def _pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    text = resources.files("auscult.knowledge").joinpath("findings.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")][1:]
    terms = sorted({term for term, kind, _source in rows if not kinds or kind in kinds}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, terms))})\b", re.IGNORECASE)


def terms_in(text: str, *kinds: str) -> list[str]:
    """The terms of these kinds (all when none is named) in a text, lower case, in order, each once."""
    return list(dict.fromkeys(match.group().lower() for match in _pattern(kinds).finditer(text)))


def mentions_finding(text: str, *kinds: str) -> bool:
    """True when a text has a term of these kinds."""
    return _pattern(kinds).search(text) is not None
