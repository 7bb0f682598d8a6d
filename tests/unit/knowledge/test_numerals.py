"""Spoken numbers are read where they can be read in one way, and left alone where they cannot."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.knowledge.numerals import digits, numbers_in

UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number: int) -> str:
    """British English, written independently of the reader under test."""
    if number < 10:
        return UNITS[number]
    if number < 20:
        return TEENS[number - 10]
    if number < 100:
        return TENS[number // 10] + (f" {UNITS[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" and {in_words(number % 100)}" if number % 100 else ""
        return f"{UNITS[number // 100]} hundred{rest}"
    rest = number % 1000
    joint = " and " if rest < 100 else " "
    return f"{in_words(number // 1000)} thousand" + (f"{joint}{in_words(rest)}" if rest else "")


@given(st.integers(0, 9999))
def test_every_number_said_before_a_unit_is_read(number: int) -> None:
    assert digits(f"take {in_words(number)} milligrams now") == f"take {number} milligrams now"


@given(st.integers(0, 99), st.lists(st.integers(0, 9), min_size=1, max_size=3))
def test_decimals_are_read_digit_by_digit(whole: int, figures: list[int]) -> None:
    said = f"{in_words(whole)} point {' '.join(UNITS[figure] for figure in figures)}"
    expected = f"{whole}.{''.join(map(str, figures))}"
    assert Decimal(digits(said)) == Decimal(expected)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("one hundred and thirty over eighty", "130 over 80"),
        ("one twenty over eighty", "120 over 80"),
        ("ninety-seven percent", "97 percent"),
        (".25 mg", "0.25 mg"),
        ("point two five milligrams", "0.25 milligrams"),
        ("two and a half tablets", "2.5 tablets"),
        ("every four to six hours", "every 4 to 6 hours"),
        ("take one tablet", "take 1 tablet"),
        ("two thousand five hundred milligrams", "2500 milligrams"),
    ],
)
def test_numbers_are_written_as_a_clinician_would(said: str, written: str) -> None:
    assert digits(said) == written


@pytest.mark.parametrize(
    "said",
    [
        "two fifty",
        "dolo six fifty",
        "five hundred one tablet",
        "take one two times a day",
        "this one is good",
        "no one said so",
        "1OOmcg",
        "twenty twenty five",
    ],
)
def test_what_can_be_read_in_two_ways_stays_in_words(said: str) -> None:
    assert digits(said) == said


def test_a_word_called_point_is_not_a_decimal() -> None:
    assert digits("at this point two people came") == "at this point 2 people came"


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    digits(text)
    numbers_in(text)


def test_the_same_value_is_one_number_however_it_is_said() -> None:
    assert numbers_in("five") == numbers_in("5") == numbers_in("5.0") == {Decimal(5)}
