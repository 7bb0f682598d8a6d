"""What was said without what only fills: split words joined, hesitations and repetitions gone."""

from __future__ import annotations

import re
from typing import Final

_JOINED: Final = (
    (re.compile(r"[`\"\u201c\u201d]"), ""),
    (re.compile(r"\u2019"), "'"),
    (re.compile(r"\b(\w+) n't\b", re.IGNORECASE), r"\1n't"),
    (re.compile(r"\b(?:gon na|gonna)\b", re.IGNORECASE), "going to"),
    (re.compile(r"\b(?:wan na|wanna)\b", re.IGNORECASE), "want to"),
    (re.compile(r"\b(?:got ta|gotta)\b", re.IGNORECASE), "have to"),
    (re.compile(r"(?<=\w) ('(?:s|re|ve|ll|d|m))\b", re.IGNORECASE), r"\1"),
    (re.compile(r"\s+([,;:?!])(?=\s|$)"), r"\1"),
    (re.compile(r"\s+\.(?=\s|$)"), "."),
    (re.compile(r"(?<=\d) -(?=year|month|week|day)"), "-"),
    (re.compile(r"\b([a-z]{1,12})- (?=\1)", re.IGNORECASE), ""),
    (re.compile(r"\b([\w']+) \w{1,8}- (?=\1\b)", re.IGNORECASE), ""),
    (re.compile(r"(?<=\w)-+(?=\s|$|[,.])"), ""),
    (re.compile(r"\b([a-z]{4,}),? (?=\1[a-z]{2,}\b)", re.IGNORECASE), ""),
)
_FILLER: Final = re.compile(
    r",?\s*\b(?:um+|uh+|er+m*|hmm+|mm+(?:-hmm+)?|uh-huh|you know(?! (?:what|how|if|why|when|where|who|the|that"
    r"|about|of)\b)"
    r"|i mean|i guess|kind of|kinda|sort of|sorta|basically|actually|obviously|honestly|literally|by the way"
    r"|go ahead and"
    r"|and stuff(?: like that)?|and everything(?: like that)?|or (?:something|anything)(?: like that)?|or whatever"
    r"|i would say|i'd say|i want to say|if you will)\b,?",
    re.IGNORECASE,
)
_LIKE: Final = re.compile(
    r",\s*like\s*,|\blike,\s*|(?<=\bi )like (?=(?:just |also |really )?(?:[a-z]+ed|took|had|got|went|put"
    r"|felt|did|was|fell"
    r"|hurt|heard|can't|couldn't|don't|didn't|have|haven't)\b)",
    re.IGNORECASE,
)
_TWICE: Final = re.compile(
    r"\b(?!(?:no|not|one|two|three|four|five|six|seven|eight|nine|ten|oh|o|zero|hundred|\d+)\b)"
    r"((?:[\w']+ ){0,3}[\w']+)(?:(?: ?,)? \1\b)+",
    re.IGNORECASE,
)
"""What is said twice. A "no" before "no fever" is an answer."""
_COMMAS: Final = re.compile(r"\s*,(?:\s*,)+")


def joined(text: str) -> str:
    """Words as they are written, where a recogniser or a transcriber split them: "do n't", "gon na", " ,"."""
    for pattern, whole in _JOINED:
        text = pattern.sub(whole, text)
    return " ".join(text.split())


def fluent(text: str) -> str:
    """One sentence without hesitations, acknowledgements and words said twice; its claim is the same."""
    text = _LIKE.sub(" ", _FILLER.sub(" ", text))
    text = _COMMAS.sub(",", _TWICE.sub(r"\1", " ".join(text.split())))
    return re.sub(r"\s+([,.;:?!])", r"\1", " ".join(text.split())).strip(" ,;")
