"""The dose grammar copies what was said; it never makes a number up, and never raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.knowledge.doses import Dose, parse
from auscult.knowledge.frequencies import spelt_out
from auscult.knowledge.numerals import digits, numbers_in


def read(said: str) -> Dose:
    return parse(digits(said))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1,000 mg twice a day", Dose(strength="1,000 mg", frequency="twice a day")),
        ("5,000 to 10,000 units weekly", Dose(dose="5,000 to 10,000 units", frequency="weekly")),
        ("1,00,000 units", Dose(dose="1,00,000 units")),
        ("1 , 000 mg", Dose()),
        ("0.25 a day", Dose()),
        ("1.5 times a day", Dose()),
        (
            "one hundred milligrams, twice a day for five days",
            Dose(strength="100 mg", frequency="twice a day", duration="for 5 days"),
        ),
        ("two puffs every four hours when you need it", Dose(dose="2 puffs", frequency="every 4 hours", prn=True)),
        ("500 mg TDS x 7 days", Dose(strength="500 mg", frequency="3 times a day", duration="x 7 days")),
        (
            "10 ml three times a day after food",
            Dose(dose="10 ml", frequency="3 times a day", timing="after food"),
        ),
        ("125 mg/5 ml", Dose(strength="125 mg/5 ml")),
        (
            "half a tablet at night for a month",
            Dose(dose="half a tablet", frequency="at night", duration="for a month"),
        ),
        ("fifty micrograms every morning", Dose(strength="50 micrograms", frequency="every morning")),
        (
            "one or two tablets every four to six hours as needed",
            Dose(dose="1 to 2 tablets", form="tablets", frequency="every 4 to 6 hours", prn=True),
        ),
        ("1-0-1 for 5 days", Dose(frequency="1-0-1", duration="for 5 days")),
        ("one spray once daily by mouth", Dose(dose="1 spray", route="by mouth", form="spray", frequency="once daily")),
        ("10 units at bedtime", Dose(dose="10 units", frequency="at bedtime")),
        ("up to four times a day", Dose(frequency="up to 4 times a day")),
        ("1% cream", Dose(strength="1%", form="cream")),
        ("200 µg twice a day", Dose(strength="200 micrograms", frequency="twice a day")),
        ("two caps daily", Dose(dose="2 capsules", frequency="daily")),
        ("two suppositories at night", Dose(dose="2 suppositories", frequency="at night")),
    ],
)
def test_doses_as_people_say_them(said: str, expected: Dose) -> None:
    assert read(said) == expected


def test_a_leading_dot_is_a_quarter_not_twenty_five() -> None:
    assert read(".25 mg").strength == "0.25 mg"


def test_millilitres_are_a_dose_and_never_a_strength() -> None:
    dose = read("5 ml")
    assert (dose.strength, dose.dose) == ("", "5 ml")


def test_letters_among_the_digits_are_not_read() -> None:
    assert read("1OOmcg").strength == ""


def test_take_two_is_a_dose_and_taking_two_weeks_is_not() -> None:
    assert read("take two twice a day").dose == "2"
    assert read("take two weeks off").dose == ""


@pytest.mark.parametrize("said", ["250 mg, no wait, 500", "250 mg, sorry, 500 mg", "250 mg I mean 500"])
def test_a_correction_replaces_what_it_corrects(said: str) -> None:
    dose = read(said)
    assert dose.strength == "500 mg"
    assert dose.corrected


def test_what_was_not_corrected_is_kept() -> None:
    dose = read("250 mg twice a day, no wait, three times a day for 5 days")
    assert (dose.strength, dose.frequency, dose.duration) == ("250 mg", "3 times a day", "for 5 days")


def test_an_amount_that_can_be_read_in_two_ways_is_not_read() -> None:
    assert read("two fifty").empty
    assert read("five hundred one tablet").dose == ""


SPOKEN = (
    "take one two half a 5 500 0.25 .5 mg milligrams micrograms ml tablets puffs of twice once times a day every "
    "hours to or for days weeks TDS BD prn no wait sorry I mean 1OO with food at night hundred and point , . %"
)
PIECES = st.sampled_from(SPOKEN.split())


@given(st.lists(PIECES, max_size=25).map(" ".join))
@settings(max_examples=400)
def test_no_number_comes_out_that_did_not_go_in(said: str) -> None:
    dose = read(said)
    written = " ".join((dose.strength, dose.dose, dose.frequency, dose.duration, dose.timing))
    # an abbreviation counts by itself too: next to "one point", the 3 of "TDS" would be read as a part of 1.3
    abbreviated = " ; ".join(spelt_out(word) for word in said.split() if spelt_out(word) != word)
    assert numbers_in(written) <= numbers_in(spelt_out(digits(said))) | numbers_in(abbreviated)


@given(st.text(max_size=300))
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    read(text)
