"""Speaks the bundled script into `consultation.webm` and writes each turn's times back into `script.json`.

    python -m auscult.knowledge.sample.make_sample

Needs espeak-ng 1.51 or newer on PATH. Only whoever changes the script runs this: the product plays the committed file.
Everything else is in the repository, so the same espeak-ng gives the same sound.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from auscult.domain.errors import EngineMissingError
from auscult.engines.speech import SAMPLE_RATE

HERE: Final = Path(__file__).parent
BIT_RATE: Final = 40_000
"""Opus, bits per second: the top of what RFC 7587 section 3.1.1 recommends for fullband speech (28-40 kbit/s)."""
ROOM_TONE: Final = 6.0
"""Standard deviation of the quiet noise laid under the speech, in 16-bit steps: no microphone gives digital silence."""
TAIL: Final = 0.8
"""Seconds after the last word."""


def speak(text: str, *, voice: str, pitch: int, speed: int) -> NDArray[np.int16]:
    """Return `text` spoken by espeak-ng as mono int16 samples at 16 kHz, silence trimmed from both ends.

    Raises `EngineMissingError` when espeak-ng is not on PATH, `CalledProcessError` when it refuses the voice.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise EngineMissingError("espeak-ng is not installed", remedy="Install it: apt-get install espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "turn.wav"
        command = [program, "-v", voice, "-p", str(pitch), "-s", str(speed), "-w", str(wav), text]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - arguments are ours, no shell
        with av.open(str(wav)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
            frames += resampler.resample(None)
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.int16)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 200)
    return samples[loud[0] : loud[-1] + 1]


def encode(samples: NDArray[np.int16]) -> bytes:
    """Return mono 16 kHz samples as a WebM file with one Opus track."""
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        size = SAMPLE_RATE // 50
        for start in range(0, samples.size, size):
            block = samples[start : start + size]
            frame = av.AudioFrame.from_ndarray(block[None, :], format="s16", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def render(script: dict[str, Any]) -> tuple[NDArray[np.int16], list[tuple[float, float]]]:
    """Speak every turn after its pause; return the samples and each turn's start and end in seconds."""
    pieces: list[NDArray[np.int16]] = []
    times: list[tuple[float, float]] = []
    position = 0
    for turn in script["turns"]:
        silence = np.zeros(round(turn["pause"] * SAMPLE_RATE), np.int16)
        speech = speak(turn["text"], **script["voices"][turn["speaker"]])
        start = position + silence.size
        position = start + speech.size
        times.append((round(start / SAMPLE_RATE, 2), round(position / SAMPLE_RATE, 2)))
        pieces += [silence, speech]
    pieces.append(np.zeros(round(TAIL * SAMPLE_RATE), np.int16))
    joined = np.concatenate(pieces).astype(np.float64)
    tone = np.random.default_rng(1).normal(0.0, ROOM_TONE, joined.size)
    return np.clip(joined + tone, -32768, 32767).astype(np.int16), times


def main() -> None:
    """Write `consultation.webm` and the turns' times beside this file."""
    path = HERE / "script.json"
    script = json.loads(path.read_text("utf-8"))
    samples, times = render(script)
    for turn, (start, end) in zip(script["turns"], times, strict=True):
        turn["start"], turn["end"] = start, end
    (HERE / script["audio"]).write_bytes(encode(samples))
    turns = ",\n    ".join(json.dumps(turn) for turn in script.pop("turns"))
    head = json.dumps(script, indent=2).removesuffix("\n}")
    path.write_text(f'{head},\n  "turns": [\n    {turns}\n  ]\n}}\n', "utf-8")
    sys.stdout.write(f"{samples.size / SAMPLE_RATE:.1f} s, {len(times)} turns\n")


if __name__ == "__main__":
    main()
