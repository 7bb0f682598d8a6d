"""Measurements that the clinician says aloud. Numbers are copied, never converted; odd ones are flagged, not mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from auscult.domain.evidence import Flag
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.sentences import Sentence

_N = r"(?P<n>\d{1,3}(?:\.\d+)?)(?![\d/])(?!\s*points?\b)"
_GAP = (
    r"(?:\s+(?:is|was|of|at|reads|reading|today|now|about|around|level|levels|saturation|saturations"
    r"|sats))*[\s:,]+"
)
_OTHER_TIME: Final = (
    r"goals?|targets?|less|greater|more|below|above|under|until|if|when|should|usually|home|last|used|been|runs?|running"
    r"|hospital|emergency|went|gain|loss|lost|normal for|check|checks|monitor|keep|stays?|years?|months?|weeks?|days?"
)
"""Between what is measured and a number these make it a number of another time, or none."""
_WORDS_BETWEEN: Final = (
    rf"(?:[\s:,]+(?!(?:{_OTHER_TIME}|blood|pressure|heart|rate|pulse|resp\w*|temp\w*|oxygen\w*|o2|sats?|saturation|weight|bmi"
    r"|regular|murmur)\b)[a-z']+){0,WORDS}?[\s:,]+"
)


def _between(words: int) -> str:
    """What may stand between the name of a measurement and its number, in at most so many words."""
    return _WORDS_BETWEEN.replace("WORDS", str(words))


@dataclass(frozen=True, slots=True)
class _Vital:
    label: str
    pattern: re.Pattern[str]
    loose: re.Pattern[str]
    """The same with more words before the number; taken only where the number is one that people have."""
    ranges: tuple[tuple[float, float], ...]
    """Outside of these a person must look: adults and children alive, with a margin (our choice, generous)."""


def _vital(label: str, words: str, after: str, *ranges: tuple[float, float]) -> _Vital:
    strict, loose = (re.compile(rf"\b(?:{words}){gap}{_N}{after}", re.IGNORECASE) for gap in (_GAP, _between(6)))
    return _Vital(label, strict, loose, ranges)


_DEGREES: Final = r"(?:\s*(?:degrees|°)?\s*(?P<scale>c|celsius|f|fahrenheit)?\b)?"
VITALS: Final = (
    _vital("Temperature", "temperature|temp|low[- ]grade fever", _DEGREES, (33, 43), (91, 110)),
    _vital("Pulse", r"pulse(?! ox)|heart rate|pulse rate", "", (25, 250)),
    _vital(
        "Oxygen saturation",
        "oxygen(?: saturation| level)?|oxygenation|sats|saturation|satting|spo2|o2 sats?|pulse ox",
        r"\s*(?P<scale>%|percent|per cent)?",
        (50, 100),
    ),
    _vital("Respiratory rate", "respiratory rate|breathing rate|resp rate|respirations", "", (5, 80)),
    _vital("Weight", "weight", r"\s*(?P<scale>kg|kilos?|kilograms?)", (1, 350)),
    _vital("Peak flow", "peak flow", "", (50, 900)),
)
_PRESSURE = re.compile(
    r"\b(?:blood pressure|bp)(?:\s+(?:is|was|today|of|at|reads|a bit high|high|low"
    r"|good))*[\s:,]+(?P<top>\d{2,3})\s*(?:/|over)\s*"
    r"(?P<bottom>\d{2,3})\b",
    re.IGNORECASE,
)
_PRESSURE_LATER: Final = re.compile(
    rf"\b(?:blood pressure|bp)(?:'s)?{_between(12)}(?P<top>\d{{2,3}}) ?(?:/|over) ?(?P<bottom>\d{{2,3}})\b",
    re.IGNORECASE,
)
_NAMES_PRESSURE: Final = re.compile(r"\b(?:blood pressure|bp)\b", re.IGNORECASE)
_BARE_PRESSURE: Final = re.compile(r"\b(?P<top>\d{2,3}) over (?P<bottom>\d{2,3})\b", re.IGNORECASE)
_ANOTHER: Final = re.compile(rf"\b(?:{_OTHER_TIME})\b", re.IGNORECASE)
_NEAR: Final = 3
"""Sentences of a turn after the one that names the blood pressure in which its numbers may come."""
_SCALES: Final = {
    "%": "%", "percent": "%", "per cent": "%", "c": " °C", "celsius": " °C", "f": " °F", "fahrenheit": " °F",
    "kg": " kg", "kilo": " kg", "kilos": " kg", "kilogram": " kg", "kilograms": " kg",
}  # fmt: skip
_ODD: Final = Flag(code="implausible_value", reason="This value is outside what people have; listen to it again.")


def vitals_in(sentence: Sentence) -> list[Item]:
    """Every measurement in a sentence, in a fixed order; empty when there is none."""
    found: list[Item] = []
    pressure = _PRESSURE.search(sentence.text)
    if pressure:
        found.append(_pressure(sentence, pressure))
    else:
        later = _PRESSURE_LATER.search(sentence.text)
        if later and _is_pressure(later):
            found.append(_pressure(sentence, later))
    for vital in VITALS:
        strict = vital.pattern.search(sentence.text)
        match = strict or vital.loose.search(sentence.text)
        if match:
            scale = _SCALES.get((match.groupdict().get("scale") or "").lower(), "")
            plausible = any(low <= float(match["n"]) <= high for low, high in vital.ranges)
            if strict is None and not plausible:
                continue
            found.append(_item(sentence, f"{_label(vital, match[0])} {match['n']}{scale}.", plausible=plausible))
    return found


def _label(vital: _Vital, said: str) -> str:
    """What was measured, by the name it was given: a pulse is felt, a heart rate may be read off a screen."""
    for name in ("Heart rate", "Low-grade fever"):
        if said.lower().replace("low grade", "low-grade").startswith(name.lower()):
            return name
    return vital.label


def pressures_near(said: Sequence[Sentence]) -> dict[int, Item]:
    """Blood pressures whose numbers come a sentence or two after their name, by the place of the numbers."""
    found: dict[int, Item] = {}
    for place, one in enumerate(said):
        match = _BARE_PRESSURE.search(one.text)
        if match is None or one.speaker is not Speaker.CLINICIAN or vitals_in(one) or not _is_pressure(match):
            continue
        near = [other for other in said[max(0, place - _NEAR) : place] if other.turn_id == one.turn_id]
        named = next((other for other in reversed(near) if _NAMES_PRESSURE.search(other.text)), None)
        between = near[near.index(named) :] if named is not None else []
        if named is not None and not any(_ANOTHER.search(other.text) for other in [*between, one]):
            found[place] = replace(_pressure(one, match), place=place)
    return found


def of_today(items: Iterable[Item]) -> list[Item]:
    """The items with the blood pressure of the last turn that says one as vital sign; earlier ones are history."""
    items = list(items)
    last = next((item.turn_ids for item in reversed(items) if _is_reading(item)), ())
    return [
        replace(item, kind="history", text=f"The blood pressure was {item.text.removeprefix(_READING)}")
        if _is_reading(item) and item.turn_ids != last
        else item
        for item in items
    ]


_READING: Final = "Blood pressure "


def _is_reading(item: Item) -> bool:
    return item.kind == "vitals" and item.text.startswith(_READING)


def _is_pressure(match: re.Match[str]) -> bool:
    """True for numbers that a blood pressure can have."""
    top, bottom = int(match["top"]), int(match["bottom"])
    return 50 <= top <= 280 and 20 <= bottom <= 180 and top > bottom


def _pressure(sentence: Sentence, match: re.Match[str]) -> Item:
    return _item(sentence, f"{_READING}{match['top']}/{match['bottom']}.", plausible=_is_pressure(match))


def _item(sentence: Sentence, text: str, *, plausible: bool) -> Item:
    return Item("vitals", text, (sentence.turn_id,), flags=() if plausible else (_ODD,))
