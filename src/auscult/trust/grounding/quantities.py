"""The numbers and units of a text, read once."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Final

from auscult.knowledge import units
from auscult.knowledge.numerals import digits, numbers_in

_UNITS: Final = units.meanings()
_OF_TWO_WORDS: Final = tuple(unit for unit in _UNITS if " " in unit)
_QUANTITY = re.compile(
    rf"(?<![\w.])(\d+(?:\.\d+)?)[\s-]*(%|{'|'.join(_OF_TWO_WORDS)}|[a-z\u03bc\u00b5]+)", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|%", re.UNICODE)
_GLUED = re.compile(r"(?<=\d)(?=[a-z\u03bc%])")
_SIZES: Final = {
    **{"minute": ("time", 1), "hour": ("time", 60), "day": ("time", 1440), "week": ("time", 10_080)},
    **{"microgram": ("mass", 1), "mg": ("mass", 1000), "g": ("mass", 1_000_000)},
    **{"month": ("months", 1), "year": ("months", 12)},
}
"""Units that can be turned into one another: 48 hours are two days. A month has no fixed number of days."""

Size = tuple[str, Decimal]
"""A quantity in the smallest unit of its kind."""


class Figures:
    """What a text says in numbers: `numbers` by value, `quantities` with a known unit behind, `sizes` of those."""

    def __init__(self, text: str) -> None:
        written = digits(text)
        folded = written.casefold()
        words = set(_WORDS.findall(_GLUED.sub(" ", folded))) | {unit for unit in _OF_TWO_WORDS if unit in folded}
        found = ((match[1], match[2].casefold()) for match in _QUANTITY.finditer(written))
        self.numbers = numbers_in(written)
        self.quantities = [(Decimal(number).normalize(), _UNITS[unit]) for number, unit in found if unit in _UNITS]
        self.sizes = {size for number, unit in self.quantities if (size := size_of(number, unit)) is not None}
        self.units = frozenset(_UNITS[word] for word in words if word in _UNITS)
        """The units named anywhere, also glued to a number: "500mg"."""
        self._times = Counter(Decimal(number).normalize() for number in _NUMBER.findall(written.replace(",", "")))

    def units_of(self, number: Decimal) -> frozenset[str]:
        """The units of a number; empty when it also stands without one."""
        found = [unit for other, unit in self.quantities if other == number]
        return frozenset(found) if len(found) == self._times[number] else frozenset()


def size_of(number: Decimal, unit: str) -> Size | None:
    """The size of a quantity; None for a unit that is turned into no other."""
    if unit not in _SIZES:
        return None
    kind, size = _SIZES[unit]
    return kind, (number * size).normalize()
