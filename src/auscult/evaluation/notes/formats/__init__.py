"""The data formats that can be read, one file each. A format is a function from the rows of a file to visits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from auscult.domain.errors import InvalidError
from auscult.evaluation.notes.formats import acibench
from auscult.evaluation.notes.visits import Visit

Format = Callable[[str, Mapping[str, Any]], Visit | None]
"""Takes the file's name and one row; None when the row is not of this format."""

FORMATS: Final[tuple[Format, ...]] = (acibench.visit,)


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSONL file. Raises `InvalidError` naming the line, never its text."""
    found: list[dict[str, Any]] = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InvalidError(f"{path.name} cannot be read as text.", remedy="Give a UTF-8 JSONL file.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise InvalidError(f"Line {number} of {path.name} is not a JSON object.", remedy="One object a line.")
        found.append(row)
    return found


def read(path: Path) -> list[Visit]:
    """The visits of one file, in order; empty when its rows are of no format known here. Raises `InvalidError`."""
    return [visit for row in rows(path) if (visit := _first(path.name, row)) is not None]


def read_all(paths: Iterable[Path]) -> list[Visit]:
    """The visits of files and folders (`*.jsonl` in them, by name). Raises `InvalidError` when there is none."""
    files = [one for path in paths for one in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    visits = [visit for path in files for visit in read(path)]
    if not visits:
        raise InvalidError(
            "There is no consultation here.",
            remedy='Give JSONL files whose rows have "id", "turns" [{"speaker", "text"}] and "note".',
        )
    return visits


def _first(file: str, row: Mapping[str, Any]) -> Visit | None:
    return next((visit for made in FORMATS if (visit := made(file, row)) is not None), None)
