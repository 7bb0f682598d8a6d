"""From a stored recording to recognised segments: decode once, then hear it part by part.

The decoded sound is kept, sealed, as 16 kHz PCM until the note is stored, so that each part is a range read: parts can
be heard on several workers, and after a crash only the unfinished ones are heard again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from auscult.domain.actor import Actor
from auscult.domain.model import Value
from auscult.domain.recording import Recording, Slice
from auscult.domain.transcript import SpeechEngine
from auscult.engines.speech import SAMPLE_RATE, Heard, Region, Samples
from auscult.engines.speech.repetition import without_loops
from auscult.flows.listening import Decoded, Listening, Part
from auscult.flows.recording_state import all_rows
from auscult.flows.services import Services
from auscult.flows.slices import slice_object
from auscult.flows.streams import ObjectReader, cancellable, in_thread
from auscult.flows.tables import SLICES, STEPS, step_key, subject_of
from auscult.stores.records import Delete

SAMPLE_BYTES: Final = 2
EARLY: Final = "early/"
"""Begins the names of results that are kept while a recording is still being made."""
_PCM_TYPE: Final = "audio/l16"
_MAX_PCM_BYTES: Final = 24 * 3600 * SAMPLE_RATE * SAMPLE_BYTES * 2
"""A whole day in two channels: more is a mistake, not a consultation."""
_PART_PADDING: Final = 0.2
"""Seconds of sound kept on both sides of a part, so that its first and last phoneme are whole."""


class Received(Value):
    """The whole recording, as one object."""

    size: int
    sha256: str


class PartHeard(Value):
    """What was recognised in one part, with a description of the voice in each segment (empty for two voices)."""

    channel: int
    engine: SpeechEngine
    heard: tuple[Heard, ...]
    voices: tuple[tuple[float, ...], ...] = ()
    removed_loops: int = 0


class HeardEarly(Value):
    """What was heard of a part before the recording had ended. A guess of what the work will ask, and no promise."""

    asked: str
    """What the engines were given, as a digest: taken only where the work would give them exactly the same."""
    part: PartHeard


def pcm_key(recording: Recording) -> str:
    """Where the decoded sound of this revision lies until the note is stored."""
    return f"derived/{recording.id}/{recording.revision}/pcm"


async def receive(services: Services, actor: Actor, recording: Recording) -> Received:
    """Join the slices of a live recording into one object; a single upload is one already."""
    if not recording.live:
        return Received(size=recording.size, sha256=recording.sha256)
    objects = services.objects_of(actor)
    joined_before = await objects.head(recording.upload_key)
    if joined_before is not None:
        await objects.refile(recording.upload_key, subject_of(recording.patient_id))  # filed since it was joined
        return Received(size=joined_before.size, sha256=joined_before.sha256)
    stored = await all_rows(services.records_of(actor), SLICES, recording.id)
    kept = [one for one in stored if one.seq < (recording.slice_count or len(stored))]

    async def joined(slices: list[Slice]) -> AsyncIterator[bytes]:
        for one in slices:
            async for piece in objects.read(slice_object(one)):
                yield piece

    info = await objects.put(
        recording.upload_key,
        joined(kept),
        content_type=recording.content_type,
        subject=subject_of(recording.patient_id),
        max_bytes=services.limits.upload_bytes,
    )
    return Received(size=info.size, sha256=info.sha256)


async def decode(services: Services, actor: Actor, recording: Recording, received: Received) -> Decoded:
    """Decode the recording to stored PCM, find speech in it, and plan its parts.

    Raises `UnreadableAudioError`. No speech is an answer without parts, not an error.
    """
    objects = services.objects_of(actor)
    reader = ObjectReader(objects, recording.upload_key, received.size, asyncio.get_running_loop())
    listening = Listening(services, reader)
    await objects.put(
        pcm_key(recording),
        in_thread(listening.pcm),
        content_type=_PCM_TYPE,
        subject=subject_of(recording.patient_id),
        max_bytes=_MAX_PCM_BYTES,
        overwrite=True,
    )
    return listening.result()


async def hear(
    services: Services,
    actor: Actor,
    recording: Recording,
    *,
    decoded: Decoded,
    part: Part,
    progress: Callable[[float], None],
) -> PartHeard:
    """Recognise one part, unless the very same was heard while the recording was still being made.

    `progress` is called from the engine's thread with a fraction. Raises `EngineMissingError`, `EngineFailedError`.
    """
    span = sound_around(part)
    stretch = Stretch(
        part=part,
        two_voices=decoded.two_voices,
        samples=await _samples(services, actor, recording, decoded=decoded, channel=part.channel, span=span),
    )
    known = await services.records_of(actor).table(STEPS).get(step_key(recording.id, recording.revision, stretch.name))
    if known is not None:
        early = HeardEarly.model_validate(known.value.data)
        if early.part.engine == services.recogniser().info and early.asked == asked(recording, stretch):
            return early.part
    return await recognise(services, recording, stretch, progress)


async def remove_early(services: Services, actor: Actor, recording: Recording) -> None:
    """Remove what was heard early: the work is done, and took of it what it could."""
    records = services.records_of(actor)
    kept = await all_rows(records, STEPS, recording.id)
    gone = [Delete(STEPS, STEPS.key(row)) for row in kept if row.name.startswith(EARLY)]
    if gone:
        await records.transact(gone)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The sound of one part, of one channel, with a little before and after it."""

    part: Part
    two_voices: bool
    samples: Samples

    @property
    def name(self) -> str:
        """The name of the step's result when it is heard early; it holds a number and a time only."""
        return f"{EARLY}{self.part.channel}/{round(self.part.start * 1000):09d}"

    @property
    def start(self) -> float:
        """Seconds from the start of the recording at which the samples begin."""
        return sound_around(self.part).start

    @property
    def regions(self) -> list[Region]:
        """Where somebody speaks, in seconds from the start of the samples."""
        return [Region(max(0.0, one.start - self.start), one.end - self.start) for one in self.part.regions]


def sound_around(part: Part) -> Region:
    """The stretch of sound that a part is recognised on; it may reach beyond the end of the recording."""
    return Region(max(0.0, part.start - _PART_PADDING), part.end + _PART_PADDING)


def sample_range(span: Region) -> tuple[int, int]:
    """The first sample of a stretch, and the one after its last."""
    return int(span.start * SAMPLE_RATE), int(span.end * SAMPLE_RATE)


def one_channel(frames: bytes, channels: int, channel: int | None) -> Samples:
    """Interleaved 16-bit frames as samples of shape (1, n): of one channel, or (None) of all of them mixed."""
    wide = np.frombuffer(frames, dtype="<i2").reshape(-1, channels)
    mono = wide.astype(np.int32).sum(axis=1) // channels if channel is None else wide[:, channel]
    return np.ascontiguousarray(mono, dtype=np.int16).reshape(1, -1)


def asked(recording: Recording, stretch: Stretch) -> str:
    """A digest of all that engines are given for a stretch: what one of them heard then is what it would hear now."""
    given = {
        "language": recording.language,
        "two_voices": stretch.two_voices,
        "regions": [(one.start, one.end) for one in stretch.regions],
        "start": stretch.start,
    }
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode())
    digest.update(stretch.samples.tobytes())
    return digest.hexdigest()


async def recognise(
    services: Services, recording: Recording, stretch: Stretch, progress: Callable[[float], None]
) -> PartHeard:
    """Have a stretch recognised, and each segment's voice described unless the channel is one person's own.

    Raises `EngineMissingError`, `EngineFailedError`.
    """
    recogniser = services.recogniser()

    def transcribe(cancelled: Callable[[], bool]) -> list[Heard]:
        return recogniser.transcribe(
            stretch.samples, stretch.regions, language=recording.language, cancelled=cancelled, progress=progress
        )

    heard, removed = without_loops(await cancellable(transcribe))
    voices: tuple[tuple[float, ...], ...] = ()
    if not stretch.two_voices:
        spans = [Region(one.start, one.end) for one in heard]
        described = await asyncio.to_thread(services.diariser.embed, stretch.samples, spans)
        voices = tuple(tuple(round(float(x), 5) for x in voice) for voice in described)
    return PartHeard(
        channel=stretch.part.channel,
        engine=recogniser.info,
        heard=tuple(_shifted(one, stretch.start) for one in heard),
        voices=voices,
        removed_loops=removed,
    )


async def _samples(
    services: Services, actor: Actor, recording: Recording, *, decoded: Decoded, channel: int, span: Region
) -> Samples:
    frame = SAMPLE_BYTES * decoded.stored_channels
    first, last = sample_range(Region(span.start, min(decoded.duration, span.end)))
    pieces = [piece async for piece in services.objects_of(actor).read(pcm_key(recording), first * frame, last * frame)]
    return one_channel(b"".join(pieces), decoded.stored_channels, channel if decoded.two_voices else None)


def _shifted(one: Heard, by: float) -> Heard:
    words = tuple(word.model_copy(update={"start": word.start + by, "end": word.end + by}) for word in one.words)
    return Heard(
        text=one.text,
        start=one.start + by,
        end=one.end + by,
        confidence=one.confidence,
        language=one.language,
        words=words,
    )
