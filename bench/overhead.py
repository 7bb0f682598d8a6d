"""What the journey costs over the engines it calls: `python -m bench.overhead [--size full]`.

The flow `scribe` on a recording of 10 minutes in which people talk all the time, from the arrival of its last byte to
`soap_ready`, on SQLite and a folder, one job at a time. Baseline: the same engine calls (decode, speech gate,
recogniser on the same parts, voices, writer) on bytes in memory, in the same process, alternating with the flow; the
faster of two runs of each counts.

The recogniser is a stub that does a fixed amount of work, about 0.05 s for each second of sound: a real one takes 5 to
20 times as long, which would only make the overhead look smaller. `--size full` uses the embedded one on 5 minutes.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.support.scripted_engines import Script, scripted_engines

from auscult.clinic import Clinic
from auscult.clinic.makers import Engines, embedded_engines
from auscult.domain.ids import RecordingId
from auscult.domain.transcript import Transcript
from auscult.engines.speakers.roles import guess
from auscult.engines.speakers.turns import build_turns
from auscult.engines.speech import SAMPLE_RATE, Heard, Region
from auscult.engines.speech.parts import plan_parts
from auscult.engines.speech.repetition import without_loops
from auscult.engines.writer import Request
from auscult.flows import record
from auscult.settings import Settings
from auscult.world import real_ambient
from bench.figures import Figure, Size, run
from bench.sounds import consultation

WORK = 40
"""MiB hashed for each second of speech: about 0.05 s."""
_PADDING = 0.2


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock, and of processor time in this process."""

    wall: float
    processor: float


async def bare(engines: Engines, data: bytes, part_seconds: float) -> Spent:
    """The engine calls of the journey, and nothing else."""
    start, processor = time.perf_counter(), time.process_time()
    decoding = engines.decoder.open(io.BytesIO(data))
    gate, blocks, regions = engines.gate(), [], []
    for block in decoding.blocks():
        blocks.append(block)
        regions += gate.feed(block)
    regions += gate.finish()
    samples = np.concatenate(blocks, axis=1)
    recogniser = engines.speech.best()
    heard: list[Heard] = []
    voices = []
    for part in plan_parts(regions, part_seconds):
        begin = max(0.0, part[0].start - _PADDING)
        piece = samples[:, int(begin * SAMPLE_RATE) : int((part[-1].end + _PADDING) * SAMPLE_RATE)]
        shifted = [Region(one.start - begin, one.end - begin) for one in part]
        found, _removed = without_loops(await asyncio.to_thread(recogniser.transcribe, piece, shifted))
        voices += engines.diariser.embed(piece, [Region(one.start, one.end) for one in found])
        heard += [Heard(one.text, one.start + begin, one.end + begin, one.confidence, one.language) for one in found]
    labels = engines.diariser.cluster(voices, [one.end - one.start for one in heard])
    roles = guess([(label, one.text) for label, one in zip(labels, heard, strict=True)])
    transcript = Transcript(
        recording_id=RecordingId("REC_01JN0000AV0000000000000001"),
        version=1,
        turns=build_turns(heard, labels, roles.speakers),
        engine=recogniser.info,
        language="en",
        created_at=real_ambient().now(),
    )
    await engines.writer.write(Request(transcript=transcript))
    return Spent(time.perf_counter() - start, time.process_time() - processor)


async def journey(clinic: Clinic, data: bytes) -> Spent:
    """The flow, on the same bytes."""
    actor, services = clinic.system, clinic.services
    recording = await record.open_recording(services, actor, content_type="audio/webm", live=False)

    async def once() -> AsyncIterator[bytes]:
        yield data

    events = clinic.feed.follow(clinic.clinic_id)
    ended = asyncio.create_task(_ended(events, recording.id))
    await asyncio.sleep(0.1)  # the follower has joined
    await record.store_upload(
        services, actor, recording.upload_key, once(), content_type="audio/webm", max_bytes=len(data)
    )
    start, processor = time.perf_counter(), time.process_time()
    await ended
    return Spent(time.perf_counter() - start, time.process_time() - processor)


async def _ended(events: AsyncIterator[object], recording_id: RecordingId) -> None:
    async for event in events:
        name, ids = getattr(event, "name", ""), getattr(event, "ids", {})
        if ids.get("recording_id") == recording_id and name in {"soap_ready", "recording_failed", "transcript_ready"}:
            if name != "soap_ready":
                raise RuntimeError(f"it ended with {name}")
            return


async def _measure(size: Size) -> list[Figure]:
    seconds = {"tiny": 30.0, "default": 600.0, "full": 300.0}[size]
    rounds = 1 if size == "tiny" else 2
    data = consultation(seconds)
    with tempfile.TemporaryDirectory(prefix="bench-overhead-") as folder:
        settings = Settings(data=Path(folder), worker_concurrency=1, speech="sphinx" if size == "full" else "auto")
        engines = embedded_engines(settings) if size == "full" else scripted_engines(settings, Script(work=WORK))
        async with await Clinic.open(settings, engines=engines) as clinic:
            short = consultation(10.0)
            await bare(engines, short, settings.part_seconds)  # loads what engines load once
            await journey(clinic, short)
            without, around = [], []
            for _ in range(rounds):
                without.append(await bare(engines, data, settings.part_seconds))
                around.append(await journey(clinic, data))
    wall, wall_bare = (min(one.wall for one in spent) for spent in (around, without))
    processor, processor_bare = (min(one.processor for one in spent) for spent in (around, without))
    length = f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
    return [
        Figure(f"scribe, {length}: wall", wall, "s", "bare engine calls", wall_bare),
        Figure(f"scribe, {length}: wall over bare engine calls", wall / wall_bare, "", limit=1.05),
        Figure(f"scribe, {length}: processor time", processor, "s", "bare engine calls", processor_bare),
    ]


def measure(size: Size) -> list[Figure]:
    """Measure the journey beside its engines."""
    return asyncio.run(_measure(size))


if __name__ == "__main__":
    run(measure, __doc__)
