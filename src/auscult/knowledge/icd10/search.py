"""Looks codes up by words: BM25 over titles and inclusion terms, with what GPs say turned into what ICD-10-CM lists.

BM25 as in Robertson and Zaragoza 2009 (https://doi.org/10.1561/1500000019). A code inherits the other names of the
codes above it at half weight. Words are compared by their stems in American spelling.
"""

from __future__ import annotations

import gzip
import re
from array import array
from collections.abc import Iterable
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from auscult.knowledge.synonyms import stem, words
from auscult.knowledge.tables import rows

K1: Final = 1.2
B: Final = 0.6
"""BM25's saturation and length normalisation: a little flatter than usual, because long titles are mostly detail."""
OTHER_NAME: Final = 0.5
"""Weight of a word of an inclusion term beside one of the title."""
SAID: Final = 0.3
"""Weight of the words as said beside those that ICD-10-CM lists it under."""
UNSPECIFIED: Final = 1.15
"""A GP's diagnosis rarely says more than the code that says no more."""
LATER: Final = 0.7
"""Sequelae and later encounters: the note is of the first, unless it says otherwise."""
ELSEWHERE: Final = 0.75
"""Chapters that a plain diagnosis does not mean: childbirth, newborns, deformities, poisoning, causes of injury."""

_SAYS_NO_MORE: Final = re.compile(
    r"^unspecified\b|, unspecified\b|\bnot specified\b|\buncomplicated\b|\bwithout complications?$", re.IGNORECASE
)
_UNSPECIFIED: Final = stem("unspecified")
_SIDES: Final = frozenset(map(stem, ("left", "right", "bilateral")))
_BREAKS: Final = {ord(mark): " " for mark in '()[]{},.;:/-+&%<>=*"\u2013|_'}
_CHAPTERS: Final = {
    **{letter: frozenset(("pregnanc", "pregnant", "labor", "deliveri", "postpartum")) for letter in "O"},
    **{letter: frozenset(("newborn", "neonat", "perinat", "infant")) for letter in "P"},
    **{letter: frozenset(("congenit", "malformat", "malform")) for letter in "Q"},
    **{letter: frozenset(("fall", "bit", "bitten", "accident", "crash")) for letter in "VWXY"},
}
"""First letters of such chapters, and the stems that a text has which means them."""
_EMPTY: Final = frozenset(map(stem, words("the a an of and or with in to on for by due not patient has")))
"""Stems by which no code is found."""


Postings = dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]]
"""For each stem the places of the codes that have it, and its weight in each."""


class Index:
    """All codes without children, by the stems of their words."""

    def __init__(self, codes: list[str], titles: list[str], postings: Postings) -> None:
        self._codes, self._titles, self._postings = codes, titles, postings
        self._later = np.array([_later(title) for title in titles], np.float32)
        self._unspecified = np.array([_unspecified(title) for title in titles], np.float32)
        letters = np.array([code[0] for code in codes])
        self._chapters = {letter: letters == letter for letter in _CHAPTERS}
        self._terms = {
            tuple(_stems(said)): listed.split("|") for said, listed, _source in rows("terms.tsv", __package__)
        }

    @classmethod
    def load(cls) -> Index:
        """Read the table that lies beside this file."""
        packed = resources.files(__package__).joinpath("codes.tsv.gz").read_bytes()
        lines = gzip.decompress(packed).decode().splitlines()[1:]
        codes: list[str] = []
        titles: list[str] = []
        by_title, by_name = _Occurrences(), _Occurrences()
        numbers = _Numbers()
        above: list[tuple[str, array[int]]] = []
        for line in lines:
            code, title, names, leaf = line.split("\t")
            while above and not code.startswith(above[-1][0]):
                above.pop()
            own = numbers.of(names)
            if leaf == "0":
                above.append((code, own))
                continue
            by_title.add(numbers.of(title), len(codes))
            by_name.add(own, len(codes))
            for _code, inherited in above:
                by_name.add(inherited, len(codes))
            codes.append(code)
            titles.append(title)
        return cls(codes, titles, _postings(numbers.stems, by_title, by_name, len(codes)))

    def search(self, text: str, limit: int) -> list[tuple[str, str, float]]:
        """Code, title and score of the best, best first."""
        said = _stems(text)
        listed = self._listed(said)
        alternatives = [_stems(one) for one in listed] or [said]
        sided = bool(_SIDES & set(said))
        if sided:
            alternatives = [[one for one in words_listed if one != _UNSPECIFIED] for words_listed in alternatives]
        scores = np.zeros(len(self._codes), np.float32)
        for alternative in alternatives:
            scores = np.maximum(scores, self._scores(alternative))
        if listed:
            scores += SAID * self._scores(said)
        scores *= self._later if sided else self._later * self._unspecified
        for letter, meaning in _CHAPTERS.items():
            if not meaning & set(said):
                scores[self._chapters[letter]] *= ELSEWHERE
        most = min(max(limit, 0), len(scores))
        best = np.argpartition(-scores, most - 1)[:most] if most else np.zeros(0, np.int64)
        ranked = sorted((-float(scores[one]), self._codes[one], int(one)) for one in best if scores[one] > 0)
        return [(code, self._titles[one], round(-score, 2)) for score, code, one in ranked]

    def _scores(self, stems: Iterable[str]) -> NDArray[np.float32]:
        scores = np.zeros(len(self._codes), np.float32)
        for one in dict.fromkeys(stems):
            if one in self._postings:
                documents, weights = self._postings[one]
                scores[documents] += weights
        return scores

    def _listed(self, said: list[str]) -> list[str]:
        """What a GP's words are listed under, by the longest of our terms in them."""
        for length in range(min(len(said), 6), 0, -1):
            for start in range(len(said) - length + 1):
                found = self._terms.get(tuple(said[start : start + length]))
                if found:
                    rest = " ".join(said[:start] + said[start + length :])
                    return [f"{one} {rest}" for one in found]
        return []


class _Numbers:
    """Gives each stem a number, and each word the number of its stem: a hundred thousand titles repeat few words."""

    def __init__(self) -> None:
        self.stems: dict[str, int] = {}
        self._words: dict[str, int] = {}

    def of(self, text: str) -> array[int]:
        """The numbers of a text's words, without those that say nothing."""
        found = array("i")
        for word in text.lower().translate(_BREAKS).split():
            number = self._words.get(word)
            if number is None:
                one = stem(word)
                number = -1 if one in _EMPTY else self.stems.setdefault(one, len(self.stems))
                self._words[word] = number
            if number >= 0:
                found.append(number)
        return found


class _Occurrences:
    """Which word stands in which code, once for each time it does."""

    def __init__(self) -> None:
        self._words, self._codes, self._lengths = array("i"), array("i"), array("i")

    def add(self, words_found: array[int], code: int) -> None:
        """Take in the words of one code."""
        self._words.extend(words_found)
        self._codes.append(code)
        self._lengths.append(len(words_found))

    def keys(self, codes: int) -> NDArray[np.int64]:
        """Word and code as one number, in which the word comes first, in ascending order."""
        where = np.repeat(np.array(self._codes, np.int64), np.array(self._lengths, np.int64))
        return np.sort(np.array(self._words, np.int64) * codes + where)


def _postings(stems: dict[str, int], by_title: _Occurrences, by_name: _Occurrences, codes: int) -> Postings:
    """BM25's weight of each word in each code that has it."""
    titles, names = by_title.keys(codes), by_name.keys(codes)
    starts = np.flatnonzero(np.diff(titles, prepend=-1))
    in_title, counts = titles[starts], np.diff(starts, append=len(titles))
    names = names[np.diff(names, prepend=-1) != 0]
    in_name = names[in_title[np.searchsorted(in_title, names) % len(in_title)] != names]
    keys = np.concatenate([in_title, in_name])
    order = np.argsort(keys, kind="stable")
    count = np.concatenate([counts.astype(np.float32), np.full(len(in_name), OTHER_NAME, np.float32)])[order]
    word, code = np.divmod(keys[order], codes)
    length = np.bincount(code, weights=count, minlength=codes)
    norm = K1 * (1 - B + B * length / length.mean())
    having = np.bincount(word, minlength=len(stems))
    rarity = np.log(1 + (codes - having + 0.5) / (having + 0.5))
    weight = (rarity[word] * count * (K1 + 1) / (count + norm[code])).astype(np.float32)
    ends = np.cumsum(having)
    code = code.astype(np.int32)
    return {
        one: (code[ends[n] - having[n] : ends[n]], weight[ends[n] - having[n] : ends[n]]) for one, n in stems.items()
    }


def _later(title: str) -> float:
    return LATER if title.endswith(("sequela", "subsequent encounter")) else 1.0


def _unspecified(title: str) -> float:
    if "specified" not in title and "complicat" not in title:  # most titles, and looking is quicker than searching
        return 1.0
    return UNSPECIFIED if _SAYS_NO_MORE.search(title) else 1.0


def _stems(text: str) -> list[str]:
    return [one for one in (stem(word) for word in words(text)) if one not in _EMPTY]
