"""Ten minutes, in parts, with the real recogniser: heard as well as a minute and a half, and nothing lost between."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import av
import numpy as np
import pytest

from auscult.evaluation.word_error import compare, normalise
from auscult.knowledge import sample
from auscult.scribe_once import Scribed, scribe_once
from auscult.settings import Settings
from tests.support.audio import RATE, Sound, encoded, joined, silence

TIMES = 7
PAUSE = 3.0
"""Seconds between two consultations."""


def consultation() -> Sound:
    """The bundled consultation as samples."""
    shaper = av.AudioResampler("s16", "mono", RATE)
    with av.open(io.BytesIO(sample.audio())) as file:
        frames = [one for frame in file.decode(audio=0) for one in shaper.resample(frame)] + shaper.resample(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


async def scribed(folder: Path, sound: Sound) -> Scribed:
    settings = Settings(data=folder, speech="sphinx")
    return await scribe_once(
        settings, encoded(sound, "webm", "libopus"), name="visit.webm", language="auto", tell=lambda _line: None
    )


@pytest.mark.full
@pytest.mark.timeout(2400)
async def test_ten_minutes_in_parts_are_heard_as_well_as_one_short_visit(tmp_path: Path) -> None:
    visit = consultation()
    alone = await scribed(tmp_path / "alone", visit)
    one_rate = compare(sample.spoken_text(), alone.transcript.text).rate

    length = visit.shape[1] / RATE + PAUSE
    long = await scribed(tmp_path / "long", joined(*[visit, silence(PAUSE)] * TIMES))

    assert long.recording.duration == pytest.approx(TIMES * length, abs=1)
    assert long.recording.duration > 600
    assert long.recording.part_count >= 5, "120 s a part at most"
    rate = compare(" ".join([sample.spoken_text()] * TIMES), long.transcript.text).rate
    assert rate == pytest.approx(one_rate, abs=0.05)

    turns = long.transcript.turns
    assert all(later.start >= earlier.end for earlier, later in itertools.pairwise(turns)), "in order, without overlap"
    words = [word for turn in turns for word in turn.words]
    assert all(later.start >= earlier.end - 0.02 for earlier, later in itertools.pairwise(words)), "no word twice"
    heard_alone = len(normalise(alone.transcript.text))
    for number in range(TIMES):  # wherever the parts were cut: each repetition is there, whole
        inside = [word.text for word in words if number * length <= word.start < (number + 1) * length]
        assert len(normalise(" ".join(inside))) == pytest.approx(heard_alone, rel=0.08)

    assert long.note is not None
    assert long.note.body.statements
    known = {turn.id for turn in turns}
    for statement in long.note.body.statements:
        cited = {turn for source in statement.sources for turn in getattr(source, "turn_ids", ())}
        assert cited, statement.id
        assert cited <= known
