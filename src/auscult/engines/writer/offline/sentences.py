"""Turns become sentences, also where the recogniser gave no punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker, Transcript, Turn
from auscult.engines.writer.offline.fluent import fluent, joined
from auscult.engines.writer.offline.punctuation import punctuated
from auscult.knowledge.numerals import digits

LONGEST_TURN: Final = 20_000
"""Characters of one turn that are read; a longer one is a fault of the recogniser, not a person's speech."""

_BREAK = re.compile(r"(?<=[.?!।])(?<!\bdr\.)(?<!\bmr\.)(?<!\bmrs\.)\s+", re.IGNORECASE)
_CLAUSE = re.compile(
    r"(?<!\byes)(?<!\byeah)(?<!\bno)(?<!\bif)(?<!\bwhen)(?<!\bthat)(?<!\bthink)(?<!\bbecause)"
    r"(?<!\blong)(?<!\boften)(?<!\bwhat)(?<!\bwhere)(?<!\bhow)(?<!\bwhich)(?<!\bmuch)(?<!\bmany)(?<!\bwhy)(?<!\bof)(?<!\bin)(?<!\bon)(?<!\bto)(?<!\bwith)(?<!\bfor)(?<!\bat)(?<!\bfrom)(?<!\binto)(?<!\bover)"
    r"(?<!\band)(?<!\bbut)(?<!\bso)(?<!\bdo)(?<!\bdid)(?<!\bdoes)(?<!\bshould)"
    r"\s+(?=(?:and |but |so )?(?:i (?:think|will|can|have|am|do|feel|take|stopped)\b|i'll\b|i've\b"
    r"|it (?:is|was|has|hurts|started)\b|it's\b"
    r"|i'm\b|see (?:me|you) again\b"
    r"|come back\b|(?:take|use|inhale) (?:\d|a |half)|your (?:temperature|blood pressure|oxygen|pulse"
    r"|heart rate|chest|throat"
    r"|abdomen|ears?|weight)\b|let me\b|let's\b|we(?:'ll| will)\b|my (?:chest|head|throat|stomach|back|leg|knee)"
    r" (?:is|was|has|hurts?|feels?|felt|started|keeps?|aches?|gets?|got|still|really|just|been)\b"
    r"|are you\b|do you\b|have you\b|any other\b))",
    re.IGNORECASE,
)
_BUT = re.compile(r",?\s+but\s+(?=(?:i|my|it|yes|no|there|the|some|a)\b)", re.IGNORECASE)
_COMMA = re.compile(
    r",\s+(?=(?:so |and |but )?(?:it's|it is|this is|i think|i'll|i will|i'm going to|we will|we'll"
    r"|come back|see me|i take|i'm on|i am on|i use)\b)",
    re.IGNORECASE,
)
"""A comma after which a new thought begins: "you don't need antibiotics, it's just a cold"."""
_ASKING = re.compile(
    r"^(?:(?:and|so|okay|ok|right|now|also|well|um|uh|alright|all right|then|but|great|good|sure)[, ]+)*"
    r"(?!have (?:you|him|her|them) (?:continue|check|take|use|start|come|follow|try|do|keep|wear|go|see|stop"
    r"|increase)\b)"
    r"(?:(?:do|does|did|have|has|are|is|was|were|can|could|would|will|should) (?:you|your|i|it|the"
    r"|there|he|she|they|this|that)\b"
    r"|any \w+|how (?:long|bad|often|many|much|are|is|does|did|about|do|have|can)\b"
    r"|what\b(?! (?:i|we)(?:'d|'m|'ll|'re| would| will| am| are| want| think| have)\b)"
    r"|when (?:did|do|does|is|was|should|can)\b"
    r"|where\b|which\b(?! (?:is|was|are|were|shows?|means?|has|have|helps?|i|we|you)\b)|who\b|why\b|tell me\b)",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"(?<=\w)\s*,\s*(?:okay|ok|all right|alright|you know|you see|huh)\s*\?$", re.IGNORECASE)
"""What makes a statement sound like a question, and asks nothing: "I'd like to order an echocardiogram, okay?"."""
_STATING: Final = re.compile(
    r"^(?:(?:and|so|okay|ok|right|now|also|well|um|uh|alright|all right|then|but|because|hey dragon)[, ]+)*"
    r"(?:i|i'm|i'd|i'll|i've|we|we're|we'd|we'll|we've|what (?:i|we)\S* \w+|have (?:you|him|her|them) \w+|let's"
    r"|there(?:'s| is| are| was| were)|your (?:[a-z]+ ){1,4}(?:is|are|was|were|looks?|sounds?|shows?))\b"
    r"(?!.*\b(?:do|does|did|have|are|is|were|was|can|could|would|will) (?:you|it|that|this|they|he|she|there)\b)"
    r"(?!.*\b(?:correct|right|any|what|how|where|who|which|why)\W*$)",
    re.IGNORECASE,
)
"""What a clinician states, whatever mark was guessed behind it; it asks nothing inside."""
_SHORT: Final = 8
"""Words of a sentence whose end was guessed, up to which it is taken for one thought."""
_LONG: Final = 14
_LONG_WRITTEN: Final = 24
"""Words of a clause without, and with, punctuation; a longer one is cut at every place where a new one can begin.

Words that were misheard are not cut: half of a sentence that makes no sense may seem to make some.
"""
_NEW_CLAUSE = re.compile(
    r",?\s+(?=(?:and|so|but|because|okay|alright|now|then)\s+(?:(?:then|so|okay|now|uh|um|like|also)\s+)*"
    r"(?:i|i'm|i'd|i've|i'll|you|you're|you've|we|we're|we'll|it|it's|he|he's|she|she's|they|they're|that's|this"
    r"|there|there's"
    r"|your|my|let|let's|if|when|for your|for the)\b)"
    r"|,?\s+(?=(?:let's|we're|i'm|i'd|i've|i'll|we'll)\s+(?:going|gonna|gon|like|also|been|have|see|do|go|get)\b)"
    r"|,?\s+(?=(?:i|we) (?:want|need|would like|recommend) (?:you )?to\b)|,?\s+(?=(?:i'd|we'd) like you to\b)"
    r"|,?\s+(?=(?:and )?what (?:brings|brought) you\b)"
    r"|,?\s+(?=(?:i|you) (?:do|don't|did|didn't|also|see|can|can't|have|had|am|are|appreciate|hear|feel|identify"
    r"|recognize)\b)"
    r"|,?\s+(?=(?:on|in) your (?:[a-z]+ ){0,3}exam\b)|,?\s+(?=your (?:heart|lungs?|neck|abdomen|throat|skin|vital"
    r"|x-ray|labs?|blood"
    r"|ekg|echo|ct|mri|hemoglobin|strength|knee|ankle|right|left|chest) )|,?\s+(?=there(?:'s| is| are) )"
    r"|,?\s+(?=however\b)|,?\s+(?=(?:and |so |now )*(?:listen(?:ing)? to|looking at|on) your\b)|,?\s+(?=so now\b)"
    r"|,?\s+(?=(?:so |now |and )*(?:lem me|let me)\b)"
    r"|,?\s+(?=(?:how|what|where|when|why) (?:is|are|was|were|do|does|did|have|has|about)\b|(?:is|are|was"
    r"|were) there (?:any|some|a)\b"
    r"|(?:do|did|have|are|can|were) you\b|does (?:it|that)\b)"
    r"|,?\s+(?=for (?:your|the|this|his|her) (?:1st|2nd|3rd|4th|first|second|third|fourth|next|last|other|primary"
    r"|main) (?:problem|issue|diagnosis|concern)\b)",
    re.IGNORECASE,
)


_LOOKS_AT = re.compile(
    r"^(?:(?:and|so|now|okay|alright|then|sorry)\s+)*(?:on|in|with|for) (?:your|the) (?:[a-z]+ ){0,5}exam(?:ination)?$",
    re.IGNORECASE,
)
"""What is examined; what was found is the clause behind it."""
_OKAY = re.compile(
    r"(?<!doing)(?<! is)(?<!'s)(?<! are)(?<! feel)(?<!feeling)(?<! be)(?<!looks)(?<!look)\s+(?:okay|ok|alright"
    r"|all right|yeah|yep)\b(?=[\s.]|$)",
    re.IGNORECASE,
)
"""An acknowledgement in the middle: a thought ends before it."""
_WAITS = re.compile(
    r"\b(?:if|that|whether|when|where|while|what|why|how|which|who|because|since|until|unless|than|as|like|think"
    r"|thought|know|say|said|says"
    r"|believe|see|feel|hope|sure|sounds|seems|looks|means|mean|tell|told|do|does|did|don't|didn't|have|has|had"
    r"|haven't|is|are|was|were|am|be"
    r"|been|can|could|would|will|should|may|might|must|not|never|no|a|an|the|of|for|to|with|in|on|at|by|from|about"
    r"|into|over|under|your|my"
    r"|his|her|their|this|these|those|and|or|but|so|any|some|then|also|just|really|make|let|want|need)\s*$",
    re.IGNORECASE,
)
"""Words that a clause does not end with."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its number words in digits. `first` is true for the first of its turn."""

    turn_id: TurnId
    speaker: Speaker
    text: str
    question: bool
    first: bool

    @property
    def lower(self) -> str:
        """Its text in lower case with straight apostrophes."""
        return self.text.lower()


_SIDE_CORRECTED: Final = re.compile(
    r"\b(?P<side>left|right) (?P<what>[a-z]+(?: (?:pain|injury|swelling))?)"
    r"(?:(?P<hurts> (?:is |has been )?(?:hurts?|hurting|sore|aches?|aching|painful|swollen))?"
    r"[ ,.;-]+(?:(?:oh|uh|um|no)[ ,.]+)*(?:i mean|i'm sorry|sorry|or rather|wait|correction|no[,.])"
    r"(?:[ ,.]+(?:no|i mean|actually|sorry|it's|it is|that's|i meant|not left|not right))*[ ,.]+"
    r"(?:(?:the |my |your |his |her )?(?P<now>(?!(?P=side))(?:left|right)) (?P=what)\b"
    r"|(?:the|my|your|his|her) (?P<other>(?!(?P=side))(?:left|right))(?: (?:one|side))?(?=[ ,]*(?:[.;]|$)))"
    r"|[ ,.;-]+(?P<again>(?!(?P=side))(?:left|right)) (?P=what)[ ,.?]+(?P=again) (?P=what)\b)"
    r"(?!\s+(?:and|or)\b)",
    re.IGNORECASE,
)
"""One side said and at once corrected, in so many words or by saying the other twice: "left leg, sorry, right leg".

Two sides one after the other are two findings: "5 in the left leg, right leg is 4".
"""


def sentences(transcript: Transcript) -> list[Sentence]:
    """Every English sentence of a transcript, in order. Turns in another language are left to other writers."""
    return [
        sentence
        for turn in transcript.turns
        if turn.language.lower().startswith("en") or turn.language in {"", "und", "auto"}
        for sentence in _of_turn(turn, cut=not transcript.engine.demo_quality)
    ]


def _corrected(match: re.Match[str]) -> str:
    return f"{match['now'] or match['other'] or match['again']} {match['what']}{match['hurts'] or ''}"


def _of_turn(turn: Turn, *, cut: bool) -> Iterator[Sentence]:
    text = _SIDE_CORRECTED.sub(_corrected, joined(digits(turn.text[:LONGEST_TURN])))
    marked = punctuated(text) if cut else text
    guessed = marked != text
    pieces = [
        clause
        for piece in _BREAK.split(marked)
        for bit in _OKAY.split(piece)
        for clause in _clauses(bit, cut=cut, guessed=guessed)
    ]
    for number, piece in enumerate(pieces):
        kept = _NOT_IF.sub("", _TAG.sub(".", fluent(piece)))
        if any(character.isalnum() for character in kept):
            ended = kept.endswith((".", "!")) and not guessed
            if guessed and turn.speaker is Speaker.CLINICIAN and kept.endswith("?") and _STATING.match(kept):
                kept = f"{kept[:-1]}."
            asked = kept.endswith("?") or (not ended and _ASKING.match(kept) is not None)
            yield Sentence(turn.id, turn.speaker, kept, asked, first=number == 0)


def _clauses(piece: str, *, cut: bool, guessed: bool) -> list[str]:
    """Cut a stretch at "but", and, where it has no punctuation of its own, where a new thought seems to begin.

    `guessed` says that its end was not written by whoever wrote the words.
    """
    open_end = piece.rstrip(".?!")
    bare = not re.search(r"[.?!,;:।]", open_end)
    parts = [piece]
    if bare and (open_end == piece or (guessed and len(piece.split()) > _SHORT)):
        parts = _CLAUSE.split(open_end)
        parts[-1] += piece[len(open_end) :]
    parts = [clause for part in parts for clause in _BUT.split(part)]
    parts = [clause for part in parts for clause in _after_answers(part)]
    longest = _LONG if bare else _LONG_WRITTEN
    return [clause for part in parts for clause in (_cut(part) if cut and len(part.split()) > longest else [part])]


_NOT_IF: Final = re.compile(r"^not (?=(?:if|when|unless)\b[^,]+, (?:i|it|my|they|he|she|there)\b)", re.IGNORECASE)
"""The "no" of "not if i'm on my feet, i'll notice a swelling": the condition says when it is otherwise."""
_ENSURES: Final = re.compile(r"\bmake sure\b(?!.*\b(?:i|you|we|it|he|she|they|there)\b)", re.IGNORECASE)
"""What is made sure is still to come: alone it would be told as a fact."""
_LAST: Final = 40
"""Characters at the end of a clause that its last word is looked for in."""


def _cut(part: str) -> list[str]:
    """Cut a long stretch where a new clause can begin; never behind a word that the next one belongs to."""
    clauses: list[str] = []
    for piece in _NEW_CLAUSE.split(part):
        if clauses and (
            _WAITS.search(clauses[-1][-_LAST:]) or _LOOKS_AT.match(clauses[-1]) or _ENSURES.search(clauses[-1])
        ):
            clauses[-1] = f"{clauses[-1]} {piece}"
        else:
            clauses.append(piece)
    return clauses


_ANSWERS: Final = re.compile(r"(?:yes|yeah|no|well|okay|ok|so|oh)", re.IGNORECASE)
_LIMITING: Final = re.compile(
    r"^\s*(?:(?:not|and|but|so|then|only|especially|even|just|yeah|well) )*(?:if|when|whenever|unless|once|after"
    r"|before|while|although|though)\b(?!.*,)",
    re.IGNORECASE,
)
"""A condition that is still alone: what stands behind its comma is what it limits."""


def _after_answers(part: str) -> list[str]:
    """Cut at commas, but never between a yes or no and what it introduces."""
    clauses: list[str] = []
    for clause in filter(None, _COMMA.split(part)):
        if clauses and (_ANSWERS.fullmatch(clauses[-1].strip()) or _LIMITING.match(clauses[-1])):
            clauses[-1] = f"{clauses[-1]}, {clause}"
        else:
            clauses.append(clause)
    return clauses
