"""Hindi by its sound: Devanagari and every Latin spelling of a word fold to one key.

"बुखार", "bukhar" and "bukhaar" are all `bukhar`. The key is for comparing and is never shown. Romanised Hindi has no
orthography, so what people vary is levelled: length of vowels, doubled consonants, w/v, z/j, ph/f, the h after a vowel.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final


def _listed(sounds: str) -> list[str]:
    return sounds.split()


_CONSONANTS: Final = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        _listed("k kh g gh n ch ch j jh n t th d dh n t th d dh n p f b bh m y r l v sh sh s h l"),
        strict=True,
    )
)
_VOWELS: Final = dict(zip("अआइईउऊऋएऐऑओऔऍ", _listed("a a i i u u ri e ai o o au e"), strict=True))
_SIGNS: Final = dict(zip("ािीुूृेैॉोौॅ", ["a", "i", "i", "u", "u", "ri", "e", "ai", "o", "o", "au", "e"], strict=True))
_NASAL: Final = "ंँ"
_VIRAMA: Final = "्"
_NUKTA: Final = "़"
_SCHWA: Final = "ə"
"""The a that a consonant carries without a sign; whether it is spoken depends on its place in the word."""
_SILENT = re.compile(rf"(?<=[aeiouə])([^aeiouə\s]{{1,2}}){_SCHWA}(?=[^aeiouə\s]{{1,2}}[aeiou])")
"""A schwa between a vowel and a consonant that has a vowel of its own is not spoken: "kamzori", not "kamazori"."""
_SAME: Final = (
    (re.compile(r"aa+"), "a"),
    (re.compile(r"ee+|ii+"), "i"),
    (re.compile(r"oo+|uu+"), "u"),
    (re.compile(r"chh"), "ch"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"w"), "v"),
    (re.compile(r"z"), "j"),
    (re.compile(r"q"), "k"),
    (re.compile(r"iy(?=[aeiou])"), "i"),
    (re.compile(r"([^aeiou\W\d])\1+"), r"\1"),
    (re.compile(r"(?<=[aeiou])h$"), ""),
)


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """The key of one word, in either script; a word without letters is its own. Never raises."""
    text = unicodedata.normalize("NFC", word).lower()
    if any("\u0900" <= letter <= "\u097f" for letter in text):
        text = romanised(text)
    for pattern, key in _SAME:
        text = pattern.sub(key, text)
    return text


def romanised(word: str, *, every_schwa: bool = False) -> str:
    """A word of Devanagari in Latin letters, as it is spoken; what is no Devanagari stays.

    `every_schwa` keeps the unspoken vowels inside a word, as many spell it: "kamala" beside "kamla".
    """
    word = unicodedata.normalize("NFD", word).replace(_NUKTA, "")
    out: list[str] = []
    for letter in word:
        if letter in _CONSONANTS:
            out.append(_CONSONANTS[letter] + _SCHWA)
        elif letter in _SIGNS:
            _drop_schwa(out)
            out.append(_SIGNS[letter])
        elif letter == _VIRAMA:
            _drop_schwa(out)
        elif letter in _NASAL:
            out.append("n")
        else:
            out.append(_VOWELS.get(letter, letter))
    spoken = "".join(out)
    if spoken.count(_SCHWA) > 1 or any(vowel in spoken for vowel in "aeiou"):
        spoken = spoken.removesuffix(_SCHWA)
    return (spoken if every_schwa else _SILENT.sub(r"\1", spoken)).replace(_SCHWA, "a")


def _drop_schwa(out: list[str]) -> None:
    if out:
        out[-1] = out[-1].removesuffix(_SCHWA)
