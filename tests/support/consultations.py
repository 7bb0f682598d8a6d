"""Short consultations for the writer's tests: `C:` is the clinician, `P:` the patient, `U:` nobody knows who."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from auscult.domain.ids import RecordingId, TurnId
from auscult.domain.note import NoteBody
from auscult.domain.transcript import Speaker, SpeechEngine, Transcript, Turn
from auscult.engines.writer import KnownHistory, Request
from auscult.engines.writer.offline import OfflineWriter

SPEAKERS = {"C": Speaker.CLINICIAN, "P": Speaker.PATIENT, "U": Speaker.UNKNOWN}


def transcript_of_turns(turns: Sequence[Turn], *, demo_quality: bool = False) -> Transcript:
    """A transcript, version 1, of these turns."""
    return Transcript(
        recording_id=RecordingId("REC_01JN0000AV0000000000000001"),
        version=1,
        turns=tuple(turns),
        engine=SpeechEngine(name="typed", model="test", version="1", demo_quality=demo_quality),
        language="en",
        created_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    )


def consultation(*lines: str, demo_quality: bool = False) -> Transcript:
    """A transcript of lines such as `P: I have a cough.`; each is a turn of three seconds."""
    turns = []
    for number, line in enumerate(lines, start=1):
        who, _, text = line.partition(":")
        turns.append(
            Turn(
                id=TurnId(f"t{number}"),
                speaker=SPEAKERS[who],
                text=text.strip(),
                start=3.0 * number,
                end=3.0 * number + 3,
            )
        )
    return transcript_of_turns(turns, demo_quality=demo_quality)


async def note_of(transcript: Transcript, *, template: str = "visit", history: KnownHistory | None = None) -> NoteBody:
    """The offline writer's note."""
    request = Request(transcript=transcript, template=template, history=history or KnownHistory())
    return await OfflineWriter().write(request)


async def soap_note_of(transcript: Transcript, *, history: KnownHistory | None = None) -> NoteBody:
    """The same laid out as SOAP, where the assessment and the plan stand apart."""
    return await note_of(transcript, template="soap", history=history)


def texts(body: NoteBody, section: str | None = None) -> list[str]:
    """The statements' sentences, of one section or of all."""
    return [statement.text for statement in body.statements if section in {None, statement.section}]
