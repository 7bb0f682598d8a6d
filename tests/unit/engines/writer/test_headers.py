"""A piece of conversation gets the header of its section; the model is made by one command, the same each time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.evaluation.notes.invented import DIALOGUES
from threadpoolctl import threadpool_limits

from auscult.domain.errors import InvalidError
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline import hashed_linear, headers
from auscult.engines.writer.offline.hashed_linear import SLOTS, Features, Weights
from auscult.engines.writer.offline.headers import HEADERS, Said, Sections, read_dialogue
from auscult.engines.writer.offline.headers_training import FILE, train_headers


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [{"header": header, "dialogue": text} for header, text in DIALOGUES] * 3
    (tmp_path / FILE).write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def stored(folder: Path) -> Sections:
    with np.load(folder / "headers.npz") as file:
        return Sections(Weights(file["weights"].astype(np.float32) * file["scale"], file["bias"]))


def test_training_twice_gives_the_same_bytes_and_a_model_that_knows_its_dialogues(data: Path) -> None:
    for name in ("one", "other"):
        train_headers(data, data / name)
    assert (data / "one" / "headers.npz").read_bytes() == (data / "other" / "headers.npz").read_bytes()
    model = stored(data / "one")
    assert [model.header(read_dialogue(text)) for _header, text in DIALOGUES] == [header for header, _text in DIALOGUES]


def test_the_stored_weights_are_the_same_whatever_the_number_of_threads(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    rows, each = 600, 250
    described = Features(
        np.concatenate([chance.choice(SLOTS, each, replace=False) for _ in range(rows)]).astype(np.int64),
        chance.random(rows * each, np.float32),
        np.arange(0, rows * each, each),
    )
    labels = chance.integers(0, len(HEADERS), rows)
    for threads in (1, 2):
        with threadpool_limits(threads):
            model = hashed_linear.fit_by_rows(
                described, labels, len(HEADERS), importance=np.ones(rows, np.float32), steps=60, penalty=1e-3
            )
        hashed_linear.write(model, tmp_path / f"{threads}.npz")
    with np.load(tmp_path / "1.npz") as one, np.load(tmp_path / "2.npz") as two:
        assert (one["weights"] == two["weights"]).all()


def test_what_only_one_dialogue_has_weighs_nothing(tmp_path: Path) -> None:
    rows = [{"header": header, "dialogue": text} for header, text in DIALOGUES]
    rows.append({"header": "ALLERGY", "dialogue": "Doctor: Zyzzyva quokka."})
    (tmp_path / FILE).write_text("\n".join(map(json.dumps, rows)))
    train_headers(tmp_path, tmp_path)
    weights = stored(tmp_path).model.weights
    described = headers.features([read_dialogue("Doctor: Zyzzyva quokka."), read_dialogue(rows[0]["dialogue"])])
    only = set(described.slots[: described.starts[1]]) - set(
        headers.features([read_dialogue(row["dialogue"]) for row in rows[:-1]]).slots
    )
    assert len(only) > 10
    assert not weights[sorted(only)].any()


@pytest.mark.parametrize(
    "line",
    [
        "not JSON",
        "[]",
        '{"header": "GENHX"}',
        '{"header": "POETRY", "dialogue": "x"}',
        '{"header": "CC", "dialogue": 7}',
    ],
)
def test_training_names_the_line_that_it_cannot_read_and_never_its_text(data: Path, line: str) -> None:
    with (data / FILE).open("a") as file:
        file.write(f"\n{line}\n")
    with pytest.raises(InvalidError, match=f"Line {3 * len(DIALOGUES) + 1} of {FILE}") as raised:
        train_headers(data, data)
    assert "POETRY" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("content", [None, "", "\n\n"])
def test_training_without_dialogues_says_what_to_give(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(InvalidError, match=FILE):
        train_headers(tmp_path, tmp_path)


def test_a_dialogue_is_read_by_its_speaker_lines() -> None:
    assert read_dialogue(
        "Doctor: Any pain? Patient: Yes.\nMy knee.\nGuest_family: He limps.\r\nGuest_clinician: OK."
    ) == (
        Said(Speaker.CLINICIAN, "Any pain?"),
        Said(Speaker.PATIENT, "Yes.\nMy knee."),
        Said(Speaker.OTHER, "He limps."),
        Said(Speaker.OTHER, "OK."),
    )
    assert read_dialogue("My knee hurts.") == (Said(Speaker.UNKNOWN, "My knee hurts."),)
    assert read_dialogue("  ") == ()


@given(st.lists(st.tuples(st.sampled_from(["Doctor", "Patient"]), st.text("abcdefgh ?.'é痛", min_size=1)), min_size=1))
def test_any_dialogue_has_one_probability_for_each_header(said: list[tuple[str, str]]) -> None:
    turns = read_dialogue("\n".join(f"{speaker}: {text}" for speaker, text in said))
    assert [one.text for one in turns] == [text.strip() for _speaker, text in said]
    found = headers.chances(turns)
    assert tuple(found) == HEADERS
    assert sum(found.values()) == pytest.approx(1, abs=1e-4)
    assert headers.header(turns) == max(found, key=lambda name: found[name])


def test_nothing_said_still_gets_an_answer() -> None:
    assert headers.header(()) in HEADERS


@pytest.mark.parametrize(("header", "text"), DIALOGUES)
def test_the_shipped_model_names_the_section_of_plain_cases(header: str, text: str) -> None:
    assert headers.header(read_dialogue(text)) == header


def test_the_shipped_model_is_small() -> None:
    path = Path(headers.__file__).parents[3] / "knowledge" / "notes" / "headers.npz"
    assert path.stat().st_size < 500_000
