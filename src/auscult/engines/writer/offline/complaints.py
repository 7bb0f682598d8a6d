"""The complaints that can be named without understanding the sentence around them (`complaints.tsv`)."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources


@cache
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    text = resources.files("auscult.engines.writer.offline").joinpath("complaints.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")][1:]
    names = {said: complaint for said, complaint, _source in rows}
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE), names


def complaints_in(text: str) -> list[str]:
    """The complaints in a text as noun phrases ("a cough", "chest tightness"), in order, each once."""
    pattern, names = _names()
    return list(dict.fromkeys(names[match.group().lower()] for match in pattern.finditer(text)))
