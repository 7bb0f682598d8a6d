"""Retells what no rule of its own reads: the sentences that the trained model finds worth a place in the note."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from auscult.domain.evidence import Polarity
from auscult.engines.writer.offline import relevance
from auscult.engines.writer.offline.hashed_linear import Floats
from auscult.engines.writer.offline.items import Item, Kind
from auscult.engines.writer.offline.placing import is_found, of_relative, placed
from auscult.engines.writer.offline.retelling import retell
from auscult.engines.writer.offline.sentences import Sentence
from auscult.engines.writer.offline.wording import DOSE_UNCLEAR
from auscult.knowledge import units
from auscult.knowledge.findings import mentions_finding
from auscult.knowledge.medicines import mentions
from auscult.knowledge.numerals import numbers_in

LEAST: Final = 0.06
"""The probability from which a sentence is retold; chosen by cross-validation."""
SURE: Final = 0.15
"""The probability from which a sentence is retold that names nothing clinical: talk about a garden, or about a job."""
_WEIGHTS: Final = np.array([1.0, 1.0, 2.0, 1.0], np.float32)
"""Results are said in few sentences, and missed in a note more than others: they win when they are half as likely."""
KIND_OF: Final[dict[str, Kind]] = {
    "subjective": "history",
    "examination": "examination",
    "results": "result",
    "plan": "plan",
}
_DOSE: Final = re.compile(
    rf"\d\s*(?:{'|'.join(map(re.escape, units.written('strength', 'form', 'measure')))})\b(?! (?:per|over|/))",
    re.IGNORECASE,
)
"""A dose that the grammar of medicines did not take: a person has to look at it."""
_NEGATED: Final = re.compile(r"\b(?:no|not|never|none|without|denies|denied|cannot)\b", re.IGNORECASE)
_POSSIBLE: Final = re.compile(
    r"\b(?:may|might|could|possibly|possible|probably|likely|perhaps|thought that|appears? that|if)\b", re.IGNORECASE
)


def retold(said: Sequence[Sentence], unread: Mapping[int, str], chances: Floats) -> list[Item]:
    """Items for the sentences at these places, as far as they belong into a note and can be retold in these words.

    `chances` is what `Relevance.parts` says of all the sentences.
    """
    items: list[Item] = []
    for place, words in unread.items():
        if 1 - chances[place, 0] < LEAST and not is_found(said[place]):
            continue
        part = relevance.PARTS[1 + int((chances[place, 1:] * _WEIGHTS).argmax())]
        if of_relative(said, place):
            continue
        text = retell(words, said[place].speaker, part)
        part = placed(text, said[place].speaker, part)
        if text and part != "none" and (1 - chances[place, 0] >= SURE or _is_clinical(text)):
            flags = (DOSE_UNCLEAR,) if _DOSE.search(text) else ()
            items.append(Item(KIND_OF[part], text, (said[place].turn_id,), polarity(text), flags, place=place))
    return items


def _is_clinical(text: str) -> bool:
    """True when a finding, part of the body, test, medicine or number is named."""
    return mentions_finding(text) or any(True for _ in mentions(text)) or bool(numbers_in(text))


def polarity(text: str) -> Polarity:
    """Whether a sentence denies, doubts or tells, by its words."""
    if _NEGATED.search(text):
        return Polarity.NEGATED
    return Polarity.POSSIBLE if _POSSIBLE.search(text) else Polarity.AFFIRMED
