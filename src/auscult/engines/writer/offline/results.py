"""Results that are told while one looks at them: "let's look at your x-ray", and in the next breath what it shows.

A test is opened when it is looked at or shown, and what the clinician says next belongs to it ("it shows", "there's no
fracture", "I don't see any") until the talk turns to the plan, the examination or something else. Each is told as one
sentence that names its test: "Right knee x-ray: no fracture." or "The creatinine looks stable."
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.agreement import third_person
from auscult.engines.writer.offline.investigations import NAMES, TEST, name_of
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import sentence, speaks_of_self, to_patient
from auscult.engines.writer.offline.sentences import Sentence
from auscult.engines.writer.offline.wording import is_broken, words_of
from auscult.knowledge.findings import mentions_finding

FARTHEST: Final = 6
"""Sentences after the last that spoke of a test in which "it" and "there" are still taken to be about it."""
LONGEST: Final = 40
"""Words of what one result shows."""

_LOOKED: Final = re.compile(
    r"\b(?:look(?:s|ed|ing)?(?: here)?(?: at| back at)|review(?:ed|ing)?|show me|here'?s|here is|this is|these are"
    r"|go(?:ing)? over"
    r"|went over|results? (?:of|for|from|on|in)|took|(?:we|they|you|i) (?:did|do|had|got|drew|have|have had)"
    r"|before coming in"
    r"|get (?:an?|your|that)|coming in|see on|seen? (?:here )?in|with your|(?:on|in) your|as for|came in)\b",
    re.IGNORECASE,
)
_NOT_YET: Final = re.compile(
    r"\b(?:order(?:ing|ed)?|schedul\w+|repeat|recheck|refer(?:ral)?|undergo|recommend|set up|send(?:ing)?|if|until"
    r"|whether"
    r"|once|would like|i'd like|like to (?:get|do|have|see)|want (?:you )?to (?:get|do|have|see|check)"
    r"|going to (?:get|do"
    r"|have|check|be|send|give|put|start|increase|decrease|continue|prescribe)"
    r"|(?:we|i|you|they|it|he|she)(?:'ll| will)|might need|need(?:s|ed)? (?:to|a|an)|should|could|monitor|next"
    r"|follow[- ]?up|prescrib\w+|milligrams?|recommendation|my diagnosis|diagnosis would|at home|future)\b",
    re.IGNORECASE,
)
"""The test is still to be done, or something else is decided."""
_ENDS: Final = re.compile(
    r"\b(?:assessment|my plan|plan for you|my impression|(?:first|second|third|next|last|other) problem|problem number"
    r"|exam(?:ination)?\b(?! room)|vital signs?|vitals|listen|symptoms are|treatment|physical therapy|medication"
    r"|years old"
    r"|-year-old|year old)\b",
    re.IGNORECASE,
)
_TURNS: Final = re.compile(
    r",?\s+(?:(?:and|so|but|now|then|because|alright|okay|well)\s+)*(?:(?:lem me|let me|let's|let us|what (?:does|do"
    r"|that means)"
    r"|so (?:what|that's|that|for|based|now|this|i|we|lem|let|you)|for your|that(?:'s| is) (?:really |very )?(?:good"
    r"|great|a good|fine"
    r"|what|where|a)|that (?:would )?means?|this means|and that can|so it|which (?:is (?:(?:really |very "
    r"|pretty )?(?:good|great|fine|reassuring|encouraging"
    r"|nice|not)|a good|just|what|basically)|i|means?|basically)|meaning|i(?:'m| am) (?:very |really |so )?(?:happy"
    r"|glad|pleased|going)"
    r"|i think|i know|we know|we concur|but (?:we|i|it's)|and (?:i|we|you can|what|so)|looking at|as we|based on"
    r"|last time (?:we (?:had|saw|checked)|i saw)|wh?at (?:it|i|we)|this (?:is|means))\b)\b.*$",
    re.IGNORECASE,
)
"""Where what is shown ends and the talk goes on."""
_TAIL: Final = re.compile(
    r"(?:[, ]+(?:there|here|right there|right here|right now|at all|now|today|so|and|but|okay|alright|well|also|too|in"
    r"|of|the|is|with|your|that|it|let|from that standpoint|on here|actually|still|which is|which))+$",
    re.IGNORECASE,
)
_HEDGE: Final = re.compile(
    r"^(?:it |this |that |they )?(?:does |do |just )?(?:look|looks|appear|appears|seem|seems|says?|said)(?: to me)?"
    r"(?: like| that| as if| there(?= there| is| are|'s)|(?= there|(?: to be)? there's))\s*(?:that )?",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"^(?:(?:and|so|but|now|also|okay|ok|alright|all right|well|yeah|yes|good|great|then|here(?!')|there(?=,)|luckily"
    r"|fortunately|unfortunately|thankfully|the good news is(?: that)?|the good thing is(?: that)?"
    r"|you can see(?: here)?(?: that)?"
    r"|as you can see|we can see(?: that)?|essentially|it's interesting|first|today|overall|again|just|really"
    r"|looking (?:here )?(?:at|on) (?:this|that|it)|no(?=,? (?:there|i)\b)|so far|if you look at this"
    r"|everything else,?(?= there))\b[ ,.]*)+",
    re.IGNORECASE,
)
_AFTER_NAME: Final = re.compile(
    r"^(?:\s*(?:that (?:we|you|they) (?:did|had|took)|we did|you had|when you came in|before (?:you came|coming) in"
    r"|(?:of|on|from) (?:your|the|that) (?:[\w-]+ ){0,3}?[\w-]+(?=,| i | there | it | looks? )|from [\w ]{2,20}(?=,)"
    r"|today|here|and|results?|coming in|last time(?= was)|,))+",
    re.IGNORECASE,
)
"""What is said of when and where a test was done, before what it shows."""
_PARTS: Final = re.compile(
    r"(?<!means)(?<!means that)(?<!meaning)(?<!meaning that)(?<!mean)(?<!mean that),?\s+(?:and |so |but |now "
    r"|because |where |which )*(?="
    r"(?:luckily|unfortunately|fortunately|thankfully|the good news)\b"
    r"|(?:it|this|that|these|they|which)(?: does| do)?(?: also)? (?:show|reveal|demonstrate|indicate)(?:s|ed)?\b"
    r"|it does look like\b|(?:it )?looks like (?:you|there|your)\b|what i(?:'m| am| do)? (?:see|seeing|notic\w+)\b"
    r"|i (?:do |don't |do not |can )?(?:also )?(?:see|appreciate|notice)\b|i'm (?:not )?(?:seeing|noticing)\b"
    r"|there(?:'s| is| are| was| were) |(?:lem me|let me|let's) (?:talk|tell|go over)|so what does|so for your"
    r"|based on|that (?:would )?means?|this means|which means|meaning"
    r"|(?:it's|it is|it was|they're|they are|they were) (?=(?:completely |all |both )?(?:normal|fine|negative|stable"
    r"|clear|unremarkable)\b)"
    r"|(?:i|we) (?:did )?review(?:ed)? |for (?:the|your) (?:first|second|third|next|last)\b)",
    re.IGNORECASE,
)
"""Where, in a stretch without full stops, a new thing is told of a picture, or something else begins."""
_SHOWS: Final = re.compile(
    r"^(?:(?:it|this|that|these|they|those|which|and|also|there|the (?:results?|images?|pictures?)|here) )*"
    r"(?:also )?(?:does |do |did )?(?P<not>not |n't )?(?:also )?"
    r"(?:show(?:s|ed|ing)?|says?|reveal(?:s|ed)?|demonstrate[sd]?|indicate[sd]?|confirm(?:s|ed)?)\s+(?:that "
    r"|us )*(?P<shown>.+)$",
    re.IGNORECASE,
)
_SEEN: Final = re.compile(
    r"^(?:what )?(?:i|we)(?:'m| am|'re| are)?(?: can| could| do| did| also| just| really)*(?P<not> (?:do not|don't"
    r"|did not|didn't|cannot|can't))?"
    r"(?: really| also)* (?:see|saw|seeing|notice|noticing|noticed|appreciate|appreciated|find|found|note|noted)"
    r"(?: (?:here|there|on (?:the|this|that|your) (?:[a-z-]+ ){0,2}[a-z-]+) )?(?: here"
    r"| there)?(?: is)?\s+(?:that )?(?P<shown>.+)$"
    r"|^(?:really )?(?P<never>do not|don't) (?:really )?see\s+(?P<none>.+)$",
    re.IGNORECASE,
)
_THERE: Final = re.compile(
    r"^(?:there(?:'s| is| are| was| were| does seem to be| seems to be| appears? to be| might be)"
    r"|you(?:'ve got|'ve| do have| have got| have| had| do not have| don't have| did have)|(?:she|he|the patient) has)"
    r"\s+(?P<shown>.+)$",
    re.IGNORECASE,
)
_OWNED_NOT: Final = re.compile(r"^you (?:do not|don't|did not|didn't) have", re.IGNORECASE)
_IS: Final = re.compile(
    r"^(?P<about>it|they(?='re)|this|that|these|they|those|everything(?: else)?|which|all(?= (?:were|are"
    r"|looks?)))(?: all| just| also)*"
    r"(?P<verb>'s|'re| is| are| was| were| looks?| looked| seems?| seemed| appears?| came back| come back)"
    r"(?: all| also| just| actually| pretty| to be)*\s+(?P<shown>.+)$",
    re.IGNORECASE,
)
_OWN: Final = re.compile(
    r"\b(?:your|the|her|his|my|that|this|and)\s+(?P<what>(?:(?!and\b|your\b|the\b)[\w'/-]+\s+){0,6}?[\w'/-]+)"
    r"(?:,[^,]{3,40},)?(?: here| today| there| now| that)?,?(?: all)?(?: it| that| those| they| there)?"
    r"(?P<verb>'s| is| are| was| were| looks?| looked| seems?| seemed| appears?| came back| come back| remains?"
    r"| has been| have been)"
    r"(?: all| just| actually| come)*\s+(?P<shown>.+)$",
    re.IGNORECASE,
)
_NORMAL: Final = re.compile(
    rf"^(?:in reviewing .{{5,40}}, )?(?:this|it|that)(?:'s| is| looks like)(?: just| essentially)?,? (?:an? )?"
    rf"(?P<shown>(?:[a-z]+, )?(?:completely )?(?:normal|stable|unremarkable|abnormal|clear)) (?:[a-z]+ )?{NAMES}\b",
    re.IGNORECASE,
)
"""The test named last: "this is a normal x-ray of your lumbar spine"."""
_NO_RESULT: Final = re.compile(
    r"(?:and|or|that|your|the|their|some|what|when|been|how|done|there|pending)\b", re.IGNORECASE
)
"""What follows "it is" where no result follows."""
_PLURAL: Final = re.compile(
    r"(?:labs|results|tests|studies|x[- ]?rays|pfts|enzymes|radiographs|platelets|troponins)$", re.IGNORECASE
)
_TELLS: Final = re.compile(
    r"\b(?:normal|abnormal|fine|good|great|okay|stable|unchanged|clear|negative|positive|high|higher|low|lower|elevated"
    r"|raised|reduced|decreased|increased|improved|better|worse|intact|unremarkable|within|consistent|healthy|well"
    r"|lined"
    r"|flat\w*|narrow\w*|small|large|mild|moderate|severe|borderline|appropriate|perfect|swollen|broken|down|up)\b|\d",
    re.IGNORECASE,
)
"""What a result can be; without one of these "it is" says nothing of a test."""
_ASIDE: Final = re.compile(
    r"\b(?:interesting|been fine|months? ago|years? ago|surpris\w+|happ(?:y|ens?)|important|common|because|why|thing"
    r"|wrong|happened|sense|sign|"
    r"worr\w+|concern\w+|question|problem|here for|issue|plan|okay to|talk|my|dragon)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Open:
    """The test that is looked at: its name, the turn that named it, and where it was last spoken of."""

    name: str
    turn_id: TurnId
    place: int


def read_results(said: Sequence[Sentence]) -> tuple[list[Item], list[Sentence], frozenset[int]]:
    """Every result that is told with or right after its test; the sentences; and the places among them that are read.

    A sentence that tells more than results comes back in its parts, so that the others of them can be read too.
    """
    items: list[Item] = []
    parts: list[Sentence] = []
    places: set[int] = set()
    looked: _Open | None = None
    for place, spoken in enumerate(said):
        if spoken.speaker not in {Speaker.CLINICIAN, Speaker.UNKNOWN} or spoken.question:
            parts.append(spoken)
            continue
        read: list[tuple[str, bool]] = []
        for part in _PARTS.split(spoken.text.strip(" ,")):
            text = _LEAD.sub("", part.strip(" ,.;!?"))
            opened = _opened(text, spoken, place)
            looked = opened or looked
            if looked is not None and place - looked.place > FARTHEST:
                looked = None
            told = _told(text, looked, opened=opened is not None)
            read.append((part, bool(told)))
            if told:
                items.append(_item(told, spoken, looked))
                if looked is not None:
                    looked.place = place
            elif _ENDS.search(text) or (_NOT_YET.search(text) and not _LOOKED.search(text)):
                looked = None
        if not any(told for _part, told in read):
            read = [(spoken.text, False)]
        for number, (part, told_) in enumerate(read):
            if told_:
                places.add(len(parts))
            parts.append(replace(spoken, text=part, first=spoken.first and number == 0))
    return _merged(items), parts, frozenset(places)


def _opened(text: str, spoken: Sentence, place: int) -> _Open | None:
    """The test that a sentence looks at, if it does; the last it names, where it names several."""
    kept = _TURNS.sub("", text)
    if not TEST.search(kept):
        kept = text
    names = [name for name in map(name_of, TEST.finditer(kept)) if name]
    if not names or not _LOOKED.search(text) or (_NOT_YET.search(kept) and "show me" not in text.lower()):
        return None
    specific = [name for name in names if not re.fullmatch(r"lab results?|labs?|imaging", name)]
    return _Open((specific or names)[0], spoken.turn_id, place)


def _told(text: str, looked: _Open | None, *, opened: bool) -> str:
    """One sentence of a result; empty when the words tell none."""
    kept = _trimmed(text)
    if _NOT_YET.search(kept) or _ENDS.search(kept) or len(kept.split()) < 2:
        return ""
    own = _of_itself(kept)
    if own or looked is None:
        return own
    if opened and not TEST.search(kept):
        return ""
    normal = _NORMAL.match(kept)
    if normal and _clinical(normal["shown"]):
        return _whole(f"{looked.name}: {normal['shown']}")
    named = list(TEST.finditer(kept))
    rest = _AFTER_NAME.sub("", kept[named[-1].end() :]) if named else kept
    return _of(looked.name, _LEAD.sub("", rest.strip(" ,")), named=bool(named))


def _trimmed(text: str) -> str:
    before = None
    kept = text
    while before != kept:
        before = kept
        shorter = _TURNS.sub("", kept)
        kept = _TAIL.sub("", shorter if len(shorter.split()) > 1 else kept).strip(" ,.;")
    return kept


def _of_itself(text: str) -> str:
    """A result whose sentence names what was measured: "your creatinine was 0.7"."""
    match = _OWN.search(text)
    if match is None or _ASIDE.search(match["shown"]) or not _TELLS.search(match["shown"]):
        return ""
    what = TEST.search(match["what"])
    if what is None or match["what"][what.end() :].strip() or re.match(_NO_RESULT, match["shown"]):
        return ""
    if re.search(
        r"\b(?:when|while|as|what|how|anyone|people|normally|usually)\b", text[: match.start()], re.IGNORECASE
    ):
        return ""
    return _whole(f"the {name_of(what)}{match['verb'].replace(chr(39) + 's', ' is')} {match['shown']}")


def _of(name: str, text: str, *, named: bool) -> str:
    """What is said of the test that is looked at."""
    hedge = _HEDGE.match(text)
    rest = _LEAD.sub("", text[hedge.end() :].strip(" ,")) if hedge else text
    appears = "appears to show " if hedge and re.search(r"look|appear|seem", hedge[0], re.IGNORECASE) else ""
    own = _of_itself(rest) if hedge else ""
    if own:
        return re.sub(r"^(\S+ .+?) (?:is|are) ", r"\1 looks ", own, count=1) if appears else own
    for pattern in (_SHOWS, _SEEN, _THERE):
        match = pattern.match(rest)
        if match:
            groups = match.groupdict()
            shown = groups.get("shown") or groups.get("none") or ""
            inner = _THERE.match(shown)
            if rest.lower().startswith("you") and re.search(r"\b(?:seem(?:s|ed)?|was|were|is|are)\b", shown):
                return ""
            denied = groups.get("not") or groups.get("never") or _OWNED_NOT.match(rest)
            if inner:
                denied = denied or _OWNED_NOT.match(shown)
                shown = inner["shown"]
            shown = re.sub(r"^(?:that|those|these|some|really|actually|,)\s+(?=\w)", "", shown, flags=re.IGNORECASE)
            if denied:
                shown = "no " + re.sub(r"^(?:any|a|an|of)\s+", "", shown, flags=re.IGNORECASE)
            shown = re.sub(r"^(?:it|this|that) (?:was|is) (?=\d)", "", shown, flags=re.IGNORECASE)
            if not _clinical(shown) or _ASIDE.search(shown):
                return ""
            return _whole(f"{name}: {'' if denied else appears}{shown}")
    return _judged(name, rest, sure=named or hedge is not None)


def _judged(name: str, rest: str, *, sure: bool) -> str:
    """How the test that is looked at is judged: "it looks normal", "the bones are lined up". `sure`: it was named."""
    match = _IS.match(rest)
    if match and _TELLS.search(match["shown"]) and not _ASIDE.search(match["shown"]):
        if re.fullmatch(r"(?:good|great|fine|a good sign)", match["shown"]) and not match["verb"].lower().startswith(
            " look"
        ):
            return ""
        if re.match(_NO_RESULT, match["shown"]):
            return ""
        verb = match["verb"].strip().replace("'s", "is").replace("'re", "are").lower()
        if match["about"].lower().startswith(("everything", "all")):
            return _whole(f"{name}: {match['about']} {verb} {match['shown']}")
        if re.fullmatch(
            rf"(?:a |an )?(?:[a-z, ]+ )?{NAMES}(?: .*)?|(?:a |an )?normal .+", match["shown"], re.IGNORECASE
        ):
            return _whole(f"{name}: {match['shown']}")
        shown = re.sub(r",? and (?:your|the) [\w ]+$", "", match["shown"])
        return _whole(f"the {name} {_agreed(verb, name)} {shown}")
    clause = re.match(r"(?:your|the|everything|those|these)\b", rest, re.IGNORECASE)
    if clause and (sure or _FOUND.search(rest) or mentions_finding(rest, "test")) and re.search(
        r"\b(?:is|are|was|were|looks?|seems?|appears?|demonstrates?|shows?)\b", rest
    ) and _TELLS.search(rest) and not _ASIDE.search(rest):  # fmt: skip
        return _whole(f"{name}: {rest}")
    return ""


def _clinical(shown: str) -> bool:
    return mentions_finding(shown) or bool(_TELLS.search(shown)) or bool(_FOUND.search(shown))


_FOUND: Final = re.compile(
    r"\b(?:fractures?|abnormalit\w+|dislocations?|alignment|effusion|fluid|opacit\w+|stones?|mass|nodules?|lesions?"
    r"|spurs?"
    r"|tears?|stenosis|regurgitation|degenerat\w+|displacement|evidence|arthritis|pneumon\w+|ejection|hypertrophy"
    r"|gastritis|polyps?|cysts?|disease|osteomyelitis|loss|swelling|murmur|narrowing|infection|thinning|function"
    r"|diaphragm|bones?|ventricles?|valves?|joint spaces?|misalignment)\b",
    re.IGNORECASE,
)


def _agreed(verb: str, name: str) -> str:
    """The verb as it goes with the name of the test."""
    plural = _PLURAL.search(name) is not None
    pairs = (("is", "are"), ("was", "were"), ("looks", "look"), ("seems", "seem"), ("appears", "appear"))
    for one, many in pairs:
        if verb in {one, many}:
            return many if plural else one
    return verb


def _whole(text: str) -> str:
    """The sentence as it goes into the note; empty when somebody's own person is left in it or it does not hold."""
    told = to_patient(third_person(re.sub(r"\byour\b", "the", _trimmed(text), flags=re.IGNORECASE), "you"))
    told = re.sub(r"\bthe (?:the|a|an|this|that)\b", "the", told, flags=re.IGNORECASE)
    told = re.sub(r": (?:the )?(?:a|an) (?=little|small|tiny)", ": a ", told)
    told = re.sub(r"\b(is|are|was) (also|all|just) \1\b", r"\1 \2", told)
    words = words_of(told)
    if speaks_of_self(told) or re.search(r"\byou\b|\?", told, re.IGNORECASE) or is_broken(words):
        return ""
    if not 3 <= len(words) <= LONGEST or re.search(r"(?:\b(?:and|or|of|a|the|no|that|to)|:)\s*$", told):
        return ""
    return sentence(told)


_NEGATED: Final = re.compile(r"\b(?:no|not|none|without|negative)\b|n't\b", re.IGNORECASE)


def _item(told: str, spoken: Sentence, looked: _Open | None) -> Item:
    turns: tuple[TurnId, ...] = (spoken.turn_id,)
    if looked is not None and looked.name.lower() in told.lower():
        turns = tuple(dict.fromkeys((looked.turn_id, spoken.turn_id)))
    return Item("result", told, turns, Polarity.NEGATED if _NEGATED.search(told) else Polarity.AFFIRMED)


_UNREMARKABLE: Final = re.compile(
    r"^(?P<test>.+?)(?::|(?= looks?\b| is\b| are\b))(?: everything(?: else)?)?(?: (?:looks?|is|are|seems?))?"
    r"(?: (?:really|very|quite|pretty|completely|all|essentially))*(?: (?:good|fine|normal|great|okay))\.$",
    re.IGNORECASE,
)
"""A test of which no more is said than that it is fine."""


def _merged(items: list[Item]) -> list[Item]:
    """Each result once: one that says no more than another gives it its turns."""
    kept: list[Item] = []
    for item in items:
        for number, earlier in enumerate(kept):
            if _same(earlier, item):
                longer = max(earlier, item, key=lambda one: ("normal" in one.text, len(one.text)))
                turns = tuple(dict.fromkeys((*earlier.turn_ids, *item.turn_ids)))
                kept[number] = Item("result", longer.text, turns, longer.polarity)
                break
        else:
            kept.append(item)
    return kept


def _same(one: Item, other: Item) -> bool:
    """True when one says what the other says, or both say of one test no more than that it is fine."""
    words, others = set(words_of(one.text)), set(words_of(other.text))
    if one.polarity is other.polarity and (words <= others or others <= words):
        return True
    fine, also = _UNREMARKABLE.match(one.text), _UNREMARKABLE.match(other.text)
    if fine is None or also is None:
        return False
    tested = [set(words_of(match["test"])) - {"the"} for match in (fine, also)]
    return tested[0] <= tested[1] or tested[1] <= tested[0]
