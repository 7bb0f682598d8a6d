"""What the settings of the model writer may say, and what becomes of them, of parts and of texts."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.consultations import consultation

from auscult.clinic.makers import embedded_engines, writer_missing
from auscult.domain.errors import AuscultError, InvalidError
from auscult.domain.ids import RecordingId
from auscult.engines.writer.model.answer import Answer, NotAnAnswerError, WrittenStatement, read_answer
from auscult.engines.writer.model.breaker import FAILURES, SECONDS, Breaker
from auscult.engines.writer.model.configuration import ModelAddress, parse_writers
from auscult.engines.writer.model.parts import OVERLAP, merge, split
from auscult.engines.writer.model.prompting import chosen, parse_split
from auscult.settings import Settings


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("offline", ()),
        ("", ()),
        (
            "bedrock:anthropic.claude-3-5-haiku-20241022-v1:0",
            (ModelAddress("bedrock", "anthropic.claude-3-5-haiku-20241022-v1:0"),),
        ),
        (
            "openai:llama3.1:8b@http://127.0.0.1:11434/v1/ , google:gemini-2.5-flash, offline",
            (
                ModelAddress("openai", "llama3.1:8b", "http://127.0.0.1:11434/v1"),
                ModelAddress("google", "gemini-2.5-flash"),
            ),
        ),
        (
            "openai:org/model@r1@https://models.example/v1",
            (ModelAddress("openai", "org/model@r1", "https://models.example/v1"),),
        ),
        ("openai:m@http://ollama:11434/v1", (ModelAddress("openai", "m", "http://ollama:11434/v1"),)),
    ],
)
def test_a_setting_names_models_in_the_order_they_are_asked(text: str, addresses: tuple[ModelAddress, ...]) -> None:
    assert parse_writers(text) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "gpt-5",
        "anthropic:claude",
        "openai:",
        "openai:@http://localhost/v1",
        "openai:a b",
        "offline,openai:m",
        "openai:m,,offline",
        "openai:m,openai:m",
        "openai:m@http://",
        "openai:m@http://localhost:99999/v1",
        "openai:m@http://localhost:x/v1",
        "openai:m@ftp://localhost/v1",
        "openai:m@http://[::1/v1",
        "openai:m@http://models.example/v1",
        "openai:m@https://me:hunter2@models.example/v1",
        "openai:m@https://models.example/v1?key=hunter2",
    ],
)
def test_nonsense_is_refused_with_a_remedy_and_never_repeated(text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_writers(text)
    assert caught.value.remedy
    assert "hunter2" not in caught.value.reason + caught.value.remedy


@given(st.one_of(st.text(), st.text("openaibedrockgoogle:@,/.[]0159 http", max_size=60)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        addresses = parse_writers(text)
    except InvalidError:
        return
    assert all(address.model and address.url == address.url.rstrip("/") for address in addresses)


@pytest.mark.parametrize(
    ("url", "here", "inside"),
    [
        ("", False, False),
        ("http://127.0.0.1:1/v1", True, True),
        ("http://[::1]:1/v1", True, True),
        ("http://localhost/v1", True, True),
        ("http://192.168.1.9/v1", False, True),
        ("http://ollama:11434/v1", False, True),
        ("https://models.example/v1", False, False),
        ("https://127.0.0.1.example/v1", False, False),
    ],
)
def test_only_this_machine_counts_as_this_machine(url: str, here: bool, inside: bool) -> None:
    address = ModelAddress("openai", "m", url)
    assert (address.on_this_machine, address.inside) == (here, inside)


def test_recordings_get_the_prompts_in_their_shares() -> None:
    shares = parse_split("note-1:3,brief-1:1")
    given_out = [chosen(shares, RecordingId(f"REC_{number:026}")).id for number in range(2_000)]
    assert 0.20 < given_out.count("brief-1") / len(given_out) < 0.30
    assert given_out == [chosen(shares, RecordingId(f"REC_{number:026}")).id for number in range(2_000)]


@given(st.lists(st.integers(0, 400), max_size=40), st.integers(1, 1_000))
def test_every_turn_is_in_a_part_and_begins_no_part_alone(lengths: list[int], characters: int) -> None:
    turns = consultation(*[f"P: {'x' * length}" for length in lengths]).turns
    parts = split(turns, characters)
    fresh = [part[OVERLAP if number else 0 :] if number else part for number, part in enumerate(parts)]
    seen: list[str] = []
    for part in parts:
        seen += [turn.id for turn in part if turn.id not in seen]
    assert seen == [turn.id for turn in turns]
    assert len(fresh) == len(parts)
    for part in parts:
        new = part[min(OVERLAP, len(part) - 1) :]
        assert len(new) <= 1 or sum(len(turn.text) for turn in new) <= characters


def said(text: str, *turn_ids: str, kind: str = "history") -> WrittenStatement:
    return WrittenStatement(kind=kind, text=text, turn_ids=list(turn_ids))


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (said("Reports a cough.", "t1"), said("Reports a cough", "t9"), 1),
        (said("Reports a dry cough for 5 days.", "t1"), said("Reports a cough for 5 days.", "t1"), 1),
        (said("Reports a dry cough for 5 days.", "t1"), said("Reports a cough for 6 days.", "t1"), 2),
        (said("Reports a dry cough for 5 days.", "t1"), said("Reports a cough for 5 days.", "t9"), 2),
        (said("Cough.", "t1"), said("Cough.", "t1", kind="impression"), 2),
    ],
)
def test_what_two_parts_say_of_the_same_turn_is_said_once(
    one: WrittenStatement, other: WrittenStatement, kept: int
) -> None:
    merged = merge([Answer(statements=[one]), Answer(statements=[other])])
    assert len(merged.statements) == kept
    cited = {turn_id for statement in merged.statements for turn_id in statement.turn_ids}
    assert cited == {*one.turn_ids, *other.turn_ids}


@given(st.text())
def test_no_text_of_a_model_breaks_the_reading_of_it(text: str) -> None:
    for framed in (text, "{" + text + "}", "```json\n" + text + "\n```", '{"statements": [' + text + "]}"):
        with suppress(NotAnAnswerError):
            assert isinstance(read_answer(framed), Answer)


@pytest.mark.parametrize("text", ["{" * 100_000, "[" * 100_000, '{"statements": null}', "{}", ""])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(NotAnAnswerError):
        read_answer(text)


def test_a_breaker_lets_one_note_try_after_its_rest() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES):
        assert breaker.take()
        breaker.failed()
    assert not breaker.take()
    now[0] = SECONDS
    assert breaker.take()
    assert not breaker.take()
    breaker.released()
    assert breaker.take()
    breaker.failed()
    assert not breaker.take()
    now[0] = 2 * SECONDS
    assert breaker.take()
    breaker.succeeded()
    assert breaker.take()
    assert breaker.take()


def test_the_writer_of_the_settings_is_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert embedded_engines(Settings(data=tmp_path)).writer.info.name == "offline"
    assert writer_missing(Settings(data=tmp_path)) is None
    cloud = Settings(data=tmp_path, writer="openai:gpt-5-mini")
    info = embedded_engines(cloud).writer.info
    assert (info.name, info.version, info.prompt.split()[0]) == ("openai", "gpt-5-mini", "note-2")
    assert "OPENAI_API_KEY" in (writer_missing(cloud) or "")
    for wrong in ({"writer": "gpt-5"}, {"writer": "openai:m", "writer_prompt": "note-99"}):
        with pytest.raises(AuscultError):
            embedded_engines(Settings(data=tmp_path, **wrong))


def test_nothing_of_the_model_libraries_is_loaded_unless_a_model_writes() -> None:
    """They take seconds: neither a command, nor a clinic that names a model but writes no note, waits for them."""
    program = (
        "import sys, tempfile, pathlib, auscult.cli\n"
        "from auscult.clinic.makers import embedded_engines\n"
        "from auscult.settings import Settings\n"
        "embedded_engines(Settings(data=pathlib.Path('unused'), writer='openai:m@http://localhost/v1'))\n"
        "print(sorted({'pydantic_ai', 'openai', 'google.genai', 'phonenumbers', 'genai_prices'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
