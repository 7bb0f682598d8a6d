"""How bad the pain is, as the patient rates it: "on a scale of one to ten?" - "I'd say a six"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.sentences import Sentence

_ASKED: Final = re.compile(
    r"\bpain\b.*\b(?:scale|rate|score|level|severe|bad|out of 10|[01] to 10|10 being)\b"
    r"|\b(?:scale|rate|score|severe|out of 10)\b.*\bpain\b",
    re.IGNORECASE,
)
_RATED: Final = re.compile(
    r"(?<![\d./-])(?<!out of )\b(?:(?P<score>10|\d(?:\.5)?)(?: (?:to|or|-) (?:an? )?(?P<up>10"
    r"|\d))?(?P<ten>(?: out of |/)10)?"
    r"|(?P<over>1[1-9]|20) out of 10)\b(?![\d/%]|\.\d)"
    r"(?! (?:hours?|days?|weeks?|months?|years?|minutes?|times?|of|in|on|people|other|tablets?|pills?|mg"
    r"|milligrams?)\b)"
    r"(?: (?:is )?(?P<limit>with(?:out)?) (?:the |my |any )?(?P<what>[a-z]+))?",
    re.IGNORECASE,
)
_ONCE: Final = re.compile(r"\b(?:was|were|initially|at first|when|if|before|used to|could|might)\b", re.IGNORECASE)
"""A score of another time or state is none of how it is; the sentence that tells it may be told as it is."""
_NOW: Final = re.compile(r"\b(?:now|today|currently)\b", re.IGNORECASE)
_LIMIT: Final = re.compile(
    r"\b(?P<limit>with(?:out)?) (?:any |the |your )*(?P<what>medication|medicine|\w+en|tylenol)\b"
)
_WITH: Final = re.compile(r"\bwith(?:out)?\b(?! (?:10|ten|0|zero|1|one)\b)")
_LONGEST: Final = 25
_LAST: Final = 45
"""Words of the clinician's turn that are the question."""


def pain_scores(said: Sequence[Sentence]) -> list[Item]:
    """What the patient rates the pain as, each score once, with the medicine it is with or without."""
    turns = [list(one) for _turn, one in groupby(said, key=lambda one: one.turn_id)]
    found: dict[str, Item] = {}
    for asking, answering in pairwise(turns):
        asked = " ".join(" ".join(one.lower for one in asking).split()[-_LAST:])
        if (
            answering[0].speaker is Speaker.PATIENT
            and asking[0].speaker is not Speaker.PATIENT
            and _ASKED.search(asked)
        ):
            for text in _rated(asked, answering):
                ids: tuple[TurnId, ...] = (asking[0].turn_id, answering[0].turn_id)
                found.setdefault(text, Item("history", text, ids))
    return list(found.values())


def _rated(asked: str, answering: Sequence[Sentence]) -> Iterator[str]:
    for one in answering:
        match = _RATED.search(one.text)
        if match is None or one.question or len(one.text.split()) > _LONGEST:
            continue
        before = one.text[: match.start()]
        if _ONCE.search(before) and not _NOW.search(before):
            return
        limits = list(_LIMIT.finditer(asked))
        if not match["limit"] and len(_WITH.findall(asked)) != len(limits):
            return  # with or without what is not heard
        limit = match if match["limit"] else limits[0] if len(limits) == 1 else None
        if limit is None and limits:
            return
        score = match["score"] + (f" to {match['up']}" if match["up"] else "") if match["score"] else match["over"]
        ten = " out of 10" if match["ten"] or match["over"] or re.search(r"\b10\b", asked) else ""
        given = f" {limit['limit']} {limit['what']}".lower() if limit else ""
        yield f"The patient rates the pain as {score}{ten}{given}."
        return
