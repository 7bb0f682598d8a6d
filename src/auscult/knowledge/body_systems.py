"""The body system that a finding belongs to (`body_systems.tsv`)."""

from __future__ import annotations

import re
from functools import cache

from auscult.knowledge.tables import rows


@cache
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    systems = {word: system for system, words, _source in rows("body_systems.tsv") for word in words.split(", ")}
    longest_first = sorted(systems, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE), systems


@cache
def names() -> tuple[str, ...]:
    """The systems, in the order in which a note has them."""
    return tuple(dict.fromkeys(system for system, _words, _source in rows("body_systems.tsv")))


def system_of(text: str) -> str:
    """The system that a sentence tells of; empty when it names none, or more than one.

    Who looks under one of several would miss what stands under another.
    """
    pattern, systems = _words()
    found = {systems[match[0].lower()] for match in pattern.finditer(text)}
    return found.pop() if len(found) == 1 else ""
