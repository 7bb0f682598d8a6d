"""What is said to be done with a medicine: started, continued, changed, stopped; the words nearest its name decide."""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.medication import MedicationStatus
from auscult.domain.transcript import Speaker

_STOP = re.compile(
    r"\b(?:stop|stopped|stopping|discontinue|come off|came off|no longer|quit|cease|withhold"
    r"|off the|(?<!can )(?<!could )(?<!eventually )(?:get(?:ting)?|tak(?:e|ing)) (?:you|him|her|them) off)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:increase|increasing|decrease|reduce|reducing|change|switch|double|halve|lower|raise)\b"
    r"|\bup (?:your|the)\b",
    re.IGNORECASE,
)
_START = re.compile(
    r"\b(?:start|starting|prescribe|prescribing|give (?:you|him|her|them)|giving (?:you|him|her|them)"
    r"|put(?:ting)? (?:you|him|her|them) on"
    r"|try|begin"
    r"|write you|need(?! (?:it|them|to|that)\b)|(?:like|want|have) you to take|prescription (?:for|of)|add(?:ing)?"
    r"|order(?:ing)?|initiate|call in|send in|get(?:ting)? (?:you|him|her|them) (?:some|started|on))\b",
    re.IGNORECASE,
)
_CONTINUE = re.compile(
    r"\b(?:continu(?:e|es|ing)(?! to (?:monitor|watch|work|do|see|follow|check|be|eat)\b)|keep(?:ing)? (?:you"
    r"|him|her|them|taking|on|using|going|up|the|your|that|it)"
    r"|carry(?:ing)? on|stay(?:ing)? on|remain(?:ing)? on|go on with|stick(?:ing)? with|same|refill(?:ing|s)?)\b",
    re.IGNORECASE,
)
_HAS = re.compile(
    r"\b(?:still (?:on|taking|using)|been (?:on|taking|using|giving (?:you|him|her|them))|(?:has|have|had"
    r"|got) (?:you|him|her|them) on"
    r"|(?:you|he|she|they)(?:'re| are|'s| is) (?:currently |already )?(?:on|taking|using)"
    r"|(?:doing|tolerat\w+) (?:really |very |pretty )?(?:well|good|fine|okay|great) (?:on|with)|tolerat(?:e|es|ing)"
    r"|(?:you|he|she|they) (?:already |currently |do )?takes?|i (?:take|took|ended up)"
    r"|(?:dr\.? \w+|they|he|she|had|previously|already) (?:put|started|placed|gave) (?:you|him|her|them)(?: on)?)\b",
    re.IGNORECASE,
)
"""Says that a medicine is taken already: it is no order, and gives way to one in the same breath."""
_OWN = re.compile(r"(?<!\bgive )(?<!\bgiving )\b(?:your|his|her|their)\W*$", re.IGNORECASE)
_NEAR: Final = 5
_CHANGES: Final = {
    "increas": "Increase", "reduc": "Reduce", "decreas": "Decrease", "doubl": "Double", "halv": "Halve",
    "lower": "Lower", "rais": "Raise",
}  # fmt: skip
_READ_BEFORE: Final = 24
_FAR: Final = 12
_FAR_CHANGE: Final = 7
"""Words that may stand between what is done with a medicine and its name; "to reduce the swelling" changes no dose."""
_CHANGED_AFTER = re.compile(
    r"\b(?:increas|decreas|reduc|chang|doubl|halv|lower|rais|switch)\w* (?:it|that|this|the dos\w+|your dos\w+|to)\b"
    r"|\bup (?:it|that|the dose)\b",
    re.IGNORECASE,
)
_CHANGING = re.compile(r"\b(increas|reduc|decreas|doubl|halv|lower|rais)(?:e|es|ing|)\b", re.IGNORECASE)


_SAID: Final = (
    (_STOP, MedicationStatus.STOPPED, _FAR),
    (_CONTINUE, MedicationStatus.TAKING, _FAR),
    (_START, MedicationStatus.STARTED, _FAR),
    (_CHANGE, MedicationStatus.CHANGED, _FAR_CHANGE),
)


_SAID_AFTER: Final = (
    (_STOP, MedicationStatus.STOPPED),
    (_CONTINUE, MedicationStatus.TAKING),
    (_HAS, MedicationStatus.TAKING),
    (_CHANGED_AFTER, MedicationStatus.CHANGED),
)


def status_said(before: str, after: str, speaker: Speaker) -> MedicationStatus | None:
    """What the words around a name say is done with it, the nearest before it first; None when they do not."""
    if speaker is Speaker.PATIENT:
        return MedicationStatus.STOPPED if _STOP.search(f"{before} {after}") else None
    before = " ".join(before.split()[-_READ_BEFORE:]) + " "
    had = {match.end() for match in _HAS.finditer(before)}
    said = [
        (match.end(), status)
        for pattern, status, far in _SAID
        for match in pattern.finditer(before)
        if match.end() not in had and len(before[match.end() :].split()) <= far
    ]
    if said:
        return max(said)[1]
    if _HAS.search(before):
        return MedicationStatus.TAKING
    later = [(match.start(), status) for pattern, status in _SAID_AFTER if (match := pattern.search(after))]
    return min(later)[1] if later else None


_EARLIER: Final = re.compile(r"\b(?:(?P<tried>tried)|took|taken|used)\b(?! to\b)", re.IGNORECASE)
_NOW: Final = re.compile(
    r"\b(?:takes?|taking|on|uses?|using|trying|still|currently|every|always|usually)\b", re.IGNORECASE
)
TAKES: Final = "Takes"
EARLIER: Final = ("Has tried", "Has taken")
"""What a patient says of a medicine that they may not take now."""


def taken_said(before: str) -> str:
    """Whether a patient's words before a name say that they take it or took it: `TAKES`, one of `EARLIER`, or empty."""
    earlier = list(_EARLIER.finditer(before))
    now = list(_NOW.finditer(before))
    if earlier and (not now or now[-1].end() < earlier[-1].start()):
        return EARLIER[0] if earlier[-1]["tried"] else EARLIER[1]
    return TAKES if now else ""


def continues(before: str, after: str) -> bool:
    """True when these words around a name order that it goes on, rather than say that it is taken."""
    return _CONTINUE.search(f"{before} ; {after}") is not None


def default_status(speaker: Speaker) -> MedicationStatus:
    """A patient who names a medicine takes it; a clinician orders it."""
    return MedicationStatus.TAKING if speaker is Speaker.PATIENT else MedicationStatus.STARTED


def decides(status: MedicationStatus, earlier: MedicationStatus, *, earlier_explicit: bool) -> bool:
    """True when what is explicitly said of a medicine now holds, and not what the same speaker said of it before."""
    if status is MedicationStatus.STARTED:
        return not earlier_explicit
    ordered = earlier_explicit and earlier in {MedicationStatus.STARTED, MedicationStatus.CHANGED}
    return not (status is MedicationStatus.TAKING and ordered)


def change_said(before: str) -> str:
    """How a dose is changed, in the clinician's word, at the start of a sentence: `Increase`; empty when it is not."""
    verb = _CHANGING.search(before)
    return _CHANGES[verb[1].lower()] if verb else ""


def is_their_own(before: str) -> bool:
    """True where the words before a name say that the patient has it: "adjust your metformin".

    An order has to be near: "order a test, to see whether we adjust your metformin" starts nothing.
    """
    return _OWN.search(before) is not None and not _START.search(" ".join(before.split()[-_NEAR:]))
