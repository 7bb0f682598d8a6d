"""A sentence is said in fewer words, and claims the same: no number, no denial and no side is lost or made."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain.ids import TurnId
from auscult.engines.writer.offline.items import Item, Kind
from auscult.engines.writer.offline.tightening import tightened


def tight(text: str, kind: Kind = "history", *, short: str = "") -> str:
    return tightened(Item(kind, text, (TurnId("t1"),), short=short)).text


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Takes metformin 500 milligrams.", "Takes metformin 500 mg."),
        ("Takes 50 micrograms.", "Takes 50 micrograms."),
        ("Oxygen saturation 97 percent.", "Oxygen saturation 97%."),
        ("The blood pressure is 150 over 70.", "The blood pressure is 150/70."),
        ("There is a 2 out of 6 systolic murmur.", "There is a 2/6 systolic murmur."),
        ("Strength is 4 out of 5.", "Strength is 4/5."),
        ("There is a 3 out of six six systolic murmur.", "There is a 3/6 systolic murmur."),
        ("Will get the foot taken care.", "Will get the foot taken care of."),
        ("There is a little bit an effusion.", "There is a little effusion."),
        ("The patient did or do have gout.", "The patient did have gout."),
        ("Advised: do not drive.", "Advised not to drive."),
        ("To get the patient's ultrasound done.", "Get the patient's ultrasound done."),
        ("The patient is their diet is out of control.", "Their diet is out of control."),
        ("The patient is the only child.", "The patient is the only child."),
        ("The heart exam on the heart exam, there is a murmur.", "On the heart exam, there is a murmur."),
        ("The pain is 6 out of 10.", "The pain is 6 out of 10."),
        ("The patient is a 50 year old man.", "The patient is a 50-year-old man."),
        ("Reports a little bit of pain.", "Reports a little pain."),
        ("The patient really hurts.", "The patient hurts."),
        ("It is not really painful.", "It is not really painful."),
        ("Just the left knee hurts.", "Just the left knee hurts."),
        ("The patient had had the pain.", "The patient had had the pain."),
        ("The knee knee hurts.", "The knee hurts."),
        ("There is no peritoneal signs.", "There are no peritoneal signs."),
        ("There is no tenderness.", "There is no tenderness."),
        ("Took 2 2 times.", "Took 2 2 times."),
    ],
)
def test_units_and_filler_are_written_as_a_clinician_writes_them(said: str, written: str) -> None:
    assert tight(said) == written


@pytest.mark.parametrize(
    ("text", "kind", "short", "written"),
    [
        ("Impression: gout.", "impression", "gout", "Gout."),
        ("On examination: some wheeze.", "examination", "", "There is some wheeze."),
        ("On your knee exam, there is pain.", "examination", "", "There is pain."),
        ("On examination: there is no peritoneal signs.", "examination", "", "There are no peritoneal signs."),
        ("On examination: some wheeze.", "plan", "", "On examination: some wheeze."),
    ],
)
def test_a_lead_goes_only_where_the_heading_says_it(text: str, kind: Kind, short: str, written: str) -> None:
    assert tight(text, kind, short=short) == written


SPOKEN = (
    "the patient has no not never really just a little bit of nice and left right knee both hurts pain over out 2 5 6 "
    "10 120 80 milligrams percent year old murmur kind sort can't denies feels without either"
)
WORDS = st.sampled_from(SPOKEN.split())
_KEPT = re.compile(r"\d+|\b(?:no|not|never|can't|denies|without|left|right|both|either)\b", re.IGNORECASE)


@given(st.lists(WORDS, min_size=1, max_size=14).map(" ".join))
def test_numbers_denials_and_sides_stay_in_number_and_order(text: str) -> None:
    """A word said twice in a row is one word; that aside, nothing that limits or turns a claim changes."""
    once = re.sub(r"\b(\w+)(?: \1\b)+", r"\1", text)
    before, after = (_KEPT.findall(one.lower()) for one in (once, tight(once, "examination")))
    assert [one for one in after if one.isdigit()] == [one for one in before if one.isdigit()]
    assert set(after) == set(before)
    assert sum(not one.isdigit() for one in after) >= sum(not one.isdigit() for one in before) - 1
