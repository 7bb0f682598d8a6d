"""How an answer begins: with a yes, a no, or neither, and what it adds to that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

_NO = re.compile(
    r"^(?:(?:oh|well|er|hmm|ah|uh|um|on my body)[, ]+)*(?:(?:no|nope|nah|not really|not at all"
    r"|none(?: of (?:that|those|these|them))?"
    r"|never)\b(?P<rest>.*)"
    r"|(?:i (?:have|do|did|am|had|was) not|i (?:haven't|don't|didn't|hadn't|wasn't)|i'm not"
    r"|not that i(?:'ve| have| can)? (?:know of|noticed?|remember|recall)|nobody(?: has)? (?:says?"
    r"|said)(?: anything like that)?"
    r"|nothing(?: like that| at all)|(?:i mean |well )?i would(?:n't| not) say (?:so|that)|not (?:at this point"
    r"|currently|lately"
    r"|recently)"
    r"|(?P<since>not in a (?:long )?while))[\s,.]*)$",
    re.IGNORECASE,
)
"""A no, with what it goes on to say; `since` says that it was so once."""
_NOT_NOW: Final = re.compile(
    r"^(?:i (?:have|had|did|do) not|i (?:haven't|hadn't|didn't|don't)|not) (?:at this (?:point|time)|lately"
    r"|recently)\b(?: no)*"
    r"|^no nobody (?:has )?(?:ever )?sa(?:y|ys|id) (?:anything like )?that(?: so)?",
    re.IGNORECASE,
)
"""A no that says when, with or without more behind it: "I have not at this point, it just feels warm"."""
_YES = re.compile(
    r"^(?:(?:oh|well|er|hmm|ah)[, ]+)*(?:yes|yeah|yep|yup|ya|yah|i do|i have|i am|i did|correct"
    r"|of course)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
UNSURE = re.compile(
    r"^(?:(?:oh|well)[, ]+)*(?:i don't know|not sure|i'm not sure|maybe|i think so|perhaps)\b", re.IGNORECASE
)
_OWN_NOUN = re.compile(
    r"^ (?!of (?:that|those|these|them)\b|no\b|not\b|nothing\b|none\b|never\b"
    r"|i\b|i'm\b|i've\b|it\b|doctor\b|thanks?\b|sir\b|that\b"
    r"|just\b|only\b|but\b)[a-z]"
)
_EMPTY = re.compile(
    r"^[\s,.]*(?:(?:no|nope|never|yes|yeah|i do|i have|i am|i did|i don't|i do not|i haven't"
    r"|i have not|i'm not|i am not|i didn't|not really"
    r"|not at all|none|nothing(?: at all| else| really)?|nothing (?:like that|out of the ordinary|unusual|new"
    r"|major)|none of that|none of those|that's all"
    r"|not (?:as of today|right now|lately|recently|at this time|at the moment|that i(?:'ve| have| can)? [a-z]+)"
    r"|i did not|it (?:does not|doesn't)|correct|that's (?:right|correct|good|fine)"
    r"|doctor|thank you|thanks|please|sir|ma'am)"
    r"[\s,.]*)*$",
    re.IGNORECASE,
)


class Reply(Enum):
    """What kind of answer it is."""

    YES = "yes"
    NO = "no"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and what it adds to a bare yes or no."""

    reply: Reply
    rest: str


def read_answer(text: str) -> Answer:
    """Tell yes from no. "No fever" is a sentence of its own, not a no to whatever was asked."""
    text = _NOT_NOW.sub("no,", text)
    if UNSURE.match(text):
        return Answer(Reply.OTHER, text)
    for reply, pattern in ((Reply.NO, _NO), (Reply.YES, _YES)):
        match = pattern.match(text.strip())
        if match:
            rest = match["rest"]
            if rest is None:
                return Answer(reply, match["since"] or "")
            if reply is Reply.NO and _OWN_NOUN.match(rest.lower()):
                return Answer(Reply.OTHER, text)
            if _EMPTY.match(rest):
                return Answer(reply, "")
            if reply is Reply.YES and not rest.startswith((",", ".", ";")) and not match[0].lower().startswith("y"):
                return Answer(Reply.OTHER, text)
            return Answer(reply, rest.strip(" ,.;"))
    return Answer(Reply.OTHER, text)
