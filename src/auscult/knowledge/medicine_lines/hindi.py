"""Hindi directions put into English (`hindi.tsv`), so that one grammar reads both."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import Final

from auscult.knowledge.tables import rows

_LETTER: Final = r"[\w\u0900-\u0963]"
"""A letter of either script; `\\w` alone leaves out the vowel signs of Devanagari."""
_IN_A_DAY: Final = re.compile(r"\b(?:ek|एक)\s+(?=(?:din\s+(?:mein|me|main)\b|दिन\s+में))", re.IGNORECASE)
"""The "one" of "in one day", which is no amount; a figure 1 before "din mein" is."""
_AMOUNT: Final = r"(\d+(?:\.\d+)?|\d*½)"


@cache
def _table(kind: str) -> tuple[tuple[str, str], ...]:
    listed = rows("hindi.tsv", "auscult.knowledge.medicine_lines")
    return tuple((written, english) for of, written, english, _source in listed if of == kind)


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!{_LETTER})(?:{pattern})(?!{_LETTER})", re.IGNORECASE)


@cache
def _numbers() -> tuple[tuple[re.Pattern[str], str], ...]:
    counted = "|".join(words for words, _english in _table("counted"))
    return tuple((_whole(rf"(?:{words})(?=\s+(?:{counted})(?!{_LETTER}))"), value) for words, value in _table("number"))


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (_whole(re.sub(r"\bN\b", lambda _match: _AMOUNT, written).replace(" ", r"\s+")), english)
        for written, english in _table("phrase")
    )


def in_english(text: str) -> str:
    """The text with its Hindi number words and directions in English; everything else as it was. Never raises."""
    text = _IN_A_DAY.sub("", text)
    for pattern, value in _numbers():
        text = pattern.sub(value, text)
    for pattern, english in _phrases():
        text = pattern.sub(partial(_filled, english), text)
    return text


def _filled(english: str, match: re.Match[str]) -> str:
    amount = next((group for group in match.groups() if group), "")
    filled = english.replace("\\1", amount)
    return re.sub(r"\b(for 1 (?:day|week|month))s\b|\b(every 1 hour)s\b", r"\1\2", filled)
