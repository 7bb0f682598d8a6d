"""Files of conversations that people collected: what models are trained on, and what they are measured on.

A file is JSONL: an object a line, with `turns` [{`speaker`, `text`}], or a `dialogue` as text with speaker lines. What
is not so is refused with the file's name, the line's number and what was expected; the line itself is never repeated,
since it may be what a patient said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeGuard

from auscult.domain.errors import InvalidError
from auscult.domain.ids import RecordingId, TurnId
from auscult.domain.transcript import Speaker, SpeechEngine, Transcript, Turn

LONGEST: Final = 5_000_000
"""Characters of a line: some fifty hours of talk."""
SPEAKERS: Final = {"doctor": Speaker.CLINICIAN, "clinician": Speaker.CLINICIAN, "patient": Speaker.PATIENT}
"""Everybody else in the room (`patient_guest`) is `other`."""

_REMEDY: Final = (
    'Correct that line, or leave it out. A conversation is "turns" [{"speaker", "text"}], or "dialogue" as text.'
)
_HALF: Final = re.compile("[\ud800-\udfff]")
_TYPED: Final = SpeechEngine(name="typed", model="", version="")
_NO_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Written text has no time of its own; a fixed one keeps runs alike."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file. Whoever asks it for a field gets that type or an `InvalidError` that names the line."""

    file: str
    number: int
    """Of the line, from 1."""
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field that has to be text."""
        found = self.fields.get(name)
        if not is_text(found):
            raise self.refused(f'"{name}" as text')
        return found

    def text_or_none(self, name: str) -> str | None:
        """A field that may be missing or empty: None then."""
        return self.text(name) or None if self.fields.get(name) is not None else None

    def label(self, name: str) -> str:
        """A field by which the line is known or grouped, text or a whole number; empty where it is missing."""
        found = self.fields.get(name)
        return str(found) if isinstance(found, int) else self.text_or_none(name) or ""

    def texts(self, name: str) -> dict[str, str]:
        """A field that has to be an object of texts; null in it is empty."""
        found = self.fields.get(name)
        if not isinstance(found, dict) or not all(one is None or is_text(one) for one in found.values()):
            raise self.refused(f'"{name}" as an object of texts')
        return {key: one or "" for key, one in found.items()}

    def objects(self, name: str) -> list[dict[str, Any]]:
        """A field that has to be a list of objects."""
        found = self.fields.get(name)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.refused(f'"{name}" as a list of objects')
        return found

    def turns(self) -> list[tuple[Speaker, str]]:
        """Who says what, from `turns`; a turn without words is left out, one without a speaker is somebody's."""
        told: list[tuple[Speaker, str]] = []
        for number, turn in enumerate(self.objects("turns"), start=1):
            speaker, text = turn.get("speaker", ""), turn.get("text")
            if not is_text(speaker) or not is_text(text):
                raise self.refused(f'"speaker" and "text" of turn {number} as text')
            if text.strip():
                told.append((SPEAKERS.get(speaker.lower(), Speaker.OTHER), text))
        return told

    def refused(self, expected: str, *, remedy: str = _REMEDY) -> InvalidError:
        """The error for a line that lacks what is expected of it."""
        return InvalidError(f"Line {self.number} of {self.file} needs {expected}.", remedy=remedy)


def rows(path: Path) -> list[Row]:
    """The lines of a file that are not blank.

    Raises `InvalidError` when the file cannot be read or is empty, or a line is no object.
    """
    name = path.absolute().name
    found: list[Row] = []
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST + 1), ""), start=1):
                if line.strip():
                    found.append(_row(name, number, line))
    except FileNotFoundError:
        raise InvalidError(f"There is no {name} here.", remedy="Check the path.") from None
    except (OSError, UnicodeDecodeError):
        raise InvalidError(f"{name} cannot be read as text.", remedy="Give a UTF-8 JSONL file.") from None
    if not found:
        raise InvalidError(f"There is nothing in {name}.", remedy="Give a UTF-8 JSONL file.")
    return found


def _row(file: str, number: int, line: str) -> Row:
    if len(line) > LONGEST:
        raise InvalidError(
            f"Line {number} of {file} is longer than {LONGEST:,} characters.", remedy="One conversation a line."
        )
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise InvalidError(f"Line {number} of {file} is not a JSON object.", remedy="One object a line.")
    return Row(file, number, fields)


def is_text(value: object) -> TypeGuard[str]:
    """True for text that can be written as UTF-8: JSON can spell half of a character (a lone surrogate)."""
    return isinstance(value, str) and not _HALF.search(value)


def transcript_of(name: str, turns: Iterable[tuple[Speaker, str]]) -> Transcript:
    """A transcript of typed turns: ids `T1`, `T2` and so on; times are turn numbers, since nobody took any."""
    made = tuple(
        Turn(id=TurnId(f"T{number}"), speaker=speaker, text=text, start=number, end=number)
        for number, (speaker, text) in enumerate(turns, start=1)
    )
    return Transcript(
        recording_id=RecordingId(name),
        version=1,
        turns=made,
        engine=_TYPED,
        language="en",
        created_at=_NO_TIME,
    )
