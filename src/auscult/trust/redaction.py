"""Replaces what plainly names a person, before a text goes to somebody else's computer, and puts it back in the answer.

This is not de-identification, and nothing may call it that: it knows the names that it is told and numbers of known
form. A nickname, a number spelt out in words, an address, a workplace or a rare disease stays in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from auscult.domain import identifiers
from auscult.knowledge.sounds import fold

KINDS: Final = ("NAME", "PHONE", "EMAIL", "NHI", "AADHAAR", "ABHA", "PAN", "TEXT")
"""What a placeholder stands for. `TEXT`: words of the text itself that look like a placeholder."""
PLACEHOLDER: Final = re.compile(rf"\[(?:{'|'.join(KINDS)})_[1-9]\d{{0,8}}\]", re.ASCII)
REGIONS: Final = ("NZ", "IN", "GB", "US", "AU")
"""Whose way of writing a phone number without a country code is known."""

_IN_WORD: Final = r"[\w\u0900-\u0963\u0971-\u097f\u200c\u200d]"
"""What continues a word: also the vowel signs of Devanagari, which `\\w` leaves out."""
_ASCII: Final = re.IGNORECASE | re.ASCII
_SAME_LENGTH: Final = str.maketrans(
    {
        **{chr(0x966 + digit): str(digit) for digit in range(10)},  # Devanagari
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u2019\u02bc", "'"),
    }
)
"""Digits, spaces, dashes and apostrophes of other kinds, each as the plain one."""
_L: Final = "[A-HJ-NP-Z]"
_NHI = re.compile(
    rf"(?<!{_IN_WORD})(?:{_L}{{3}}|{_L}[ -]{_L}[ -]{_L})[ -]?\d[ -]?\d[ -]?(?:\d[ -]?\d|{_L}[ -]?{_L})(?!{_IN_WORD})",
    _ASCII,
)
_AADHAAR = re.compile(r"(?<![\w.])[2-9](?:[ -]?\d){11}(?!\w|\.\d)", re.ASCII)
_ABHA = re.compile(r"(?<![\w.])(?:\d{2}(?:[ -]?\d{4}){3}|\d(?:[ -]\d){13})(?!\w|\.\d)", re.ASCII)
_PAN = re.compile(
    r"(?<!\w)(?:(?i:[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z])"
    r"|(?i:[A-Z](?:[ -][A-Z]){2}[ -][ABCFGHJLPT][ -][A-Z](?:[ -]\d){4}[ -][A-Z])"
    r"|[A-Z]{3}[ -]?[ABCFGHJLPT][A-Z][ -]?\d{4}[ -]?[A-Z])(?!\w)",
    re.ASCII,
)
"""With spaces between groups only in capitals: "since 1998 I" is none."""
_EMAIL = re.compile(
    r"(?<![\w.+-])(?:[\w.+%-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}"
    r"|[\w+-]{1,64}(?: (?:dot|underscore|dash) [\w+-]{1,64}){0,4} at [a-z0-9-]{1,63}(?: dot [a-z0-9-]{1,63}){0,4}"
    r" dot (?:com|org|net|edu|gov|info|io|co|in|nz|uk|au|us))(?![\w-])",
    _ASCII,
)
"""Written, or read out: "kiri dot awa at example dot org"."""

_DEVANAGARI = re.compile(r"[\u0900-\u0963\u0971-\u097f\u200c\u200d]+")
_LATIN = re.compile(r"[A-Za-z]+")
_GLUED: Final = "(?:ji|bhai|ben|जी)"
"""What Indian speech adds to a name of respect."""
_HONOUR = re.compile(rf"{_GLUED}$", re.IGNORECASE)
_SHORTEST: Final = 2
"""Letters of a word of a name that is not looked for alone: "Te", "Jo"."""
_SEVEN_DIGITS = re.compile(r"(?:\d\W{0,4}){7}")


def is_nhi(text: str) -> bool:
    """True for a New Zealand National Health Index number with a right check character (HISO 10046).

    `AAANNNC`: weights 7 to 2, modulus 11, and a remainder of 0 is never issued. `AAANNAC`: modulus 23, with a letter.
    """
    return identifiers.is_nhi(re.sub(r"[ -]", "", text).upper())


def is_aadhaar(text: str) -> bool:
    """True for twelve digits, the first not 0 or 1, with a right last digit by Verhoeff (UIDAI)."""
    digits = re.sub(r"[ -]", "", text)
    return re.fullmatch(r"[2-9]\d{11}", digits, re.ASCII) is not None and identifiers.verhoeff_holds(digits)


class Redactor:
    """Replaces in any number of texts of one consultation, the same words by the same placeholder, and back.

    For every text x: `restore(redact(x)) == x`. Holds what it replaced; kept no longer than the request that needs it.
    """

    def __init__(self, names: Iterable[str] = (), *, regions: Sequence[str] = REGIONS) -> None:
        """`names` are known people: each whole, and each of its words of three letters or more.

        In any case, with or without accents, and by their sound in the other of Latin and Devanagari script.
        """
        known = list(names)
        self._names = _name_pattern(known)
        self._latin, self._devanagari = _sounds(known)
        self._regions = tuple(regions)
        self._words: dict[str, str] = {}
        self._placeholders: dict[tuple[str, str], str] = {}

    def redact(self, text: str) -> str:
        """The text with placeholders such as `[NAME_1]` and `[NHI_1]`."""
        pieces: list[str] = []
        done = 0
        for start, end, kind in self._found(text):
            pieces += [text[done:start], self._placeholder(kind, text[start:end])]
            done = end
        return "".join([*pieces, text[done:]])

    def restore(self, text: str) -> str:
        """The text with what the placeholders stand for; one that was never given out stays as it is."""
        return PLACEHOLDER.sub(lambda match: self._words.get(match.group(), match.group()), text)

    def _placeholder(self, kind: str, words: str) -> str:
        known = self._placeholders.get((kind, words))
        if known is None:
            known = f"[{kind}_{sum(1 for other, _ in self._placeholders if other == kind) + 1}]"
            self._placeholders[kind, words] = known
            self._words[known] = words
        return known

    def _found(self, text: str) -> list[tuple[int, int, str]]:
        """What is to be replaced, left to right; where two overlap, the one looked for first."""
        taken: list[tuple[int, int, str]] = []
        plain = text.translate(_SAME_LENGTH)
        for kind, spans in (
            ("TEXT", _spans(PLACEHOLDER, text)),
            ("EMAIL", _spans(_EMAIL, plain)),
            ("NHI", _spans(_NHI, plain, is_nhi)),
            ("PAN", _spans(_PAN, plain)),
            ("ABHA", _spans(_ABHA, plain)),
            ("AADHAAR", _spans(_AADHAAR, plain, is_aadhaar)),
            ("NAME", _spans(self._names, plain) if self._names else iter(())),
            ("NAME", self._other_script(text)),
            ("PHONE", self._phones(plain)),
        ):
            for start, end in spans:
                if all(end <= other_start or start >= other_end for other_start, other_end, _ in taken):
                    taken.append((start, end, kind))
        return sorted(taken)

    def _other_script(self, text: str) -> Iterator[tuple[int, int]]:
        """Names that are known in Latin letters and said in Devanagari, and the other way round."""
        for pattern, known in ((_DEVANAGARI, self._latin), (_LATIN, self._devanagari)):
            for match in pattern.finditer(text) if known else ():
                word = match.group()
                for said in (word, _HONOUR.sub("", word)):
                    if fold(said) in known:
                        yield match.start(), match.start() + len(said)
                        break

    def _phones(self, text: str) -> Iterator[tuple[int, int]]:
        if not _SEVEN_DIGITS.search(text):  # most sentences: the search itself is slow
            return
        from phonenumbers import Leniency, PhoneNumberMatcher

        for region in self._regions:
            for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
                yield match.start, match.end


def _spans(
    pattern: re.Pattern[str], text: str, holds: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        if match.end() > match.start() and holds(match.group()):
            yield match.span()


_TITLES: Final = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "doctor",
        "prof",
        "professor",
        "sir",
        "madam",
        "sri",
        "shri",
        "smt",
        "nurse",
    )
)
"""Words of a name that name nobody."""


def _accents() -> dict[str, str]:
    """A plain letter to the letters of Latin script that are it with a mark: people leave macrons and accents out."""
    found: dict[str, str] = {}
    for code in range(0xC0, 0x250):
        letters = unicodedata.normalize("NFD", chr(code))
        if len(letters) > 1 and letters[0].isascii():
            found[letters[0].lower()] = found.get(letters[0].lower(), "") + chr(code)
    return found


_ACCENTS: Final = _accents()


def _letter(sign: str) -> str:
    """A pattern for one letter of a name, with or without its marks."""
    plain = unicodedata.normalize("NFD", sign)[:1].lower()
    if plain in _ACCENTS:
        return f"[{plain}{_ACCENTS[plain]}][\u0300-\u036f]*"
    if sign in "'\u2019\u02bc":
        return "'?"
    return r"[\s-]*" if sign == "-" else re.escape(sign)


def _pattern_of(words: Sequence[str]) -> str:
    return r"[\s-]+".join("".join(_letter(sign) for sign in unicodedata.normalize("NFC", word)) for word in words)


def _name_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Every name whole, any words of it that follow one another, and each word of three letters or more."""
    known: dict[str, None] = {}
    for name in names:
        words = _naming(name)
        for length in range(len(words), 1, -1):
            for start in range(len(words) - length + 1):
                known[_pattern_of(words[start : start + length])] = None
        if len(words) == 1:
            known[_pattern_of(words)] = None
        known.update((_pattern_of([part]), None) for part in _parts(words))
    if not known:
        return None
    longest_first = sorted(known, key=len, reverse=True)
    return re.compile(rf"(?<!{_IN_WORD})(?:{'|'.join(longest_first)})(?={_GLUED}?(?!{_IN_WORD}))", re.IGNORECASE)


def _naming(name: str) -> list[str]:
    """The words of a name that name somebody."""
    return [
        word for word in name.split() if word.strip(".").lower() not in _TITLES and any(sign.isalnum() for sign in word)
    ]


def _parts(words: Iterable[str]) -> Iterator[str]:
    """The words of a name that are long enough to be one alone, also those joined by a hyphen."""
    for word in words:
        for part in {word, *word.split("-")}:
            if len(part.strip(".")) > _SHORTEST:
                yield part


def _sounds(names: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """How the words of the names sound that are written in Latin letters, and of those in Devanagari."""
    parts = [part for name in names for part in _parts(_naming(name))]
    latin = frozenset(fold(part) for part in parts if part.isascii())
    return latin, frozenset(fold(part) for part in parts if _DEVANAGARI.search(part))
