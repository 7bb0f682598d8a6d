"""Medicines in the talk: which, how much, and whether it is started, taken, changed or stopped."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from auscult.domain.evidence import Flag
from auscult.domain.ids import TurnId
from auscult.domain.medication import MedicationStatus
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.heard_medicine import UNREAD, UNRECOGNISED, Heard
from auscult.engines.writer.offline.items import UNCLEAR_DOSE, Item
from auscult.engines.writer.offline.medicine_status import (
    TAKES,
    change_said,
    continues,
    decides,
    default_status,
    is_their_own,
    status_said,
    taken_said,
)
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.doses import Dose, parse
from auscult.knowledge.medicines import Mention, mentions
from auscult.knowledge.numerals import numbers_in

_LISTED: Final = 5
"""Words between two medicines of one list, at most."""
_AGAINST = re.compile(
    r"\b(?:won't|will not|don't|do not|not going to|not|no|avoid|without|never|instead of|rather than"
    r"|n't)\b(?:\s+\w+){0,4}\s*$",
    re.IGNORECASE,
)
_CONTINUATION = re.compile(
    r"^(?:and |so |then |you (?:can |should |need to |will )?|please |just )*(?:take|use|inhale|apply"
    r"|put|have|it's|it is|that's|that is|they are|one|half|\d|once|twice|every|for \d|with food"
    r"|before|after|as needed|when you|if you need|no wait|sorry|actually|i mean|make that)\b",
    re.IGNORECASE,
)
_FROM_TO = re.compile(r"\bfrom\s+\d[^.]*?\bto\s+(?=\d)", re.IGNORECASE)
_HANGING = re.compile(
    r"(?:^|[\s,])((?:half a|(?:\d{1,3}(?:,\d{3})+|\d[\d.]*)(?:\s*(?:to|or|-)\s*\d+)?)\s*[a-z%]+\s+(?:tablets? "
    r"|capsules? )?of (?:the |a )?)$",
    re.IGNORECASE,
)
"""A dose said before its medicine: "two puffs of salbutamol"."""
_BEFORE = re.compile(r"((?:half a|\d{1,3}(?:,\d{3})+|\d[\d.]*)\s*[a-z%]+\s*(?:tablets? |capsules? )?)$", re.IGNORECASE)
"""The same without "of", at the start or after "and": "400 mg ibuprofen"."""
_BARE_STRENGTH = re.compile(
    r"^\s*(\d+(?:\.\d+)?)(?=\s|[,.]|$)(?!\s*(?:times|days?|weeks?|months?|hours?|to\b|or\b|a day|per"
    r"|%|over)\b)"
)
"""A number right after a name and without a unit: "Dolo 650". It is copied without one."""
_ORDER = re.compile(
    r"\b(?:start|starting|prescribe|prescribing|prescription|give|giving|put|try|take|taking|use"
    r"|using|continue|keep|carry on|stay on"
    r"|stop|stopping|stopped|discontinue|increase|increasing|reduce|reducing|decrease|change|switch"
    r"|double|halve|begin|add|adding"
    r"|need(?! (?:it|them|to|that)\b)|apply|inhale|come off|withhold|have)\b"
    r"|\b(?:i will|i'll|we will|we'll|let's) (?:also |then |just )*(?:get|do)\b",
    re.IGNORECASE,
)
_ALLERGIC_BEFORE = re.compile(
    r"\b(?:allerg\w+|intoleran\w+|react(?:s|ed|ions?)?)\b"
    r"(?:\W+(?!give|start|take|prescrib|use\b|put\b|try\b|so\b|instead)[\w'-]+){0,4}\W*$",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"^\W*(?:tests?|levels?|suppression|deficiency)\b", re.IGNORECASE)
"""After a name these make it something that is measured: "vitamin D deficiency"."""
_ALLERGIC_AFTER = re.compile(r"^\W*(?:allerg|intoleran)", re.IGNORECASE)
"""A medicine that one is allergic to is named and not taken."""
_TAKES = re.compile(
    r"\b(?:takes?|taking|took|taken|on|uses?|using|used|stopped|stopping|started|prescribed|gave|given"
    r"|have|had|tried|my|me)\b",
    re.IGNORECASE,
)
_UNREAD = re.compile(
    r"\b(?:(?:two|three|four|five|six|seven|eight|nine|ten|fifty|twenty|thirty|forty|sixty|seventy"
    r"|eighty|ninety|hundred|thousand)\b"
    r"|\d+[a-z]*O+[a-z]*\b)",
    re.IGNORECASE,
)
"""What looks like an amount and was not read: ambiguous number words, a letter O among digits."""
_EVERY = re.compile(r"\bevery\b(?! (?:one|thing|body|last|single)\b)", re.IGNORECASE)
"""Says how often, unless the frequency was not heard."""
_COUNTED: Final = re.compile(
    r"(?:^|\b(?:takes?|taking|took|tried|had|have|with|plus|and|use|on|like|about|maybe|usually|continue|start|give|prescribe)\s)"
    r"([1-9](?: (?:to|or) [1-9])?)\s*$",
    re.IGNORECASE,
)
"""How many of it: "two ibuprofen 200 milligram tablets"."""
_A_DAY: Final = re.compile(r"^(?: (?:tablets?|capsules?|pills?))? (?:a|per|each|every) day\b", re.IGNORECASE)
_THEN: Final = re.compile(r"\b(?:and then|then|but)\b", re.IGNORECASE)
"""What stands before it is of another medicine: "50,000 units on sundays and then clindamycin before the dentist"."""
_OWNS: Final = re.compile(
    r"^(?:(?:yes|yeah|yep|correct|right|that's right|i do|i take)[, ]+)*(?:it's )?\d", re.IGNORECASE
)
_INJECTED: Final = re.compile(r"\bccs? of\b", re.IGNORECASE)
"""How a clinician tells what was injected here: it is no order, and nothing that the patient takes."""
_STRENGTH_UNIT = re.compile(r" (?:mg|micrograms)$")
_DIGIT = re.compile(r"\d")
_ORDERING = re.compile(r"\b(?:start you on|give you|put you on|prescribe|prescribing|prescription)\b", re.IGNORECASE)
SHORT: Final = 10
"""Words of a sentence that needs no verb to be about taking a medicine: "metformin, 500 mg twice a day"."""


def named_in(sentence_: Sentence) -> list[Mention]:
    """The medicines that a sentence names."""
    return list(mentions(sentence_.text))


def unrecognised(spoken: Sentence) -> Item | None:
    """A medicine that is surely ordered and whose name the lexicon does not have, or the recogniser did not hear.

    To leave it out in silence would be worse than to ask: the statement names nothing and waits for a person.
    """
    ordering = _ORDERING.search(spoken.text) is not None
    if not (ordering or _DIGIT.search(spoken.text)) or named_in(spoken):  # most sentences
        return None
    dose = parse(spoken.text)
    if not (ordering and (dose.frequency or dose.strength)) and not _STRENGTH_UNIT.search(dose.strength):
        return None
    flag = Flag(code=UNRECOGNISED, reason="A medicine seems to be ordered here, but its name was not recognised.")
    return Item("medicine", "A medicine of unrecognised name is ordered.", (spoken.turn_id,), flags=(flag,))


def speaks_against(spoken: Sentence) -> bool:
    """True for "don't take ibuprofen": a medicine is named, and what is said of it is a no."""
    return any(_AGAINST.search(spoken.text[: name.start]) for name in named_in(spoken))


class Prescribing:
    """Collects the medicines of one consultation."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._open: list[Heard] = []
        """Medicines of the last sentence that named any; a later "take two puffs" belongs to one of them."""
        self._open_turn: TurnId | None = None
        self._since = 0
        """Sentences read since those were named."""

    def take(self, spoken: Sentence, *, asked_for_medicines: bool = False) -> bool:
        """Take what a sentence says of medicines; False when it orders none and says of none that it is taken."""
        if spoken.speaker is Speaker.OTHER:  # who cares for a patient tells what they take, and orders nothing
            spoken = replace(spoken, speaker=Speaker.PATIENT)
        names = named_in(spoken)
        if not names:
            return self._continue(spoken)
        return self._name(spoken, names, sure=asked_for_medicines)

    def heard_at(self, place: int) -> None:
        """Note the sentence in which the medicines were heard that have none yet."""
        for one in self.heard:
            one.place = place if one.place < 0 else one.place

    def answered(self, question: Sentence, answer: Sentence) -> None:
        """Take medicines that were asked about and owned to: "are you taking metformin?", "yes, 500 mg"."""
        found = self._split(question, named_in(question), MedicationStatus.TAKING)
        for one in found:
            one.speaker = Speaker.PATIENT
            one.turn_ids.append(answer.turn_id)
            if len(found) == 1:
                one.dose = parse(answer.text).over(one.dose)
                one.words.append(answer.text)
            self._add(one)

    def _name(self, spoken: Sentence, names: list[Mention], *, sure: bool) -> bool:
        """Take the medicines that a sentence names, unless it merely talks of them or speaks against them."""
        if spoken.speaker is not Speaker.PATIENT and _INJECTED.search(spoken.text):
            return False
        acting = (_TAKES if spoken.speaker is Speaker.PATIENT else _ORDER).search(spoken.text) is not None
        kept = []
        for one in self._split(spoken, names):
            against = one.status is not MedicationStatus.STOPPED and _AGAINST.search(spoken.text[: one.mention.start])
            if (
                not against
                and not _allergic(spoken.text, one.mention)
                and not _MEASURED.match(spoken.text[one.mention.end :])
                and (sure or acting or one.only_taken or (one.dose.counts and len(spoken.text.split()) <= SHORT))
            ):
                if one.speaker is not Speaker.PATIENT and self._had(one, spoken.text[: one.mention.start]):
                    one.status = MedicationStatus.TAKING
                kept.append(self._add(one))
        self._open, self._open_turn, self._since = kept, spoken.turn_id, 0
        return bool(kept)

    def _had(self, one: Heard, before: str) -> bool:
        """True for a medicine that nothing is done with and that the patient has: they said so, or it is "your" own."""
        if is_their_own(before) and (not one.explicit or one.status is MedicationStatus.STARTED):
            return True
        if one.explicit:
            return False
        ingredients = _ingredients(one)
        return any(
            earlier.speaker is Speaker.PATIENT
            and earlier.status is MedicationStatus.TAKING
            and _ingredients(earlier) & ingredients
            for earlier in self.heard
        )

    def _split(self, spoken: Sentence, names: list[Mention], asked: MedicationStatus | None = None) -> list[Heard]:
        """Give each name the stretch of the sentence that speaks of it."""
        found: list[Heard] = []
        text = spoken.text
        previous_end = 0
        status = default_status(spoken.speaker)
        explicit = asked is not None
        taken, going_on = "", False
        for number, name in enumerate(names):
            end = names[number + 1].start if number + 1 < len(names) else len(text)
            before, after = text[previous_end : name.start], text[name.end : end]
            own = _own_amount(before, first=number == 0)
            if number + 1 < len(names):
                after = after.removesuffix(_own_amount(after, first=False))
                after = _COUNTED.sub("", after)
            stretch = f"{own} {after}"
            if number == 0 and not own and not parse(after).counts:
                stretch = f"{_THEN.split(before)[-1]} {after}"
            said = asked or status_said(before, after if len(names) == 1 else "", spoken.speaker)
            if said is None and status is MedicationStatus.STOPPED and len(before.split()) > _LISTED:
                status, explicit = default_status(spoken.speaker), False  # no list of what is stopped is that far apart
            status, explicit = said or status, explicit or said is not None
            changed = _FROM_TO.search(after)
            dose = parse(after[changed.end() :]) if changed else _with_bare_strength(parse(stretch), after)
            counted = _COUNTED.search(before)
            if counted and not dose.dose and not changed:
                dose = dose.model_copy(update=_count(counted[1], after, dose.form))
            one = Heard(name, spoken.speaker, status, dose, [spoken.turn_id], [stretch.strip()])
            one.verb = change_said(before)
            if said is MedicationStatus.TAKING:
                going_on = continues(before, after if len(names) == 1 else "")
            if status is MedicationStatus.TAKING and not going_on:
                one.verb = TAKES
            if spoken.speaker is Speaker.PATIENT or asked:
                taken = taken_said(before) or taken
                one.verb = taken
            one.explicit = explicit
            if not changed and _unread(stretch, dose):
                one.flags.append(UNREAD)
            found.append(one)
            previous_end = name.end
        return found

    def _add(self, one: Heard) -> Heard:
        """Merge with an earlier mention of the same medicine, or keep as new.

        What the patient repeats of an order adds nothing to it; what the clinician orders of a medicine that the
        patient takes is a thing of its own.
        """
        for earlier in reversed(self.heard):
            if earlier.name != one.name:
                continue
            if earlier.speaker is not Speaker.PATIENT and one.speaker is Speaker.PATIENT:
                return earlier
            if earlier.speaker == one.speaker:
                if one.speaker is Speaker.PATIENT and one.verb == TAKES:
                    earlier.verb = TAKES
                if one.only_taken and earlier.status is MedicationStatus.TAKING:
                    one.verb = earlier.verb  # "you are on it" takes no order back
                if one.explicit and decides(one.status, earlier.status, earlier_explicit=earlier.explicit):
                    earlier.status, earlier.verb, earlier.explicit, earlier.place = one.status, one.verb, True, -1
                _extend(earlier, one.dose, one.turn_ids, one.words)
                earlier.flags += one.flags
                return earlier
        self.heard.append(one)
        return one

    def _owned(self, spoken: Sentence) -> bool:
        """True where a patient says next how much they take of what the clinician said they are on: "yes, 10 mg"."""
        return (
            len(self._open) == 1
            and self._since == 1
            and self._open[0].only_taken
            and spoken.speaker is Speaker.PATIENT
            and _OWNS.match(spoken.text) is not None
            and bool(parse(spoken.text).strength)
        )

    def _continue(self, spoken: Sentence) -> bool:
        """Add "take two puffs every four hours" to the medicine named just before by the same speaker."""
        self._since += 1
        if self._owned(spoken):
            _extend(self._open[0], parse(spoken.text), [spoken.turn_id], [spoken.text])
            return True
        if not self._open or self._open[-1].speaker != spoken.speaker:
            return False
        if self._open_turn != spoken.turn_id or not _CONTINUATION.match(spoken.text):
            return False
        dose = parse(spoken.text)
        if not dose.counts:
            return False
        if len(self._open) > 1:
            reason = "A dose was said after two medicines; it is not clear which of them it belongs to."
            for one in self._open:
                one.flags.append(Flag(code=UNCLEAR_DOSE, reason=reason))
                one.turn_ids = list(dict.fromkeys([*one.turn_ids, spoken.turn_id]))
            return True
        _extend(self._open[0], dose, [spoken.turn_id], [spoken.text])
        if _unread(spoken.text, dose):
            self._open[0].flags.append(UNREAD)
        return True


def _extend(heard: Heard, dose: Dose, turn_ids: list[TurnId], words: list[str]) -> None:
    clash = any(
        getattr(heard.dose, name) and getattr(dose, name) and getattr(heard.dose, name) != getattr(dose, name)
        for name in ("strength", "dose", "frequency", "duration")
    )
    if clash and not dose.corrected and not re.match(r"(?i)\W*(?:no,? wait|sorry|actually|i mean|make that)", words[0]):
        heard.flags.append(Flag(code=UNCLEAR_DOSE, reason="Two different doses were said; the later one is written."))
    heard.dose = dose.over(heard.dose)
    heard.turn_ids = list(dict.fromkeys([*heard.turn_ids, *turn_ids]))
    heard.words += words


def _own_amount(before: str, *, first: bool) -> str:
    """The amount at the end of what stands before a name that belongs to this name; empty when there is none."""
    match = _HANGING.search(before)
    if match:
        return match[1]
    match = _BEFORE.search(before)
    if match and parse(match[1]).counts:
        lead = before[: match.start()].rstrip().lower()
        if first or lead.endswith(("and", "plus", "then", "also")):
            return match[1]
    return ""


def _count(number: str, after: str, form: str) -> dict[str, str]:
    """What a bare number before a name says: how many a day where that follows, else how many at once."""
    if _A_DAY.match(after):
        return {"frequency": f"{number} a day"}
    return {"dose": f"{number} {form}" if form.endswith("s") else number}


def _with_bare_strength(dose: Dose, after: str) -> Dose:
    match = _BARE_STRENGTH.match(after)
    if dose.strength or not match or parse(after[: match.end() + 12]).dose.startswith(f"{match[1]} "):
        return dose
    return dose.model_copy(update={"strength": match[1]})


def _unread(stretch: str, dose: Dose) -> bool:
    """True when a number stands in the stretch that the grammar did not make sense of."""
    if dose.corrected:
        return False
    if _EVERY.search(stretch) and not dose.frequency:
        return True
    read = " ".join((dose.strength, dose.dose, dose.frequency, dose.duration, dose.timing))
    return _UNREAD.search(stretch) is not None or bool(numbers_in(stretch) - numbers_in(read))


def _ingredients(one: Heard) -> set[str]:
    return {ingredient.lower() for medicine in one.mention.medicines for ingredient in medicine.ingredients}


def _allergic(text: str, mention: Mention) -> bool:
    """True when the name is that of an allergy: "allergic to penicillin", "a penicillin allergy"."""
    return bool(_ALLERGIC_BEFORE.search(text[: mention.start]) or _ALLERGIC_AFTER.match(text[mention.end :]))
