"""What stands before a sentence in a note that is set out in labels: the body system, or what kind of plan it is.

The labels are those that clinicians' own visit notes have: "Cardiovascular: …", "Medical treatment: …". They say where
a sentence belongs, and nothing about the patient.
"""

from __future__ import annotations

import re
from typing import Final

from auscult.knowledge.body_systems import names, system_of

REASONING: Final = "Medical reasoning"
COUNSELING: Final = "Patient education and counseling"
TESTING: Final = "Additional testing"
TREATMENT: Final = "Medical treatment"
REFERRALS: Final = "Specialist referrals"
FOLLOW_UP: Final = "Follow-up"

_PLANNED: Final = ("", REASONING, COUNSELING, TESTING, TREATMENT, REFERRALS, FOLLOW_UP)

_REFERRED: Final = re.compile(
    r"\brefer(?:s|red|ring|ral)?\b|\b(?:see(?! the (?:patient|clinic))|meet with|appointment with|consult\w* with"
    r"|set up with"
    r"|send (?:\w+ )?(?:over )?to)"
    r" (?:an?|the|our|my|dr\b)",
    re.IGNORECASE,
)
_TESTED: Final = re.compile(
    r"\b(?:x[- ]?rays?|mri|ct|cat scan|scans?|ultrasound|echo(?:cardiogram)?|ekg|ecg|eeg|emg|labs?|lab work|blood ?work"
    r"|blood tests?"
    r"|tests?|testing|panel|a1c|cbc|bmp|cmp|tsh|culture|swab|biopsy|colonoscopy|endoscopy|egd|urinalysis|urine"
    r"|mammogram|titer|stud(?:y|ies)|levels?|pap smear|spirometry|pulmonary function|screening|arthrogram"
    r"|bone density)\b",
    re.IGNORECASE,
)
_COUNSELLED: Final = re.compile(
    r"^(?:(?:it was )?advised|recommended|counsel|educat|encourage|discuss|explained|the patient was (?:told|advised)"
    r"|(?:that|this|it|they|those|these) (?:will|can|may|might|should|could|helps?)|continue to (?!take)|avoid|try to)"
    r"|\b(?:side effects?|diet|exercis\w+|salt|smoking|website|information|education|risks?|benefits?)\b",
    re.IGNORECASE,
)
_TREATED: Final = re.compile(
    r"^(?:start|continue|increase|decrease|stop|change|switch|prescribe|refill|add|give|take|use|apply|will (?:give|put"
    r"|prescribe|start"
    r"|refill|send|place|apply|add|do|perform|proceed|inject|recommend|treat|continue|increase))\b"
    r"|\b(?:therapy|surgery|brace|splint|sling|cast|boot|injections?|procedure|ice|elevat\w+|medications?|medicines?"
    r"|antibiotics?|prescription|inhaler|insulin|vaccine|milligrams|mg)\b",
    re.IGNORECASE,
)
_TREATED_AT_HOME: Final = re.compile(
    r"^(?:advised to (?:take|use|apply|start|stop|wear|continue to take|continue taking)\b(?!.*\b(?:walk\w*|salt"
    r"|alcohol|smoking|diet)\b)"
    r"|recommended (?:\w+ ){0,2}therapy\b)",
    re.IGNORECASE,
)
"""A treatment that the patient carries out; what they are told to do otherwise is education."""
_REASONED: Final = re.compile(
    r"^(?:it (?:is thought|appears|seems)|there (?:is|are)|the (?:patient|x-?ray|exam\w*|results?|diagnosis)"
    r"|(?:his|her|their|he|she|they|this|that|these) (?:\w+ )?(?:is|are|was|were|has|have|had|appears?|looks?|seems?)"
    r"|possible|not thought)\b",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(r"\b(?:the patient|he|she|they)\b", re.IGNORECASE)


def label_of(kind: str, text: str, *, heads: bool = False) -> str:
    """The label of a sentence of this kind (`items.Kind`); empty when it stands without one.

    `heads` is true for the sentence that names the problem its group is about.
    """
    if kind in {"review", "examination"}:
        return system_of(text)
    if kind == "medicine":
        return TREATMENT
    if kind == "follow_up":
        return FOLLOW_UP
    if kind == "impression":
        return "" if heads else REASONING
    return _of_plan(text) if kind == "plan" else ""


def _of_plan(text: str) -> str:
    for pattern, label in (
        (_REASONED, REASONING),
        (_REFERRED, REFERRALS),
        (_TREATED_AT_HOME, TREATMENT),
        (_COUNSELLED, COUNSELING),
        (_TESTED, TESTING),
        (_TREATED, TREATMENT),
    ):
        if pattern.search(text):
            return label
    if text.startswith("Will "):
        return TREATMENT
    return REASONING if _TELLS.search(text) else ""


def place_of(label: str) -> int:
    """Where a label stands among those of its section, counted from 0; what has no label comes first."""
    order = ("", *names())
    return order.index(label) if label in order else _PLANNED.index(label) if label in _PLANNED else len(order)
