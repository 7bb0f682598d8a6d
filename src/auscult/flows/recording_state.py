"""Reading and changing one recording, safely against everybody else who does the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from auscult.domain.actor import Actor
from auscult.domain.errors import ConflictError, NotFoundError
from auscult.domain.event import Event
from auscult.domain.ids import EventId, RecordingId
from auscult.domain.job import Job
from auscult.domain.recording import Recording, RecordingStatus, StepState
from auscult.flows.care_team import require_recording
from auscult.flows.services import Services
from auscult.flows.tables import RECORDINGS, recording_key
from auscult.stores.records import ClinicRecords, Put, Stored, T, TableSpec, Write

STEP_NAMES: Final = ("received", "decoded", "transcribed", "speakers", "note", "stored")
"""The steps of the `scribe` flow, as a person sees them."""

_TRIES: Final = 20
"""How often a change is tried again when somebody else's came between: more means a fault, not contention."""


async def load(services: Services, actor: Actor, recording_id: RecordingId) -> Stored[Recording]:
    """Return the recording.

    Raises `NotFoundError`, also for another clinic's, and for what a device or another system did not open itself;
    `OutsideCareTeamError`.
    """
    stored = await found(services, actor, recording_id)
    await require_recording(services, actor, stored.value)
    return stored


async def found(services: Services, actor: Actor, recording_id: RecordingId) -> Stored[Recording]:
    """As `load`, for the steps of something that the actor was let do: which patient it belongs to may change."""
    stored = await services.records_of(actor).table(RECORDINGS).get(recording_key(recording_id))
    if stored is None or not actor.may_see(stored.value.created_by):
        raise NotFoundError("There is no such recording.")
    return stored


async def all_rows(records: ClinicRecords, spec: TableSpec[T], partition: str, index: str | None = None) -> list[T]:
    """Every entity of a partition, in order of its sort key."""
    rows: list[T] = []
    cursor: str | None = None
    while True:
        page = await records.table(spec).query(partition, index=index, limit=1000, cursor=cursor)
        rows.extend(stored.value for stored in page.items)
        if page.next is None:
            return rows
        cursor = page.next


def event(services: Services, actor: Actor, name: str, **ids: str | int | float) -> Event:
    """A fresh event of the actor's clinic; `ids` are identifiers and numbers only."""
    return Event(
        id=EventId(services.ambient.new_id("EVT")),
        clinic_id=actor.clinic_id,
        name=name,
        at=services.ambient.now(),
        ids=ids,
    )


def progress(services: Services, actor: Actor, recording: Recording, step: str, fraction: float) -> Event:
    """The event that moves a live screen on."""
    return event(
        services,
        actor,
        "recording_progress",
        recording_id=recording.id,
        step=step,
        fraction=round(fraction, 3),
        status=recording.status.value,
    )


async def change(
    services: Services,
    actor: Actor,
    recording_id: RecordingId,
    apply: Callable[[Recording], Recording],
    *,
    writes: Callable[[Recording], Sequence[Write]] = lambda _recording: (),
    events: Callable[[Recording], Sequence[Event]] = lambda _recording: (),
    jobs: Callable[[Recording], Sequence[Job]] = lambda _recording: (),
) -> Recording:
    """Apply a change to the newest state of a recording, with all that it causes, in one transaction.

    `apply` gets the current recording and returns the new one, or raises to refuse; when somebody else changed it
    meanwhile it is asked again. `writes`, `events` and `jobs` are made from the new recording.
    """
    for _ in range(_TRIES):
        stored = await load(services, actor, recording_id)
        changed = apply(stored.value)
        try:
            await services.records_of(actor).transact(
                [Put(RECORDINGS, changed, if_version=stored.version), *writes(changed)],
                events=events(changed),
                jobs=jobs(changed),
            )
        except ConflictError:
            continue
        return changed
    raise ConflictError("The recording is being changed too often at the same time.")


def with_step(recording: Recording, state: StepState) -> Recording:
    """The recording with that step's state put in its place."""
    others = {step.name: step for step in recording.steps}
    others[state.name] = state
    ordered = tuple(others[name] for name in STEP_NAMES if name in others)
    return recording.model_copy(update={"steps": ordered})


FINISHED: Final = frozenset(
    {
        RecordingStatus.READY,
        RecordingStatus.TRANSCRIPT_ONLY,
        RecordingStatus.NO_SPEECH,
        RecordingStatus.FAILED,
        RecordingStatus.CANCELLED,
    }
)
"""Statuses from which a person may start the work again."""
