"""The Hindi for a finding, for when, and for how a medicine is taken: exactly, or not at all.

English in, as the writer words it; Hindi out, from `rendering_hi.tsv` and `findings_hi.tsv`. Nothing is translated by
likeness: of what has a word that no table has, nothing is said. Numbers and names of medicines are copied.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from auscult.knowledge.hindi import FINDINGS, concepts, find, tokens
from auscult.knowledge.medicines import lookup
from auscult.knowledge.tables import rows

_NUMBER: Final = r"\d+(?:\.\d+)?(?: (?:to|or) \d+(?:\.\d+)?|-\d+(?:\.\d+)?)?"
_UNIT: Final = r"(?P<unit>hour|day|night|week|month|year)s?"
PERIOD: Final = re.compile(
    r"(?:for |in )?(\d+(?:\.\d+)?(?: to \d+(?:\.\d+)?)?) (hour|day|night|week|month|year)s?( ago)?"
)
"""A span of time: the number, its unit, and " ago" where it is over."""
_DEGREES: Final = {"severe ": "तेज़ ", "mild ": "मामूली "}
_SIDES: Final = {"left": {"masculine": "बाएँ", "feminine": "बाईं"}, "right": {"masculine": "दाएँ", "feminine": "दाईं"}}
"""In Hindi the side agrees with the part of the body, here in the case before में."""
_SIDE: Final = re.compile(r"\b(left|right)(?:-sided)? (?=[a-z])")
_COUNTS: Final = {"once": "एक", "twice": "दो", "thrice": "तीन"}
_EACH: Final = {"day": "दिन", "night": "रात", "week": "हफ़्ते", "month": "महीने"}
_LASTING: Final = {"the next ": "अगले ", "another ": "और ", "about ": "लगभग "}


@cache
def phrases(kind: str) -> dict[str, str]:
    """The rows of one kind of `rendering_hi.tsv`, English to Hindi."""
    return {english: hindi for english, own, hindi, _source in rows("rendering_hi.tsv") if own == kind}


def finding(english: str) -> str | None:
    """The Hindi name of one finding, with its degree and the side of the body; None for what is no known finding."""
    plain = re.sub(r"^(?:an?|the|some|any)\s+", "", english.strip().lower())
    for degree, said in _DEGREES.items():
        if plain.startswith(degree) and plain not in concepts():
            rest = finding(plain.removeprefix(degree))
            if rest is None:
                return None
            part, where, what = rest.rpartition(" में ")
            return f"{part}{where}{said}{what}"
    entry = concepts().get(plain)
    if entry is not None:
        return entry.devanagari
    if _SIDE.search(plain):
        return _sided(plain)
    words = tokens(plain)
    match = find(words, 0, *FINDINGS) if words else None
    return match.entry.devanagari if match and match.last == len(words) else None


def _sided(plain: str) -> str | None:
    """The name of a finding with its side: "बाएँ घुटने में दर्द"; None where the part has no known gender."""
    match = _SIDE.search(plain)
    bare = _SIDE.sub("", plain)
    name = None if match is None or _SIDE.search(bare) or bare == plain else finding(bare)
    if match is None or name is None:
        return None
    for gender, side in _SIDES[match[1]].items():
        for part, hindi in phrases(gender).items():
            if re.match(rf"{part}s?\b", plain[match.end() :]) and re.match(rf"{hindi} (?:में|पर|का|की|के|से)(?= )", name):
                return f"{side} {name}"
    return None


def in_oblique(name: str | None) -> str | None:
    """The form before में, की, पर: "चक्कर आने" for "चक्कर आना"; None where that form is not certain."""
    if name is None or not name.endswith("ा"):
        return name
    return f"{name[:-1]}े" if name.endswith("ना") else None


def after(when: str) -> str | None:
    """The Hindi of "in 3 days" or "tomorrow"; None for another time."""
    period = PERIOD.fullmatch(when)
    return f"{_range(period[1])} {phrases('unit')[period[2]]} बाद" if period else phrases("time").get(when)


def medicine_line(english: str) -> str | None:
    """The Hindi of `Medication.line`; None when a piece of it is not known."""
    if english.startswith("allergic to "):
        name, rest = named_first(english.removeprefix("allergic to "))
        return f"{name} से एलर्जी" if name and not rest else None
    stopped = english.startswith("stop ")
    name, rest = named_first(english.removeprefix("stop "))
    said = directions(rest) if name else None
    return None if said is None else " ".join(f"{name} {said}{' बंद' if stopped else ''}".split())


def named_first(line: str) -> tuple[str, str]:
    """The medicine that a line begins with, and what follows; the name empty when it is none."""
    words = line.split()
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if lookup(name):
            return name, " ".join(words[length:])
    return "", line


def directions(english: str) -> str | None:
    """How a medicine is taken, piece by piece; None when a piece is not known."""
    said = ""
    rest = english.strip()
    while rest:
        if rest.startswith(", ") and said:
            said, rest = f"{said},", rest[2:]
        piece, length = _piece(rest)
        if not length:
            return None
        said = f"{said} {piece}"
        rest = rest[length:].lstrip(" ")
    return said.strip()


def _piece(rest: str) -> tuple[str, int]:
    """The first piece of directions, and how long its English is; 0 when it is not known."""
    known = next((one for one in _by_length() if re.match(rf"{re.escape(one)}(?=,? |$)", rest)), "")
    measured, length = _measured(rest)
    return (phrases("direction")[known], len(known)) if known and len(known) >= length else (measured, length)


@cache
def _by_length() -> tuple[str, ...]:
    return tuple(sorted(phrases("direction"), key=len, reverse=True))


def _measured(rest: str) -> tuple[str, int]:
    for pattern, render in _MEASURES:
        if match := pattern.match(rest):
            said = render(match)
            return (said, match.end()) if said else ("", 0)
    return "", 0


def _range(number: str) -> str:
    return re.sub(r" to ", "-", number).replace(" or ", " या ")


def _counted(match: re.Match[str]) -> str:
    number = "आधी" if match[1] == "half a" else _range(match[1])
    return f"{number} {phrases('unit')[match[2]]}"


def _times(match: re.Match[str]) -> str:
    count = _COUNTS.get(match["count"]) or _range(match["count"].removesuffix(" times"))
    most = "ज़्यादा से ज़्यादा " if match["most"] else ""
    each = _EACH[match["each"] or {"daily": "day", "weekly": "week"}[match["ly"]]]
    return f"{each} में {most}{count} बार"


def _lasting(match: re.Match[str]) -> str:
    number = "एक" if match["number"] == "a" else _range(match["number"])
    lead = _LASTING.get(match["lead"] or "", "और " if match["more"] else "")
    return f"{lead}{number} {phrases('unit')[match['unit']]} तक"


def _reason(match: re.Match[str]) -> str:
    name = in_oblique(finding(match["reason"]))
    return f"({name} के लिए)" if name else ""


_END: Final = r"(?=,? |$)"
_MEASURES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(rf"(half a|{_NUMBER}) (tablet|capsule|puff|drop|teaspoon|sachet|unit)s?{_END}"), _counted),
    (
        re.compile(
            rf"(?P<most>up to )?(?P<count>once|twice|thrice|{_NUMBER} times)"
            rf" (?:(?:a|per|each|every) (?P<each>day|night|week|month)|(?P<ly>daily|weekly)){_END}"
        ),
        _times,
    ),
    (re.compile(rf"every ({_NUMBER}) hours?{_END}"), lambda match: f"हर {_range(match[1])} घंटे में"),
    (re.compile(rf"({_NUMBER}) hourly{_END}"), lambda match: f"हर {_range(match[1])} घंटे में"),
    (
        re.compile(rf"every ({_NUMBER}) (day|week|month)s{_END}"),
        lambda match: f"हर {_range(match[1])} {phrases('unit')[match[2]]} पर",
    ),
    (
        re.compile(
            rf"for (?P<lead>the next |another |about )?(?P<number>{_NUMBER}|a) (?P<more>more )?{_UNIT}(?! ago){_END}"
        ),
        _lasting,
    ),
    (
        re.compile(rf"({_NUMBER})[ -](day|week|month) course{_END}"),
        lambda match: f"{_range(match[1])} {phrases('unit')[match[2]]} का कोर्स",
    ),
    (re.compile(rf"[0-3]-[0-3]-[0-3]{_END}"), lambda match: match[0]),
    (re.compile(r"for (?:the )?(?P<reason>.+)$"), _reason),
    (
        re.compile(rf"\d+(?:\.\d+)?(?: ?(?:mg|micrograms|g|IU|ml|%))?(?:/\d* ?ml)?{_END}"),
        lambda match: match[0],
    ),
)
"""What has a number, by its wording. The strength comes last: a bare number is one only where nothing else fits."""
