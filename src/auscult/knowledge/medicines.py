"""The lexicon of medicine names (`medicines.tsv`): recognises a name as one, and says nothing of doses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from auscult.knowledge.tables import rows

_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Medicine:
    """One row. `ingredients` of a generic is itself; `high_risk` as the file's head defines it."""

    name: str
    kind: Literal["generic", "brand"]
    ingredients: tuple[str, ...]
    drug_class: str
    high_risk: bool
    regions: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text, `text[start:end]`. A brand of several regions may mean several rows."""

    start: int
    end: int
    medicines: tuple[Medicine, ...]

    @property
    def name(self) -> str:
        """The name as the lexicon spells it."""
        return self.medicines[0].name

    @property
    def high_risk(self) -> bool:
        """True when any of its meanings is."""
        return any(medicine.high_risk for medicine in self.medicines)


@cache
def lexicon() -> tuple[Medicine, ...]:
    """Every row, generics first."""
    return read_rows("medicines.tsv")


def read_rows(name: str, package: str = "auscult.knowledge") -> tuple[Medicine, ...]:
    """The rows of a table of medicines, in its order. Raises `FileNotFoundError` when `package` has no such file."""
    return tuple(_row(cells) for cells in rows(name, package))


def _row(cells: list[str]) -> Medicine:
    name, kind, generic, drug_class, high_risk, regions, source = cells
    return Medicine(
        name=name,
        kind="generic" if kind == "generic" else "brand",
        ingredients=tuple(generic.split(" + ")),
        drug_class=drug_class,
        high_risk=high_risk == "1",
        regions=tuple(regions.split(",")),
        source=source,
    )


def _key(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


@cache
def _by_words() -> dict[tuple[str, ...], tuple[Medicine, ...]]:
    index: dict[tuple[str, ...], tuple[Medicine, ...]] = {}
    for medicine in lexicon():
        index[_key(medicine.name)] = (*index.get(_key(medicine.name), ()), medicine)
    return index


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """First word to the numbers of words that names beginning with it have, the longest first."""
    found: dict[str, set[int]] = {}
    for key in _by_words():
        found.setdefault(key[0], set()).add(len(key))
    return {first: tuple(sorted(some, reverse=True)) for first, some in found.items()}


def lookup(name: str) -> tuple[Medicine, ...]:
    """The rows with exactly this name, whatever its case and hyphens; empty when there is none."""
    return _by_words().get(_key(name), ())


def mentions(text: str) -> Iterator[Mention]:
    """Find names in a text, left to right, the longest at each place. Exact words only: never a fuzzy match."""
    names, lengths = _by_words(), _lengths()
    words = _key(text)
    if lengths.keys().isdisjoint(words):  # most sentences
        return
    spans = [match.span() for match in _WORD.finditer(text)]
    place = 0
    while place < len(words):
        for length in lengths.get(words[place], ()):
            rows = names.get(words[place : place + length])
            if rows and place + length <= len(words):
                yield Mention(spans[place][0], spans[place + length - 1][1], rows)
                place += length
                break
        else:
            place += 1
