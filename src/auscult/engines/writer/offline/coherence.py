"""Whether a retold sentence is one: who does what, with nothing left hanging at either end.

Speech without punctuation is cut into sentences by guess, and a wrong cut leaves half of two things. What can go
without changing the claim is cut off; for what stays broken the answer is nothing, and the transcript stands beside the
note. No grammar of English: the ways in which such speech was seen to break.
"""

from __future__ import annotations

import itertools
import re
from typing import Final

from auscult.engines.writer.offline.agreement import is_finite, is_verb
from auscult.engines.writer.offline.complaints import complaints_in
from auscult.engines.writer.offline.person import sentence

_WORDS: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+(?:[./]\d+)*|,", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"^(?P<lead>Reports that|It (?:is|was) thought that|It appears that|It seems that) (?P<rest>.+)$", re.DOTALL
)
_SUBJECTS: Final = frozenset({"they", "he", "she", "we"})
_BE: Final = frozenset({"is", "are", "was", "were", "isn't", "aren't", "wasn't", "weren't"})
_HAVE: Final = frozenset({"has", "have", "had", "hasn't", "haven't", "hadn't"})
_DO: Final = frozenset({"does", "do", "did", "don't", "doesn't", "didn't"})
_MODAL: Final = frozenset(
    {"can", "could", "will", "would", "should", "may", "might", "must", "can't", "couldn't", "won't", "wouldn't",
     "shouldn't", "cannot"}
)  # fmt: skip
_ADVERBS: Final = frozenset(
    {"also", "just", "still", "really", "never", "always", "often", "sometimes", "usually", "now", "then", "currently",
     "recently", "probably", "only", "even", "both", "all", "actually", "definitely", "kind", "of", "sort", "totally",
     "mostly", "basically", "typically", "generally", "first", "not", "quickly", "suddenly", "finally", "certainly",
     "already", "ever", "initially", "occasionally", "barely", "hardly", "eventually", "gradually", "immediately",
     "absolutely", "normally", "rarely", "accidentally", "quite", "previously", "once", "originally", "each",
     "obviously", "possibly", "slowly", "specifically", "simply", "maybe", "particularly", "apparently", "so",
     "frequently", "constantly", "completely", "fully", "subsequently", "otherwise", "tentatively", "likely"}
)  # fmt: skip
_DETERMINERS: Final = frozenset({"the", "a", "an", "this", "these", "those", "their", "his", "her", "its", "my"})
_PREPOSITIONS: Final = frozenset(
    {"of", "in", "on", "at", "by", "with", "from", "for", "to", "into", "about", "during", "over", "under", "between"}
)
_JOINS: Final = frozenset({"when", "if", "because", "and", "or", "but", "while", "which", "who", "that", "since", "so"})
_NOISE: Final = frozenset({"yeah", "yes", "okay", "um", "uh", "oh", "well", "hey", "hi", "very", "such"})
_NO_VERB_AFTER: Final = _DETERMINERS | (_PREPOSITIONS - {"about", "over"}) | _JOINS | _NOISE
_THIRD: Final = frozenset({"is", "was", "has", "does", "looks", "feels", "takes", "gets", "goes", "says", "seems"})
_LIMITING: Final = frozenset(
    {"not", "never", "only", "sometimes", "rarely", "hardly", "barely", "occasionally", "maybe", "possibly", "probably",
     "once", "mostly", "usually", "ever", "first", "initially", "likely"}
)  # fmt: skip
"""Adverbs that say how far a claim goes: "but only sometimes" stays."""
_LOOSE: Final = (_ADVERBS - _LIMITING) | _JOINS | {
    "otherwise", "overall", "essentially", "right", "now", "then", "as", "well", "too", "again", "though", "there",
    "here", "they", "she", "he", "it", "the", "a", "an", "some", "reason", "for", "like", "you", "know", "them",
    "it's", "that's", "anyway", "okay", "yeah", "case", "in", "their", "point", "at", "this", "today", "especially",
}  # fmt: skip
"""Words that say nothing by themselves behind a last "and", "but" or "so"."""
_TAIL: Final = re.compile(r"(?<!\ba)[ ,]+(?:and|but|so|or|because|which|that|then|while|when|if)\b", re.IGNORECASE)
_TAIL_OF_DENIAL: Final = re.compile(r"[ ,]+(?:and|but|so|then)\b", re.IGNORECASE)
_DENIES: Final = re.compile(r"\b(?:no|not|never|without|denies|none)\b|n't\b", re.IGNORECASE)
"""Where a condition behind what is denied limits it: "denies pain when" is not "denies pain"."""
_ON_EXAM: Final = re.compile(
    r"[ ,]+(?:and )?(?:on|in) (?:the |their |his |her )?(?:\w+ ){0,2}exam(?:ination)?$", re.IGNORECASE
)
_OPEN_END: Final = re.compile(
    r"\b(?:every(?: now(?: and)?| once)?|of|in|on|at|by|with|from|for|to|into|about|during|over|under|had|has"
    r"|have|is|are"
    r"|was|were|did|do|does|the|than|so|and|or|but)$",
    re.IGNORECASE,
)
"""What "and so" or "that time" belongs to."""
_SINCE: Final = re.compile(
    r"(?:[ ,]+(?:and|then))+ (?:since|over|during|for) (?:that|the)(?: past| last)? (?:time|weeks?"
    r"|months?)$",
    re.IGNORECASE,
)
_TIME: Final = re.compile(
    r"(?<!\bfor)(?<!\bthan)[ ,]+(?:so[ ,]+)?(?:right now|essentially"
    r"|at this point)$",
    re.IGNORECASE,
)
_WORN: Final = re.compile(
    r"\b(?:is|are|was|were|been) (?:saying|telling|doing|going|getting|trying|looking|having|taking|using|running)"
    r"(?: right now| now)?$",
    re.IGNORECASE,
)
"""A verb that waits for what is said, done or taken."""
_ONLY_WILL: Final = re.compile(
    r"^Will (?:avoid|do|get|give|send|take|use|put|have|start|see|check|order|go(?: ahead)?|try|make|continue|talk"
    r"|discuss|look)$",
    re.IGNORECASE,
)
_ONCE_MORE: Final = re.compile(
    r"^(?:that(?! (?:will|should|would|can|may|could)\b)|here is|there (?:is|are) like|for as long as|none"
    r"|not if|not when|around|on their (?:phone|way)"
    r"|because|usually when|occasionally|especially|including|whether|than|clear)\b",
    re.IGNORECASE,
)
_STRANGE: Final = re.compile(
    r"\b(?:has|have|had) (?:an? |the |some )?(?:(?!(?:when|if|because|since|while|before|after|as|where"
    r"|what|how|than|and"
    r"|but|so|who|that|which|whenever|until|though|although)\b)[a-z]+ ){1,3}(?:is|are|was|were) "
    r"|\bthe more\b.*\bthe more$|\b(?:to for|to of|of to|of for|for of|with of|for to)\b"
    r"|^(?:on|in) [^,]+, (?:is|are|was|were)\b|^for [^,]*\b(?:as long as|plan$)|\bit just (?:the|a|their)\b"
    r"|\b(?:if|so|because|when|that|and|but) (?:them|they|he|she|we)$"
    r"|^advised to (?:heal|develop|recover|improve|feel|notice|experience|lose|get (?:better|worse))\b"
    r"|\bit it\b|^man\b|^there is this\b|\bno\b.*\bor nothing\b"
    r"|^(?:over|across)\b(?! the (?:past|last|course|next|weekend|counter|years))"
    r"|'s$|^no (?:an?|the|but|that|it)\b|^denies (?:but|mostly|type)\b"
    r"|\bhow (?:severe|long|much|many|often|bad) (?:is|are|do|does|did|was|have|has)\b"
    r"|\bend of note\b|\bplease summari[sz]e\b"
    r"|\breports (?:can|cannot|could|would|will|is|are|was|has|have|had|do|does|did|or|and|but|injured|broken"
    r"|tight$|going to)\b"
    r"|\b(?:is|are|was|were|has|have) and\b|\bhow(?:'re| are| is)\b|(?<!come )(?<!comes )(?<!came )(?<!go"
    r" )(?<!went )\b(?:in|of|at|from|with|for) and\b(?! out\b)"
    r"|\bnot yet$|^not at this time\b|^anytime from\b|^(?!.*(?:\b(?:no|not|never|nothing|has|have)\b"
    r"|n't)).*\byet$|^(?:helping|format)\b|\blet's\b|\bat on\b|^(?:the patient|they) did back\b|\b(?:is|was|are|were)"
    r" during\b|\bwere so initially\b|^there (?:is|are) (?:in|to|at|of) |^advised to"
    r" (?:know|think|believe|understand)\b|\bto (?:decrease|increase|lower|reduce)$|^it started$"
    r"|\bnoticed like since\b|\b(?:is|are|was|were) (?:doing|saying) (?:they|he|she|it)\b|\blooked here\b"
    r"|\bbut any \w+$"
    r"|^denies .*\bwith that they\b"
    r"|^denies (?!.*\b(?:that|when"
    r"|if|which|who|where|how|what|any)\b)(?:[a-z]+ ){1,3}(?:is|are|was|were)\b|\bthought that (?:this|it"
    r"|they) (?:because|and|when|if)\b|^advised to do to\b"
    r"|^(?:explains|means|makes|let (?:them|him|her))\b|^onset: it happened$|\bnot sure about (?:remember|know"
    r"|have|think)\b"
    r"|^there (?:is|are) (?:which\b|nothing$)|\bthe patient (?:does not |cannot )?(?:appreciate|palpate|auscultate)s?\b"
    r"|^(?!.*(?:\b(?:no|not|never|without|if|or)\b|n't)).*\banything$"
    r"|^advised to (?:continue to )?(?:use|take|do|try)$|^the patient has \d+$"
    r"|^there is (?:no at all|cva)$|\bheard that is\b|\bconcerned about (?:there|here)$"
    r"|\bsometimes and then\b|^(?:talk|see you) soon$|^will (?:talk|see (?:them|him|her)) soon$"
    r"|\b(?:not|recommended|avoid) \w+ing or doing$|\bstill, (?:they|he|she)\b|\bmore like so\b",
    re.IGNORECASE,
)
"""Two beginnings of a sentence run into each other."""
_APART: Final = (
    (_HAVE, _SUBJECTS | {"if", "because", "so", "and", "but", "it's", "is", "was"}),
    (_MODAL, (_DETERMINERS - {"a"}) | _NOISE | _THIRD | _SUBJECTS | {"it"}),
    (_DO, frozenset({"is", "are", "was", "they", "he", "she"})),
    (_DETERMINERS, frozenset({"themselves", "himself", "herself", "their", "them"})),
    (frozenset({"a", "an", "the", "their"}), frozenset({"got", "have", "goes", "did", "does"})),
)
"""Words that stand next to each other, but for adverbs, in no sentence."""
_EARLY: Final = 4
"""Words in which "has when" is no "had when they were young"."""
_OPENS: Final = re.compile(
    r"^(?:when|if|while|because|since(?! then)|as|after|before|until|unless|although|once|whenever"
    r"|every time)\b",
    re.IGNORECASE,
)
_SLIGHT: Final = re.compile(r"^(?:an?|some) (?:\w+ ){0,2}\w+, (?:and|but)\b", re.IGNORECASE)
"""A complaint that only was named: "that a slight cough, and ..."."""
_GOOD: Final = re.compile(
    r", which (?:is|was) (?:great|nice|(?:very |pretty |really )?good|fine"
    r"|normal)$",
    re.IGNORECASE,
)
_AGAIN: Final = re.compile(r"\bit's (?=it\b)|, that's (?:those|the|what|just)\b.*$", re.IGNORECASE)
"""What is said twice, or of what was said."""
_NOT_REALLY: Final = re.compile(
    r"(?:,? or not(?: really)?|, maybe| with associated clear|,? (?:about|on|of) (?:what|which) \w+"
    r"|, so a lot of times)$",
    re.IGNORECASE,
)
_EVER: Final = re.compile(r"(?<!\bworst)(?<!\bbest) ever$", re.IGNORECASE)
_VERBS: Final = frozenset(
    {"hurts", "is", "was", "has", "feels", "makes", "helps", "got", "gets", "happened", "seems", "looks", "means",
     "came", "goes", "went", "happens", "did", "does"}
)  # fmt: skip
_PATIENT: Final = re.compile(
    r"(?<=^very )(?=(?:they|he|she)(?:'re|'s| is| are) )|\bthe patient (?=(?:(?:also|just|still|never"
    r"|always|does|did|has|had|is|was|can|could|will|would|went"
    r"|felt|feels|takes"
    r"|took|says|notes|noticed|thinks|gets|got|came|comes|needs|should|wants)\b))",
    re.IGNORECASE,
)
_LIMITS: Final = re.compile(
    r"\b(?:no|not|never|if|when|unless|without|before|after|because|since|while|as|until|and|or|but|that|than|how|what"
    r"|where|which|who|why|thought|appears|seems|with|for|in|on|at|by|during|once|although|though|so|to|from|like"
    r"|ago|day|days|week|weeks|month|months|year|years|yesterday|today|tonight|morning|night|now|then|currently"
    r"|recently|sometimes|usually|also|overall|initially|previously|occasionally|denies|reports|advised|say|says|said"
    r"|think|thinks|believes|believe|sure|concerned|hoping|glad|worried|per|time|times)\b|n't\b|[:;]",
    re.IGNORECASE,
)
"""Words before a subject that may belong to what is told of it."""
_SECOND: Final = re.compile(
    r",\s+(?=(?:they|it|he|she|we|there|this|the patient) (?:is|are|was|were|do|does|did|can|cannot|will|would|could"
    r"|should|has|have|had|feels?|felt|hurts?|came|went|started|looks?)\b|(?:they're|it's|he's|she's|there's|that's)\s"
    r"|(?:sensation|strength|motor|pulses?|there) (?:is|are|was|were)\b)"
    r"|(?<!,)\s+(?=the rest of (?:the|his|her|their) \w+ (?:is|are|was)\b)"
    r"|(?<!,)\s+(?=(?:they|he|she|it) (?:is|are|was|were|do|does|did) (?:not |in |a |the |very |still |pretty"
    r"|really |getting |also |just )\w)",
    re.IGNORECASE,
)
"""Before a second subject with its verb. Without a comma only where no noun can take it along ("the dose they were
on")."""
_OWN_CLAUSE: Final = re.compile(r"(?<!,)\s+(?=(?:they|he|she) (?:get|gets|have|has|had|feel|feels)\b)", re.IGNORECASE)
"""Behind a denial; only where a complaint follows, since "any pain they have had" is one."""
_SUBORDINATE: Final = frozenset(
    {"if", "when", "whenever", "because", "since", "while", "as", "after", "before", "until", "unless", "although",
     "though", "once", "that", "which", "who", "whose", "what", "where", "how", "why", "whether", "every", "than"}
)  # fmt: skip
"""After one of these the second clause may belong to the first."""
_TAKES_CLAUSE: Final = _PREPOSITIONS | _JOINS | _BE | _HAVE | _DO | _MODAL | {
    "think", "thinks", "thought", "know", "knows", "say", "says", "said", "sure", "hope", "hopes", "glad", "afraid",
    "feel", "feels", "felt", "believe", "believes", "guess", "told", "worried", "concerned", "not", "or", "like",
    "time", "way", "thing", "things", "all", "something", "anything", "everything", "nothing", "sorry", "happy", "see",
    "means", "them", "him", "her", "mean", "understand", "wish", "agree", "aware", "notice", "noticed", "seems", "only",
    "amount", "having", "take", "cause", "playing", "so",
}  # fmt: skip
"""Before a subject these take its clause: "thinks it is"."""
_FEWEST: Final = 2
"""Words of a sentence."""
_ONLY_NAMED: Final = re.compile(r"^(?:an?|some|several|many|lots?|few|\d+|there are times$)\b(?!.*:)", re.IGNORECASE)
"""What begins like a noun and has no verb tells nothing: "a lot of responsibility"."""
_OPENS_NO_CLAUSE: Final = re.compile(r"^(?:based|at|on|in|for|with|over|no|one|number)\b", re.IGNORECASE)


def coherent(text: str) -> str:
    """The sentence with nothing hanging at its ends; empty when it does not hold together.

    Never longer, and never without a word that denies or limits what stays.
    """
    match = _LEAD.match(text)
    lead, body = (f"{match['lead']} ", match["rest"]) if match else ("", text)
    body = _EVER.sub("", _begun(_ended(body.strip(" ."))))
    named = _SLIGHT.match(body) if match else None
    if named and match and match["lead"] == "Reports that":
        lead, body = "Reports ", body.replace(", and again, ", ", and ")
    words = [word.lower() for word in _WORDS.findall(body)]
    if not words or _breaks(words) or _WORN.search(body) or _ONLY_WILL.match(body) or _STRANGE.search(body):
        return ""
    if lead not in {"", "Reports "} and words[0] not in _SUBJECTS and not any(is_finite(word) for word in words):
        return ""
    if (lead and words[0] in _VERBS) or (
        not lead and _ONLY_NAMED.match(body) and not _clauses([w for w in words if w != "like"])
    ):
        return ""
    if _ONCE_MORE.match(body) or (_OPENS.match(body) and "," not in words and _clauses(words) < 2):
        return ""
    return sentence(lead + _apart(body))


def _apart(body: str) -> str:
    """Two sentences that a comma or nothing holds apart, with a semicolon between them."""
    for match in (*_SECOND.finditer(body), *(_OWN_CLAUSE.finditer(body) if body.startswith("Denies ") else ())):
        before = [word.lower() for word in _WORDS.findall(body[: match.start()])]
        if (
            len(before) < _FEWEST
            or ";" in body[: match.start()]
            or set(before) & _SUBORDINATE
            or _OPENS_NO_CLAUSE.match(body)
        ):
            continue
        if match.re is _OWN_CLAUSE and not complaints_in(body[match.end() :]):
            continue
        if before[-1] in _TAKES_CLAUSE or is_verb(before[-2], before[-1]) or not _clauses(["", *before]):
            continue
        return f"{body[: match.start()]}; {body[match.end() :]}"
    return body


def _ended(body: str) -> str:
    """Without a last "and then", "but otherwise", "so right now"."""
    before = ""
    while before != body:
        before = body
        body = _NOT_REALLY.sub("", _AGAIN.sub("", _GOOD.sub("", body)))
        body = _TIME.sub("", _SINCE.sub("", _ON_EXAM.sub("", body))) if len(body.split()) > 4 else body
        for match in (_TAIL_OF_DENIAL if _DENIES.search(body) else _TAIL).finditer(body):
            kept = body[: match.start()].rstrip(" ,")
            rest = {word.lower() for word in _WORDS.findall(body[match.end() :])} - {","}
            if rest <= _LOOSE and len(kept.split()) > 2 and not _OPEN_END.search(kept):
                body = kept
                break
    return body


def _begun(body: str) -> str:
    """Without what an earlier sentence left before the subject."""
    match = _PATIENT.search(body)
    if match and 0 < match.start() <= 24 and not _LIMITS.search(body[: match.start()]):
        return body[match.start() :]
    first, join, rest = body.partition(", and ")
    if join and len(first.split()) <= 3 and not _LIMITS.search(first) and re.match(r"(?:the patient|they|it) ", rest):
        return rest
    return body


def _breaks(words: list[str]) -> bool:
    """True where a subject has no verb, or a verb what cannot stand behind it."""
    for place, word in enumerate(words):
        after = place + 1
        while after < len(words) and words[after] in _ADVERBS:
            after += 1
        if after >= len(words):
            continue
        following = words[after]
        if following == "and" and words[after + 1 : after + 2] in (
            ["their"],
            ["his"],
            ["her"],
        ):  # "they and their wife"
            continue
        if word in _SUBJECTS and (place == 0 or words[place - 1] not in _DO | _BE | _HAVE | _MODAL):
            if following in _NO_VERB_AFTER | _SUBJECTS | {"there", "it"} or (word == "they" and following in _THIRD):
                return True
            if following.endswith("ing") and following != "bring" and place == 0:
                return True
        if (
            word in _BE
            and words[place - 1] not in {"problem", "thing", "do"}
            and following in _SUBJECTS | _HAVE | {"yeah"}
        ):
            return True
        if word in _HAVE and following == "when" and place < _EARLY:
            return True
        if any(word in one and following in other for one, other in _APART):
            return True
    return words[0] in {"it", "this"} and len(words) > 1 and words[1] in _JOINS | _SUBJECTS


def _clauses(words: list[str]) -> int:
    """How many of the words are a verb with something before it."""
    count = 0
    for before, word in itertools.pairwise(words):
        count += is_finite(word) and before not in _MODAL | _DO | _BE | _HAVE | _DETERMINERS | {"to", ","}
    return count
