"""Which of two voices is the clinician: guessed from language use, with a confidence, and never more than a guess.

Works on whatever tells the voices apart: diarised labels, or the number of the channel.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from auscult.domain.transcript import Speaker
from auscult.knowledge.tables import rows

QUESTION: Final = 1.5
"""What a question weighs, beside the phrases of `knowledge/speakers/role_cues.tsv`: clinicians ask, patients answer."""
SURE: Final = 0.75
"""Confidence below which the guess is flagged to a person."""

_WORD = re.compile(r"[\w'\u0900-\u097f]+")
_ASKING = re.compile(
    r"^(?:and |so |okay |ok |right )?"
    r"(?:do|does|did|have|has|had|are|is|was|were|any|how|what|when|where|which|can|could)\b"
)


@dataclass(frozen=True, slots=True)
class Roles:
    """Which voice is whose. `confidence` in [0.5, 1]; `unsure` when a person should look (one click swaps them)."""

    speakers: Mapping[int, Speaker]
    confidence: float
    unsure: bool


@cache
def _cues() -> tuple[tuple[str, float], ...]:
    """Phrases with their weights: positive for a clinician."""
    table = rows("role_cues.tsv", "auscult.knowledge.speakers")
    return tuple(
        (f" {phrase} ", float(weight) * (1 if role == "clinician" else -1)) for phrase, role, weight, *_ in table
    )


def clinician_score(text: str) -> float:
    """How much a stretch of talk sounds like a clinician's (positive) or a patient's (negative)."""
    words = " ".join(_WORD.findall(text.lower().replace("\u2019", "'")))
    score = sum(weight for phrase, weight in _cues() if phrase in f" {words} ")
    questions = text.count("?") or int(_ASKING.match(words) is not None)
    return score + QUESTION * questions


def guess(segments: Iterable[tuple[int, str]]) -> Roles:
    """Guess the roles from (voice, text) pairs in the order of speaking.

    With two voices the one that sounds more like a clinician is; on a tie the first to speak, marked unsure. A single
    voice is not named: it may be a dictation or a patient alone, so it stays `UNKNOWN` unless its talk is clear.
    """
    scores: dict[int, float] = {}
    for voice, text in segments:
        scores[voice] = scores.get(voice, 0.0) + clinician_score(text)
    order: Sequence[int] = tuple(scores)
    if not order:
        return Roles({}, 0.5, unsure=True)
    if len(order) == 1:
        return _alone(order[0], scores[order[0]])
    clinician = max(order, key=lambda voice: scores[voice])
    others = [voice for voice in order if voice != clinician]
    lead = scores[clinician] - max(scores[voice] for voice in others)
    confidence = _logistic(lead / 4)
    speakers = {voice: Speaker.PATIENT if voice == others[0] else Speaker.OTHER for voice in others}
    return Roles({clinician: Speaker.CLINICIAN, **speakers}, confidence, unsure=confidence < SURE)


def _alone(voice: int, score: float) -> Roles:
    confidence = _logistic(abs(score) / 8)
    if confidence < SURE:
        return Roles({voice: Speaker.UNKNOWN}, confidence, unsure=True)
    return Roles({voice: Speaker.CLINICIAN if score > 0 else Speaker.PATIENT}, confidence, unsure=True)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-min(x, 50.0)))
