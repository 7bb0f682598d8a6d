"""The complaints that can be named without understanding the sentence around them (`complaints.tsv`)."""

from __future__ import annotations

import re
from functools import cache

from auscult.knowledge.tables import rows


@cache
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {said: complaint for said, complaint, _source in rows("complaints.tsv", "auscult.engines.writer.offline")}
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE), names


def complaints_in(text: str) -> list[str]:
    """The complaints in a text as noun phrases ("a cough", "chest tightness"), in order, each once."""
    return list(dict.fromkeys(name for _start, name in complaints_at(text)))


def complaints_at(text: str) -> list[tuple[int, str]]:
    """The complaints in a text, each with the place where it begins."""
    pattern, names = _names()
    return [(match.start(), names[match.group().lower()]) for match in pattern.finditer(text)]
