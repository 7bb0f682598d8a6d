"""The check of a note finds what was altered and leaves alone what was said, on cases labelled by hand."""

from __future__ import annotations

import json

import pytest

from auscult.evaluation.grounding import SPLITS, SUPPORTED, Report, SplitReport, cases, evaluate_grounding

KINDS = {"number", "unit", "side", "negation", "medicine", "invented", "speaker"}


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate_grounding()


@pytest.fixture(params=range(len(SPLITS)), ids=SPLITS)
def split(report: Report, request: pytest.FixtureRequest) -> SplitReport:
    return report.splits[request.param]


def test_nineteen_of_twenty_altered_statements_are_caught(split: SplitReport) -> None:
    assert split.altered.share >= 0.95


def test_of_a_hundred_supported_statements_at_most_eight_are_marked(split: SplitReport) -> None:
    assert split.supported.share <= 0.08


def test_no_kind_of_fault_gets_through_often(split: SplitReport) -> None:
    assert set(split.kinds) == KINDS | SUPPORTED
    assert all(split.kinds[kind].share >= 0.8 for kind in KINDS)


def test_there_are_enough_cases_and_no_statement_is_there_twice() -> None:
    found = [case for split in SPLITS for case in cases(split)]
    assert len(found) >= 160
    assert len({case.consultation for case in found}) >= 20
    said = [(case.consultation, case.statement.text, case.statement.turn_ids) for case in found]
    assert len(said) == len(set(said))


def test_every_case_cites_turns_of_its_consultation() -> None:
    for split in SPLITS:
        for case in cases(split):
            turns = {turn.id for turn in case.transcript.turns}
            assert case.statement.turn_ids
            assert set(case.statement.turn_ids) <= turns


def test_the_report_can_be_written_as_json_and_names_each_mistake(report: Report) -> None:
    told = json.loads(json.dumps(report.as_json()))
    for split in report.splits:
        wrong = split.altered.total - split.altered.flagged + split.supported.flagged
        assert len(told[split.name]["mistakes"]) == wrong
        assert told[split.name]["recall"] == pytest.approx(split.altered.share, abs=1e-4)
    assert "held_out" in report.as_text()
