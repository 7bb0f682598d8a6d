"""Moves what people say of themselves and each other into the third person: "I have" and "you have" to "they have"."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_BODY: Final = (
    r"(?=(?:(?:left|right|lower|upper|whole|distal|proximal|medial|lateral|bilateral|heart|blood|respiratory|oxygen"
    r"|capillary"
    r"|vital|physical|range) )*(?:abdomen|ankles?|arms?|back|belly|bladder|bowels?|breasts?|calf|calves|cheeks?|chest"
    r"|ears?"
    r"|elbows?|esophagus|extremit(?:y|ies)|eyes?|face|feet|fingers?|foot|forearm|groin|hands?|head|heart|heels?|hips?"
    r"|joints?|kidneys?(?! stones?)|knees?|knuckles?|legs?|liver|lungs?|mouth|neck|nose|patella|phalanx|pressure"
    r"|pulses?|rate|refill"
    r"|reflexes|saturation|sensation|shoulders?|signs?|sinuses|skin|spine|stomach|strength|thighs?|throat|thumb"
    r"|thyroid|toes?"
    r"|tongue|tonsils|tummy|wrists?)\b)"
)
"""Parts and measures of the body, which a note calls "the", since it is about one person."""
_PATIENT: Final = (
    (r"\bme and my\b(?! \w+ (?:to|for)\b)", "they and their"),
    (r"\bi'm\b", "they are"),
    (r"\bi am\b", "they are"),
    (r"\bam i\b", "are they"),
    (r"\bi was\b", "they were"),
    (r"\bi've\b", "they have"),
    (r"\bi'd\b", "they would"),
    (r"\bi'll\b", "they will"),
    (r"\bi\b", "they"),
    (r"\bmyself\b", "themselves"),
    (rf"\bmy {_BODY}", "the "),
    (r"\bmy\b", "their"),
    (r"\bmine\b", "theirs"),
    (r"\bme\b", "them"),
)
_ADDRESSED: Final = (
    (r"\byou're\b", "they are"),
    (r"\byou've\b", "they have"),
    (r"\byou'll\b", "they will"),
    (r"\byou'd\b", "they would"),
    (r"\b(will|to|'ll) have you\b", r"\1 have them"),
    (
        r"\bhave you (?=(?:use|check|rest|take|try|come|do|start|continue|wear|keep|see|go|stop|follow|increase"
        r"|apply|return|call|schedule|bring|watch|monitor|weigh)\b)",
        "have them ",
    ),
    (r"\b(are|were|have|do|did|can|will|should) you\b", r"\1 they"),
    (
        r"\b(give|gives|giving|start|starting|put|putting|send|sending|refer|referring|see|help|call|ring"
        r"|tell|show|book|continue|check|set|swab|diagnose|prescribe|prescribing|bring|place|treat|write|need|want"
        r"|encourage|ask|offer|remind|advise|teach|schedule|recommend|accept|referred|follow|follows|monitor|evaluate|examine|walk|sent|gave|showed|asked|brought"
        r"|for|to|with|of|on|about|at|make|makes|making|let|keep|get) you\b",
        r"\1 them",
    ),
    (r"\byourself\b", "themselves"),
    (rf"\byour {_BODY}", "the "),
    (r"\byour\b", "their"),
    (r"\byou\b(?=\s*[.,;]?$)", "them"),
    (r"\byou\b", "they"),
)
_SELF = re.compile(r"\b(?:i|me|my|mine|myself)\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(
    r"\b(?:i|i'm|i've|i'll|i'd|me|my|mine|myself|we|we'll|we're|we've|we'd|our|ours|us"
    r"|ourselves)\b",
    re.IGNORECASE,
)


@cache
def _compiled(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), replacement) for pattern, replacement in rules)


def _apply(rules: tuple[tuple[str, str], ...], text: str) -> str:
    for pattern, replacement in _compiled(rules):
        text = pattern.sub(replacement, text)
    return text


def of_patient(text: str) -> str:
    """What the patient says of themselves, in the third person."""
    return _apply(_PATIENT, text) if _SELF.search(text) else text


def to_patient(text: str) -> str:
    """What the clinician says to the patient, in the third person."""
    return _apply(_ADDRESSED, text) if "you" in text.lower() else text


def speaks_of_self(text: str) -> bool:
    """True when a first person is left in a clinician's words, which no rule can move without guessing."""
    return _FIRST_PERSON.search(text) is not None


def sentence(text: str) -> str:
    """Give a text a capital and a full stop, and single spaces."""
    text = " ".join(text.split()).strip(" ,;.:!?")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def lower_first(text: str) -> str:
    """Lower the first letter unless the word is an abbreviation."""
    first = text.split(" ", 1)[0]
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]
