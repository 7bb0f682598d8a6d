"""Goes through the sentences once, in order, and asks of each what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from auscult.domain.evidence import Flag, Polarity
from auscult.domain.medication import MedicationStatus
from auscult.domain.transcript import Speaker, Transcript
from auscult.engines.writer.offline import (
    answers,
    asking,
    clinician,
    heard_medicine,
    orders,
    prescribing,
    problems,
    relevance,
    telling,
)
from auscult.engines.writer.offline.choosing import retold
from auscult.engines.writer.offline.consenting import consent_in
from auscult.engines.writer.offline.grouping import Cue
from auscult.engines.writer.offline.hashed_linear import Floats
from auscult.engines.writer.offline.hindi import HindiReading, read_hindi
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.mixed_answers import mixed_answer
from auscult.engines.writer.offline.pain import pain_described, pain_scores
from auscult.engines.writer.offline.person import lower_first, of_patient, sentence, speaks_of_self, to_patient
from auscult.engines.writer.offline.reason_for_visit import reason_for_visit
from auscult.engines.writer.offline.results import read_results
from auscult.engines.writer.offline.sentences import Sentence, sentences
from auscult.engines.writer.offline.telling import Allergy
from auscult.engines.writer.offline.vitals import of_today, pressures_near, vitals_in
from auscult.engines.writer.offline.wording import is_readable

MOST_STATEMENTS: Final = 400
"""A three-hour recording cannot have more that matter; past it, something is read that was not said."""

_WHOLE: Final = 7
"""Words from which a sentence that its rule cannot tell may be retold; a shorter one is half of something."""

_MEDICINES_ASKED = re.compile(
    r"\b(?:medicines?|medications?|tablets|pills|inhalers?|taking|prescri\w+)\b", re.IGNORECASE
)


@dataclass
class Understood:
    """Everything that was understood of a consultation, in the order it was said."""

    items: list[Item] = field(default_factory=list)
    medicines: list[heard_medicine.Heard] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    """Where the clinician begins to talk of a problem, and where no more."""
    said: list[Sentence] = field(default_factory=list)
    """The sentences, as far as they are not Hindi: what may be quoted."""
    chances: Floats = field(default_factory=lambda: np.zeros((0, len(relevance.PARTS)), np.float32))
    """To which part of a note each of them may belong: `Relevance.parts`."""


def understand(transcript: Transcript, known_allergies: tuple[str, ...] = ()) -> Understood:
    """Read a transcript."""
    reader = _Reader(heard_badly=transcript.engine.demo_quality)
    hindi = read_hindi(transcript)
    said = sentences(hindi.rest)
    read: frozenset[int] = frozenset()
    if not transcript.engine.demo_quality:
        reader.items, said, read = read_results(said)
    said = [replace(one, question=True) if asked else one for one, asked in zip(said, _asked(said), strict=True)]
    places = hindi.divided.places_of(said) if hindi.divided.hindi else list(range(len(said)))
    unread: dict[int, str] = {}
    pressures = pressures_near(said)
    for place, spoken in enumerate(said):
        if place in pressures:
            reader.items.append(replace(pressures[place], place=places[place]))
        elif place not in read and not reader.read(spoken, places[place]):
            unread[place] = reader.about(spoken)
        if len(reader.items) > MOST_STATEMENTS:
            break
    reader.items = of_today(reader.items)
    understood = reader.done(known_allergies, hindi)
    understood.said, understood.chances = said, relevance.shipped().parts(said)
    if not transcript.engine.demo_quality:  # words that were misheard are no ground to retell whole clauses on
        in_hindi = any(item.kind == "history" for item in hindi.items)  # the reason may be among these
        reason = None if in_hindi else reason_for_visit(said)
        more = [
            *pain_scores(said),
            *pain_described(said),
            *retold(said, unread, understood.chances),
            *([reason] if reason else []),
            *consent_in(said),
        ]
        understood.items += [replace(one, place=places[one.place]) if one.place >= 0 else one for one in more]
    understood.items = [item for item in map(orders.fitted, understood.items) if item is not None]
    return understood


def _asked(said: list[Sentence]) -> list[bool]:
    """Which statements of the clinician were put, and answered, as questions."""
    return [
        one.speaker is Speaker.CLINICIAN and after.speaker is Speaker.PATIENT and asking.is_asked(one, after)
        for one, after in pairwise(said)
    ] + [False] * bool(said)


_HEARD_NO: Final = re.compile(
    r"^(?:no|nope)[ ,.]+(?:(?:no|nope|not really|not at all|nothing)[ ,.]*)+[!?]*$", re.IGNORECASE
)
"""A patient's no that was heard as part of the clinician's question. Said once it may be the clinician's own."""


class _Reader:
    """Keeps the little that a sentence needs to know of those before it."""

    def __init__(self, *, heard_badly: bool) -> None:
        self._badly = heard_badly
        self.items: list[Item] = []
        self._questions: list[Sentence] = []
        self._allergies: list[Allergy] = []
        self._prescribing = prescribing.Prescribing()
        self._cues: list[Cue] = []
        self._about: tuple[Sentence, str] | None = None

    def read(self, spoken: Sentence, place: int) -> bool:
        """Take in the sentence at this place of the talk; True when something was understood of it that can be told."""
        before = len(self.items)
        understood = self._read(self._announced(spoken, place))
        told = [replace(item, place=place) for item in self.items[before:]]
        self.items[before:] = [item for item in told if is_readable(item)]
        self._prescribing.heard_at(place)
        lost = bool(told) and len(self.items) == before
        return understood and not (lost and len(spoken.text.split()) >= _WHOLE)

    def about(self, spoken: Sentence) -> str:
        """What the sentence that was read last says of the problem it announces; all of it when it announces none."""
        return self._about[1] if self._about and self._about[0] is spoken else spoken.text

    def _announced(self, spoken: Sentence, place: int) -> Sentence:
        """Note the problem that a clinician's sentence announces, and leave what it says of it to be read."""
        if spoken.speaker is not Speaker.CLINICIAN:
            return spoken
        found = problems.announced(spoken)
        if found is None:
            if problems.leaves(spoken):
                self._cues.append(Cue(place, spoken.turn_id))
            return spoken
        self._cues.append(Cue(place + found.next_only, spoken.turn_id, found.name, found.sure))
        self._about = (spoken, found.rest)
        return replace(spoken, text=found.rest)

    def _read(self, spoken: Sentence) -> bool:
        if not spoken.text:
            return True
        if spoken.speaker is Speaker.CLINICIAN:
            return self._clinician(spoken)
        if spoken.speaker in {Speaker.PATIENT, Speaker.OTHER}:
            return self._patient(spoken)
        return self._clinician(spoken) or self._patient(spoken)

    def done(self, known_allergies: tuple[str, ...], hindi: HindiReading) -> Understood:
        """Return what was understood in both languages, medicines checked against allergies."""
        allergens = [*(allergy.allergen for allergy in self._allergies), *hindi.allergens, *known_allergies]
        self.items += hindi.items
        self._cues += hindi.cues
        self._prescribing.heard += hindi.medicines
        self.items += [allergy.item for allergy in self._allergies]
        for heard in self._prescribing.heard:
            if heard.status is not MedicationStatus.STOPPED:
                heard.flags += [
                    Flag(
                        code=heard_medicine.ALLERGY_CONFLICT,
                        reason="The patient is said to be allergic to this or its class.",
                    )
                    for allergen in allergens
                    if heard_medicine.conflicts(heard.name, allergen)
                ]
        self.items += [heard_medicine.item(heard) for heard in self._prescribing.heard]
        return Understood(list(dict.fromkeys(self.items)), _latest(self._prescribing.heard), self._cues)

    def _clinician(self, spoken: Sentence) -> bool:
        if spoken.question:
            self._questions = [*(self._questions if not spoken.first else []), spoken]
            return True
        if self._questions and not spoken.first and _HEARD_NO.match(spoken.text):
            questions, self._questions = self._questions, []
            return self._answer(questions, replace(spoken, text="no"))
        self._questions = []
        measured = vitals_in(spoken)
        if measured:
            self.items += measured
            return True
        if self._ordered(spoken) or self._said(spoken):
            return True
        unrecognised = prescribing.unrecognised(spoken)
        if unrecognised is not None:
            self.items.append(unrecognised)
        return unrecognised is not None

    def _ordered(self, spoken: Sentence) -> bool:
        """Medicines, and what is said against one."""
        if self._prescribing.take(spoken):
            return True
        if prescribing.speaks_against(spoken):
            told = to_patient(spoken.text)
            if not speaks_of_self(told) and len(told.split()) <= telling.LONGEST:
                self._add("plan", f"Advised: {lower_first(told)}", spoken)
                return True
        return False

    def _said(self, spoken: Sentence) -> bool:
        for read in (
            clinician.follow_up,
            clinician.result,
            clinician.examined,
            clinician.impression,
            clinician.planned,
        ):
            item = read(spoken, heard_badly=self._badly)
            if item is not None:
                self.items.append(item)
                return True
        return False

    def _patient(self, spoken: Sentence) -> bool:
        questions, self._questions = self._questions, []
        allergy = telling.allergy_in(spoken)
        if allergy is not None:
            if questions:
                allergy.turn_ids.insert(0, questions[-1].turn_id)
            self._allergies.append(allergy)
            return True
        if self._react(spoken) or (questions and self._answer(questions, spoken)) or spoken.question:
            return True
        asked = any(_MEDICINES_ASKED.search(question.text) for question in questions)
        if self._prescribing.take(spoken, asked_for_medicines=asked):
            return True
        if prescribing.speaks_against(spoken) and len(spoken.text.split()) <= telling.LONGEST:
            self._add("taking", f"Reports that {lower_first(of_patient(spoken.text))}", spoken)
            return True
        told = telling.tell(spoken, heard_badly=self._badly)
        if told is not None:
            self.items.append(told)
        return told is not None

    def _add(self, kind: Literal["plan", "taking"], text: str, spoken: Sentence) -> None:
        self.items.append(Item(kind, sentence(text), (spoken.turn_id,), Polarity.NEGATED))

    def _react(self, spoken: Sentence) -> bool:
        """Add "it gives me a rash" to the allergy of the same turn."""
        if not self._allergies or self._allergies[-1].reaction or spoken.turn_id not in self._allergies[-1].turn_ids:
            return False
        reaction = telling.reaction_in(spoken)
        self._allergies[-1].reaction = reaction
        return bool(reaction)

    def _answer(self, questions: list[Sentence], spoken: Sentence) -> bool:
        """Pair an answer with its question; a plain no answers several questions put in one breath."""
        mixed = mixed_answer(questions, spoken)
        if mixed:
            self.items += mixed
            return True
        given = answers.read_answer(spoken.text)
        asked = questions[-1]
        if (
            given.reply is not answers.Reply.OTHER
            and prescribing.named_in(asked)
            and not asking.is_allergy_question(asked)
        ):
            if given.reply is answers.Reply.YES:
                self._prescribing.answered(asked, spoken)
            return True
        several = questions if given.reply is answers.Reply.NO and not given.rest else questions[-1:]
        paired = [asking.pair(question, spoken, heard_badly=self._badly) for question in several]
        items = [item for item in paired if item is not None]
        self.items += items
        return bool(items) or (given.reply is not answers.Reply.OTHER and not given.rest)


def _latest(heard: list[heard_medicine.Heard]) -> list[heard_medicine.Heard]:
    """One entry a medicine: what the clinician ordered of it, or else what the patient takes."""
    ordered = {one.name for one in heard if one.speaker is not Speaker.PATIENT}
    return [one for one in heard if one.speaker is not Speaker.PATIENT or one.name not in ordered]
