"""A person who is cared for."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from auscult.domain.ids import PatientId
from auscult.domain.model import UtcDatetime, Value


class Sex(StrEnum):
    """FHIR R4 administrative-gender: https://hl7.org/fhir/R4B/valueset-administrative-gender.html."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class Identifier(Value):
    """A number that another system knows the patient by: `system` is `nhi`, `abha`, `aadhaar_last4`, or a URI."""

    system: str = Field(max_length=200)
    value: str = Field(max_length=100)


class Patient(Value):
    """A patient of one clinic."""

    id: PatientId
    name: str = Field(min_length=1, max_length=200)
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    phone: str = ""
    identifiers: tuple[Identifier, ...] = ()
    language: str = "en"
    allergies: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    created_at: UtcDatetime
    medicines_at: UtcDatetime | None = None
    """When the medicines were last written; None: when the patient was registered."""
    merged_into: PatientId | None = None
    outline: bool = Field(default=False, exclude=True)
    """Whether the rest was left out, for who is not in the care team. Such a one is shown and never kept."""

    def outlined(self) -> Patient:
        """Only what it takes to know who it is."""
        return Patient(id=self.id, name=self.name, birth_date=self.birth_date, created_at=self.created_at, outline=True)
