"""Goes through the sentences once, in order, and asks of each what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from auscult.domain.evidence import Flag, Polarity
from auscult.domain.medication import MedicationStatus
from auscult.domain.transcript import Speaker, Transcript
from auscult.engines.writer.offline import asking, clinician, prescribing, telling
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import lower_first, sentence, speaks_of_self, to_patient
from auscult.engines.writer.offline.sentences import Sentence, sentences
from auscult.engines.writer.offline.telling import Allergy
from auscult.engines.writer.offline.vitals import vitals_in

MOST_STATEMENTS: Final = 400
"""A three-hour recording cannot have more that matter; past it, something is read that was not said."""


@dataclass
class Understood:
    """Everything that was understood of a consultation, in the order it was said."""

    items: list[Item] = field(default_factory=list)
    medicines: list[prescribing.Heard] = field(default_factory=list)


def understand(transcript: Transcript, known_allergies: tuple[str, ...] = ()) -> Understood:
    """Read a transcript."""
    reader = _Reader(heard_badly=transcript.engine.demo_quality)
    for spoken in sentences(transcript):
        reader.read(spoken)
        if len(reader.items) > MOST_STATEMENTS:
            break
    return reader.done(known_allergies)


class _Reader:
    """Keeps the little that a sentence needs to know of those before it."""

    def __init__(self, *, heard_badly: bool) -> None:
        self._badly = heard_badly
        self.items: list[Item] = []
        self._questions: list[Sentence] = []
        self._allergies: list[Allergy] = []
        self._prescribing = prescribing.Prescribing()

    def read(self, spoken: Sentence) -> None:
        """Take in one sentence."""
        if spoken.speaker is Speaker.CLINICIAN:
            self._clinician(spoken)
        elif spoken.speaker in {Speaker.PATIENT, Speaker.OTHER} or not self._clinician(spoken):
            self._patient(spoken)

    def done(self, known_allergies: tuple[str, ...]) -> Understood:
        """Return what was understood, medicines checked against allergies."""
        allergens = [*(allergy.allergen for allergy in self._allergies), *known_allergies]
        self.items += [allergy.item for allergy in self._allergies]
        for heard in self._prescribing.heard:
            if heard.status is not MedicationStatus.STOPPED:
                heard.flags += [
                    Flag(
                        code=prescribing.ALLERGY_CONFLICT,
                        reason="The patient is said to be allergic to this or its class.",
                    )
                    for allergen in allergens
                    if prescribing.conflicts(heard.name, allergen)
                ]
        self.items += [prescribing.item(heard) for heard in self._prescribing.heard]
        return Understood(list(dict.fromkeys(self.items)), self._prescribing.heard)

    def _clinician(self, spoken: Sentence) -> bool:
        if spoken.question:
            self._questions = [*(self._questions if not spoken.first else []), spoken]
            return True
        self._questions = []
        measured = vitals_in(spoken)
        if measured:
            self.items += measured
            return True
        return self._ordered(spoken) or self._said(spoken)

    def _ordered(self, spoken: Sentence) -> bool:
        """Medicines, and what is said against one."""
        if not self._prescribing.take(spoken):
            return False
        named = prescribing.named_in(spoken)
        kept = any(heard.mention.name == name.name for heard in self._prescribing.heard for name in named)
        if named and not kept:
            told = to_patient(spoken.text)
            if not speaks_of_self(told) and len(told.split()) <= telling.LONGEST:
                self.items.append(
                    Item("plan", sentence(f"Advised: {lower_first(told)}"), (spoken.turn_id,), Polarity.NEGATED)
                )
        return True

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

    def _patient(self, spoken: Sentence) -> None:
        questions, self._questions = self._questions, []
        allergy = telling.allergy_in(spoken)
        if allergy is not None:
            if questions:
                allergy.turn_ids.insert(0, questions[-1].turn_id)
            self._allergies.append(allergy)
            return
        if self._react(spoken) or (questions and self._answer(questions, spoken)) or spoken.question:
            return
        if self._prescribing.take(spoken):
            return
        told = telling.tell(spoken, heard_badly=self._badly)
        if told is not None:
            self.items.append(told)

    def _react(self, spoken: Sentence) -> bool:
        """Add "it gives me a rash" to the allergy of the same turn."""
        if not self._allergies or self._allergies[-1].reaction or spoken.turn_id not in self._allergies[-1].turn_ids:
            return False
        reaction = telling.reaction_in(spoken)
        self._allergies[-1].reaction = reaction
        return bool(reaction)

    def _answer(self, questions: list[Sentence], spoken: Sentence) -> bool:
        """Pair an answer with its question; a plain no answers several questions put in one breath."""
        given = asking.read_answer(spoken.text)
        asked = questions[-1]
        if (
            given.reply is not asking.Reply.OTHER
            and prescribing.named_in(asked)
            and not asking.is_allergy_question(asked)
        ):
            self._prescribing.answered(asked, spoken, yes=given.reply is asking.Reply.YES)
            return True
        several = questions if given.reply is asking.Reply.NO and not given.rest else questions[-1:]
        items = [item for question in several if (item := asking.pair(question, spoken)) is not None]
        self.items += items
        return bool(items) or (given.reply is not asking.Reply.OTHER and not given.rest)
