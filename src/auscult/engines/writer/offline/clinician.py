"""What the clinician says: findings, results, the impression, the plan and the follow-up."""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.note_fields import IMPRESSION
from auscult.engines.writer.offline import problems
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import lower_first, sentence, speaks_of_self, to_patient
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.findings import mentions_finding

LONGEST: Final = 45
LONGEST_HEARD_BADLY: Final = 12

_LEAD = re.compile(
    r"^(?:on examination[:, ]+|(?:so|and|but|okay|ok|also|alright|all right|then|um|because)\b[, .]*"
    r"|(?:right|now|well|good|great|thank you|thanks|yes|no|fine)[,.]+\s*)+(?=\S)",
    re.IGNORECASE,
)
"""Words before what is said. "No wheeze" and "right ear" keep their first word: there it is no mere opening."""
_EXAM = re.compile(
    r"^(?:i can (?:hear|see|feel)|i (?:hear|see|feel)|there (?:is|are|was)|there's|no (?=\w)"
    r"|(?:your|the) [a-z ]{2,30}? (?:is|are|sounds?|looks?|feels?|seems?)\b"
    r"|(?:left |right |both )?(?:abdomen|chest|throat|lungs?|heart sounds|ears?|ear drums?|neck"
    r"|skin)(?: is| are| looks?| sounds?)?\b)",
    re.IGNORECASE,
)
_SEEN = re.compile(r"^i (?:can )?(?:hear|see|feel)\s+(?:that )?", re.IGNORECASE)
_RESULT = re.compile(
    r"\b(?:shows?|showed|came back|come back|comes back|has come back|is|are|was|were|normal|high|low"
    r"|positive|negative|raised)\b",
    re.IGNORECASE,
)
_NOT_THOUGHT = re.compile(
    r"^(?:i (?:do not|don't) (?:think|believe)(?: that)?\s+(?:this|it|that|you)(?: is| are|'s|'re"
    r"| have)?|(?:this|it) (?:is not|isn't|does not look like|doesn't look like))\s+"
    r"(?P<what>.+)$",
    re.IGNORECASE,
)
_THOUGHT = re.compile(
    r"^(?:(?:i (?:think|believe|suspect|am sure|am confident)|i'm (?:sure|confident|afraid)"
    r"|my impression is|the diagnosis is|it means|most likely|probably|likely)\s*(?:that\s+)?)?"
    r"(?P<subject>this|it|that|you|we|he|she)?\s*"
    r"(?P<verb>'s|'ve|is|are|has|have|had|looks like|look like|sounds like|seems like|seems to be"
    r"|was|were|could be|may be|might be|may have|might have|could have|"
    r"probably have|likely have|is probably|is likely|is most likely|is possibly|have got|'ve got|'re having|are having"
    r"|do have|does have|have what we call|'ve developed|have developed|have may have"
    r"|will be|would be)?\s+"
    r"(?P<hedge>(?:probably|likely|most likely|just|only|possibly|perhaps|to be)\s+)*(?P<what>(?:a "
    r"|an |the |some |your )?.+)$",
    re.IGNORECASE,
)
_NAMED_DIAGNOSIS = re.compile(
    r"^(?:.{0,80}\b)?(?:(?:your|my|the|his|her|primary|working) (?:diagnosis|impression)(?: here| for you"
    r"| of you| today)?"
    r" (?:is|was|would be|will be)|(?:this|that|it|which|(?:your |the |these )?symptoms|(?:your "
    r"|the )?findings) (?:is|are)"
    r"(?: most likely| likely| probably)? (?:consistent with|due to|suggestive of)"
    r"|^consistent with|\bdiagnos(?:e|ed|ing) (?:you|him|her|them) with)\s+"
    r"(?:that\s+)?(?:you(?:'ve| have)?(?: had| got)?\s+)?(?P<what>.+)$",
    re.IGNORECASE,
)
"""What is called the diagnosis, or what the symptoms are said to fit."""
_TOLD_OF: Final = re.compile(
    r"[,;]|'s\b|\s(?:so|which|because|that|who|where|when|while|as|if|could|seems?|seemed|since|usually|we|i|you|they|it's|it|this"
    r"|on (?:your|their) exam|right now|at this|now|here|today|for which|based)\b|\s(?:and|or|but) (?:i|we|you"
    r"|they|it|that"
    r"|this|then|possibly|also|so|just|maybe|there|he|she)\b",
    re.IGNORECASE,
)
"""Where the name of an illness ends, and what is told of it begins."""
_NO_ILLNESS: Final = re.compile(
    r"^(?:past|completed|injured|hurt|going|gotten|had|been|able|doing|back|aware|okay|ok|good|fine|great|here|from|at|in|on|to"
    r"|not|more|better|worse|having|getting|taking|this|that|it|these|all|those|seen|still|caused|related|history|known|what"
    r"|where|how|why|when|coming|due|up|out|because|common|important|normal|no|nothing|something|because|like)\b"
    r"|\b(?:surgery|operation|vaccine|vaccination|vaccines|immunization|whole|half)\b|\b(?:is|are|was|were|seemed|would|will|should)\b",
    re.IGNORECASE,
)
LONGEST_TERM: Final = 9
"""Words of a diagnosis."""
_SURE_LEAD = re.compile(
    r"^(?:i (?:think|believe|suspect)|i'm (?:sure|confident|afraid)|my impression|the diagnosis"
    r"|most likely|probably|this (?:is|looks|sounds|seems|could|may|might)"
    r"|it (?:is|looks|sounds|seems|could|may|might)|it's|that (?:is|looks|sounds)|(?:he|she)(?:'s"
    r"| has)(?: got)?|you (?:have|do have"
    r"|probably have|likely have|may have|might have|could have|'ve got))\b",
    re.IGNORECASE,
)
_OWNER = re.compile(r"^(?:(?:you|he|she)(?:'ve|'s| have| has)?(?: got)?|got)(?: just)?\s+", re.IGNORECASE)
"""Whose illness it is: the note is about them anyway."""
_NEXT_THOUGHT = re.compile(
    r",?\s+(?:(?:and|so)\s+)?(?:(?:i|we) (?:will|am|are|want|would|can|have|think|need|should)|i'll|i'm|we'll|let's"
    r"|let us|let me)\b",
    re.IGNORECASE,
)
"""Where the impression ends and what will be done begins, also when the recogniser heard no full stop."""
_MAYBE = re.compile(r"\b(?:may|might|could|possibly|perhaps|suspect)\b", re.IGNORECASE)
_FOLLOW = re.compile(
    r"\b(?:see (?:me|you|us|them)|come (?:(?:straight |right )?back|in again|and see)|bring (?:him"
    r"|her|them) back|return|review you|review"
    r"|follow[ -]?up|check[ -]?up|appointment|recheck|call me|ring me|call us|ring us|go (?:straight )?to (?:the )?"
    r"(?:hospital|emergency)|call an ambulance|phone us)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\bin (?:about )?(?P<n>\d+(?:\s*(?:to|or)\s*\d+)?|a|one) (?P<unit>days?|weeks?|months?|years?)\b", re.IGNORECASE
)
_SOON = re.compile(r"\b(?:if|sooner|unless|otherwise|straight away|immediately|worse|worsens)\b", re.IGNORECASE)
_WILL: Final = (
    (
        re.compile(
            r"^(?:i will|i'll|we will|we'll|i am going to|i'm going to|we are going to|we're going to"
            r"|i want to|i would like to|i'd like to)\s+(?:also |just |then )?(?P<rest>(?!have a look"
            r"|take a look|examine|listen|check your (?:blood pressure|temperature)|be (?:right )?back"
            r"|see you).+)$",
            re.IGNORECASE,
        ),
        "Will",
    ),
    (
        re.compile(
            r"^(?:let's|let us|we should|we need to|we can)\s+(?P<rest>(?!(?:take a )?look\b).+)$", re.IGNORECASE
        ),
        "To",
    ),
)
_ADVISED: Final = (
    (
        re.compile(
            r"^(?:do not|don't|you should not|you shouldn't|you must not|try not to|never)\s+(?P<rest>.+)$",
            re.IGNORECASE,
        ),
        "Advised not to",
    ),
    (
        re.compile(
            r"^(?:you should|you need to|you must|you can|you could|i want you to|i'd like you to"
            r"|i would like you to|i advise you to|please|make sure (?:that )?you|make sure to|remember to"
            r"|i suggest you)\s+(?:also )?(?P<rest>(?!have had|have been|be\b|(?:\w+ ){1,4}(?:normally|fine|well"
            r"|without (?:pain|difficulty|problems?))\W*$).+)$",
            re.IGNORECASE,
        ),
        "Advised to",
    ),
    (
        re.compile(
            r"^(?P<rest>(?:drink|rest|try|avoid|eat|keep|stay|take it|use|wash|gargle|exercise|walk|elevate"
            r"|raise|apply|put|stop|quit|cut|reduce|get|have|come|go|call|ring|see|return|book|monitor|check"
            r"|watch|continue|finish|stretch)\b.+)$",
            re.IGNORECASE,
        ),
        "Advised to",
    ),
)


_PURPOSE: Final = re.compile(
    r",?\s+(?:(?:and |or )?(?:just )?(?:to (?:see|make sure|check|look|be sure|get|know|assess|find out|rule)"
    r"|so(?: that)?|because"
    r"|'cause|since|before|until|in case|and then|and see)|and (?:then )?(?:i|we|i'll|we'll|i'm|we're))\b",
    re.IGNORECASE,
)


def examined(spoken: Sentence, *, heard_badly: bool) -> Item | None:
    """A finding of the examination: "I can hear some wheeze", "your chest is clear"."""
    text = _trim(spoken)
    if not _fits(text, heard_badly) or not _EXAM.match(text):
        return None
    if not mentions_finding(text, "sign") or (
        not mentions_finding(text, "body") and not _SEEN.match(text) and not text.lower().startswith(("no ", "there"))
    ):
        return None
    negated = re.search(r"\b(?:no|not|cannot|can't)\b|n't\b", text, re.IGNORECASE) is not None
    found = re.sub(r"\byour\b", "the", _SEEN.sub("", text), flags=re.IGNORECASE)
    if speaks_of_self(found) or re.search(r"\byou\b", found, re.IGNORECASE):
        return None
    return _item(
        "examination",
        f"On examination: {lower_first(found)}",
        spoken,
        Polarity.NEGATED if negated else Polarity.AFFIRMED,
    )


def result(spoken: Sentence, *, heard_badly: bool) -> Item | None:
    """A result that is told: "your blood test came back normal"."""
    text = _trim(spoken)
    if not _fits(text, heard_badly) or not mentions_finding(text, "test") or not _RESULT.search(text):
        return None
    if re.match(r"(?:i|we|let|you should|you need)\b", text, re.IGNORECASE):
        return None
    told = to_patient(re.sub(r"\byour\b", "the", text, flags=re.IGNORECASE))
    return None if speaks_of_self(told) else _item("result", told, spoken)


def impression(spoken: Sentence, *, heard_badly: bool) -> Item | None:
    """What the clinician thinks it is. Hedged words make it possible, not certain."""
    text = _trim(spoken)
    if not _fits(text, heard_badly) or not _names_illness(text):
        return None
    denied = _NOT_THOUGHT.match(text)
    if denied:
        return _item(
            "impression", f"Not thought to be {lower_first(to_patient(denied['what']))}", spoken, Polarity.NEGATED
        )
    match = _NAMED_DIAGNOSIS.match(text) or (_THOUGHT.match(text) if _SURE_LEAD.match(text) else None)
    if match is None:
        return None
    diagnosed = _NEXT_THOUGHT.split(_OWNER.sub("", match["what"].strip()), maxsplit=1)[0]
    what = re.sub(r"^(?:a|an|the|some|your|their)\s+", "", to_patient(diagnosed), flags=re.IGNORECASE)
    what = re.sub(r"^(?:(?:having|getting|a|an|some|the|little|bit of|what we call) )+", "", what, flags=re.IGNORECASE)
    what = re.sub(r"\b(?:of|with) (?:your|their)\b", lambda match: match[0].split()[0], what, flags=re.IGNORECASE)
    short = re.sub(r"\s+right$", "", _TOLD_OF.split(what, maxsplit=1)[0].strip(" ,.;"), flags=re.IGNORECASE)
    if not _names_illness(short) or _NO_ILLNESS.search(short) or speaks_of_self(short):
        return None
    if len(short.split()) > LONGEST_TERM or re.match(r"(?:they|should|not)\b", what, re.IGNORECASE):
        return None
    told_of = what[len(short) :].lstrip()
    whole = len(what.split()) <= LONGEST_HEARD_BADLY and told_of.startswith((",", ";", "because"))
    what = what if whole and not speaks_of_self(what) else short
    possible = _MAYBE.search(text[: match.start("what")]) is not None
    lead = "Possible" if possible else IMPRESSION
    return _item(
        "impression",
        f"{lead} {lower_first(what)}",
        spoken,
        Polarity.POSSIBLE if possible else Polarity.AFFIRMED,
        short=short,
    )


def _names_illness(text: str) -> bool:
    return mentions_finding(text, "condition") or bool(problems.keys_of(text) and not problems.is_complaint(text))


def follow_up(spoken: Sentence, *, heard_badly: bool) -> Item | None:
    """When and why to come back."""
    text = _trim(spoken)
    if (
        not _fits(text, heard_badly)
        or not _FOLLOW.search(text)
        or (mentions_finding(text, "test") and not _WHEN.search(text) and not _SOON.search(text))
    ):
        return None
    when = _WHEN.search(text)
    if when and not _SOON.search(text):
        return _item("follow_up", f"Review {when[0].lower()}", spoken)
    if not when and not _SOON.search(text):
        return None
    advised = _advised(text)
    if advised is None and not speaks_of_self(text):
        advised = f"Advised: {lower_first(to_patient(text))}"
    return _item("follow_up", advised, spoken) if advised else None


def planned(spoken: Sentence, *, heard_badly: bool) -> Item | None:
    """Anything else that is to be done."""
    text = _trim(spoken)
    if not _fits(text, heard_badly) or not mentions_finding(text, "advice", "test"):
        return None
    for pattern, lead in _WILL:
        match = pattern.match(text)
        if match:
            rest = _without_purpose(to_patient(match["rest"]))
            return None if speaks_of_self(rest) else _item("plan", f"{lead} {rest}", spoken)
    advised = _advised(text)
    return _item("plan", advised, spoken) if advised else None


def _advised(text: str) -> str | None:
    for pattern, lead in _ADVISED:
        match = pattern.match(text)
        if match:
            rest = _without_purpose(to_patient(lower_first(match["rest"])))
            return None if speaks_of_self(rest) or rest.lower() in _TOO_LITTLE else f"{lead} {rest}"
    return None


_TOO_LITTLE: Final = frozenset({"eat", "drink", "get", "have", "take it", "do", "use", "go"})
"""No advice by itself: "foods that you can eat"."""


def _without_purpose(rest: str) -> str:
    """What is to be done, without a purpose that the clinician tells of themselves."""
    if not speaks_of_self(rest):
        return rest
    kept = _PURPOSE.split(rest, maxsplit=1)[0].strip(" ,.;")
    return kept if mentions_finding(kept, "advice", "test") else rest


def _trim(spoken: Sentence) -> str:
    return _LEAD.sub("", spoken.text).strip(" ,.;!")


def _fits(text: str, heard_badly: bool) -> bool:
    return 2 <= len(text.split()) <= (LONGEST_HEARD_BADLY if heard_badly else LONGEST)


def _item(kind: str, text: str, spoken: Sentence, polarity: Polarity = Polarity.AFFIRMED, short: str = "") -> Item:
    return Item(kind, sentence(text), (spoken.turn_id,), polarity, short=short)  # type: ignore[arg-type]  # kind is one of the literals
