"""Retells one thing that was said as a sentence of a note: third person, no filler, whole; or not at all.

"I" and "you" become the patient, by whose mouth a thing is said. The first mention is "the patient" with its verb put
right ("I take" is "the patient takes"); the others are "they". What a clinician says of their own doing becomes the
plan ("we're going to get an x-ray" is "Will get an x-ray") or what was found ("I hear a murmur"). Whatever still holds
a first person, or does not hold together as a sentence (`wording`), is not retold.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.agreement import is_verb, third_person
from auscult.engines.writer.offline.asides import without_asides
from auscult.engines.writer.offline.fluent import fluent
from auscult.engines.writer.offline.person import lower_first, of_patient, sentence, speaks_of_self, to_patient
from auscult.engines.writer.offline.wording import is_broken, words_of
from auscult.knowledge.findings import mentions_finding

SHORTEST: Final = 3
LONGEST: Final = 48
"""Words of one retold sentence."""

_WRITTEN_OUT: Final = (
    (re.compile(r"\bcan't\b", re.IGNORECASE), "cannot"),
    (re.compile(r"\bwon't\b", re.IGNORECASE), "will not"),
    (re.compile(r"\b(\w+)n't\b", re.IGNORECASE), r"\1 not"),
    (re.compile(r"\b(i|we|he|she|it)-\1\b", re.IGNORECASE), r"\1"),
    (re.compile(r"\b(he|she)'s (?=(?:been|had|got|lost|gained|taken)\b)", re.IGNORECASE), r"\1 has "),
    (re.compile(r"\b(he|she)'s (?=(?:an?|the|here|not|\d|currently|status|\w+ing)\b)", re.IGNORECASE), r"\1 is "),
    (
        re.compile(
            r"^(?:of note,? )?(?:the )?patient (?=(?:is|was|has|had|presents?|denies|reports|underwent)\b)",
            re.IGNORECASE,
        ),
        "the patient ",
    ),
    (re.compile(r"^of note,? (?=the\b)", re.IGNORECASE), ""),
    (re.compile(r"^(?:it says|i see)(?: here)? that (?=you\b)", re.IGNORECASE), ""),
    (re.compile(r",? and what (?:brings|brought) you (?:in|here)(?: today)?\??$", re.IGNORECASE), ""),
    (re.compile(r"\bthere's (?=(?:\w+ ){0,3}\w+[^s\W](?: |$))", re.IGNORECASE), "there is "),
    (re.compile(r"(?<=\bi), however,|(?<=\bi do), however,", re.IGNORECASE), ""),
    (re.compile(r"\bany (?:other )?questions,? (?:or|and) (?:concerns,? (?:or|and) )?(?=\w)", re.IGNORECASE), ""),
)
_FILLER: Final = re.compile(
    r",?\s*\b(?:really|just|okay|ok|alright|all right|as you know|of course|again|you see)\b,?", re.IGNORECASE
)
_EMPHATIC: Final = (
    (
        re.compile(
            r"\b(i|you|we|they) do (also |still )?(?=(?:have|see|feel|notice|appreciate|get|take|think|note|need"
            r"|know)\b)",
            re.IGNORECASE,
        ),
        r"\1 \2",
    ),
    (
        re.compile(
            r"^((?:and |so |but |then |now )*(?:i|we)(?:'m|'re|'ll|'d| am| are| will| would)?)(?: (?:also|do"
            r"|would))+(?= (?:want|like|going|order|recommend|get|have|put|send|refer|start|prescribe|need|plan"
            r"|check|give|add|set)\b)",
            re.IGNORECASE,
        ),
        r"\1",
    ),
    (
        re.compile(
            r"\b(?:what|which) (?:we|they|you|i) (?:would )?(?:call|refer to as)(?= (?:an?|the)\b)", re.IGNORECASE
        ),
        "",
    ),
    (re.compile(r"\bwhat (?:we|they) call\b", re.IGNORECASE), ""),
    (re.compile(r"^(?:(?:hey|hi|okay|and|so),? )*dragon,?\s+(?=(?:[a-z]+ ){1,3}is (?:an? )?\d)", re.IGNORECASE), ""),
    (
        re.compile(
            r"^(?:(?:hey|hi|okay|and|so),? )*dragon,?\s+(?=(?:order|refer|schedule|prescribe)\b)", re.IGNORECASE
        ),
        "let's ",
    ),
    (re.compile(r"\b(?:does|do) (also |still )?show\b", re.IGNORECASE), r"\1shows"),
    (re.compile(r"\b(he|she|it|that|this) does (also |still )?have\b", re.IGNORECASE), r"\1 \2has"),
    (re.compile(r"\b(i|you|we|they|he|she|it) did (also )?have\b", re.IGNORECASE), r"\1 \2had"),
    (re.compile(r"\b(i|you|we|they|he|she|it) did (also )?(?:feel|notice)\b", re.IGNORECASE), r"\1 \2felt"),
)
"""The "do" of speech: "you do have some swelling" says that you have some."""
_REMARK: Final = re.compile(
    r",?\s+(?:and |so |but )*(?:which is|that's|that is|it's) (?:really |very |pretty |all )*(?:good|great|fine|nice"
    r"|encouraging|reassuring"
    r"|not surprising|a good (?:thing|sign)|awesome|excellent|wonderful)\b[^.]*$",
    re.IGNORECASE,
)
"""What the clinician thinks of a finding, behind it: "which is good"."""
_ON: Final = re.compile(
    r"\s+(?:listen(?:ing)? to|looking at|so (?:now|on|essentially|that means|what|lem|let)|now(?: unfortunately"
    r"| on\b.*)?$"
    r"|on (?:your|the) (?:\w+ ){0,3}exam(?:ination)?$|what that means|that means|essentially what|and that means"
    r"|meaning that)\b.*$",
    re.IGNORECASE,
)
"""Where, in an examination without full stops, the talk goes on to something else."""
_HERE: Final = re.compile(r"(?:,?\s+(?:right here|right there|over here|down here|here|now))+$", re.IGNORECASE)
_PRESSURE: Final = re.compile(
    r"^(?:and |so )*(?:it|that)(?:'s|(?P<verb> is| was)) (?=(?:[a-z]+ ){0,3}\d{2,3} over \d{2,3}\b)", re.IGNORECASE
)
"""What is "150 over 70" is a blood pressure."""
_APPRECIATES: Final = re.compile(r"^i (?:do not |don't |also |can )*(?:appreciate|palpate|auscultate)\b", re.IGNORECASE)
"""No patient says it: the turn is the clinician's, whoever it is given to."""
_TO_US: Final = (
    (re.compile(r"\b(?:come (?:back )?(?:and |to )?)?see (?:me|us)\b", re.IGNORECASE), "come back"),
    (re.compile(r"\b(call|ring|phone|contact|message) (?:me|us)\b", re.IGNORECASE), r"\1 the clinic"),
    (re.compile(r"\blet (?:me|us) know\b", re.IGNORECASE), "let the clinic know"),
)
"""Where a clinician asks to be told."""
_HAD_IT: Final = re.compile(r"^my\b.*\b(?:had|has|have|got|did|does|do) (?:it|that|them|one)$", re.IGNORECASE)
_REFERS: Final = re.compile(
    r"^(?!it(?:'s| is| was) (?:on|in|over|behind) |it (?:started|began|happens?|happened|lasts?|comes?|hurts?|gets?"
    r"|got|feels?|(?:sounds?|looks?|seems?|appears?) like)\b)"
    r"(?:it|it's|that|that's|this|these|those)\b",
    re.IGNORECASE,
)
"""A sentence about something that another sentence names."""
_OTHERS: Final = re.compile(r"^(?:they|they're|they've|he|he's|she|she's)\b", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"^(?:(?:and|so|but|well|now|then|also|yes|yeah|yep|yup|yah|oh|no(?=[,.]| (?:i|it|not|no|my|we|that|there|he"
    r"|she)\b)"
    r"|right(?=[,.]| (?:so|and|i|now)\b)|because|cause|good(?=[,. ])|great|perfect|sure|absolutely|exactly|gotcha"
    r"|hey|hi|hello|however|at this point|right now|at this time|for now|in the meantime|additionally|lastly"
    r"|finally|otherwise|thank you|thanks|i see(?=[,.])|doctor|doc|like|anyway|first of all|let's see|i know(?: that)?"
    r"|i understand(?: that)?|sorry|i(?:'ll| will| would) say(?: that)?(?= you)|(?:i know )?you (?:also )?(?:said"
    r"|told me|mentioned)(?: that)?(?= you(?:'|\b))|i can see(?: that)?)\b[ ,.]*)+",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    r"(?:[, ]+(?:so|and|but|or|because|then|though|too|yeah|(?<!the )(?<!your )(?<!my )right|you know|okay|ok"
    r"|like|to be honest|and all that"
    r"|i think"
    r"|i believe|i guess|of|the|a|with|for|to|in|that|is|if|correct|huh|as well as|doctor|doc))+\s*[.?!]*$",
    re.IGNORECASE,
)
_TALK: Final = re.compile(
    r"\b(?:dragon|dax|record(?:ed|ing)? (?:this|our)|how are you"
    r"|nice to (?:see|meet)"
    r"|good (?:morning|afternoon|to see|to hear)|thank(?:s| you)|you're welcome"
    r"|any (?:other )?questions|sounds? good|have a (?:good|great|nice) (?:day|one|time|trip|weekend|week"
    r"|evening|night|rest|holiday|summer)|see you|bye|does that|do that make|make sense"
    r"|let me (?:see|know|look|check|take|ask)|a look at you|tell me|take a (?:quick )?(?:look|listen)"
    r"|take a deep breath|deep breath"
    r"|i'm sorry|that's (?:good|great|awesome|fine|okay|right|true|funny|too bad)|glad|hopefully|gosh|my goodness"
    r"|lord|fun"
    r"|excuse me|hang on|hold on|pull (?:that|it|this|those|them) up|you bet|no worries|no problem"
    r"|talk (?:a little )?about"
    r"|congratulations|happy birthday|what'?s going on|how'?s it going|bring you up|look at (?:your|those|that|the"
    r"|some)"
    r"|i reviewed the results|take care of you|ask you|examin(?:e|ation) you|physical exam(?: here)?(?: on you)?$"
    r"|squeeze|push (?:up|down|against)"
    r"|wiggle|can you (?:move|lift|bend|feel)|follow my finger)\b",
    re.IGNORECASE,
)
_BUSINESS: Final = re.compile(
    r"^(?:(?:hey|hi|okay|and|so),? )*dragon,?\s+(?=(?:order|refer|schedule|prescribe)\b"
    r"|(?:[a-z]+ ){1,3}is (?:an? )?\d)|\bany (?:other )?questions,? (?:or|and)\b",
    re.IGNORECASE,
)
"""Words of mere talk before something that is none: an order dictated to the recorder, a call for worse symptoms."""
_ASKS_INSIDE: Final = re.compile(
    r"\byou(?:'ve| have)? ever\b|"
    r"\b(?:how|what|where|why) (?:is|are|was|were|do|does|did|have|has|about|bad|long|often)\b|\b(?:is|are|was"
    r"|were) there\b(?! (?:is|are))"
    r"|\b(?:do|did|(?<!to )(?<!ll )(?<!will )have|are|can|were|would) (?:you|they)\b|\b(?:is|does|did"
    r"|was) (?:it|that|this) (?:\w+ing\b|hurt"
    r"|better|worse|okay|correct|right|still)",
    re.IGNORECASE,
)
"""A question that the recogniser ran into what was said around it."""
_UNFINISHED: Final = re.compile(
    r"\b(?:shows?|showed|looks?|looked|seems?|says?|said|does|do|did|is|are|was|were|has|have|had|will|would|can"
    r"|could|means?|because"
    r"|called|named|your|their|over|very|about|some|any|going|want|wants|need|needs|get|put|take|due|no|not|there's"
    r"|on)\s*$",
    re.IGNORECASE,
)
"""What waits for a word that did not come."""
_PLAN: Final = (
    (
        re.compile(
            r"^(?:(?:i|we)(?:'ve| have) asked (?:you|him|her|them) to|(?:i|we)(?:'ve| have) (?:recommended"
            r"|advised) (?:that )?(?:you|he|she"
            r"|they)(?: to)?)\s+(?P<rest>.+)$",
            re.IGNORECASE,
        ),
        "Advised to",
    ),
    (
        re.compile(r"^(?:i|we) (?:might|may) (?:also )?(?P<rest>(?!have\b|be\b|need\b).+)$", re.IGNORECASE),
        "May",
    ),
    (
        re.compile(
            r"^(?:(?:what )?(?:i|we) (?:will|shall)|i'll|we'll|i'm (?:also )?going to|we're (?:also )?going to"
            r"|i am going to|we are going to"
            r"|i(?:'d| would) like to|we(?:'d| would) like to|i(?:'d| would) like for us to|i do want to|i want to"
            r"|we want to|i also want to|let's|let us|i'm gonna"
            r"|we can|we could|we should|we need to|i need to|we do need to|we have to|i can|i plan to|we plan to"
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
            r"|to )*(?P<rest>(?!have to\b|see\b|feel\b|be\b).+)$",
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
_OURS: Final = (
    (re.compile(r"\bwe(?='(?:ve|re|ll|d)\b)", re.IGNORECASE), "they"),
    (re.compile(r"\bwe\b", re.IGNORECASE), "they"),
    (re.compile(r"\bours\b", re.IGNORECASE), "theirs"),
    (re.compile(r"\bour\b", re.IGNORECASE), "their"),
    (re.compile(r"\bourselves\b", re.IGNORECASE), "themselves"),
    (re.compile(r"\bus\b", re.IGNORECASE), "them"),
)
"""A patient's "we" is of them too: "we were moving boxes" says that they were."""
_WITH_CLINIC: Final = re.compile(
    r"\bwe(?:'ve| have|'d| had)? (?:also |just |last |already )*(?:discuss|talk|increas|decreas|start|chang"
    r"|decid|order|saw|see"
    r"|schedul|check|tri|try|stop|said|did|do\b|going to do|need|should|can|could|will|are going|put|add|switch)",
    re.IGNORECASE,
)
"""What patient and clinician, or the clinic, did together is no act of the patient's."""
_PRESCRIBES: Final = re.compile(
    r"\bi(?:'m (?:also )?going to|'ll| will(?: also)?|'d (?:also )?like to"
    r"| would (?:also )?like to) (?:be )?(?:prescrib|order|send an?"
    r"|refer|start you|put you|check your)|\b(?:we're|we are) going to (?:order|start you|refer|schedule)"
    r"|^(?:so )?for your (?:first|second|third|fourth|last|next|1st|2nd|3rd|4th) (?:problem|issue|diagnosis)"
    r"|\bi want you to\b|\bif your symptoms\b",
    re.IGNORECASE,
)
"""No patient says it: the turn, or this part of it, is the clinician's."""
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
_ASKED: Final = re.compile(
    r"^(?:(?:in the past|before|now|today|currently|lately|recently)[, ]+)?(?:do|does|did|have|has|are|is|was|were"
    r"|can|could|would"
    r"|will|should|any|what|what's|where|when|why|how|who|which|tell|ever)\b(?!.*\b(?:is|are|was|were) (?:what"
    r"|where|why|how)\b)",
    re.IGNORECASE,
)
_PROBLEM: Final = re.compile(
    r"^(?:for|as for|with|in regards? to|regarding) (?:your|the|this|my|his|her) (?:(?:1st|2nd|3rd|4th|first"
    r"|second|third|fourth|next|last|other|primary|main)"
    r" )?(?:problem|issue|diagnosis|concern)(?: is| of| with|,|:)*\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_NO_SUBJECT: Final = re.compile(
    r"^(?:had|has|felt|takes|took|denies|denied|reports?|presents?|lost|gained|started|stopped)\b", re.IGNORECASE
)


def quotable(text: str) -> str:
    """What was said, without what only fills; empty for talk, questions, and what does not hold together."""
    kept = "" if _TALK.search(_BUSINESS.sub(" ", text)) else plain(text)
    if _ASKS_INSIDE.search(kept) or _UNFINISHED.search(kept) or is_broken(words_of(kept)):
        return ""
    return kept


def plain(text: str) -> str:
    """What was said without what only fills: split words joined, fillers and repetitions gone, no opening words."""
    for pattern, whole in (*_WRITTEN_OUT, *_EMPHATIC):
        text = pattern.sub(whole, text)
    text = re.sub(r"\bno(?: no)+\b(?=\s+\w)", "no", _REMARK.sub("", text) or text, flags=re.IGNORECASE)
    text = _PRESSURE.sub(lambda match: f"the blood pressure{match['verb'] or ' is'} ", text)
    text = _LEAD.sub("", fluent(_FILLER.sub(" ", text)).strip(" ,.;-"))
    before = None
    while before != text:
        before = text
        text = _TAIL.sub("", text.strip(" ,;-.?!")).strip(" ,;-.?!")
    return fluent(text)


def retell(text: str, speaker: Speaker, part: str) -> str:
    """One sentence for the note; empty when it cannot be retold. `part` is one of `relevance.PARTS`."""
    kept = quotable(text)
    if not SHORTEST <= len(kept.split()) <= LONGEST or kept.endswith("?"):
        return ""
    if part in {"examination", "results"}:
        kept = _HERE.sub("", _ON.sub("", kept))
    if _REFERS.match(kept) and not mentions_finding(kept, "symptom", "condition", "sign", "test"):
        return ""
    if _HAD_IT.search(kept) or (speaker is Speaker.OTHER and re.search(r"\b(?:i|i'm|i've|me)\b", kept, re.IGNORECASE)):
        return ""  # "it" has no name here, and a companion's "I" is not the patient
    if speaker is Speaker.CLINICIAN:
        for pattern, whole in _TO_US:
            kept = pattern.sub(whole, kept)
        return _of_clinician(kept, part)
    if _APPRECIATES.match(kept) and mentions_finding(kept, "sign"):
        return _of_clinician(kept, "examination")
    if part == "plan" and _PRESCRIBES.search(kept):
        return _of_clinician(kept, "plan")
    if speaker is Speaker.PATIENT and _OTHERS.match(kept):
        return ""
    if speaker is Speaker.PATIENT and not _WITH_CLINIC.search(kept):
        for pattern, whole in _OURS:
            kept = pattern.sub(whole, kept)
    return _of_patient(kept, part)


def _of_patient(kept: str, part: str) -> str:
    if part == "plan" or _ASKED.match(kept):
        return ""
    told = of_patient(third_person(kept, "i"))
    if speaks_of_self(told) or re.search(r"\byou(?:r|rs)?\b", told, re.IGNORECASE):
        return ""
    if _NO_SUBJECT.match(told):
        told = f"the patient {told}"
    if _is_clause(told):
        return sentence(told)
    noun = re.sub(r"^(?:maybe|probably) ", "", told)
    if not mentions_finding(noun, "symptom", "condition"):
        return ""
    if re.match(r"no\b", noun, re.IGNORECASE):
        return sentence(f"The patient denies {lower_first(noun[3:])}")
    return sentence(f"The patient reports {lower_first(noun)}") if len(noun.split()) <= 12 else ""


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


def _of_clinician(kept: str, part: str) -> str:
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
        return _done(f"There {_be(bare)} {rest}", part)
    for pattern, lead in _THOUGHT:
        match = pattern.match(kept)
        if match:
            return _done(f"{lead} {third_person(kept[match.end() :], 'you')}", part)
    if _ASKED.match(kept):
        return ""
    return _done(third_person(kept, "you"), part)


def _done(text: str, part: str) -> str:
    told = to_patient(text)
    if speaks_of_self(told) or re.search(r"\byou(?:r|rs)?\b", told, re.IGNORECASE):
        return ""
    if re.match(r"(?:will|may|advised|recommended)\b", told, re.IGNORECASE):
        return sentence(told)
    examined = _ON_EXAM.match(told)
    if examined:
        found = examined["found"]
        if _is_clause(found):
            return sentence(f"On the {examined['what']}, {found}")
        return sentence(f"{examined['what']}: {found}") if mentions_finding(found, "sign", "symptom") else ""
    if _NO_SUBJECT.match(told):
        told = f"the patient {told}"
    if _is_clause(told):
        return sentence(told)
    if part in {"examination", "results"} and mentions_finding(told, "sign", "body", "test"):
        if re.match(r"(?:no|a|an|some)\b", told, re.IGNORECASE):
            return sentence(f"There {_be(told)} {lower_first(told)}")
        told = re.sub(r"^(?:or|and|but) ", "", told, flags=re.IGNORECASE)
        if part == "examination" and _FOUND.search(told) and not _ONLY_WHEN.match(told):
            return sentence(f"On examination: {lower_first(told)}")
    return ""


def _be(found: str) -> str:
    """The verb that goes with what was found: "is" an effusion, "are" murmurs."""
    noun = re.split(r"\s(?:in|of|on|over|to|at|from|with|along|around|noted|present|there|here|or|and)\b|,", found)[0]
    return "are" if re.search(r"[^siu]s$", noun) else "is"


def _is_clause(text: str) -> bool:
    """True when it has a verb, and something before it that the verb can be about; a condition alone is none."""
    if _ONLY_WHEN.match(text):
        return False
    words = re.findall(r"[a-z']+", text.lower())
    return any(is_verb(before, word) for before, word in pairwise(words)) and words[0] not in _OPENERS


_ONLY_WHEN: Final = re.compile(
    r"(?:(?:on|in) (?:the|their|your) (?:\w+ ){0,4}exam(?:ination)?,? )?(?:if|since|because|when|while|although"
    r"|unless|until|where|as)"
    r"\b(?!.*,)",
    re.IGNORECASE,
)
_FOUND: Final = re.compile(
    r"\b(?:normal|equal|intact|clear|negative|positive|regular|soft|symmetric(?:al)?|reactive|present|palpable|supple|moist"
    r"|without|midline|pain|tenderness|good|full|strong|well healed|nontender|non-tender|bilateral(?:ly)?)\b",
    re.IGNORECASE,
)
_OPENERS: Final = frozenset(
    {"and", "or", "but", "so", "than", "of", "to", "that's", "like", "which", "who", "because", "how"}
)
