"""How each entity is keyed, indexed and sealed. Key columns hold ids, numbers and times only."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from auscult.domain.ids import UNFILED, NoteId, PatientId, RecordingId, SubjectId
from auscult.domain.model import Value
from auscult.domain.note import Note
from auscult.domain.patient import Patient
from auscult.domain.queue import ENDED, QueueDesk, QueueEntry, QueueNumbers, QueuePlace
from auscult.domain.recording import Recording, RecordingStatus, Slice
from auscult.domain.transcript import Transcript
from auscult.stores.records import Key, TableSpec

ALL: Final = "all"
"""The one partition of an index over everything in a clinic."""
UPLOAD: Final = "upload"
LIVE: Final = "live"
LATE_UPLOAD: Final = "late_upload"
"""The partitions of the index of recordings that wait for sound."""


class StepResult(Value):
    """What one step of the work on a recording produced; there, the step is not run again."""

    recording_id: RecordingId
    patient_id: PatientId | None = None
    revision: int = Field(ge=1)
    name: str
    data: dict[str, Any]


def subject_of(patient_id: PatientId | None) -> SubjectId:
    """Whose key seals something that belongs to this patient, or to nobody yet."""
    return UNFILED if patient_id is None else SubjectId(patient_id)


def recording_key(recording_id: RecordingId) -> Key:
    """Where a recording lives."""
    return Key(recording_id)


def version_sort(version: int) -> str:
    """Sorts versions as numbers."""
    return f"{version:08d}"


def step_key(recording_id: RecordingId, revision: int, name: str) -> Key:
    """Where a step's result lives."""
    return Key(recording_id, f"{version_sort(revision)}/{name}")


def transcript_key(recording_id: RecordingId, version: int) -> Key:
    """Where one version of a transcript lives."""
    return Key(recording_id, version_sort(version))


def note_key(note_id: NoteId, version: int) -> Key:
    """Where one version of a note lives."""
    return Key(note_id, version_sort(version))


def slice_key(recording_id: RecordingId, seq: int) -> Key:
    """Where the ledger row of a slice lives."""
    return Key(recording_id, version_sort(seq))


def _note_sort(note: Note) -> str:
    return f"{note.id}/{version_sort(note.version)}"


def _audio_kept(recording: Recording) -> Key | None:
    """By age, while there is sound that the retention policy may remove."""
    if recording.sample or recording.audio_deleted_at is not None:
        return None
    return Key(ALL, f"{recording.created_at.isoformat()}/{recording.id}")


def _waiting(recording: Recording) -> Key | None:
    """By how long nothing came: what upkeep looks at. Of those that ended so, uploads, whose bytes come unannounced."""
    if not recording.awaits_sound:
        return None
    since = f"{(recording.active_at or recording.created_at).isoformat()}/{recording.id}"
    if recording.status is RecordingStatus.OPEN:
        return Key(LIVE if recording.live else UPLOAD, since)
    return None if recording.live else Key(LATE_UPLOAD, since)


def _queue_sort(entry: QueueEntry) -> str:
    """Who is next comes first; of those that are over, the one that ended last comes last."""
    if entry.status in ENDED and entry.ended_at is not None:
        return f"{entry.ended_at.isoformat()}/{entry.id}"
    return entry.order


PATIENTS: Final[TableSpec[Patient]] = TableSpec(
    name="patient",
    model=Patient,
    key=lambda patient: Key(patient.id),
    # whoever an entry was merged into: erasing that person erases it too
    subject=lambda patient: SubjectId(patient.merged_into or patient.id),
    indexes={
        "recent": lambda patient: None if patient.merged_into else Key(ALL, patient.id),
        "merged": lambda patient: Key(patient.merged_into, patient.id) if patient.merged_into else None,
    },
)

RECORDINGS: Final[TableSpec[Recording]] = TableSpec(
    name="recording",
    model=Recording,
    key=lambda recording: recording_key(recording.id),
    subject=lambda recording: subject_of(recording.patient_id),
    indexes={
        "recent": lambda recording: Key(ALL, recording.id),
        "upload": lambda recording: Key(recording.upload_key, recording.id),
        "waiting": _waiting,
        "patient": lambda recording: Key(recording.patient_id or UNFILED, recording.id),
        "sample": lambda recording: Key(ALL, recording.id) if recording.sample else None,
        "audio": _audio_kept,
    },
)

SLICES: Final[TableSpec[Slice]] = TableSpec(
    name="slice",
    model=Slice,
    key=lambda kept: slice_key(kept.recording_id, kept.seq),
    subject=lambda kept: subject_of(kept.patient_id),
    audited=False,
)

TRANSCRIPTS: Final[TableSpec[Transcript]] = TableSpec(
    name="transcript",
    model=Transcript,
    key=lambda transcript: transcript_key(transcript.recording_id, transcript.version),
    subject=lambda transcript: subject_of(transcript.patient_id),
)

NOTES: Final[TableSpec[Note]] = TableSpec(
    name="note",
    model=Note,
    key=lambda note: note_key(note.id, note.version),
    subject=lambda note: subject_of(note.patient_id),
    indexes={
        "patient": lambda note: Key(note.patient_id, _note_sort(note)) if note.patient_id else None,
        "recording": lambda note: Key(note.recording_id, _note_sort(note)),
    },
)

QUEUE: Final[TableSpec[QueueEntry]] = TableSpec(
    name="queue_entry",
    model=QueueEntry,
    key=lambda entry: Key(entry.id),
    subject=lambda entry: SubjectId(entry.patient_id),
    indexes={
        "status": lambda entry: Key(entry.status, _queue_sort(entry)),
        "patient": lambda entry: Key(entry.patient_id, entry.id),
    },
)

QUEUE_PLACES: Final[TableSpec[QueuePlace]] = TableSpec(
    name="queue_place",
    model=QueuePlace,
    key=lambda place: Key(place.patient_id),
    subject=lambda place: SubjectId(place.patient_id),
    audited=False,
)

QUEUE_DESKS: Final[TableSpec[QueueDesk]] = TableSpec(
    name="queue_desk",
    model=QueueDesk,
    key=lambda desk: Key(desk.clinician_id),
    subject=lambda _desk: UNFILED,
    indexes={"active": lambda desk: Key(ALL, f"{desk.active_at.isoformat()}/{desk.clinician_id}")},
)

QUEUE_NUMBERS: Final[TableSpec[QueueNumbers]] = TableSpec(
    name="queue_numbers",
    model=QueueNumbers,
    key=lambda _numbers: Key(ALL),
    subject=lambda _numbers: UNFILED,
    audited=False,
)

STEPS: Final[TableSpec[StepResult]] = TableSpec(
    name="step",
    model=StepResult,
    key=lambda result: step_key(result.recording_id, result.revision, result.name),
    subject=lambda result: subject_of(result.patient_id),
    audited=False,
)
