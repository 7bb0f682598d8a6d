"""One-time codes by the clock, and codes for a lost telephone."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from auscult.trust import second_factor

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""`12345678901234567890`, the secret of the test vectors of RFC 6238, appendix B."""


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert second_factor.step_of(RFC_SECRET, code, datetime.fromtimestamp(at, UTC)) == at // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    code = pyotp.TOTP(RFC_SECRET).at(now)
    assert second_factor.step_of(RFC_SECRET, f" {code[:3]} {code[3:]}", now + timedelta(seconds=30)) is not None
    assert second_factor.step_of(RFC_SECRET, code, now - timedelta(seconds=30)) is not None
    assert second_factor.step_of(RFC_SECRET, code, now + timedelta(seconds=90)) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "'; --", "9" * 10_000])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert second_factor.step_of(RFC_SECRET, code, datetime(2026, 3, 2, tzinfo=UTC)) is None


def test_a_recovery_code_is_known_however_it_is_typed() -> None:
    codes = second_factor.fresh_recovery_codes(os.urandom)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    typed = codes[0].replace("-", " ").lower()
    assert second_factor.recovery_hash(typed) == second_factor.recovery_hash(codes[0])
    assert second_factor.recovery_hash(codes[1]) != second_factor.recovery_hash(codes[0])


def test_an_authenticator_app_reads_the_clinics_name() -> None:
    uri = second_factor.provisioning_uri(RFC_SECRET, "aroha", "Harbour Clinic & Co")
    parsed = pyotp.parse_uri(uri)
    assert (parsed.name, parsed.issuer) == ("aroha", "Harbour Clinic & Co")
