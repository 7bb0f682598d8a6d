"""Parts are cut where nobody speaks, nothing is lost between them, and they do not depend on when speech was found."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.engines.speech import Region
from auscult.engines.speech.parts import PartPlanner, Union, plan_parts


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


@given(recordings(), st.floats(1, 120), st.data())
def test_parts_planned_while_people_talk_are_those_planned_at_the_end(regions, longest, data):
    """Whatever comes together, and however late the planner is told that nobody spoke."""
    planner = PartPlanner(longest)
    parts, fed = [], 0
    while fed < len(regions):
        until = data.draw(st.integers(fed, len(regions)))
        latest = regions[until].start if until < len(regions) else regions[-1].end + 500
        settled = data.draw(st.floats(0, latest))
        parts += planner.feed(regions[fed:until], settled=settled)
        fed = until

    assert parts + planner.feed([], settled=math.inf) == plan_parts(regions, longest)


@given(recordings(), recordings(), st.data())
def test_speech_in_two_channels_is_merged_alike_whenever_it_is_found(left, right, data):
    sides = sorted([*left, *right], key=lambda one: one.start)
    union, merged, fed = Union(), [], 0
    while fed < len(sides):
        until = data.draw(st.integers(fed, len(sides)))
        latest = sides[until].start if until < len(sides) else sides[-1].end
        merged += union.feed(sides[fed:until], settled=data.draw(st.floats(0, latest)))
        fed = until
    merged += union.feed([], settled=math.inf)

    assert merged == Union().feed(sides, settled=math.inf)
    assert all(later.start > earlier.end for earlier, later in itertools.pairwise(merged))
    assert all(any(one.start <= side.start and side.end <= one.end for one in merged) for side in sides)


def test_a_part_is_closed_as_soon_as_nothing_can_join_it():
    planner = PartPlanner(40)

    assert planner.feed([Region(0, 10), Region(12, 30)], settled=39) == []
    assert planner.open_since == 0
    assert planner.feed([], settled=41) == [[Region(0, 10), Region(12, 30)]]
    assert planner.open_since is None


def test_a_part_waits_while_a_pause_that_has_begun_may_become_the_longest():
    planner = PartPlanner(40)

    assert planner.feed([Region(0, 25), Region(31, 39)], settled=41) == []
    assert planner.feed([Region(42, 50)]) == [[Region(0, 25)]]
    assert planner.feed([], settled=math.inf) == [[Region(31, 39), Region(42, 50)]]


def test_a_part_ends_at_the_longest_pause_and_not_where_it_happens_to_be_full():
    regions = [Region(0, 10), Region(11, 20), Region(25, 30), Region(30.5, 38), Region(38.5, 45)]

    assert [len(part) for part in plan_parts(regions, 40)] == [2, 3]


def test_no_speech_gives_no_part_and_a_part_needs_a_length():
    assert plan_parts([], 30) == []
    with pytest.raises(ValueError):
        plan_parts([Region(0, 1)], 0)
