"""What speech shortens is written in full, a possessive and a quotation stay, and a history does not drone."""

from __future__ import annotations

import pytest

from auscult.domain.evidence import Polarity
from auscult.engines.writer.offline.formal import in_full, in_turns
from auscult.engines.writer.offline.items import Item, Kind


def item(text: str, kind: Kind = "history") -> Item:
    return Item(kind, text, ("t1",), Polarity.AFFIRMED)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("It's swollen.", "It is swollen."),
        ("It's gotten worse.", "It has gotten worse."),
        ("Reports that she's also been tired.", "Reports that she has also been tired."),
        ("The cough's been worse at night.", "The cough has been worse at night."),
        ("The blood pressure's a little high.", "The blood pressure is a little high."),
        ("The patient can't sleep and won't eat.", "The patient cannot sleep and will not eat."),
        ("The patient hasn't taken it.", "The patient has not taken it."),
        ("They're sore; they'll be checked.", "They are sore; they will be checked."),
        ("He'd had a fall and he'd like a scan.", "He had had a fall and he would like a scan."),
        ("Cannot lie down 'cause the back hurts.", "Cannot lie down because the back hurts."),
        ("'s been hard to walk.", "It has been hard to walk."),
    ],
)
def test_short_forms_of_speech_are_written_in_full(said: str, written: str) -> None:
    assert in_full(item(said)).text == written


@pytest.mark.parametrize(
    "said",
    [
        "The patient's left knee is swollen.",
        "Colles' fracture.",
        "A 3 days' course.",
        "Phalen's test is negative.",
        "Patient: \"it's my knee, i can't kneel\".",
        "Let's see.",
    ],
)
def test_a_possessive_and_a_quotation_stay(said: str) -> None:
    assert in_full(item(said)).text == said


def test_every_second_report_of_a_history_is_a_statement_and_nothing_else_changes() -> None:
    told = [
        item("Reports that it is worse at night."),
        item("Reports a cough."),
        item("Reports that she fell."),
        item("Reports that it hurts.", "examination"),
        item("Reports that she limps."),
    ]
    assert [one.text for one in in_turns(told)] == [
        "Reports that it is worse at night.",
        "Reports a cough.",
        "States that she fell.",
        "Reports that it hurts.",
        "Reports that she limps.",
    ]


def test_a_medicine_that_is_taken_is_being_taken() -> None:
    assert [one.text for one in in_turns([item("Takes metformin 500 mg.", "taking"), item("Takes a walk.")])] == [
        "Is taking metformin 500 mg.",
        "Takes a walk.",
    ]
