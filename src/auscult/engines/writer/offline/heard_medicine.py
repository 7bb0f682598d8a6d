"""A medicine as it was heard in a consultation, and what is told of it: its statement and its entry in the list."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from auscult.domain.evidence import Flag, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.items import UNCLEAR_DOSE, Item, Kind
from auscult.engines.writer.offline.medicine_status import EARLIER, TAKES
from auscult.engines.writer.offline.person import of_patient, sentence, speaks_of_self, to_patient
from auscult.knowledge.doses import Dose
from auscult.knowledge.medicines import Mention, lookup

_VERBS: Final = {
    MedicationStatus.STARTED: "Start",
    MedicationStatus.CHANGED: "Change",
    MedicationStatus.STOPPED: "Stop",
    MedicationStatus.TAKING: "Continue",
}
ALLERGY_CONFLICT: Final = "allergy_conflict"
UNREAD: Final = Flag(code=UNCLEAR_DOSE, reason="An amount was said here that could not be read.")
UNRECOGNISED: Final = "medicine_not_recognised"
EARLIER_USE: Final = Flag(
    code="earlier_use", reason="The patient has tried or taken this; whether they still do was not said."
)
_BARE: Final = re.compile(r"[1-9](?: (?:to|or) [1-9])?")
"""How many, of what has no form."""


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
    verb: str = ""
    """How it is changed, in the clinician's word (`Increase`), or how it is taken (`TAKES`, `EARLIER`)."""
    explicit: bool = False
    """True when words said what is done with it, and it was not taken from who speaks."""
    place: int = -1
    """Which sentence of the talk it was ordered in; -1 until that is noted (`Prescribing.heard_at`)."""

    @property
    def name(self) -> str:
        """The name as the lexicon spells it."""
        return self.mention.name

    @property
    def only_taken(self) -> bool:
        """True where a clinician says that it is taken, and orders nothing: "dr. brown put you on it"."""
        return self.speaker is not Speaker.PATIENT and self.status is MedicationStatus.TAKING and self.verb == TAKES

    @property
    def earlier(self) -> bool:
        """True where a patient says that they tried or took it, which may be over."""
        return self.speaker is Speaker.PATIENT and self.status is MedicationStatus.TAKING and self.verb in EARLIER


def medication(heard: Heard, transcript_version: int, statement_ids: tuple[str, ...]) -> Medication:
    """The domain's medication for one that was heard, and the sentences that tell of it."""
    return Medication(
        **heard.dose.model_dump(exclude={"corrected"}),
        name=heard.name,
        status=heard.status,
        as_written=" ".join(" ".join(heard.words).split())[:500],
        flags=tuple(dict.fromkeys([*heard.flags, *([EARLIER_USE] if heard.earlier else [])])),
        sources=(TurnSource(turn_ids=tuple(heard.turn_ids), transcript_version=transcript_version),),
        statement_ids=statement_ids,
    )


def item(heard: Heard) -> Item:
    """The statement for one that was heard: what is taken goes to the history, what is ordered to the plan."""
    dose = heard.dose
    form = "" if dose.form and dose.form.rstrip("s") in dose.dose else dose.form
    amount = dose.dose
    if _BARE.fullmatch(amount) and not form:
        amount = f"{amount}{'' if dose.frequency or dose.timing else ' at a time'}"
    strength = f"{dose.strength}," if dose.strength and _BARE.fullmatch(dose.dose) else dose.strength
    parts = [heard.name, form, strength, amount, dose.route, dose.frequency, dose.timing, dose.duration]
    line = " ".join(part for part in parts if part)
    line += " as needed" if dose.prn else ""
    reason = of_patient(to_patient(dose.reason))
    line += f" for {reason}" if reason and not speaks_of_self(reason) else ""
    from_patient = heard.speaker is Speaker.PATIENT
    kind: Kind = "taking" if from_patient or heard.only_taken else "medicine"
    verb = _VERBS[heard.status]
    if heard.status is MedicationStatus.CHANGED and dose.counts:
        verb = heard.verb or verb
        line = line.replace(heard.name, f"{heard.name} to", 1)
    if heard.only_taken:
        verb = TAKES
    if from_patient:
        verb = "Has stopped" if heard.status is MedicationStatus.STOPPED else heard.verb or TAKES
    text = sentence(f"{verb} {line}")
    flags = tuple(dict.fromkeys(heard.flags))
    return Item(
        kind,
        text,
        tuple(heard.turn_ids),
        flags=flags,
        short=f"{verb} {heard.name}",
        medicine=heard.name,
        place=heard.place,
    )


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
