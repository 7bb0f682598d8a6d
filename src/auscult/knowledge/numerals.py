"""Spoken numbers in English, written in digits where they can be read in one way only.

What can be read in two ways stays in words: "two fifty" (2 x 50? 250?), "five hundred one tablet" (501? 500, one?).
A dose that is not read is asked about; a dose read wrongly is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from auscult.knowledge.units import written


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


ONES: Final = {
    word: value
    for value, word in enumerate(
        _listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen"
        )
    )
}
TENS: Final = {
    word: 10 * value
    for value, word in enumerate(_listed("twenty thirty forty fifty sixty seventy eighty ninety"), start=2)
}
NOUGHT: Final = frozenset({"zero", "nought", "oh", "o"})
UNITS: Final = frozenset(written("strength", "measure", "weight"))
"""Words after which a number without "and" is read as one: nobody counts tablets between a number and its unit."""
FORMS: Final = frozenset(written("form")) | {"time", "times"}
AFTER_ONE: Final = (
    UNITS
    | FORMS
    | TENS.keys()
    | ONES.keys()
    | frozenset(
        _listed(
            "week weeks day days month months year years hour hours minute minutes night dose doses daily "
            "twice every each or to over at a"
        )
    )
)
"""Words that make a lone "one" a number rather than a pronoun."""
BEFORE_PRONOUN: Final = frozenset(_listed("the this that no any which each every another other last next first some"))

_TOKEN = re.compile(r"[A-Za-z]+|\d+(?:[.,]\d+)*|[^\sA-Za-z\d-]")
_JOINED = re.compile(r"[\s-]*")
_SMALL: Final = "zero|one|two|three|four|five|six|seven|eight|nine"
_SPACED_DOT: Final = re.compile(
    rf"(?:(?<=ty)|(?<=\b(?:one|two|six|ten))|(?<=\b(?:four|five|nine))|(?<=\b(?:three|seven|eight))|(?<=teen)|(?<=eleven)|(?<=twelve)"
    rf"|(?<=hundred)|(?<=\d)) \. (?=(?:{_SMALL}|\d)\b(?! (?:times|hours?|days?|weeks?|months?|years?|tablets?"
    rf"|pills?|puffs?|people)\b))",
    re.IGNORECASE,
)
"""How some recognisers write the point in "ninety eight . two" and "a . five centimetre stone"."""
_DOT_ALONE: Final = re.compile(rf"(?<= a) \. (?=(?:{_SMALL}|\d)\b)", re.IGNORECASE)
_BEGINS: Final = NOUGHT | ONES.keys() | TENS.keys() | {"a", "point"}
"""Words that a number said in words begins with."""
_SAYING_ONE: Final = _BEGINS - {"a"} | {"hundred", "thousand", "half"}
"""Without one of these words a text has no number that is not in digits already."""
_WORD = re.compile(r"[A-Za-z]+")
_LEADING_DOT = re.compile(r"(?<![\d.\w])\.(?=\d)")
_GLUED = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?|\d+(?:\.\d+)?")


class _Token(NamedTuple):
    """A word, number or mark: the text's `[start:end]` in lower case."""

    text: str
    start: int
    end: int


class _Number(NamedTuple):
    """A number over tokens [first, last); `value` None when the words can be read in more than one way."""

    first: int
    last: int
    value: Decimal | None


def digits(text: str) -> str:
    """Return `text` with its unambiguous number words in digits; everything else as it was. Never raises."""
    if " . " in text:
        text = _DOT_ALONE.sub(" zero point ", _SPACED_DOT.sub(" point ", text))
    if "." in text:
        text = _LEADING_DOT.sub("0.", text)
    if _SAYING_ONE.isdisjoint([word.lower() for word in _WORD.findall(text)]):  # most sentences
        return text
    tokens = [_Token(match.group().lower(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    numbers = _settle(list(_scan(text, tokens)), tokens, text)
    pieces: list[str] = []
    place = 0
    for number in numbers:
        if number.value is not None:
            pieces += [text[place : tokens[number.first].start], format(number.value, "f")]
            place = tokens[number.last - 1].end
    return "".join([*pieces, text[place:]])


def numbers_in(text: str) -> frozenset[Decimal]:
    """Every number said or written in `text`, by value: "five", "5" and "5.0" are one."""
    return frozenset(Decimal(match.group().replace(",", "")).normalize() for match in _GLUED.finditer(digits(text)))


def _scan(text: str, tokens: Sequence[_Token]) -> Iterator[_Number]:
    place = 0
    while place < len(tokens):
        word = tokens[place].text
        number = _Reader(text, tokens, place).read() if word in _BEGINS or word[0].isdecimal() else None
        if number is None:
            place += 1
        else:
            yield number
            place = number.last


def _settle(numbers: Sequence[_Number], tokens: Sequence[_Token], text: str) -> list[_Number]:
    """Two numbers side by side are ambiguous, both; but "one twenty over eighty" is how a blood pressure is said."""
    settled = list(numbers)
    for index, (left, right) in enumerate(pairwise(numbers)):
        if left.last != right.first or not _glue(text, tokens, right.first):
            continue
        followed = tokens[right.last].text if right.last < len(tokens) else ""
        spoken_digits = any(tokens[n.first].text[0].isdecimal() for n in (left, right))
        if followed == "over" and left.value == 1 and right.value is not None and 10 <= right.value < 100:
            settled[index] = _Number(left.first, right.last, 100 + right.value)
            settled[index + 1] = _Number(right.first, right.last, None)
        elif not spoken_digits:
            settled[index] = _Number(left.first, left.last, None)
            settled[index + 1] = _Number(right.first, right.last, None)
    return settled


def _glue(text: str, tokens: Sequence[_Token], place: int) -> bool:
    """True when only white space or a hyphen stands before the token at `place`."""
    return place > 0 and _JOINED.fullmatch(text, tokens[place - 1].end, tokens[place].start) is not None


class _Reader:
    """Reads one number from a place on, token by token."""

    def __init__(self, text: str, tokens: Sequence[_Token], place: int) -> None:
        self._text, self._tokens, self._first, self._place = text, tokens, place, place

    def read(self) -> _Number | None:
        """Return the number that starts here, or None."""
        word = self._peek()
        if word == "point":
            return self._bare_fraction()
        value = self._whole()
        if value is None:
            return None
        loose = self._loose
        fraction = self._fraction()
        if fraction is not None:
            value += fraction
        elif self._words("and", "a", "half"):
            value += Decimal("0.5")
        following = self._peek()
        if loose and following not in UNITS and following != "over" and fraction is None:
            return _Number(self._first, self._place, None)
        if self._place == self._first + 1 and word == "one" and not self._counts(following):
            return None
        if self._place == self._first + 1 and word[0].isdecimal():
            return None
        if word in {"oh", "o"} and self._place == self._first + 1:
            return None
        return _Number(self._first, self._place, value)

    _loose = False
    """True after a hundred or thousand that was joined to a smaller number in a way that can be read as two."""

    def _peek(self, ahead: int = 0) -> str:
        place = self._place + ahead
        if place >= len(self._tokens):
            return ""
        if place > self._first and not _glue(self._text, self._tokens, place):
            return ""
        return self._tokens[place].text

    def _words(self, *words: str) -> bool:
        """Consume these words if they come next."""
        if all(self._peek(ahead) == word for ahead, word in enumerate(words)):
            self._place += len(words)
            return True
        return False

    def _whole(self) -> Decimal | None:
        word = self._peek()
        if word and word[0].isdecimal():
            self._place += 1
            plain = word.replace(",", "")
            return Decimal(plain) if plain.replace(".", "", 1).isdecimal() else None
        if word == "a" and self._peek(1) in {"hundred", "thousand"}:
            self._place += 1
            value: int | None = 1
        else:
            value = self._below_hundred()
        if value is None:
            return None
        if value < 10 and self._words("hundred"):
            value = value * 100 + self._rest()
        if self._words("thousand"):
            value = value * 1000 + self._rest()
        return Decimal(value)

    def _rest(self) -> int:
        """What follows "hundred" or "thousand": with "and", or without it, which is looser."""
        mark = self._place
        joined = self._words("and")
        rest = self._below_hundred()
        if rest is None:
            self._place = mark
            return 0
        if rest < 10 and self._words("hundred"):
            rest = rest * 100 + self._rest()
        self._loose = self._loose or not joined or (rest <= 10 and self._peek() in FORMS)
        return rest

    def _below_hundred(self) -> int | None:
        word = self._peek()
        if word in NOUGHT:
            self._place += 1
            return 0
        if word in ONES:
            self._place += 1
            return ONES[word]
        if word not in TENS:
            return None
        self._place += 1
        unit = ONES.get(self._peek(), 0)
        if 1 <= unit <= 9:
            self._place += 1
            return TENS[word] + unit
        return TENS[word]

    def _fraction(self) -> Decimal | None:
        """Read "point two five" after a whole number; None when there is none."""
        if self._peek() != "point" or self._digit(1) is None:
            return None
        self._place += 1
        return self._decimals()

    def _bare_fraction(self) -> _Number | None:
        """Read "point two five milligrams": without a unit after it, "point" is just a word."""
        before = self._tokens[self._place - 1].text if self._place else ""
        if self._digit(1) is None or before in BEFORE_PRONOUN | {"one", "at"}:
            return None
        self._place += 1
        value = self._decimals()
        return _Number(self._first, self._place, value) if self._peek() in UNITS else None

    def _decimals(self) -> Decimal:
        figures = ""
        while (figure := self._digit()) is not None:
            figures += figure
            self._place += 1
        return Decimal(f"0.{figures}")

    def _digit(self, ahead: int = 0) -> str | None:
        word = self._peek(ahead)
        if word in NOUGHT:
            return "0"
        if 0 <= ONES.get(word, 99) <= 9:
            return str(ONES[word])
        return word if word.isdecimal() else None

    def _counts(self, following: str) -> bool:
        """True when a lone "one" is a number."""
        before = self._tokens[self._first - 1].text if self._first else ""
        return following in AFTER_ONE and before not in BEFORE_PRONOUN
