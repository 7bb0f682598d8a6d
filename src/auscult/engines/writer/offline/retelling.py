"""Retells one thing that was said as a sentence of a note: third person, no filler, whole; or not at all.

"I" and "you" become the patient, by whose mouth a thing is said. The first mention is "the patient" with its verb put
right; the others are "they". `quoting` takes away what only fills; then a sentence is told as a patient's
(`retelling_patient`) or a clinician's (`retelling_clinician`), which is here decided. Whatever still holds a first
person, or does not hold together as a sentence (`wording`), is not retold.
"""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.quoting import quotable
from auscult.engines.writer.offline.retelling_clinician import to_clinic, told_by_clinician
from auscult.engines.writer.offline.retelling_patient import of_them_too, told_by_patient
from auscult.knowledge.findings import mentions_finding

SHORTEST: Final = 3
LONGEST: Final = 48
"""Words of one retold sentence."""
_ON: Final = re.compile(
    r"\s+(?:listen(?:ing)? to|looking at|so (?:now|on|essentially|that means|what|lem|let)|now(?: unfortunately"
    r"| on\b.*)?$"
    r"|on (?:your|the) (?:\w+ ){0,3}exam(?:ination)?$|what that means|that means|essentially what|and that means"
    r"|meaning that)\b.*$",
    re.IGNORECASE,
)
"""Where, in an examination without full stops, the talk goes on to something else."""
_HERE: Final = re.compile(r"(?:,?\s+(?:right here|right there|over here|down here|here|now))+$", re.IGNORECASE)
_APPRECIATES: Final = re.compile(
    r"(?:^|\bexam(?:ination)? )i (?:do not |don't |also |can )*"
    r"(?:appreciate (?:any|an?|some|the)\b|palpate\b|auscultate\b)",
    re.IGNORECASE,
)
"""No patient says it: the turn is the clinician's, whoever it is given to."""
_HAD_IT: Final = re.compile(r"^my\b.*\b(?:had|has|have|got|did|does|do) (?:it|that|them|one)$", re.IGNORECASE)
_REFERS: Final = re.compile(
    r"^(?!it(?:'s| is| was) (?:on|in|over|behind) |it (?:started|began|happens?|happened|lasts?|comes?|hurts?|gets?"
    r"|got|feels?|(?:sounds?|looks?|seems?|appears?) like)\b)"
    r"(?:it|it's|that|that's|this|these|those)\b",
    re.IGNORECASE,
)
"""A sentence about something that another sentence names."""
_OTHERS: Final = re.compile(r"^(?:they|they're|they've|he|he's|she|she's)\b", re.IGNORECASE)
_PRESCRIBES: Final = re.compile(
    r"\bi(?:'m (?:also )?going to|'ll| will(?: also)?|'d (?:also )?like to"
    r"| would (?:also )?like to) (?:be )?(?:prescrib|order|send an?"
    r"|refer|start you|put you|check your)|\b(?:we're|we are) going to (?:order|start you|refer|schedule)"
    r"|^(?:so )?for your (?:first|second|third|fourth|last|next|1st|2nd|3rd|4th) (?:problem|issue|diagnosis)"
    r"|\bi want you to\b|\bif your symptoms\b",
    re.IGNORECASE,
)
"""No patient says it: the turn, or this part of it, is the clinician's."""


def retell(text: str, speaker: Speaker, part: str) -> str:
    """One sentence for the note; empty when it cannot be retold. `part` is one of `relevance.PARTS`."""
    kept = quotable(text)
    if not SHORTEST <= len(kept.split()) <= LONGEST or kept.endswith("?"):
        return ""
    if part in {"examination", "results"}:
        kept = _HERE.sub("", _ON.sub("", kept))
    if _REFERS.match(kept) and not mentions_finding(kept, "symptom", "condition", "sign", "test"):
        return ""
    if _HAD_IT.search(kept) or (speaker is Speaker.OTHER and re.search(r"\b(?:i|i'm|i've|me)\b", kept, re.IGNORECASE)):
        return ""  # "it" has no name here, and a companion's "I" is not the patient
    if speaker is Speaker.CLINICIAN:
        return told_by_clinician(to_clinic(kept), part)
    if _APPRECIATES.search(kept):
        return told_by_clinician(kept, "examination")
    if part == "plan" and _PRESCRIBES.search(kept):
        return told_by_clinician(kept, "plan")
    if speaker is Speaker.PATIENT and _OTHERS.match(kept):
        return ""
    return told_by_patient(of_them_too(kept) if speaker is Speaker.PATIENT else kept, part)
