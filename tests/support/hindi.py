"""What is understood of the Hindi of a consultation, as statements and as a note that can be checked."""

from __future__ import annotations

from auscult.domain.evidence import Statement, TurnSource
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.note_fields import with_sections
from auscult.domain.transcript import Transcript
from auscult.engines.writer.offline import heard_medicine
from auscult.engines.writer.offline.hindi import read_hindi
from auscult.engines.writer.offline.items import Item


def items_of(transcript: Transcript) -> list[Item]:
    """Every statement, the medicines' last."""
    reading = read_hindi(transcript)
    return [*reading.items, *(heard_medicine.item(one) for one in reading.medicines)]


def body_of(transcript: Transcript) -> NoteBody:
    """The statements under one heading for each kind of item."""
    reading = read_hindi(transcript)
    items = items_of(transcript)
    statements: dict[str, list[Statement]] = {}
    medications = []
    for number, item in enumerate(items, start=1):
        source = TurnSource(turn_ids=item.turn_ids, transcript_version=transcript.version)
        statements.setdefault(item.kind, []).append(
            Statement(
                id=f"s{number}",
                text=item.text,
                section=item.kind,
                sources=(source,),
                polarity=item.polarity,
                flags=item.flags,
                term=item.short if item.kind == "impression" else "",
            )
        )
    first = len(reading.items) + 1
    for number, heard in enumerate(reading.medicines, start=first):
        medications.append(heard_medicine.medication(heard, transcript.version, (f"s{number}",)))
    sections = [Section(title=kind, statements=tuple(some)) for kind, some in statements.items()]
    writer = WriterInfo(name="offline", version="1")
    return with_sections(NoteBody(medications=tuple(medications), writer=writer), sections)
