"""The chief complaint: why the patient came, in the words in which that was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import of_patient, sentence, speaks_of_self, to_patient
from auscult.engines.writer.offline.sentences import Sentence
from auscult.engines.writer.offline.wording import is_noun, words_of
from auscult.knowledge.findings import mentions_finding, terms_in

_FIRST: Final = 40
"""Sentences at the start in which the reason is looked for: later a reason is that of something else."""
_SOON: Final = 16
"""Sentences in which what somebody says they have is taken for why they came."""
_LONGEST: Final = 9
_END: Final = re.compile(
    r"[,.;:?!]|(?<!\bof)(?<!\bin)(?<!\bon)(?<!\bwith)\smy\b|\s(?:i|i'm|i've|below|we|you|you're|you've|he|he's|she|she's|it|it's|they|that|that's|this|there|what|who|which"
    r"|so|but|because|since|when|where|after|right now|today|tell|over the|for (?:a|the|about|like|almost|over"
    r"|nearly|some|several|\d+)|and (?:some|i|you|we|he"
    r"|she|it|then|so|that|also|just|things?|stuff|had|has|is|was)|uh|um|okay|alright|yes|yeah|is|are|was|were|has|have|had)\b",
    re.IGNORECASE,
)
_LITTLE: Final = re.compile(
    r"^(?:(?:an?|the|some|your|my|his|her|their|this|that|these|a little(?: bit(?: of)?)?|a lot of|lots of|any|having"
    r"|lot of|terrible|horrible|fed up with|sick of|tired of|these|complaints? of|(?:a )?(?:bunch|couple"
    r"|series|number) of|concerns? (?:about|of|for)"
    r"|problems? with|issues? with|uh|um|really bad|just|like)\s+)+",
    re.IGNORECASE,
)
_STATED: Final = re.compile(
    r"\b(?:present(?:s|ed|ing)?|(?:is |'s |are |'re |were |you )?(?:here|in|coming in|came in|come in|comes in"
    r"|seen|back))(?: the hospital)?"
    r"(?: (?:today|here|now|in|back|to (?:the |our )?(?:clinic|office|see (?:me|us)))){0,3}"
    r"(?: and)? (?:for|with|because of|due to|complaining of|to (?:discuss|follow up on|establish care for))"
    r"(?: (?:the |an? )?(?:evaluation|assessment|management|concerns?|complaints?) (?:of|for|about))? (?P<what>.+)$",
    re.IGNORECASE,
)
"""How a clinician says why somebody comes: "who presents today with back pain", "here for her annual exam"."""
_SENT: Final = re.compile(
    r"\b(?:sent|referred|wanted|asked|told) (?:you|her|him|them|me)(?: (?:over|here|in|to (?:me|us|you)|back"
    r"|to (?:see|come to|come and see) (?:you|me|us)))* (?:for|because of|with) (?P<what>.+)$"
    r"|\b(?:referred by|referral from) (?:[a-z.]+ ){1,4}?(?:for|of|because of|with) (?P<why>.+)$"
    r"|\bchief complaint(?: is|:| of)? (?P<chief>.+)$",
    re.IGNORECASE,
)
_INTRODUCED: Final = re.compile(
    r"\b(?:year|month|week)s?[- ]old(?: [a-z]+){1,3}? (?:who (?:has|is here with) |with )(?!(?:an? |no"
    r" )?(?:significant )?"
    r"(?:past|known|history|medical|surgical)\b)(?P<what>.+)$",
    re.IGNORECASE,
)
"""What a patient is introduced with: "a 52-year-old man with a newly diagnosed pituitary lesion"."""
_BUT_FOR: Final = re.compile(
    r"\b(?:aside from|apart from|except for|other than|besides) (?=(?:this|these|the|my)\b)(?P<what>.+)$", re.IGNORECASE
)
"""How somebody says how they are, and why they came: "I'm doing okay aside from this left shoulder pain"."""
_HEARD: Final = re.compile(
    r"\b(?:(?:told me|i (?:see|saw|heard|understand|hear)|looks like|says?|said|notes?)\b.{0,40}?)"
    r"\b(?:you|she|he|they)(?:'re|'ve| are| were| have| has| had|'s| is)?(?: been| got| think)? (?:having|had|have|got"
    r"|experiencing|hurt|injured) (?P<what>.+)$",
    re.IGNORECASE,
)
_VISIT: Final = re.compile(
    r"^(?:(?:routine|medication|prescription|annual|yearly|regular|emergency room"
    r"|emergency department|er|hospital|post[- ]?op\w*"
    r"|wellness|physical"
    r"|second|surgical|new patient|\d+[- ]\w+)\s+)*"
    r"(?:follow[- ]?ups?|exam|examination|visit|physical|check[- ]?ups?|opinion"
    r"|consult(?:ation)?|evaluation|screening|refills?)\b",
    re.IGNORECASE,
)
_RESULT: Final = re.compile(
    r"^(?:abnormal|low|high|elevated)(?: \w+){0,4} (?:levels?|counts?|labs?|results?|findings?)$", re.IGNORECASE
)
_DISEASE: Final = re.compile(
    r"(?:\w{3,}(?:itis|osis|emia|oma|opathy|ism|uria)|cancer|disease|syndrome|disorder|fracture|tear|sprain|injury"
    r"|infections?|twitch|cyst|lesion|mass|lump)$",
    re.IGNORECASE,
)
"""How the names of diseases end that are not in the list of findings."""
_SITED: Final = re.compile(
    r"\b(?:my|your|the|this)\s+(?P<side>(?:(?:left|right|lower|upper|middle|index|big|whole)\s+)*)(?P<part>[a-z]+)"
    r"(?:\s+(?:is|are|has been|have been|here|really|just|started|starts|keeps|it|'s|still|been|kind of|also))*"
    r"\s+(?:hurt(?:s|ing)?|sore|painful|aching|aches?|killing)\b"
    r"|\b(?P<what>pain|swelling|numbness|tingling|weakness|rash|lump)(?: \w+){0,3}? (?:in|at|of|on|under|around)"
    r" (?:the end of )?(?:my|your|the|this)\s+"
    r"(?P<side2>(?:(?:left|right|lower|upper|middle|index|big|whole|both)\s+)*)(?P<part2>[a-z]+)\b",
    re.IGNORECASE,
)
"""Where it hurts: "my right knee hurts", "a lot of pain in my right middle finger"."""
_HURT: Final = re.compile(
    r"\b(?:i|you|she|he)(?:'ve| have)? (?:just )?(?:hurt|injured|twisted|sprained|broke) (?:my|your|her|his)\s+"
    r"(?P<side>(?:(?:left|right|lower|upper|middle|index|big)\s+)*)(?P<part>[a-z]+)\b",
    re.IGNORECASE,
)
_TROUBLED: Final = re.compile(
    r"\b(?:here (?:today )?for|(?:problems?|issues?|trouble) with) (?:an?|my|your|the|his|her|this|that)"
    r" (?P<part>(?:left|right) (?:(?:lower|upper|middle|index|big) )?[a-z]+)(?=[ ,.?]*$|,| (?:and|so"
    r"|today|for|since)\b)",
    re.IGNORECASE,
)
_HIGH_PRESSURE: Final = re.compile(
    r"\b(?:my|your|his|her) blood pressure(?:'s| is| was| has been| had been)(?: been| running| still|"
    r" quite| a bit| really"
    r"| very| pretty)* (?:high|elevated)\b",
    re.IGNORECASE,
)
_DENIES: Final = re.compile(
    r"^(?:(?:uh|um|oh|well|sorry|actually)[ ,]*)*(?:no|nope|not|it's not|that's not)\b", re.IGNORECASE
)
_ANOTHER_TIME: Final = re.compile(
    r"\b(?:was|were) (?:last )?(?:here|in|seen|back)\b.*\b(?:last|ago|before|previously|in (?:january"
    r"|february|march|april|may|june|july|august|september|october|november|december|\d{4}))\b",
    re.IGNORECASE,
)
"""Why somebody came another time."""
_NOT_SO: Final = re.compile(r"\b(?:no|not|never|without|any|used to|last (?:year|time|visit))\b|n't\b", re.IGNORECASE)


def reason_for_visit(said: Sequence[Sentence]) -> Item | None:
    """The chief complaint as a statement, with its side where only one is spoken of; None where nobody says it."""
    found = _reason(said[:_FIRST])
    return None if found is None else _sided(found, said)


def _reason(first: Sequence[Sentence]) -> Item | None:
    denied = {place for place in range(len(first)) if _is_denied(first, place)}
    for pattern, speakers in (
        (_STATED, _CLINICIANS),
        (_SENT, _CLINICIANS),
        (_HEARD, _CLINICIANS),
        (_STATED, _PATIENTS),
        (_SENT, _PATIENTS),
        (_BUT_FOR, _PATIENTS),
        (_HEARD, _PATIENTS),
        (_INTRODUCED, _CLINICIANS),
    ):
        for place, one in enumerate(first):
            if one.speaker in speakers and not _ANOTHER_TIME.search(one.text):
                match = pattern.search(one.text)
                what = _named(next(filter(None, match.groups()))) if match else ""
                if what and not (place in denied and not _asks_side(first, place, what)):
                    return _complaint(what, one)
    for place, one in enumerate(first[:_SOON]):
        complaint = _complained(one)
        if complaint is not None and not (place in denied and not _asks_side(first, place, complaint.text)):
            return complaint
    for one in first:
        match = _HURT.search(one.text)
        if match and not _NOT_SO.search(one.text) and terms_in(match["part"], "body"):
            return _complaint(f"{match['side']}{match['part']} injury".lower(), one)
    for one in first:
        match = _TROUBLED.search(one.text)
        if match and terms_in(match["part"], "body"):
            return _complaint(f"{match['part']} problem".lower(), one)
        if _HIGH_PRESSURE.search(one.text) and not _NOT_SO.search(one.text):
            return _complaint("high blood pressure", one)
    return None


def _is_denied(first: Sequence[Sentence], place: int) -> bool:
    """True when the next to speak says that it is not so."""
    one = first[place]
    after = next((other for other in first[place + 1 :] if other.turn_id != one.turn_id), None)
    return (
        one.speaker in _CLINICIANS
        and after is not None
        and after.speaker in _PATIENTS
        and _DENIES.match(after.text) is not None
    )


def _asks_side(first: Sequence[Sentence], place: int, what: str) -> bool:
    """True when the denial is of the side alone: it names the other side, and the same part of the body or none."""
    turn_id = next(other.turn_id for other in first[place + 1 :] if other.turn_id != first[place].turn_id)
    answer = " ".join(other.text for other in first if other.turn_id == turn_id)
    parts = set(terms_in(what, "body"))
    return _OWN_SIDE.search(answer) is not None and bool(parts) and not set(terms_in(answer, "body")) - parts


def _complained(one: Sentence) -> Item | None:
    """What somebody says hurts, or a patient says they have: whichever comes first in the sentence."""
    sited, has = _SITED.search(one.text), _HAS.search(one.text) if one.speaker in _PATIENTS else None
    if one.question or _NOT_SO.search(one.text[: sited.end()] if sited else one.text):
        return None
    what = _named(has["what"]) if has else ""
    hurt = _HURT.search(one.text)
    if hurt and not sited and terms_in(hurt["part"], "body") and not terms_in(what, "symptom"):
        return _complaint(f"{hurt['side']}{hurt['part']} injury".lower(), one)
    if sited and has and what and has.end("what") > has.start("what") and has.start("what") + len(what) < sited.start():
        sited = None
    if sited:
        side, part = sited["side"] or sited["side2"] or "", sited["part"] or sited["part2"]
        if terms_in(part, "body"):
            return _complaint(f"{side}{part} {sited['what'] or 'pain'}".lower(), one)
    return _complaint(what, one) if what else None


_CLINICIANS: Final = frozenset({Speaker.CLINICIAN, Speaker.UNKNOWN})
_PATIENTS: Final = frozenset({Speaker.PATIENT, Speaker.OTHER})
_HAS: Final = re.compile(
    r"\bi(?:'ve| have|'m| am|'ve been| have been)?(?: been| also| just| still| really)* (?:having|have|had|got|getting"
    r"|noticed|noticing) (?P<what>.+)$",
    re.IGNORECASE,
)


def _complaint(what: str, one: Sentence) -> Item:
    return Item("complaint", sentence(what), (one.turn_id,))


def _sided(complaint: Item, said: Sequence[Sentence]) -> Item:
    """The reason with the side of the body that is said elsewhere; without any where both sides are.

    What is said at the start decides, and where no side is said there, the rest. A side that is denied is none.
    """
    what = complaint.text.rstrip(".")
    part = next(iter(terms_in(what, "body")), "")
    if not part:
        return complaint
    pattern = re.compile(
        rf"(?<!not the )(?<!not my )(?<!not your )\b(?P<side>left|right)(?: (?:lower|upper|middle|index))*"
        rf" {re.escape(part)}\b",
        re.IGNORECASE,
    )
    spoken: list[tuple[str, Sentence]] = []
    for stretch in (said[:_FIRST], said):
        spoken = spoken or [
            (match["side"].lower(), one)
            for place, one in enumerate(stretch)
            for match in pattern.finditer(one.text)
            if not _is_denied(stretch, place)
        ]
    sides = {side for side, _one in spoken}
    own = _OWN_SIDE.search(what)
    if sides and own and own[0].lower() in {"left", "right"} - (sides if len(sides) == 1 else set()):
        what, own = re.sub(r"\b(?:left|right)\s+", "", what, flags=re.IGNORECASE), None
    if len(sides) == 1 and own is None and what.lower().startswith(part):
        side, one = spoken[0]
        turns = tuple(dict.fromkeys((*complaint.turn_ids, one.turn_id)))
        return replace(complaint, text=sentence(f"{side} {what[:1].lower()}{what[1:]}"), turn_ids=turns)
    return replace(complaint, text=sentence(what))


_OWN_SIDE: Final = re.compile(r"\b(?:left|right|both|bilateral)\b", re.IGNORECASE)


def _named(text: str) -> str:
    """The reason at the start of what follows; empty when it is no finding and no kind of visit."""
    name = _LITTLE.sub("", _CUT_OFF.sub("", text))
    end = _END.search(name)
    name = name[: end.start()] if end else name
    name = of_patient(to_patient(_DANGLING.sub("", name))).strip(" ,.;:-")
    name = _AGAIN.sub(r"\2", re.sub(r"(?<=\w )(?:their|his|her) ", "", name))
    if not 1 <= len(name.split()) <= _LONGEST or speaks_of_self(name) or _NOT_SO.search(name):
        return ""
    found = (
        name.lower() not in _VAGUE
        and "allerg" not in name.lower()
        and (mentions_finding(name, "symptom", "condition") or _RESULT.match(name) or _DISEASE.search(name))
    )
    if name.lower() in _VAGUE or re.match(r"pain (?:at|in the) ", name, re.IGNORECASE) or not is_noun(words_of(name)):
        return ""
    return name if _VISIT.match(name) or found else ""


_VAGUE: Final = frozenset({"pain", "sick", "sore", "problems", "bad", "tired", "injury", "surgery", "evaluation"})
_CUT_OFF: Final = re.compile(r"\b[a-z]+- ", re.IGNORECASE)
_AGAIN: Final = re.compile(r"^(.+) ((?:left|right) \1)$", re.IGNORECASE)
_DANGLING: Final = re.compile(
    r"(?:\s+(?:think|over|with|in|on|at|of|to|for|the|an?|and|or|nor|but|if|when|because|that"
    r"|than|any|my|your|their|is|are|has|had|am|from|the other day))+\s*$",
    re.IGNORECASE,
)


def presents(complaint: Item) -> Item:
    """How the history begins where nobody introduced the patient: that they come, and for what."""
    what = complaint.text.rstrip(".")
    what = what if what.split()[0].isupper() else what[:1].lower() + what[1:]
    visit = _VISIT.match(what)
    if visit is None:
        what = f"evaluation of {what}"
    elif not what.startswith("follow"):
        what = f"{'an' if what[0] in 'aeiou' else 'a'} {what}"
    return replace(complaint, kind="reason", text=sentence(f"The patient presents today for {what}"))
