"""The problems of a visit: where a clinician announces one, what it is called, and what is known to go with it.

"For your first problem, your heart failure, …", "from a diabetes standpoint", "for your hypertension I want to …": what
follows is about that problem until the next one is announced, or the talk turns to something else. What goes with a
problem (`problems.tsv`) only helps to put an order under one that was announced in the same visit.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Final

from auscult.engines.writer.offline.person import speaks_of_self, to_patient
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.findings import mentions_finding
from auscult.knowledge.medicines import lookup, mentions
from auscult.knowledge.tables import rows

LONGEST_NAME: Final = 7
"""Words of a problem's name; what is longer tells of it."""
_LONGEST_SENTENCE: Final = 1_200
"""Characters of a sentence that announces a problem; what was heard in one breath for longer has no beginning."""

_ORDINAL: Final = r"(?:1st|2nd|3rd|4th|5th|first|second|third|fourth|fifth|next|last|final|other|primary|main|only)"
_KIND: Final = r"(?:problem|issue|diagnosis|concern|complaint|condition)"
_LEAD: Final = (
    r"(?:for|as for|as far as|in terms of|with regards? to|in regards? to|with respect to|in reference to|regarding"
    r"|concerning|when it comes to|moving on to|going on to|on to|to)"
)
_OWNER: Final = (
    r"(?:your|his|her|their|the|this|that|these|those|my|a|an|of|is|with|for|being|newly|newfound|diagnosed|new|known|acute"
    r"|history of|so)"
)
_COUNTED: Final = re.compile(
    rf"\b(?:{_LEAD}\s+)?(?:your?|his|her|their|the|my|this)\s+(?:{_ORDINAL}\s+)+{_KIND}s?\b(?! (?:list|with that))"
    rf"(?:\s+(?:here|today|we talked about))*[\s,:.]*",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    rf"^(?:(?:and|so|now|then|okay|for|the) )*(?:{_KIND} )?number \d+[\s,:.]+(?:is\s+)?", re.IGNORECASE
)
_ABOUT: Final = re.compile(
    rf"^(?:(?:and|so|now|then|okay|also|lastly|finally|but|alright|all right|next)\b[ ,.]*)*"
    rf"(?:{_LEAD}\s+(?:your|his|her|their|the|that)|(?:{_LEAD})\s+this)\s+(?:{_KIND}\s+(?:of|with)\s+)?",
    re.IGNORECASE,
)
_STANDPOINT: Final = re.compile(
    r"\bfrom (?:an?|the|your|his|her) (?P<what>[\w' -]{3,40}?) (?:standpoint|point of view|perspective)[\s,.]*",
    re.IGNORECASE,
)
_AT_END: Final = re.compile(r"\bfor (?:your|his|her|the) (?P<what>[\w' -]{3,40}?)(?: now)?[.,]?$", re.IGNORECASE)
_WHICH_ONE: Final = re.compile(
    r"^(?:that|which) (?:we|you|i)(?:'re| are|'ve| have)? (?:just )?"
    r"(?:talked about|discussed|mentioned|here (?:today )?for|came in (?:for|with))(?: today)?[\s,.]*",
    re.IGNORECASE,
)
_JUST_BEFORE: Final = re.compile(r"^(?:.*\b(?:so|and|for|then|now|okay)\b)?\s*", re.IGNORECASE)
_NAME_ENDS: Final = re.compile(
    r"[,.;:?!]|\s(?:i|i'm|i'll|i'd|i've|my|our|we|we'll|we're|we've|you|you're|you've|he|he's|she|she's|it|it's|they|that"
    r"|that's|this|there|there's|let's|is|are|was|were|has|have|had|seems?|looks?|sounds?|goes|which|who|because|so|so,"
    r"|but|if|when|as|right now|now|here|today|again|for|on|at|your|his|her|their|since|will|would|can|could|please"
    r"|continue|start|take|from|due|consistent|like|what|why|then|everything|all|first|again|we talked|that you)\b",
    re.IGNORECASE,
)
_AND_MORE: Final = re.compile(r"\s+(?:and|or)\s+(?:then|so|i|we|you|also|in|the|your|for)?\b.*$", re.IGNORECASE)
_NO_NAME: Final = re.compile(
    r"\b(?:exams?|examination|signs|results?|record|part|study|visit|future|time|days?|weeks?|months?|plan|rest|labs?"
    r"|x-?rays?|procedure|treatment|medications?|medicines?|next|first|same|good|thing|things|something|official|talk"
    r"|scale|echocardiogram|mri|ultrasound|biopsy|test|shot|vaccine|health|sake|moment|one|ones|know|think|want|going"
    r"|do|does|did|be|been|said|get|got|see|that|these|me|him|them|us|talked|about|discussed|rapid|swab|ray|scan)\b"
    r"|(?<!type )(?<!stage )\b\d",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(
    r"\b(?:(?:do you have|have) any questions|any (?:other )?questions|physical exam\b|examine you|let me examine"
    r"|take a (?:quick )?look at (?:you|your)|look at (?:some of )?your results|on your [a-z ]{0,20}exam"
    r"|your vital signs|(?:good|nice) (?:to see|seeing) you|finalize|nurse will|i forgot|take care)\b",
    re.IGNORECASE,
)
"""Here the talk leaves the problem it was about."""
_COMPLAINT: Final = re.compile(
    r"\b(?:pains?|aches?|aching|soreness|sore|discomfort|difficulty|trouble|shortness|breathing|swelling|headaches?"
    r"|cough|fever|swallowing|swollen|rash|nausea|vomiting|dizziness|numbness|weakness|bite|lump|hurting)\b",
    re.IGNORECASE,
)
_NO_ILLNESS: Final = re.compile(r"\b(?:surgery|operation|vaccine|vaccination)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z0-9']+")
_LITTLE: Final = frozenset(
    re.findall(
        r"\w+",
        "a an the of and or in on with to possible likely probable acute chronic some new newly diagnosed mild severe"
        " type history disease syndrome left right bilateral your their his her",
    )
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A problem that a sentence announces: its name, and what the sentence goes on to say.

    The name is empty where a problem is announced and only the next sentence will name it.

    `sure` when it was called a problem; a bare "for your hypertension" is one only if something is done about it.
    `next_only` when the announcement ends its sentence: what it is about comes after.
    """

    name: str
    rest: str
    sure: bool
    next_only: bool = False


def announced(spoken: Sentence) -> Announced | None:
    """The problem that a clinician's sentence announces; None when it announces none."""
    text = spoken.text
    if len(text) > _LONGEST_SENTENCE:
        return None
    counted = list(_COUNTED.finditer(text))
    match = counted[-1] if counted else _NUMBERED.match(text)
    if match:
        name, rest = _named(text[match.end() :])
        if name and _known(name):
            return Announced(name, rest, sure=True)
        before = _bare(_JUST_BEFORE.sub("", text[: match.start()]))
        if before and _known(before):  # "the back pain, the first problem that you are here for"
            return Announced(before, _WHICH_ONE.sub("", text[match.end() :]), sure=True)
        if name and _plausible(name) and not spoken.question:
            return Announced(name, rest, sure=True)
        return Announced("", text[match.end() :], sure=True)
    if spoken.question:
        return None
    match = _STANDPOINT.search(text)
    if match and _known(_bare(match["what"])):
        return Announced(_bare(match["what"]), text[match.end() :], sure=True)
    match = _ABOUT.match(text)
    if match:
        name, rest = _named(text[match.end() :])
        if name and _known(name):
            return Announced(name, rest, sure=False)
    match = None if text.endswith((".", "!", "?")) else _AT_END.search(text)
    if match and len(text.split()) > len(match[0].split()):
        name = _bare(match["what"])
        if _known(name) and len(name.split()) <= LONGEST_NAME:
            told = text if any(True for _ in mentions(text)) else text[: match.start()]
            return Announced(name, told, sure=False, next_only=True)
    return None


def leaves(spoken: Sentence) -> bool:
    """True where the talk leaves the problem it was about: an examination, the closing words."""
    return _ENDS.search(spoken.text) is not None


def is_complaint(name: str) -> bool:
    """True for a problem that is named by what is felt, and not by what it is: "back pain"."""
    return _COMPLAINT.search(name) is not None


def _named(text: str) -> tuple[str, str]:
    """The name at the start of what follows an announcement, and the rest."""
    start = re.match(rf"(?:[\s,:.]*\b(?:{_OWNER}|{_LEAD}|you know|um)\b)*[\s,:.]*", text, re.IGNORECASE)
    text = text[start.end() :] if start else text
    end = _NAME_ENDS.search(text)
    name = text[: end.start()] if end else text
    name = _bare(_AND_MORE.sub("", name))
    if not name or len(name.split()) > LONGEST_NAME:
        return "", text
    rest = text[end.start() :] if end else ""
    rest = re.sub(
        r"^[\s,:.]*(?:(?:goes|is concerned|that we (?:just )?talked about|again|so|now|here)\b[\s,.]*)*", "", rest
    )
    return name, rest


def _bare(name: str) -> str:
    bare = to_patient(re.sub(rf"^(?:{_OWNER}\s+)+", "", name.strip(" ,.;:-"), flags=re.IGNORECASE)).strip(" ,.;:-")
    return "" if speaks_of_self(bare) else bare


def _known(name: str) -> bool:
    """True when it names an illness or a complaint."""
    if not name or _NO_NAME.search(name) or len(name.split()) > LONGEST_NAME:
        return False
    bare = _NO_ILLNESS.sub("", name)
    return bool(keys_of(bare)) or mentions_finding(bare, "condition")


def _plausible(name: str) -> bool:
    """True for what can be a name, though no table has it: "lobectomy", "rotator cuff repair"."""
    words = _WORD.findall(name.lower())
    return bool(words) and not _NO_NAME.search(name) and len(words) <= 5 and any(len(word) > 4 for word in words)


@cache
def _table(kind: str) -> dict[str, frozenset[str]]:
    """What the table has of one kind, each with the problems that it goes with."""
    found: dict[str, set[str]] = defaultdict(set)
    for problem, own, value, _source in rows("problems.tsv", "auscult.engines.writer.offline"):
        if own == kind:
            found[value].add(problem)
    return {value: frozenset(keys) for value, keys in found.items()}


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    longest_first = sorted(_table(kind), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})s?\b", re.IGNORECASE)


def _keys(kind: str, text: str) -> frozenset[str]:
    table = _table(kind)
    return frozenset(key for match in _pattern(kind).finditer(text) for key in table[match[1].lower()])


def keys_of(text: str) -> frozenset[str]:
    """The problems of the table that a text names."""
    return _keys("name", text)


def pointed_to(text: str) -> frozenset[str]:
    """The problems of the table that a test, a referral or a word in a text points to."""
    return _keys("word", text)


@cache
def treated_by(medicine: str) -> frozenset[str]:
    """The problems of the table that a medicine's class is given for; empty when the table knows of none."""
    classes = {one.drug_class for one in lookup(medicine)}
    if "antiplatelet" in classes:
        classes -= {"nsaid"}  # aspirin, as it is ordered today
    classes |= {"antibiotic" for one in classes if one.endswith(" antibiotic")}
    classes |= {"antidepressant" for one in classes if one.endswith(" antidepressant")}
    table = _table("class")
    return frozenset(key for one in classes for key in table.get(one, ()))


def words_of_name(text: str) -> frozenset[str]:
    """The words of a text that tell one problem from another."""
    return frozenset(_WORD.findall(text.lower())) - _LITTLE
