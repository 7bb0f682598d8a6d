"""The prompts (`prompts/*.md`), which of them a recording gets, and how a consultation is laid before a model."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from auscult.domain.errors import InvalidError
from auscult.domain.ids import RecordingId
from auscult.domain.patient import Sex
from auscult.domain.transcript import Turn
from auscult.engines.writer import KnownHistory

LANGUAGES: Final = {"en": "English", "hi": "Hindi, in Devanagari"}
_ID = re.compile(r"[a-z]+-\d+")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of the instructions. A changed text is a new file with a new number."""

    id: str
    text: str

    @property
    def mark(self) -> str:
        """What a note records of it: the id, and the beginning of the sha256 of its text."""
        return f"{self.id} {hashlib.sha256(self.text.encode()).hexdigest()[:12]}"


@cache
def prompt(prompt_id: str) -> Prompt:
    """The prompt of this id. Raises `InvalidError` when there is none."""
    folder = resources.files("auscult.engines.writer.model").joinpath("prompts")
    known = sorted(file.name.removesuffix(".md") for file in folder.iterdir() if file.name.endswith(".md"))
    if _ID.fullmatch(prompt_id) is None or prompt_id not in known:
        raise InvalidError("There is no such prompt.", remedy=f"Use one of: {', '.join(known)}.")
    return Prompt(prompt_id, folder.joinpath(f"{prompt_id}.md").read_text("utf-8"))


def parse_split(text: str) -> tuple[tuple[Prompt, int], ...]:
    """Read `note-2`, or shares such as `note-2:90,brief-2:10`. Raises `InvalidError`."""
    shares: list[tuple[Prompt, int]] = []
    for entry in text.split(","):
        prompt_id, _, share = entry.strip().partition(":")
        if share and not (share.isascii() and share.isdigit() and 0 < int(share[:9]) <= 1_000_000):
            raise InvalidError("The share of a prompt is not a number.", remedy="Write it like note-2:90,brief-2:10.")
        shares.append((prompt(prompt_id), int(share or 1)))
    return tuple(shares)


def chosen(shares: Sequence[tuple[Prompt, int]], recording_id: RecordingId) -> Prompt:
    """The prompt that this recording gets: always the same one, and over many recordings in these shares."""
    place = int.from_bytes(hashlib.sha256(recording_id.encode()).digest()[:8]) % sum(share for _, share in shares)
    for one, share in shares:
        if place < share:
            return one
        place -= share
    raise AssertionError("shares are never empty")


def lay_out(turns: Sequence[Turn], history: KnownHistory, language: str) -> str:
    """The consultation as data: what is known, then the turns with their ids, between marks that nobody can speak.

    A turn is one line, so no turn can pass for another; the marks are taken from the text's own hash.
    """
    lines = [f"[{turn.id}] {turn.speaker.value}: {' '.join(turn.text.split())}" for turn in turns]
    known = [
        f"Known {what}: {'; '.join(' '.join(one.split()) for one in found)}"
        for what, found in (
            ("problems", history.problems),
            ("medicines", history.medicines),
            ("allergies", history.allergies),
            ("sex", () if history.sex is Sex.UNKNOWN else (history.sex.value,)),
        )
        if found
    ]
    mark = hashlib.sha256("\n".join([*known, *lines]).encode()).hexdigest()[:16]
    return "\n".join(
        [
            f"Write the note in {LANGUAGES.get(language, 'English')}.",
            f"<record {mark}>",
            *(known or ["Nothing is known of the patient."]),
            f"</record {mark}>",
            f"<consultation {mark}>",
            *lines,
            f"</consultation {mark}>",
        ]
    )
