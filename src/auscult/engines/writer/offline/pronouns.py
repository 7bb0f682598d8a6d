"""Calls the patient he or she where the record or the clinician says which, and else the patient.

Nobody's sex is guessed from a name or a voice. `person.py` says "they" for whoever spoke. Where
the cited words have a "they" of their own, theirs may be meant: such a statement stays as it is, as does one whose verb
cannot be put right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from auscult.domain.patient import Sex
from auscult.domain.transcript import Speaker, Transcript
from auscult.engines.writer.offline.agreement import agreed
from auscult.engines.writer.offline.fluent import joined
from auscult.engines.writer.offline.items import Item

_AGED: Final = re.compile(
    r"(?<!your )(?<!their )(?<!his )(?<!her )\b(?:\d{1,3}|\w+)[- ]?(?:year|month|week|yr)s?[- ]?old"
    r" (?:[\w-]+ ){0,4}?(?P<who>male|female|man|woman|gentleman|lady|boy|girl)\b",
    re.IGNORECASE,
)
"""How a clinician introduces the patient to a recorder: "a 54-year-old male"."""
_TITLED: Final = re.compile(r"\b(?P<who>mr|mister|mrs|ms|miss|missus)\b\.?\s+(?!or\b|and\b)[a-z]", re.IGNORECASE)
_CALLED: Final = re.compile(r"\b(?P<who>sir|ma'am|madam)\b", re.IGNORECASE)
_MALE: Final = frozenset({"male", "man", "gentleman", "boy", "mr", "mister", "sir"})
_GREETING: Final = 6
"""Turns in which a title is taken for the patient's; later it may be anybody's."""

_FORMS: Final = {
    Sex.MALE: {"their": "his", "them": "him", "themselves": "himself", "theirs": "his"},
    Sex.FEMALE: {"their": "her", "them": "her", "themselves": "herself", "theirs": "hers"},
}
_SUBJECTS: Final = {Sex.MALE: "he", Sex.FEMALE: "she"}
_THEY: Final = re.compile(r"\bthey(?P<clitic>'(?:re|ve|ll|d))?\b", re.IGNORECASE)
_ANY: Final = re.compile(r"\b(?:they|their|them|themselves|theirs)\b", re.IGNORECASE)
_OTHERS: Final = re.compile(r"\b(?:their|them|themselves|theirs)\b", re.IGNORECASE)
_ASKED: Final = re.compile(
    r"\b(?:are|were|have|do|did|can|will|should) they\b|\bthey(?:'\w+)? (?:both|all|two)\b", re.IGNORECASE
)
_ABOUT_PATIENT: Final = re.compile(
    r"\bthe patient\b|^(?:reports|denies|says|is not sure|mentions|advised|recommended|allergic"
    r"|takes|smokes|drinks|does|vapes|has)\b|^[a-z ]+:",
    re.IGNORECASE,
)
"""Sentences in which it is plain who "they" are."""
_REPORTED: Final = re.compile(r"Reports that they(?= )")


def stated_sex(transcript: Transcript) -> Sex:
    """What the clinician says the patient is; unknown when nothing, or both, is said."""
    said: set[Sex] = set()
    for place, turn in enumerate(transcript.turns):
        if turn.speaker not in {Speaker.CLINICIAN, Speaker.UNKNOWN}:
            continue
        patterns = (_AGED, _CALLED, _TITLED) if place < _GREETING else (_AGED,)
        said |= {
            Sex.MALE if match["who"].lower() in _MALE else Sex.FEMALE
            for pattern in patterns
            for match in pattern.finditer(joined(turn.text))
        }
    return said.pop() if len(said) == 1 else Sex.UNKNOWN


def named(items: Iterable[Item], transcript: Transcript, known: Sex) -> list[Item]:
    """The items with "they" put as the patient's sex has it, where that is certain; all others as they were.

    `known` is what the record says; without it, what the clinician says counts. Where neither says, the first "they" of
    a statement that names nobody is the patient.
    """
    sex = stated_sex(transcript) if known is Sex.UNKNOWN else known
    put = partial(_put, sex=sex) if sex in _FORMS else _introduced
    own_they = {turn.id for turn in transcript.turns if _ANY.search(turn.text)}
    return [item if own_they & set(item.turn_ids) else replace(item, text=put(item.text)) for item in items]


def _introduced(text: str) -> str:
    """A statement about "they" as one about the patient; the same when somebody is named, or a verb is not known."""
    if (reported := _REPORTED.match(text)) and (told := agreed("", text[reported.end() :])):
        return f"The patient{told}"
    first = _ANY.search(text)
    if first is None or _ASKED.search(text) or _ABOUT_PATIENT.search(text):
        return text
    if first[0].lower() == "their":
        return f"{text[: first.start()]}{_as_written(first[0], 'the patient')}'s{text[first.end() :]}"
    match = _THEY.match(text, first.start())
    told = agreed(match["clitic"] or "", text[match.end() :]) if match else None
    if told is None or _THEY.search(told):
        return text
    return f"{text[: first.start()]}{_as_written(first[0], 'the patient')}{told}"


def _put(text: str, sex: Sex) -> str:
    if _ASKED.search(text):
        return text
    done, rest = "", text
    while (match := _THEY.search(rest)) is not None:
        told = agreed(match["clitic"] or "", rest[match.end() :])
        if told is None:
            return text
        done += rest[: match.start()] + _as_written(match[0], _SUBJECTS[sex])
        rest = told
    return _OTHERS.sub(lambda other: _as_written(other[0], _FORMS[sex][other[0].lower()]), done + rest)


def _as_written(before: str, now: str) -> str:
    return now[:1].upper() + now[1:] if before[0].isupper() else now
