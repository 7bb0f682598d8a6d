"""How a piece of conversation goes is told apart: who asks, who tells, what of, and how often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auscult.engines.writer.offline import manner


def test_asking_and_telling_are_told_apart_by_who_does_it() -> None:
    found = set(manner.marks([(True, "Any fever?"), (False, "No. I had a cough since Monday.")]))
    assert {"c? any>=1", "c? <symptom>>=1", "o no>=1", "o. when>=1", "o. <symptom>>=1"} <= found
    assert not {"o? any>=1", "c. any>=1", "c no>=1", "c. <symptom>>=1"} & found


def test_a_count_gives_every_step_that_it_reaches() -> None:
    found = list(manner.marks([(True, "Any fever? Any cough? Any chills?"), (False, "No.")]))
    assert [mark for mark in found if mark.startswith("c? any")] == ["c? any>=1", "c? any>=2", "c? any>=3"]


def test_what_is_intended_is_told_from_what_was_done() -> None:
    intended = set(manner.marks([(True, "I will refer you to the clinic."), (False, "Okay.")]))
    done = set(manner.marks([(True, "They gave you aspirin in the E R.")]))
    assert {"c. intended>=1", "o heard>=1", "o short>=1"} <= intended
    assert {"c. given>=1", "c. past>=1", "c. place>=1", "c. <medicine>>=1"} <= done
    assert "c. intended>=1" not in done
    assert "c. given>=1" not in intended


def test_the_share_of_each_speaker_is_marked() -> None:
    told = set(manner.marks([(True, "Your scan is clear and the wound heals well."), (False, "Good.")]))
    assert {"told>=0.8", "others>=0.1"} <= told
    assert "others>=0.2" not in told


@given(st.lists(st.tuples(st.booleans(), st.text("abno? .!\u20191\n", max_size=40)), max_size=6))
def test_any_turns_have_each_mark_once_and_the_same_every_time(turns: list[tuple[bool, str]]) -> None:
    found = list(manner.marks(turns))
    assert len(found) == len(set(found))
    assert found == list(manner.marks(turns))


def test_nothing_said_has_no_marks() -> None:
    assert list(manner.marks([])) == []
    assert list(manner.marks([(True, "…")])) == ["c short>=1"]
