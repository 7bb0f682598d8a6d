"""Rows with the fields of MTS-Dialog (Ben Abacha et al. 2023, https://aclanthology.org/2023.eacl-main.168/).

`id`, `header` (one of twenty), `dialogue` (text with speaker lines), `note`.

Weakness of the data: the dialogues were written from existing notes, so they talk of one section only, as no
consultation does; the twenty headers are far from equally common, and several overlap (GENHX and CC).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auscult.domain.errors import InvalidError
from auscult.knowledge.conversations import rows

TRAINING: Final = "mts_train.jsonl"
"""The file that the shipped classifier was trained on, and is not measured on by mistake."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a conversation and the section of the note that was written from it."""

    id: str
    header: str
    dialogue: str


def read_snippets(path: Path) -> list[Snippet]:
    """The rows with a dialogue and a header of a file, or of a folder's `*.jsonl` other than `TRAINING`.

    Raises `InvalidError` when there is none, or one of the two is no text.
    """
    files = [one for one in sorted(path.glob("*.jsonl")) if one.name != TRAINING] if path.is_dir() else [path]
    found = [
        Snippet(row.label("id"), row.text("header"), row.text("dialogue"))
        for file in files
        for row in rows(file)
        if row.fields.get("header") and row.fields.get("dialogue")
    ]
    if not found:
        raise InvalidError(
            f"{path.name} has no dialogues with a header.", remedy='Each row needs "dialogue" and "header".'
        )
    return found
