"""Under which part a retold sentence belongs where its own words say so, whatever the trained model thinks of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.findings import mentions_finding

_INTRODUCED: Final = re.compile(
    r"^(?:this is )?(?:the patient|(?:[a-z'.]+ ){1,3}?)(?:is|presents|was|comes)\b.{0,40}?"
    r"(?:\byears?[- ]old\b|\bnew patient\b|\bpresents? (?:today|with|for|to)\b|\bpast medical history\b)"
    r"|\bpresent(?:s|ed|ing) (?:today|with|for|to)\b.{0,60}(?:pain|follow|evaluation)",
    re.IGNORECASE,
)
"""How a visit is introduced: who comes, and for what."""
_PLANNED: Final = re.compile(r"^(?:will|advised|recommended|to)\b|, will\b", re.IGNORECASE)
_EXAMINED: Final = re.compile(
    r"\b(?:on (?:the |their |your )?(?:\w+ ){0,3}exam(?:ination)?\b|to palpation|to auscultation|range of motion"
    r"|murmurs?\b"
    r"|positive for pain|tenderness|crackles|wheezes|rhonchi|pitting|lymphadenopathy|erythema|ecchymosis|pulses"
    r"|reflexes"
    r"|sensation is|(?:heart rate|respiratory rate) is|capillary refill|in (?:the office|clinic) (?:here )?today"
    r"|rate and rhythm|vital signs?)\b"
    r"|^(?:his|her|the|their) (?:[a-z]+ ){0,2}(?:throat|chest|ears?|ear drums?|tonsils|lungs?|abdomen|heart|neck|skin"
    r"|nose|eyes?"
    r"|tummy|belly|glands?) (?:is|are|looks?|sounds?|feels?)\b",
    re.IGNORECASE,
)
_OF_TEST: Final = re.compile(
    r"\b(?:shows?|showed|reveal(?:s|ed)?|demonstrate[sd]?|came back|normal|abnormal|negative|positive|elevated|low"
    r"|high|no"
    r"|intact|unremarkable|less than|unchanged|stable|identified|radiographs?)\b|\d",
    re.IGNORECASE,
)
_ARRANGED: Final = re.compile(
    r"\b(?:physical exam(?:ination)?|(?:do|on with|start) (?:their|the|your|an?|that)?\s*(?:quick |focused "
    r"|brief )*exam"
    r"|listen(?:ing)? to|take a (?:quick )?(?:look|listen)|check (?:them|things|some things) out|press(?:ing)? (?:on"
    r"|here)"
    r"|look at (?:their|the|that)|review (?:their|the|that)|template)\b",
    re.IGNORECASE,
)
"""What is said of doing the examination tells nothing of what it found."""
_PERCEIVED: Final = re.compile(
    r"^(?:and |so |but |okay |now )*i (?:do not |don't |do |can |cannot |can't |still |also )*(?:hear|appreciate"
    r"|palpate)\b",
    re.IGNORECASE,
)
_BACK: Final = 6
"""Sentences in which a "he" finds the one it is about."""
_IDENTIFIED: Final = re.compile(r"\bdate of birth\b|^next patient\b", re.IGNORECASE)
"""Who it is stands on the record already."""
_NOTHING_DONE: Final = re.compile(
    r"^(?:(?:they|we|he|she|the patient) (?:did|had|got|reviewed?|did review|sent|ordered) |here'?s? |this is (?:an?"
    r"|the) "
    r"|it did, )(?!.*\b(?:show|reveal|normal|negative|positive)).*$",
    re.IGNORECASE,
)
"""That a test was done, without what it showed, is no result."""


_HE: Final = re.compile(r"^(?:and |but |so |now |well )*(?:he|she|he's|she's|his|her)\b", re.IGNORECASE)
_RELATIVE: Final = re.compile(
    r"\b(?:son|daughter|brother|sister|mother|father|mom|mum|dad|husband|wife|uncle|aunt|cousin|nephew|niece|friend"
    r"|boss"
    r"|grandmother|grandfather|grandma|grandpa|partner|boyfriend|girlfriend|neighbou?r|other (?:child|kid|one))\b",
    re.IGNORECASE,
)


def is_found(spoken: Sentence) -> bool:
    """True when a clinician says what they hear or feel: that belongs into the note, however sure the model is."""
    return (
        spoken.speaker is Speaker.CLINICIAN
        and not spoken.question
        and _PERCEIVED.match(spoken.text) is not None
        and (mentions_finding(spoken.text, "sign") or _EXAMINED.search(spoken.text) is not None)
    )


def of_relative(said: Sequence[Sentence], place: int) -> bool:
    """True when "he" or "she" is somebody whom the same turn named just before: "I have a son. He has asthma."."""
    if said[place].speaker is Speaker.CLINICIAN or not _HE.match(said[place].text):
        return False
    turn = said[place].turn_id
    return any(
        one.turn_id == turn and _RELATIVE.search(one.text) is not None for one in said[max(0, place - _BACK) : place]
    )


def placed(text: str, speaker: Speaker, part: str) -> str:
    """The part (one of `relevance.PARTS`) of a retold sentence that the model put under `part`; "none" for no part."""
    if _INTRODUCED.search(text):
        return "subjective"
    if _IDENTIFIED.search(text):
        return "none"
    if _PLANNED.search(text):
        return "none" if part != "plan" or _ARRANGED.search(text) else part
    appreciated = speaker is Speaker.CLINICIAN or text.startswith("There ")
    if part in {"subjective", "plan"} and appreciated and _EXAMINED.search(text):
        return "examination"
    if part == "results":
        if _NOTHING_DONE.match(text) or not _OF_TEST.search(text):
            return "subjective" if mentions_finding(text, "symptom", "condition") else "none"
        if _EXAMINED.search(text) and not mentions_finding(text, "test"):
            return "examination"
    return part
