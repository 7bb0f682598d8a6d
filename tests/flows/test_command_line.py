"""The command line as a person or a script meets it: real processes, real exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.conftest import Typed
from tests.support.audio import encoded, music, silence, speech
from tests.unit.evaluation.notes.invented import DIALOGUES


def auscult(folder: Path, *arguments: str, stdin: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    environment = {
        **os.environ,
        "AUSCULT_DATA": str(folder / "data"),
        "HOME": str(folder),
        "COLUMNS": "120",
        **settings,
    }
    return subprocess.run(
        [sys.executable, "-m", "auscult", *arguments],
        input=stdin,
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short visit as a phone saves it."""
    path = tmp_path_factory.mktemp("audio") / "visit.m4a"
    path.write_bytes(encoded(speech("visit"), "mp4", "aac"))
    return path


def test_scribe_prints_the_note_and_succeeds(tmp_path: Path, visit: Path) -> None:
    done = auscult(tmp_path, "scribe", str(visit))
    assert done.returncode == 0, done.stderr.decode()
    note = done.stdout.decode()
    assert note.startswith("DRAFT, not signed")
    assert "demo-quality transcript" in note
    assert "transcribed" in done.stderr.decode()
    assert not list((tmp_path / "data").glob("*.db")), "nothing is kept"


def test_scribe_prints_the_whole_result_as_json_from_standard_input(tmp_path: Path, visit: Path) -> None:
    done = auscult(tmp_path, "scribe", "-", "--json", stdin=visit.read_bytes())
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert {"transcript", "diagnosis", "medications", "follow_up", "notes", "turns", "note"} <= set(result)
    ids = {turn["id"] for turn in result["turns"]}
    for section in result["note"]["sections"]:
        for statement in section["statements"]:
            assert {turn for source in statement["sources"] for turn in source["turn_ids"]} <= ids


@pytest.mark.parametrize(
    ("what", "data"), [("silence", encoded(silence(2))), ("music", encoded(music(4)))], ids=["silence", "music"]
)
def test_when_nobody_speaks_the_exit_code_is_3_and_nothing_is_printed(tmp_path: Path, what: str, data: bytes) -> None:
    path = tmp_path / f"{what}.wav"
    path.write_bytes(data)
    done = auscult(tmp_path, "scribe", str(path))
    assert (done.returncode, done.stdout) == (3, b""), done.stderr.decode()
    assert "No speech found" in done.stderr.decode()


@pytest.mark.parametrize(
    "data", [b"", b"Dear doctor\n" * 100, b"\x1aE\xdf\xa3" + b"\0" * 50], ids=["empty", "text", "broken"]
)
def test_what_cannot_be_read_gives_exit_code_4_and_a_remedy(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "visit.mp3"
    path.write_bytes(data)
    done = auscult(tmp_path, "scribe", str(path))
    assert done.returncode == 4, done.stderr.decode()
    assert "Record again" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_file_that_is_not_there_gives_exit_code_4(tmp_path: Path) -> None:
    done = auscult(tmp_path, "scribe", str(tmp_path / "nowhere.m4a"))
    assert done.returncode == 4
    assert b"Traceback" not in done.stderr


def test_an_engine_that_is_not_provisioned_gives_exit_code_5_and_the_command(tmp_path: Path, visit: Path) -> None:
    done = auscult(tmp_path, "scribe", str(visit), AUSCULT_SPEECH="whisper", AUSCULT_WHISPER_MODEL="tiny")
    assert done.returncode == 5, done.stderr.decode()
    assert "auscult models pull tiny" in done.stderr.decode()


def test_check_names_every_role_and_the_command_for_what_is_missing(tmp_path: Path) -> None:
    done = auscult(tmp_path, "check")
    assert done.returncode == 0, done.stderr.decode()
    said = done.stdout.decode()
    for role in ("speech", "speakers", "writer", "records", "objects", "jobs"):
        assert role in said
    assert "auscult models pull" in " ".join(said.split())
    as_json = json.loads(auscult(tmp_path, "check", "--json").stdout)
    assert {role["role"] for role in as_json["roles"]} >= {"speech", "writer"}


def test_people_and_devices_are_added_listed_and_let_out(typed: Typed) -> None:
    code, said, told = typed("people", "add", "mere.k", "--name", "Mere Kaiwai")
    assert (code, "/sign-in?token=CLN_" in said) == (0, True), told
    code, _, told = typed("people", "add", "MERE.K", "--name", "Somebody else")
    assert (code, "Choose another name" in told) == (1, True)
    assert typed("people", "disable", "mere.k")[0] == 0
    assert "disabled" in typed("people", "list")[1]
    device_id, private_key = typed("devices", "add", "front desk")[1].split()
    assert device_id.startswith("DEV_")
    assert len(private_key) == 43
    assert typed("devices", "revoke", device_id)[0] == 0
    assert private_key not in typed("devices", "list")[1]


def test_keys_are_made_listed_and_revoked(typed: Typed) -> None:
    _, made, told = typed("keys", "make", "lab system")
    token, key_id = made.strip(), re.search(r"KEY_\w+", told)
    assert key_id is not None
    assert token.startswith("CLN_")
    listed = typed("keys", "list")[1]
    assert "lab system" in listed
    assert token not in listed
    assert typed("keys", "revoke", key_id[0])[0] == 0
    assert "revoked" in typed("keys", "list")[1]
    assert typed("keys", "make", "x", "--role", "admin")[0] == 1


def test_up_refuses_to_listen_beyond_this_machine(tmp_path: Path) -> None:
    done = auscult(tmp_path, "up", AUSCULT_HOST="0.0.0.0")
    assert done.returncode == 1
    assert "this machine only" in done.stderr.decode()


def test_models_are_listed_with_what_fits(tmp_path: Path) -> None:
    said = auscult(tmp_path, "models", "list").stdout.decode()
    for size in ("tiny", "small", "medium"):
        assert size in said
    assert "suggested" in said


def test_a_stopped_server_closes_its_stores_and_starts_again(tmp_path: Path) -> None:
    for _start in range(2):
        server = subprocess.Popen(
            [sys.executable, "-m", "auscult", "up", "--no-sample", "--port", "0"],
            env={**os.environ, "AUSCULT_DATA": str(tmp_path / "data")},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            assert any("Auscult is ready" in line for line in server.stdout)
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=20) == 0
        finally:
            server.kill()
    assert not list((tmp_path / "data").glob("*.db-wal")), "a closed database has no open log"


def test_a_section_model_is_trained_and_the_shipped_one_measured(tmp_path: Path) -> None:
    rows = [json.dumps({"header": header, "dialogue": text}) for header, text in DIALOGUES]
    for name in ("mts_train.jsonl", "others.jsonl"):
        (tmp_path / name).write_text("\n".join(rows * 2))
    folder = str(tmp_path)
    done = auscult(tmp_path, "train", "sections", "--data", folder, "--to", str(tmp_path / "model"))
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "model" / "headers.npz").is_file()
    told = auscult(tmp_path, "evaluate", "sections", "--data", folder)
    assert told.stdout.decode().startswith("10 dialogues: 100.0% get their header (95 % interval 100.0% to 100.0%)")
    body = json.loads(auscult(tmp_path, "evaluate", "sections", "--data", folder, "--json").stdout)
    assert body["snippets"] == 10
    assert body["by_header"]["ROS"] == {"recall": 1.0, "snippets": 2}
    assert body["confusions"] == []


def test_sections_cannot_be_measured_without_dialogues(tmp_path: Path) -> None:
    done = auscult(tmp_path, "evaluate", "sections", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "no dialogues with a header" in done.stderr.decode()


@pytest.mark.parametrize("name", ["nowhere.jsonl", "[red].jsonl"])
def test_broken_data_gives_exit_code_1_the_line_and_a_remedy(tmp_path: Path, name: str) -> None:
    if name == "[red].jsonl":
        (tmp_path / name).write_text('{"turns": []}\n{"turns": [{"text": "zyzzyva"\n')
    done = auscult(tmp_path, "evaluate", "punctuation", "--data", str(tmp_path / name))
    said = done.stderr.decode()
    assert done.returncode == 1, said
    assert name in said
    assert "Line 2" in said or "Check the path." in said
    assert "Traceback" not in said
    assert "zyzzyva" not in said
