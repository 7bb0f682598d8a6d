"""Which section of a note a short piece of conversation belongs to: one of the twenty headers of MTS-Dialog.

A linear model over hashed words, pairs of words and parts of words, who says them, what the piece opens with, how long
it is, how many medicines and findings it names, what it is about (`subjects.tsv`), and how it goes (`manner.py`).
`auscult train sections` makes it (`headers_training.py`); its weights are in `knowledge/notes/headers.npz`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np

from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline import hashed_linear, manner
from auscult.engines.writer.offline.hashed_linear import Features, Weights
from auscult.knowledge import findings, medicines
from auscult.knowledge.tables import rows

HEADERS: Final = (
    "ALLERGY",
    "ASSESSMENT",
    "CC",
    "DIAGNOSIS",
    "DISPOSITION",
    "EDCOURSE",
    "EXAM",
    "FAM/SOCHX",
    "GENHX",
    "GYNHX",
    "IMAGING",
    "IMMUNIZATIONS",
    "LABS",
    "MEDICATIONS",
    "OTHER_HISTORY",
    "PASTMEDICALHX",
    "PASTSURGICAL",
    "PLAN",
    "PROCEDURES",
    "ROS",
)
"""As MTS-Dialog names them (Ben Abacha et al. 2023, table 2, https://aclanthology.org/2023.eacl-main.168/)."""

_WORD: Final = re.compile(r"[a-z0-9']+")
_SPEAKER_LINE: Final = re.compile(r"\b(doctor|patient|guest[_ ](?:family|clinici?an))\s*:", re.IGNORECASE)
_SPEAKERS: Final = {"doctor": Speaker.CLINICIAN, "patient": Speaker.PATIENT}
_NO: Final = re.compile(r"(?:no|nope|none|never|not)\b", re.IGNORECASE)
_ASKED: Final = re.compile(r"[^.?!]*\?")
_TOLD: Final = re.compile(r"[^.?!]*[.!]")
_ABOUT: Final = 2.0
"""How much a subject counts beside a word."""
_MANNER: Final = 2.0
"""How much a mark of `manner.py` counts beside a word."""
_LENGTH: Final = 6.0
_OPENING: Final = 2
"""Turns that a piece opens with."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one speaker says before another does."""

    speaker: Speaker
    text: str


def read_dialogue(text: str) -> tuple[Said, ...]:
    """The turns of a dialogue as MTS-Dialog writes it: `Doctor:`, `Patient:` or a guest before what each says.

    Words before the first speaker's name are nobody's; a guest is `Speaker.OTHER`.
    """
    before, *parts = _SPEAKER_LINE.split(text)
    named = [
        Said(_SPEAKERS.get(name.lower(), Speaker.OTHER), said.strip())
        for name, said in zip(parts[::2], parts[1::2], strict=True)
    ]
    return (*([Said(Speaker.UNKNOWN, before.strip())] if before.strip() else []), *named)


def features(pieces: Sequence[Sequence[Said]]) -> Features:
    """Describe pieces of conversation, a row each."""
    return hashed_linear.described((_described(turns) for turns in pieces), length=_LENGTH)


def _described(turns: Sequence[Said]) -> Iterator[tuple[str, float]]:
    counts: dict[str, float] = {}
    for place, turn in enumerate(turns):
        for name, value in _of_turn(turn, opening=place < _OPENING):
            counts[name] = counts.get(name, 0.0) + value
    yield from ((name, 1 + math.log(value) if value > 1 else value) for name, value in counts.items())
    yield from ((name, 1.0) for name in _shape(turns))
    yield from _about(turns)
    going = [(turn.speaker is Speaker.CLINICIAN, turn.text) for turn in turns]
    yield from ((f"manner={mark}", _MANNER) for mark in manner.marks(going))


def _of_turn(turn: Said, *, opening: bool) -> Iterator[tuple[str, float]]:
    speaker = turn.speaker.value[0]
    own = _WORD.findall(turn.text.lower())
    for word in own:
        yield f"w={word}", 1.0
        yield f"{speaker}w={word}", 0.7
        if opening:
            yield f"1{speaker}={word}", 0.5
        edged = f"<{word}>"
        for size in (4, 5):
            for start in range(len(edged) - size + 1):
                yield f"c={edged[start : start + size]}", 0.5
    for first, second in pairwise(own):
        yield f"b={first} {second}", 0.8


def _shape(turns: Sequence[Said]) -> Iterator[str]:
    text = "\n".join(turn.text for turn in turns)
    clinician = [turn.text for turn in turns if turn.speaker is Speaker.CLINICIAN]
    length = len(_WORD.findall(text.lower()))
    questions = sum(said.count("?") for said in clinician)
    yield f"turns={min(12, len(turns))}"
    yield f"length={min(12, int(2 * math.log2(length + 1)))}"
    yield f"who={''.join(sorted({turn.speaker.value[0] for turn in turns}))}"
    yield f"begins={turns[0].speaker.value if turns else ''}"
    yield f"clinician={5 * sum(len(_WORD.findall(said.lower())) for said in clinician) // max(1, length)}"
    yield f"questions={min(10, questions)}"
    yield f"asking={min(6, 4 * questions // max(1, len(clinician)))}"
    yield f"noes={min(8, sum(turn.speaker is not Speaker.CLINICIAN and bool(_NO.match(turn.text)) for turn in turns))}"
    yield f"medicines={min(4, len({mention.name for mention in medicines.mentions(text)}))}"
    yield f"findings={min(10, len(findings.terms_in(text)))}"


def _about(turns: Sequence[Said]) -> Iterator[tuple[str, float]]:
    clinician = " ".join(turn.text for turn in turns if turn.speaker is Speaker.CLINICIAN)
    others = " ".join(turn.text for turn in turns if turn.speaker is not Speaker.CLINICIAN)
    asked = " ".join(_ASKED.findall(clinician))
    told = " ".join(_TOLD.findall(clinician))
    most = (0, "")
    for subject, pattern in _subjects().items():
        by_clinician, by_others = len(pattern.findall(clinician)), len(pattern.findall(others))
        most = max(most, (by_clinician + by_others, subject))
        for mark, times in (("c", by_clinician), ("o", by_others)):
            if times:
                yield f"about{mark}={subject}", _ABOUT * min(times, 4) ** 0.5
        if pattern.search(asked):
            yield f"asked={subject}", _ABOUT
        if pattern.search(told):
            yield f"told={subject}", _ABOUT
    yield f"most={most[1]}", _ABOUT


@cache
def _subjects() -> dict[str, re.Pattern[str]]:
    table = rows("subjects.tsv", "auscult.engines.writer.offline")
    return {subject: re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE) for subject, words, _source in table}


@dataclass(frozen=True)
class Sections:
    """The model over `HEADERS`."""

    model: Weights

    def chances(self, turns: Sequence[Said]) -> dict[str, float]:
        """The probability of every header for a piece of conversation."""
        return dict(zip(HEADERS, self.model.chances(features([turns]))[0].tolist(), strict=True))

    def header(self, turns: Sequence[Said]) -> str:
        """The most probable header."""
        return HEADERS[int(np.argmax(self.model.chances(features([turns]))[0]))]


def chances(turns: Sequence[Said]) -> dict[str, float]:
    """The probability of every header for a piece of conversation, by the shipped model."""
    return shipped().chances(turns)


def header(turns: Sequence[Said]) -> str:
    """The header that the shipped model gives a piece of conversation."""
    return shipped().header(turns)


@cache
def shipped() -> Sections:
    """The model that comes along. Raises `FileNotFoundError` when the installation lacks it."""
    return Sections(hashed_linear.shipped("headers.npz"))
