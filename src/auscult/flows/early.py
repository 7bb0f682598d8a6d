"""Hearing a live recording while it is still being made, so that less is left to do when it ends.

Nothing rests on this. It reads the slices that are safely kept and leaves what it heard of each closed part as a sealed
result, with a digest of exactly what was heard; the work on the recording takes such a result only where it would ask
engines the very same (`flows.sound.hear`), and otherwise does as if there had been none. So it may stop anywhere, guess
wrongly, or not run at all: a crash, a second process or a slice out of order cost time and never change a note.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import timedelta
from itertools import count
from typing import Final

from auscult.domain.actor import Actor, system_actor
from auscult.domain.errors import CancelledError
from auscult.domain.ids import RecordingId
from auscult.domain.recording import Recording, RecordingStatus
from auscult.engines.speech import Region
from auscult.engines.speech.growing import GrowingBytes
from auscult.flows.listening import Listening, Part
from auscult.flows.recording_state import change, load
from auscult.flows.services import Services
from auscult.flows.slices import slice_object
from auscult.flows.sound import (
    SAMPLE_BYTES,
    HeardEarly,
    Stretch,
    asked,
    one_channel,
    recognise,
    sample_range,
    sound_around,
)
from auscult.flows.streams import in_thread
from auscult.flows.tables import SLICES, STEPS, StepResult, slice_key, step_key
from auscult.stores.records import Put

MOST: Final = 8
"""Recordings that one process listens to at once; each holds a few megabytes of sound."""
IDLE_SECONDS: Final = 60.0
"""A recording that says nothing for this long is let go of; its next slice takes it up again from the beginning."""
HELD_SECONDS: Final = 60.0
"""Sound held beyond the length of a part, at most. Speech without any pause may need more: it is heard at the end."""
_REMEMBERED: Final = 1000

_logger = logging.getLogger(__name__)


class EarlyListener:
    """Hears the live recordings whose slices this process takes: one part at a time, for complete ones come first."""

    def __init__(self, services: Services, *, listens: bool = True) -> None:
        """`listens=False`: this process only takes requests; engines work elsewhere."""
        self._services = services
        self._most = MOST if listens else 0
        self._live: dict[RecordingId, _Live] = {}
        self._given_up: deque[RecordingId] = deque(maxlen=_REMEMBERED)
        self._turn = asyncio.Semaphore(1)
        self._threads = ThreadPoolExecutor(2 * MOST, thread_name_prefix="early")

    @property
    def listening(self) -> int:
        """How many recordings it listens to."""
        return len(self._live)

    def arrived(self, actor: Actor, recording_id: RecordingId) -> None:
        """A slice of this recording was kept. Returns at once."""
        live = self._live.get(recording_id)
        if live is not None:
            live.more.set()
        elif len(self._live) < self._most and recording_id not in self._given_up:
            live = _Live(self._services, system_actor(actor.clinic_id), recording_id, self._threads, self._turn)
            self._live[recording_id] = live
            live.task = asyncio.create_task(self._follow(live))
            live.task.add_done_callback(lambda _task: self._live.pop(recording_id, None))

    def ended(self, recording_id: RecordingId) -> None:
        """The recording is complete or thrown away: stop at once. What was heard of it in part is not kept."""
        live = self._live.get(recording_id)
        if live is not None:
            live.stop()

    async def close(self) -> None:
        """Stop listening to everything."""
        listening = list(self._live.values())
        for live in listening:
            live.stop()
        await asyncio.gather(*(live.task for live in listening if live.task), return_exceptions=True)
        self._threads.shutdown(wait=False)

    async def _follow(self, live: _Live) -> None:
        try:
            await live.listen()
        except (CancelledError, TimeoutError):
            pass  # it ended, or paused
        except Exception as error:  # whatever it is, the work on the recording finds out for itself, and says so
            self._given_up.append(live.recording_id)
            _logger.info("Recording %s is not heard early: %s", live.recording_id, type(error).__name__)


class _Live:
    """One recording that is being made: its slices flow in at one end, and its parts are recognised at the other."""

    def __init__(
        self,
        services: Services,
        actor: Actor,
        recording_id: RecordingId,
        threads: ThreadPoolExecutor,
        turn: asyncio.Semaphore,
    ) -> None:
        self.recording_id = recording_id
        self.more = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._services = services
        self._actor = actor
        self._threads = threads
        self._turn = turn
        self._sound = GrowingBytes()

    def stop(self) -> None:
        """End, also in the middle of a part."""
        self._sound.abort()
        if self.task is not None:
            self.task.cancel()

    async def listen(self) -> None:
        """Hear each part as it closes. Raises `CancelledError` once the recording takes no more slices."""
        recording = await self._wanted()
        first_part = recording.created_at + timedelta(seconds=self._services.limits.part_seconds)
        while self._services.ambient.now() < first_part:
            self.more.clear()
            await self._told_of_more()
        if self._services.recogniser().missing() is not None:
            return
        feeding = asyncio.create_task(self._feed())
        async with aclosing(in_thread(self._stretches, threads=self._threads, waiting=1)) as stretches:
            try:
                async for stretch in stretches:
                    async with self._turn:
                        await self._hear(stretch)
            finally:
                self._sound.abort()  # before the thread is waited for, which may be waiting for sound
                feeding.cancel()
                await asyncio.gather(feeding, return_exceptions=True)

    async def _wanted(self) -> Recording:
        recording = (await load(self._services, self._actor, self.recording_id)).value
        _insist(recording)
        return recording

    async def _told_of_more(self) -> None:
        async with asyncio.timeout(IDLE_SECONDS):
            await self.more.wait()

    async def _feed(self) -> None:
        """Pass the slices on in their order; the end of the recording is not ours to tell."""
        table = self._services.records_of(self._actor).table(SLICES)
        objects = self._services.objects_of(self._actor)
        loop = asyncio.get_running_loop()
        try:
            for seq in count():
                self.more.clear()  # before looking, so that what comes meanwhile is looked for
                while (kept := await table.get(slice_key(self.recording_id, seq))) is None:
                    await self._told_of_more()
                    self.more.clear()
                data = b"".join([piece async for piece in objects.read(slice_object(kept.value))])
                await loop.run_in_executor(self._threads, self._sound.write, data)
        finally:
            self._sound.abort()

    def _stretches(self) -> Iterator[Stretch]:
        """Decode what has come, and yield each part with its sound as it closes. Runs in a thread of its own."""
        closed: deque[tuple[Part, bool]] = deque()
        listening = Listening(self._services, self._sound, closed=lambda part, two: closed.append((part, two)))
        window = _Window(self._services.limits.part_seconds + HELD_SECONDS)
        for block in listening.pcm():
            window.add(block, listening.channels)
            while closed:
                part, two_voices = closed.popleft()
                frames = window.cut(sound_around(part))
                if frames is not None:
                    samples = one_channel(frames, listening.channels, part.channel if two_voices else None)
                    yield Stretch(part, two_voices, samples)
            window.forget(listening.needed_since)

    async def _hear(self, stretch: Stretch) -> None:
        """Recognise a part and keep what was heard, as long as the recording still goes on."""
        recording = await self._wanted()
        digest = await asyncio.to_thread(asked, recording, stretch)
        name = stretch.name
        known = (
            await self._services.records_of(self._actor)
            .table(STEPS)
            .get(step_key(recording.id, recording.revision, name))
        )
        if known is not None and known.value.data["asked"] == digest:
            return
        heard = await recognise(self._services, recording, stretch, lambda _fraction: None)
        result = HeardEarly(asked=digest, part=heard).model_dump(mode="json")

        def insisted(current: Recording) -> Recording:
            _insist(current)
            return current

        await change(
            self._services,
            self._actor,
            self.recording_id,
            insisted,
            writes=lambda current: [
                Put(
                    STEPS,
                    StepResult(
                        recording_id=current.id,
                        patient_id=current.patient_id,
                        revision=current.revision,
                        name=name,
                        data=result,
                    ),
                )
            ],
        )


def _insist(recording: Recording) -> None:
    """Only what is still being recorded, with a consent that somebody wrote down, is heard early."""
    if not recording.live or recording.status is not RecordingStatus.OPEN or recording.consent is None:
        raise CancelledError("The recording takes no more slices, or nobody has agreed to it yet.")


class _Window:
    """The latest sound, as far back as a part that is still to be closed may need it."""

    def __init__(self, seconds: float) -> None:
        self._longest = seconds
        self._frames = bytearray()
        self._first = 0
        self._frame = SAMPLE_BYTES

    def add(self, block: bytes, channels: int) -> None:
        self._frame = SAMPLE_BYTES * channels
        self._frames += block
        end = self._first + len(self._frames) // self._frame
        self._forget(end - sample_range(Region(0.0, self._longest))[1])

    def cut(self, span: Region) -> bytes | None:
        """The frames of a stretch; None when they are here no more."""
        first, last = sample_range(span)
        if first < self._first:
            return None
        return bytes(self._frames[(first - self._first) * self._frame : (last - self._first) * self._frame])

    def forget(self, before: float) -> None:
        """Let go of what no part that begins at `before` seconds or later needs."""
        self._forget(sample_range(sound_around(Part(channel=0, start=before, end=before, regions=())))[0])

    def _forget(self, first: int) -> None:
        if first > self._first:
            del self._frames[: (first - self._first) * self._frame]
            self._first = first
