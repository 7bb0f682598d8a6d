"""A yes-or-no question turned into what its answer says: "did you hear a pop?" - "no" is "did not hear a pop".

Only a bare yes or no is taken, and only what a history asks for: how it hurts, what was done about it, what is taken.
What a finger points at, and what is asked about the talk itself, is left.
"""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.engines.writer.offline.agreement import third_person
from auscult.engines.writer.offline.person import lower_first, sentence, speaks_of_self, to_patient

_QUESTION: Final = re.compile(
    r"^(?P<aux>do|does|did|have|has|had|are|is|was|were) (?P<subject>you|it|the (?:pain|numbness|swelling|cough"
    r"|headache|symptoms?|medicine|medication)|your (?:(?:left|right) )?(?!own\b|last\b|blood\b)[a-z]+)"
    r" (?P<rest>[a-z].*)$",
    re.IGNORECASE,
)
_ASKED_FOR: Final = re.compile(
    r"\b(?:hurts?|hurting|hurt|injur\w+|pop|walk\w*|bend|stand|weight|swollen|worse|better|improve\w*|radiates?|spread"
    r"|tak(?:e|en|ing)|medic\w+|tablets?|insulin|ic(?:e|ed|ing)|tylenol|ibuprofen|sleep\w*|wak(?:e|ing)|eat\w*|diet|salt"
    r"|exercis\w+|fall|fell|numb|constant|come and go|weak|hydrated|drinking|colonoscopy|cancer\w*|stop playing"
    r"|continue playing|diagnosed|surgery|scale|blood pressure|blood sugars?|dropping things|interfer\w+|vaccine"
    r"|mammogram|smoke\w*|oxygen|inhaler)\b",
    re.IGNORECASE,
)
"""What a history asks for."""
_POINTS: Final = re.compile(
    r"\b(?:here|there|this|that|these|those|i|me|i'm|we|us|right now|or|push|press|touch|question\w*"
    r"|refills?|ready|like a"
    r"|mean|tell|know|think|sense|sound|what|how|when i|any(?:thing|one|body) else|and|guys?|need|want"
    r"|okay|also)\b|[,?;]",
    re.IGNORECASE,
)
"""What a finger or the talk before points at, two questions in one, and what is no history."""
_PAST: Final = {
    "hear": "heard", "fall": "fell", "hit": "hit", "hurt": "hurt", "wake": "woke", "feel": "felt", "take": "took",
    "have": "had", "get": "got", "go": "went", "eat": "ate", "drink": "drank", "sleep": "slept", "stop": "stopped",
    "see": "saw", "break": "broke", "start": "started", "injure": "injured", "twist": "twisted", "notice": "noticed",
    "smoke": "smoked", "use": "used", "try": "tried", "lose": "lost", "gain": "gained", "ice": "iced",
}  # fmt: skip
_THIS_PART: Final = re.compile(
    r"\b(?:this|that) (?=(?:arm|leg|foot|hand|wrist|elbow|shoulder|knee|ankle|hip|finger|toe|ear|eye|side)\b)"
)
_BARE: Final = re.compile(r"^it (?:hurt|sore|painful)$", re.IGNORECASE)
_LONGEST: Final = 16


def turned(asked: str, *, yes: bool) -> tuple[str, Polarity] | None:
    """The statement that a bare yes (or no) to this question makes; None where it is none for a history.

    `asked` is the question without what stands before it and without its mark.
    """
    asked = _THIS_PART.sub("the ", asked)
    match = _QUESTION.match(asked)
    if match is None or not _ASKED_FOR.search(asked) or len(asked.split()) > _LONGEST:
        return None
    aux, subject, rest = match["aux"].lower(), match["subject"].lower(), match["rest"]
    if _POINTS.search(rest) or _BARE.match(f"{subject} {rest}"):
        return None
    you = subject == "you"
    told = _told(aux, rest, you=you, yes=yes)
    if not told:
        return None
    subject = "the patient" if you else to_patient(subject)
    text = f"{subject} {to_patient(told)}"
    if speaks_of_self(text):
        return None
    return sentence(lower_first(text)), Polarity.AFFIRMED if yes else Polarity.NEGATED


def _told(aux: str, rest: str, *, you: bool, yes: bool) -> str:
    """What stands behind the subject."""
    rest = re.sub(r"\b(?:at all|by chance|at any point)\b\s*", "", rest).strip()
    ever = re.match(r"(?:ever|personally|also|still)\s+", rest)
    adverb = ever[0].strip() if ever else ""
    rest = rest[ever.end() :] if ever else rest
    keeps = f"{adverb} " if adverb == "still" else ""
    if aux in {"do", "does"}:
        if not yes:
            return f"does not {keeps}{rest}" if you or aux == "does" else f"do not {keeps}{rest}"
        if aux == "do" and not you:
            return keeps + rest
        told = third_person(f"you {rest}", "you") if not rest.startswith("hurt") else f"the patient hurts{rest[4:]}"
        return keeps + told.removeprefix("the patient ") if told.startswith("the patient ") else ""
    if aux == "did":
        verb, _, after = rest.partition(" ")
        past = _PAST.get(verb.lower())
        if not yes:
            return f"did not {rest}"
        return f"{past} {after}".strip() if past else ""
    put = {"have": "has", "are": "is", "were": "was"}.get(aux, aux) if you else aux
    if yes:
        return f"{put} {keeps}{rest}"
    if put in {"has", "have", "had"} and adverb == "ever":
        return f"{put} never {rest}"
    return f"{put} not {keeps}{rest}" if not keeps else f"{put} no longer {rest}"
