"""Medicines in the talk: which, how much, and whether it is started, taken, changed or stopped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from auscult.domain.evidence import Flag, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.doses import Dose, parse
from auscult.engines.writer.offline.items import Item, Kind
from auscult.engines.writer.offline.person import sentence
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.medicines import Mention, lookup, mentions

_STOP = re.compile(
    r"\b(?:stop|stopped|stopping|discontinue|come off|came off|no longer|quit|cease|withhold|off the"
    r"|not taking|don't take|do not take)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:increase|increasing|decrease|reduce|reducing|change|switch|double|halve|lower|raise"
    r"|up) (?:your|the|it|to|from|dose)?",
    re.IGNORECASE,
)
_START = re.compile(
    r"\b(?:start|starting|prescribe|prescribing|give you|giving you|put you on|try|begin|write you"
    r"|need|like you to take|want you to take|prescription for)\b",
    re.IGNORECASE,
)
_CONTINUE = re.compile(r"\b(?:continue|keep|carry on|stay on|same)\b", re.IGNORECASE)
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
    r"(?:^|[\s,])((?:half a|\d[\d.]*(?:\s*(?:to|or|-)\s*\d+)?)\s*[a-z%]+(?:\s+(?:of|tablets? of"
    r"|capsules? of))?\s*(?:the |a )?)$",
    re.IGNORECASE,
)
_VERBS: Final = {
    MedicationStatus.STARTED: "Start",
    MedicationStatus.CHANGED: "Change",
    MedicationStatus.STOPPED: "Stop",
    MedicationStatus.TAKING: "Continue",
}
ALLERGY_CONFLICT: Final = "allergy_conflict"
UNCLEAR_DOSE: Final = "dose_unclear"


@dataclass
class Heard:
    """One medicine, as it grows sentence by sentence."""

    mention: Mention
    speaker: Speaker
    status: MedicationStatus
    dose: Dose
    turn_ids: list[TurnId]
    words: list[str]
    flags: list[Flag] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name as the lexicon spells it."""
        return self.mention.name


def named_in(sentence_: Sentence) -> list[Mention]:
    """The medicines that a sentence names."""
    return list(mentions(sentence_.text))


class Prescribing:
    """Collects the medicines of one consultation."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._open: list[Heard] = []
        """Medicines of the last sentence that named any; a later "take two puffs" belongs to one of them."""
        self._open_turn: TurnId | None = None

    def take(self, spoken: Sentence) -> bool:
        """Take what a sentence says of medicines; False when it says nothing of them."""
        names = named_in(spoken)
        if names:
            self._name(spoken, names)
            return True
        return self._continue(spoken)

    def answered(self, question: Sentence, answer: Sentence, *, yes: bool) -> list[Heard]:
        """Take medicines that were asked about: "are you taking metformin?", "yes"."""
        if not yes:
            return []
        found = self._split(question, named_in(question), MedicationStatus.TAKING)
        for one in found:
            one.speaker = Speaker.PATIENT
            one.turn_ids.append(answer.turn_id)
            self._add(one)
        return found

    def _name(self, spoken: Sentence, names: list[Mention]) -> None:
        kept = []
        for one in self._split(spoken, names):
            before = spoken.text[: one.mention.start]
            if one.status is not MedicationStatus.STOPPED and _AGAINST.search(before):
                continue
            kept.append(self._add(one))
        self._open, self._open_turn = kept, spoken.turn_id

    def _split(self, spoken: Sentence, names: list[Mention], asked: MedicationStatus | None = None) -> list[Heard]:
        """Give each name the stretch of the sentence that speaks of it."""
        found = []
        text = spoken.text
        start = 0
        status = _default(spoken.speaker)
        for number, name in enumerate(names):
            end = names[number + 1].start if number + 1 < len(names) else len(text)
            before, after = text[start : name.start], text[name.end : end]
            hanging = _HANGING.search(after) if number + 1 < len(names) else None
            if hanging:
                after = after[: hanging.start(1)]
            own = _HANGING.search(before)
            stretch = f"{own[1] if own else ''} {after}"
            if number == 0 and not own and not parse(after).counts:
                stretch = f"{before} {after}"
            alone = len(names) == 1
            status = asked or _status(f"{before} {after}" if alone else before, spoken.speaker) or status
            changed = _FROM_TO.search(after)
            dose = parse(after[changed.end() :]) if changed else parse(stretch)
            found.append(Heard(name, spoken.speaker, status, dose, [spoken.turn_id], [stretch.strip()]))
            start = end - (len(hanging[1]) if hanging else 0)
        return found

    def _add(self, one: Heard) -> Heard:
        """Merge with an earlier mention of the same medicine, or keep as new."""
        for earlier in self.heard:
            if earlier.name == one.name and (earlier.speaker == one.speaker or not one.dose.counts):
                if one.status is not MedicationStatus.TAKING or earlier.status is MedicationStatus.TAKING:
                    earlier.status = one.status
                _extend(earlier, one.dose, one.turn_ids, one.words)
                return earlier
        self.heard.append(one)
        return one

    def _continue(self, spoken: Sentence) -> bool:
        """Add "take two puffs every four hours" to the medicine named just before by the same speaker."""
        dose = parse(spoken.text)
        if not self._open or not dose.counts or self._open[-1].speaker != spoken.speaker:
            return False
        if self._open_turn != spoken.turn_id or not _CONTINUATION.match(spoken.text):
            return False
        if len(self._open) > 1:
            reason = "A dose was said after two medicines; it is not clear which of them it belongs to."
            for one in self._open:
                one.flags.append(Flag(code=UNCLEAR_DOSE, reason=reason))
                one.turn_ids = list(dict.fromkeys([*one.turn_ids, spoken.turn_id]))
            return True
        _extend(self._open[0], dose, [spoken.turn_id], [spoken.text])
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


def _status(text: str, speaker: Speaker) -> MedicationStatus | None:
    """What the words around a name say is done with it; None when they do not."""
    if _STOP.search(text):
        return MedicationStatus.STOPPED
    if speaker is Speaker.PATIENT:
        return None
    if _START.search(text):
        return MedicationStatus.STARTED
    if _CONTINUE.search(text):
        return MedicationStatus.TAKING
    return MedicationStatus.CHANGED if _CHANGE.search(text) else None


def _default(speaker: Speaker) -> MedicationStatus:
    """A patient who names a medicine takes it; a clinician orders it."""
    return MedicationStatus.TAKING if speaker is Speaker.PATIENT else MedicationStatus.STARTED


def medication(heard: Heard, transcript_version: int) -> Medication:
    """The domain's medication for one that was heard."""
    dose = heard.dose
    return Medication(
        name=heard.name,
        strength=dose.strength,
        dose=dose.dose,
        form=dose.form,
        route=dose.route,
        frequency=dose.frequency,
        duration=dose.duration,
        timing=dose.timing,
        prn=dose.prn,
        status=heard.status,
        as_written=" ".join(" ".join(heard.words).split())[:500],
        flags=tuple(dict.fromkeys(heard.flags)),
        sources=(TurnSource(turn_ids=tuple(heard.turn_ids), transcript_version=transcript_version),),
    )


def item(heard: Heard) -> Item:
    """The statement for one that was heard: what is taken goes to the history, what is ordered to the plan."""
    dose = heard.dose
    form = "" if dose.form and dose.form.rstrip("s") in dose.dose else dose.form
    parts = [heard.name, form, dose.strength, dose.dose, dose.route, dose.frequency, dose.timing, dose.duration]
    line = " ".join(part for part in parts if part) + (" as needed" if dose.prn else "")
    from_patient = heard.speaker is Speaker.PATIENT
    kind: Kind = "taking" if from_patient else "medicine"
    verb = _VERBS[heard.status]
    if from_patient:
        verb = "Has stopped" if heard.status is MedicationStatus.STOPPED else "Takes"
    return Item(kind, sentence(f"{verb} {line}"), tuple(heard.turn_ids), flags=tuple(dict.fromkeys(heard.flags)))


def conflicts(name: str, allergen: str) -> bool:
    """True when a medicine is, contains, or is of the class of what the patient is allergic to."""
    wanted = allergen.lower()
    return any(
        wanted == medicine.name.lower()
        or any(part.lower() == wanted for part in medicine.ingredients)
        or wanted.rstrip("s") in medicine.drug_class.lower().split()
        or any(
            allergic.drug_class == medicine.drug_class and "penicillin" in medicine.drug_class
            for allergic in lookup(allergen)
        )
        for medicine in lookup(name)
    )
