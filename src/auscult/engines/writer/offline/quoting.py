"""What was said without what only fills: the words that a retelling starts from, and that a person is offered."""

from __future__ import annotations

import re
from typing import Final

from auscult.engines.writer.offline.fluent import fluent
from auscult.engines.writer.offline.wording import is_broken, words_of

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
            r"|would(?! (?:also )?like\b)))+(?= (?:want|like|going|order|recommend|get|have|put|send|refer|start"
            r"|prescribe|need|plan|check|give|add|set)\b)",
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
_PRESSURE: Final = re.compile(
    r"^(?:and |so )*(?:it|that)(?:'s|(?P<verb> is| was)) (?=(?:[a-z]+ ){0,3}\d{2,3} over \d{2,3}\b)", re.IGNORECASE
)
"""What is "150 over 70" is a blood pressure."""
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
