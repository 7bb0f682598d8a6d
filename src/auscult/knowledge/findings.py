"""The words by which clinical content is recognised (`findings.tsv`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from auscult.knowledge.tables import rows

_WORD: Final = re.compile(r"\w+")


@cache
def _terms(kinds: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The terms of these kinds by their first word, the longest first: hundreds of them in one pattern take long."""
    by_word: dict[str, list[str]] = {}
    for term in sorted({term for term, kind, _source in rows("findings.tsv") if not kinds or kind in kinds}):
        by_word.setdefault(_WORD.match(term)[0], []).append(term)  # type: ignore[index]  # a term begins with a word
    return {word: tuple(sorted(terms, key=len, reverse=True)) for word, terms in by_word.items()}


def _found(text: str, kinds: tuple[str, ...]) -> Iterator[str]:
    terms, lower, past = _terms(kinds), text.lower(), 0
    for match in _WORD.finditer(lower):
        if match.start() < past:
            continue
        for term in terms.get(match[0], ()):
            end = match.start() + len(term)
            if lower.startswith(term, match.start()) and not _runs_on(lower, end):
                past = end
                yield term
                break


def _runs_on(text: str, end: int) -> bool:
    return end < len(text) and (text[end].isalnum() or text[end] == "_")


def terms_in(text: str, *kinds: str) -> list[str]:
    """The terms of these kinds (all when none is named) in a text, lower case, in order, each once."""
    return list(dict.fromkeys(_found(text, kinds)))


def mentions_finding(text: str, *kinds: str) -> bool:
    """True when a text has a term of these kinds."""
    return next(_found(text, kinds), None) is not None
