"""When another attempt is made, how long is waited for it, and what is remembered of the one before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain import errors
from auscult.domain.errors import AuscultError, ConflictError, EngineFailedError, NoSpeechError, UnavailableError
from auscult.stores.jobs import RetryPolicy
from auscult.stores.jobs.retrying import FINAL_ERRORS, error_of, failure_of, is_final

OURS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AuscultError)]


def test_the_wait_doubles_with_each_failed_attempt_up_to_the_cap():
    policy = RetryPolicy(base=2.0, cap=10.0)
    assert [policy.delay(attempt, 1.0) for attempt in (1, 2, 3, 4, 5)] == [2.0, 4.0, 8.0, 10.0, 10.0]


def test_jitter_spreads_the_wait_over_the_whole_range():
    policy = RetryPolicy(base=2.0)
    assert policy.delay(2, 0.0) == 0.0
    assert policy.delay(2, 0.25) == 1.0


@given(attempt=st.integers(1, 60), chance=st.floats(0, 1, exclude_max=True), base=st.floats(0.01, 10))
def test_no_wait_is_negative_or_longer_than_the_cap(attempt: int, chance: float, base: float):
    policy = RetryPolicy(base=base, cap=60.0)
    assert 0.0 <= policy.delay(attempt, chance) <= min(60.0, base * 2.0 ** (attempt - 1))


@pytest.mark.parametrize("kind", FINAL_ERRORS)
def test_what_only_a_person_can_change_is_not_tried_again(kind: type[AuscultError]):
    assert is_final(kind("it is so"))


@pytest.mark.parametrize(
    "error", [EngineFailedError("x"), UnavailableError("x"), ConflictError("x"), ValueError("x"), OSError(28, "full")]
)
def test_what_may_pass_is_tried_again(error: Exception):
    assert not is_final(error)


def test_an_error_may_say_itself_whether_it_is_final():
    error, other = EngineFailedError("out of credit"), NoSpeechError("too early")
    error.final, other.final = True, False  # type: ignore[attr-defined]  # any error may carry the attribute
    assert is_final(error)
    assert not is_final(other)


def test_a_strangers_message_is_not_kept_because_it_may_quote_a_patient():
    failure = failure_of(ValueError("could not parse 'Ram Sharma takes metformin'"))
    assert "Ram" not in failure.model_dump_json()
    assert "ValueError" in failure.reason
    assert failure.remedy


@pytest.mark.parametrize("kind", OURS)
def test_our_errors_come_back_as_they_were(kind: type[AuscultError]):
    rebuilt = error_of(failure_of(kind("what happened", remedy="what to do")))
    assert type(rebuilt) is kind
    assert (rebuilt.reason, rebuilt.remedy) == ("what happened", "what to do")


def test_an_error_of_a_newer_release_comes_back_as_the_root_of_ours():
    failure = failure_of(NoSpeechError("silence")).model_copy(update={"code": "not_invented_yet"})
    assert type(error_of(failure)) is AuscultError
