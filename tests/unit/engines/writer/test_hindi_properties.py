"""Whatever is said in Hindi, nothing is made up of it."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.consultations import consultation
from tests.support.hindi import body_of

from auscult.engines.writer.offline.hindi import read_hindi
from auscult.engines.writer.offline.hindi_rendering import in_hindi, sentence_in_hindi
from auscult.knowledge.numerals import numbers_in
from auscult.trust.grounding import MEDICINE, NEGATION, NO_SOURCE, NUMBER, UNIT, UNKNOWN_SOURCE, check

SPOKEN = (
    "mujhe aapko meri maa ko do teen din se hafte bukhar khansi pet mein dard ulti dast nahi na haan ji hai tha ho "
    "raha aur ya lekin agar to kab kya Dolo 650 500 mg goli din baar subah raat khane ke baad lijiye mat band "
    "allergy penicillin BP 130/80 sugar jaanch karwa aaiye baad , . ? मुझे दो दिन से बुखार है नहीं पेट में दर्द "
    "डोलो सुबह शाम खाने के बाद लीजिए मत आइए I have a cough no yes any fever twice a day since yesterday 2 १० "
    "साढ़े saadhe sau hafta tablet bhi ki dawa leta hoon kal parso pehle tak liye har ghante mein"
)
WORDS = st.sampled_from(SPOKEN.split())
LINES = st.lists(st.tuples(st.sampled_from("CPU"), st.lists(WORDS, max_size=14).map(" ".join)), max_size=6)
FAULTS = {NO_SOURCE, UNKNOWN_SOURCE, NUMBER, UNIT, MEDICINE, NEGATION}


@settings(max_examples=150)
@example([("C", "mujhe"), ("C", "na na BP")]).via("a na among English words")
@example([("C", "mujhe cough"), ("P", "na")]).via("a na as the whole answer")
@given(LINES)
def test_no_number_unit_medicine_or_negation_that_was_not_said(lines: list[tuple[str, str]]) -> None:
    transcript = consultation(*(f"{who}: {said}" for who, said in lines))
    body = check(body_of(transcript), transcript)
    hindi = check(in_hindi(body), transcript)
    for one in (*body.statements, *hindi.statements, *body.medications):
        assert not {flag.code for flag in one.flags} & FAULTS, (one, lines)


@settings(max_examples=100)
@given(LINES)
def test_what_is_not_read_as_hindi_is_left_as_it_was(lines: list[tuple[str, str]]) -> None:
    transcript = consultation(*(f"{who}: {said}" for who, said in lines))
    rest = read_hindi(transcript).rest
    turns = {turn.id: turn for turn in transcript.turns}
    for turn in rest.turns:
        assert turn.model_copy(update={"text": turns[turn.id].text}) == turns[turn.id]


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    read_hindi(consultation(f"P: {text}", f"C: {text}", f"U: {text}"))
    said = sentence_in_hindi(text)
    assert said is None or numbers_in(said) == numbers_in(text)


def test_english_alone_is_handed_on_untouched() -> None:
    transcript = consultation("C: Any fever?", "P: No.", "C: Take one tablet twice a day.")
    reading = read_hindi(transcript)
    assert reading.rest is transcript
    assert reading.items == ()


def test_a_twenty_minute_consultation_is_read_to_its_end() -> None:
    lines = (
        "C: bukhar ya khansi hai kya aapko, kab se ho raha hai yeh sab?",
        "P: mujhe teen din se bukhar hai aur pet mein bahut dard ho raha hai, ulti nahi hui lekin chakkar aata hai",
        "C: aapko viral bukhar hai. Dolo 650 din mein teen baar khane ke baad teen din tak lijiye.",
    )
    transcript = consultation(*lines * 70)
    once, whole = read_hindi(consultation(*lines)), read_hindi(transcript)
    assert {item.text for item in whole.items} == {item.text for item in once.items}
    assert max(item.turn_ids[-1] for item in whole.items if item.kind == "impression") in {
        turn.id for turn in transcript.turns[-3:]
    }
