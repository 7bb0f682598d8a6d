"""Numbers that identify a person: what each looks like, its check digit, and how much of it may be kept.

- NHI (New Zealand): HISO 10046:2025, both formats; https://www.tewhatuora.govt.nz/publications/hiso-100462025-consumer-health-identity-standard
- ABHA (India): 14 digits, the last by Verhoeff's dihedral check; https://abdm.gov.in/abdm-components/abha
- Aadhaar (India): only its last four digits. The Aadhaar Act, 2016 (sections 29 and 37) and the UIDAI's circulars let
  nobody who is not licensed for it keep the number; https://uidai.gov.in/en/about-uidai/legal-framework.html
"""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.errors import invalid_field

NHI: Final = "nhi"
ABHA: Final = "abha"
AADHAAR_LAST4: Final = "aadhaar_last4"
_AADHAAR: Final = frozenset({"aadhaar", "aadhar", "aadhaar_last4", "aadhaar-last-4", "aadhaar_last_4"})
_AADHAAR_DIGITS: Final = 12

_NHI_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O; A counts 1, Z counts 24."""
_OLD_NHI: Final = re.compile(rf"[{_NHI_LETTERS}]{{3}}[0-9]{{4}}")
_NEW_NHI: Final = re.compile(rf"[{_NHI_LETTERS}]{{3}}[0-9]{{2}}[{_NHI_LETTERS}]{{2}}")
_SEPARATORS: Final = re.compile(r"[\s.\-\u2010-\u2015]+")

_D: Final = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
"""Multiplication in the dihedral group of order 10: Verhoeff, Error detecting decimal codes, 1969."""
_P: Final = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
"""The permutation for each place, counted from the right."""


def checked_identifier(system: str, value: str, field: str) -> tuple[str, str]:
    """The system and the value as they are kept; `field` names the place in what was sent.

    An NHI in capitals, an ABHA as it is printed (12-3456-7890-1234), of an Aadhaar the last four digits; anything else
    without surrounding space. Raises `InvalidError`, which names the field and repeats nothing of the number.
    """
    system, value = " ".join(system.split()), " ".join(value.split())
    if not system or not value:
        raise invalid_field(
            field, "missing", "An identifier needs a system and a number.", "Write both, or leave the identifier out."
        )
    plain = _SEPARATORS.sub("", value).upper()
    named = system.casefold().replace(" ", "_")
    if named == NHI:
        if not is_nhi(plain):
            raise invalid_field(
                field,
                "check_digit",
                "This is no NHI number: its check character does not fit.",
                "Read it again from the card or letter: three letters, then four characters.",
            )
        return NHI, plain
    if named == ABHA:
        if not is_abha(plain):
            raise invalid_field(
                field,
                "check_digit",
                "This is no ABHA number: it has 14 digits, of which the last is a check digit.",
                "Read it again from the ABHA card.",
            )
        return ABHA, "-".join((plain[:2], plain[2:6], plain[6:10], plain[10:]))
    if named in _AADHAAR:
        return AADHAAR_LAST4, _last_of_aadhaar(plain, field)
    return system, value


def _last_of_aadhaar(plain: str, field: str) -> str:
    if re.fullmatch(r"[0-9]{4}", plain):
        return plain
    if len(plain) == _AADHAAR_DIGITS:
        raise invalid_field(
            field,
            "aadhaar_in_full",
            "A full Aadhaar number must not be kept here: the Aadhaar Act forbids it.",
            "Write its last four digits only.",
        )
    raise invalid_field(
        field, "aadhaar_last4", "Of an Aadhaar number four digits are kept.", "Write its last four digits only."
    )


def is_nhi(text: str) -> bool:
    """Whether seven characters are an NHI number of the old format (AAANNNC) or the new one (AAANNAX)."""
    old = _OLD_NHI.fullmatch(text) is not None
    if not old and _NEW_NHI.fullmatch(text) is None:
        return False
    total = sum(_nhi_value(one) * weight for one, weight in zip(text[:6], range(7, 1, -1), strict=True))
    if old:
        rest = total % 11
        return rest != 0 and text[6] == str((11 - rest) % 10)
    return text[6] == _NHI_LETTERS[23 - total % 23 - 1]


def _nhi_value(one: str) -> int:
    return int(one) if one.isdigit() else _NHI_LETTERS.index(one) + 1


def is_abha(digits: str) -> bool:
    """Whether these are 14 digits of which the last is right."""
    return re.fullmatch(r"[0-9]{14}", digits) is not None and verhoeff_holds(digits)


def verhoeff_holds(digits: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of the others."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_D[check][int(_P[place % 8][int(digit)])])
    return check == 0
