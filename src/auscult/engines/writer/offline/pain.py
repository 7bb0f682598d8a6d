"""How the patient rates and describes the pain: "on a scale of one to ten?" - "a six"; "is it constant?" - "it is"."""

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


_KIND_ASKED: Final = re.compile(
    r"\bpain\b.*\b(?:constant|come and go|comes and goes|describe|sharp|dull|aching|feels? like|kind of)\b"
    r"|\b(?:constant|describe|kind|type|sort|quality)\b.*\bpain\b",
    re.IGNORECASE,
)
_KIND: Final = re.compile(
    r"\b(?:constant|intermittent|sharp|dull|achy|aching|burning|throbbing|stabbing|shooting|stinging|cramping|tight|deep)\b"
    r"(?!\w)(?! (?:at|when|if|with|in|down|after))",
    re.IGNORECASE,
)
_NO_KIND: Final = re.compile(
    r"\b(?:no|not|never|or|sometimes|was|were|first|then|but|except|before|maybe|more|less|if|when)\b"
    r"|n't\b|\?",
    re.IGNORECASE,
)


def pain_described(said: Sequence[Sentence]) -> list[Item]:
    """What kind of pain the patient says it is, where that was asked: "constant", "throbbing"; each once."""
    kinds: dict[str, list[TurnId]] = {}
    for asking, answering in _asked(said, _KIND_ASKED):
        for one in answering:
            if not one.question and len(one.text.split()) <= _LONGEST and not _NO_KIND.search(one.text):
                for match in _KIND.finditer(one.text):
                    kinds.setdefault(match[0].lower(), []).extend((asking[0].turn_id, answering[0].turn_id))
    if not kinds:
        return []
    *first, last = kinds
    ids = tuple(dict.fromkeys(turn for turns in kinds.values() for turn in turns))
    return [Item("history", f"The pain is {', '.join(first)}{' and ' if first else ''}{last}.", ids)]


def pain_scores(said: Sequence[Sentence]) -> list[Item]:
    """What the patient rates the pain as, each score once, with the medicine it is with or without."""
    found: dict[str, Item] = {}
    for asking, answering in _asked(said, _ASKED):
        for text in _rated(_last_of(asking), answering):
            found.setdefault(text, Item("history", text, (asking[0].turn_id, answering[0].turn_id)))
    return list(found.values())


def _asked(said: Sequence[Sentence], pattern: re.Pattern[str]) -> Iterator[tuple[list[Sentence], list[Sentence]]]:
    """Each turn that ends in such a question, with the patient's turn behind it."""
    turns = [list(one) for _turn, one in groupby(said, key=lambda one: one.turn_id)]
    for asking, answering in pairwise(turns):
        by_patient = answering[0].speaker is Speaker.PATIENT and asking[0].speaker is not Speaker.PATIENT
        if by_patient and pattern.search(_last_of(asking)):
            yield asking, answering


def _last_of(asking: Sequence[Sentence]) -> str:
    return " ".join(" ".join(one.lower for one in asking).split()[-_LAST:])


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
