"""A note as plain text: what stands over and before its sentences, and how notes from before are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from auscult.domain.note import Note
from auscult.flows.rendering import note_text
from tests.support.consultations import consultation

AT = datetime(2026, 1, 2, tzinfo=UTC)
SPOKEN = consultation("C: Start colchicine and rest the foot.", "P: All right.")
"""What both notes rest on."""


def stored(*statements: dict[str, Any], language: str = "en") -> Note:
    """A note as a record keeps it."""
    section = {"title": "Plan", "statements": [{"section": "Plan", **one} for one in statements]}
    return Note.model_validate(
        {
            "id": "NOTE_01JN0000AV0000000000000001",
            "version": 1,
            "recording_id": "REC_01JN0000AV0000000000000001",
            "transcript_version": 1,
            "created_at": AT,
            "updated_at": AT,
            "body": {"sections": [section], "writer": {"name": "offline", "version": "2"}, "language": language},
        }
    )


def test_a_label_stands_once_before_the_sentences_that_it_fits() -> None:
    note = stored(
        {"id": "s1", "text": "Gout.", "problem": "Gout", "term": "Gout"},
        {"id": "s2", "text": "Start colchicine.", "problem": "Gout", "label": "Medical treatment"},
        {"id": "s3", "text": "Rest the foot.", "problem": "Gout", "label": "Medical treatment"},
        {"id": "s4", "text": "Review in a week.", "label": "Follow-up"},
    )
    assert note_text(note, SPOKEN).splitlines()[2:] == [
        "PLAN",
        "- Gout.",
        "  - Medical treatment: Start colchicine.",
        "    - Rest the foot.",
        "Other:",
        "  - Follow-up: Review in a week.",
    ]


def test_a_note_that_was_stored_before_there_were_labels_reads_as_it_did() -> None:
    note = stored({"id": "s1", "text": "Start colchicine."}, {"id": "s2", "text": "Rest the foot."})
    assert [one.label for one in note.body.statements] == ["", ""]
    assert note_text(note, SPOKEN).splitlines()[2:] == ["PLAN", "- Start colchicine.", "- Rest the foot."]


def test_a_label_of_a_note_in_hindi_is_in_hindi_already() -> None:
    note = stored(
        {"id": "s1", "text": "colchicine शुरू करें।", "label": "इलाज"},
        language="hi",
    )
    assert "- इलाज: colchicine शुरू करें।" in note_text(note, SPOKEN)
