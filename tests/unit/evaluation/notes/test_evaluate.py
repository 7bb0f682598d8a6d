"""A writer is run over data files as the product runs it, and its figures come with honest intervals."""

from __future__ import annotations

import json

import pytest
from tests.unit.evaluation.notes.invented import GOOD, ToldWriter, data, row

from auscult.domain.errors import EngineFailedError, InvalidError
from auscult.engines.writer.offline import OfflineWriter
from auscult.evaluation.notes.bootstrap import difference, draw, estimate
from auscult.evaluation.notes.evaluate import evaluate_notes
from auscult.evaluation.notes.formats import read_all
from auscult.evaluation.notes.formats.mts import read_snippets
from auscult.evaluation.notes.metric import Kind, Part
from auscult.evaluation.notes.references import ReferenceWriter
from auscult.evaluation.notes.section_accuracy import evaluate_sections


async def test_every_file_and_subset_has_its_figures_and_all_files_together(tmp_path):
    data(tmp_path, row("V1", "clean"), row("V2", "heard"), name="a.jsonl")
    data(tmp_path, row("V3", "clean"), name="b.jsonl")
    report = await evaluate_notes(ToldWriter(GOOD), [tmp_path], rounds=50)
    assert [(group.file, group.subset, group.notes) for group in report.groups] == [
        ("a.jsonl", "", 2),
        ("a.jsonl", "clean", 1),
        ("a.jsonl", "heard", 1),
        ("b.jsonl", "", 1),
        ("", "", 3),
        ("", "clean", 2),
        ("", "heard", 1),
    ]
    body = json.loads(json.dumps(report.as_json(details=True)))
    assert body["groups"][0]["figures"]["medicine_f1"]["value"] == 1
    assert set(body["groups"][0]["figures"]) <= set(body["weaknesses"])
    assert all(len(line) == len(report.headings()) for line in report.rows())


async def test_the_same_seed_gives_the_same_intervals(tmp_path):
    rows = [row(f"V{number}", note="PLAN\n" + "Rest at home. " * number) for number in range(1, 6)]
    path = data(tmp_path, *rows)
    one, same, other = [
        (await evaluate_notes(ToldWriter(GOOD), [path], seed=seed, rounds=200)).groups[0].figures["rouge1"]
        for seed in (1, 1, 2)
    ]
    assert one == same
    assert one.value == other.value
    assert (one.low, one.high) != (other.low, other.high)


async def test_two_writers_are_compared_note_by_note(tmp_path):
    path = data(tmp_path, row("V1"), row("V2"))
    worse = ToldWriter({"Subjective": [("Reports fever.", (3, 4))]})
    report = await evaluate_notes(ToldWriter(GOOD), [path], against=worse, rounds=50)
    change = report.groups[0].difference["contradictions"]
    assert (change.value, change.low, change.high) == (-1, -1, -1)
    assert report.groups[0].difference["finding_f1"].value > 0


async def test_notes_that_people_wrote_can_be_measured_like_a_writers(tmp_path):
    path = data(tmp_path, row("V1"), row("V2", note=None))
    report = await evaluate_notes(ReferenceWriter(read_all([path])), [path], rounds=50)
    figures = report.groups[0].figures
    assert figures["finding_f1"].value == figures["medicine_f1"].value == figures["results_present"].value == 1
    assert figures["rouge1"].value > 0.85
    assert figures["not_written"].value == 1


async def test_a_visit_that_the_writer_fails_at_is_counted_and_the_others_are_measured(tmp_path):
    class Failing(ToldWriter):
        async def write(self, request):
            if request.transcript.recording_id == "V1":
                raise EngineFailedError("It broke.")
            return await super().write(request)

    report = await evaluate_notes(Failing(GOOD), [data(tmp_path, row("V1"), row("V2"))], rounds=50)
    figures = report.groups[0].figures
    assert figures["not_written"].value == 1
    assert figures["medicine_recall"].value == 0.5


async def test_the_offline_writer_invents_nothing_of_the_invented_visit(tmp_path):
    report = await evaluate_notes(OfflineWriter(), [data(tmp_path, row())], rounds=50)
    figures = report.groups[0].figures
    assert figures["statements"].value > 0
    assert figures["numbers_unsaid"].value == figures["medicines_unsaid"].value == 0
    assert figures["contradictions"].value == 0


@pytest.mark.parametrize("text", ["", '{"id": "V1"}\n', '{"turns": "none"}\n'])
async def test_a_file_without_consultations_is_refused(tmp_path, text):
    path = tmp_path / "other.jsonl"
    path.write_text(text)
    with pytest.raises(InvalidError):
        await evaluate_notes(ToldWriter(GOOD), [path])


async def test_a_broken_line_is_named_by_its_number_and_not_repeated(tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text(json.dumps(row()) + "\n{secret cough\n")
    with pytest.raises(InvalidError) as refused:
        await evaluate_notes(ToldWriter(GOOD), [path])
    assert "Line 2" in refused.value.reason
    assert "secret" not in str(refused.value) + refused.value.remedy


def test_an_interval_holds_its_value_and_a_certain_figure_has_none_to_speak_of():
    draws = draw(40, seed=3, rounds=500)
    parts = [Part(number % 2) for number in range(40)]
    half = estimate(parts, draws, Kind.PERCENT)
    assert half.value == 0.5
    assert 0.3 < half.low < 0.5 < half.high < 0.7
    sure = estimate([Part(1.0)] * 40, draws, Kind.PERCENT)
    assert (sure.low, sure.value, sure.high) == (1, 1, 1)
    shifted = [Part(part.numerator + 1) for part in parts]
    change = difference(parts, shifted, draws, Kind.PERCENT)
    assert (change.low, change.value, change.high) == pytest.approx((1, 1, 1)), (
        "paired: the same notes are drawn for both"
    )


def test_a_figure_that_applies_to_some_notes_only_is_taken_over_those():
    draws = draw(3, seed=3, rounds=50)
    assert estimate([Part(1.0), None, Part(0.0)], draws, Kind.PERCENT).value == 0.5
    assert estimate([None, None, None], draws, Kind.PERCENT).value is None
    assert estimate([Part(2.0), None, Part(3.0)], draws, Kind.TOTAL).value == 5


def test_sections_named_right_are_counted_by_header(tmp_path):
    snippets = read_snippets(
        data(
            tmp_path,
            {"id": "1", "header": "ALLERGY", "dialogue": "Doctor: Any allergies?\nPatient: No."},
            {"id": "2", "header": "PLAN", "dialogue": "Doctor: Come back in a week."},
            {"id": "3", "header": "PLAN", "dialogue": "Doctor: Rest your knee."},
        )
    )
    report = evaluate_sections(lambda text: "ALLERGY" if "week" not in text else "PLAN", snippets, rounds=100)
    assert report.accuracy.value == pytest.approx(2 / 3)
    assert report.by_header == {"PLAN": (0.5, 2), "ALLERGY": (1.0, 1)}
    assert report.confusions == (("PLAN", "ALLERGY", 1),)
    assert json.dumps(report.as_json())
    assert report.as_text().splitlines()[0].startswith("3 dialogues: 66.7% get their header (95 % interval ")
    assert "    PLAN             1 of   2 (50%)" in report.as_text().splitlines()
    assert report.as_text().endswith("taken for another:\n    PLAN as ALLERGY: 1")


def test_a_folder_of_dialogues_is_read_without_what_the_classifier_was_trained_on(tmp_path):
    row = {"id": "1", "header": "PLAN", "dialogue": "Doctor: Rest your knee."}
    for name in ("mts_train", "mine", "theirs"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({**row, "id": name}))
    (tmp_path / "visits.jsonl").write_text(json.dumps({"turns": []}))
    assert [one.id for one in read_snippets(tmp_path)] == ["mine", "theirs"]
    assert [one.id for one in read_snippets(tmp_path / "mts_train.jsonl")] == ["mts_train"]
    with pytest.raises(InvalidError):
        read_snippets(tmp_path / "visits.jsonl")
