"""An answer that denies one complaint and owns to another: "any nausea, chills, fever?" - "no fever, some chills"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.engines.writer.offline.complaints import complaints_at, complaints_in
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import sentence
from auscult.engines.writer.offline.sentences import Sentence

_TURN: Final = re.compile(
    r"\b(?:(?P<no>no|not|nor|never|without|none|nothing|\w+n't)|(?P<yes>but|just|only|some|a (?:little|bit|lot)"
    r"|slight|mild|i do"
    r"|i have|i've(?: had| got)?|i had|i feel|i felt|i get|i got|i am|i'm|yeah|yes|yep))\b",
    re.IGNORECASE,
)
"""Where an answer turns to what is not, or to what is."""
_UNSURE: Final = re.compile(
    r"\b(?:maybe|might|not sure|don't know|think|could|used to|before|last (?:year|month)|until|gone|went"
    r" away|unless|if"
    r"|when|other than|besides|except|apart|more|less|(?<!so )much|bad)\b|\?",
    re.IGNORECASE,
)
_LONGEST: Final = 25


def mixed_answer(questions: Sequence[Sentence], answer: Sentence) -> list[Item]:
    """What an answer denies and what it owns to, a statement each; nothing unless it does both of what was asked."""
    text = answer.text
    if len(text.split()) > _LONGEST or _UNSURE.search(text):
        return []
    asked = {name for question in questions for name in complaints_in(question.text)}
    turns = [(match.start(), match["yes"] is not None) for match in _TURN.finditer(text)]
    told: dict[str, bool] = {}
    for start, name in complaints_at(text):
        before = [has for place, has in turns if place <= start]
        if before:
            told.setdefault(name, before[-1])
    if not asked & set(told) or set(told.values()) != {True, False}:
        return []
    question = next(one for one in reversed(questions) if asked & set(complaints_in(one.text)))
    ids = (question.turn_id, answer.turn_id)
    return [
        Item("history", sentence(f"Reports {name}"), ids)
        if has
        else Item("history", sentence(f"Denies {re.sub('^an? ', '', name)}"), ids, Polarity.NEGATED)
        for name, has in told.items()
    ]
