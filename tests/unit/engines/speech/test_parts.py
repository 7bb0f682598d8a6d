"""Parts are cut where nobody speaks, and nothing is lost between them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.engines.speech import Region
from auscult.engines.speech.parts import plan_parts


@st.composite
def recordings(draw):
    at, found = 0.0, []
    for pause, length in draw(st.lists(st.tuples(st.floats(0.1, 30), st.floats(0.1, 90)), max_size=30)):
        found.append(Region(at + pause, at + pause + length))
        at = found[-1].end
    return found


@given(recordings(), st.floats(1, 120))
def test_no_speech_is_lost_and_none_is_in_two_parts(regions, longest):
    pieces = [piece for part in plan_parts(regions, longest) for piece in part]

    assert pieces == sorted(pieces, key=lambda piece: piece.start)
    assert sum(one.end - one.start for one in pieces) == pytest.approx(sum(one.end - one.start for one in regions))
    assert all(any(one.start <= piece.start and piece.end <= one.end for one in regions) for piece in pieces)
    assert all(later.start >= earlier.end for earlier, later in itertools.pairwise(pieces))


@given(recordings(), st.floats(1, 120))
def test_no_part_is_longer_than_allowed(regions, longest):
    assert all(part[-1].end - part[0].start <= longest + 1e-6 for part in plan_parts(regions, longest))


@given(recordings(), st.floats(1, 120))
def test_speech_is_cut_only_where_one_region_alone_is_too_long(regions, longest):
    pieces = {piece for part in plan_parts(regions, longest) for piece in part}

    assert all(region in pieces for region in regions if region.end - region.start <= longest)


def test_a_part_ends_at_the_longest_pause_and_not_where_it_happens_to_be_full():
    regions = [Region(0, 10), Region(11, 20), Region(25, 30), Region(30.5, 38), Region(38.5, 45)]

    assert [len(part) for part in plan_parts(regions, 40)] == [2, 3]


def test_no_speech_gives_no_part_and_a_part_needs_a_length():
    assert plan_parts([], 30) == []
    with pytest.raises(ValueError):
        plan_parts([Region(0, 1)], 0)
