"""What was said, told in the third person as a whole sentence, or not told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.fluent import fluent, joined
from auscult.engines.writer.offline.retelling import retell
from auscult.knowledge.numerals import numbers_in

P, C = Speaker.PATIENT, Speaker.CLINICIAN


@pytest.mark.parametrize(
    ("said", "speaker", "part", "told"),
    [
        ("i still have some pain", P, "subjective", "The patient still has some pain."),
        ("I've never had any surgery.", P, "subjective", "The patient has never had any surgery."),
        ("started to hurt real bad", P, "subjective", "It started to hurt real bad."),
        ("started having pain in my back", P, "subjective", "The patient started having pain in the back."),
        ("no belly pain though", P, "subjective", "The patient denies belly pain."),
        ("my knee hurts when i climb stairs", P, "subjective", "The knee hurts when the patient climbs stairs."),
        ("uh i don't think i've had it", P, "subjective", "The patient does not think they have had it."),
        ("you have some swelling in your ankle", C, "examination", "The patient has some swelling in the ankle."),
        ("i don't appreciate any murmurs", C, "examination", "There are no murmurs."),
        ("i do appreciate some edema in the legs", C, "examination", "There is edema in the legs."),
        ("we're going to get an x-ray of your knee", C, "plan", "Will get an x-ray of the knee."),
        ("i'd like you to rest for two days", C, "plan", "Advised to rest for two days."),
        ("if the pain is no better we can try a splint", C, "plan", "If the pain is no better, will try a splint."),
        ("the x-ray of your knee does not show a fracture", C, "results", "X-ray of the knee: no fracture."),
        ("your ct did show a stone", C, "results", "Ct: a stone."),
    ],
)  # fmt: skip
def test_a_clause_is_told_in_the_third_person(said: str, speaker: Speaker, part: str, told: str) -> None:
    assert retell(said, speaker, part) == told


@pytest.mark.parametrize(
    ("said", "speaker", "part"),
    [
        ("are you able to make a fist", C, "examination"),
        ("your blood pressure how is it doing", C, "subjective"),
        ("hey dragon, show me the x-ray", C, "results"),
        ("i will do my best", P, "plan"),
        ("and so in reviewing the results it looks", C, "results"),
        ("i love my dog", C, "subjective"),
        ("the of fever the to bla", P, "subjective"),
        ("okay", P, "subjective"),
        ("that sounds like a plan", P, "plan"),
    ],
)
def test_what_is_no_statement_about_the_patient_is_not_told(said: str, speaker: Speaker, part: str) -> None:
    assert retell(said, speaker, part) == ""


WORDS = st.sampled_from(
    [
        "i",
        "you",
        "my",
        "your",
        "we",
        "it",
        "the",
        "a",
        "no",
        "not",
        "never",
        "have",
        "had",
        "do",
        "don't",
        "is",
        "are",
        "pain",
        "knee",
        "fever",
        "x-ray",
        "shows",
        "clear",
        "5",
        "two",
        "mg",
        "take",
        "going",
        "to",
        "will",
        "if",
        "when",
        "and",
        "but",
        "that",
        ",",
        ".",
        "?",
        "okay",
        "um",
        "like",
        "think",
        "see",
        "hear",
    ]
)


@given(
    st.lists(WORDS, max_size=25).map(" ".join),
    st.sampled_from([P, C]),
    st.sampled_from(["subjective", "examination", "results", "plan"]),
)
@settings(max_examples=400)
def test_no_number_is_made_up_and_nobody_speaks_of_themselves(said: str, speaker: Speaker, part: str) -> None:
    told = retell(said, speaker, part)
    assert not numbers_in(told) - numbers_in(said)
    assert not re.search(r"\b(?:i|my|me|we|you|your)\b", told, re.IGNORECASE)
    assert told == "" or (told[0] == told[0].upper() and told.endswith("."))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("i , uh , i do n't", "i don't"),
        ("the the knee is kind of sore", "the knee is sore"),
        ("no no fever", "no no fever"),
        ("it hurts , you know , a lot", "it hurts a lot"),
    ],
)
def test_hesitations_and_repetitions_go_and_an_answer_stays(said: str, told: str) -> None:
    assert fluent(joined(said)) == told


@pytest.mark.parametrize(
    ("said", "speaker", "part", "told"),
    [
        ("you do have some swelling, which is not surprising", C, "examination", "The patient has some swelling."),
        ("it was 150 over 70", C, "examination", "The blood pressure was 150 over 70."),
        (
            "on your knee exam you have some tenderness",
            C,
            "examination",
            "On the knee exam, the patient has some tenderness.",
        ),
        ("i see that you have some tenderness", C, "examination", "The patient has some tenderness."),
        ("call me if the pain gets worse", C, "plan", "Advised to call the clinic if the pain gets worse."),
        ("it's been a bit of a struggle", P, "subjective", ""),
        ("they said they'd see me soon", P, "subjective", ""),
        ("my cousin had it", P, "subjective", ""),
        ("i gave him some tablets", Speaker.OTHER, "subjective", ""),
        ("your left knee", C, "examination", ""),
        ("there is no", C, "examination", ""),
    ],
)
def test_a_clinician_can_sign_what_is_retold(said: str, speaker: Speaker, part: str, told: str) -> None:
    assert retell(said, speaker, part) == told


@pytest.mark.parametrize(
    ("said", "speaker", "part", "told"),
    [
        ("i would like to have an mri of the knee", C, "plan", "Will have an mri of the knee."),
        ("we would also like to order a scan of the knee", C, "plan", "Will order a scan of the knee."),
        ("i need to be careful with the foot", P, "subjective", "The patient needs to be careful with the foot."),
        ("you continue to have pain on the right", C, "subjective", "The patient continues to have pain on the right."),
        ("there is tenderness on the right side now", C, "examination", "There is tenderness on the right side."),
        (
            "call us if you have any questions or worsening symptoms",
            C,
            "plan",
            "Advised to call the clinic if they have worsening symptoms.",
        ),
        ("we were moving boxes all day", P, "subjective", "They were moving boxes all day."),
        ("hey dragon, order a chest x-ray", C, "plan", "Will order a chest x-ray."),
        ("hey dragon, refer to cardiology", C, "plan", "Will refer to cardiology."),
        ("we could do an injection", C, "plan", "May do an injection."),
    ],
)
def test_what_is_said_is_told_with_its_certainty_and_its_side(
    said: str, speaker: Speaker, part: str, told: str
) -> None:
    assert retell(said, speaker, part) == told


@pytest.mark.parametrize(
    ("said", "speaker", "part"),
    [
        ("please call us if you have any questions", C, "plan"),
        ("we increased my lisinopril last time", P, "subjective"),
        ("hey dragon show me the labs", C, "results"),
        ("i gave him some water", Speaker.OTHER, "subjective"),
    ],
)
def test_what_clinic_and_patient_did_and_talk_to_the_recorder_are_not_told_of_the_patient(
    said: str, speaker: Speaker, part: str
) -> None:
    assert retell(said, speaker, part) == ""


def test_what_a_patient_can_do_is_no_advice() -> None:
    assert not retell("you can walk normally", C, "plan").startswith("Advised")
