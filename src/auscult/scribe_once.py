"""`auscult scribe FILE`: the whole journey in a folder that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auscult.clinic import Clinic
from auscult.domain.errors import (
    AuscultError,
    EngineFailedError,
    EngineMissingError,
    NoSpeechError,
    UnreadableAudioError,
)
from auscult.domain.media import content_type_of
from auscult.domain.note import Note
from auscult.domain.recording import Recording, RecordingStatus
from auscult.domain.transcript import Transcript
from auscult.flows import notes, record
from auscult.flows.rendering import note_text
from auscult.flows.result import result_of
from auscult.flows.transcripts import transcript_of
from auscult.flows.watch import watch
from auscult.settings import Settings

_ERRORS: tuple[type[AuscultError], ...] = (NoSpeechError, UnreadableAudioError, EngineMissingError)


@dataclass(frozen=True, slots=True)
class Scribed:
    """What came of a recording."""

    recording: Recording
    transcript: Transcript
    note: Note | None
    result: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Everything: the recorder's fields, the transcript with its turns, and the note with its sources."""
        return {
            **{name: value for name, value in self.result.items() if name not in {"note_id", "recording_id"}},
            "duration": self.recording.duration,
            "turns": [turn.model_dump(mode="json") for turn in self.transcript.turns],
            "engine": self.transcript.engine.model_dump(),
            "problems": list(self.transcript.problems),
            "note": self.note.body.model_dump(mode="json") if self.note else None,
        }

    def as_text(self) -> str:
        """The note, or the transcript alone when no writer could write."""
        if self.note is None:
            return f"{self.transcript.text}\n"
        return note_text(self.note, self.transcript)


async def scribe_once(
    settings: Settings, data: bytes, *, name: str, language: str, tell: Callable[[str], None]
) -> Scribed:
    """Run the journey on `data` and return what came of it; `tell` gets a line as each step ends.

    Raises `NoSpeechError`, `UnreadableAudioError`, `EngineMissingError`, `EngineFailedError`.
    """
    with tempfile.TemporaryDirectory(prefix="auscult-") as folder:
        own = settings.model_copy(
            update={
                "data": Path(folder),
                "models": settings.models_folder,
                "records_url": "",
                "objects_url": "",
                "work": True,
                "max_upload_bytes": max(settings.max_upload_bytes, len(data) + 1),
            }
        )
        async with await Clinic.open(own) as clinic:
            return await _run(clinic, data, content_type_of(name), language, tell)


async def _run(clinic: Clinic, data: bytes, content_type: str, language: str, tell: Callable[[str], None]) -> Scribed:
    services, actor = clinic.services, clinic.system
    opened = await record.open_recording(services, actor, content_type=content_type, live=False, language=language)

    async def body() -> AsyncIterator[bytes]:
        yield data

    received = await record.store_upload(
        services,
        actor,
        opened.upload_key,
        body(),
        content_type=opened.content_type,
        max_bytes=clinic.settings.max_upload_bytes,
    )
    recording = await watch(
        services,
        actor,
        clinic.feed,
        received,
        after=0,
        tell=lambda step, took: tell(f"{step:<12} {took:6.2f} s"),
    )
    _raise(recording)
    if recording.failure is not None:
        tell(f"The transcript alone: {recording.failure.reason} {recording.failure.remedy}")
    note = (await notes.read(services, actor, recording.note_id)).value if recording.note_id else None
    return Scribed(
        recording=recording,
        transcript=await transcript_of(services, actor, recording.id),
        note=note,
        result=await result_of(services, actor, recording) or {},
    )


def _raise(recording: Recording) -> None:
    if recording.status in {RecordingStatus.READY, RecordingStatus.TRANSCRIPT_ONLY} or recording.failure is None:
        return
    failure = recording.failure
    kind = next((one for one in _ERRORS if one.code == failure.code), EngineFailedError)
    raise kind(failure.reason, remedy=failure.remedy)
