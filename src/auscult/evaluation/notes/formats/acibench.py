"""Rows with the fields of ACI-BENCH (Yim et al. 2023, https://doi.org/10.1038/s41597-023-02487-3).

`id`, `subset`, `turns` [{`speaker`, `text`}], `note`, `sections` {division: text}. Only `turns` is needed: without
`note` nothing is compared with a reference, without `sections` the note is divided by its headings. Facts about the
patient that the row may carry beside the conversation (age, complaint) are not shown to the writer.

Weakness of the data: the encounters are role-played, in American English, and some speaker tags are swapped.
"""

from __future__ import annotations

from auscult.evaluation.notes.divisions import divide
from auscult.evaluation.notes.visits import DIVISIONS, Visit
from auscult.knowledge.conversations import Row, transcript_of


def visit(row: Row) -> Visit | None:
    """One row as a visit; None when it has no turns. Raises `InvalidError` for a field of the wrong type."""
    if "turns" not in row.fields:
        return None
    note = row.text_or_none("note")
    if row.fields.get("sections") is not None:
        sections = row.texts("sections")
        divisions = {name: sections.get(name, "") for name in DIVISIONS}
    else:
        divisions = divide(note) if note else {}
    visit_id = row.label("id")
    return Visit(
        id=visit_id,
        file=row.file,
        subset=row.label("subset"),
        transcript=transcript_of(visit_id, row.turns()),
        reference=note,
        divisions=divisions,
    )
