"""Who cares for a patient, and who opened the record of somebody whom they do not care for, and why.

The words are FHIR's CareTeam (https://hl7.org/fhir/R4B/careteam.html) and, for the second, break-glass access.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import Field

from auscult.domain.errors import invalid_field
from auscult.domain.ids import PatientId, UserId
from auscult.domain.model import UtcDatetime, Value

SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500
"""Characters of a reason or of the comment of a review."""


class CareTeam(Value):
    """Who may open a patient's record without giving a reason, in the order in which they joined."""

    patient_id: PatientId
    member_ids: tuple[UserId, ...] = ()

    def joined_by(self, user_ids: Iterable[UserId]) -> CareTeam:
        """The team with these people in it, each once."""
        return self.model_copy(update={"member_ids": tuple(dict.fromkeys((*self.member_ids, *user_ids)))})


class GlassReason(StrEnum):
    """What kind of reason it is: the list that a clinician picks from before writing a sentence."""

    EMERGENCY = "emergency"
    COVERING = "covering"
    """Somebody else's patient, while they are away."""
    PATIENT_REQUEST = "patient_request"
    ADVICE = "advice"
    """A colleague asked."""
    OTHER = "other"


class Finding(StrEnum):
    """What came of looking into it."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


class GlassReview(Value):
    """Who looked into it afterwards, and what they found."""

    user_id: UserId
    name: str
    at: UtcDatetime
    finding: Finding
    comment: str = ""


class BreakGlass(Value):
    """One clinician's right to one patient's record, for a while, for a reason. The reason may name the patient."""

    id: str
    patient_id: PatientId
    user_id: UserId
    user_name: str = ""
    code: GlassReason
    reason: str = Field(min_length=1)
    at: UtcDatetime
    expires_at: UtcDatetime
    review: GlassReview | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the record may still be opened by it: not when its time is over, or it was found not justified."""
        refused = self.review is not None and self.review.finding is Finding.NOT_JUSTIFIED
        return self.at <= now < self.expires_at and not refused


def checked_reason(text: str) -> str:
    """The reason in one line. Raises `InvalidError` when it says too little or too much."""
    reason = " ".join(text.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise invalid_field(
            "reason",
            "length",
            f"A reason has {SHORTEST_REASON} to {LONGEST_REASON} characters.",
            "Say in a sentence why you need this record.",
        )
    return reason


def checked_comment(text: str) -> str:
    """The comment of a review in one line; it may be empty. Raises `InvalidError` when it is too long."""
    comment = " ".join(text.split())
    if len(comment) > LONGEST_REASON:
        raise invalid_field(
            "comment", "length", f"A comment has at most {LONGEST_REASON} characters.", "Say it in fewer words."
        )
    return comment
