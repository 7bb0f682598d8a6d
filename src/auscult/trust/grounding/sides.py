"""Sides of the body: each in a sentence was said, and of the same part when that part's side was said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from auscult.domain.evidence import Flag
from auscult.knowledge import synonyms
from auscult.knowledge.tables import rows
from auscult.trust.grounding.flags import SIDE, flag
from auscult.trust.grounding.sources import Sources

_SIDE = re.compile(
    r"\b(?P<left>left(?:[ -]sided)?|lt)\b|\b(?P<right>right(?:[ -]sided)?|rt)\b|\b(?P<both>both|bilateral(?:ly)?)\b",
    re.IGNORECASE,
)
_NO_SIDE_BEFORE = re.compile(
    r"(?:\ball|\bthat's|\bthat is|\bthat 's|\bis that|\byou're|\byeah|\bquite|\bi|\ba) $", re.IGNORECASE
)
_NO_SIDE_AFTER = re.compile(
    r"^\s*(?:[?!]|now\b|away\b|there\b|here\b|after\b|before\b|then\b|at\b|when\b|as\b|off\b|down\b|through\b|up\b"
    r"|back\b|to\b|,|\.(?!\w))",
    re.IGNORECASE,
)
_SIDE_BEFORE = re.compile(r"\b(?:the|my|your|his|her|their|on|in|upper|lower|from|both) $", re.IGNORECASE)
_LEFT_BEFORE = re.compile(r"\b(?:have|has|had|been|was|were|is|are|'ve|i|he|she|they|we|just) $", re.IGNORECASE)
_WINDOW: Final = 4
"""Words behind a side within which the part of the body stands that it is of."""


def unsaid(text: str, sources: Sources) -> Iterator[Flag]:
    """The flag of a side that was not said, or was said of the part only on the other side."""
    told = _sides(text)
    if not told:
        return
    said = _sides(sources.said)
    named = {side for side, _parts in said}
    known = named | ({"both"} if named >= {"left", "right"} else set())
    known |= {"left", "right"} if "both" in named else set()
    heard = (sources.reading, sources.earlier)
    parts_known = {name for one in heard for name in (*one.of_concepts, *one.of_stems)}
    if {side for side, _parts in told} - known or any(parts and not parts & parts_known for _side, parts in told):
        yield flag(SIDE)
        return
    for side, parts in told:
        spoken = {other for other, others in said if parts & others}
        if spoken and side not in spoken and "both" not in spoken | {side}:
            yield flag(SIDE)
            return


def _sides(text: str) -> list[tuple[str, frozenset[str]]]:
    """Each side with the stems and concepts of the words behind it, as far as the next side or stop."""
    found: list[tuple[str, frozenset[str]]] = []
    matches = [match for match in _SIDE.finditer(text) if _is_side(text, match)]
    for place, match in enumerate(matches):
        end = matches[place + 1].start() if place + 1 < len(matches) else len(text)
        behind = re.split(r"[.;,!?]", text[match.end() : end], maxsplit=1)[0]
        following = synonyms.stems(behind)[:_WINDOW]
        parts: set[str] = set()
        for start in range(len(following)):
            for stop in range(start + 1, len(following) + 1):
                term = synonyms.terms().get(following[start:stop])
                parts |= (term.concepts & _BODY) if term is not None else set()
        parts |= set(following) & _body_stems()
        found.append((str(match.lastgroup), frozenset(parts)))
    return found


@cache
def _body_stems() -> frozenset[str]:
    """Parts of the body that have no other name: the knee, the elbow."""
    return frozenset(
        key[0] for term, kind, _s in rows("findings.tsv") if kind == "body" and len(key := synonyms.stems(term)) == 1
    )


_BODY: Final = frozenset(
    (
        "leg",
        "arm",
        "hand",
        "foot",
        "toe",
        "big toe",
        "ear",
        "ear drum",
        "eye",
        "chest",
        "kidney",
        "head",
        "neck",
        "back",
    )
)


def _is_side(text: str, match: re.Match[str]) -> bool:
    """Tell the side from "all right", "right now" and "have left"."""
    before, after = text[: match.start()], text[match.end() :]
    behind = synonyms.stems(re.split(r"[.;,!?]", after, maxsplit=1)[0])[:1]
    if behind and behind[0] != "back" and behind[0] in _body_stems() | _BODY:  # "is left arm pain", "a right elbow"
        return True
    if match.lastgroup == "right":
        if _SIDE_BEFORE.search(before):
            return not re.match(r"\s*(?:way|thing|time|now)\b", after, re.IGNORECASE)
        return not (_NO_SIDE_BEFORE.search(before) or _NO_SIDE_AFTER.match(after))
    if match.lastgroup == "left":
        return not _LEFT_BEFORE.search(before)
    return True
