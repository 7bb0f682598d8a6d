"""Written medicine lines are read as a prescriber means them; what is doubtful is flagged, and a plain line is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auscult.domain.medication import MedicationStatus
from auscult.knowledge.medicine_lines import medicines_json, medicines_text, read_line, read_lines
from auscult.knowledge.medicine_lines.names import written_names
from auscult.knowledge.medicines import mentions
from auscult.knowledge.tables import rows

CASES = json.loads((Path(__file__).parent / "medicine_lines.json").read_text("utf-8"))
"""Invented lines, true ones and traps, each with the fields that are not empty and the flags it must have."""
FIELDS = ("name", "strength", "dose", "form", "route", "frequency", "timing", "duration", "reason")


def _codes(line: str) -> list[str]:
    return [flag.code for one in read_line(line) for flag in one.flags]


def _expected(given: dict[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(FIELDS, "")
    return {**empty, "prn": False, "status": "taking", "flags": [], **given}


@pytest.mark.parametrize("case", CASES, ids=[case["line"] for case in CASES])
def test_a_line_is_read_field_by_field_with_its_doubts(case: dict[str, Any]) -> None:
    found = [
        {
            **{name: getattr(one, name) for name in FIELDS},
            "prn": one.prn,
            "status": one.status.value,
            "flags": [flag.code for flag in one.flags],
        }
        for one in read_line(case["line"])
    ]
    assert found == [_expected(given) for given in case["medicines"]]


def test_every_line_is_in_the_table_once_and_there_are_enough() -> None:
    lines = [case["line"] for case in CASES]
    assert len(lines) == len(set(lines)) >= 120


def test_every_caution_of_the_table_is_raised_by_some_line() -> None:
    known = {code for code, _reason, _source in rows("cautions.tsv", "auscult.knowledge.medicine_lines")}
    raised = {code for case in CASES for one in case["medicines"] for code in one.get("flags", ())}
    assert raised == known


def test_a_point_without_a_zero_is_never_read_as_a_whole_number() -> None:
    [one] = read_line("Digoxin .25 mg OD")
    assert one.strength == "0.25 mg"
    assert [flag.reason for flag in one.flags] == [
        "“.25 mg”: without a zero before the point this can be read as a whole number."
    ]


@pytest.mark.parametrize("written", ["1OOmcg", "1OO mcg", "5O mg", "l00 mg", "1O0mg"])
def test_letters_among_digits_are_flagged_and_not_corrected(written: str) -> None:
    [one] = read_line(f"Thyroxine {written} OD")
    assert (one.strength, one.dose) == ("", "")
    assert [flag.code for flag in one.flags] == ["letters_among_digits"]
    assert written in one.flags[0].reason


@pytest.mark.parametrize(
    "line", ["Methotrexate 10 mg daily", "Tab Folitrax 7.5 mg 1-0-0", "methotrexate 2.5 mg BD", "MTX 5 mg nocte"]
)
def test_methotrexate_every_day_is_flagged(line: str) -> None:
    assert "daily_methotrexate" in _codes(line)


@pytest.mark.parametrize(
    "line",
    ["Methotrexate 10 mg weekly", "Folitrax 15 once a week", "Methotrexate 15 mg every Friday", "Methotrexate 10 mg"],
)
def test_methotrexate_once_a_week_is_not(line: str) -> None:
    assert _codes(line) == []


def test_a_name_written_right_is_flagged_as_look_alike_only_when_the_line_speaks_for_the_other() -> None:
    assert _codes("Hydroxyzine 25 mg TDS") == []
    assert _codes("Hydroxyzine 25 mg TDS for itching") == []
    assert _codes("Hydroxyzine 25 mg TDS for blood pressure") == ["look_alike_name"]


def test_a_misspelt_name_is_kept_as_written_and_says_what_it_lies_between() -> None:
    [one] = read_line("Hydroxylazine 25 mg BD")
    assert one.name == "Hydroxylazine"
    assert "hydroxyzine" in one.flags[1].reason
    assert "hydralazine" in one.flags[1].reason


@pytest.mark.parametrize("name", [row[0] for row in rows("written_names.tsv", "auscult.knowledge.medicine_lines")])
def test_everyday_words_are_medicines_on_a_written_line_and_not_in_talk(name: str) -> None:
    assert list(mentions(f"so {name} it is")) == []
    assert [one.name for one in read_line(f"Tab {name} 10 OD")] == [name]
    assert name in {row.name for row in written_names()}


def test_a_line_without_a_name_goes_on_from_the_line_before() -> None:
    found = read_lines(
        "1. Tab Dolo 650\n   1 tab TDS x 3 days\n\n2. Cap Omez 20\n   1 cap OD before food\nReview in a week"
    )
    assert [(one.name, one.strength, one.dose, one.frequency, one.timing, one.duration) for one in found] == [
        ("Dolo", "650", "1 tablet", "3 times a day", "", "for 3 days"),
        ("Omez", "20", "1 capsule", "once a day", "before food", ""),
    ]
    assert not any(one.flags for one in found)


def test_several_medicines_of_a_line_keep_their_own_words_and_the_verb_before_them() -> None:
    found = read_line("Stop metformin and glipizide, start Jardiance 10 mg OD")
    assert [(one.name, one.status) for one in found] == [
        ("Metformin", MedicationStatus.STOPPED),
        ("Glipizide", MedicationStatus.STOPPED),
        ("Jardiance", MedicationStatus.STARTED),
    ]
    assert [one.frequency for one in found] == ["", "", "once a day"]


def test_the_json_has_the_fields_of_a_note_and_the_wording_that_was_read() -> None:
    told = medicines_json("Tab Telma 40 1-0-0 x 1 month")
    assert told == {
        "medications": [
            {
                "name": "Telma",
                "strength": "40",
                "dose": "",
                "form": "tablet",
                "route": "",
                "frequency": "1-0-0 (1 in the morning)",
                "duration": "for 1 month",
                "reason": "",
                "timing": "",
                "prn": False,
                "status": "taking",
                "as_written": "Tab Telma 40 1-0-0 x 1 month",
                "flags": [],
            }
        ]
    }


def test_the_text_tells_each_field_and_why_a_doubt_is_one() -> None:
    told = medicines_text("Inj Lantus 10 U HS\nstop metformin")
    assert told.splitlines()[0] == "Lantus"
    assert "10 U" in told
    assert "a U can be read as 0 or 4" in told
    assert "stopped" in told
    assert medicines_text("Review in 2 weeks") == "No medicine was read."
