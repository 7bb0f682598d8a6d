"""Recordings of any length, made in seconds: encoded packets of the bundled consultation, repeated."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from auscult.engines.speech import SAMPLE_RATE, Samples
from auscult.knowledge import sample

CONSULTATION = Path(sample.__file__).parent / "consultation.webm"


def consultation(seconds: float) -> bytes:
    """A WebM recording in which people talk all the time."""
    speech, length = _packets(CONSULTATION.read_bytes())
    return _repeated([(speech, length)], seconds)


def mostly_silence(seconds: float, *, speech: float = 9.0, silence: float = 81.0) -> bytes:
    """A WebM recording in which people talk for `speech` of every `speech + silence` seconds."""
    talk, talk_length = _packets(_encoded(_decoded()[:, : round(speech * SAMPLE_RATE)]))
    quiet, quiet_length = _packets(_encoded(np.zeros((1, round(silence * SAMPLE_RATE)), np.int16)))
    return _repeated([(talk, talk_length), (quiet, quiet_length)], seconds)


def _decoded() -> Samples:
    shaper = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    with av.open(str(CONSULTATION)) as file:
        frames = [one for frame in file.decode(audio=0) for one in shaper.resample(frame)] + shaper.resample(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def _encoded(samples: Samples) -> bytes:
    written = io.BytesIO()
    with av.open(written, "w", format="webm") as file:
        stream = file.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        whole = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="s16", layout="mono")
        whole.sample_rate = SAMPLE_RATE
        shaper = av.AudioResampler(
            stream.format, "mono", SAMPLE_RATE, frame_size=stream.codec_context.frame_size or 960
        )
        for frame in [*shaper.resample(whole), *shaper.resample(None)]:
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return written.getvalue()


def _packets(data: bytes) -> tuple[list[tuple[bytes, float]], float]:
    """Encoded packets with their times in seconds, and how long they last together."""
    with av.open(io.BytesIO(data)) as file:
        stream = file.streams.audio[0]
        found = [
            (bytes(packet), float(packet.pts * packet.time_base))
            for packet in file.demux(stream)
            if packet.size and packet.pts is not None and packet.time_base is not None
        ]
    step = found[1][1] - found[0][1]
    return found, found[-1][1] - found[0][1] + step


def _repeated(stretches: Sequence[tuple[list[tuple[bytes, float]], float]], seconds: float) -> bytes:
    written = io.BytesIO()
    clock = Fraction(1, 1000)
    with av.open(io.BytesIO(CONSULTATION.read_bytes())) as source, av.open(written, "w", format="webm") as file:
        stream = file.add_stream_from_template(source.streams.audio[0])
        at = 0.0
        while at < seconds:
            for packets, length in stretches:
                first = packets[0][1]
                for data, time in packets:
                    if at + time - first >= seconds:
                        break
                    packet = av.Packet(data)
                    packet.stream = stream
                    packet.time_base = clock
                    packet.pts = packet.dts = round((at + time - first) * 1000)
                    file.mux(packet)
                at += length
    return written.getvalue()
