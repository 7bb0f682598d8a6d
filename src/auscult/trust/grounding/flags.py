"""The flags that the check raises: their stable codes, and what each tells the clinician."""

from __future__ import annotations

from typing import Final

from auscult.domain.evidence import Flag

UNKNOWN_SOURCE: Final = "unknown_source"
NO_SOURCE: Final = "no_source"
NUMBER: Final = "number_not_said"
UNIT: Final = "unit_not_said"
MEDICINE: Final = "medicine_not_said"
NEGATION: Final = "negation_not_said"
LOW: Final = "heard_with_low_confidence"
SIDE: Final = "side_not_said"
OPPOSITE: Final = "opposite_said"
SPEAKER: Final = "other_speaker"
INVENTED: Final = "content_not_said"

_REASONS: Final = {
    NO_SOURCE: "Nothing in the consultation is named as the source of this sentence.",
    UNKNOWN_SOURCE: "This sentence points to a place that is not in the transcript.",
    NUMBER: "A number in this sentence was not said where it is said to come from.",
    UNIT: "A unit in this sentence was not said where it is said to come from.",
    MEDICINE: "A medicine in this sentence was not said where it is said to come from.",
    NEGATION: "This sentence denies something, and nothing of the kind was said there.",
    LOW: "A medicine, number or negation here was heard with low confidence: listen to it.",
    SIDE: "A side of the body in this sentence was not said where it is said to come from.",
    OPPOSITE: "The opposite of this sentence, or of a part of it, was said there.",
    SPEAKER: "Somebody else than this sentence tells of said it, or it was said of somebody else.",
    INVENTED: "Something in this sentence was not said where it is said to come from.",
}


def flag(code: str) -> Flag:
    """The flag of one of the codes above."""
    return Flag(code=code, reason=_REASONS[code])
