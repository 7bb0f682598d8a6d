"""Whether the patient agreed to the plan, and had questions: told only where they said so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.retelling import retell
from auscult.engines.writer.offline.sentences import Sentence

AGREES: Final = "The patient agrees with the recommended medical treatment plan."
SAID: Final = "The patient said of the plan"
"""What stands before the words of a patient who does not want what was proposed."""
REFUSES: Final = "The patient said no to what was proposed."
NO_QUESTIONS: Final = "The patient has no further questions."

LONGEST_QUOTED: Final = 30
"""Words of a refusal that are quoted with all that was said in the same turn."""
MOST_QUOTED: Final = 3
SHORTEST_QUOTED: Final = 3
"""Words of a refusal that say more than no."""
_FAR_BACK: Final = 8
"""The same for a refusal, which a clinician may have tried to talk the patient out of."""
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
    r"\b(?:but|though|although|however|not|\w+n't|no|nope|cannot|if|unless|i guess|i suppose|only)\b", re.IGNORECASE
)
"""A yes with one of these in the same breath is not taken for one."""
_REFUSED: Final = re.compile(
    r"\b(?:rather (?:not|wait|do|try|have|go|see)|prefer|refus\w+|declin\w+|hold off|think (?:about it|it over)"
    r"|changed my mind|no (?:thanks?|thank you|way)|i'?d wait|skip (?:that|it|the)"
    r"|not (?:going to (?:take|do|have|go|use|start)|happy (?:with|about)|keen|comfortable with|convinced|interested)"
    r"|not (?:so )?sure (?:about|i want)|(?:do not|don't) (?:really )?(?:want|agree|know about (?:that|this|it))"
    r"|(?:do not|don't) (?:really )?like (?:that|it|this|the (?:idea|sound|thought)|to take|taking)"
    r"|(?:won't|will not|would not|wouldn't) (?:take|have|do|go|use|start|want|accept|be taking)"
    r"|(?:can't|cannot|can not) (?:take|afford|do|have) (?:that|it|this|them|the|any))\b",
    re.IGNORECASE,
)
"""The patient does not want what was proposed, or not yet."""
_PLAIN_NO: Final = re.compile(
    r"^(?:(?:uh|um|oh|well|hmm?)[ ,]*)*(?:no|nope|nah)\b(?! (?:problem|worries|questions?|that(?:'s| is)"
    r"|i'm (?:good|fine"
    r"|okay)|it's (?:fine|okay)|(?:that )?sounds))",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(r"\bno thank", re.IGNORECASE)
"""After "any questions?" a "no thank you" answers that."""
_MILD: Final = re.compile(r"\bnot really\b", re.IGNORECASE)
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
_ASKS_OTHERWISE: Final = re.compile(
    r"\b(?:any|questions?|do you|does|did|have you|are you|is (?:it|that|there)|press\w*|push\w*|touch\w*|hurts?"
    r"|look(?:ing)? (?:at|in)|listen\w*|examin\w*)\b",
    re.IGNORECASE,
)
"""What a no may answer beside the plan."""
_OFFERED: Final = re.compile(
    r"\b(?:could|can (?:do|try|have|give)|suggest\w*|advise|option|let's|need)\b", re.IGNORECASE
)
_ASKED: Final = re.compile(r"\b(?:any|have|what|other) (?:other |more |further )?questions\b", re.IGNORECASE)
_ASKS_AFTER_ALL: Final = re.compile(r"\b(?:a|one|another|one more|my) (?:quick |last )?question\b", re.IGNORECASE)
_NONE: Final = re.compile(
    r"^(?:(?:uh|um|oh|well|okay|alright|all right)[ ,]*)*(?:no|nope|nothing|none|not (?:at this (?:point|time)"
    r"|right now|that i"
    r"|really|today|at the moment)|i (?:do not|don't|haven't|have not|think (?:i'm|that's|you))|i can't think)\b"
    r"(?!.*\b(?:but|just|how|what|when|why|where|should|could|wonder\w*)\b)",
    re.IGNORECASE,
)


def consent_in(said: Sequence[Sentence]) -> list[Item]:
    """What the patient said of the plan as a whole, each at most once and with the turns of question and answer.

    Where a patient refuses any of it, that stands in place of an agreement, in their words where it cannot be retold;
    where they ask after all, nothing says that they had no questions.
    """
    agreed: Item | None = None
    without: Item | None = None
    refused: dict[TurnId, Item] = {}
    for place, one in enumerate(said):
        if one.speaker is not Speaker.PATIENT:
            continue
        before = [other for other in said[max(0, place - _BACK) : place] if other.speaker is Speaker.CLINICIAN]
        if place < len(said) // 2 or not before:
            continue
        if one.question or _ASKS_AFTER_ALL.search(one.text):
            without = None
        proposed = [other for other in said[max(0, place - _FAR_BACK) : place] if other.speaker is Speaker.CLINICIAN]
        if _refuses(one, proposed):
            words = ". ".join(other.text.strip(" .,;") for other in _breath(said, place)).replace('"', "'").split()
            quote = " ".join(words) if len(words) <= LONGEST_QUOTED else one.text.replace('"', "'")
            quote = re.sub(r"\bi\b", "I", quote.rstrip(" .,;"))
            quoted = f'{SAID}: "{quote[:1].upper()}{quote[1:]}".' if len(quote.split()) >= SHORTEST_QUOTED else REFUSES
            text = retell(one.text, Speaker.PATIENT, "subjective") or quoted
            told = Item("agreement", text, (before[-1].turn_id, one.turn_id), Polarity.NEGATED, place=place)
            refused.setdefault(one.turn_id, told)
        if one.question:
            continue
        asked = next((other for other in reversed(before) if _PUT.search(other.text)), None)
        planned = next((other for other in reversed(before) if _PLANNED.search(other.text)), None)
        put = next((other for other in reversed(before) if _ASKED.search(other.text)), None)
        breath = [other for other in _breath(said, place) if put is None or not _NONE.match(other.text)]
        held = any(_RESERVED.search(other.text) for other in breath)
        if not held and ((_AGREED.search(one.text) and planned) or (asked and _YES.match(one.text))):
            sources = [other.turn_id for other in (planned, asked, one) if other is not None]
            agreed = Item("agreement", AGREES, tuple(dict.fromkeys(sources)), place=place)
        if put is not None and _NONE.match(one.text):
            without = Item("agreement", NO_QUESTIONS, (put.turn_id, one.turn_id), Polarity.NEGATED, place=place)
    answers = [*refused.values()][-MOST_QUOTED:] if refused else [agreed]
    return [item for item in (*answers, without) if item is not None]


def _refuses(one: Sentence, before: Sequence[Sentence]) -> bool:
    """True for a no to what the clinician said they would do, and for words that are one wherever a plan was told."""
    if not any(_PLANNED.search(other.text) or _OFFERED.search(other.text) for other in before):
        return False
    last = before[-1]
    refused = _REFUSED.search(one.text) is not None and not one.question
    if any(_ASKED.search(other.text) for other in before[-_BACK:]) and _NONE.match(one.text):
        return refused and not _THANKS.search(one.text)
    if _PLAIN_NO.match(one.text) and not _AGREED.search(one.text):
        if _PUT.search(last.text):
            return True
        planned = _PLANNED.search(last.text) and not _ASKS_OTHERWISE.search(last.text)
        if planned and len(one.text.split()) <= SHORTEST_QUOTED and not _MILD.search(one.text):
            return not last.question
    return refused


def _breath(said: Sequence[Sentence], place: int) -> list[Sentence]:
    """The sentence and those of the same turn around it: "sounds good" and "but" may be two of them."""
    turn_id = said[place].turn_id
    return [other for other in said[max(0, place - _BACK) : place + _BACK + 1] if other.turn_id == turn_id]
