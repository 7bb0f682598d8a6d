"""Which language a text is in: English, Hindi, or Hindi in Latin letters (Hinglish); and whether it is one of these."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

from auscult.knowledge.tables import rows

Language = Literal["en", "hi", "hi-Latn"]

DEVANAGARI_SHARE: Final = 0.25
"""Of the letters: above it a text is Hindi, whatever English words are among them. Our choice."""
FEWEST: Final = 20
"""Words in Latin letters below which nothing is said of a text: "Nope." is English too."""
LEAST: Final = 0.18
"""The share of small words of ours in a text that is in one of our languages. Measured: in none of 1,300 English
dialogues of 20 words or more below .23, in nine other languages at most .16."""
_SHARED: Final = frozenset(
    (
        *("a", "i", "no", "he", "an", "on", "at", "was", "come", "more", "here", "are", "be", "can", "if", "it", "me"),
        *("has", "my", "we", "well", "any", "had", "did", "of", "day", "in", "is", "so", "do", "to", "or", "as", "per"),
        *("her", "man", "go", "us", "am", "all", "also", "time", "over"),
    )
)
"""English words that are words of other languages too."""

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


def is_ours(text: str) -> bool:
    """Whether a text can be in a language that we read; True for one too short to tell, and for one without letters.

    A text of which most letters are of another script than Latin and Devanagari is in none of ours.
    """
    letters = [letter for letter in text if letter.isalpha()]
    foreign = sum(letter >= "\u0250" and not "\u0900" <= letter <= "\u097f" for letter in letters)
    if 2 * foreign > len(letters):
        return False
    words = _WORD.findall(text.lower().replace("\u2019", "'"))
    if len(words) < FEWEST or language_of(text) == "hi":
        return True
    return sum([word in _small() for word in words]) >= LEAST * len(words)


@cache
def _small() -> frozenset[str]:
    """The small words of English and Hinglish that other languages in Latin letters do not have."""
    framing = {word for word, _source in rows("framing.tsv")}
    return (_words("english") | framing) - _SHARED | _words("hinglish")
