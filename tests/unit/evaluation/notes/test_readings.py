"""The evaluation's own reader tells what a text says of a finding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.evaluation.notes.readings import read, settled
from auscult.evaluation.notes.said import polarities
from auscult.knowledge.conversations import transcript_of

SO, NOT, MAYBE = Polarity.AFFIRMED, Polarity.NEGATED, Polarity.POSSIBLE


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Denies fevers, chills, or weight loss.", {"fever": NOT, "chills": NOT, "weight loss": NOT}),
        ("Denies fever but reports chills.", {"fever": NOT, "chills": SO}),
        ("No murmurs, rubs or gallops.", {"heart murmur": NOT, "gallop": NOT}),
        ("Her knee is painful.", {"knee pain": SO}),
        ("There is tenderness over the lateral elbow.", {"elbow pain": SO}),
        ("Cough: none.", {"cough": NOT}),
        ("Lower extremity edema has resolved.", {"swelling": NOT}),
        ("This is likely bronchitis.", {"bronchitis": MAYBE}),
        ("Return if you develop a fever.", {}),
        ("i have n't had any nausea but i did throw up, vomiting twice", {"nausea": NOT, "vomiting": SO}),
        ("i just ca n't stop itching", {"itching": SO}),
        ("i'm not dizzy", {"dizziness": NOT}),
        ("no rebound or guarding there is tenderness on the belly", {"guarding": NOT, "abdominal pain": SO}),
        ("no just really a headache", {"headache": SO}),
        ("without ibuprofen i would say my knee pain is a six", {"knee pain": SO}),
        ("Alcohol use: none.", {"alcohol": NOT}),
        ("Abdomen is nontender. Afebrile.", {"abdominal pain": NOT, "fever": NOT}),
        ("the pills did n't help the headache", {"headache": SO}),
        ("She is not sure when the cough began.", {"cough": SO}),
        ("Fever yesterday. No fever today. Fever again tonight.", {"fever": SO}),
    ],
)
def test_a_finding_is_so_or_not_or_possible(text, says):
    assert settled(read(text)) == says


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    assert isinstance(settled(read(text)), dict)


@pytest.mark.parametrize(
    ("asked", "answered", "says"),
    [
        ("any chest pain ?", "no .", {NOT}),
        ("do you have chest pain", "um yeah sometimes", {SO}),
        ("have you had chest pain or a fever ?", "no fever , but some chest pain .", {SO}),
        ("no chest pain ?", "no .", {NOT}),
        ("no chest pain ?", "yes .", set()),
        ("any chest pain ?", "let me think .", set()),
        ("so the chest pain is gone .", "it is .", {NOT}),
        ("i do n't appreciate any chest pain on exam now does it hurt", "yes", {NOT}),
        (
            "any chest pain today i know you had some trouble before so let me listen now to your lungs and then we"
            " will see what we find out about all of this and what to do next",
            "okay",
            set(),
        ),
        ("sure any chest pain", "nothing new", {NOT}),
    ],
)
def test_an_answer_takes_its_finding_from_the_question(asked, answered, says):
    transcript = transcript_of("V1", [(Speaker.CLINICIAN, asked), (Speaker.PATIENT, answered)])
    assert polarities(transcript, [TurnId("T1"), TurnId("T2")], "chest pain") == says
