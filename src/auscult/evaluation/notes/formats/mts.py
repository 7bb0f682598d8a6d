"""Rows with the fields of MTS-Dialog (Ben Abacha et al. 2023, https://aclanthology.org/2023.eacl-main.168/).

`id`, `header` (one of twenty), `dialogue` (text with speaker lines), `note`.

Weakness of the data: the dialogues were written from existing notes, so they talk of one section only, as no
consultation does; the twenty headers are far from equally common, and several overlap (GENHX and CC).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auscult.domain.errors import InvalidError
from auscult.evaluation.notes.formats import rows


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a conversation and the section of the note that was written from it."""

    id: str
    header: str
    dialogue: str


def read_snippets(path: Path) -> list[Snippet]:
    """The rows of a file that have a dialogue and a header. Raises `InvalidError` when there is none."""
    found = [
        Snippet(str(row.get("id", "")), str(row["header"]), str(row["dialogue"]))
        for row in rows(path)
        if row.get("header") and row.get("dialogue")
    ]
    if not found:
        raise InvalidError(
            f"{path.name} has no dialogues with a header.", remedy='Each row needs "dialogue" and "header".'
        )
    return found
