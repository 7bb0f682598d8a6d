"""Each figure of a note counts what it says it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score import rouge_scorer
from tests.unit.evaluation.notes.invented import GOOD, REFERENCE, data, row, visit, written

from auscult.evaluation.notes.divisions import divide
from auscult.evaluation.notes.metrics import (
    contradictions,
    dangling,
    divisions,
    findings,
    grounded,
    labelled,
    medicines,
    numbers,
    results_section,
    rouge,
)
from auscult.evaluation.notes.visits import EXAM, PLAN, RESULTS, SUBJECTIVE


def share(measured, name):
    part = measured.parts[name]
    return part.numerator / part.denominator


def test_rouge_is_what_the_established_package_says():
    note = written(GOOD)
    theirs = rouge_scorer.RougeScorer(list(rouge.TYPES), use_stemmer=False).score(REFERENCE, note.text)
    mine = rouge.measure(note).parts
    assert {name: part.numerator for name, part in mine.items()} == {name: one.fmeasure for name, one in theirs.items()}
    assert 0 < mine["rouge2"].numerator < mine["rouge1"].numerator < 1


def test_a_note_without_a_reference_is_not_compared_with_one():
    note = written(GOOD, visit(note=None))
    assert rouge.measure(note).parts == divisions.measure(note).parts == findings.measure(note).parts == {}
    assert set(medicines.measure(note).parts) == {"medicines_unsaid"}


@pytest.mark.parametrize(
    ("heading", "division"),
    [
        ("SUBJECTIVE", SUBJECTIVE),
        ("History of Present Illness:", SUBJECTIVE),
        ("## Allergies", SUBJECTIVE),
        ("OBJECTIVE", EXAM),
        ("**Physical Exam**", EXAM),
        ("RESULTS", RESULTS),
        ("Assessment", PLAN),
        ("PLAN", PLAN),
        ("Instructions", PLAN),
    ],
)
def test_a_heading_opens_its_division(heading, division):
    divided = divide(f"DRAFT\nHPI\nold\n{heading}\nnew\nThe plan is rest.")
    assert divided[division].endswith("new\nThe plan is rest.")
    assert "DRAFT" not in "".join(divided.values())


@given(st.lists(st.sampled_from(["PLAN", "RESULTS", "HPI", "EXAM", "cough", "no fever", ""])))
def test_dividing_loses_nothing_after_the_first_heading_and_doubles_nothing(lines):
    divided = divide("\n".join(lines))
    first = next((place for place, line in enumerate(lines) if line in {"PLAN", "RESULTS", "HPI", "EXAM"}), len(lines))
    kept = sorted(line for text in divided.values() for line in text.splitlines() if line)
    assert kept == sorted(line for line in lines[first:] if line)


def test_a_division_that_the_note_lacks_scores_nothing_and_one_that_nobody_wrote_is_not_counted():
    parts = divisions.measure(written({"Plan": GOOD["Plan"]})).parts
    assert parts[f"{SUBJECTIVE}_rouge1"].numerator == 0 < parts[f"{PLAN}_rouge1"].numerator
    assert f"{EXAM}_rouge1" not in parts


def test_results_are_looked_for_only_where_a_person_wrote_some():
    assert results_section.measure(written(GOOD)).parts["results_present"].numerator == 1
    assert results_section.measure(written({"Plan": GOOD["Plan"]})).parts["results_present"].numerator == 0
    uncalled = results_section.measure(written(GOOD, visit(note="PLAN\nRest.")))
    assert uncalled.parts["results_uncalled_for"].numerator == 1


def test_a_brand_and_both_names_of_a_substance_are_one_medicine():
    measured = medicines.measure(written(GOOD))
    assert share(measured, "medicine_f1") == 1
    assert measured.parts["medicines_unsaid"].numerator == 0


def test_a_medicine_that_nobody_named_is_counted():
    measured = medicines.measure(written({"Plan": [("Take ibuprofen and Panadol.", (6,))]}))
    assert share(measured, "medicine_f1") == pytest.approx(2 / 3)
    assert measured.parts["medicines_unsaid"].numerator == 1
    assert [detail.text for detail in measured.details] == ["ibuprofen"]


def test_numbers_are_compared_by_value_and_those_that_nobody_said_are_counted():
    assert share(numbers.measure(written(GOOD)), "number_precision") == 1
    measured = numbers.measure(written({"Subjective": [("Reports a cough for 2 weeks and 38.5 degrees.", (2,))]}))
    assert share(measured, "number_precision") == 0.5
    assert measured.parts["numbers_unsaid"].numerator == 1
    assert "38.5" in measured.details[0].reason


def test_a_decimal_that_the_recogniser_wrote_as_two_sentences_was_said():
    turns = [{"speaker": "doctor", "text": "your temperature is ninety eight. six today"}]
    measured = numbers.measure(written({"Objective": [("Temperature: 98.6.", (1,))]}, visit(turns=turns)))
    assert measured.parts["numbers_unsaid"].numerator == 0


def test_a_finding_with_the_wrong_polarity_is_not_the_same_finding():
    assert share(findings.measure(written(GOOD)), "finding_f1") == 1
    flipped = findings.measure(written({"Subjective": [("Reports a cough.", (2,)), ("Reports fever.", (3, 4))]}))
    assert share(flipped, "finding_f1") == 0.5
    assert share(flipped, "finding_named_f1") == 1


def test_what_grounding_found_unsupported_is_a_share_of_the_statements():
    measured = grounded.measure(written({"Plan": [("Take ibuprofen.", (6,)), ("Take Panadol.", (6,))]}))
    assert share(measured, "unsupported") == 0.5
    assert measured.details[0].reason == "medicine_not_said"


@pytest.mark.parametrize(
    ("sentence", "turns", "contradicts"),
    [
        ("Reports fever.", (3, 4), True),
        ("Reports fever.", (3,), True),
        ("Denies fever.", (3, 4), False),
        ("Denies cough.", (2,), True),
        ("Reports a cough.", (2,), False),
        ("Reports chest pain.", (2,), False),
        ("May have a fever.", (3, 4), False),
    ],
)
def test_a_statement_contradicts_its_turns_when_they_say_the_opposite(sentence, turns, contradicts):
    measured = contradictions.measure(written({"Subjective": [(sentence, turns)]}))
    assert measured.parts["contradictions"].numerator == contradicts


def test_it_says_for_how_many_findings_a_contradiction_would_have_been_found():
    measured = contradictions.measure(written({"Subjective": [("Denies fever.", (3, 4)), ("Denies pain.", (2,))]}))
    assert share(measured, "contradictions_readable") == 0.5


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Reports that the pain comes from the.", "ends in the middle"),
        ("And the knee is worse.", "begins in the middle"),
        ("Two weeks of it, mostly in bed.", "no verb"),
        ("Reports that my knee hurts.", "first person"),
        ("Reports that you should rest.", "second person"),
        ("Reports, um, a cough.", "filler"),
        ("Is it better?", "question"),
        ("Reports the the cough.", "a word twice"),
        (f"Reports a cough{' and then it went on' * 10}.", "runs on"),
    ],
)
def test_a_loose_end_is_found_and_named(sentence, reason):
    measured = dangling.measure(written({"Subjective": [(f"Reports a cough. {sentence}", (2,))]}))
    assert share(measured, "dangling") == 0.5
    assert reason in measured.details[0].reason


@pytest.mark.parametrize(
    ("sentence", "section"),
    [
        ("Neck: supple.", "Objective"),
        ("Clear to auscultation bilaterally.", "Objective"),
        ("Right knee pain.", "Subjective"),
        ("Denies chest pain, dyspnea or leg swelling.", "Subjective"),
        ("Hypertension.", "Assessment"),
        ("Reports doing okay.", "Subjective"),
        (f"Denies {', '.join(['fever, chills'] * 25)}.", "Subjective"),
        ("I advised rest; we will order an x-ray.", "Plan"),
        ("Has a history of type I diabetes.", "Subjective"),
        ("Reports that it is worse than it was.", "Subjective"),
    ],
)
def test_what_clinicians_write_is_left_alone(sentence, section):
    assert dangling.measure(written({section: [(sentence, (2,))]})).details == ()


@pytest.mark.parametrize("sentence", ["Reports a cough , and a cold.", "Reports a cou- cough.", "Has (had a cough."])
def test_loose_punctuation_is_counted_apart(sentence):
    measured = dangling.measure(written({"Subjective": [(f"Reports a 3-day cough. {sentence}", (2,))]}))
    assert share(measured, "loose_punctuation") == 0.5
    assert measured.parts["dangling"].numerator == 0


def test_labelled_facts_are_found_in_other_words_with_their_polarity(tmp_path):
    facts = [
        {"fact": "cough", "polarity": "affirmed", "kind": "symptom"},
        {"fact": "fever", "also": ["febrile"], "polarity": "negated", "kind": "symptom"},
        {"fact": "paracetamol 500", "also": ["panadol 500"], "polarity": "affirmed", "kind": "medicine"},
        {"fact": "poor sleep", "also": ["not sleep"], "polarity": "affirmed", "kind": "symptom"},
    ]
    labels = labelled.read_labels(data(tmp_path, {"id": "V1", "facts": facts}))
    measured = labelled.metric(labels).measure(written(GOOD))
    assert share(measured, "labelled_recall") == 0.75
    assert share(measured, "labelled_polarity") == 1
    assert share(measured, "labelled_medicine") == share(measured, "labelled_reader") == 1
    flipped = labelled.metric(labels).measure(written({"Subjective": [("Reports fever.", (3, 4))]}))
    assert share(flipped, "labelled_recall") == share(flipped, "labelled_polarity") == 0
    assert labelled.metric(labels).measure(written(GOOD, visit(id="V2"))).parts == {}


def test_the_row_of_a_data_file_becomes_a_transcript_without_what_nobody_said():
    made = visit(age="58", cc="cough")
    assert [turn.id for turn in made.transcript.turns] == ["T1", "T2", "T3", "T4", "T5", "T6"]
    assert [turn.speaker.value for turn in made.transcript.turns] == [
        "clinician", "patient", "clinician", "patient", "other", "clinician",
    ]  # fmt: skip
    assert "58" not in made.transcript.model_dump_json()
    assert made.divisions[RESULTS] == "RESULTS\n\nChest x-ray is clear."
    assert row()["note"] == made.reference


def test_the_labels_that_come_with_the_project_can_be_read():
    labels = labelled.read_labels(Path("tests/data/notes/labelled_facts.jsonl"))
    assert len(labels) == 30
    assert all(15 <= len(facts) <= 45 for facts in labels.values())
    wordings = [wording for facts in labels.values() for fact in facts for wording in fact.wordings]
    assert all(0 < len(wording.split()) <= 6 for wording in wordings), "labels are terms, not sentences that were said"
