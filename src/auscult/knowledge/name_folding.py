"""Names by their sound, for finding people: "Ram" and "राम", "Suneeta" and "सुनीता", "Māia" and "Maia" fold alike.

Other than `sounds.fold`, which compares whole words, this folding keeps beginnings: what is typed of a name folds to a
beginning of what the whole name folds to. Where a spelling can be read in two ways, a name has a form for each.

- *forms* are compared when a name has been opened: they tell e from i, and o from u;
- `coarse` levels these too. It is what keyed hashes are made of, so that "sune", on the way to "suneeta", is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from auscult.knowledge.sounds import romanised

MOST_TOKENS: Final = 6
"""Words of one name that are looked for: of a longer one the first five and the last, which people go by."""
MOST_FORMS: Final = 3
"""Readings of one word. Each costs rows in the index; no name that we tried has more."""

_WORD: Final = re.compile(
    r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0963\u0971-\u097f\u0610-\u061a\u064b-\u065f]|\d)*"
)
_APOSTROPHES: Final = re.compile("['\u2018\u2019\u02bb\u02bc`\u00b4]")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_LATIN_MARKS: Final = re.compile("[\u0300-\u036f]")
_DEVANAGARI: Final = re.compile("[\u0900-\u097f]")
_SPOKEN: Final = (
    (re.compile("\u0902(?=\u0939)"), "\u0919\u094d\u0917\u094d"),  # सिंह: Singh
    (re.compile("\u0902(?=[\u092a-\u092e])"), "\u092e\u094d"),  # अंबिका: Ambika
    (re.compile("\u091c\u094d\u091e"), "\u0917\u094d\u092f"),  # ज्ञान: Gyan
)
"""How names with these signs are spoken, and so spelled in Latin."""
_ENDS_IN_TWO: Final = re.compile("\u094d[\u0915-\u0939]$")
"""चन्द्र, मिश्र: after two consonants the last vowel is spoken."""
_Z: Final = ("\u095b", "\u091c\u093c")
"""ज़, whole and decomposed: written with a z in Latin, or with a j."""
_ALSO: Final = (("f", "ph"), ("aham", "ahm"))
"""फूल is Phool, फातिमा Fatima; अहमद is Ahmad."""
_SAME: Final = (
    (re.compile("aa+"), "a"),
    (re.compile("ee+|ii+"), "i"),
    (re.compile("oo+|uu+"), "u"),
    (re.compile("ch+"), "c"),
    (re.compile("x"), "ks"),
    (re.compile("q"), "k"),
    (re.compile("w"), "v"),
    (re.compile("(?<=[bcdfgjklmnprstvyz])h(?=.)|(?<=[bcdfgjkpstvz])h"), ""),
    (re.compile("(.)\\1+"), "\\1"),
    (re.compile("i(?=[aou])"), "iy"),
)
_COARSE: Final = str.maketrans({"e": "i", "o": "u"})


def words(name: str) -> tuple[str, ...]:
    """The words of a name, in order, as they are written; at most `MOST_TOKENS`."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", _APOSTROPHES.sub("", name)))
    found = tuple(match[0] for match in _WORD.finditer(text))
    return found if len(found) <= MOST_TOKENS else (*found[: MOST_TOKENS - 1], found[-1])


@lru_cache(maxsize=20_000)
def forms(word: str) -> tuple[str, ...]:
    """The readings of one word, the likeliest first; at most `MOST_FORMS`, never none for a word."""
    text = unicodedata.normalize("NFKC", word).casefold()
    if not _DEVANAGARI.search(text):
        plain = unicodedata.normalize("NFC", _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text)))
        return _levelled(plain)
    for written, said in _SPOKEN:
        text = written.sub(said, text)
    spoken = [romanised(text), romanised(text, every_schwa=True)]
    if _ENDS_IN_TWO.search(text):
        spoken = [f"{one}a" for one in spoken] + spoken[:1]
    if any(letter in text for letter in _Z):
        spoken.append(spoken[0].replace("j", "z"))
    spoken += [spoken[0].replace(one, other) for one, other in _ALSO if one in spoken[0]]
    return tuple(dict.fromkeys(form for one in spoken for form in _levelled(one)))[:MOST_FORMS]


def typed(word: str) -> tuple[str, ...]:
    """The readings of a word that may not be typed to its end yet: "sune" may become "suneeta", which is "sunita"."""
    found = forms(word)
    ends = {"e": "i", "o": "u"}
    return tuple(dict.fromkeys((*found, *(form[:-1] + ends[form[-1]] for form in found if form[-1:] in ends))))


def coarse(form: str) -> str:
    """A form without what people spell differently in mid-word."""
    return re.sub("(.)\\1+", "\\1", form.translate(_COARSE))


def begins(name_forms: Sequence[str], typed_forms: Sequence[str]) -> bool:
    """Whether a word of a name begins with what was typed."""
    return any(form.startswith(one) for form in name_forms for one in typed_forms)


def is_word(name_forms: Sequence[str], typed_forms: Sequence[str]) -> bool:
    """Whether a word of a name is what was typed."""
    return any(form in name_forms for form in typed_forms)


def all_found(name: str, typed_words: Sequence[str]) -> int | None:
    """How many of the typed words are whole words of the name; None when one of them begins no word of it.

    Each typed word takes a word of its own, in any order, so that "ram ram" is not found in "Ram Kumar".
    """
    left = [forms(word) for word in words(name)]
    whole = 0
    # the longest first: it has the fewest words to choose from
    for one in sorted(typed_words, key=len, reverse=True):
        readings = typed(one)
        exact = next((word for word in left if is_word(word, readings)), None)
        taken = exact or next((word for word in left if begins(word, readings)), None)
        if taken is None:
            return None
        whole += exact is not None
        left.remove(taken)
    return whole


def same_name(one: str, other: str) -> bool:
    """Whether two names have the same words by their sound, in any order."""
    left = [forms(word) for word in words(other)]
    for word in words(one):
        readings = forms(word)
        taken = next((kept for kept in left if is_word(kept, readings)), None)
        if taken is None:
            return False
        left.remove(taken)
    return not left


def similar_name(one: str, other: str) -> bool:
    """Whether two names may be one person's: all words of the shorter are in the longer, or nearly, in any order.

    Nearly is one letter more, less or other in a word of four letters or more. One word alone is no likeness to more.
    """
    shorter, longer = sorted((words(one), words(other)), key=len)
    if not shorter or (len(shorter) == 1 and len(longer) > 1):
        return False
    left = [forms(word) for word in longer]
    for word in shorter:
        readings = forms(word)
        taken = next((kept for kept in left if any(_near(a, b) for a in kept for b in readings)), None)
        if taken is None:
            return False
        left.remove(taken)
    return True


def _near(one: str, other: str) -> bool:
    one, other = coarse(one), coarse(other)
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < 4 or len(long) - len(short) > 1:
        return False
    first = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    return short[first + (len(long) == len(short)) :] == long[first + 1 :]


def _levelled(text: str) -> tuple[str, ...]:
    """One spelling, in Latin letters or in a script that we do not read, with what people vary levelled."""
    spellings = (text.replace("ph", "f"), text) if "ph" in text else (text,)
    found = []
    for spelling in spellings:
        level = spelling
        for pattern, key in _SAME:
            level = pattern.sub(key, level)
        found.append(level)
        if level.endswith("y"):
            found.append(f"{level[:-1]}i")  # Reddy and रेड्डी, Rai and राय
    return tuple(dict.fromkeys(found))
