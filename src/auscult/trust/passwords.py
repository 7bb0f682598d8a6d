"""Passwords: which are taken, and what is kept of them.

Hashing is argon2id with the second recommended option of RFC 9106 (64 MiB, 3 passes, 4 lanes):
https://www.rfc-editor.org/rfc/rfc9106#section-4. Rules are those of NIST SP 800-63B-4, section 3.1.1: length and no
composition rules, Unicode normalised, no known weak ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from auscult.domain.errors import InvalidError

SHORTEST: Final = 12
"""Characters. NIST asks for 15 where the password is all there is and 8 beside a second factor; ours may be either."""
LONGEST: Final = 256
_FEWEST_DIFFERENT: Final = 5
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, type=Type.ID)
_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQxMjM0NTY3OA$4uBnT5vZQ1mB0cGvPz0sX4JQmV0m3b8mJ1yqk0D0u1I"
"""Checked when there is no such account, so that the answer takes as long."""


def check_strength(password: str, not_in_it: Sequence[str] = ()) -> None:
    """Raise `InvalidError` for a password that is too short, too long, of few characters, or made of `not_in_it`."""
    text = _normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidError(
            f"A password has {SHORTEST} to {LONGEST} characters.",
            remedy="Take four or more words that do not belong together.",
        )
    folded = text.casefold()
    rest = folded
    for word in sorted((one.casefold() for one in not_in_it if len(one) > 2), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(set(folded)) < _FEWEST_DIFFERENT or len(rest) < SHORTEST // 2 or _counts_up(folded):
        raise InvalidError(
            "This password is easy to guess.", remedy="Take four or more words that do not belong together."
        )


def hashed(password: str) -> str:
    """What is kept of a password: argon2id in PHC form, some 0.1 s of work and 64 MiB. Call it in a thread."""
    return _HASHER.hash(_normal(password))


def matches(kept: str, password: str) -> bool:
    """Whether this is the password that `kept` was made of; as slow when `kept` is empty. Call it in a thread."""
    try:
        return _HASHER.verify(kept or _NOBODYS, _normal(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than ours are now, and should be made anew."""
    return _HASHER.check_needs_rehash(kept)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _counts_up(text: str) -> bool:
    """`123456789012`, `abcdefghijkl`: each character the next of the one before, or the same, or back at the start."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    return sum(step in {0, 1} for step in steps) >= len(steps) - 1
