"""Where little was said, or heard, the offline writer says less."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.consultations import consultation, note_of, texts

from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.engines.writer.offline.compose import compose
from auscult.trust.grounding import check


@pytest.mark.parametrize("lines", [(), ("U: hello",), ("C: Good morning.", "P: Thank you, doctor."), ("P: ...",)])
async def test_where_nothing_clinical_is_said_the_note_has_no_statement(lines: tuple[str, ...]) -> None:
    body = await note_of(consultation(*lines))
    assert body.statements == ()
    assert body.medications == ()
    assert (body.diagnosis, body.follow_up, body.notes) == ("", "", "")


async def test_a_word_salad_with_clinical_words_in_it_is_not_retold() -> None:
    body = await note_of(consultation("P: the of and fever the to cough bla xyzzy 37 500 mg mg mg metformin"))
    assert body.statements == ()
    assert body.medications == ()


async def test_from_a_badly_heard_long_sentence_no_story_is_made() -> None:
    """What a weak recogniser made of the sample: a clinician would be misled by any of it told as a sentence."""
    body = await note_of(
        consultation(
            "P: i can't have them and thoughtful reply grades like if you've played fever night of the old man",
            "C: your temperature is thirty seven points to and i can't hear some lease on the right side",
            "P: no i thought two years ago",
            demo_quality=True,
        )
    )
    assert texts(body) == []


async def test_hindi_beside_english_is_told_in_the_same_note() -> None:
    transcript = consultation("P: मुझे दो दिन से बुखार है", "P: I have a cough.")
    hindi = transcript.turns[0].model_copy(update={"language": "hi"})
    body = await note_of(transcript.model_copy(update={"turns": (hindi, transcript.turns[1])}))
    assert texts(body) == ["Reports fever for 2 days.", "Reports a cough."]


SPOKEN = (
    "i you my your no not have had any fever cough pain is it the a and but stop start take two 500 mg twice day "
    "metformin penicillin allergic to think infection back week see me in hundred fifty , . ? yes when if"
)
WORDS = st.sampled_from(SPOKEN.split())
LINES = st.lists(st.tuples(st.sampled_from("CPU"), st.lists(WORDS, max_size=20).map(" ".join)), max_size=6)


@given(LINES)
@settings(max_examples=200)
def test_whatever_is_said_every_statement_has_a_source_and_no_number_is_made_up(lines: list[tuple[str, str]]) -> None:
    transcript = consultation(*(f"{who}: {text}" for who, text in lines))
    body = check(compose(Request(transcript=transcript), OfflineWriter().info), transcript)
    assert all(statement.turn_ids for statement in body.statements)
    codes = {flag.code for statement in body.statements for flag in statement.flags}
    codes |= {flag.code for medication in body.medications for flag in medication.flags}
    assert not codes & {"number_not_said", "unit_not_said", "medicine_not_said", "unknown_source", "no_source"}


@given(st.lists(st.text(max_size=200), max_size=4))
@settings(max_examples=100)
def test_no_text_makes_it_fail(texts_: list[str]) -> None:
    transcript = consultation(*(f"U: {text}" for text in texts_))
    compose(Request(transcript=transcript), OfflineWriter().info)


async def test_a_turn_of_a_megabyte_does_not_hold_it_up() -> None:
    started = time.process_time()
    await note_of(consultation("P: " + "i have no and a cough twice " * 40_000, "C: " + "a" * 1_000_000))
    assert time.process_time() - started < 10
