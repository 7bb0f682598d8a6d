"""How well sentence ends are found in speech whose marks were taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from auscult.domain.errors import InvalidError
from auscult.knowledge.conversations import rows

ENDING: Final = (".", "?")
Mark = Callable[[Sequence[str]], list[str]]
"""Gives for each of some words the mark behind it, empty for none."""
Read = Callable[[str], tuple[list[str], list[str]]]
"""Gives the words of a text, as `Mark` takes them, and the mark behind each."""


@dataclass(frozen=True, slots=True)
class PunctuationReport:
    """Counts over the gaps inside turns; the end of a turn, which is known, does not count."""

    turns: int
    ends: int
    ends_set: int
    ends_right: int
    marks_set: int
    marks_right: int
    """Marks that stand where there is one of any kind."""

    @property
    def f1(self) -> float:
        """Of the sentence ends; 0 when there are none."""
        return 2 * self.ends_right / (self.ends + self.ends_set) if self.ends + self.ends_set else 0.0

    def as_json(self) -> dict[str, float]:
        """The counts and `f1`."""
        return {**asdict(self), "f1": self.f1}

    def as_text(self) -> str:
        """Two sentences for a person."""
        return (
            f"{self.turns} turns: {self.ends_right} of {self.ends} sentence ends found, {self.ends_set} set "
            f"(F1 {self.f1:.1%}). {self.marks_right} of {self.marks_set} marks of any kind stand where there is one."
        )


def evaluate_punctuation(mark: Mark, read: Read, path: Path) -> PunctuationReport:
    """Measure `mark` on the words of each turn as `read` has them, which is how they were learned.

    `path` is a JSONL file of visits with `turns` [{`speaker`, `text`}]; turns without a sentence end count as speech
    that nobody marked and are left out. Raises `InvalidError` when none is left, or a line is no such visit.
    """
    turns = ends = ends_set = ends_right = marks_set = marks_right = 0
    for row in rows(path):
        for _speaker, text in row.turns():
            words, told = read(text)
            if len(words) < 3 or not set(told) & set(ENDING):
                continue
            turns += 1
            for given, there in zip(mark(words)[:-1], told[:-1], strict=True):
                ends += there in ENDING
                ends_set += given in ENDING
                ends_right += given in ENDING and there in ENDING
                marks_set += bool(given)
                marks_right += bool(given) and bool(there)
    if not turns:
        raise InvalidError(
            "There are no turns with punctuation in this file.", remedy="Name a JSONL file of visits with their turns."
        )
    return PunctuationReport(turns, ends, ends_set, ends_right, marks_set, marks_right)
