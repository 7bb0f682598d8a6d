"""Make the speech clips of the tests with espeak-ng (needed for this only): `python tests/data/make_clips.py`.

Our own sentences, mono Opus at 16 kHz in Ogg. Each clip's words are in clips.json.
"""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import av
import numpy as np

HERE = Path(__file__).parent
DOCTOR, PATIENT = ("en-us+f2", "20", "140"), ("en-us+f5", "60", "140")
CLIPS = {
    "one_word": [(DOCTOR, "yes")],
    "question": [(DOCTOR, "how long have you had this pain in your back")],
    "visit": [
        (DOCTOR, "good morning how are you feeling today"),
        (PATIENT, "not so good doctor i have a headache and i feel very tired"),
        (DOCTOR, "are you taking any medication"),
        (PATIENT, "yes i take metformin five hundred milligrams twice a day"),
        (DOCTOR, "okay i want to check your blood pressure"),
    ],
}
RATE = 16_000
PAUSE = np.zeros(int(0.9 * RATE), np.int16)


def spoken(voice: tuple[str, str, str], text: str) -> np.ndarray:
    name, pitch, speed = voice
    wav = subprocess.run(
        ["espeak-ng", "-v", name, "-p", pitch, "-s", speed, "--stdout", text], capture_output=True, check=True
    ).stdout
    shaper = av.AudioResampler("s16", "mono", RATE)
    with av.open(io.BytesIO(wav)) as file:
        frames = [one for frame in file.decode(audio=0) for one in shaper.resample(frame)] + shaper.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def main() -> None:
    words = {}
    for name, lines in CLIPS.items():
        pieces = [PAUSE]
        for voice, text in lines:
            pieces += [spoken(voice, text), PAUSE]
        samples = np.concatenate(pieces)
        with av.open(str(HERE / f"{name}.ogg"), "w") as file:
            stream = file.add_stream("libopus", rate=RATE, layout="mono", options={"b": "32k"})
            shaper = av.AudioResampler(stream.format, stream.layout, RATE, frame_size=stream.codec_context.frame_size)
            frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
            frame.sample_rate = RATE
            for one in [*shaper.resample(frame), *shaper.resample(None)]:
                file.mux(stream.encode(one))
            file.mux(stream.encode(None))
        words[name] = " ".join(text for _, text in lines)
    (HERE / "clips.json").write_text(json.dumps(words, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
