"""A small grammar for doses as people say them. It copies what was said; it never fills in, converts or rounds.

The input has its number words in digits already (`knowledge.numerals`). What the grammar cannot read stays unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from auscult.domain.medication import Directions
from auscult.knowledge import units
from auscult.knowledge.frequencies import meaning_in

_DIGITS: Final = r"(?!00)(\d{1,3}(?:,\d{2,3})*,\d{3}|\d+(?:\.\d+)?)(?!\.?\d|,\d{2,3}\b)"
"""With separators of thousands as it was written: "50,000", and "1,00,000" as in India; "000" is the rest of one."""
_N: Final = rf"(?<![\d.,/\w]){_DIGITS}"
"""A number that nothing is glued to: "1OOmcg" and "1/2" are not read as 1, nor is "0.25" as 0."""
_RANGE: Final = rf"{_N}(?:\s*(?:to|or|-)\s*{_DIGITS})?"


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these words; the longest is tried first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


UNITS: Final = units.written("strength")
_FORMS: Final = units.written("form", "measure")
_STRENGTH = re.compile(
    rf"{_N}\s*({any_of(UNITS)})(?![a-z])(?:\s*(?:/|per|in)\s*(\d*)\s*(ml|mls|millilitres?)\b)?", re.IGNORECASE
)
_COUNTED = re.compile(r"\b(?:a|half a) gram\b", re.IGNORECASE)
_DOSE = re.compile(rf"(?:(half)\s+(?:a|an)\s+|{_RANGE}\s*)({any_of(_FORMS)})\b(?!\s*/)", re.IGNORECASE)
_BARE_DOSE = re.compile(
    rf"\b(?:take|have|use|inhale)\s+{_RANGE}(?=\s+(?:of (?:them|these)|once|twice|at\b|in the|every"
    rf"|each|daily|before|after|with)"
    r"|\s*[.,;]|\s*$)",
    re.IGNORECASE,
)
_TIMES = r"(?:once|twice|(?:(?<![\d.,/])\d+(?:\s*(?:to|or|-)\s*\d+)?)\s+times|thrice)"
FREQUENCY: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bup to\s+{_TIMES}\s+(?:(?:a|per|each|every)\s+(?:day|week|month)|daily|weekly)\b",
        rf"\b{_TIMES}\s+(?:(?:a|per|each|every)\s+(?:day|night|week|month)|daily|weekly)\b",
        r"\bevery\s+\d+(?:\s*(?:to|or|-)\s*\d+)?\s+(?:hours?|days?|weeks?|months?)\b",
        r"(?<![\d.,/\w])\d+\s+hourly\b",
        r"\bevery (?:other|second) day\b|\bon alternate days\b|\balternate days\b",
        r"(?<![\d.,/\w])[0-3]\s*-\s*[0-3]\s*-\s*[0-3]\b",
        r"\bevery (?:morning|evening|night|day|week)\b",
        r"\b(?:a|1) day\b(?<=1 a day)|(?<![\d.,/\w])\d+ a day\b",
        r"\bonce\b(?=[^.]*\bday\b)",
        r"\bdaily\b|\bweekly\b",
        r"\b(?:at night|at bedtime|before bed|in the morning|in the evening|in the mornings|at nights)\b",
    )
)
_DURATION: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bfor (?:the next |another |about )?(?:\d+(?:\s*(?:to|or|-)\s*\d+)?|a) (?:more )?(?:days?"
        r"|weeks?|months?)\b",
        r"\bx\s*\d+\s*(?:days?|weeks?|months?)\b",
        r"\b\d+[ -](?:day|week|month) course\b",
        r"\buntil (?:they are|they're|it is|it's) (?:all )?(?:finished|gone)\b",
        r"\blong[ -]term\b",
    )
)
TIMING = re.compile(
    r"\b(?:(?:with|before|after) (?:food|meals?|breakfast|lunch|dinner)|on an empty stomach"
    r"|in the mornings?|in the evenings?"
    r"|at night|at bedtime|before bed|when (?:the|a|your) [a-z]+(?: [a-z]+)? (?:starts?|begins?|comes? on))\b",
    re.IGNORECASE,
)
REASON = re.compile(
    r"\bfor (?:the |your |any |a )?((?:[a-z]+ )?(?:pain|fever|headaches?|cough|itch(?:ing)?|rash"
    r"|nausea|vomiting|sleep|infection"
    r"|allergy|anxiety|wheez(?:e|ing)|blood pressure|cholesterol|diabetes|heartburn|reflux|constipation|swelling))\b",
    re.IGNORECASE,
)
PRN = re.compile(
    r"\b(?:as needed|as required|as necessary|(?:when|if|as|whenever) you need(?: it| them| to)?"
    r"|(?:when|if|whenever) "
    r"(?:needed|required|necessary)|prn|p\.r\.n\.|sos)(?=\W|$)",
    re.IGNORECASE,
)
ROUTE: Final = {
    r"\bby mouth\b|\borally\b|\bpo\b": "by mouth",
    r"\bunder the tongue\b": "under the tongue",
    r"\bto the skin\b|\bon the skin\b|\btopically\b": "on the skin",
    r"\binto (?:each|the|your) (?:left |right )?(nostril|eye|ear)s?\b": "",
    r"\bby injection\b|\binjected\b": "by injection",
    r"\bintravenous(?:ly)?\b": "intravenously",
    r"\bintramuscular(?:ly)?\b": "intramuscularly",
}
_FORM = re.compile(
    r"\b(inhaler|tablets|capsules|cream|ointment|gel|lotion|syrup|suspension|eye drops|ear drops"
    r"|drops|nasal spray|spray"
    r"|patches|injection|solution|linctus|shampoo|lozenges)\b",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\b(?:no,? wait|wait,? no|actually,? no|no,? sorry|sorry|i mean|scratch that|correction"
    r"|or rather|make that)\b[\s,:.]*(?:i mean\b[\s,]*)?",
    re.IGNORECASE,
)
_LEADING_NUMBER = re.compile(
    rf"^(?:it'?s |it is |make (?:it|that) )?{_N}(?!\s*(?:times|days?|weeks?|hours?|months?|tab|puff|cap))"
)


class Dose(Directions):
    """Directions as they are read from talk."""

    corrected: bool = False
    """True when the speaker corrected themselves and the later word was taken."""

    @property
    def empty(self) -> bool:
        """True when nothing at all was read."""
        return self == Dose()

    @property
    def counts(self) -> bool:
        """True when it says how much or how often, not just in what form."""
        return bool(self.strength or self.dose or self.frequency or self.duration or self.prn)

    def over(self, earlier: Dose) -> Dose:
        """This one's words where it has any, `earlier`'s elsewhere."""
        return earlier.model_copy(update={name: value for name, value in self if value})


def parse(text: str) -> Dose:
    """Read the dose in a stretch of talk about one medicine. Never raises; what is not understood is left empty.

    A correction ("250, no wait, 500") replaces what it corrects; a bare number after one takes over the unit that the
    corrected strength had.
    """
    parts = _CORRECTION.split(text)
    dose = _read(parts[0])
    for later in parts[1:]:
        change = _read(later)
        bare = _LEADING_NUMBER.match(later.strip())
        if not change.strength and not change.dose and bare and " " in dose.strength:
            change = change.model_copy(update={"strength": f"{bare[1]} {dose.strength.split(' ', 1)[1]}"})
        if change.counts:
            dose = change.over(dose).model_copy(update={"corrected": True})
    return dose


def _read(text: str) -> Dose:
    limit, interval = _first(FREQUENCY[:1], text), _first(FREQUENCY[2:3], text)
    both = f"{interval}, {limit}" if limit and interval else ""
    frequency = both or _first(FREQUENCY, text) or meaning_in(text)
    timing = TIMING.search(text)
    reason = REASON.search(text)
    form = _FORM.search(text)
    return Dose(
        strength=_strength(text),
        dose=_amount(text),
        form=form[1].lower() if form else "",
        route=next(
            (route for pattern, route in ROUTE.items() if route and re.search(pattern, text, re.IGNORECASE)), ""
        ),
        frequency=frequency,
        duration=_first(_DURATION, text),
        reason=reason[1].lower() if reason else "",
        timing=timing[0].lower() if timing and timing[0].lower() != frequency else "",
        prn=PRN.search(text) is not None,
    )


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> str:
    return next((" ".join(match[0].lower().split()) for pattern in patterns if (match := pattern.search(text))), "")


def _strength(text: str) -> str:
    match = _STRENGTH.search(text)
    if match is None:
        counted = _COUNTED.search(text)
        return counted[0].lower() if counted else ""
    unit = UNITS[match[2].casefold()]
    written = f"{match[1]}{unit}" if unit == "%" else f"{match[1]} {unit}"
    return f"{written}/{match[3]} ml".replace("/ ", "/") if match[4] else written


def _amount(text: str) -> str:
    match = _DOSE.search(_STRENGTH.sub(lambda found: " " * len(found[0]), text))
    if match:
        if match[1]:
            return f"half a {_FORMS[match[4].casefold()]}"
        number = f"{match[2]} to {match[3]}" if match[3] else match[2]
        form = _FORMS[match[4].casefold()]
        return f"{number} {form if form == 'ml' or number == '1' else several(form)}"
    bare = _BARE_DOSE.search(text)
    if bare:
        return f"{bare[1]} to {bare[2]}" if bare[2] else bare[1]
    return ""


def several(form: str) -> str:
    """The plural of a form: `puffs`, `patches`."""
    return f"{form}es" if form.endswith("ch") else re.sub(r"(?<![aeiou])y$", "ie", form) + "s"
