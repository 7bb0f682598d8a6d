"""Whether the patient agreed to the plan, and had questions: told only where they said so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.sentences import Sentence

AGREES: Final = "The patient agrees with the recommended medical treatment plan."
NO_QUESTIONS: Final = "The patient has no further questions."

_BACK: Final = 4
"""Sentences before an answer in which the clinician told of the plan, or asked."""
_AGREED: Final = re.compile(
    r"\b(?:sounds? (?:really |pretty |very )?(?:good|great|fine|okay|ok|perfect|like a (?:good |great )?(?:plan"
    r"|idea|first start))"
    r"|i agree|that works|works for me|let's do (?:it|that)|(?:i'm|i am) (?:okay|ok|fine|good|happy) with (?:that|it)"
    r"|i (?:can|will) do that|i'll do that|that(?:'s| is) (?:fine|okay|perfect|a good (?:plan|idea))(?: with me)?)\b",
    re.IGNORECASE,
)
_YES: Final = re.compile(
    r"^(?:(?:uh|um|oh|well|okay|alright|all right)[ ,]*)*(?:yes|yeah|yep|sure|okay|ok|perfect|great|absolutely"
    r"|of course"
    r"|definitely)\b[^?]{0,30}$",
    re.IGNORECASE,
)
_RESERVED: Final = re.compile(
    r"\b(?:but|though|although|however|not|don't|do not|no|can't|cannot|if|unless)\b", re.IGNORECASE
)
_PUT: Final = re.compile(
    r"\b(?:how (?:does|do) (?:that|this|it|all of (?:that|this)|that all) (?:all )?sound|(?:does|do) (?:that"
    r"|this|it) (?:all )?"
    r"sound (?:good|okay|ok|all right|alright|fine|reasonable|like)|sounds? (?:good|okay)|(?:are|is) (?:you"
    r"|that) (?:okay|ok"
    r"|all right|alright|fine|good)(?: with (?:that|this|it|the plan))?|do you agree|are you in agreement)\b",
    re.IGNORECASE,
)
_PLANNED: Final = re.compile(
    r"\b(?:going to|gonna|will|i'll|we'll|i'd like|i want|order|prescrib\w+|start|continue|increase|decrease|refer\w*"
    r"|schedule|follow[- ]?up|recommend\w*|come back|take|get you)\b",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(r"\b(?:any|have|what|other) (?:other |more |further )?questions\b", re.IGNORECASE)
_NONE: Final = re.compile(
    r"^(?:(?:uh|um|oh|well|okay|alright|all right)[ ,]*)*(?:no|nope|nothing|none|not (?:at this (?:point|time)"
    r"|right now|that i"
    r"|really|today|at the moment)|i (?:do not|don't|haven't|have not|think (?:i'm|that's|you))|i can't think)\b"
    r"(?!.*\b(?:but|just|how|what|when|why|where|should|could|wonder\w*)\b)",
    re.IGNORECASE,
)


def consent_in(said: Sequence[Sentence]) -> list[Item]:
    """What the patient said of the plan as a whole, each at most once and with the turns of question and answer."""
    agreed: Item | None = None
    without: Item | None = None
    for place, one in enumerate(said):
        if one.speaker is not Speaker.PATIENT or one.question:
            continue
        before = [other for other in said[max(0, place - _BACK) : place] if other.speaker is Speaker.CLINICIAN]
        if place < len(said) // 2 or not before:
            continue
        asked = next((other for other in reversed(before) if _PUT.search(other.text)), None)
        planned = next((other for other in reversed(before) if _PLANNED.search(other.text)), None)
        held = _RESERVED.search(one.text) is not None
        if not held and ((_AGREED.search(one.text) and planned) or (asked and _YES.match(one.text))):
            sources = [other.turn_id for other in (planned, asked, one) if other is not None]
            agreed = Item("agreement", AGREES, tuple(dict.fromkeys(sources)), place=place)
        put = next((other for other in reversed(before) if _ASKED.search(other.text)), None)
        if put is not None and _NONE.match(one.text):
            without = Item("agreement", NO_QUESTIONS, (put.turn_id, one.turn_id), Polarity.NEGATED, place=place)
    return [item for item in (agreed, without) if item is not None]
