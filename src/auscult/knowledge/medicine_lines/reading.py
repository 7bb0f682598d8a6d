"""A written medicine line, read field by field with its doubts; see the package for what it promises."""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.evidence import Flag
from auscult.domain.medication import Medication, MedicationStatus
from auscult.knowledge.medicine_lines.cautions import flag
from auscult.knowledge.medicine_lines.directions import Reading, read
from auscult.knowledge.medicine_lines.look_alikes import given_for_another
from auscult.knowledge.medicine_lines.names import Named, clauses, named_in
from auscult.knowledge.medicine_lines.stretch import NAME
from auscult.knowledge.medicine_lines.writing import abbreviations, numbered, spelt_out, tidy
from auscult.knowledge.tables import rows

LONGEST: Final = 1_000
"""Characters of a line that are read. A prescription's line is far shorter; what is longer is not one."""

_STOP = re.compile(
    r"\b(?:stop|stopped|stopping|discontinued?|d/c|cease[d]?|withhold|hold|no longer|replacing|instead of)\b"
    r"(?!\s+(?:if|when|after|once))",
    re.IGNORECASE,
)
_STOP_LATER = re.compile(r"\b(?:then|and|to)\s+(?:to\s+)?stop\b", re.IGNORECASE)
"""Says how a course ends: "for 5 days, then stop"."""
_AGAINST = re.compile(r"\b(?:avoid|never|don't|do not|no(?! change))\b(?:\s+\w+){0,3}\s*$", re.IGNORECASE)
_ALLERGY = re.compile(r"\b(?:allerg\w+|intoleran\w+)\b(?:\s+(?:to|of))?[\s:-]*$", re.IGNORECASE)
_ALLERGY_AFTER = re.compile(r"^[\s:-]*(?:allerg|intoleran)", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?<!no )(?:increased?|reduced?|decreased?|changed?|switch(?:ed)?|titrate|uptitrate)\b"
    r"|\bfrom\s+\d[^.]*?\bto\s+\d",
    re.IGNORECASE,
)
_CHANGED_AFTER = re.compile(
    r"^\W*(?:increased?|reduced?|decreased?|changed?)\b(?! by)|\bfrom\s+\d[^.]*?\bto\s+\d", re.IGNORECASE
)
_FROM_TO = re.compile(r"\bfrom\s+(?:\d[\d.]*\s*[a-zμ%]*\s*)(?=to\s+\d)|\bfrom\s+[^\d]*?(?=\bto\b)", re.IGNORECASE)
_STARTED = re.compile(r"\b(?:start|started|begin|add|prescribed?)\b", re.IGNORECASE)
_GOES_ON = re.compile(r"\b(?:continue[d]?|cont|same|takes|taking)\b(?! until)", re.IGNORECASE)
_TRAILING_ZERO = re.compile(
    r"(?<![\d.,])\d+\.0+(?!\d)\s*(?:mg|mcg|micrograms?|μg|ug|g|gm|ml|units?|iu|u)?\b", re.IGNORECASE
)
_LEADING_DOT = re.compile(r"(?<![\d\w.])\.\d+\s*[a-zμ]*", re.IGNORECASE)
_U = re.compile(r"(?<![\w.])\d[\d.]*\s*U(?![\w/])", re.IGNORECASE)
_MICROGRAM_SIGN = re.compile(r"(?<![\w.])\d[\d.]*\s*(?:ug|μg)(?![a-z])", re.IGNORECASE)
_EYE = re.compile(r"\b(?:eye|eyes|ophth\w*|e/d)\b|\bl?eye\s?drops?\b", re.IGNORECASE)
_EYE_LATIN = re.compile(r"(?<![\w.])(?:OD|OS|OU)(?![\w/])", re.IGNORECASE)
_QD = re.compile(r"(?<![\w.])qd(?![\w/])", re.IGNORECASE)
_DAILY = re.compile(
    r"\b(?:daily|a day|every (?:day|morning|evening|night|\d+ hours?)|hourly|nightly|at night|at bedtime"
    r"|in the (?:morning|evening))|\d-\d"
)
_WEEKLY = re.compile(
    r"week|month|fortnight|every other day|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE
)
_NOT_TAKEN: Final = (MedicationStatus.STOPPED, MedicationStatus.ALLERGY)
"""Said of one medicine, this is not believed of the next one on the line that has directions of its own."""
_MILLIGRAMS = re.compile(r"(\d+(?:\.\d+)?) mg\b")


def read_line(line: str) -> list[Medication]:
    """The medicines of one written line, in order, `sources` empty; empty for a line that is about none.

    See the package for what is read, copied and flagged. Never raises.
    """
    found: list[Medication] = []
    status: MedicationStatus | None = None
    text = numbered(tidy(line[:LONGEST]))
    whole = " ".join(line.split())[:500]
    for clause in clauses(text):
        for named in named_in(clause, NAME):
            one, status = _medication(named, whole, status)
            if one is not None:
                found.append(one)
    return found


def _medication(
    named: Named, whole: str, inherited: MedicationStatus | None
) -> tuple[Medication | None, MedicationStatus | None]:
    status, flags = _status(named)
    flags = [*named.flags, *flags]
    words = f"{named.before}{NAME * bool(named.name)}{named.after}"
    words, eye = _eye_letters(named, words)
    if eye:
        flags.append(flag("eye_or_frequency", eye))
    flags += _doubtful_writing(words, whole)
    if status is MedicationStatus.CHANGED:
        words = _FROM_TO.sub(" ", words)
    reading = read(
        spelt_out(words),
        insulin=any("insulin" in name for row in named.medicines for name in (row.drug_class, *row.ingredients)),
        risky=any(row.high_risk for row in named.medicines),
    )
    if not _about_a_medicine(named, reading):
        return None, status or inherited
    fields = reading.fields
    if status is None and (fields.strength or fields.dose or fields.frequency) and inherited in _NOT_TAKEN:
        if inherited is MedicationStatus.STOPPED:
            flags.append(flag("status_not_clear"))
    else:
        status = status or inherited
    if eye and not fields.frequency and eye.lower() == "od":
        fields = fields.model_copy(update={"frequency": eye})
    elif eye:
        fields = fields.model_copy(update={"route": ", ".join(filter(None, (fields.route, eye)))})
    flags += [*reading.flags, *_dangers(named, fields.strength, fields.dose, fields.frequency, fields.reason)]
    return (
        Medication(
            **fields.model_dump(),
            name=named.name,
            status=status or MedicationStatus.TAKING,
            as_written=whole,
            flags=tuple(dict.fromkeys(flags)),
        ),
        status,
    )


def _about_a_medicine(named: Named, reading: Reading) -> bool:
    """Whether the words are about a medicine: by a name of the lexicon, or else by a form, strength or notation."""
    return bool(
        named.medicines
        or reading.sure
        or (named.form_before and named.name)
        or (not named.name and reading.fields.dose)
    )


def _status(named: Named) -> tuple[MedicationStatus | None, list[Flag]]:
    """What the words around the name itself say is done with it; None when they do not."""
    before, after = named.before, named.after
    if _ALLERGY.search(before) or _ALLERGY_AFTER.match(after):
        return MedicationStatus.ALLERGY, []
    if _STOP.search(before) or _STOP.search(_STOP_LATER.sub(" ", after)):
        return MedicationStatus.STOPPED, []
    if _AGAINST.search(before):
        return MedicationStatus.STOPPED, [flag("advised_against")]
    if _CHANGED.search(before) or _CHANGED_AFTER.search(after):
        return MedicationStatus.CHANGED, []
    if _STARTED.search(before):
        return MedicationStatus.STARTED, []
    if _GOES_ON.search(before):
        return MedicationStatus.TAKING, []
    return None, []


def _eye_letters(named: Named, words: str) -> tuple[str, str]:
    """Take OD, OS or OU out of a line about an eye medicine: it can mean an eye or how often."""
    eye = _EYE.search(words) or any(row.drug_class == "eye" for row in named.medicines)
    match = _EYE_LATIN.search(words) if eye else None
    if match is None:
        return words, ""
    return words[: match.start()] + " " * len(match[0]) + words[match.end() :], match[0]


def _doubtful_writing(words: str, whole: str) -> list[Flag]:
    """Doubts about how amounts and abbreviations are written, whatever they are of."""
    flags = [flag("trailing_zero", match[0].strip()) for match in _TRAILING_ZERO.finditer(words)]
    flags += [flag("unit_abbreviation", match[0]) for match in _U.finditer(words)]
    flags += [flag("microgram_abbreviation", match[0]) for match in _MICROGRAM_SIGN.finditer(words)]
    flags += [flag("ambiguous_frequency", match[0]) for match in _QD.finditer(words)]
    for pattern, _english, code in abbreviations():
        flags += [flag(code, match[0]) for match in pattern.finditer(words) if code]
    flags += [flag("leading_dot", match[0].strip()) for match in _LEADING_DOT.finditer(tidy(whole))]
    return flags


def _dangers(named: Named, strength: str, dose: str, frequency: str, reason: str) -> list[Flag]:
    """Doubts about what is written, for this medicine."""
    flags: list[Flag] = []
    ingredients = {name.lower() for row in named.medicines for part in row.ingredients for name in part.split("-")}
    if "methotrexate" in ingredients and _DAILY.search(frequency) and not _WEEKLY.search(frequency):
        flags.append(flag("daily_methotrexate"))
    other = given_for_another(named.medicines, reason)
    if other:
        flags.append(flag("look_alike_name", f"{named.name} ({other})"))
    for ingredient, most, _source in rows("micrograms.tsv", "auscult.knowledge.medicine_lines"):
        amounts = [float(number) for number in _MILLIGRAMS.findall(f"{strength}; {dose}")]
        if ingredients == {ingredient} and any(amount > float(most) for amount in amounts):
            flags.append(flag("unlikely_unit", strength or dose))
    return flags
