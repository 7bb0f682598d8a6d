"""The data formats that can be read, one file each. A format is a function from the rows of a file to visits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from auscult.domain.errors import InvalidError
from auscult.evaluation.notes.formats import acibench
from auscult.evaluation.notes.visits import Visit
from auscult.knowledge.conversations import Row, rows

Format = Callable[[Row], Visit | None]
"""None when the row is not of this format; raises `InvalidError` when it is of this format and broken."""

FORMATS: Final[tuple[Format, ...]] = (acibench.visit,)


def read(path: Path) -> list[Visit]:
    """The visits of one file, in order; empty when its rows are of no format known here. Raises `InvalidError`."""
    return [visit for row in rows(path) if (visit := _first(row)) is not None]


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


def _first(row: Row) -> Visit | None:
    return next((visit for made in FORMATS if (visit := made(row)) is not None), None)
