"""Whether the patient agreed: a sentence that says so needs a yes of theirs, and no doubt beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from auscult.domain.evidence import Flag
from auscult.domain.transcript import Speaker
from auscult.trust.grounding.flags import INVENTED, OPPOSITE, flag
from auscult.trust.grounding.sources import Sources

_AGREES: Final = re.compile(
    r"^(?:(?:the )?(?:patient|parents?|mother|father)|she|he|they)\b"
    r"(?!.{0,30}\b(?:not|n't|declin\w+|refus\w+|disagree\w*)\b).{0,40}\b"
    r"(?:agree[sd]?|consent(?:s|ed)|(?:is|are|was|were) in agreement)\b",
    re.IGNORECASE,
)
_ASSENTS: Final = re.compile(
    r"\b(?:yes|yeah|yep|yup|sure|okay|ok|alright|all right|perfect|great|good|fine|absolutely|definitely|of course"
    r"|agree\w*|works|happy (?:with|to)|(?:can|will|'ll) do|let's do|sounds like|thank you|thanks)\b",
    re.IGNORECASE,
)
_DOUBTS: Final = re.compile(
    r"\b(?:(?:do not|don't|dont) (?:really )?(?:know about|want|like|agree|think so)"
    r"|(?:not|isn't|aren't) (?:really |so |very )?(?:okay|ok|good|fine|sure|happy|keen|going to)"
    r"|won't|will not|rather|refuse|prefer not|no way"
    r"|changed my mind|disagree)\b",
    re.IGNORECASE,
)


def unsaid(text: str, sources: Sources) -> Iterator[Flag]:
    """The flag of an agreement that no cited turn but the clinician's gives, or that one of them takes back."""
    if not _AGREES.match(text):
        return
    answers = [turn.text.replace("\u2019", "'") for turn in sources.turns if turn.speaker is not Speaker.CLINICIAN]
    if any(_DOUBTS.search(answer) for answer in answers):
        yield flag(OPPOSITE)
    elif not any(_ASSENTS.search(answer) for answer in answers):
        yield flag(INVENTED)
