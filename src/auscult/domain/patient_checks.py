"""What may be written of a patient: text that a person can read, numbers that can be right, a birth in the past."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from auscult.domain.errors import InvalidError, invalid_field
from auscult.domain.identifiers import checked_identifier
from auscult.domain.patient import Identifier

MAX_AGE: Final = 130
"""Years. The oldest verified human age is 122; beyond this a birth date is a slip."""
MAX_NAME: Final = 200
MOST_DIGITS: Final = 20
"""Of a phone number with its prefixes and extension; ITU-T E.164 has 15 without them."""

_JOINERS: Final = "\u200c\u200d"
"""Zero width joiner and non-joiner: part of how Devanagari and Persian are written, and invisible anywhere else."""
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]"
)
_JOINED: Final = re.compile(rf"(?<=[\u0600-\u06ff\u0900-\u0dff])[{_JOINERS}](?=[\u0600-\u06ff\u0900-\u0dff])")
_PHONE: Final = re.compile(r"[0-9\s()+\-./,;#*]*(?:(?:ext|x)\.?\s*[0-9]+)?", re.IGNORECASE)
_SAME_DIGITS: Final = {ord(one): str(unicodedata.digit(one)) for one in map(chr, range(0x966, 0x970))}


def checked_name(name: str) -> str:
    """The name with single spaces. Raises `InvalidError` for one that is empty, too long, or cannot be read."""
    name = _readable(name, "name")
    if not name:
        raise invalid_field(
            "name", "missing", "A patient needs a name.", "Write the name, or what the person is called meanwhile."
        )
    if len(name) > MAX_NAME:
        raise invalid_field(
            "name", "too_long", f"A name has at most {MAX_NAME} characters.", "Write the name that the person goes by."
        )
    if not any(unicodedata.category(one).startswith("L") for one in name):
        raise invalid_field(
            "name", "no_letters", "A name has letters.", "Write the name, or what the person is called meanwhile."
        )
    return name


def checked_phone(phone: str) -> str:
    """The number as it was written, with single spaces and ASCII digits. Raises `InvalidError`."""
    phone = _readable(phone, "phone").translate(_SAME_DIGITS)
    digits = sum(one.isdigit() for one in phone)
    if phone and (_PHONE.fullmatch(phone) is None or not 3 <= digits <= MOST_DIGITS):
        raise invalid_field(
            "phone", "not_a_number", "This is no phone number.", "Write digits, with + in front if any."
        )
    return phone


def checked_lines(lines: Sequence[str], field: str) -> tuple[str, ...]:
    """What is known of a patient, a line each: single spaces, no empty line, none twice. Raises `InvalidError`."""
    kept = (_readable(line, f"{field}.{place}") for place, line in enumerate(lines))
    return tuple(dict.fromkeys(line for line in kept if line))


def checked_identifiers(identifiers: Sequence[Identifier]) -> tuple[Identifier, ...]:
    """The identifiers as they are kept, none twice. Raises `InvalidError` that names the one that cannot be."""
    kept: dict[tuple[str, str], Identifier] = {}
    for place, one in enumerate(identifiers):
        field = f"identifiers.{place}.value"
        system, value = checked_identifier(_readable(one.system, field), _readable(one.value, field), field)
        kept[system, value] = Identifier(system=system, value=value)
    return tuple(kept.values())


def birth_date_of(birth_date: date | None, age: int | None, now: datetime) -> date | None:
    """When the patient was born, as far as it is known: an `age` in years is kept as 1 July of the year it points to.

    Raises `InvalidError` for a birth in the future or beyond any human age.
    """
    if birth_date is None and age is not None:
        if not 0 <= age <= MAX_AGE:
            raise invalid_field("age", "impossible", "The age cannot be right.", "Correct the age.")
        birth_date = date(now.year - age, 7, 1)
        if birth_date > now.date():
            birth_date = date(now.year - age - 1, 7, 1)
    if birth_date is None:
        return None
    # A day ahead of UTC: where the sun rises first, today has begun.
    if birth_date.toordinal() > now.date().toordinal() + 1:
        raise _birth_date("in_the_future", "The birth date is in the future.", "Correct the birth date.")
    if birth_date.year < now.year - MAX_AGE:
        raise _birth_date("too_long_ago", "The birth date cannot be right.", "Correct the birth date or the age.")
    return birth_date


def _birth_date(problem: str, reason: str, remedy: str) -> InvalidError:
    return invalid_field("birth_date", problem, reason, remedy)


def _readable(text: str, field: str) -> str:
    """The text with single spaces. Raises `InvalidError` for what cannot be seen or turns the text around it."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    rest = _JOINED.sub("", text)
    if _INVISIBLE.search(rest) or any(
        one in _JOINERS or unicodedata.category(one) in {"Cc", "Co", "Cn"} for one in rest
    ):
        raise invalid_field(
            field,
            "invisible_characters",
            "The text holds characters that cannot be seen or that turn the text around them.",
            "Type it anew instead of pasting it.",
        )
    return text
