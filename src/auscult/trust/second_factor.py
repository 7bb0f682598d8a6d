"""The second factor: time-based one-time codes (RFC 6238) and recovery codes for a lost telephone."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Callable
from datetime import datetime
from typing import Final

import pyotp

STEP_SECONDS: Final = 30
WINDOW: Final = 1
"""Steps that a telephone's clock may be off, either way (RFC 6238, section 5.2)."""
RECOVERY_CODES: Final = 10


def fresh_secret(secret: Callable[[int], bytes]) -> str:
    """A new shared secret of 160 bits in base 32 (RFC 4226, section 4)."""
    return b32encode(secret(20)).decode()


def provisioning_uri(secret: str, account: str, issuer: str) -> str:
    """What an authenticator app reads from a QR code: `otpauth://totp/…`."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The 30-second step that this code is of, within the window around `at`; None for a wrong one."""
    code = "".join(code.split())
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        return None
    totp, now = pyotp.TOTP(secret, interval=STEP_SECONDS), int(at.timestamp()) // STEP_SECONDS
    for step in range(now - WINDOW, now + WINDOW + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), code):
            return step
    return None


def fresh_recovery_codes(secret: Callable[[int], bytes]) -> tuple[str, ...]:
    """New recovery codes of 80 bits each, in groups of four: `ABCD-EFGH-IJKL-MNOP`."""
    texts = (b32encode(secret(10)).decode() for _ in range(RECOVERY_CODES))
    return tuple("-".join(text[start : start + 4] for start in range(0, 16, 4)) for text in texts)


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code, however it is written: it holds 80 random bits, so a plain hash will do."""
    bare = "".join(one for one in code.upper() if one.isalnum())
    return hashlib.sha256(bare.encode()).hexdigest()
