"""Questions and their answers: "Any fever?" "No." becomes "Denies fever."."""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.engines.writer.offline.answers import UNSURE, Answer, Reply, read_answer
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import lower_first, of_patient, sentence, to_patient
from auscult.engines.writer.offline.sentences import Sentence
from auscult.engines.writer.offline.turned import turned
from auscult.knowledge.findings import mentions_finding
from auscult.knowledge.numerals import numbers_in

_LEAD = re.compile(
    r"^(?:(?:and|so|but|okay|ok|right|now|also|well|alright|all right|good|then|sure|thank you|thanks"
    r"|(?:i )?(?:do )?(?:just )?(?:want to |to )?make sure"
    r"(?: that)?)[, .]+)+",
    re.IGNORECASE,
)
_HABITS: Final = (
    (re.compile(r"^do you (?:still )?smoke\b", re.IGNORECASE), "Smokes", "Does not smoke", "smoking"),
    (re.compile(r"^(?:did you|have you) ever smoked?\b", re.IGNORECASE), "Has smoked", "Has never smoked", "smoking"),
    (re.compile(r"^do you vape\b", re.IGNORECASE), "Vapes", "Does not vape", "vaping"),
    (
        re.compile(r"^do you drink(?: any)?(?: alcohol)?\W*$", re.IGNORECASE),
        "Drinks alcohol",
        "Does not drink alcohol",
        "alcohol",
    ),
    (
        re.compile(
            r"^(?:are you|could you be|(?:is there )?any chance (?:that )?you (?:could|might) be) pregnant\b",
            re.IGNORECASE,
        ),
        "Says that they may be pregnant",
        "Says that they are not pregnant",
        "pregnancy",
    ),
)
_SMOKED: Final = re.compile(r"\bsmok(?:e|er|ed|ing|es)\b|\bcigarettes?\b", re.IGNORECASE)
_QUIT: Final = re.compile(
    r"\b(?:i used to|i did (?:back|years|a long time|when)|i (?:quit|stopped|gave (?:it )?up)\b(?! (?:for"
    r"|but))|not any ?more"
    r"|years ago i did|i haven't smoked)\b(?!.*\b(?:still|again|started|now i (?:do|smoke))\b)",
    re.IGNORECASE,
)
"""An answer that says that smoking is over."""
_ALLERGY = re.compile(r"\ballerg(?:y|ies|ic)\b(?P<rest>.*)$", re.IGNORECASE)
_NOUN: Final = (
    re.compile(
        r"^(?:have you (?:ever )?(?:had|have|got|noticed|experienced|been having|been getting|been experiencing)"
        r"|do you (?:have|get|notice|experience)|did you (?:have|get|notice|experience)"
        r"|are you (?:having|getting|experiencing)|(?:is|was|are|were) there|has there been|has he had"
        r"|has she had)\s+(?:any\s+|a\s+|an\s+|some\s+)?(?P<noun>.+)$",
        re.IGNORECASE,
    ),
    re.compile(r"^any\s+(?P<noun>.+)$", re.IGNORECASE),
    re.compile(
        r"^(?:how|what) about\s+(?:any\s+|other symptoms,? like\s+)?(?P<noun>(?!your\b)(?!.*\b(?:when|if|here"
        r"|there|does|is|you"
        r"|they)\b).+)$",
        re.IGNORECASE,
    ),
)
_DOUBTED: Final = re.compile(
    r"^(?:no(?: problems with| issues with)?|you(?:'re| are) not (?:having|experiencing|getting)"
    r"|you (?:do not|don't) have|you (?:haven't|have not) (?:had|noticed|been having)"
    r"|you deny)\s+(?:any\s+)?(?P<noun>.+)$",
    re.IGNORECASE,
)
"""A question put as a no: "no vision problems?" Both "no" and "correct" say no to it."""
_CONFIRMED: Final = re.compile(r"^(?:\W*(?:yeah|yes|yep|that's))?\W*(?:correct|right|none|no|nope)\b", re.IGNORECASE)
_INNER: Final = re.compile(
    r"\b(?:(?:have|do|did|are) you (?:ever |been )*(?:experienc\w+|hav(?:e|ing)|had|got|get|getting|notic\w+)|(?:has"
    r"|is|was) there"
    r"|how about|what about|any)\b",
    re.IGNORECASE,
)
_BOUND: Final = re.compile(
    r"\b(?:when|if|push|press|touch|while|during|with|after|before|how long|since)\b", re.IGNORECASE
)
"""Words that bind a question to what was said before it: "when I press here, any pain?"."""
_UNTOLD: Final = re.compile(
    r"\b(?:here|there|this|right where)\b|^(?:pain|tenderness|sore\b.*)$|^(?:no|medic\w+|surger\w+|treatment)\b"
    r"|\b(?:did|do|does|are|have|is|were|was) (?:they|it|you|he|she|i)\b",
    re.IGNORECASE,
)
"""Where a finger points the note does not see ("any pain here?"), and two questions in one have no one answer."""
_WELL: Final = re.compile(r"\b(?:okay|ok|alright|well|fine|good)$", re.IGNORECASE)
"""Nobody denies that: a "none of that" is of the complaints that were asked for in the same breath."""
_LEADING: Final = 12
"""Words that may stand before the question proper: "and other symptoms, any fever?"."""
_LISTED: Final = re.compile(
    r"^(?!.*\b(?:you|your|i|it|is|are|was|were|do|does|did|have|has|had|can|could|would|that|this|we|they|here|there"
    r"|when)\b)"
    r"[a-z][a-z ,'-]+$",
    re.IGNORECASE,
)
"""Complaints asked by their bare names: "nausea, vomiting, diarrhea?"."""
_MOST_LISTED: Final = 14
_BUT_FOR: Final = re.compile(
    r"^(?:i mean )?(?:just|only|except(?: for)?|other than|apart from|but)\s+(?:for )?(?:the|my|some|a"
    r"|this)?\s*(?P<what>[a-z][a-z ]+)$",
    re.IGNORECASE,
)
"""All of a list is denied but one: "no, just the swelling"."""
_DOING = re.compile(r"^(?:are you|have you been|were you)\s+(?P<verb>\w+ing\b)(?P<rest>.*)$", re.IGNORECASE)
_BEING = re.compile(r"^are you\s+(?P<rest>.+)$", re.IGNORECASE)
_CLAUSE = re.compile(r"^do you\s+(?:ever\s+)?(?P<rest>.+)$", re.IGNORECASE)
_TROUBLE: Final = re.compile(
    r"^(?:(?:do|did|have) you (?:have|had|noticed) )?any (?:problems?|trouble|issues?|difficult(?:y|ies))"
    r" (?:with (?:your )?)?(?:sleep|eat|breath|swallow|walk|urinat|bowel|bladder|pass|chew|concentrat)",
    re.IGNORECASE,
)
_OF_ILLNESS = re.compile(
    r"^how long have you (?:been (?:feeling|having|getting|like|unwell|sick|ill)|had (?:it|this|that|these|them))\b"
    r"|^how long has (?:it|this|that) been\b|^when did (?:it|this|that|these|they|the \w+) (?:start"
    r"|begin|come on|happen)\b",
    re.IGNORECASE,
)
"""Questions about the illness that do not name it."""
_SPAN = re.compile(
    r"^(?:(?:about|for|around|maybe|nearly|over|almost|just|since|last|the|past|it's been|it has been)\s+)*"
    r"(?:\d+(?:\.\d+)?(?:\s*(?:to|or|-)\s*\d+)?|a|a few|a couple of|several|the)\s+(?:hours?|days?"
    r"|weeks?|months?|years?|night)"
    r"(?:\s+(?:ago|now))?",
    re.IGNORECASE,
)
_LABELS: Final = (
    (re.compile(r"^how long\b", re.IGNORECASE), "Duration"),
    (re.compile(r"^when did\b", re.IGNORECASE), "Onset"),
    (re.compile(r"^where\b", re.IGNORECASE), "Site"),
    (re.compile(r"^how (?:bad|severe)\b|\bscale\b|\bout of 10\b", re.IGNORECASE), "Severity"),
    (re.compile(r"^how often\b", re.IGNORECASE), "How often"),
    (re.compile(r"\bmakes? it worse\b", re.IGNORECASE), "Worse with"),
    (re.compile(r"\bmakes? it better\b|\bhelps?\b", re.IGNORECASE), "Better with"),
)


def is_allergy_question(question: Sentence) -> bool:
    """True when allergies were asked about."""
    return _ALLERGY.search(question.text) is not None


def pair(question: Sentence, answer: Sentence, *, heard_badly: bool) -> Item | None:
    """The statement that a question and its answer make together, or None when they say nothing of the patient."""
    asked = _LEAD.sub("", question.text).strip(" ?.!")
    given = read_answer(answer.text)
    if heard_badly:
        given = Answer(given.reply, given.rest if given.reply is Reply.OTHER else "")
    turns = tuple(dict.fromkeys((question.turn_id, answer.turn_id)))
    if is_allergy_question(question):
        return Item("allergy", _no_allergies(asked), turns, Polarity.NEGATED) if given.reply is Reply.NO else None
    if given.reply is Reply.OTHER and _SMOKED.search(asked) and _QUIT.search(answer.text) and not heard_badly:
        return Item("history", "Used to smoke.", turns)
    asked = _proper(asked)
    for pattern, yes, no, topic in _HABITS:
        if pattern.match(asked):
            if heard_badly and given.reply is Reply.OTHER:
                return None
            habit = _habit(given, answer.text, yes=yes, no=no, topic=topic)
            return Item("history", habit[0], turns, habit[1]) if habit else None
    clinical = mentions_finding(asked, "symptom", "condition", "body") or _TROUBLE.match(asked)
    if not clinical and not _OF_ILLNESS.match(asked):
        return _turned(asked, given, turns)
    for pattern, label in _LABELS:
        if pattern.search(asked):
            return _labelled(label, given, turns, heard_badly=heard_badly)
    doubted = _DOUBTED.match(asked)
    if doubted:
        return _confirmed(_noun(doubted["noun"]), answer, turns)
    return _answered(asked, answer, given, turns) or _turned(asked, given, turns)


def _turned(asked: str, given: Answer, turns: tuple[TurnId, ...]) -> Item | None:
    """What a bare yes or no says of a question that names no complaint."""
    told = turned(asked, yes=given.reply is Reply.YES) if given.reply is not Reply.OTHER and not given.rest else None
    return Item("history", told[0], turns, told[1]) if told else None


def _confirmed(noun: str, answer: Sentence, turns: tuple[TurnId, ...]) -> Item | None:
    """The denial that was put to the patient, if they agree to it."""
    if not _CONFIRMED.match(answer.text) or _UNTOLD.search(noun):
        return None
    return Item("history", _denied(noun, ""), turns, Polarity.NEGATED)


def _answered(asked: str, answer: Sentence, given: Answer, turns: tuple[TurnId, ...]) -> Item | None:
    """The statement of a question that yes or no can answer."""
    topic, affirmed, denied = _topic(asked)
    if not topic or _UNTOLD.search(topic) or (given.reply is Reply.NO and _WELL.search(topic)):
        return None
    if given.reply is Reply.NO and denied == f"Denies {topic}":
        return Item("history", _denied(topic, given.rest), turns, Polarity.NEGATED)
    if given.reply is Reply.NO:
        return Item("history", _with_rest(denied, given.rest, topic), turns, Polarity.NEGATED)
    if given.reply is Reply.YES:
        several = re.search(r"\bor\b", topic) is not None and not given.rest
        polarity = Polarity.POSSIBLE if several else Polarity.AFFIRMED
        return Item("history", _with_rest(affirmed, given.rest, topic), turns, polarity)
    if UNSURE.match(answer.text):
        return Item("history", sentence(f"Is not sure about {topic}"), turns, Polarity.POSSIBLE)
    return None


def is_asked(said: Sentence, answer: Sentence) -> bool:
    """True for a statement to which the other says yes or no as to a question: "so no fever" - "no"."""
    asked = _proper(_LEAD.sub("", said.text).strip(" ?.!"))
    given = read_answer(answer.text)
    if said.question or given.reply is Reply.OTHER or given.rest or not mentions_finding(asked, "symptom", "condition"):
        return False
    return _DOUBTED.match(asked) is not None or any(pattern.match(asked) for pattern in (*_NOUN, _DOING))


_WHAT_ABOUT: Final = re.compile(r"\b(?:what|how) about (?!that\b|this\b|it\b)", re.IGNORECASE)
_COUNTS: Final = re.compile(r"^how (?:many|much|long|often)\b", re.IGNORECASE)
"""What follows is asked of an amount: "how many years did you smoke" is no "did you smoke"."""


def _proper(asked: str) -> str:
    """The question without what stands before it in the same breath, unless that limits it."""
    if _COUNTS.match(asked):
        return asked
    last = list(_WHAT_ABOUT.finditer(asked))
    if last and last[-1].start():  # what stands before it was told, not asked
        return asked[last[-1].start() :]
    match = next((one for one in _INNER.finditer(asked) if one.start() or "about" not in one[0].lower()), None)
    if match is None or not match.start():
        return asked
    before = asked[: match.start()].rstrip()
    if match[0].lower() == "any" and not re.search(r"(?:[,;.]|\b(?:and|about|or|like|then|also|too))$", before):
        return asked
    return (
        asked
        if len(before.split()) > _LEADING or _BOUND.search(before) or _DOUBTED.match(asked)
        else asked[match.start() :]
    )


def _noun(text: str) -> str:
    """Complaints as they were asked about, as a list: "fever, chills" is "fever or chills"."""
    noun = re.sub(
        r"\b(?:any|at all|that you know of|that you've noticed|right now|now|today|just want to make sure)\b\s*"
        r"|,?\s*(?:\b(?:or|and) )?anything (?:like that|else)\b|,\s*(?:or )?anything$"
        r"|\b(?:associated with (?:that|it|this)|lately|in the past)$",
        "",
        text,
        flags=re.IGNORECASE,
    )
    noun = re.sub(r"\b(?:down |up |right |over )?(?:here|there) (?=(?:in|on|at) )", "", noun, flags=re.IGNORECASE)
    noun = re.sub(r"^(?:like|(?:type|kind|sort)s? of)\s+", "", noun.strip(" ,?."), flags=re.IGNORECASE)
    noun = re.sub(r"^(?:other )?symptoms,? (?:like |such as )?(?=\w)", "", noun.strip(" ,?."), flags=re.IGNORECASE)
    noun = lower_first(to_patient(noun)).strip(" ,?.")
    if "," in noun and not re.search(r"\b(?:or|and)\b", noun):
        noun = " or ".join(noun.rsplit(", ", 1))
    return re.sub(r"^(?:a|an|some) ", "", noun)


def _denied(noun: str, rest: str) -> str:
    """The denial of a list, without the one complaint of it that the answer owns to."""
    owned = _BUT_FOR.match(rest)
    parts = [part for part in re.split(r",\s*(?:or |and )?|\s+(?:or|and)\s+", noun) if part]
    if owned is None or len(parts) < 2:  # a list has two
        return _with_rest(f"Denies {noun}", rest, noun)
    named = set(owned["what"].lower().split()) - {"in", "the", "my", "of", "with", "to", "a", "and", "some"}
    left = [part for part in parts if not named & set(part.lower().split())]
    if not left:
        return _with_rest(f"Denies {noun}", rest, noun)
    listed = " or ".join(filter(None, (", ".join(left[:-1]), left[-1])))
    return sentence(f"Denies {listed}; reports {of_patient(owned['what']).strip()}")


def _topic(asked: str) -> tuple[str, str, str]:
    """What is asked about, and the sentences for yes and for no; empty when the question cannot be turned."""
    for pattern in _NOUN:
        match = pattern.match(asked)
        if match:
            noun = _noun(match["noun"])
            return noun, f"Reports {noun}", f"Denies {noun}"
    if _LISTED.match(asked) and len(asked.split()) <= _MOST_LISTED and mentions_finding(asked, "symptom", "condition"):
        noun = _noun(re.sub(r"^(?:specifically|like|such as)\s+", "", asked, flags=re.IGNORECASE))
        return noun, f"Reports {noun}", f"Denies {noun}"
    match = _DOING.match(asked)
    if match:
        rest = to_patient(re.sub(r"\b(?:any|at all)\b ?", "", match["rest"]))
        doing = f"{match['verb'].lower()}{rest}".strip(" ,")
        return doing, f"Reports {doing}", f"Denies {doing}"
    match = _BEING.match(asked)
    if match:
        state = to_patient(match["rest"])
        return state, f"Reports being {state}", f"Denies being {state}"
    match = _CLAUSE.match(asked)
    if match:
        clause = to_patient(re.sub(r"\bany\b ?", "", match["rest"]))
        return clause, f"Reports that they {clause}", f"Reports that they do not {clause}"
    return "", "", ""


def _habit(given: Answer, said: str, *, yes: str, no: str, topic: str) -> tuple[str, Polarity] | None:
    """The sentence for a habit that was asked about; None when the answer is too long to be one."""
    if given.reply is Reply.NO:
        return _with_rest(no, given.rest, topic), Polarity.NEGATED
    if given.reply is Reply.YES:
        return _with_rest(yes, given.rest, topic), Polarity.AFFIRMED
    if len(said.split()) > 15:
        return None
    return sentence(f"On {topic}: {lower_first(of_patient(said))}"), Polarity.AFFIRMED


def _labelled(label: str, given: Answer, turns: tuple[TurnId, ...], *, heard_badly: bool) -> Item | None:
    """A short answer to a "how long", "when", "where"; a longer one speaks for itself elsewhere.

    Where it was heard badly, only a span of time, a number or a place that is surely one is an answer.
    """
    span = _SPAN.match(given.rest) if label in {"Duration", "Onset"} else None
    told = span[0] if span else given.rest
    words = told.split()
    sure = span or (label == "Severity" and numbers_in(told)) or mentions_finding(told, "body", "symptom")
    if heard_badly and not sure:
        return None
    if given.reply is not Reply.OTHER or not 1 <= len(words) <= 10 or UNSURE.match(told):
        return None
    return Item("history", sentence(f"{label}: {lower_first(of_patient(told))}"), turns)


def _with_rest(start: str, rest: str, topic: str) -> str:
    """Add what the answer says beyond yes or no, unless it only repeats the question."""
    added = [
        word
        for word in re.findall(r"[a-z0-9]+", rest.lower())
        if word not in {"no", "yes", "any", "the", "a", "i", "have", "not"}
    ]
    if not added or set(added) <= set(re.findall(r"[a-z0-9]+", topic.lower())):
        return sentence(start)
    rest = re.sub(r"^not (?:really|at all),? (?=no\b)", "", rest, flags=re.IGNORECASE)
    return sentence(f"{start}; {lower_first(of_patient(rest))}")


def _no_allergies(asked: str) -> str:
    match = _ALLERGY.search(asked)
    rest = re.sub(r"\bany\b ?|\bthat you know of\b|\bat all\b", "", match["rest"]).strip(" ,?.") if match else ""
    rest = to_patient(rest) if rest.startswith("to ") else ""
    return sentence(f"Reports no allergies {rest}")
