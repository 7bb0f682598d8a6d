"""How a piece of conversation goes: who asks and who tells, in what manner (`manner.tsv`), of what, and how often.

What a section is about says little where two sections are about the same; who tells it to whom says more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from auscult.knowledge import findings, medicines
from auscult.knowledge.tables import rows

_WORD: Final = re.compile(r"[a-z0-9']+")
_SENTENCE: Final = re.compile(r"[^.?!]+[.?!]?")
_NO: Final = re.compile(r"(?:(?:um|uh|oh),? )*(?:no|nope|none|never|not|nah)\b")
_HEARD: Final = re.compile(
    r"(?:okay|ok|yes|yeah|alright|all right|sure|thank|great|oh|hm|i see|got it|sounds good|right|cool"
    r"|perfect|uh huh)\b"
)
_NUMBER: Final = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|half)\b"
)
_KINDS: Final = ("symptom", "condition", "sign", "test", "body", "advice")
"""Kinds of words in `findings.tsv`."""
_SHORT: Final = 4
_LONG: Final = 25
"""Words up to which an answer is short, and from which a turn is long."""
_TIMES: Final = (1, 2, 3, 5, 8)
_WORDS: Final = (8, 20, 40, 80, 150)
_SHARES: Final = (0.1, 0.2, 0.35, 0.5, 0.65, 0.8)


def marks(turns: Sequence[tuple[bool, str]]) -> Iterator[str]:
    """Names of what holds of the turns, each with whether the clinician says it.

    A count gives a name for every step that it reaches, so that a model can weigh once and often apart.
    """
    counts: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for clinician, text in turns:
        plain = text.lower().replace("\u2019", "'").strip()
        who = "c" if clinician else "o"
        counts.update(who + mark for mark in _of_turn(plain))
        for found in _SENTENCE.finditer(plain):
            sentence = found.group()
            if length := len(_WORD.findall(sentence)):
                act = who + ("?" if sentence.endswith("?") else ".")
                words[act] += length
                counts.update(act + mark for mark in _of_sentence(sentence))
    for name, count in counts.items():
        yield from (f"{name}>={step}" for step in _TIMES if count >= step)
    for act, count in words.items():
        yield from (f"{act} words>={step}" for step in _WORDS if count >= step)
    whole = max(1, words.total())
    shares = {"told": words["c."], "asked": words["c?"], "others": words["o."] + words["o?"]}
    for name, count in shares.items():
        yield from (f"{name}>={step}" for step in _SHARES if count / whole >= step)


def _of_turn(text: str) -> Iterator[str]:
    length = len(_WORD.findall(text))
    if _NO.match(text):
        yield " no"
    if _HEARD.match(text):
        yield " heard"
    if length <= _SHORT:
        yield " short"
    if length >= _LONG:
        yield " long"


def _of_sentence(text: str) -> Iterator[str]:
    yield " sentence"
    yield from (f" {manner}" for manner, pattern in _manners().items() if pattern.search(text))
    for kind in _KINDS:
        yield from (f" <{kind}>" for _ in findings.terms_in(text, kind))
    yield from (" <medicine>" for _ in medicines.mentions(text))
    if _NUMBER.search(text):
        yield " <number>"


@cache
def _manners() -> dict[str, re.Pattern[str]]:
    table = rows("manner.tsv", "auscult.engines.writer.offline")
    return {manner: re.compile(rf"\b(?:{words})(?!\w)") for manner, words, _source in table}
