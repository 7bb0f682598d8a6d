"""What somebody types to find a patient: words of a name, digits of a number, a date of birth."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

SHORTEST_NUMBER: Final = 4
"""Digits by which alone somebody is looked for: fewer fit too many."""
_DATES: Final = (
    re.compile(r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    # The day first, as in New Zealand and in India.
    re.compile(r"(?<!\d)(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})(?!\d)"),
)
_APART: Final = re.compile(r"[\s,;]+")
_NUMBER: Final = re.compile(r"[0-9()+\-./]+")
_CODE: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9]+(?:[-./][A-Za-z0-9]+)*")
_NOT_ALNUM: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PatientQuery:
    """What was typed, by what it may be. Everything in it has to fit."""

    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    """Runs of digits, without what stands between them; codes with letters in capitals."""
    born: date | None = None


def read_query(text: str) -> PatientQuery:
    """Take apart what was typed. Digits of other scripts are read as digits; what is neither is left out."""
    text = "".join(str(unicodedata.digit(one)) if one.isdigit() else one for one in unicodedata.normalize("NFKC", text))
    born, text = _take_date(text)
    words: list[str] = []
    numbers: list[str] = []
    digits = ""
    for piece in _APART.split(text):
        if _NUMBER.fullmatch(piece) and any(one.isdigit() for one in piece):
            digits += "".join(one for one in piece if one.isdigit())  # 021 555 0199 is one number
            continue
        if digits:
            numbers.append(digits)
            digits = ""
        if _CODE.fullmatch(piece):
            numbers.append(_NOT_ALNUM.sub("", piece).upper())
        elif piece:
            words.append(piece)
    if digits:
        numbers.append(digits)
    return PatientQuery(tuple(words), tuple(numbers), born)


def _take_date(text: str) -> tuple[date | None, str]:
    for pattern in _DATES:
        found = pattern.search(text)
        if found is None:
            continue
        try:
            born = date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue
        return born, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def national_digits(phone: str) -> str:
    """The digits of a phone number without a country or trunk prefix: +64 21 555 0199 and 021 555 0199 are alike.

    +91 and +64 are taken off where as many digits stay as such a number has (India 10, New Zealand 8 to 10).
    """
    digits = "".join(one for one in phone if one.isdigit() and one.isascii())
    digits = digits.removeprefix("00")
    for country, fewest, most in (("91", 10, 10), ("64", 8, 10)):
        rest = digits.removeprefix(country).lstrip("0")
        if digits.startswith(country) and fewest <= len(rest) <= most:
            return rest
    return digits.lstrip("0")


def national_beginnings(typed: str) -> tuple[str, ...]:
    """What may be typed so far of a phone number, without prefixes: of +64 21 5 also 215."""
    digits = typed.removeprefix("00")
    found = [national_digits(typed)]
    found += [digits.removeprefix(country).lstrip("0") for country in ("91", "64") if digits.startswith(country)]
    return tuple(dict.fromkeys(one for one in found if one))


def plain_number(value: str) -> str:
    """An identifier without what stands between its letters and digits, in capitals."""
    return _NOT_ALNUM.sub("", value).upper()


def number_fits(typed: str, *, phone: str, identifiers: tuple[str, ...]) -> bool:
    """Whether what was typed is the end or the beginning of the phone number, or the beginning of an identifier."""
    if typed.isdigit():
        whole = "".join(one for one in phone if one.isdigit())
        if whole and (whole.endswith(typed) or whole.startswith(typed)):
            return True
        if any(national_digits(phone).startswith(one) for one in national_beginnings(typed)):
            return True
    return any(plain_number(one).startswith(typed) for one in identifiers)
