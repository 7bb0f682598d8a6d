"""`auscult note`: whatever form a transcript comes in, the same note comes out, in a shape that is kept."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from auscult.domain.errors import InvalidError, NoSpeechError
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline import OfflineWriter
from auscult.note_once import LARGEST, note_once, read_transcript

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LINES = """Doctor: What brings you in?
Patient: I have had a cough for five days.
Doctor: Any fever?
Patient: No.
Doctor: I think this is a chest infection. Start doxycycline 100 mg twice a day for five days.
"""
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "note.schema.json").read_text("utf-8"))


async def noted(data: bytes, language: str = "auto") -> dict[str, Any]:
    return (await note_once(data, OfflineWriter(), template="visit", language=language, now=NOW)).as_json()


async def test_the_note_has_the_shape_that_is_promised() -> None:
    body = json.loads(json.dumps(await noted(LINES.encode())))
    jsonschema.validate(body, SCHEMA)
    assert body["diagnosis"] == "Chest infection"
    assert body["problems"][0]["icd10"][0]["code"] == "J22"
    assert [(one["name"], one["strength"], one["status"]) for one in body["medications"]] == [
        ("doxycycline", "100 mg", "started")
    ]
    assert "Denies fever.  (t3, t4)" in body["text"]


async def test_a_label_stands_before_the_first_sentence_that_it_fits_in_text_and_with_each_in_json() -> None:
    asked = ("chest pain", "palpitations", "rash")
    body = await noted("\n".join(f"Doctor: Any {one}?\nPatient: No." for one in asked).encode())
    (review,) = (one for one in body["sections"] if one["title"] == "Review of systems")
    labels = [one["label"] for one in review["statements"]]
    assert labels == ["Cardiovascular", "Cardiovascular", "Skin"]
    first, second, third = (one["text"] for one in review["statements"])
    assert f"\nCardiovascular: {first}  (" in body["text"]
    assert f"\n  {second}  (" in body["text"]
    assert f"\nSkin: {third}  (" in body["text"]


def fields(schema: dict[str, Any], above: str = "") -> set[str]:
    """The name of every field of a schema, as the documents write it."""
    found: set[str] = set()
    for name, one in schema["properties"].items():
        inner = one.get("items", one)
        found.add(f"{above}{name}")
        if "properties" in inner:
            found |= fields(inner, f"{above}{name}{'[]' if 'items' in one else ''}.")
    return found


def test_every_field_of_the_note_is_documented_and_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs" / "using.md").read_text("utf-8")
    table = page.partition("### The JSON of a note")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)) == fields(SCHEMA)


@pytest.mark.parametrize("template", ["visit", "soap", "gp"])
@pytest.mark.parametrize("language", ["en", "hi"])
async def test_every_template_and_language_has_that_shape(template: str, language: str) -> None:
    noted_one = await note_once(LINES.encode(), OfflineWriter(), template=template, language=language, now=NOW)
    jsonschema.validate(json.loads(json.dumps(noted_one.as_json())), SCHEMA)


async def test_lines_brackets_and_json_give_the_same_note() -> None:
    rows = [line.split(": ", 1) for line in LINES.splitlines()]
    bracketed = "\n".join(f"[{speaker.lower()}] {text}" for speaker, text in rows)
    turns = json.dumps({"turns": [{"speaker": speaker.lower(), "text": text} for speaker, text in rows]})
    first = await noted(LINES.encode())
    assert await noted(bracketed.encode()) == first
    assert await noted(turns.encode()) == first


async def test_our_own_transcript_keeps_its_turn_ids_and_times() -> None:
    transcript = read_transcript(LINES.encode(), now=NOW)
    again = read_transcript(transcript.model_dump_json().encode(), now=NOW)
    assert again.turns == transcript.turns


def test_a_line_without_a_speaker_goes_on_the_one_before() -> None:
    transcript = read_transcript(b"Patient: I have had a cough\nsince Monday: it is dry.\n\nDr: I see.", now=NOW)
    assert [(turn.speaker, turn.text) for turn in transcript.turns] == [
        (Speaker.PATIENT, "I have had a cough since Monday: it is dry."),
        (Speaker.CLINICIAN, "I see."),
    ]


async def test_a_hindi_line_is_told_in_english_and_on_request_in_hindi() -> None:
    said = b"Patient: mujhe do din se bukhar hai"
    assert "Reports fever for 2 days." in (await noted(said))["text"]
    hindi = await noted(said, "hi")
    assert hindi["language"] == "hi"
    assert "बुखार" in hindi["text"]
    assert all(one["supported"] for section in hindi["sections"] for one in section["statements"])


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", NoSpeechError),
        (b" \n\n", NoSpeechError),
        (b'{"turns": []}', NoSpeechError),
        (b'{"turns": [{"speaker": "doctor"}]}', InvalidError),
        (b'{"turns": 5}', InvalidError),
        (b'{"notes": "x"}', InvalidError),
        (b"{" * 100_000, InvalidError),
        (b'{"turns": [{"speaker": "doctor", "text": "x", "start": "soon"}]}', InvalidError),
        (b"\xff\xfe\x00broken", InvalidError),
        (b"x" * (LARGEST + 1), InvalidError),
    ],
)
def test_what_is_no_transcript_is_refused_with_a_remedy(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        read_transcript(data, now=NOW)
    assert getattr(refused.value, "remedy", "")
