"""What clinicians say of themselves around a fact, taken away or put without a person.

"I see here that you have asthma" tells that the patient has asthma; "a murmur, which we've heard before" tells of a
murmur; "when I press here" is "on palpation". Nothing that limits a claim goes: no condition, no doubt, no negation.
"""

from __future__ import annotations

import re
from typing import Final


def _rules(*rules: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in rules)


_TESTS: Final = (
    r"(?:x-?rays?|x rays?|ct(?: scan)?|cat scan|mri|ultrasound|echo(?:cardiogram)?|ekg|ecg|electrocardiogram|labs?"
    r"|lab work|blood ?work|blood tests?|a1c|urine(?: test| culture)?|urinalysis|biopsy|scan|cultures?|swab|stress test"
    r"|(?:pulmonary|liver|kidney|thyroid) function tests?|pfts?|mammogram|colonoscopy|endoscopy|imaging|panel)"
)
_WE: Final = r"(?:i|we)(?:'ve|'m|'re| have| had| am| are)?"
_KNOWN: Final = (
    r"(?:seen|heard|saw|heard|noted|noticed|known(?: about)?|talk(?:ed)? about|spoken about|discussed|mentioned"
    r"|followed|following|did|got|took|went over"
    r"|been (?:following|watching|dealing with|treating|managing|talking about|monitoring))"
)
_BEFORE: Final = (
    r"(?: (?:before|in the past|previously|already|last (?:time|visit|year|week|month)|here|today|earlier"
    r"|in the office|this morning|with you))*"
)
_PRESS: Final = r"\bwhen (?:i|we) (?:press(?:ed)?|palpated?|touch(?:ed)?|push(?:ed)?)"
_HE: Final = r"(?=(?:you|you're|you've|your|the|there|this|he|she|it)\b)"
_GERUNDS: Final = {
    "move": "moving", "bend": "bending", "lift": "lifting", "turn": "turning", "rotate": "rotating",
    "extend": "extending", "flex": "flexing", "straighten": "straightening", "raise": "raising",
}  # fmt: skip
_MOVED: Final = re.compile(rf"\bwhen (?:i|we) (?P<verb>{'|'.join(_GERUNDS)})(?:e?d)?\b", re.IGNORECASE)

_LEADING: Final = _rules(
    (
        r"^(?:based on (?:all (?:of )?)?(?:that|this|those|these)(?: \w+)?|given (?:that|this)|that (?:being )?said"
        r"|with that (?:being )?said|in the meantime|at this (?:time|point)|for (?:now|today|right now)|so|and|then)"
        r"[, ]+(?=(?:i|we|i'm|we're|i'd|we'd|i'll|we'll|let's|you)\b)",
        "",
    ),
    (
        r"^(?:i|we) (?:do |can |also )*(?:see|have|know|note|noticed|remember|recall|read|saw)(?: here)?"
        rf"(?: (?:in|on|from) (?:your|the) (?:charts?|notes?|records?|file|referral))?(?: here)? that {_HE}",
        "",
    ),
    (
        r"^(?:(?:you|he|she) (?:had |have |also )?(?:said|say|mentioned|told (?:me|us|the nurse|my nurse)|were saying)"
        r"|(?:the|my) (?:nurse|medical assistant|assistant) (?:told me|said|mentioned|noted))"
        rf"(?: (?:to me|earlier|before))? (?:that )?{_HE}",
        "",
    ),
)
"""How a clinician comes to know it. Doubt ("I think that") is not among these."""

_INSIDE: Final = _rules(
    (rf",? (?:which|that) {_WE} (?:still |also |do |did )?{_KNOWN}{_BEFORE}(?= ?[,.;]|$| (?:and|but|so)\b)", ""),
    (
        r",? ?\b(?:from what i (?:can )?(?:see|hear)|as far as i can (?:see|tell)"
        r"|(?:like|as) (?:i|we) (?:said|mentioned|discussed|talked about)(?: (?:before|earlier|last time))?"
        r"|i(?:'m| am) (?:pretty |fairly )?(?:happy|pleased|glad) (?:to say|to see|to tell you)(?: that)?)\b,?",
        "",
    ),
    (
        rf",? (?:but|and|so|however),? (?:that )?{_WE} (?:still |also |do |did )*(?:{_KNOWN}|knew|know)(?: about)?"
        r"(?: (?:that|it|this|those))?(?: (?:before|in the past|already|previously|last (?:time|year|visit)))*$",
        "",
    ),
    (
        r",? (?:but|and|so),? (?:i'm|i am|we're|we are) (?:not|pretty|very|quite|really|happy|pleased)\b"
        r"(?: (?:too|so|that|very|overly))? ?(?:worried|concerned|happy|pleased)?(?: (?:about|with) (?:that|it"
        r"|this))?$",
        "",
    ),
    (
        r",? (?:and |to )+(?:then )?(?:we'll |we can |i can )?see (?:if|how|where) (?:we|things|it|you|that"
        r"|they)\b[^.]*$",
        "",
    ),
    (
        r",? (?:once|when|after) (?:i|we) (?:get|have|see) (?P<what>the [\w -]+? results?)(?: back)?$",
        r" pending \g<what>",
    ),
    (r",? and (?:then )?(?:i|we)(?:'d| would)? (?:also )?(?:want|like|need) you to\b", ", and you should"),
    (
        r"(?<=.{8}),? and (?:then )?(?:i|we)(?:'ll| will|'m going to|'re going to| am going to"
        r"| are going to)(?: also)?\b",
        ", and will",
    ),
    (r",? which (?:we|i) (?:could|can) do(?= (?:today|here|now)$)", ", which could be done"),
    (r",? and make sure (?:that )?(?:we|you) do not have (?:any )?(?=\w)", " to rule out "),
    (r",? because we want to make sure\b.*$", ""),
    (r"\bor,? i'm sorry,? (?=\w)", "or rather "),
    (r"\bthink (?:that )?you (?:have|do have) (?=(?:may|might) have\b)", "think you "),
    (r"\bwith no (?P<what>[\w ]+?) that i (?:can |could )?(?:appreciate|hear|see|feel)\b", r"with no \g<what>"),
    (r"\bwhat i(?: see|'m seeing| am seeing) is\b", "there is"),
    (rf"{_PRESS}(?: (?:down|in|on|it|here|there|that))*(?= ?[,.;]|$)", "on palpation"),
    (rf"{_PRESS}(?: down)?(?: on| in| over)? (?=(?:your|the|that|this)\b)", "on palpation of "),
    (r"\b(?:on|in|during) (?:my|our) (?:physical )?exam(?:ination)?\b", "on examination"),
    (r"\bsince (?:i(?:'ve| have)? (?:last )?(?:seen|saw)|we (?:last )?saw) you(?: last)?\b", "since the last visit"),
    (r"\bwhen (?:i|we) (?:last )?saw you(?: last)?\b", "at the last visit"),
    (r"\bcomes? (?:back )?(?:in )?and see (?:me|us)\b|\bcome back (?:in )?to (?:see )?(?:me|us)\b", "come back"),
    (r"\b(?P<verb>follow(?:ing)? up|check(?:ing)? in|meet|book|stay in touch) with (?:me|us)\b", r"\g<verb>"),
    (r"\b(?P<verb>call|contact|notify|message|phone|ring|text) (?:me|us)\b", r"\g<verb> the clinic"),
    (r"\bgive (?:me|us) a (?:call|ring)\b", "call the clinic"),
)

_WHOLE: Final = _rules(
    (
        r"^(?:i|we) (?:also |already |just |did )*(?:did|do|get|got|took|obtained|had|ordered) "
        rf"(?P<what>(?:an?|some|your|the|that) (?:[\w-]+ ){{0,3}}?{_TESTS}(?: (?:of|on) (?:[\w']+ ){{0,4}}[\w']+)??)"
        r"(?P<when> (?:today|last \w+|earlier|this morning|before you came in|when you came in))?$",
        r"\g<what> was obtained\g<when>",
    ),
    (
        r"^(?:i|we)(?:'ve| have)? (?:also |already )*"
        r"(?P<verb>recommended|suggested|discussed|reviewed|prescribed|ordered) "
        r"(?P<what>(?:(?!(?:and|so|but|that|which|if|i|we|you|is|are|was|looks?)\b)[\w'-]+ ?){1,10})$",
        r"\g<what> was \g<verb>",
    ),
    (
        r"^(?:i|we)(?:'m| am|'re| are) (?:a (?:little|bit) |also |very )?(?:concerned|worried) about (?P<what>.+)$",
        r"there is concern about \g<what>",
    ),
    (
        r"^i do not think (?:that )?(?:we|you|i) (?:really )?(?:need|have) to (?P<what>.+)$",
        r"it is not thought necessary to \g<what>",
    ),
    (
        r"^(?:we|i)(?:'re| are|'m| am) not going to (?P<what>(?!(?:be|think|see|know|have|feel)\b).+)$",
        r"will not \g<what>",
    ),
    (r"^(?:please )?(?:be sure|remember) (?:to|that you) (?P<what>.+)$", r"you should \g<what>"),
)


def without_asides(text: str) -> str:
    """A clinician's sentence without what it says of the speaker; the same where there is nothing to take away.

    `text` has its contractions written out where they deny: "do not", not "don't" (`quoting.plain`).
    """
    before = None
    while before != text:
        before = text
        for pattern, instead in _LEADING:
            text = pattern.sub(instead, text)
    for pattern, instead in _INSIDE:
        text = pattern.sub(instead, text)
    text = _MOVED.sub(lambda match: f"when {_GERUNDS[match['verb'].lower()]}", text)
    text = " ".join(text.split()).strip(" ,;")
    for pattern, instead in _WHOLE:
        match = pattern.match(text)
        if match is not None:
            told = match.expand(instead)
            return re.sub(r"\bwas\b", "were", told, count=1) if _is_plural(match["what"]) else told
    return text


def _is_plural(what: str) -> bool:
    """True for several things; the verb of the other rules is not a "was"."""
    head = re.split(r" (?:of|for|on|from|with|to|in)\b", what.strip())[0]
    return re.search(r"[^siu]s$", head) is not None
