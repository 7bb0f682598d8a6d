"""Rows with the fields of ACI-BENCH (Yim et al. 2023, https://doi.org/10.1038/s41597-023-02487-3).

`id`, `subset`, `turns` [{`speaker`, `text`}], `note`, `sections` {division: text}. Only `turns` is needed: without
`note` nothing is compared with a reference, without `sections` the note is divided by its headings. Facts about the
patient that the row may carry beside the conversation (age, complaint) are not shown to the writer.

Weakness of the data: the encounters are role-played, in American English, and some speaker tags are swapped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from auscult.domain.transcript import Speaker
from auscult.evaluation.notes.divisions import divide
from auscult.evaluation.notes.visits import DIVISIONS, Visit, transcript_of

SPEAKERS: Final = {"doctor": Speaker.CLINICIAN, "clinician": Speaker.CLINICIAN, "patient": Speaker.PATIENT}
"""Everybody else in the room (`patient_guest`) is `other`."""


def visit(file: str, row: Mapping[str, Any]) -> Visit | None:
    """One row as a visit; None when it has no turns."""
    turns = row.get("turns")
    if not isinstance(turns, list) or not all(isinstance(turn, dict) and "text" in turn for turn in turns):
        return None
    spoken = [
        (SPEAKERS.get(str(turn.get("speaker", "")).lower(), Speaker.OTHER), str(turn["text"]))
        for turn in turns
        if str(turn["text"]).strip()
    ]
    note = str(row["note"]) if row.get("note") else None
    sections = row.get("sections")
    if isinstance(sections, dict):
        divisions = {name: str(sections.get(name) or "") for name in DIVISIONS}
    else:
        divisions = divide(note) if note else {}
    visit_id = str(row.get("id", ""))
    return Visit(
        id=visit_id,
        file=file,
        subset=str(row.get("subset") or ""),
        transcript=transcript_of(visit_id, spoken),
        reference=note,
        divisions=divisions,
    )
