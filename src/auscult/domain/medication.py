"""A medicine as it was said or written, field by field, with its doubts."""

from __future__ import annotations

from enum import StrEnum

from auscult.domain.evidence import Flag, Source
from auscult.domain.model import Value


class MedicationStatus(StrEnum):
    """What the consultation says about the medicine."""

    TAKING = "taking"
    STARTED = "started"
    CHANGED = "changed"
    STOPPED = "stopped"
    ALLERGY = "allergy"
    REWORDED = "reworded"
    """A clinician wrote its sentence anew: `as_written` is that sentence, and nothing is parsed from it."""


class Directions(Value):
    """What was said of how to take a medicine. Empty where nothing was."""

    strength: str = ""
    dose: str = ""
    form: str = ""
    route: str = ""
    frequency: str = ""
    duration: str = ""
    reason: str = ""
    timing: str = ""
    prn: bool = False
    """Taken as needed."""


class Medication(Directions):
    """One medicine. Fields that were not said are empty: strengths and doses are never filled in from a lexicon.

    `as_written` is the wording that was parsed; `flags` are cautions for a person and nothing else.
    """

    name: str
    status: MedicationStatus = MedicationStatus.TAKING
    as_written: str = ""
    flags: tuple[Flag, ...] = ()
    sources: tuple[Source, ...] = ()
    statement_ids: tuple[str, ...] = ()
    """The sentences of the note that tell of it."""

    @property
    def line(self) -> str:
        """One line for a list: name, strength, dose, route, frequency, duration, as far as they were said.

        A medicine that is stopped begins with "stop ", an allergy with "allergic to ": neither can be read as taken.
        A reworded one is the clinician's sentence.
        """
        if self.status is MedicationStatus.REWORDED:
            return self.as_written
        if self.status is MedicationStatus.ALLERGY:
            return f"allergic to {self.name}"
        parts = (self.name, self.strength, self.dose, self.route, self.frequency, self.timing, self.duration)
        text = " ".join(part for part in parts if part)
        text = f"{text} as needed" if self.prn and "as needed" not in text else text
        return f"stop {text}" if self.status is MedicationStatus.STOPPED else text
