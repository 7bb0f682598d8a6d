"""Measurements that the clinician says aloud. Numbers are copied, never converted; odd ones are flagged, not mended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from auscult.domain.evidence import Flag
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.sentences import Sentence

_N = r"(?P<n>\d{1,3}(?:\.\d+)?)(?![\d/])(?!\s*points?\b)"
_GAP = (
    r"(?:\s+(?:is|was|of|at|reads|reading|today|now|about|around|level|levels|saturation|saturations"
    r"|sats))*[\s:,]+"
)


@dataclass(frozen=True, slots=True)
class _Vital:
    label: str
    pattern: re.Pattern[str]
    ranges: tuple[tuple[float, float], ...]
    """Outside of these a person must look: adults and children alive, with a margin (our choice, generous)."""


def _vital(label: str, words: str, after: str, *ranges: tuple[float, float]) -> _Vital:
    return _Vital(label, re.compile(rf"\b(?:{words}){_GAP}{_N}{after}", re.IGNORECASE), ranges)


_DEGREES: Final = r"(?:\s*(?:degrees|°)?\s*(?P<scale>c|celsius|f|fahrenheit)?\b)?"
VITALS: Final = (
    _vital("Temperature", "temperature|temp", _DEGREES, (33, 43), (91, 110)),
    _vital("Pulse", "pulse|heart rate|pulse rate", "", (25, 250)),
    _vital(
        "Oxygen saturation",
        "oxygen(?: saturation| level)?|sats|saturation|spo2|o2 sats",
        r"\s*(?P<scale>%|percent|per cent)?",
        (50, 100),
    ),
    _vital("Respiratory rate", "respiratory rate|breathing rate|resp rate", "", (5, 80)),
    _vital("Weight", "weight", r"\s*(?P<scale>kg|kilos?|kilograms?)", (1, 350)),
    _vital("Peak flow", "peak flow", "", (50, 900)),
)
_PRESSURE = re.compile(
    r"\b(?:blood pressure|bp)(?:\s+(?:is|was|today|of|at|reads|a bit high|high|low"
    r"|good))*[\s:,]+(?P<top>\d{2,3})\s*(?:/|over)\s*"
    r"(?P<bottom>\d{2,3})\b",
    re.IGNORECASE,
)
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
        top, bottom = int(pressure["top"]), int(pressure["bottom"])
        plausible = 50 <= top <= 280 and 20 <= bottom <= 180 and top > bottom
        found.append(_item(sentence, f"Blood pressure {top}/{bottom}.", plausible))
    for vital in VITALS:
        match = vital.pattern.search(sentence.text)
        if match:
            scale = _SCALES.get((match.groupdict().get("scale") or "").lower(), "")
            plausible = any(low <= float(match["n"]) <= high for low, high in vital.ranges)
            found.append(_item(sentence, f"{vital.label} {match['n']}{scale}.", plausible))
    return found


def _item(sentence: Sentence, text: str, plausible: bool) -> Item:
    return Item("vitals", text, (sentence.turn_id,), flags=() if plausible else (_ODD,))
