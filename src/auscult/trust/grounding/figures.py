"""Numbers and units: each in a sentence has to be said where it is said to come from, and together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auscult.domain.evidence import Flag
from auscult.trust.grounding.flags import NUMBER, UNIT, flag
from auscult.trust.grounding.quantities import Figures, size_of
from auscult.trust.grounding.sources import Sources, in_both

_IN_A_NAME = re.compile(
    r"\b(?:sp?o2|o2|co2|hba1c|a1c|fev1|t[12]dm|covid-?19|hco3|ft[34]|type [12](?= diab)|1st|2nd|3rd)\b", re.IGNORECASE
)
"""Names that hold a number and say none."""
_AGE = re.compile(r"[\s-]*(?:years?|yrs?)[\s-]+old\b", re.IGNORECASE)
"""Nobody says the unit of their age."""
_TWICE = ((re.compile(r"\btwice\b", re.IGNORECASE), "2 times"), (re.compile(r"\bthrice\b", re.IGNORECASE), "3 times"))


def unsaid(text: str, sources: Sources) -> Iterator[Flag]:
    """The flags of numbers and units in a sentence that its sources do not bear out."""
    told, said = Figures(_plain(in_both(text))), sources.figures
    same = [(number, unit) for number, unit in told.quantities if size_of(number, unit) in said.sizes]
    if told.numbers - said.numbers - {number for number, _unit in same}:
        yield flag(NUMBER)
    others = [quantity for quantity in told.quantities if quantity not in same]
    if any(unit not in said.units for _number, unit in others) or any(
        said.units_of(number) and unit not in said.units_of(number) for number, unit in others
    ):
        yield flag(UNIT)


def _plain(text: str) -> str:
    text = _AGE.sub(" ", _IN_A_NAME.sub(" ", text))
    for pattern, number in _TWICE:
        text = pattern.sub(number, text)
    return text
