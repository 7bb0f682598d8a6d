"""Reads the directions of one medicine by taking them out of its words, piece by piece.

It copies what is written, abbreviations in plain words; it never fills in, converts or corrects. What is left at the
end and has a number in it is told, never dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from auscult.domain.evidence import Flag
from auscult.domain.medication import Directions
from auscult.knowledge import doses, units
from auscult.knowledge.medicine_lines.cautions import flag
from auscult.knowledge.medicine_lines.forms import COUNTED, COUNTED_WORDS, FORM_WORDS, FORMS
from auscult.knowledge.medicine_lines.schedule import take_schedule
from auscult.knowledge.medicine_lines.stretch import NAME, TAKEN, Stretch

_FIGURE: Final = r"\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PART: Final = r"(?:[1-3]\s)?(?:1/2|1/4|3/4|1/3|2/3)|\d*[½¼¾]|\d{1,3}(?:,\d{2,3})*,\d{3}|\d+(?:\.\d+)?"
_AMOUNT: Final = rf"(?<![\d.,/\w½-])({_PART})(?:\s*(?:to|or|-)\s*({_PART}))?(?![\d½]|[.,/]\d)"
_UNIT: Final = doses.any_of(units.written("strength"))
_AFTER_UNIT: Final = r"(?![a-zμ])"
_PER_KG: Final = re.compile(
    rf"(?<![\d.,/\w])({_FIGURE})\s*({_UNIT})\s*/\s*kg((?:\s*/\s*(?:day|dose|hr|hour))?)", re.IGNORECASE
)
_CONCENTRATION: Final = re.compile(
    rf"(?<![\d.,/\w])({_FIGURE})\s*({_UNIT}|units?)\s*(?:/|per|in)\s*({_FIGURE})?\s*"
    r"(ml|mls|puff|dose|actuation|spray|h|hr|hours?|vial|drop|tab|tablet|sachet)\b",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(
    rf"(?<![\d.,/\w])((?:{_FIGURE})\s*(?:{_UNIT})?(?:\s*[/+]\s*(?:{_FIGURE})\s*(?:{_UNIT})?)+)"
    rf"(?<=[a-zμ%]){_AFTER_UNIT}",
    re.IGNORECASE,
)
"""The strengths of a combination: "500/125 mg", "5 mg + 40 mg"."""
_SPREAD: Final = re.compile(
    rf"(?<![\d.,/\w])({_FIGURE})\s*(?:-|to)\s*({_FIGURE})\s*({_UNIT}){_AFTER_UNIT}", re.IGNORECASE
)
_STRENGTH: Final = re.compile(
    rf"(?<![\d.,/\w-])({_FIGURE})\s*(?:({_UNIT}){_AFTER_UNIT}(?!\s*/\s*d?l\b)|(K)\b)", re.IGNORECASE
)
_WEIGHT_AND_VOLUME: Final = re.compile(
    rf"(?<![\d.,/\w])({_FIGURE})\s*({_UNIT})\s*[(=]\s*=?\s*({_FIGURE})\s*mls?\b\s*\)?", re.IGNORECASE
)
"""One amount in two ways: "500 mg (10 ml)"."""
_RATIO: Final = re.compile(r"(?<![\d.,/\w])1\s?:\s?\d[\d,]*(?![\d.])")
_OF_A_DOSE: Final = re.compile(r"(?:\btake|\bgive|\btakes|\binject|=|\()\s*$", re.IGNORECASE)
_LETTERS: Final = re.compile(
    rf"(?<![\w.,/½-])(?=[\dOoIl]*\d)(?:\d[\d.]*[Oo][\dOo]*|\d+[Il]\d[\dOoIl]*|[lI]\d[\dOo]*(?=\s*(?:{_UNIT})\b))"
    rf"(?:\s*(?:{_UNIT}|ml))?(?!\w)",
    re.IGNORECASE,
)
"""A letter O, I or l among digits, with its unit."""
_QUANTITY: Final = re.compile(
    r"(?:#\s*|\b(?:qty|quantity|disp(?:ense)?|mitte|total|no|nos|supply)\b[\s.:=]*)\d+\s*"
    rf"(?:{FORM_WORDS}|days?|weeks?|months?)?"
    rf"|\bx\s*\d+\s*(?:{COUNTED_WORDS}|nos)\b|\b\d+\s*(?:nos|refills?|repeats?)\b"
    r"|\b(?:refills?|repeats?|rpt)[\s:x=]*\d+"
    r"|\(\s*\d+\s*(?:nos?)?\s*\)",
    re.IGNORECASE,
)
"""How much to dispense: understood, and not part of how it is taken."""
_UNITS_AS_U: Final = re.compile(rf"(?<![\d.,/\w-])({_PART})\s*(U)(?![\w/])", re.IGNORECASE)
_COUNT: Final = re.compile(
    rf"{_AMOUNT}\s*({COUNTED_WORDS}|mls?|millilit(?:re|er)s?|units?|cm|fingertip units?)(?![a-z])(?!\s*/)",
    re.IGNORECASE,
)
_MOST: Final = 12
"""Tablets or the like that may be taken at once (weekly methotrexate, prednisolone); more is another number."""
_MANY: Final = frozenset({"drop", "puff", "spray"})
_HALF: Final = re.compile(rf"\b(half|quarter)\s+(?:(?:of\s+)?an?\s+)?({COUNTED_WORDS})\b", re.IGNORECASE)
_TAKE: Final = re.compile(
    rf"\b(?:take|takes|taking|use|give|inhale|apply|instil|put)\s+{_AMOUNT}(?!\s*(?:days?|weeks?|months?))",
    re.IGNORECASE,
)
_MIXED: Final = re.compile(r"\d+$|[1-3](?:½|\s1/2)")
"""What may be a strength, or a strength and a half of a tablet: "2", "2½ tablets"."""
_LONE: Final = re.compile(_AMOUNT)
_AFTER_NAME: Final = re.compile(
    rf"{NAME}[\s,:=-]*(?:(?:{FORM_WORDS})\b\.?\s*)?(\d+(?:\.\d+)?(?:\s*/\s*\d+(?:\.\d+)?){{0,2}})(?![\w%½,]|\.\d|/\d)",
    re.IGNORECASE,
)
_FORM: Final = re.compile(rf"(?<![\w/])({FORM_WORDS})(?![\w/])\.?", re.IGNORECASE)
_FOR: Final = re.compile(
    r"\b(if|when|for)\s+((?:(?:the|high|severe|any)\s+)*(?:temp(?:erature)?|fever|pain|bp|sugar)"
    r"\s*(?:is\s*)?(?:>=?|above|over|more than)"
    r"\s*\d+(?:\.\d+)?\s*(?:°|deg(?:rees)?)?\s*[FC]?\b)",
    re.IGNORECASE,
)
_REASON: Final = re.compile(
    r"\b(?:for|(if|when|prn|sos|as needed|as required)(?:\s+(?:for|if))?)\s+(?:the\s+|your\s+|any\s+|a\s+)?"
    r"((?:[a-z]+\s+)?(?:pain|ache|fever|headaches?|cough|itch(?:ing)?|rash|nausea"
    r"|vomiting|sleep|infection|allergy|anxiety|wheez(?:e|ing)|pressure|hypertension|cholesterol|diabetes|sugar"
    r"|heartburn|reflux|acidity|constipation|swelling|depression|seizures|fits|epilepsy|psychosis|cold|throat|breathlessness"
    r"|diarrhoea|loose motions|gas|bp|arthritis|asthma|angina|gout|migraine|thyroid|malaria|cramps|oedema|failure"
    r"|hiccups|hiv|ringworm))\b",
    re.IGNORECASE,
)
_NOT_A_REASON: Final = re.compile(r"^(?:\d|next|another)", re.IGNORECASE)
_MORE_ROUTES: Final = {
    r"\bunder the skin\b|\bsubcutaneously\b": "under the skin",
    r"\brectally\b": "rectally",
    r"\bvaginally\b": "vaginally",
    r"\bby inhalation\b": "by inhalation",
    r"\b(?:in|into|to) (?:the )?both eyes\b": "both eyes",
    r"\b(?:in|into|to) (?:the )?(?:left|lt) eye\b|\bleft eye\b": "left eye",
    r"\b(?:in|into|to) (?:the )?(?:right|rt) eye\b|\bright eye\b": "right eye",
    r"\b(?:(?:in|into) (?:the )?)?left ear\b": "left ear",
    r"\b(?:(?:in|into) (?:the )?)?right ear\b": "right ear",
    r"\b(?:(?:in|into) )?both ears\b": "both ears",
    r"\b(?:in|into) (?:each|both|the) (?:nostrils?)\b|\beach nostril\b": "each nostril",
    r"\blocal(?:ly)? application\b|\blocally\b": "on the skin",
    r"\b(?:to|on) (?:the )?affected (?:area|part|skin)\b": "on the affected area",
}
_ROUTES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), route)
    for pattern, route in chain(doses.ROUTE.items(), _MORE_ROUTES.items())
    if route
)
_NUMBERS: Final = re.compile(r"\d[\d.,/]*\d|\d|[½¼¾]")


@dataclass
class Reading:
    """What was read of one medicine's directions, and the doubts that its writing raises."""

    fields: Directions
    flags: list[Flag] = field(default_factory=list)
    sure: bool = False
    """True when something was read that only a line about a medicine has."""


def read(text: str, *, insulin: bool = False, risky: bool = False) -> Reading:
    """Read the directions in the words about one medicine, its name cut out and marked with `NAME`.

    `insulin` says that IU are drawn up and not a strength; `risky` that a lone small number after the name is doubted.
    Never raises.
    """
    words = Stretch(text)
    flags: list[Flag] = []
    flags += [flag("letters_among_digits", match[0].strip()) for match in words.take_all(_LETTERS)]
    reason, needed = _taken_reason(words)
    prn = bool(words.take_all(doses.PRN)) or needed
    schedule = take_schedule(words)
    flags += schedule.flags
    routes = list(dict.fromkeys(route for pattern, route in _ROUTES for _match in words.take_all(pattern)))
    words.take_all(_QUANTITY)
    strengths, amounts = _strengths(words, insulin=insulin)
    strong = bool(amounts) or any(not one.endswith("%") for one in strengths)
    amounts += _amounts(words)
    if not amounts:
        amounts = _lone_amount(words)
    either = _count_or_strength(words, amounts, strengths)
    if either and (risky or not either.isdigit()):
        flags.append(flag("strength_or_count", either))
    strengths = _bare_strength(words, strengths)
    forms = [FORMS[match[1].lower()] for match in words.take_all(_FORM)]
    if len(strengths) > 1:
        flags.append(flag("two_strengths", " and ".join(strengths)))
    if len(amounts) > 1:
        flags.append(flag("two_doses", " and ".join(amounts)))
    flags += [flag("number_not_placed", number) for number in _NUMBERS.findall(words.left())]
    fields = Directions(
        strength=" or ".join(strengths),
        dose=" or ".join(amounts),
        form=_form(forms),
        route=", ".join(routes),
        frequency=schedule.frequency,
        duration=schedule.duration,
        reason=reason,
        timing=schedule.timing,
        prn=prn,
    )
    return Reading(fields, flags, strong or schedule.sure or bool(amounts and (schedule.frequency or prn)))


def _form(forms: list[str]) -> str:
    """The preparation; of several words for it the one that says most."""
    return max(forms, key=len) if any(" " in one for one in forms) else (forms[0] if forms else "")


def _taken_reason(words: Stretch) -> tuple[str, bool]:
    """What it is taken for, and whether "as needed" was said with it."""
    conditional = words.take(_FOR)
    if conditional:
        return " ".join(conditional[2].split()), conditional[1].lower() != "for"
    match = _REASON.search(words.text)
    if match is None or _NOT_A_REASON.match(match[2]):
        return "", False
    words.clear(*match.span())
    return " ".join(match[2].lower().split()), bool(match[1])


def _with_unit(number: str, unit: str) -> str:
    shown = units.written("strength").get(unit.casefold(), unit)
    return f"{number}{shown}" if shown == "%" else f"{number} {shown}"


def _strengths(words: Stretch, *, insulin: bool) -> tuple[list[str], list[str]]:
    """Strengths, each once, and the amounts that are written by weight.

    Such amounts are the second of "250 mg/5 ml, 500 mg", "take 1 g" and "10 mg/kg".
    """
    strengths: list[str] = []
    amounts = [f"{_with_unit(match[1], match[2])}/kg{''.join(match[3].split())}" for match in words.take_all(_PER_KG)]
    amounts += [f"{_with_unit(match[1], match[2])} ({match[3]} ml)" for match in words.take_all(_WEIGHT_AND_VOLUME)]
    per_volume = []
    for match in words.take_all(_CONCENTRATION):
        volume = f"{match[3]} {match[4].lower()}" if match[3] else match[4].lower()
        per_volume.append(f"{_with_unit(match[1], match[2])}/{volume}")
    strengths += [_joined(match[1]) for match in words.take_all(_JOINED)]
    strengths += [f"{match[1]} to {_with_unit(match[2], match[3])}" for match in words.take_all(_SPREAD)]
    strengths += [match[0].replace(" ", "") for match in words.take_all(_RATIO)]
    for match in list(_STRENGTH.finditer(words.text)):
        written = _with_unit(match[1], match[2]) if match[2] else f"{match[1]}{match[3]}"
        of_a_dose = _OF_A_DOSE.search(words.text[: match.start()].replace(TAKEN, " ")) is not None
        drawn_up = insulin and written.endswith(" IU")
        words.clear(*match.span())
        (amounts if drawn_up or per_volume or (of_a_dose and strengths) else strengths).append(written)
    strengths = _one_for_each_name(per_volume + strengths, words.text)
    return strengths, list(dict.fromkeys(amounts))[:1] if per_volume else list(dict.fromkeys(amounts))


def _one_for_each_name(strengths: list[str], text: str) -> list[str]:
    """One preparation of two strengths: "A 5 mg + B 40 mg"."""
    names = len(re.findall(f"{NAME}+", text))
    return [" + ".join(strengths)] if names > 1 and len(strengths) == names else list(dict.fromkeys(strengths))


def _joined(written: str) -> str:
    """Put a space before each unit and change nothing else: "500mg/125mg" is "500 mg/125 mg"."""
    spaced = re.sub(
        rf"({_FIGURE})\s*({_UNIT}){_AFTER_UNIT}",
        lambda match: _with_unit(match[1], match[2]),
        written,
        flags=re.IGNORECASE,
    )
    return re.sub(r"\s*([/+])\s*", lambda match: " + " if match[1] == "+" else "/", spaced)


def _amounts(words: Stretch) -> list[str]:
    amounts = [f"{match[1]} {match[2]}" for match in words.take_all(_UNITS_AS_U)]
    amounts += [
        f"{'half a' if match[1].lower() == 'half' else 'quarter of a'} {COUNTED[match[2].lower()]}"
        for match in words.take_all(_HALF)
    ]
    for match in list(_COUNT.finditer(words.text)):
        word = match[3].lower()
        if (
            word in COUNTED
            and COUNTED[word] not in _MANY
            and re.fullmatch(r"\d{2,}", match[1])
            and int(match[1].replace(",", "")) > _MOST
        ):
            continue  # "Seroflo 250 rotacap", "30 tabs": a strength or what is dispensed, not what is taken at once
        words.clear(*match.span())
        form = COUNTED.get(word) or units.written("measure").get(word, word)
        several = match[2] or match[1] not in {"1", "½", "¼", "¾", "1/2", "1/4", "3/4", "1/3", "2/3", "0.5", "0.25"}
        shown = doses.several(form) if several and form not in {"ml", "cm"} and not form.endswith("s") else form
        amounts.append(f"{_spread(match)} {shown}")
    return list(dict.fromkeys(amounts))


def _spread(match: re.Match[str]) -> str:
    first = " ".join(match[1].split())
    return f"{first} to {match[2]}" if match[2] else first


def _lone_amount(words: Stretch) -> list[str]:
    """A number by itself that is taken: after "take", or right before how often ("1 tds") or a strength."""
    match = words.take(_TAKE)
    if match:
        return [_spread(match)]
    for match in _LONE.finditer(words.text):
        before, after = words.text[: match.start()].rstrip(), words.text[match.end() :].lstrip()
        small = re.fullmatch(r"[1-4]|\d?[½¼¾]|(?:[1-3]\s)?\d/\d", match[1]) is not None
        if after.startswith(TAKEN) and small and (match[2] is None or before):
            amount = _spread(match)
            for other in list(_LONE.finditer(words.text, match.start())):
                if _spread(other) == amount and words.text[other.end() :].lstrip().startswith(TAKEN):
                    words.clear(*other.span())
            return [amount]
    return []


def _bare_strength(words: Stretch, strengths: list[str]) -> list[str]:
    """The number right after the name, without a unit, with the strengths: "Telma 40". Copied, which is plain usage."""
    found = list(_AFTER_NAME.finditer(words.text))
    if not found:
        return strengths
    for match in found:
        words.clear(*match.span(1))
    bare = " + ".join(match[1].replace(" ", "") for match in found)
    if any(one.split(" ")[0] == bare for one in strengths):
        return strengths
    if strengths and "/" in bare:
        return [f"{bare} {strengths[0]}", *strengths[1:]]
    return [bare, *strengths]


def _count_or_strength(words: Stretch, amounts: list[str], strengths: list[str]) -> str:
    """A small number alone between the name and how often, which may be either: "Amaryl 1 OD"; "" for none."""
    alone = amounts[:1] if not strengths and re.search(rf"{NAME}[\s,:-]*{TAKEN}", words.text) else []
    return alone[0] if alone and _MIXED.match(alone[0]) else ""
