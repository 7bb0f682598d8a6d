"""From a stored recording to recognised segments: decode once, then hear it part by part.

The decoded sound is kept, sealed, as 16 kHz PCM until the note is stored, so that each part is a range read: parts can
be heard on several workers, and after a crash only the unfinished ones are heard again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

import numpy as np
from pydantic import Field

from auscult.domain.actor import Actor
from auscult.domain.errors import UnreadableAudioError
from auscult.domain.model import Value
from auscult.domain.recording import Recording, Slice
from auscult.domain.transcript import SpeechEngine
from auscult.engines.speech import SAMPLE_RATE, Decoding, Gate, Heard, Region, Samples
from auscult.engines.speech.channels import ChannelComparison
from auscult.engines.speech.parts import plan_parts
from auscult.engines.speech.repetition import without_loops
from auscult.flows.record import slice_object
from auscult.flows.recording_state import all_rows
from auscult.flows.services import Services
from auscult.flows.streams import ObjectReader, cancellable, in_thread
from auscult.flows.tables import SLICES, subject_of

_SAMPLE_BYTES: Final = 2
_PCM_TYPE: Final = "audio/l16"
_MAX_PCM_BYTES: Final = 24 * 3600 * SAMPLE_RATE * _SAMPLE_BYTES * 2
"""A whole day in two channels: more is a mistake, not a consultation."""
_PART_PADDING: Final = 0.2
"""Seconds of sound kept on both sides of a part, so that its first and last phoneme are whole."""


class Received(Value):
    """The whole recording, as one object."""

    size: int
    sha256: str


class Part(Value):
    """A stretch of one channel to be recognised on its own; times are seconds from the start of the recording."""

    channel: int = Field(ge=0, le=1)
    start: float
    end: float
    regions: tuple[Region, ...]


class Decoded(Value):
    """What the recording turned out to hold."""

    duration: float
    codec: str
    sample_rate: int
    source_channels: int
    stored_channels: int = Field(ge=1, le=2)
    two_voices: bool
    """True when the two channels carry a voice each; then channel and speaker are one."""
    truncated: bool
    parts: tuple[Part, ...]


class PartHeard(Value):
    """What was recognised in one part, with a description of the voice in each segment (empty for two voices)."""

    channel: int
    engine: SpeechEngine
    heard: tuple[Heard, ...]
    voices: tuple[tuple[float, ...], ...] = ()
    removed_loops: int = 0


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
    listening = _Listening(services, reader)
    await objects.put(
        pcm_key(recording),
        in_thread(listening.pcm),
        content_type=_PCM_TYPE,
        subject=subject_of(recording.patient_id),
        max_bytes=_MAX_PCM_BYTES,
        overwrite=True,
    )
    return listening.result(services.limits.part_seconds)


async def hear(
    services: Services,
    actor: Actor,
    recording: Recording,
    *,
    decoded: Decoded,
    part: Part,
    progress: Callable[[float], None],
) -> PartHeard:
    """Recognise one part; `progress` is called from the engine's thread with a fraction.

    Raises `EngineMissingError`, `EngineFailedError`.
    """
    start = max(0.0, part.start - _PART_PADDING)
    end = min(decoded.duration, part.end + _PART_PADDING)
    samples = await _samples(services, actor, recording, decoded=decoded, channel=part.channel, span=Region(start, end))
    regions = [Region(max(0.0, one.start - start), one.end - start) for one in part.regions]
    recogniser = services.recogniser()

    def recognise(cancelled: Callable[[], bool]) -> list[Heard]:
        return recogniser.transcribe(
            samples, regions, language=recording.language, cancelled=cancelled, progress=progress
        )

    heard, removed = without_loops(await cancellable(recognise))
    voices: tuple[tuple[float, ...], ...] = ()
    if not decoded.two_voices:
        spans = [Region(one.start, one.end) for one in heard]
        described = await asyncio.to_thread(services.diariser.embed, samples, spans)
        voices = tuple(tuple(round(float(x), 5) for x in voice) for voice in described)
    return PartHeard(
        channel=part.channel,
        engine=recogniser.info,
        heard=tuple(_shifted(one, start) for one in heard),
        voices=voices,
        removed_loops=removed,
    )


class _Listening:
    """One pass over the encoded sound: yields PCM, and gathers what there is to know on the way."""

    def __init__(self, services: Services, reader: ObjectReader) -> None:
        self._services = services
        self._reader = reader
        self._gates: list[Gate] = []
        self._regions: list[list[Region]] = []
        self._comparison = ChannelComparison()
        self._frames = 0
        self._opened: Decoding | None = None

    def pcm(self) -> Iterator[bytes]:
        """Decode, and yield interleaved little-endian 16-bit frames."""
        opened = self._opened = self._services.decoder.open(self._reader)
        for block in opened.blocks():
            if not self._gates:
                self._gates = [self._services.gate() for _ in range(block.shape[0])]
                self._regions = [[] for _ in self._gates]
            for channel, gate in enumerate(self._gates):
                self._regions[channel] += gate.feed(block[channel : channel + 1])
            if len(self._gates) == 2:
                self._comparison.feed(block)
            self._frames += block.shape[1]
            yield block.T.astype("<i2").tobytes()
        for channel, gate in enumerate(self._gates):
            self._regions[channel] += gate.finish()

    def result(self, part_seconds: float) -> Decoded:
        """What was found, once all was read."""
        if self._opened is None:
            raise UnreadableAudioError("The recording was not opened.")
        two_voices = len(self._gates) == 2 and self._comparison.two_voices()
        channels = self._regions if two_voices else [_union(self._regions)]
        parts = [
            Part(channel=channel, start=group[0].start, end=group[-1].end, regions=tuple(group))
            for channel, regions in enumerate(channels)
            for group in plan_parts(regions, part_seconds)
        ]
        found = self._opened.format
        return Decoded(
            duration=self._frames / SAMPLE_RATE,
            codec=found.codec,
            sample_rate=found.sample_rate,
            source_channels=found.channels,
            stored_channels=max(1, len(self._gates)),
            two_voices=two_voices,
            truncated=self._opened.truncated,
            parts=tuple(sorted(parts, key=lambda part: (part.start, part.channel))),
        )


def _union(channels: list[list[Region]]) -> list[Region]:
    merged: list[Region] = []
    for region in sorted((one for regions in channels for one in regions), key=lambda one: one.start):
        if merged and region.start <= merged[-1].end:
            merged[-1] = Region(merged[-1].start, max(merged[-1].end, region.end))
        else:
            merged.append(region)
    return merged


async def _samples(
    services: Services, actor: Actor, recording: Recording, *, decoded: Decoded, channel: int, span: Region
) -> Samples:
    frame = _SAMPLE_BYTES * decoded.stored_channels
    first, last = int(span.start * SAMPLE_RATE), int(span.end * SAMPLE_RATE)
    pieces = [piece async for piece in services.objects_of(actor).read(pcm_key(recording), first * frame, last * frame)]
    frames = np.frombuffer(b"".join(pieces), dtype="<i2").reshape(-1, decoded.stored_channels)
    if decoded.two_voices:
        mono = frames[:, channel]
    elif decoded.stored_channels == 2:
        mono = frames.astype(np.int32).sum(axis=1) // 2
    else:
        mono = frames[:, 0]
    return np.ascontiguousarray(mono, dtype=np.int16).reshape(1, -1)


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
