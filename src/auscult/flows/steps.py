"""Steps: what makes a flow safe to run twice and to continue after a crash.

Each step's result is kept, sealed, in the transaction that moves the recording on. A step whose result is there is
not run again. A flow that is no longer wanted (cancelled, discarded, restarted) finds out at its next step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel

from auscult.domain.actor import Actor
from auscult.domain.errors import CancelledError
from auscult.domain.event import Event
from auscult.domain.ids import RecordingId
from auscult.domain.job import Job
from auscult.domain.recording import Recording, RecordingStatus, StepState
from auscult.flows.recording_state import change, load, progress, with_step
from auscult.flows.services import Services
from auscult.flows.tables import STEPS, StepResult, step_key
from auscult.flows.work import refile_job
from auscult.stores.records import Put, Write

M = TypeVar("M", bound=BaseModel)

_TELL_STEP: Final = 0.05
"""Live screens are told each twentieth of a long step: often enough to see it move."""

_AT_WORK = {RecordingStatus.RECEIVED, RecordingStatus.PROCESSING}


class Steps:
    """The steps of one run of the work on one recording."""

    def __init__(self, services: Services, actor: Actor, recording_id: RecordingId, run: int) -> None:
        """Work on `recording_id` for run number `run`; a later run makes this one unwanted."""
        self._services = services
        self._actor = actor
        self._recording_id = recording_id
        self._run = run

    async def wanted(self) -> Recording | None:
        """The recording, if this run is still to be carried out; None when it is over or was replaced."""
        recording = (await load(self._services, self._actor, self._recording_id)).value
        return recording if self._is_wanted(recording) else None

    async def kept(self, name: str, model: type[M], revision: int) -> M | None:
        """The result of a step, if it was done."""
        table = self._services.records_of(self._actor).table(STEPS)
        stored = await table.get(step_key(self._recording_id, revision, name))
        return None if stored is None else model.model_validate(stored.value.data)

    async def once(
        self,
        name: str,
        model: type[M],
        produce: Callable[[Recording], Awaitable[M]],
        *,
        writes: Callable[[Recording, M], Sequence[Write]] = lambda _recording, _result: (),
        update: Callable[[Recording, M], Recording] = lambda recording, _result: recording,
    ) -> M:
        """Run a step unless its result is kept, and keep it with `writes` and the `update` of the recording.

        Raises `CancelledError` when this run is no longer wanted.
        """
        recording = await self.begin(name)
        known = await self.kept(name, model, recording.revision)
        if known is not None:
            return known
        result = await produce(recording)
        await self.commit(
            lambda current: update(self.finished(current, name), result),
            writes=lambda current: [self._put(current, name, result), *writes(current, result)],
            events=lambda current: [progress(self._services, self._actor, current, name, 1.0)],
            # what this step put into the object store belongs to where the recording was filed when it began
            jobs=lambda current: (
                [refile_job(self._actor, current, name)] if current.patient_id != recording.patient_id else []
            ),
        )
        return result

    async def commit(
        self,
        apply: Callable[[Recording], Recording],
        *,
        writes: Callable[[Recording], Sequence[Write]] = lambda _recording: (),
        events: Callable[[Recording], Sequence[Event]] = lambda _recording: (),
        jobs: Callable[[Recording], Sequence[Job]] = lambda _recording: (),
    ) -> Recording:
        """Change the recording with all that it causes, if this run is still wanted. Raises `CancelledError`."""

        def checked(current: Recording) -> Recording:
            self._insist(current)
            return apply(current)

        return await change(
            self._services, self._actor, self._recording_id, checked, writes=writes, events=events, jobs=jobs
        )

    def _put(self, recording: Recording, name: str, result: BaseModel) -> Write:
        return Put(
            STEPS,
            StepResult(
                recording_id=recording.id,
                patient_id=recording.patient_id,
                revision=recording.revision,
                name=name,
                data=result.model_dump(mode="json"),
            ),
        )

    async def keep_part(self, name: str, result: BaseModel) -> None:
        """Keep one part's result of a step that is done in parts. Raises `CancelledError`."""
        await self.commit(lambda current: current, writes=lambda current: [self._put(current, name, result)])

    async def advance(self, name: str, fraction: float) -> None:
        """Show how much of a step that is done in parts is done; it never goes backwards."""
        now = self._services.ambient.now()

        def apply(current: Recording) -> Recording:
            known = next((step for step in current.steps if step.name == name), StepState(name=name))
            if known.fraction > fraction:
                return current
            done = {"fraction": fraction, "finished_at": now if fraction >= 1.0 else None}
            return with_step(current, known.model_copy(update=done))

        await self.commit(
            apply, events=lambda current: [progress(self._services, self._actor, current, name, fraction)]
        )

    async def begin(self, name: str) -> Recording:
        """Show that a step is under way, once. Raises `CancelledError` when this run is no longer wanted."""
        now = self._services.ambient.now()
        recording = (await load(self._services, self._actor, self._recording_id)).value
        self._insist(recording)
        known = next((step for step in recording.steps if step.name == name), None)
        if known is not None and known.started_at is not None and recording.status is RecordingStatus.PROCESSING:
            return recording

        def apply(current: Recording) -> Recording:
            present = next((step for step in current.steps if step.name == name), StepState(name=name))
            begun = present.model_copy(update={"started_at": present.started_at or now})
            return with_step(current.model_copy(update={"status": RecordingStatus.PROCESSING}), begun)

        return await self.commit(
            apply, events=lambda current: [progress(self._services, self._actor, current, name, 0.0)]
        )

    def teller(self, name: str, before: int, parts: int) -> Callable[[float], None]:
        """A callback for an engine's thread: shows live screens how far it is in one of several parts.

        The recording is not touched: what is told here is gone after a crash, and told again.
        """
        loop = asyncio.get_running_loop()
        told = before / parts

        def tell(fraction: float) -> None:
            nonlocal told
            overall = (before + min(max(fraction, 0.0), 1.0)) / parts
            if overall - told >= _TELL_STEP and overall < 1.0:
                told = overall
                asyncio.run_coroutine_threadsafe(self._tell(name, overall), loop)

        return tell

    async def _tell(self, name: str, fraction: float) -> None:
        recording = await self.wanted()
        if recording is not None:
            told = progress(self._services, self._actor, recording, name, fraction)
            await self._services.records_of(self._actor).transact(events=[told])

    def finished(self, recording: Recording, name: str) -> Recording:
        """The recording with that step shown as done now."""
        now = self._services.ambient.now()
        started = next((step.started_at for step in recording.steps if step.name == name), now)
        return with_step(recording, StepState(name=name, fraction=1.0, started_at=started, finished_at=now))

    def _is_wanted(self, recording: Recording) -> bool:
        return recording.status in _AT_WORK and recording.run == self._run

    def _insist(self, recording: Recording) -> None:
        if not self._is_wanted(recording):
            raise CancelledError("This work is no longer wanted.")
