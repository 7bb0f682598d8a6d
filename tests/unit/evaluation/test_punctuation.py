"""Marks that were taken away are counted when they come back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from auscult.clinic.makers import words_and_marks
from auscult.domain.errors import InvalidError
from auscult.evaluation.punctuation import evaluate_punctuation


def visits(folder: Path, *texts: str) -> Path:
    path = folder / "visits.jsonl"
    path.write_text(json.dumps({"turns": [{"speaker": "doctor", "text": text} for text in texts]}) + "\n", "utf-8")
    return path


def test_ends_found_missed_and_wrongly_set_are_counted(tmp_path: Path) -> None:
    path = visits(tmp_path, "Any fever? No, none! It is two months old; better.", "no marks here at all", "Yes.")

    def mark(words: Sequence[str]) -> list[str]:
        assert words == ["any", "fever", "no", "none", "it", "is", "2", "months", "old", "better"]
        return ["", "?", ".", "", ",", "", "", "", "", "."]

    report = evaluate_punctuation(mark, words_and_marks, path)
    assert (report.turns, report.ends, report.ends_set, report.ends_right) == (1, 3, 2, 1)
    assert (report.marks_set, report.marks_right) == (3, 2)
    assert report.f1 == 0.4
    assert report.as_json()["f1"] == 0.4
    assert report.as_text().startswith("1 turns: 1 of 3 sentence ends found, 2 set (F1 40.0%).")


def test_without_any_marks_there_is_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(InvalidError):
        evaluate_punctuation(lambda words: [""] * len(words), words_and_marks, visits(tmp_path, "no marks here at all"))
