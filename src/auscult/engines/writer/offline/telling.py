"""What the patient tells without being asked, in the third person: "Reports…", "Denies…", "Allergic to…"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.complaints import complaints_in
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import lower_first, of_patient, sentence, speaks_of_self
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.findings import mentions_finding
from auscult.knowledge.medicines import mentions

LONGEST: int = 45
"""Words of one sentence that are still retold; a longer one is a sentence that was not understood."""
LONGEST_HEARD_BADLY: int = 9
"""The same where the recogniser's text is of demo quality."""
MOST_MENTIONED: int = 4
"""Complaints picked from one long sentence; more would be a list and no pointer."""

_LEAD = re.compile(
    r"^(?:(?:but|and|so|yes|yeah|okay|ok|actually|also|then|doctor|oh|um|because|sorry)\b[, .]*"
    r"|well(?=,? doctor)[, ]+|(?:well|like)[,.]+\s*"
    r"|no(?:[,.]+\s*|\s+(?=no\b|i\b|i'm\b|i've\b|it\b|but\b)))+(?=\S)",
    re.IGNORECASE,
)
"""Words before what is said. The "no" of "no fever" is not one of them."""
_DENIES = re.compile(
    r"^(?:i (?:do not|don't|haven't|have not|did not|didn't|never|have never)\s+(?:have|had|got|get"
    r"|feel|noticed?|been having)(?: any| a| an)?"
    r"|i have no|i've no|i've had no|i have had no|i've got no|there is no|there's no|there was no"
    r"|no)\s+(?P<noun>.+)$",
    re.IGNORECASE,
)
_HAS = re.compile(
    r"^(?:i have had|i've had|i have got|i've got|i have been having|i've been having|i was having|i keep having"
    r"|i have been getting|i've been getting|i have|i had"
    r"|i am having|i'm having|i keep getting|i am getting|i'm getting|i get|i got|there is|there's"
    r"|just)\s+(?P<noun>(?!to\b|been\b|not\b|never\b).+)$",
    re.IGNORECASE,
)
_BEEN = re.compile(
    r"^(?:i have been|i've been|i am|i'm|i was|i keep)\s+(?P<rest>(?!having\b)\w+ing\b.*)$", re.IGNORECASE
)
_FEELS = re.compile(
    r"^(?:i have been |i've been |i am |i'm )?feel(?:ing)?\s+(?P<rest>.+)$|^i feel\s+(?P<also>.+)$", re.IGNORECASE
)
_IS = re.compile(r"^(?:i am|i'm)\s+(?P<rest>(?!allergic|not sure|sorry).+)$", re.IGNORECASE)
_ALLERGIC = re.compile(
    r"\b(?:allergic to|allergy to|allergies to|react(?:s|ed)? (?:badly )?to)\s+(?P<what>(?!any\b"
    r"|anything\b|the\b\s*$)[a-z0-9' -]+?)"
    r"(?=\s+(?:and (?:it|i|my)|it |i |which|but|since|so)\b|[.,;!?]|$)",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(r"\b(?:your?|people|patients|can|could|may|might|would|will|risk)\b", re.IGNORECASE)
"""Before "react to" these explain what may be; nobody has reacted: "your body can react to some blood products"."""
_NO_ALLERGY = re.compile(
    r"\b(?:not allergic|no (?:known )?(?:drug )?allerg|don't have any allerg|do not have any allerg)", re.IGNORECASE
)
_REACTION = re.compile(
    r"(?:^|\b(?:and|,)\s*)(?P<what>(?:(?:it|that|they) )?(?:gives?|gave|makes?|made|causes?|caused|brings?"
    r"|brought)\b.+|i (?:get|got|come out in|came out in)\b.+)$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\b(?:i|i'm|i've|my|me|it|it's|they|he|she|we|this|that|there|the (?:pain|cough|fever|rash"
    r"|headache|swelling))\b",
    re.IGNORECASE,
)
"""Who or what a sentence is about. Without one it is noise that happens to hold a clinical word."""
_LESS = re.compile(r"^(?:quite |nearly |really )?as much (?P<what>\w.*)$", re.IGNORECASE)
"""Who does not have "as much pain" still has some."""
_FEELS_TOO = re.compile(
    r",? (?:but |and )?(?:i )?(?:just )?(?:kind of |kinda |sort of )?feel like (?=\w)", re.IGNORECASE
)
"""Behind a denial another sentence begins with it: "no fever feel like i am bringing up phlegm"."""
_HANGS = re.compile(r"(?:,? (?:just|but|you know|anything|though))+$", re.IGNORECASE)
_NAMED_ALLERGY = re.compile(r"\ballerg(?:y|ies)\b", re.IGNORECASE)
_BAD_REACTION = re.compile(
    r"\b(?:rash|hives|swelling|swelled up|swollen|itching|reaction|anaphyla\w+|couldn't breathe)\b[^.]*?"
    r"\b(?:with|from|after|to|on|when (?:i|he|she) (?:had|took))\b",
    re.IGNORECASE,
)
_GIVES = re.compile(
    r"^\s*(?:always |once )?(?:gives?|gave|brings?|brought|makes?|made|causes?|caused)\s+(?:me|him|her|them)\b"
    r"[^.]*\b(?:rash|hives|swell\w*|swollen|itch\w*|reaction|sick|vomit|throw up|anaphyla\w+|breathe|wheeze)\b",
    re.IGNORECASE,
)
"""What a medicine named before it does: "penicillin gives me a rash"."""
_NEGATION = re.compile(r"\b(?:not|no|never|without|none)\b|n't\b", re.IGNORECASE)


@dataclass
class Allergy:
    """What the patient is allergic to, and what it does, once that is said too."""

    allergen: str
    reaction: str
    turn_ids: list[TurnId]
    told: str = ""
    """The whole statement, where the allergy was told in other words than "allergic to"."""

    @property
    def item(self) -> Item:
        """Its statement."""
        text = self.told or f"Allergic to {self.allergen}" + (f": {self.reaction}" if self.reaction else "")
        return Item("allergy", sentence(text), tuple(dict.fromkeys(self.turn_ids)))


def allergy_in(spoken: Sentence) -> Allergy | None:
    """The allergy that a patient's sentence tells of."""
    match = _ALLERGIC.search(spoken.text)
    if match is None:
        return _reaction_to_medicine(spoken)
    if "react" in match[0].lower() and _EXPLAINED.search(spoken.text[: match.start()]):
        return None
    if _NO_ALLERGY.search(spoken.text) or re.search(r"\bnot\b|n't\b", spoken.text[: match.start()]):
        return None
    allergen = of_patient(match["what"]).strip()
    if not 1 <= len(allergen.split()) <= 6:
        return None
    reaction = _REACTION.search(spoken.text[match.end() :].strip(" ,.;"))
    return Allergy(lower_first(allergen), _reaction(reaction["what"]) if reaction else "", [spoken.turn_id])


def _reaction_to_medicine(spoken: Sentence) -> Allergy | None:
    """A "penicillin allergy", or a reaction that nobody called one: "he had a rash with amoxicillin", told as said."""
    called = _NAMED_ALLERGY.search(spoken.text)
    if called and not spoken.question and not _NEGATION.search(spoken.text):
        for name in mentions(spoken.text[: called.start()]):
            if not spoken.text[name.end : called.start()].strip():
                return Allergy(name.name, "", [spoken.turn_id])
    for name in [] if spoken.question or _NEGATION.search(spoken.text) else mentions(spoken.text):
        given = _GIVES.match(spoken.text[name.end :])
        if given:
            return Allergy(name.name, _reaction(given[0].strip()), [spoken.turn_id])
    match = _BAD_REACTION.search(spoken.text)
    named = list(mentions(spoken.text[match.end() :])) if match else []
    if spoken.question or len(named) != 1 or re.search(r"\b(?:no|not|never)\b|n't\b", spoken.text, re.IGNORECASE):
        return None
    told = lower_first(of_patient(_LEAD.sub("", spoken.text).strip(" .,;!")))
    return Allergy(named[0].name, "", [spoken.turn_id], told=f"Reports that {told}")


def reaction_in(spoken: Sentence) -> str:
    """What an allergy does, said in a sentence of its own: "It gives me a rash."; empty when it is something else."""
    match = _REACTION.match(spoken.text)
    return _reaction(match["what"]) if match else ""


def _reaction(text: str) -> str:
    """A reaction as a clause; it keeps its subject when the recogniser lost it."""
    told = lower_first(of_patient(text)).strip(" .,")
    return told if re.match(r"(?:it|that|they)\b", told) else f"it {told}"


def tell(spoken: Sentence, *, heard_badly: bool) -> Item | None:
    """The statement for a patient's sentence; None when it has no clinical content or is not understood."""
    if _NO_ALLERGY.search(spoken.text):
        return Item("allergy", "Reports no allergies.", (spoken.turn_id,), Polarity.NEGATED)
    text = _LEAD.sub("", spoken.text).strip(" ,.;!")
    words = text.split()
    if spoken.question or not 1 <= len(words) <= LONGEST or not mentions_finding(text, "symptom", "condition", "body"):
        return None
    denied = _DENIES.match(text)
    if heard_badly and len(words) > LONGEST_HEARD_BADLY:
        return None if _NEGATION.search(text) else _mention(spoken, text)
    if denied:
        noun = re.sub(r"\b(?:any|at all)\b\s*", "", denied["noun"])
        noun = re.sub(r",? (?:and |or )?no (?=\w)", " or ", noun)  # "no numbness no tingling" denies either
        less = _LESS.match(noun)
        if less:
            what = re.sub(r"\bas (?=before|usual|then|it was|i did)", "than ", less["what"])
            return _item(spoken, f"Reports having less {lower_first(of_patient(what))}", Polarity.AFFIRMED)
        noun = _FEELS_TOO.sub("; they feel like ", _HANGS.sub("", noun))
        return _item(spoken, f"Denies {lower_first(of_patient(noun))}", Polarity.NEGATED)
    reported = _reported(text, dictated=spoken.speaker is Speaker.UNKNOWN)
    return _item(spoken, reported, Polarity.AFFIRMED) if reported else None


def _reported(text: str, *, dictated: bool) -> str:
    """Retell a sentence; one that is dictated about the patient, rather than told by them, stays as it is.

    Empty for a string of words that is about nothing.
    """
    feels = _FEELS.match(text)
    if feels:
        return f"Reports feeling {of_patient(feels['rest'] or feels['also'])}"
    for pattern, lead in ((_BEEN, "Reports "), (_HAS, "Reports "), (_IS, "Reports being ")):
        match = pattern.match(text)
        if match:
            rest = match.groupdict().get("rest") or match.groupdict().get("noun") or ""
            return f"{lead}{lower_first(of_patient(rest))}"
    if len(text.split()) <= 4 and not re.search(r"\b(?:i|my|it|is|are|was)\b", text, re.IGNORECASE):
        return f"Reports {lower_first(text)}"
    if dictated and not speaks_of_self(text):
        return text
    if not _SUBJECT.search(text):
        return ""
    return f"Reports that {lower_first(of_patient(text))}"


def _mention(spoken: Sentence, text: str) -> Item | None:
    """From a long stretch of badly heard text only the complaints that are surely in it are kept, as a pointer."""
    named = complaints_in(text)[:MOST_MENTIONED]
    listed = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))
    return _item(spoken, f"Mentions {listed}", Polarity.POSSIBLE) if listed else None


def _item(spoken: Sentence, text: str, polarity: Polarity) -> Item:
    return Item("history", sentence(text), (spoken.turn_id,), polarity)
