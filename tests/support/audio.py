"""Sound made for tests: silence, noise, music, and any of them encoded into the formats people send.

Arrays are int16 of shape (channels, n). Nothing here needs a program on PATH; speech comes from tests/data.
"""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 16_000
DATA = Path(__file__).parents[1] / "data"
Sound = NDArray[np.int16]


def silence(seconds: float, *, rate: int = RATE, channels: int = 1) -> Sound:
    return np.zeros((channels, round(seconds * rate)), np.int16)


def tone(seconds: float, hertz: float = 440.0, *, rate: int = RATE, level: float = 0.3) -> Sound:
    return _sound(level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate))


def white_noise(seconds: float, *, rate: int = RATE, level: float = 0.1, seed: int = 0) -> Sound:
    return _sound(level * np.random.default_rng(seed).standard_normal(round(seconds * rate)))


def pink_noise(seconds: float, *, rate: int = RATE, level: float = 0.1, seed: int = 0) -> Sound:
    """Noise whose power falls by 3 dB an octave, like ventilation and traffic."""
    length = round(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(length))
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), length)
    return _sound(level * shaped / shaped.std())


def hum(seconds: float, *, rate: int = RATE, mains: float = 50.0, level: float = 0.1) -> Sound:
    """Mains hum with its odd harmonics."""
    time = np.arange(round(seconds * rate)) / rate
    return _sound(level * sum(np.sin(2 * np.pi * mains * n * time) / n for n in (1, 2, 3, 5, 7)))


def music(seconds: float, *, rate: int = RATE, seed: int = 0, lead: bool = True, drums: bool = True) -> Sound:
    """Chords, an arpeggio, drums of filtered noise, and a lead with vibrato that glides like a sung tune."""
    random = np.random.default_rng(seed)
    length = round(seconds * rate)
    time = np.arange(length) / rate
    beat = 0.5
    mixed = np.zeros(length)
    for bar, root in enumerate(np.tile([0, 9, 5, 7], int(seconds / (4 * beat)) // 4 + 1)):
        here = (time >= bar * 4 * beat) & (time < (bar + 1) * 4 * beat)
        since = time[here] - bar * 4 * beat
        for interval in (0, 4, 7, 12):
            mixed[here] += 0.12 * _plucked(_note(root + interval - 12), since, decay=0.6)
        for step in range(8):
            later = since - step * beat / 2
            sounding = later >= 0
            mixed[np.flatnonzero(here)[sounding]] += 0.12 * _plucked(
                _note(root + (0, 4, 7, 12, 16, 12, 7, 4)[step]), later[sounding], decay=4
            )
    if drums:
        for number in range(int(seconds / beat)):
            first = int(number * beat * rate)
            hit = random.standard_normal(min(rate // 8, length - first))
            mixed[first : first + len(hit)] += 0.25 * hit * np.exp(-np.arange(len(hit)) / (0.02 * rate))
    if lead:
        notes = random.choice([0, 2, 4, 5, 7, 9, 12], int(seconds / beat) + 1)
        pitch = np.repeat([_note(note) for note in notes], int(beat * rate))[:length]
        pitch = np.convolve(np.pad(pitch, rate // 40, mode="edge"), np.ones(rate // 20) / (rate // 20), "same")
        pitch = pitch[rate // 40 : rate // 40 + length] * (1 + 0.015 * np.sin(2 * np.pi * 5.5 * time))
        phase = 2 * np.pi * np.cumsum(pitch) / rate
        mixed += sum(0.2 / n**1.2 * np.sin(n * phase) for n in range(1, 8)) * (0.7 + 0.3 * np.sin(2 * np.pi * time))
    return _sound(0.5 * mixed / np.abs(mixed).max())


def stereo(left: Sound, right: Sound) -> Sound:
    length = max(left.shape[1], right.shape[1])
    return np.vstack([np.pad(one[0], (0, length - one.shape[1])) for one in (left, right)])


def joined(*sounds: Sound) -> Sound:
    return np.concatenate(sounds, axis=1)


def encoded(
    sound: Sound, container: str = "wav", codec: str = "pcm_s16le", *, rate: int = RATE, **options: str
) -> bytes:
    """Encode as ffmpeg names it: ("webm", "libopus", live="1"), ("mp4", "aac"), ("mp3", "libmp3lame")."""
    channels = sound.shape[0]
    layout = {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")
    written = io.BytesIO()
    with av.open(written, "w", format=container, options=options) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout)
        frame_size = stream.codec_context.frame_size or 1024
        shaper = av.AudioResampler(stream.format, stream.layout, rate, frame_size=frame_size)
        whole = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T.reshape(1, -1)), format="s16", layout=layout)
        whole.sample_rate = rate
        for frame in [*shaper.resample(whole), *shaper.resample(None)]:
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return written.getvalue()


def speech(name: str) -> Sound:
    """A committed clip of tests/data by its stem, one channel at 16 kHz; tests/data/make_clips.py made it."""
    shaper = av.AudioResampler("s16", "mono", RATE)
    with av.open(str(DATA / f"{name}.ogg")) as file:
        frames = [one for frame in file.decode(audio=0) for one in shaper.resample(frame)] + shaper.resample(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def _sound(wave: NDArray[np.float64]) -> Sound:
    return (np.clip(wave, -1, 1) * 32767).astype(np.int16).reshape(1, -1)


def _note(semitones: float) -> float:
    return float(261.63 * 2 ** (semitones / 12))


def _plucked(hertz: float, since: NDArray[np.float64], *, decay: float) -> NDArray[np.float64]:
    tones = sum(np.sin(2 * np.pi * hertz * n * since) / n**1.5 for n in range(1, 6))
    return np.asarray(np.exp(-decay * since) * np.minimum(1, since / 0.01) * tones)
