"""Which passwords are taken, and what is kept of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain.errors import InvalidError
from auscult.trust import passwords


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "abcdefghijklmnop",
        "aroha.rangi1",
        "Aroha.RangiAroha.Rangi",
        "x" * 257,
        "ababababababab",
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_a_better_way(password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        passwords.check_strength(password, ["aroha.rangi"])
    assert "four or more words" in refused.value.remedy
    assert password not in str(refused.value) or not password


@pytest.mark.parametrize("password", ["kererū over the harbour", "मेरी बिल्ली दूध पीती है", "xK9!pQ2#vL5$"])
def test_words_of_any_script_and_characters_at_random_are_taken(password: str) -> None:
    passwords.check_strength(password, ["aroha.rangi", "Aroha Rangi"])


def test_what_is_kept_tells_the_password_from_others_and_is_no_password() -> None:
    kept = passwords.hashed("kererū over the harbour")
    assert kept.startswith("$argon2id$")
    assert "harbour" not in kept
    assert passwords.matches(kept, "kereru\u0304 over the harbour"), "the same letters, typed on another keyboard"
    assert not passwords.matches(kept, "kererū over the harbor")
    assert not passwords.outdated(kept)
    assert passwords.outdated("$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$ZGlnZXN0ZGlnZXN0ZGlnZXN0")


@pytest.mark.parametrize("kept", ["", "no hash", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$"])
def test_where_nothing_is_kept_nothing_matches(kept: str) -> None:
    assert not passwords.matches(kept, "")


@given(st.text(max_size=300))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        passwords.check_strength(text, [text[:5]])
    except InvalidError:
        return
    assert len(text) * 3 >= passwords.SHORTEST
