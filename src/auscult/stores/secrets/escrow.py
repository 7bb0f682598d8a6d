"""The escrow copy of the master key: a page of text under a passphrase, for a safe.

argon2id makes a key of the passphrase (RFC 9106; its parameters are in the text, so that they may grow), AES-256-GCM
seals the versions of the master key under it, and base 32 in groups of four (RFC 4648) can be typed from paper.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from auscult.domain.errors import ErasedError, InvalidError
from auscult.stores.secrets.clear_key import fingerprint
from auscult.trust.sealing import KEY_BYTES, seal, unseal

SHORTEST_PASSPHRASE: Final = 12
_BEGIN: Final = "-----BEGIN AUSCULT MASTER KEY-----"
_END: Final = "-----END AUSCULT MASTER KEY-----"
_MARKED: Final = re.compile(r"BEGIN\s+AUSCULT\s+MASTER\s+KEY[\s-]*([A-Za-z2-7\s]*)[\s-]*END\s+AUSCULT")
"""What is between the marks, also when somebody typed it from paper and spaced it in their own way."""
_HEAD: Final = struct.Struct(">BBBB16s")
"""Version, argon2id's passes, log2 of its KiB of memory, its lanes, the salt."""
_VERSION: Final = 1
_PASSES: Final = 4
_LOG2_KIB: Final = 17
"""128 MiB: more than RFC 9106's second recommendation (64 MiB, 3 passes), because a copy on paper can be attacked for
years. 0.3 s on a laptop."""
_LANES: Final = 4
_MOST: Final = (32, 20, 16)
"""The passes, memory (log2 of KiB: 1 GiB) and lanes that we would ever spend on a forged file."""
_GROUP: Final = 4
_GROUPS: Final = 8


def escrow_text(
    keys: Sequence[bytes], passphrase: str, *, clinic: str, made: str, secret: Callable[[int], bytes]
) -> str:
    """The page to print: `keys` are the master key's versions, the newest first, `made` a date.

    Raises `InvalidError` for a passphrase of fewer than 12 characters.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise InvalidError(
            f"The passphrase is shorter than {SHORTEST_PASSPHRASE} characters.",
            remedy="Use five or more words that do not belong together.",
        )
    head = _HEAD.pack(_VERSION, _PASSES, _LOG2_KIB, _LANES, secret(16))
    data = head + seal(_stretched(passphrase, head), b"".join(keys), head, secret)
    letters = base64.b32encode(data).decode().rstrip("=")
    groups = [letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP)]
    lines = [" ".join(groups[start : start + _GROUPS]) for start in range(0, len(groups), _GROUPS)]
    return "\n".join(
        (
            "The master key of an Auscult clinic, under a passphrase.",
            "",
            f"Clinic {clinic}, key {fingerprint(keys[0]).hex()}, made {made}.",
            "Keep this page in a safe, and the passphrase in another place. With both, `auscult keys recover FILE`",
            "brings the key back on a new machine. Without them and without the machine, everything is lost.",
            "",
            _BEGIN,
            *lines,
            _END,
            "",
        )
    )


def keys_of_escrow(text: str, passphrase: str) -> tuple[bytes, ...]:
    """The versions of the master key on that page, the newest first.

    Raises `InvalidError` when the page is none, was altered or cut off, or the passphrase is another.
    """
    letters = "".join(_inside(text).split()).upper()
    try:
        data = base64.b32decode(letters + "=" * (-len(letters) % 8))
        head, sealed = data[: _HEAD.size], data[_HEAD.size :]
        version, passes, log2_kib, lanes, _salt = _HEAD.unpack(head)
    except (binascii.Error, struct.error, ValueError) as error:
        raise _no_page() from error
    if version != _VERSION or not all(
        0 < one <= most for one, most in zip((passes, log2_kib, lanes), _MOST, strict=True)
    ):
        raise _no_page()
    try:
        clear = unseal(_stretched(passphrase, head), sealed, head)
    except ErasedError as error:
        raise InvalidError(
            "The passphrase does not open this escrow copy, or the copy was altered.",
            remedy="Check the passphrase letter by letter; compare the file with the page that was printed.",
        ) from error
    return tuple(clear[start : start + KEY_BYTES] for start in range(0, len(clear), KEY_BYTES))


def _inside(text: str) -> str:
    found = _MARKED.search(text)
    if found is None:
        raise _no_page()
    return found[1]


def _stretched(passphrase: str, head: bytes) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    _version, passes, log2_kib, lanes, salt = _HEAD.unpack(head)
    return hash_secret_raw(
        # The same words whichever keyboard they come from.
        unicodedata.normalize("NFKC", passphrase).encode(),
        salt,
        time_cost=passes,
        memory_cost=1 << log2_kib,
        parallelism=lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _no_page() -> InvalidError:
    return InvalidError(
        "This is not an escrow copy of a master key.",
        remedy=f"Give the whole file that `auscult keys escrow` wrote, from {_BEGIN} to {_END}.",
    )
