"""Hindi number words, read where something is counted: "do din" is 2 days, and the "do" of "likh do" is no number.

Most Hindi number words are other words too (do: give, saath: with, teen: English), so a word is a number only before
what is counted, as part of a number with "sau", or written in digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from auscult.knowledge.hindi import Token, keys, mentions_any, sentences_of, tokens
from auscult.knowledge.languages import language_of
from auscult.knowledge.medicine_names_hi import names_in
from auscult.knowledge.sounds import fold
from auscult.knowledge.tables import rows


@cache
def _values() -> dict[str, Decimal]:
    return {
        fold(word): Decimal(english)
        for english, kind, devanagari, romanised, _source in rows("words_hi.tsv")
        if kind == "number"
        for word in (*devanagari.split("|"), *romanised.split("|"))
    }


@cache
def _named(kind: str) -> dict[str, str]:
    """Key of a word of this kind to its English."""
    return {
        fold(word): english
        for english, own, devanagari, romanised, _source in rows("words_hi.tsv")
        if own == kind
        for word in (*devanagari.split("|"), *romanised.split("|"))
    }


def period(token: Token) -> str:
    """The span of time that a word names, in English: `day`; empty when it names none."""
    return _named("period").get(token.key, "")


def form(token: Token) -> str:
    """What of a medicine a word counts, in English: `tablet`; empty when it counts none."""
    return _named("form").get(token.key, "")


def counted(words: Sequence[Token]) -> list[Token]:
    """The tokens with every number in one token of its own, in digits: "do teen din" has `2 to 3`. Never raises."""
    out: list[Token] = []
    place = 0
    while place < len(words):
        read = _amount(words, place)
        if read is None:
            out.append(words[place])
            place += 1
            continue
        number, last = read
        out.append(Token("#", words[place].start, words[last - 1].end, number))
        place = last
    return out


def _amount(words: Sequence[Token], place: int) -> tuple[str, int] | None:
    """A number or a range, and where it ends."""
    first = _single(words, place)
    if first is None:
        return None
    value, last, sure = first
    after = last + 1 if last < len(words) and words[last].key in {"-", "se", "to"} else last
    second = _single(words, after) if after < len(words) else None
    if second is not None and _counts(words, second[1]) and value <= second[0]:
        written = _written(value) if value == second[0] else f"{_written(value)} to {_written(second[0])}"
        return written, second[1]
    if sure or _counts(words, last):
        return _written(value), last
    return None


def _single(words: Sequence[Token], place: int) -> tuple[Decimal, int, bool] | None:
    """One number, where it ends, and whether it is one wherever it stands."""
    if words[place].number:
        return Decimal(words[place].number), place + 1, True
    if words[place].key in keys("plus_half"):
        more = _values().get(words[place + 1].key) if place + 1 < len(words) else None
        return (more + Decimal("0.5"), place + 2, False) if more is not None else None
    value = _values().get(words[place].key)
    if value is None:
        return None
    if place + 1 < len(words) and words[place + 1].key in keys("hundred"):
        rest = _values().get(words[place + 2].key) if place + 2 < len(words) else None
        if rest is not None and rest < 100 and rest == int(rest):
            return value * 100 + rest, place + 3, True
        return value * 100, place + 2, True
    return value, place + 1, False


def _counts(words: Sequence[Token], place: int) -> bool:
    return place < len(words) and words[place].key in keys("period", "form", "times", "oclock")


def _written(value: Decimal) -> str:
    return format(value.normalize(), "f")


def spoken_in_english(text: str) -> str:
    """The numbers, units, negations and medicines that the Hindi of a text has, in English words; empty for English.

    For checking an English sentence against Hindi talk: not a translation.
    """
    found: list[str] = []
    for sentence in sentences_of(text):
        if language_of(sentence) == "en":
            continue
        words = counted(tokens(sentence))
        found += [word.number for word in words if word.number]
        found += [name for word in words if (name := period(word) or form(word))]
        found += ["not"] if mentions_any(words, "negation", "without", "stop") else []
        found += [mention.name for mention in names_in(sentence)]
    return " , ".join(found)


def heard_in_english(text: str, words: Sequence[str]) -> str:
    """What some words of a Hindi text may have meant, each by itself, in English; empty for an English text.

    Wider than `spoken_in_english`, because a word heard badly is doubted rather than believed.
    """
    if not words or language_of(text) == "en":
        return ""
    found: list[str] = []
    for word in words:
        found += [_written(value) for token in tokens(word) if (value := _values().get(token.key)) is not None]
        found += ["not"] if mentions_any(tokens(word), "negation", "without") else []
        found += [mention.name for mention in names_in(word)]
    return " , ".join(found)
