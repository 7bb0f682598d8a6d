"""The words by which clinical content is recognised (`findings.tsv`)."""

from __future__ import annotations

import re
from functools import cache

from auscult.knowledge.tables import rows


@cache
def _pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    terms = sorted(
        {term for term, kind, _source in rows("findings.tsv") if not kinds or kind in kinds}, key=len, reverse=True
    )
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, terms))})\b", re.IGNORECASE)


def terms_in(text: str, *kinds: str) -> list[str]:
    """The terms of these kinds (all when none is named) in a text, lower case, in order, each once."""
    return list(dict.fromkeys(match.group().lower() for match in _pattern(kinds).finditer(text)))


def mentions_finding(text: str, *kinds: str) -> bool:
    """True when a text has a term of these kinds."""
    return _pattern(kinds).search(text) is not None
