"""Trains `relevance.py`'s model from public visits whose notes were written by people.

A sentence of the visit belongs to the part of the reference note whose sentence it shares most words with, when it
shares enough; to none otherwise. No text of any visit is kept: only weights of hashed words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from auscult.domain.errors import InvalidError
from auscult.engines.writer.offline import hashed_linear
from auscult.engines.writer.offline.hashed_linear import Features, Labels, Weights
from auscult.engines.writer.offline.relevance import PARTS, features
from auscult.engines.writer.offline.sentences import Sentence, sentences
from auscult.knowledge.conversations import Row, rows, transcript_of

FILE: Final = "acibench_train.jsonl"
"""ACI-BENCH, Yim et al. 2023, CC BY 4.0. Only the training file: the others choose and judge."""
ENOUGH: Final = 0.36
"""The share of words (`_likeness`) above which a sentence was told in the note; chosen by cross-validation."""
EPOCHS: Final = 40
RATE: Final = 0.03
PENALTY: Final = 3e-4
"""Chosen by five-fold cross-validation over the training and the validation visits (log loss 0.66)."""

_DIVISIONS: Final = {
    "subjective": "subjective",
    "objective_exam": "examination",
    "objective_results": "results",
    "assessment_and_plan": "plan",
}
_COMMON: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "of",
        "to",
        "in",
        "is",
        "was",
        "for",
        "with",
        "i",
        "you",
        "it",
        "that",
        "this",
        "on",
        "be",
        "he",
        "she",
        "they",
        "his",
        "her",
        "my",
        "your",
        "so",
        "we",
        "are",
        "have",
        "has",
        "had",
        "do",
        "does",
        "not",
        "no",
        "as",
        "at",
        "or",
        "but",
        "patient",
    ]
)


@dataclass(frozen=True)
class Example:
    """One visit: its sentences described, and to which part of the note each belongs."""

    described: Features
    labels: Labels


def train_relevance(data: Path, to: Path) -> None:
    """Train from `data`/acibench_train.jsonl and write `relevance.npz` into the folder `to`; deterministic.

    Raises `InvalidError` when the file is missing or tells of no visit, or has a row that is none.
    """
    examples = [made for row in rows(data / FILE) if (made := example(row)) is not None]
    if not examples:
        raise InvalidError(f"There are no visits in {FILE}.", remedy="Name the folder with the training visits.")
    hashed_linear.write(fit(examples), to / "relevance.npz")


def example(row: Row) -> Example | None:
    """One visit of the training file: `turns`, and `sections` of the reference note; None when nothing is said in it.

    Raises `InvalidError` for a row that is not so.
    """
    said, divisions = sentences(transcript_of("REC_training", row.turns())), row.texts("sections")
    return Example(features(said), labels(said, divisions)) if said else None


def labels(said: Sequence[Sentence], divisions: Mapping[str, str]) -> Labels:
    """The index in `PARTS` for every sentence."""
    told = [
        (PARTS.index(part), words)
        for name, part in _DIVISIONS.items()
        for line in re.split(r"\n|(?<=[.;])\s+", divisions.get(name, ""))
        if (words := _words(line))
    ]
    found = np.zeros(len(said), np.int64)
    for place, one in enumerate(said):
        own = _words(one.text)
        likeness, part = max(((_likeness(own, words), part) for part, words in told), default=(0.0, 0))
        found[place] = part if likeness >= ENOUGH else 0
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _COMMON)


def _likeness(own: frozenset[str], told: frozenset[str]) -> float:
    shared = len(own & told)
    return 2 * shared / (len(own) + len(told)) + 0.3 * shared / len(own) if shared else 0.0


def fit(examples: Sequence[Example]) -> Weights:
    """The model that tells the examples' sentences apart."""
    rows = hashed_linear.joined([one.described for one in examples])
    wanted = np.concatenate([one.labels for one in examples])
    return hashed_linear.fit(rows, wanted, len(PARTS), epochs=EPOCHS, rate=RATE, penalty=PENALTY)
