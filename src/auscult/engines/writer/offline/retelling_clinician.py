"""Retells what a clinician says: what will be done, what was advised, a result, what was found, what is thought.

What they say of their own doing becomes the plan ("we're going to get an x-ray" is "Will get an x-ray") or what was
found ("I hear a murmur").
"""

from __future__ import annotations

import re
from typing import Final

from auscult.engines.writer.offline.agreement import third_person
from auscult.engines.writer.offline.asides import without_asides
from auscult.engines.writer.offline.clauses import ASKED, NO_SUBJECT, ONLY_WHEN, is_clause, verb_for
from auscult.engines.writer.offline.person import lower_first, sentence, speaks_of_self, to_patient
from auscult.knowledge.findings import mentions_finding

_TO_US: Final = (
    (re.compile(r"\b(?:come (?:back )?(?:and |to )?)?see (?:me|us)\b", re.IGNORECASE), "come back"),
    (re.compile(r"\b(call|ring|phone|contact|message) (?:me|us)\b", re.IGNORECASE), r"\1 the clinic"),
    (re.compile(r"\blet (?:me|us) know\b", re.IGNORECASE), "let the clinic know"),
)
"""Where a clinician asks to be told."""
_PLAN: Final = (
    (
        re.compile(
            r"^(?:(?:i|we)(?:'ve| have) asked (?:you|him|her|them) to"
            r"|(?:i'm|i am|we're|we are|i|we)(?:'ll| will)?(?: also)? (?:going to )?have (?:you|him|her|them)(?: to)?"
            r"|(?:i|we)(?:'ve| have) (?:recommended"
            r"|advised) (?:that )?(?:you|he|she"
            r"|they)(?: to)?)\s+(?P<rest>.+)$",
            re.IGNORECASE,
        ),
        "Advised to",
    ),
    (
        re.compile(r"^(?:i|we) (?:might|may|could) (?:also |then )?(?P<rest>(?!have\b|be\b|need\b).+)$", re.IGNORECASE),
        "May",
    ),
    (
        re.compile(
            r"^(?:(?:what )?(?:i|we) (?:will|shall)|i'll|we'll|i'm (?:also )?going to|we're (?:also )?going to"
            r"|i am going to|we are going to"
            r"|i(?:'d| would) like to|we(?:'d| would) like to|i(?:'d| would) like for us to|i do want to|i want to"
            r"|we want to|i also want to|let's|let us|i'm gonna"
            r"|we can|we should|we need to|i need to|we do need to|we have to|i can|i plan to|we plan to"
            r"|i think we should|what i'd like to do is"
            r"|my (?:plan|recommendation) (?:is|would be)(?: to)?)\s+(?:also |then |still |now |first |start by "
            r"|to )*(?P<rest>(?!be\b|see\b|have a\b|do not\b).+)$",
            re.IGNORECASE,
        ),
        "Will",
    ),
    (
        re.compile(
            r"^(?:i(?:'d| would) (?:recommend|suggest|advise)|i (?:also )?(?:recommend|suggest"
            r"|advise))\s+(?:that )?(?P<rest>.+)$",
            re.IGNORECASE,
        ),
        "Recommended",
    ),
    (
        re.compile(
            r"^(?:i (?:do )?(?:want|need) you to|i(?:'d| would) like (?:for )?you to|i'm going to have you"
            r"|we're going to have you|i'll have you"
            r"|i am going to have you|i want to have you|you should|you need to|you(?:'ll| will) need to|you must"
            r"|you ought to|you (?:can|could|may)|make sure (?:that )?you|make sure to|try to"
            r"|please|let's have you|we'll have you|i encourage you to|i want you)\s+(?:also |just "
            r"|to )*(?P<rest>(?!have to\b|see\b|feel\b|be\b|(?:\w+ ){1,4}(?:normally"
            r"|fine|(?:very |pretty |quite )?well|without (?:any )?(?:pain|difficulty|problems?|trouble))$).+)$",
            re.IGNORECASE,
        ),
        "Advised to",
    ),
)
_ORDERED: Final = re.compile(
    r"^(?:i'm|i am|we're|we are) (?P<verb>ordering|prescribing|referring|starting|increasing|decreasing|stopping"
    r"|continuing|sending|recommending|scheduling|refilling) (?P<rest>.+)$",
    re.IGNORECASE,
)
_ING: Final = {
    "ordering": "order", "prescribing": "prescribe", "referring": "refer", "starting": "start",
    "increasing": "increase", "decreasing": "decrease", "stopping": "stop", "continuing": "continue", "sending": "send",
    "recommending": "recommend", "scheduling": "schedule", "refilling": "refill",
}  # fmt: skip
_ON_EXAM: Final = re.compile(
    r"^on (?:(?:the|their|your) )?(?P<what>(?:[a-z]+ ){1,4}exam(?:ination)?),? (?P<found>(?!of\b|when\b|if\b).+)$",
    re.IGNORECASE,
)
"""What was examined, and what was found."""
_IF: Final = re.compile(
    r"^(?P<when>(?:if|once|when|after|until|because|since) .{8,90}?),? (?:then )?(?:i|we)(?:'ll| will| can| could"
    r"| may| might|'re going to| are going to"
    r"|'m going to| am going to| would|'d)(?: like to| want to)? (?P<rest>.+)$",
    re.IGNORECASE,
)
_REVIEWED: Final = re.compile(
    r"^(?:.{0,60}\b(?:results? (?:of|for|from|on)|review(?:ed|ing)?(?: the)?|look(?:ing|ed) at(?: the| here at)?"
    r"|with|on|in) )?"
    r"(?P<what>(?:your |the |my |his |her |this |that |a |an )(?:[\w'-]+ ){0,4}?(?:x-rays?|x rays?|ct(?: scan)?"
    r"|cat scan|mri|ultrasound|echo(?:cardiogram)?|ekg|ecg"
    r"|electrocardiogram|labs?|lab work|blood ?work|blood tests?|hemoglobin a1c|a1c|urine|urinalysis|biopsy|scan"
    r"|test|creatinine|cholesterol"
    r"|potassium|white blood cell count|pfts?|mammogram|colonoscopy|imaging)(?: results?)?(?: (?:of|on) (?:your"
    r"|the|that|his|her|my) (?:[\w'-]+ ){0,3}?[\w'-]+?)?)"
    r"(?: (?:here|today|from today|that we did|we did|that you had|there))*(?:,? (?:which|it|this|that|they|there"
    r"|and|so|luckily|the good news|is|now))*[, ]+"
    r"(?P<verb>show(?:s|ed|ing)?|demonstrate[sd]?|reveal(?:s|ed)?|(?:does|did|do) (?P<not>not )?(?:show|reveal"
    r"|demonstrate)|came back|is|are|was|were"
    r"|appears?|looks?|seems?) (?P<shown>.+)$",
    re.IGNORECASE,
)
"""A test, and what it showed."""
_SEEN: Final = re.compile(
    r"^(?:(?:on|for|with|in) (?:(?:your|the|my|this) )?(?:[\w ]{2,30}? )?(?:exam"
    r"|examination)[, ]+)*(?:your \w+,? (?=i\b))?"
    r"(?:(?:and )?i (?:can |cannot |do |do not |don't |still |also )*(?P<verb>hear|see|feel|appreciate|notice|note|find"
    r"|recognize|identify|detect|palpate|have)"
    r"|i'm (?:hearing|seeing|feeling|noticing|appreciating)|i (?:heard|saw|felt|noticed|noted"
    r"|found))\s+(?:that )?(?P<rest>.+)$",
    re.IGNORECASE,
)
_NOT_SEEN: Final = re.compile(r"\bi (?:do not|don't|cannot|can't|did not)\b", re.IGNORECASE)
_TOLD_TO: Final = re.compile(
    r"^(?:call|contact|come back|return|continue|keep|take|use|avoid|let the clinic|reach out|watch|monitor"
    r"|record|weigh"
    r"|check|apply|rest|elevate|drink|eat|wear|bring|report|limit|finish|stay|stick)\b(?! (?:of|is|are|was"
    r"|that's|me\b))",
    re.IGNORECASE,
)
"""What the patient is told to do."""
_LIKELY: Final = re.compile(
    r"^(?:this (?:is|could be) )?(?P<so>(?:most |more |very )?likely (?:due|related|secondary) to )", re.IGNORECASE
)
_THOUGHT: Final = (
    (
        re.compile(r"^i (?:do )?(?:think|believe|suspect|feel like|feel)(?: that)?\s+(?=\w+ )", re.IGNORECASE),
        "It is thought that",
    ),
    (
        re.compile(r"^(?:it )?(?:looks|sounds|seems|appears) (?:like|that|to me like)\s+", re.IGNORECASE),
        "It appears that",
    ),
)
_PROBLEM: Final = re.compile(
    r"^(?:for|as for|with|in regards? to|regarding) (?:your|the|this|my|his|her) (?:(?:1st|2nd|3rd|4th|first"
    r"|second|third|fourth|next|last|other|primary|main)"
    r" )?(?:problem|issue|diagnosis|concern)(?: is| of| with|,|:)*\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_FOUND: Final = re.compile(
    r"\b(?:normal|equal|intact|clear|negative|positive|regular|soft|symmetric(?:al)?|reactive|present|palpable|supple|moist"
    r"|without|midline|pain|tenderness|good|full|strong|well healed|nontender|non-tender|bilateral(?:ly)?)\b",
    re.IGNORECASE,
)


def to_clinic(kept: str) -> str:
    """Where a clinician asks to be told or seen, the clinic instead of "me" and "us"."""
    for pattern, whole in _TO_US:
        kept = pattern.sub(whole, kept)
    return kept


def told_by_clinician(kept: str, part: str) -> str:
    """A sentence for `part` (one of `relevance.PARTS`) of words that are `quotable`; empty when they give none."""
    told = _result(kept)
    if told:
        return told
    kept = without_asides(kept)
    problem = _PROBLEM.match(kept)
    if problem:
        kept = problem["what"]
    if planned := _planned(kept, part):
        return _done(planned, part)
    likely = _LIKELY.match(kept)
    if likely:
        return _done(f"This is {kept[likely.start('so') :]}", part)
    seen = _SEEN.match(kept)
    if seen and re.match(
        r"(?:you|they|he|she|it|there|your|the \w+ (?:is|are)|this|that)\b", seen["rest"], re.IGNORECASE
    ):
        return "" if _NOT_SEEN.search(kept) else _done(third_person(seen["rest"], "you"), part)
    if seen and (part in {"examination", "results"} or mentions_finding(seen["rest"], "sign")):
        bare = re.sub(r"^(?:any|a|an|some|no)\s+", "", seen["rest"], flags=re.IGNORECASE)
        denied = _NOT_SEEN.search(kept) is not None or seen["rest"].lower().startswith("no ")
        rest = f"no {bare}" if denied else re.sub(r"^(?:any|some)\s+", "", seen["rest"], flags=re.IGNORECASE)
        return _done(f"There {verb_for(bare)} {rest}", part)
    for pattern, lead in _THOUGHT:
        match = pattern.match(kept)
        if match:
            return _done(f"{lead} {third_person(kept[match.end() :], 'you')}", part)
    if ASKED.match(kept):
        return ""
    return _done(third_person(kept, "you"), part)


def _result(kept: str) -> str:
    """A result as a label and what it showed, "X-ray of the right elbow: no fracture."; empty when it is none."""
    match = _REVIEWED.search(kept)
    if match is None or not mentions_finding(match["what"], "test"):
        return ""
    what = to_patient(
        re.sub(r"\b(?:your|the|my|his|her|a|an)\s+", "", match["what"], count=1, flags=re.IGNORECASE)
    ).strip(" ,")
    shown = re.sub(r"^(?:that |to be |like )+", "", match["shown"].strip(" ,"), flags=re.IGNORECASE)
    shown = re.sub(
        r"^(?:i (?:do not|did not) (?:really )?(?:see|appreciate|find) (?:any )?)", "no ", shown, flags=re.IGNORECASE
    )
    shown = re.sub(r"^(?:i (?:do )?(?:see|appreciate|find) )", "", shown, flags=re.IGNORECASE)
    if match["not"]:
        shown = f"no {re.sub(r'^(?:any|a|an) ', '', shown, flags=re.IGNORECASE)}"
    if re.match(r"appear|look|seem", match["verb"], re.IGNORECASE):
        shown = f"{match['verb']} {match['shown'].strip(' ,')}"
    shown = to_patient(third_person(shown, "you"))
    if not 1 <= len(what.split()) <= 10 or not shown or speaks_of_self(f"{what} {shown}"):
        return ""
    return sentence(f"{what}: {shown}")


def _planned(kept: str, part: str) -> str:
    """What will be done, or was advised; empty when the sentence says nothing of that."""
    ordered = _ORDERED.match(kept)
    if ordered:
        return f"Will {_ING[ordered['verb'].lower()]} {ordered['rest']}"
    conditional = _IF.match(kept)
    if conditional:
        return f"{third_person(conditional['when'], 'you')}, will {conditional['rest']}"
    for pattern, lead in _PLAN:
        match = pattern.match(kept)
        if match:
            return f"{lead} {lower_first(match['rest'])}"
    return f"Advised to {lower_first(kept)}" if part == "plan" and _TOLD_TO.match(kept) else ""


def _done(text: str, part: str) -> str:
    told = to_patient(text)
    if speaks_of_self(told) or re.search(r"\byou(?:r|rs)?\b", told, re.IGNORECASE):
        return ""
    if re.match(r"(?:will|may|advised|recommended)\b", told, re.IGNORECASE):
        return sentence(told)
    examined = _ON_EXAM.match(told)
    if examined:
        found = examined["found"]
        if is_clause(found):
            return sentence(f"On the {examined['what']}, {found}")
        return sentence(f"{examined['what']}: {found}") if mentions_finding(found, "sign", "symptom") else ""
    if NO_SUBJECT.match(told):
        told = f"the patient {told}"
    if is_clause(told):
        return sentence(told)
    if part in {"examination", "results"} and mentions_finding(told, "sign", "body", "test"):
        if re.match(r"(?:no|a|an|some)\b", told, re.IGNORECASE):
            return sentence(f"There {verb_for(told)} {lower_first(told)}")
        told = re.sub(r"^(?:or|and|but) ", "", told, flags=re.IGNORECASE)
        if part == "examination" and _FOUND.search(told) and not ONLY_WHEN.match(told):
            return sentence(f"On examination: {lower_first(told)}")
    return ""
