"""The model that chooses sentences is made by one command, the same each time, and tells apart what it was shown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.support.consultations import consultation

from auscult.domain.errors import InvalidError
from auscult.engines.writer.offline import relevance
from auscult.engines.writer.offline.hashed_linear import Weights
from auscult.engines.writer.offline.sentences import sentences
from auscult.engines.writer.offline.training import labels, train_relevance

VISIT = {
    "turns": [
        {"speaker": "doctor", "text": "Did you watch the game last night?"},
        {"speaker": "patient", "text": "I did. My left knee has been aching since Sunday."},
        {"speaker": "doctor", "text": "I see some swelling over the left knee."},
        {"speaker": "doctor", "text": "The x-ray of the knee shows no fracture."},
        {"speaker": "doctor", "text": "We will start physical therapy for the knee."},
    ],
    "sections": {
        "subjective": "Left knee aching since Sunday.",
        "objective_exam": "Swelling over the left knee.",
        "objective_results": "X-ray of the knee shows no fracture.",
        "assessment_and_plan": "Start physical therapy for the knee.",
    },
}


def test_a_sentence_belongs_to_the_part_of_the_note_that_tells_it() -> None:
    said = sentences(
        consultation(*(f"{turn['speaker'][0].upper().replace('D', 'C')}: {turn['text']}" for turn in VISIT["turns"]))
    )
    found = {one.text: relevance.PARTS[label] for one, label in zip(said, labels(said, VISIT["sections"]), strict=True)}
    assert found["My left knee has been aching since Sunday."] == "subjective"
    assert found["I see some swelling over the left knee."] == "examination"
    assert found["The x-ray of the knee shows no fracture."] == "results"
    assert found["We will start physical therapy for the knee."] == "plan"
    assert found["Did you watch the game last night?"] == "none"


def test_training_twice_gives_the_same_file_and_a_model_that_fits(tmp_path: Path) -> None:
    (tmp_path / "acibench_train.jsonl").write_text("\n".join([json.dumps(VISIT)] * 3))
    for name in ("one", "other"):
        train_relevance(tmp_path, tmp_path / name)
    first, second = (np.load(tmp_path / name / "relevance.npz") for name in ("one", "other"))
    assert all(np.array_equal(first[key], second[key]) for key in ("weights", "scale", "bias"))
    model = relevance.Relevance(Weights(first["weights"].astype(np.float32) * first["scale"], first["bias"]))
    said = sentences(consultation("P: My left knee has been aching since Sunday."))
    assert relevance.PARTS[int(model.parts(said)[0].argmax())] == "subjective"


def test_training_without_its_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="acibench_train"):
        train_relevance(tmp_path, tmp_path)


def test_the_shipped_model_is_small_and_gives_probabilities() -> None:
    path = Path(relevance.__file__).parents[3] / "knowledge" / "notes" / "relevance.npz"
    assert path.stat().st_size < 5_000_000
    chances = relevance.shipped().parts(sentences(consultation("P: I have a cough.", "C: The chest is clear.")))
    assert chances.shape == (2, len(relevance.PARTS))
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-4)
    assert relevance.shipped().parts([]).shape == (0, len(relevance.PARTS))
