"""Data that is not what it should be is refused with the line and a remedy, and never with what stands in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from auscult.cli import app
from auscult.domain.errors import InvalidError
from auscult.knowledge import conversations
from tests.unit.evaluation.notes.invented import row

SECRET: Final = "zyzzyva"
"""Stands for what a patient said: it is in every broken line and in no message."""

VISIT: Final = row(sections={"subjective": "Cough."})
DIALOGUE: Final = {"header": "CC", "dialogue": "Doctor: Any cough, or fever?\nPatient: A cough. No fever."}
FACT: Final = {"fact": "cough", "polarity": "affirmed", "kind": "symptom"}
LABELS: Final = {"id": "V1", "facts": [FACT]}

BOTH: Final = {"acibench_train.jsonl": VISIT, "mts_train.jsonl": DIALOGUE}
COMMANDS: Final[dict[str, tuple[str, dict[str, dict[str, Any]], str]]] = {
    "train sphinx": ("turns", BOTH, "--data {} --to {}/to"),
    "train notes": ("sections", {"acibench_train.jsonl": VISIT}, "--data {} --to {}/to"),
    "train punctuation": ("turns", BOTH, "--data {} --to {}/to"),
    "train sections": ("header", {"mts_train.jsonl": DIALOGUE}, "--data {} --to {}/to"),
    "evaluate notes": ("turns", {"visits.jsonl": VISIT}, "--data {}/visits.jsonl"),
    "evaluate notes --labels": (
        "facts",
        {"labels.jsonl": LABELS, "visits.jsonl": VISIT},
        "{}/labels.jsonl --data {}/visits.jsonl",
    ),
    "evaluate sections": ("dialogue", {"talk.jsonl": DIALOGUE}, "--data {}/talk.jsonl"),
    "evaluate punctuation": ("turns", {"visits.jsonl": VISIT}, "--data {}/visits.jsonl"),
}
"""What kind of rows a command reads, its files with a good row each (the first gets broken), and its arguments."""

FILES: Final = {
    "empty": b"",
    "blank lines": b"\n \n\n",
    "no JSON": b"zyzzyva cough\n",
    "half a line": b'{"turns": [{"speaker": "doctor", "text": "zyzzyva',
    "a list a line": b'["zyzzyva"]\n',
    "a number a line": b"7\n",
    "nothing but null": b"null\n",
    "no field at all": b"{}\n",
    "other fields": b'{"zyzzyva": 1}\n',
    "not UTF-8": b'{"dialogue": "zyzzyva \xff\xfe"}\n',
    "sound": bytes(range(256)) * 4,
    "nested without end": b"[" * 100_000,
    "a huge number": b'{"zyzzyva": ' + b"9" * 5_000 + b"}\n",
    "a huge line": b'{"dialogue": "zyzzyva' + b" " * conversations.LONGEST + b'"}\n',
}
TURNS: Final = [5, "zyzzyva", {}, [1], ["zyzzyva"], [{"speaker": "doctor"}], [{"text": 5}], [{"text": "\ud800"}]]
SPEAKERS: Final = [5, None, ["zyzzyva"], "\udfff"]
DIALOGUES: Final = [5, ["zyzzyva"], {"zyzzyva": 1}, "zyzzyva \ud800"]
ROWS: Final[dict[str, list[dict[str, Any]]]] = {
    "turns": [
        *({"turns": turns} for turns in TURNS),
        *({"turns": [{"speaker": speaker, "text": SECRET}]} for speaker in SPEAKERS),
    ],
    "dialogue": [{"header": "CC", "dialogue": dialogue} for dialogue in DIALOGUES],
    "header": [
        *({"header": "CC", "dialogue": dialogue} for dialogue in [*DIALOGUES, None]),
        *({"header": header, "dialogue": SECRET} for header in (None, 5, ["CC"], SECRET, "\ud800")),
        {"header": "CC", "dialogue": "x", "note": {SECRET: 1}},
    ],
    "facts": [
        *({"id": "V1", "facts": facts} for facts in (None, 5, SECRET, {SECRET: 1}, [SECRET], [5], [{}])),
        *({"id": "V1", "facts": [{**FACT, key: SECRET}]} for key in ("polarity", "kind", "also")),
        *({"id": "V1", "facts": [{**FACT, key: [7]}]} for key in ("fact", "polarity", "kind", "also")),
        {"id": ["V1"], "facts": []},
    ],
}
ROWS["sections"] = [
    *ROWS["turns"],
    *({**VISIT, "sections": sections} for sections in (None, 5, SECRET, [SECRET], {"subjective": [SECRET]})),
]


def refused(folder: Path, command: str) -> InvalidError:
    """Run the command on the folder; what it was refused with, checked for telling nothing of the data."""
    arguments = f"{command} {COMMANDS[command][2].replace('{}', str(folder))}".split()
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, InvalidError), repr(error)
    assert error.remedy
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    assert SECRET not in str(error) + error.remedy
    assert str(folder) not in str(error) + error.remedy
    assert not list(folder.glob("to/*")), "a refused command writes no model"
    return error


def broken_file(folder: Path, command: str) -> Path:
    """The file to break; the others of the command are written as they should be."""
    _kind, files, _arguments = COMMANDS[command]
    for name, good in files.items():
        (folder / name).write_text(json.dumps(good) + "\n")
    return folder / next(iter(files))


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_no_data_is_refused(tmp_path: Path, command: str, content: bytes) -> None:
    broken_file(tmp_path, command).write_bytes(content)
    refused(tmp_path, command)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_not_there_is_named(tmp_path: Path, command: str) -> None:
    path = broken_file(tmp_path, command)
    path.unlink()
    assert path.name in refused(tmp_path, command).reason


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_where_a_file_should_be_is_refused(tmp_path: Path, command: str) -> None:
    path = broken_file(tmp_path, command)
    path.unlink()
    path.mkdir()
    refused(tmp_path, command)


@pytest.mark.parametrize(
    ("command", "wrong"),
    [(command, wrong) for command, (kind, _files, _arguments) in COMMANDS.items() for wrong in ROWS[kind]],
)
def test_a_row_that_is_not_as_it_should_be_is_named_by_its_line(
    tmp_path: Path, command: str, wrong: dict[str, Any]
) -> None:
    path = broken_file(tmp_path, command)
    path.write_text(path.read_text() + "\n" + json.dumps(wrong) + "\n")
    assert refused(tmp_path, command).reason.startswith(f"Line 3 of {path.name} ")


@pytest.mark.parametrize("command", ["train notes", "train sphinx", "train punctuation", "evaluate punctuation"])
def test_visits_in_which_nobody_speaks_are_refused(tmp_path: Path, command: str) -> None:
    for name in COMMANDS[command][1]:
        (tmp_path / name).write_text(json.dumps({"turns": [{"speaker": "doctor", "text": " . "}], "sections": {}}))
    refused(tmp_path, command)


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("train ")])
def test_a_place_where_no_model_can_be_written_is_refused_before_the_training(tmp_path: Path, command: str) -> None:
    broken_file(tmp_path, command)
    (tmp_path / "to").write_text("a file")
    assert refused(tmp_path, command).reason.startswith("to cannot be made a folder")


@pytest.mark.parametrize("kind", ["the words are not UTF-8", "the recording is a folder"])
def test_recordings_that_cannot_be_read_are_refused(tmp_path: Path, kind: str) -> None:
    words, sound = tmp_path / "visit.txt", tmp_path / "visit.wav"
    if kind == "the recording is a folder":
        sound.mkdir()
        words.write_text(SECRET)
    else:
        sound.write_bytes(b"")
        words.write_bytes(b"zyzzyva \xff")
    error = CliRunner().invoke(app, ["evaluate", "speech", "--data", str(tmp_path)]).exception
    assert isinstance(error, InvalidError)
    assert "visit.txt" in error.reason
    assert SECRET not in str(error) + error.remedy


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["speaker", "text", "x"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["id", "turns", "dialogue", "sections"]), JSON))
def test_any_field_is_given_as_its_type_or_refused_by_its_line(fields: dict[str, Any]) -> None:
    one = conversations.Row("visits.jsonl", 7, fields)
    asked = (one.turns, *(lambda of=of: of("id") for of in (one.text, one.label, one.text_or_none, one.texts)))
    for ask in asked:
        refusal, found = "", None
        try:
            found = ask()
        except InvalidError as error:
            refusal = error.reason
        assert refusal == "" or refusal.startswith("Line 7 of visits.jsonl needs ")
        assert json.dumps(found, ensure_ascii=False).encode(), "what is given can be written"


def test_a_line_break_inside_a_text_ends_no_line_and_a_byte_order_mark_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "visits.jsonl"
    path.write_text('\ufeff{"dialogue": "one\u2028two\x85three"}\n', "utf-8")
    assert [one.text("dialogue") for one in conversations.rows(path)] == ["one\u2028two\x85three"]
