"""Which language a text is in: English, Hindi, or Hindi in Latin letters (Hinglish)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

from auscult.knowledge.tables import rows

Language = Literal["en", "hi", "hi-Latn"]

DEVANAGARI_SHARE: Final = 0.25
"""Of the letters: above it a text is Hindi, whatever English words are among them. Our choice."""

_POLITE = re.compile(r"(?:iye|iyega|iyo|unga|ungi|enge|engi)$")
"""Endings of verbs that no English word has: "lijiye", "aaiyega", "likhunga"."""
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@cache
def _words(kind: str) -> frozenset[str]:
    listed = {
        word
        for _english, own, _devanagari, romanised, _source in rows("words_hi.tsv")
        if own == kind
        for word in romanised.split("|")
    }
    return frozenset(listed)


def language_of(text: str) -> Language:
    """The language of a text, by script and by the small words that only one of the two languages has.

    A text without a word of Hindi, and one without letters, is English. Never raises.
    """
    if not text.isascii():
        devanagari = sum("\u0900" <= letter <= "\u0963" or "\u0970" <= letter <= "\u097f" for letter in text)
        latin = sum(letter.isascii() and letter.isalpha() for letter in text)
        if devanagari and devanagari >= DEVANAGARI_SHARE * (devanagari + latin):
            return "hi"
    hinglish, in_english = _words("hinglish"), _words("english")
    words = _WORD.findall(text.lower().replace("\u2019", "'"))
    hindi = sum([word in hinglish or (word[-1] in "aeio" and _POLITE.search(word) is not None) for word in words])
    english = sum([word in in_english and word not in hinglish for word in words]) if hindi else 0
    return "hi-Latn" if hindi > english or (hindi == english and hindi > 1) else "en"
