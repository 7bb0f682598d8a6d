"""Puts the writing of a line in order before it is read, without changing what it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

from auscult.knowledge import frequencies
from auscult.knowledge.medicine_lines.hindi import in_english
from auscult.knowledge.medicines import lookup
from auscult.knowledge.numerals import ONES, digits
from auscult.knowledge.tables import rows

_SIGNS: Final = str.maketrans(
    {
        **{chr(0x0966 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u00d7": "x",
        "\u2019": "'",
        "\u00b5": "\u03bc",
    }
)
"""Devanagari digits, dashes and the minus sign, the sign of multiplication, the apostrophe, the micro sign."""
_DOTTED: Final = re.compile(r"(?<![\w.])(?:[A-Za-z]\.){2,}(?:[A-Za-z](?![\w.]))?")
_WORDS: Final = {word: str(value) for word, value in ONES.items() if 1 <= value <= 4}
_GLUED_FREQUENCY: Final = re.compile(r"\b(od|bd|bid|tds|tid|qid|qds|hs|stat)(?:/(?=[a-z])|(?=x\s?\d))", re.IGNORECASE)
_GLUED_NAME: Final = re.compile(r"\b([A-Za-z]{4,})(\d+(?:\.\d+)?)(?!\w)")
_ALONE: Final = re.compile(rf"\b({'|'.join(_WORDS)})\b(?=\s+[A-Za-z\d])", re.IGNORECASE)
_TAKE: Final = re.compile(r"\b(?:take|use|give|inhale)\s+$", re.IGNORECASE)
_TIMES: Final = re.compile(
    rf"\s+(?:(?:{'|'.join(ONES)}|\d+)\s+times|once|twice|thrice|monthly|weekly|nightly)\b", re.IGNORECASE
)
"""What makes the number before it an amount: "one three times a day"."""
_ONE_LETTER_FORM: Final = re.compile(r"^([TC])\.\s*(?=[A-Za-z]{3})", re.IGNORECASE)
"""T. and C. for tablet and capsule, as the first thing on a line."""
_BEFORE_HALF: Final = re.compile(r"(?<![\d.,/-])([1-3])\s+½(?!\s*-)")
_LIST_NUMBER: Final = re.compile(
    r"^[\s\-•*·>]*(?:(?:rx|℞|adv|sig|r/)(?![A-Za-z])[\s:.]*)?(?:\(?\d{1,2}[.)](?=\s|[A-Za-z]))?[\s\-•*·]*",
    re.IGNORECASE,
)


@cache
def abbreviations() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """The abbreviations of written lines (`abbreviations.tsv`): pattern, English, and the flag that it raises or ""."""
    listed = rows("abbreviations.tsv", "auscult.knowledge.medicine_lines")
    return tuple(
        (re.compile(rf"(?<![\w./])(?:{written})(?![\w/])", 0 if case == "exact" else re.IGNORECASE), english, flag)
        for written, english, flag, case, _source in listed
    )


def tidy(line: str) -> str:
    """One line in one spelling of signs: Devanagari digits as 0-9, one kind of dash, "o.d." as "od", no list number."""
    text = unicodedata.normalize("NFC", line).translate(_SIGNS)
    text = _LIST_NUMBER.sub("", " ".join(text.split()), count=1)
    text = _ONE_LETTER_FORM.sub(lambda match: {"t": "Tab ", "c": "Cap "}[match[1].lower()], text)
    text = _BEFORE_HALF.sub(r"\1½", text)
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    text = _GLUED_FREQUENCY.sub(lambda match: f"{match[1]} ", text)
    return _GLUED_NAME.sub(lambda match: f"{match[1]} {match[2]}" if lookup(match[1]) else match[0], text)


def numbered(text: str) -> str:
    """The text with its number words, English and Hindi, in digits, and Hindi directions in English."""
    known = frequencies.meanings()
    text = _ALONE.sub(
        lambda match: _WORDS[match[1].lower()] if _counts(match, known) else match[0],
        text,
    )
    return digits(in_english(text))


def _counts(match: re.Match[str], known: Mapping[str, str]) -> bool:
    """Whether a number word is an amount: before how often, or after "take"."""
    taken = _TAKE.search(match.string[: match.start()]) is not None
    return taken or _next_word(match) in known or _TIMES.match(match.string, match.end()) is not None


def _next_word(match: re.Match[str]) -> str:
    words = match.string[match.end() :].split()
    return words[0].lower().strip(".,;") if words else ""


def spelt_out(text: str) -> str:
    """The text with its abbreviations spelt out, those of `frequencies.tsv` and those of written lines only."""
    for pattern, english, _flag in abbreviations():
        text = pattern.sub(english, text)
    return frequencies.spelt_out(
        re.sub(r"(?<=\d)(?=(?:od|bd|bid|tds|tid|qid|qds|hs|sos|prn|stat)\b)", " ", text, flags=re.IGNORECASE)
    )
