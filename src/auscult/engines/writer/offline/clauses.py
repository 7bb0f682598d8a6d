"""What a sentence is to the note by its form: a question, a clause with subject and verb, or one without a subject."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from auscult.engines.writer.offline.agreement import is_verb

ASKED: Final = re.compile(
    r"^(?:(?:in the past|before|now|today|currently|lately|recently)[, ]+)?(?:do|does|did|have|has|are|is|was|were"
    r"|can|could|would"
    r"|will|should|any|what|what's|where|when|why|how|who|which|tell|ever)\b(?!.*\b(?:is|are|was|were) (?:what"
    r"|where|why|how)\b)",
    re.IGNORECASE,
)
"""What begins as a question does, whether or not it carries a mark."""
NO_SUBJECT: Final = re.compile(
    r"^(?:had|has|felt|takes|took|denies|denied|reports?|presents?|lost|gained|started|stopped)\b", re.IGNORECASE
)
"""What is told of the patient without naming them."""
ONLY_WHEN: Final = re.compile(
    r"(?:(?:on|in) (?:the|their|your) (?:\w+ ){0,4}exam(?:ination)?,? )?(?:if|since|because|when|while|although"
    r"|unless|until|where|as)"
    r"\b(?!.*,)",
    re.IGNORECASE,
)
"""A condition or a reason alone, without what it is about."""
_OPENERS: Final = frozenset(
    {"and", "or", "but", "so", "than", "of", "to", "that's", "like", "which", "who", "because", "how"}
)


def is_clause(text: str) -> bool:
    """True when it has a verb, and something before it that the verb can be about; a condition alone is none."""
    if ONLY_WHEN.match(text):
        return False
    words = re.findall(r"[a-z']+", text.lower())
    return any(is_verb(before, word) for before, word in pairwise(words)) and words[0] not in _OPENERS


def verb_for(found: str) -> str:
    """The verb behind "there" that goes with what was found: "is" an effusion, "are" murmurs."""
    noun = re.split(
        r"\s(?:as well|in|of|on|over|to|at|from|with|along|around|noted|present|there|here|or|and)\b|,", found
    )[0]
    if re.match(r"(?:an?|some) (?:little|slight|mild|bit)\b", found, re.IGNORECASE):
        return "is"
    return (
        "are"
        if re.match(r"(?:several|many|a few|two|three)\b", found, re.IGNORECASE) or re.search(r"[^siu]s$", noun)
        else "is"
    )
