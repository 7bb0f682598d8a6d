"""The estimate of a wait: nothing where somebody is free, more for each who is before, less for each at work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain.queue import FOLLOWS, QueueStatus
from auscult.domain.queue_wait import LONGEST, SHORTEST, USUAL, consultation_minutes, estimated_wait

MINUTES = st.lists(st.floats(min_value=0, max_value=600, allow_nan=False), max_size=30)


def test_nobody_waits_for_a_clinician_who_is_free() -> None:
    assert estimated_wait(0, [], clinicians=1, busy=0) == 0
    assert estimated_wait(1, [], clinicians=3, busy=1) == 0


def test_one_clinician_who_sees_somebody_is_half_through_in_the_mean() -> None:
    assert estimated_wait(0, [], clinicians=1, busy=1) == pytest.approx(USUAL / 2)
    assert estimated_wait(2, [], clinicians=1, busy=1) == pytest.approx(2.5 * USUAL)


def test_two_clinicians_halve_the_queue() -> None:
    assert estimated_wait(4, [], clinicians=2, busy=2) == pytest.approx(USUAL / 3 + 2 * USUAL)


def test_a_clinic_without_anybody_at_work_is_told_as_with_one() -> None:
    assert estimated_wait(3, [], clinicians=0, busy=0) == pytest.approx(3 * USUAL)


def test_the_mean_leans_to_the_usual_until_a_clinic_has_shown_its_own() -> None:
    assert consultation_minutes([]) == USUAL
    assert USUAL < consultation_minutes([30.0]) < 30
    assert consultation_minutes([20.0] * 20) == pytest.approx((3 * USUAL + 400) / 23)
    assert consultation_minutes([99999.0] * 20) < LONGEST
    assert consultation_minutes([0.0] * 20) > SHORTEST


@given(st.integers(0, 500), MINUTES, st.integers(0, 20), st.integers(0, 20))
def test_it_never_falls_with_more_before_and_never_is_less_than_nothing(
    before: int, minutes: list[float], clinicians: int, busy: int
) -> None:
    one = estimated_wait(before, minutes, clinicians=clinicians, busy=min(busy, clinicians))
    other = estimated_wait(before + 1, minutes, clinicians=clinicians, busy=min(busy, clinicians))
    assert 0 <= one <= other


def test_every_status_has_what_may_follow_it_and_completed_is_the_end() -> None:
    assert set(FOLLOWS) == set(QueueStatus)
    assert FOLLOWS[QueueStatus.COMPLETED] == frozenset()
    assert all(status not in follows for status, follows in FOLLOWS.items())
