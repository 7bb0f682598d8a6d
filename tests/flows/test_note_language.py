"""A note as plain text in the language that it is written in."""

from __future__ import annotations

from datetime import UTC, datetime

from auscult.domain.ids import NoteId, RecordingId
from auscult.domain.note import Note
from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.flows.rendering import note_text
from tests.support.consultations import consultation

VISIT = consultation(
    "P: I have had a cough for two days.",
    "C: You have a chest infection. Start doxycycline 100 mg twice a day for 5 days.",
)
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


async def _text(language: str) -> str:
    body = await OfflineWriter().write(Request(transcript=VISIT, template="visit", language=language))
    note = Note(
        id=NoteId("N_1"),
        version=1,
        recording_id=RecordingId("REC_1"),
        body=body,
        transcript_version=1,
        created_at=NOW,
        updated_at=NOW,
    )
    return note_text(note, VISIT)


async def test_a_hindi_note_has_hindi_headings_and_directions() -> None:
    text = await _text("hi")
    assert "मुख्य शिकायत\n- खाँसी।" in text
    assert "- doxycycline 100 mg दिन में दो बार 5 दिन तक (शुरू की)" in text
    assert "MEDICINES" not in text
    assert "CHIEF COMPLAINT" not in text


async def test_an_english_note_stays_as_it_was() -> None:
    text = await _text("en")
    assert "CHIEF COMPLAINT\n- Cough." in text
    assert "- doxycycline 100 mg twice a day for 5 days (started)" in text
