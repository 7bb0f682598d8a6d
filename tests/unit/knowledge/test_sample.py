"""The bundled consultation is whole: its script, its sound, and the times that join them."""

from __future__ import annotations

import io
from itertools import pairwise

import av

from auscult.domain.transcript import Speaker
from auscult.knowledge import sample


def test_the_sound_is_mono_opus_in_webm_and_as_long_as_the_script_says() -> None:
    with av.open(io.BytesIO(sample.audio())) as container:
        stream = container.streams.audio[0]
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
        assert (stream.codec_context.name, stream.codec_context.channels) in {("libopus", 1), ("opus", 1)}
    assert sample.CONTENT_TYPE == "audio/webm"
    assert 80 <= seconds <= 100
    assert sample.turns()[-1].end < seconds < sample.turns()[-1].end + 2


def test_turns_follow_each_other_with_a_pause_and_both_people_speak() -> None:
    turns = sample.turns()
    assert [turn.id for turn in turns] == [f"t{number}" for number in range(1, len(turns) + 1)]
    assert {turn.speaker for turn in turns} == {Speaker.CLINICIAN, Speaker.PATIENT}
    assert all(before.end + 0.3 <= after.start for before, after in pairwise(turns))


def test_the_spoken_text_is_all_that_is_said() -> None:
    assert sample.spoken_text().startswith("Good morning")
    assert sample.spoken_text().endswith("Thank you, doctor.")
    assert sample.title()
