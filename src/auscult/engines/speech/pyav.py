"""`Decoder` on PyAV: whatever ffmpeg decodes, to 16 kHz blocks, in bounded memory.

Time comes from the file's timestamps: where they jump ahead (slices that never arrived), silence is put in, so that a
word keeps its moment. Files come from strangers: only sound and video containers that refer to nothing outside
themselves are opened, with bounds on streams, rates and length.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, cast

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from auscult.domain.errors import UnreadableAudioError
from auscult.engines.speech import SAMPLE_RATE, AudioFormat, Bytes, Readable, Samples, endings

BLOCK_SAMPLES: Final = SAMPLE_RATE
MAX_SECONDS: Final = 24 * 3600
"""Longer is a mistake or an attack, not a consultation."""
MAX_GAP_SECONDS: Final = 600.0
"""A longer jump of the clock is taken for a change of clock, and no silence is put in for it."""
MAX_SILENCE_SECONDS: Final = 2 * 3600
"""All the silence that is put in together; a small file must not become an endless one."""
GAP_TOLERANCE: Final = 0.1
"""Seconds; smaller differences are the rounding of container clocks."""
LENGTH_TOLERANCE: Final = 0.5
"""Seconds by which sound may end before the declared length: codec padding and rounding."""
MAX_STREAMS: Final = 32
MAX_CHANNELS: Final = 64
RATES: Final = range(4_000, 768_001)

# Containers whose demuxer opens nothing but the bytes given: no playlists, no image sequences, no scripts.
_CONTAINERS: Final = (
    "matroska,webm,ogg,mov,mp4,m4a,3gp,wav,w64,mp3,flac,aac,aiff,amr,amrnb,amrwb,asf,avi,au,caf,flv,mpeg,mpegts,"
    "ac3,eac3,dts,wv,ape,tta,gsm,loas,latm,oma,voc,sln,rm,nut,mpc,mpc8,tak,opus"
)
_OPEN_OPTIONS: Final = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "none", "max_streams": str(MAX_STREAMS)}
_LENGTH_IS_A_GUESS: Final = frozenset({"aac", "amr", "amrnb", "amrwb", "ac3", "eac3", "dts", "mpeg", "mpegts", "loas"})


class PyavDecoder:
    """Opens recordings with PyAV; holds no state, so one serves every thread."""

    def open(self, source: Readable) -> PyavDecoding:
        """Open a recording: a seekable `Bytes`, or a `Readable` that is still growing (waits for its first bytes).

        Raises `UnreadableAudioError` when it is empty, is no audio or is beyond the bounds of this module.
        """
        seekable = cast(Bytes, source) if hasattr(source, "seek") and hasattr(source, "tell") else None
        if seekable is not None and endings.size_of(seekable) == 0:
            raise UnreadableAudioError("The recording is empty: it holds zero bytes.")
        head = endings.head_of(seekable) if seekable is not None else b""
        try:
            container = av.open(source, "r", options=_OPEN_OPTIONS)
        except (av.error.FFmpegError, ValueError) as error:
            raise _unreadable(head) from error
        try:
            return PyavDecoding(container, _audio_stream(container), seekable)
        except BaseException:
            container.close()
            raise


def _unreadable(head: bytes) -> UnreadableAudioError:
    if head[4:8] == b"ftyp":
        return UnreadableAudioError(
            "The recording's index is missing: this MP4 was not completely written or sent.",
            remedy="Send the file again, complete; if the recorder was interrupted, record as WebM, which survives it.",
        )
    if head and all(32 <= byte < 127 or byte in b"\r\n\t" for byte in head):
        return UnreadableAudioError("The file holds text, not sound, whatever its name says.")
    return UnreadableAudioError("The file is not a sound recording, or is too damaged to read.")


def _audio_stream(container: InputContainer) -> AudioStream:
    if len(container.streams) > MAX_STREAMS:
        raise UnreadableAudioError(f"The file holds more than {MAX_STREAMS} streams.")
    if not container.streams.audio:
        raise UnreadableAudioError("The file holds no sound: it has pictures or data only.")
    stream = cast(AudioStream, container.streams.best("audio") or container.streams.audio[0])
    rate, channels = stream.rate or 0, stream.channels
    if rate not in RATES or not 1 <= channels <= MAX_CHANNELS:
        raise UnreadableAudioError("The recording's sample rate or number of channels is not one that sound can have.")
    return stream


class PyavDecoding:
    """One recording being decoded. `blocks` may be iterated once; closing the iterator closes the file."""

    def __init__(self, container: InputContainer, stream: AudioStream, seekable: Bytes | None) -> None:
        self._container = container
        self._stream = stream
        self._seekable = seekable
        self._format = AudioFormat(stream.codec_context.name, stream.rate, stream.channels)
        self._channels = 2 if stream.channels == 2 else 1
        self._down = _DownMix() if stream.channels > 2 else None
        self._resampler: AudioResampler | None = None
        self._shape: tuple[str, str, int] | None = None
        self._base: float | None = None
        self._emitted = 0
        self._silence = 0.0
        self._lost_the_end = False
        self._last_block: tuple[int, int] | None = None
        self._laced = False
        self._truncated = False

    @property
    def format(self) -> AudioFormat:
        """What the container holds: its codec, and the rate and channels before conversion."""
        return self._format

    @property
    def truncated(self) -> bool:
        """After the last block: the bytes ended before the sound did."""
        return self._truncated

    def blocks(self) -> Iterator[Samples]:
        """Yield blocks of one second, int16 of shape (1 or 2, n), at 16 kHz; more than two channels become one.

        Raises `UnreadableAudioError` when nothing could be decoded or the sound is longer than a day.
        """
        pending: list[Samples] = []
        held = 0
        try:
            for piece in self._pieces():
                pending.append(piece)
                held += piece.shape[1]
                if held >= BLOCK_SAMPLES:
                    whole = np.concatenate(pending, axis=1)
                    cut = held - held % BLOCK_SAMPLES
                    yield from np.split(whole[:, :cut], cut // BLOCK_SAMPLES, axis=1)
                    pending, held = [whole[:, cut:]], held - cut
            if held:
                yield np.concatenate(pending, axis=1)
            if not self._emitted:
                raise UnreadableAudioError("The recording holds no sound that can be decoded.")
            self._truncated = self._cut()
        finally:
            self._container.close()

    def _pieces(self) -> Iterator[Samples]:
        for frame in self._frames():
            for samples in self._converted(frame):
                if gap := self._gap(frame, samples.shape[1]):
                    yield from self._quiet(gap)
                self._emitted += samples.shape[1]
                if self._emitted > MAX_SECONDS * SAMPLE_RATE:
                    raise UnreadableAudioError("The recording is longer than a day.")
                yield samples
        for samples in self._flush():
            self._emitted += samples.shape[1]
            yield samples

    def _frames(self) -> Iterator[AudioFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet: Packet[Any] | None = next(packets, None)
            except (av.error.FFmpegError, ValueError):
                self._lost_the_end = True
                return
            if packet is None:
                return
            if packet.pos is not None and packet.size:
                # Several packets in one block have bytes between them that only the demuxer knows of.
                self._laced = self._laced or (self._last_block is not None and self._last_block[0] == packet.pos)
                self._last_block = (packet.pos, packet.size)
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError):
                # One damaged packet is skipped; if it is the last, the end is lost.
                self._lost_the_end = True
                continue
            if frames:
                self._lost_the_end = packet.is_corrupt
            yield from cast(list[AudioFrame], frames)

    def _converted(self, frame: AudioFrame) -> list[Samples]:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        out: list[Samples] = []
        if self._resampler is None or shape != self._shape:
            if shape[2] not in RATES or not 1 <= frame.layout.nb_channels <= MAX_CHANNELS:
                return []
            out += self._flush()
            layout: Any = frame.layout if self._down else ("stereo" if self._channels == 2 else "mono")
            self._resampler, self._shape = AudioResampler("s16", layout, SAMPLE_RATE), shape
        return out + [self._plain(one) for one in self._resampler.resample(frame) if one.samples]

    def _flush(self) -> list[Samples]:
        resampler, self._resampler = self._resampler, None
        if resampler is None:
            return []
        with suppress(av.error.FFmpegError, ValueError):
            return [self._plain(one) for one in resampler.resample(None) if one.samples]
        return []

    def _plain(self, frame: AudioFrame) -> Samples:
        # Interleaved on purpose: PyAV 18 reads past the planes of a planar frame with more than eight channels.
        samples = cast(Samples, frame.to_ndarray()).reshape(-1, frame.layout.nb_channels).T
        return self._down.mix(samples) if self._down else samples

    def _gap(self, frame: AudioFrame, length: int) -> float:
        """Seconds of silence that belong before this frame, by the file's clock."""
        if frame.pts is None or frame.time_base is None:
            return 0.0
        said = float(frame.pts * frame.time_base)
        here = self._emitted / SAMPLE_RATE
        if self._base is None:
            self._base = said - here
        gap = said - self._base - here
        # The resampler holds a few samples back, so a frame may come out a little behind its own time.
        if gap <= GAP_TOLERANCE + length / SAMPLE_RATE and gap >= -1.0:
            return 0.0
        if 0 < gap <= MAX_GAP_SECONDS and self._silence + gap <= MAX_SILENCE_SECONDS:
            self._silence += gap
            return gap
        self._base = said - here
        return 0.0

    def _quiet(self, seconds: float) -> Iterator[Samples]:
        left = round(seconds * SAMPLE_RATE)
        while left > 0:
            length = min(left, BLOCK_SAMPLES)
            self._emitted += length
            left -= length
            yield np.zeros((self._channels, length), np.int16)

    def _cut(self) -> bool:
        if self._lost_the_end:
            return True
        heard = self._emitted / SAMPLE_RATE
        declared = self._declared_seconds()
        if declared is not None and heard < declared - LENGTH_TOLERANCE:
            return True
        if self._seekable is None:
            return False
        name = self._container.format.name
        if name == "wav":
            return endings.wav_cut(self._seekable)
        if name == "ogg":
            return endings.ogg_cut(self._seekable)
        if "webm" in name and self._last_block is not None and not self._laced:
            return endings.webm_cut(self._seekable, *self._last_block)
        return False

    def _declared_seconds(self) -> float | None:
        """How long the container says it is, where it knows and does not guess."""
        name = self._container.format.name
        if name in _LENGTH_IS_A_GUESS or (
            name == "mp3" and (self._seekable is None or not endings.mp3_length_is_declared(self._seekable))
        ):
            return None
        if self._stream.duration is not None and self._stream.time_base is not None:
            return float(self._stream.duration * self._stream.time_base)
        if len(self._container.streams) > 1 or self._container.duration is None:
            return None  # the length of a video is not that of its sound
        return self._container.duration / av.time_base


class _DownMix:
    """Many channels to one: their sum over the number that carry sound, so that eleven silent ones cost nothing."""

    _AUDIBLE: Final = 0.05
    """Share of the loudest channel's level from which a channel counts as carrying sound."""

    def __init__(self) -> None:
        self._loudest: np.ndarray[Any, np.dtype[np.float64]] | None = None

    def mix(self, samples: Samples) -> Samples:
        wide = samples.astype(np.float64)
        level = np.sqrt((wide**2).mean(axis=1))
        self._loudest = (
            level if self._loudest is None or len(self._loudest) != len(level) else np.maximum(self._loudest, level)
        )
        audible = max(1, int((self._loudest > self._AUDIBLE * self._loudest.max()).sum()))
        mixed: Samples = np.clip(wide.sum(axis=0, keepdims=True) / audible, -32768, 32767).astype(np.int16)
        return mixed
