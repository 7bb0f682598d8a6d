"""A statement is checked against what was said in Hindi as it is against English."""

from __future__ import annotations

import pytest

from auscult.domain.evidence import Polarity, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.transcript import Speaker, Transcript, Turn, Word
from auscult.trust.grounding import LOW, MEDICINE, NEGATION, NUMBER, UNIT, check
from tests.support.consultations import consultation, transcript_of_turns


def codes(text: str, transcript: Transcript, polarity: Polarity = Polarity.AFFIRMED) -> set[str]:
    source = TurnSource(turn_ids=tuple(turn.id for turn in transcript.turns), transcript_version=1)
    statement = Statement(id="s1", text=text, section="Plan", sources=(source,), polarity=polarity)
    body = NoteBody(
        sections=(Section(title="Plan", statements=(statement,)),), writer=WriterInfo(name="offline", version="1")
    )
    return {flag.code for flag in check(body, transcript).statements[0].flags}


SAID = consultation("C: डोलो 650 दिन में तीन बार दो हफ्ते तक लीजिए", "P: mujhe ulti nhi hai")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Start Dolo 650 3 times a day for 2 weeks.", set()),
        ("Start Dolo 650 4 times a day for 2 weeks.", {NUMBER}),
        ("Start Dolo 650 3 times a day for 2 months.", {UNIT}),
        ("Start Crocin 650 3 times a day for 2 weeks.", {MEDICINE}),
        ("Dolo 650 दिन में 3 बार 2 हफ़्ते तक शुरू करें।", set()),
        ("Dolo 650 दिन में चार बार 2 हफ़्ते तक शुरू करें।", {NUMBER}),
        ("Crocin 650 दिन में 3 बार शुरू करें।", {MEDICINE}),
        ("Denies vomiting.", set()),
    ],
)
def test_alterations_of_what_was_said_in_hindi_are_caught(text: str, found: set[str]) -> None:
    assert codes(text, SAID) == found


def test_a_denial_needs_a_no_in_hindi_too() -> None:
    said = consultation("P: mujhe do din se bukhar hai")
    assert codes("Denies fever.", said, Polarity.NEGATED) == {NEGATION}
    assert codes("मरीज़ के अनुसार बुखार नहीं है।", said) == {NEGATION}


def test_twice_a_day_bears_out_two_in_words_and_figures() -> None:
    said = consultation("C: Take metformin twice a day.")
    assert codes("metformin दिन में दो बार शुरू करें।", said) == set()
    assert codes("metformin दिन में तीन बार शुरू करें।", said) == {NUMBER}


@pytest.mark.parametrize(("misheard", "flags"), [("do", {LOW}), ("bukhar", set())])
def test_a_hindi_number_heard_badly_is_doubted(misheard: str, flags: set[str]) -> None:
    text = "mujhe do din se bukhar hai"
    words = tuple(Word(text=word, start=0, end=1, confidence=0.2 if word == misheard else 0.9) for word in text.split())
    turn = Turn(id=TurnId("t1"), speaker=Speaker.PATIENT, text=text, start=0, end=1, words=words, language="hi-Latn")
    assert codes("Reports fever for 2 days.", transcript_of_turns([turn])) == flags
