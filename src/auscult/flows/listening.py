"""One pass over encoded sound, whole or still arriving: samples come out, and all there is to know is gathered.

Which parts the sound will be heard in is known as it goes by: each is told as soon as nothing to come can change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf

from pydantic import Field

from auscult.domain.errors import UnreadableAudioError
from auscult.domain.model import Value
from auscult.engines.speech import SAMPLE_RATE, Decoding, Gate, Readable, Region
from auscult.engines.speech.channels import ChannelComparison
from auscult.engines.speech.parts import PartPlanner, Union
from auscult.flows.services import Services


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


class Listening:
    """Decodes one recording, finds speech in it, compares its channels and plans its parts, in bounded memory."""

    def __init__(
        self, services: Services, source: Readable, *, closed: Callable[[Part, bool], None] = lambda _part, _two: None
    ) -> None:
        """Listen to `source`, which may still be growing.

        `closed` gets each part as soon as it is, with whether its channel is one person alone, as far as can be told:
        whether two channels carry two voices shows for certain only at the end.
        """
        self._services = services
        self._source = source
        self._closed = closed
        self._opened: Decoding | None = None
        self._gates: list[Gate] = []
        self._comparison = ChannelComparison()
        self._plans = _Plans(0, services.limits.part_seconds)
        self._frames = 0

    @property
    def channels(self) -> int:
        """How many channels the samples have; 0 before the first."""
        return len(self._gates)

    @property
    def needed_since(self) -> float:
        """Seconds from the start of the recording before which no part still to be closed begins."""
        return self._plans.open_since(min((gate.settled for gate in self._gates), default=0.0))

    def pcm(self) -> Iterator[bytes]:
        """Decode, and yield interleaved little-endian 16-bit frames at 16 kHz. Raises `UnreadableAudioError`."""
        opened = self._opened = self._services.decoder.open(self._source)
        for block in opened.blocks():
            if not self._gates:
                self._gates = [self._services.gate() for _ in range(block.shape[0])]
                self._plans = _Plans(len(self._gates), self._services.limits.part_seconds)
            found = [gate.feed(block[channel : channel + 1]) for channel, gate in enumerate(self._gates)]
            if len(self._gates) == 2:
                self._comparison.feed(block)
            self._frames += block.shape[1]
            self._tell(self._plans.feed(found, [gate.settled for gate in self._gates]))
            yield block.T.astype("<i2").tobytes()
        self._tell(self._plans.feed([gate.finish() for gate in self._gates], [inf for _ in self._gates]))

    def result(self) -> Decoded:
        """What was found, once all was read."""
        if self._opened is None:
            raise UnreadableAudioError("The recording was not opened.")
        two_voices = self._two_voices()
        parts = self._plans.apart if two_voices else self._plans.together
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

    def _two_voices(self) -> bool:
        return len(self._gates) == 2 and self._comparison.two_voices()

    def _tell(self, closed: tuple[list[Part], list[Part]]) -> None:
        if any(closed):
            two_voices = self._two_voices()
            for part in closed[two_voices]:
                self._closed(part, two_voices)


class _Plans:
    """The parts of all channels together and, of two channels, those of each: which are wanted shows at the end."""

    def __init__(self, channels: int, part_seconds: float) -> None:
        self.together: list[Part] = []
        self.apart: list[Part] = []
        self._union = Union()
        self._planners = [PartPlanner(part_seconds) for _ in range(channels if channels == 2 else 0)]
        self._planner = PartPlanner(part_seconds)

    def feed(self, found: list[list[Region]], settled: list[float]) -> tuple[list[Part], list[Part]]:
        """Take the next regions of each channel; return the parts closed now: together, and apart."""
        until = min(settled, default=inf)
        merged = self._union.feed([one for regions in found for one in regions], settled=until)
        together = _parts(0, self._planner.feed(merged, settled=self._merged_until(until)))
        apart = [
            part
            for channel, planner in enumerate(self._planners)
            for part in _parts(channel, planner.feed(found[channel], settled=settled[channel]))
        ]
        self.together += together
        self.apart += apart
        return together, apart

    def open_since(self, settled: float) -> float:
        """Where the first speech begins that is in no part yet; `settled` when there is none."""
        waiting = [self._union.open_since, *(one.open_since for one in (self._planner, *self._planners))]
        return min([settled, *(start for start in waiting if start is not None)])

    def _merged_until(self, settled: float) -> float:
        """Seconds before which no merged region still to come begins: one that waits may still grow."""
        waiting = self._union.open_since
        return settled if waiting is None else min(settled, waiting)


def _parts(channel: int, groups: list[list[Region]]) -> list[Part]:
    return [Part(channel=channel, start=group[0].start, end=group[-1].end, regions=tuple(group)) for group in groups]
