"""Written text as it is spoken: the words a recogniser without punctuation or digits can hear.

Used to train the language model and to compare what was heard with a script (word error rate), so that `500 mg` and
"five hundred milligrams" count as the same words.
"""

from __future__ import annotations

import re
from typing import Final

_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_UNITS: Final = {
    "mg": "milligrams",
    "mgs": "milligrams",
    "mcg": "micrograms",
    "kg": "kilograms",
    "ml": "milliliters",
    "cm": "centimeters",
    "mm": "millimeters",
    "dr": "doctor",
    "mr": "mister",
    "mrs": "missus",
    "ms": "miss",
    "vs": "versus",
    "&": "and",
    "%": "percent",
    "+": "plus",
    "°": "degrees",
    "$": "dollars",
    "ok": "okay",
    "alright": "all right",
    "gonna": "going to",
    "uhm": "um",
    "mm-hmm": "mhm",
    "mmhmm": "mhm",
}
_SENTENCE_END: Final = re.compile(r"[.?!;:\n]+(?=\s|$)")
_TOKEN: Final = re.compile(r"\d+(?:,\d{3})+|\d+\.\d+|\.\d+|\d+|[^\W\d_]+(?:'[^\W\d_]+)*'?|[&%+°$]")
_TAG: Final = re.compile(r"\[[^\]]*\]|<[^>]*>")
_ORDINAL_SUFFIXES: Final = frozenset({"st", "nd", "rd", "th"})
_LONGEST_READ_AS_A_NUMBER: Final = 4
"""Longer digit runs (telephone and record numbers) are read digit by digit."""


def cardinal(number: int) -> list[str]:
    """Spell a whole number below ten thousand: 120 → one hundred and twenty, without the `and`."""
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        tens, ones = divmod(number, 10)
        return [_TENS[tens], *([_ONES[ones]] if ones else [])]
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            count, rest = divmod(number, size)
            return [*cardinal(count), name, *(cardinal(rest) if rest else [])]
    raise AssertionError("unreachable: every size is covered above")


def _year_or_number(digits: str) -> list[str]:
    if 1900 <= int(digits) <= 2099 and digits[2:] != "00" and not 2000 <= int(digits) <= 2009:
        last = cardinal(int(digits[2:])) if digits[2] != "0" else ["oh", _ONES[int(digits[3])]]
        return [*cardinal(int(digits[:2])), *last]
    return cardinal(int(digits))


def number_words(token: str) -> list[str]:
    """Spell a number as written: `2.5` → two point five, `.25` → point two five, `2019` → twenty nineteen."""
    token = token.replace(",", "")
    whole, _, fraction = token.partition(".")
    if len(whole) > _LONGEST_READ_AS_A_NUMBER or (len(whole) > 1 and whole.startswith("0")):
        spelled = [_ONES[int(digit)] for digit in whole]
    elif len(whole) == 4 and not fraction:
        spelled = _year_or_number(whole)
    else:
        spelled = cardinal(int(whole)) if whole else []
    return spelled + (["point", *(_ONES[int(digit)] for digit in fraction)] if fraction else [])


def _ordinal(words: list[str]) -> list[str]:
    *rest, last = words
    if last in _ORDINALS:
        return [*rest, _ORDINALS[last]]
    return [*rest, f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"]


def words(text: str) -> list[str]:
    """Return the lower-case words of a text as they would be spoken, numbers and units spelled out."""
    tokens = _TOKEN.findall(_TAG.sub(" ", text.lower().replace("\u2019", "'")))
    spelled: list[str] = []
    for position, token in enumerate(tokens):
        if token[-1].isdecimal():
            following = tokens[position + 1] if position + 1 < len(tokens) else ""
            numbers = number_words(token)
            spelled += _ordinal(numbers) if following in _ORDINAL_SUFFIXES else numbers
        elif token in _ORDINAL_SUFFIXES and position and tokens[position - 1][-1].isdecimal():
            continue
        else:
            spelled += _UNITS.get(token, token.rstrip("'")).split()
    return spelled


def sentences(text: str) -> list[list[str]]:
    """Return the sentences of a text, each as its spoken words; empty ones are left out."""
    return [spoken for part in _SENTENCE_END.split(text) if (spoken := words(part))]
