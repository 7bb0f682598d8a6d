"""Retells what patients say of themselves: "I take" is "the patient takes", "no belly pain" that they deny it."""

from __future__ import annotations

import re
from typing import Final

from auscult.engines.writer.offline.agreement import third_person
from auscult.engines.writer.offline.clauses import ASKED, NO_SUBJECT, is_clause
from auscult.engines.writer.offline.person import lower_first, of_patient, sentence, speaks_of_self
from auscult.knowledge.findings import mentions_finding

_OURS: Final = (
    (re.compile(r"\bwe(?='(?:ve|re|ll|d)\b)", re.IGNORECASE), "they"),
    (re.compile(r"\bwe\b", re.IGNORECASE), "they"),
    (re.compile(r"\bours\b", re.IGNORECASE), "theirs"),
    (re.compile(r"\bour\b", re.IGNORECASE), "their"),
    (re.compile(r"\bourselves\b", re.IGNORECASE), "themselves"),
    (re.compile(r"\bus\b", re.IGNORECASE), "them"),
)
"""A patient's "we" is of them too: "we were moving boxes" says that they were."""
_WITH_CLINIC: Final = re.compile(
    r"\bwe(?:'ve| have|'d| had)? (?:also |just |last |already )*(?:discuss|talk|increas|decreas|start|chang"
    r"|decid|order|saw|see"
    r"|schedul|check|tri|try|stop|said|did|do\b|going to do|need|should|can|could|will|are going|put|add|switch)",
    re.IGNORECASE,
)
"""What patient and clinician, or the clinic, did together is no act of the patient's."""


def of_them_too(kept: str) -> str:
    """A patient's "we" and "our" as theirs; unchanged where it is of patient and clinic."""
    if _WITH_CLINIC.search(kept):
        return kept
    for pattern, whole in _OURS:
        kept = pattern.sub(whole, kept)
    return kept


_PART_DOES: Final = re.compile(
    r"(?:started|began|starts|begins|is|was|got)(?: \w+)? (?:to )?(?:hurt|hurting|ache|aching|swell"
    r"|swelling|swollen|throb|throbbing"
    r"|burn|burning|bleed|bleeding|sting|stinging|itch|itching|sore|stiff|numb)\b(?! (?:my|their|myself|themselves)\b)",
    re.IGNORECASE,
)
"""What a part of the body does, where who does it was cut off: "my wrist, started to hurt"."""


def told_by_patient(kept: str, part: str) -> str:
    """A sentence for `part` (one of `relevance.PARTS`) of words that are `quotable`; empty when they give none."""
    if part == "plan" or ASKED.match(kept):
        return ""
    told = of_patient(third_person(kept, "i"))
    if speaks_of_self(told) or re.search(r"\byou(?:r|rs)?\b", told, re.IGNORECASE):
        return ""
    if NO_SUBJECT.match(told):
        told = f"{'it' if _PART_DOES.match(told) else 'the patient'} {told}"
    if is_clause(told):
        return sentence(told)
    noun = re.sub(r"^(?:maybe|probably) ", "", told)
    if not mentions_finding(noun, "symptom", "condition"):
        return ""
    if re.match(r"no\b", noun, re.IGNORECASE):
        return sentence(f"The patient denies {lower_first(noun[3:])}")
    return sentence(f"The patient reports {lower_first(noun)}") if len(noun.split()) <= 12 else ""
