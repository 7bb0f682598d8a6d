"""What was said and is no part of the note, though it names a medicine or a finding that the note says nothing of.

Word for word, because what could be retold is in the note already: a person hears it, and adds it or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from auscult.domain.evidence import Statement
from auscult.domain.transcript import Speaker
from auscult.engines.writer.completeness import KINDS, ingredients, stem
from auscult.engines.writer.offline import relevance
from auscult.engines.writer.offline.choosing import KIND_OF, polarity
from auscult.engines.writer.offline.hashed_linear import Floats
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.quoting import quotable
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.findings import terms_in

MOST: Final = 8
"""More than anybody would read under a note that is finished."""
SHORTEST: Final = 3
LONGEST: Final = 30
"""Words of one quotation: a longer one is several things run together."""
LIKELY: Final = 0.3
"""The probability of belonging into a note from which a finding is offered; a medicine needs none."""
_LONGEST_HEARD: Final = 400
"""Characters of a sentence that may come down to a quotation once what only fills is gone."""
_SPOKE: Final = {Speaker.CLINICIAN: "Clinician", Speaker.PATIENT: "Patient"}
_LEADS: Final = re.compile(
    r"^(?:is|are|was|were|do|does|did|have|has|can|could|any|how|what|where|let's|let me|for|in terms of|as far as"
    r"|with regards? to)\b",
    re.IGNORECASE,
)
"""How a question begins that carries no mark, or the words that only lead to what is told next."""
_ALONE: Final = re.compile(r"\bi\b")


def left_out(said: Sequence[Sentence], chances: Floats, statements: Iterable[Statement]) -> list[Item]:
    """Quotations of the `said` sentences that name what no statement does: medicines first, then the likeliest.

    `chances` is what `Relevance.parts` says of all the sentences. A finding counts as told in whatever polarity.
    Nothing is taken of questions and small talk.
    """
    texts = [one.text for one in statements]
    told = {name for text in texts for name in ingredients(text)}
    findings = {stem(term) for text in texts for term in terms_in(text)}
    candidates: list[tuple[bool, int, str]] = []
    for place, one in enumerate(said):
        if one.question or len(one.text) > _LONGEST_HEARD:
            continue
        medicine = bool(set(ingredients(one.text)) - told)
        if not (medicine or {stem(term) for term in _clinical(one.text)} - findings):
            continue
        words = quotable(one.text)
        if SHORTEST <= len(words.split()) <= LONGEST and not _LEADS.search(words):
            candidates.append((medicine, place, words))
    likely = sorted(
        ((not medicine, float(chances[place, 0]), place, words) for medicine, place, words in candidates),
        key=lambda one: one[:2],
    )
    best = [one for one in likely if not one[0] or 1 - one[1] >= LIKELY][:MOST]
    return [
        _quoted(said[place], words, relevance.PARTS[1 + int(chances[place, 1:].argmax())])
        for _, _, place, words in best
    ]


def _clinical(text: str) -> list[str]:
    """The findings of a text, but for those that are only a word of something else: the blood of a blood pressure."""
    whole = terms_in(text)
    return [term for term in terms_in(text, *KINDS) if term in whole]


def _quoted(one: Sentence, words: str, part: str) -> Item:
    bare = _ALONE.sub("I", words.replace('"', "'"))
    text = f'{_SPOKE.get(one.speaker, "Heard")}: "{bare[:1].upper()}{bare[1:]}."'
    return Item(KIND_OF[part], text, (one.turn_id,), polarity(words))
