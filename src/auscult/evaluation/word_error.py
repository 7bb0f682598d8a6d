"""Word error rate: how much of what was said was heard.

(substitutions + deletions + insertions) / words said, as NIST's sclite counts it, after both texts are put in one form:
lower case, no punctuation but the apostrophe inside a word, number words in digits, units and contractions spelt one
way. What the number means depends on that form, so it is fixed here and has a test.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np

from auscult.knowledge.numerals import digits

CONTRACTIONS: Final = {
    "i'm": "i am",
    "i've": "i have",
    "i'll": "i will",
    "you're": "you are",
    "you've": "you have",
    "you'll": "you will",
    "it's": "it is",
    "that's": "that is",
    "there's": "there is",
    "what's": "what is",
    "he's": "he is",
    "she's": "she is",
    "we're": "we are",
    "we've": "we have",
    "we'll": "we will",
    "they're": "they are",
    "they've": "they have",
    "let's": "let us",
    "don't": "do not",
    "doesn't": "does not",
    "didn't": "did not",
    "isn't": "is not",
    "aren't": "are not",
    "wasn't": "was not",
    "haven't": "have not",
    "hasn't": "has not",
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "wouldn't": "would not",
    "couldn't": "could not",
    "shouldn't": "should not",
}
SPELLINGS: Final = {
    "mg": "milligrams",
    "milligram": "milligrams",
    "mcg": "micrograms",
    "microgram": "micrograms",
    "ml": "millilitres",
    "milliliters": "millilitres",
    "millilitre": "millilitres",
    "dr": "doctor",
    "ok": "okay",
    "%": "percent",
}
_TOKEN = re.compile(r"[\u0900-\u0963\u0970-\u097f]+|\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|%", re.UNICODE)


@dataclass(frozen=True, slots=True)
class WordErrors:
    """The count of one comparison."""

    substitutions: int
    deletions: int
    insertions: int
    reference_words: int
    hypothesis_words: int

    @property
    def errors(self) -> int:
        """All three kinds together."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors per word said; above 1 when more was made up than said. An empty reference gives 0 or 1."""
        if self.reference_words == 0:
            return float(self.hypothesis_words > 0)
        return self.errors / self.reference_words


def normalise(text: str) -> list[str]:
    """Return the words that are compared."""
    folded = unicodedata.normalize("NFC", text).lower().replace("\u2019", "'")
    words: list[str] = []
    for token in _TOKEN.findall(digits(folded)):
        words += CONTRACTIONS.get(token, SPELLINGS.get(token, token)).split()
    return words


def compare(reference: str, hypothesis: str) -> WordErrors:
    """Align `hypothesis` (what was heard) with `reference` (what was said) at the least number of errors."""
    said, heard = normalise(reference), normalise(hypothesis)
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys((*said, *heard)))}
    across = np.array([vocabulary[word] for word in heard], np.int32)
    # Rows are words said; every row of costs is kept (small integers) to walk the cheapest path back.
    costs = np.empty((len(said) + 1, len(heard) + 1), np.int32)
    costs[0] = np.arange(len(heard) + 1)
    steps = np.arange(len(heard) + 1)
    for row, word in enumerate(said, start=1):
        best = np.empty(len(heard) + 1, np.int32)
        best[0] = row
        best[1:] = np.minimum(costs[row - 1, :-1] + (across != vocabulary[word]), costs[row - 1, 1:] + 1)
        costs[row] = np.minimum.accumulate(best - steps) + steps
    return _walk(costs, said, heard)


def _walk(costs: np.ndarray[tuple[int, int], np.dtype[np.int32]], said: list[str], heard: list[str]) -> WordErrors:
    row, column = len(said), len(heard)
    substitutions = deletions = insertions = 0
    while row or column:
        here = costs[row, column]
        if row and column and here == costs[row - 1, column - 1] + (said[row - 1] != heard[column - 1]):
            substitutions += said[row - 1] != heard[column - 1]
            row, column = row - 1, column - 1
        elif row and here == costs[row - 1, column] + 1:
            deletions, row = deletions + 1, row - 1
        else:
            insertions, column = insertions + 1, column - 1
    return WordErrors(substitutions, deletions, insertions, len(said), len(heard))
