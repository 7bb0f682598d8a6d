"""Numbers and units: each in a sentence has to be said where it is said to come from, and together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from auscult.domain.evidence import Flag
from auscult.knowledge import units
from auscult.knowledge.numerals import digits, numbers_in
from auscult.trust.grounding.flags import NUMBER, UNIT, flag
from auscult.trust.grounding.sources import Sources

_UNITS: Final = units.meanings()
_OF_TWO_WORDS: Final = tuple(unit for unit in _UNITS if " " in unit)
_UNIT: Final = rf"%|°\s?[cf]\b|{'|'.join(_OF_TWO_WORDS)}|[a-zμµ]+"
_UNIT_AFTER_NUMBER = re.compile(rf"(?<![\w.])\d+(?:\.\d+)?[\s-]*({_UNIT})", re.IGNORECASE)
_QUANTITY = re.compile(rf"(?<![\w.])(\d+(?:\.\d+)?)[\s-]*({_UNIT})", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|%", re.UNICODE)
_IN_A_NAME = re.compile(
    r"\b(?:sp?o2|o2|co2|hba1c|a1c|fev1|t[12]dm|covid-?19|hco3|ft[34]|type [12](?= diab)|1st|2nd|3rd)\b", re.IGNORECASE
)
"""Names that hold a number and say none."""
_AGE = re.compile(r"[\s-]*(?:years?|yrs?)[\s-]+old\b", re.IGNORECASE)
"""Nobody says the unit of their age."""
_TWICE = ((re.compile(r"\btwice\b", re.IGNORECASE), "2 times"), (re.compile(r"\bthrice\b", re.IGNORECASE), "3 times"))
_LISTED_UNIT = re.compile(r"(?<=\d)(?=[a-zμ%])")
_SIZES: Final = {
    **{"second": ("time", 1), "minute": ("time", 60), "hour": ("time", 3600), "day": ("time", 86_400)},
    **{"week": ("time", 604_800), "microgram": ("mass", 1), "mg": ("mass", 1000), "g": ("mass", 1_000_000)},
    **{"month": ("months", 1), "year": ("months", 12)},
}
"""Units that can be turned into one another: 48 hours are two days. A month has no fixed number of days."""


def unsaid(text: str, sources: Sources) -> Iterator[Flag]:
    """The flags of numbers and units in a sentence that its sources do not bear out."""
    told = _plain(text)
    said = f"{sources.said} {sources.counted}"
    sizes = _sizes(said)
    same = {number for number, unit in _quantities(told) if _size(number, unit) in sizes}
    if numbers_in(told) - numbers_in(said) - same:
        yield flag(NUMBER)
    converted = {unit for number, unit in _quantities(told) if number in same}
    if _units(told) - _units_said(said) - converted or _exchanged(told, said):
        yield flag(UNIT)


def _plain(text: str) -> str:
    text = _AGE.sub(" ", _IN_A_NAME.sub(" ", text))
    for pattern, number in _TWICE:
        text = pattern.sub(number, text)
    return text


def _quantities(text: str) -> list[tuple[Decimal, str]]:
    """Numbers with the known unit that stands behind each."""
    found = ((match[1], match[2].casefold()) for match in _QUANTITY.finditer(digits(text)))
    return [(Decimal(number).normalize(), _UNITS[unit]) for number, unit in found if unit in _UNITS]


def _size(number: Decimal, unit: str) -> tuple[str, Decimal] | None:
    if unit not in _SIZES:
        return None
    kind, size = _SIZES[unit]
    return kind, (number * size).normalize()


def _sizes(text: str) -> set[tuple[str, Decimal]]:
    return {size for number, unit in _quantities(text) if (size := _size(number, unit)) is not None}


def _exchanged(told: str, said: str) -> bool:
    """True when a number has a unit, and each time it was said it had another."""
    spoken: dict[Decimal, set[str]] = {}
    for number, unit in _quantities(said):
        spoken.setdefault(number, set()).add(unit)
    sizes = _sizes(said)
    counts = [Decimal(match.replace(",", "")).normalize() for match in re.findall(r"\d+(?:\.\d+)?", digits(said))]
    with_unit = [number for number, _unit in _quantities(said)]
    return any(
        number in spoken
        and unit not in spoken[number]
        and _size(number, unit) not in sizes
        and counts.count(number) == with_unit.count(number)
        for number, unit in _quantities(told)
    )


def _units(text: str) -> frozenset[str]:
    """The units that stand after a number in a note's sentence."""
    found = {match.group(1).casefold() for match in _UNIT_AFTER_NUMBER.finditer(digits(text))}
    return frozenset(_UNITS[word] for word in found if word in _UNITS)


def _units_said(said: str) -> frozenset[str]:
    """The units named anywhere in what was said, also glued to a number: "500mg"."""
    folded = digits(said).casefold()
    words = set(_WORDS.findall(_LISTED_UNIT.sub(" ", folded)))
    words |= {phrase for phrase in _OF_TWO_WORDS if phrase in folded}
    return frozenset(_UNITS[word] for word in words if word in _UNITS)
