"""Hindi in either script: its words, its numbers, and the phrases of `findings_hi.tsv` and `words_hi.tsv` in a text.

Nothing is matched by likeness: a phrase is found when its words are there, by sound (`sounds.fold`), in their order,
with nothing between them but the small words and degrees that people put there ("pet mein bahut dard").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from auscult.knowledge.sounds import fold
from auscult.knowledge.tables import rows

FINDINGS: Final = ("symptom", "habit", "condition", "sign")
_MOST_BETWEEN: Final = 3
"""Small words that may stand between two words of a phrase."""
_TOKEN = re.compile(
    r"[0-3\u0966-\u0969](?:\s?-\s?[0-3\u0966-\u0969]){2}(?![\w-])|\d+(?:[.,]\d+)*|[A-Za-z]+\d*|[\u0900-\u0963\u0970-\u097f]+|[^\s\w]"
)
_FIGURES = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE_END = re.compile(r"(?<=[.?!।|\n])(?<!\d\.)(?<!\bdr\.)\s+|(?<=[?!।])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or mark of a text, `text[start:end]`, with its key; `number` where it is one, in digits."""

    key: str
    start: int
    end: int
    number: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a table: its English, its kind, and its first Devanagari spelling."""

    english: str
    kind: str
    devanagari: str


@dataclass(frozen=True, slots=True)
class Match:
    """An entry found in tokens [first, last)."""

    entry: Entry
    first: int
    last: int


def tokens(text: str) -> list[Token]:
    """The words, numbers and marks of a text, in order; Devanagari digits become ASCII ones. Never raises."""
    return [
        Token(fold(match.group()), match.start(), match.end(), _figures(match.group()))
        for match in _TOKEN.finditer(text)
    ]


def _figures(word: str) -> str:
    plain = word.replace(",", "")
    if not word[0].isdecimal() or not _FIGURES.fullmatch(plain):
        return ""
    return "".join(str(int(figure)) if figure != "." else "." for figure in plain)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, each with its closing mark, by the marks of either script."""
    return [piece.strip() for piece in _SENTENCE_END.split(text) if piece and piece.strip()]


@cache
def keys(*kinds: str) -> frozenset[str]:
    """The keys of the single words of these kinds: for asking what a token is."""
    return frozenset(
        key for kind in kinds for entry_keys, _ in _entries(kind) if len(entry_keys) == 1 for key in entry_keys
    )


@cache
def _table() -> dict[str, list[list[str]]]:
    """The rows of both tables by kind: each table is read once."""
    by_kind: dict[str, list[list[str]]] = {}
    for row in (*rows("findings_hi.tsv"), *rows("words_hi.tsv")):
        by_kind.setdefault(row[1], []).append(row)
    return by_kind


@cache
def _entries(kind: str) -> tuple[tuple[tuple[str, ...], Entry], ...]:
    """Every spelling of a kind, as its keys, with its entry."""
    found: dict[tuple[str, ...], Entry] = {}
    for english, own, devanagari, romanised, _source in _table().get(kind, ()):
        entry = Entry(english, own, devanagari.split("|")[0])
        plain = re.sub(r"^(?:an?|to) ", "", english)
        own_name = [plain] if own in {*FINDINGS, "test"} else []
        for spelling in (*devanagari.split("|"), *romanised.split("|"), *own_name):
            for written in _spelt_out(spelling):
                key = _keys_of(written)
                if key:
                    found.setdefault(key, entry)
    return tuple(found.items())


def _spelt_out(spelling: str) -> Iterable[str]:
    if "~" not in spelling:
        return [spelling]
    stem, _, rest = spelling.partition("~")
    devanagari, latin = _endings()
    return [f"{stem}{ending}{rest}" for ending in (devanagari if any(one >= "\u0900" for one in stem) else latin)]


@cache
def _endings() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What `~` stands for, in Devanagari and in Latin letters."""
    ((devanagari, latin),) = [row[2:4] for row in _table()["ending"]]
    return ("", *devanagari.split("|")), ("", *latin.split("|"))


@cache
def countable() -> frozenset[str]:
    """The English names of findings that take an article in a sentence: "a heart attack"."""
    return frozenset(row[0] for row in _table()["countable"])


@cache
def _small() -> frozenset[str]:
    return frozenset(
        fold(word)
        for _english, _kind, devanagari, romanised, _source in _table()["skip"]
        for word in (*devanagari.split("|"), *romanised.split("|"))
    )


@cache
def _between() -> frozenset[str]:
    return _small() | keys("much") | {"koi", "kuch", "sa", "si", "bilkul"}


def _keys_of(spelling: str) -> tuple[str, ...]:
    """The keys of a phrase. Small words count only where there is nothing else."""
    every = tuple(token.number or token.key for token in tokens(spelling) if token.key != "-")
    return tuple(key for key in every if key not in _small()) or every


@cache
def _index(kinds: tuple[str, ...]) -> dict[str, tuple[tuple[tuple[str, ...], Entry], ...]]:
    """By first key, the longest first; of one phrase in two kinds, the kind named first."""
    index: dict[str, dict[tuple[str, ...], Entry]] = {}
    for kind in kinds:
        for key, entry in _entries(kind):
            index.setdefault(key[0], {}).setdefault(key, entry)
    return {first: tuple(sorted(some.items(), key=lambda one: -len(one[0]))) for first, some in index.items()}


def find(words: Sequence[Token], place: int, *kinds: str) -> Match | None:
    """The longest entry of these kinds that begins at a place; None when there is none."""
    for key, entry in _index(kinds).get(words[place].number or words[place].key, ()):
        last = _reach(words, place, key)
        if last:
            return Match(entry, place, last)
    return None


def _reach(words: Sequence[Token], place: int, key: tuple[str, ...]) -> int:
    """Where the phrase ends; 0 when it is not there."""
    at = place + 1
    for wanted in key[1:]:
        skipped = 0
        while at < len(words) and (words[at].number or words[at].key) != wanted:
            if skipped == _MOST_BETWEEN or (words[at].key not in _between() and words[at].key != "-"):
                return 0
            at, skipped = at + 1, skipped + 1
        if at >= len(words):
            return 0
        at += 1
    return at


def find_all(words: Sequence[Token], *kinds: str) -> list[Match]:
    """Every entry of these kinds, left to right, none overlapping."""
    found: list[Match] = []
    place = 0
    while place < len(words):
        match = find(words, place, *kinds)
        if match:
            found.append(match)
        place = match.last if match else place + 1
    return found


def mentions_any(words: Sequence[Token], *kinds: str) -> bool:
    """True when a text has an entry of these kinds."""
    return any(find(words, place, *kinds) for place in range(len(words)))


@cache
def concepts() -> dict[str, Entry]:
    """English term of a finding, allergen or test, in lower case, to its entry: for writing Hindi."""
    found: dict[str, Entry] = {}
    for english, kind, devanagari, _romanised, _source in rows("findings_hi.tsv"):
        found.setdefault(english.lower(), Entry(english, kind, devanagari.split("|")[0]))
    return found
