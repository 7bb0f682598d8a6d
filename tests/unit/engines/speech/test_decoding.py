"""What can be read, and what is said of what cannot."""

from __future__ import annotations

import io
import struct
import threading
import tracemalloc

import numpy as np
import pytest
from tests.support import audio

from auscult.domain.errors import CancelledError, UnreadableAudioError
from auscult.engines.speech import SAMPLE_RATE
from auscult.engines.speech.growing import GrowingBytes
from auscult.engines.speech.pyav import PyavDecoder, PyavDecoding
from auscult.knowledge import sample

FORMATS = [
    ("wav", "pcm_s16le", {}),
    ("webm", "libopus", {}),
    ("webm", "libopus", {"live": "1"}),
    ("ogg", "libopus", {}),
    ("mp4", "aac", {}),
    ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
    ("adts", "aac", {}),
    ("mp3", "libmp3lame", {}),
    ("flac", "flac", {}),
]
IDS = [f"{container}-{codec}-{'-'.join(options)}" for container, codec, options in FORMATS]


def decoded(data: bytes) -> tuple[np.ndarray, PyavDecoding]:
    opened = PyavDecoder().open(io.BytesIO(data))
    return np.concatenate(list(opened.blocks()), axis=1), opened


@pytest.mark.parametrize(("container", "codec", "options"), FORMATS, ids=IDS)
def test_every_common_format_gives_its_sound_at_16_khz(container, codec, options):
    heard, opened = decoded(audio.encoded(audio.tone(5, rate=48_000), container, codec, rate=48_000, **options))

    assert heard.dtype == np.int16
    assert heard.shape[0] == 1
    assert heard.shape[1] == pytest.approx(5 * SAMPLE_RATE, abs=0.1 * SAMPLE_RATE)
    assert abs(_pitch(heard[0]) - 440) < 5
    assert opened.format.sample_rate == 48_000
    assert opened.truncated is False


@pytest.mark.parametrize(("container", "codec", "options"), FORMATS, ids=IDS)
def test_what_was_captured_before_a_file_was_cut_off_is_used_and_it_is_said(container, codec, options):
    whole = audio.encoded(audio.tone(20, rate=48_000), container, codec, rate=48_000, **options)
    cut = whole[: int(len(whole) * 0.6) + 1]
    if container == "mp4" and not options:
        with pytest.raises(UnreadableAudioError, match="index is missing"):
            decoded(cut)
        return

    heard, opened = decoded(cut)

    assert heard.shape[1] == pytest.approx(12 * SAMPLE_RATE, abs=1.5 * SAMPLE_RATE)
    assert opened.truncated is True


def test_a_live_webm_that_stops_between_two_blocks_is_not_called_truncated():
    """MediaRecorder's files end like this when the browser dies: nothing was lost but the slice never made."""
    whole = audio.encoded(audio.tone(10, rate=48_000), "webm", "libopus", rate=48_000, live="1")
    ends = [at for at in range(len(whole) // 2, len(whole)) if whole[at : at + 1] == b"\xa3"]

    verdicts = {at: decoded(whole[:at])[1].truncated for at in ends[:40]}

    assert False in verdicts.values()
    assert decoded(whole[: next(at for at, cut in verdicts.items() if not cut) + 5])[1].truncated


def test_the_bundled_sample_is_read_whole():
    heard, opened = decoded(sample.audio())

    assert opened.truncated is False
    assert heard.shape[1] / SAMPLE_RATE == pytest.approx(sample.turns()[-1].end, abs=2)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000])
def test_any_sample_rate_becomes_16_khz(rate):
    heard, opened = decoded(audio.encoded(audio.tone(2, rate=rate), rate=rate))

    assert heard.shape[1] == pytest.approx(2 * SAMPLE_RATE, abs=200)
    assert abs(_pitch(heard[0]) - 440) < 5
    assert opened.format.sample_rate == rate


def test_two_channels_stay_apart():
    heard, _ = decoded(audio.encoded(audio.stereo(audio.tone(2, 300), audio.tone(2, 1200))))

    assert heard.shape[0] == 2
    assert abs(_pitch(heard[0]) - 300) < 5
    assert abs(_pitch(heard[1]) - 1200) < 5


@pytest.mark.parametrize("channels", [3, 6, 12])
def test_many_channels_become_one_and_the_silent_ones_cost_no_loudness(channels):
    wide = np.zeros((channels, 2 * SAMPLE_RATE), np.int16)
    wide[channels - 1] = audio.tone(2)[0]

    heard, opened = decoded(audio.encoded(wide))

    assert opened.format.channels == channels
    assert heard.shape[0] == 1
    assert np.abs(heard).max() == pytest.approx(np.abs(wide).max(), rel=0.05)


def test_the_sound_track_of_a_video_is_taken():
    heard, opened = decoded(_video(with_sound=True))

    assert opened.truncated is False
    assert heard.shape[1] == pytest.approx(2 * SAMPLE_RATE, abs=2_000)


def _png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(200)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "zero bytes"),
        (b"Dear doctor, this is only a letter.\n" * 100, "holds text"),
        (np.random.default_rng(0).bytes(50_000), "not a sound recording"),
        (_png(), "not a sound recording"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "holds text"),
        (b"ffconcat version 1.0\nfile /etc/hostname\n", "holds text"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "not a sound recording|no sound"),
    ],
    ids=["empty", "letter", "random", "image", "playlist", "concat script", "header only"],
)
def test_what_is_no_recording_is_refused_with_a_reason(data, reason):
    with pytest.raises(UnreadableAudioError, match=reason) as refused:
        decoded(data)
    assert refused.value.remedy


def test_a_video_without_sound_is_refused_with_a_reason():
    with pytest.raises(UnreadableAudioError, match="holds no sound"):
        decoded(_video(with_sound=False))


def test_a_wav_without_samples_is_refused():
    with pytest.raises(UnreadableAudioError):
        decoded(audio.encoded(audio.tone(0.001))[:44])


def test_a_sample_rate_that_cannot_be_is_refused():
    data = bytearray(audio.encoded(audio.tone(1)))
    data[24:28] = struct.pack("<I", 4_000_000_000)
    with pytest.raises(UnreadableAudioError):
        decoded(bytes(data))


def test_a_gap_in_the_clock_becomes_silence_so_that_words_keep_their_moment():
    """A slice that never arrived leaves a jump in the timestamps."""
    live = audio.encoded(
        audio.tone(30, rate=48_000), "webm", "libopus", rate=48_000, live="1", cluster_time_limit="1000"
    )
    clusters = [at for at in range(len(live)) if live[at : at + 4] == b"\x1f\x43\xb6\x75"]
    lost = live[: clusters[10]] + live[clusters[15] :]

    heard, _ = decoded(lost)

    assert heard.shape[1] == pytest.approx(30 * SAMPLE_RATE, abs=0.3 * SAMPLE_RATE)
    seconds = np.abs(heard[0][: 30 * SAMPLE_RATE]).reshape(30, -1).max(axis=1)
    assert (seconds == 0).sum() >= 3
    assert seconds[25] > 1000


def test_a_recording_is_decoded_while_it_is_still_being_made():
    whole = audio.encoded(
        audio.tone(8, rate=48_000), "webm", "libopus", rate=48_000, live="1", cluster_time_limit="500"
    )
    growing = GrowingBytes()
    blocks: list[np.ndarray] = []
    first = threading.Event()

    def decode() -> None:
        for block in PyavDecoder().open(growing).blocks():
            blocks.append(block)
            first.set()

    decoding = threading.Thread(target=decode)
    decoding.start()
    half = len(whole) * 3 // 4
    for at in range(0, half, 1000):
        growing.write(whole[at : min(half, at + 1000)])
    assert first.wait(20), "sound comes out before the recording has ended"
    growing.write(whole[half:])
    growing.close()
    decoding.join(20)

    assert sum(block.shape[1] for block in blocks) == pytest.approx(8 * SAMPLE_RATE, abs=2000)


def test_discarding_a_growing_recording_stops_its_decoder():
    growing = GrowingBytes()
    growing.write(audio.encoded(audio.tone(2, rate=48_000), "webm", "libopus", rate=48_000, live="1")[:3000])
    stopped: list[BaseException] = []

    def decode() -> None:
        try:
            list(PyavDecoder().open(growing).blocks())
        except CancelledError as error:
            stopped.append(error)

    decoding = threading.Thread(target=decode)
    decoding.start()
    growing.abort()
    decoding.join(20)

    assert stopped


def test_memory_does_not_grow_with_length():
    data = audio.encoded(audio.silence(600), "flac", "flac")
    tracemalloc.start()
    for _ in PyavDecoder().open(io.BytesIO(data)).blocks():
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4_000_000, "ten minutes of samples would be 19 MB"


def _pitch(samples: np.ndarray) -> float:
    middle = samples[len(samples) // 4 : 3 * len(samples) // 4].astype(float)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(spectrum.argmax() * SAMPLE_RATE / len(middle))


def _video(*, with_sound: bool) -> bytes:
    import av

    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as file:
        pictures = file.add_stream("mpeg4", rate=10)
        pictures.width = pictures.height = 64
        pictures.pix_fmt = "yuv420p"
        sound = file.add_stream("aac", rate=16_000, layout="mono") if with_sound else None
        for number in range(20):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number * 10, np.uint8), format="rgb24")
            file.mux(pictures.encode(picture))
        file.mux(pictures.encode(None))
        if sound is not None:
            shaper = av.AudioResampler(sound.format, sound.layout, 16_000, frame_size=1024)
            frame = av.AudioFrame.from_ndarray(audio.tone(2), format="s16", layout="mono")
            frame.sample_rate = 16_000
            for one in [*shaper.resample(frame), *shaper.resample(None)]:
                file.mux(sound.encode(one))
            file.mux(sound.encode(None))
    return written.getvalue()
