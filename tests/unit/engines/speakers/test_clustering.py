"""Splitting voices: two, one, none, and the ones too short to tell."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from auscult.engines.speakers.clustering import split


def voice(direction: int, wobble: int) -> NDArray[np.float32]:
    vector = np.random.default_rng(wobble).normal(0, 0.02, 64)
    vector[direction] += 1.0
    vector += 0.02
    return (vector / np.linalg.norm(vector)).astype(np.float32)


NOBODY = np.zeros(64, np.float32)


def test_two_voices_are_numbered_by_first_appearance() -> None:
    voices = [voice(9, 1), voice(3, 2), voice(9, 3), voice(3, 4)]
    assert split(voices, [2.0] * 4) == [0, 1, 0, 1]
    assert split(voices[1:], [2.0] * 3) == [0, 1, 0]


def test_one_voice_is_one_label() -> None:
    assert split([voice(3, n) for n in range(6)], [2.0] * 6) == [0] * 6


def test_a_segment_without_a_voice_takes_its_neighbours_label() -> None:
    voices = [voice(9, 1), voice(3, 2), NOBODY, voice(3, 3)]
    assert split(voices, [2.0, 2.0, 0.2, 2.0]) == [0, 1, 1, 1]


def test_nobody_one_segment_and_nothing_at_all_are_answered() -> None:
    assert split([], []) == []
    assert split([voice(1, 1)], [2.0]) == [0]
    assert split([NOBODY, NOBODY], [1.0, 1.0]) == [0, 0]


def test_short_segments_do_not_make_a_second_voice() -> None:
    voices = [voice(3, n) for n in range(4)] + [voice(9, 5)]
    assert split(voices, [3.0, 3.0, 3.0, 3.0, 0.3]) == [0] * 5


@given(st.lists(st.tuples(st.sampled_from([0, 1, None]), st.floats(0, 20)), max_size=30))
@settings(max_examples=50)
def test_any_mixture_gets_one_label_a_segment_starting_from_zero(mixture: list[tuple[int | None, float]]) -> None:
    voices = [NOBODY if who is None else voice(5 + who, n) for n, (who, _length) in enumerate(mixture)]
    labels = split(voices, [length for _who, length in mixture])
    assert len(labels) == len(mixture)
    assert set(labels) <= {0, 1}
    assert not labels or labels[0] == 0
