"""Whatever was misheard, a statement is a sentence that a clinician can read, or it is not made."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.consultations import consultation, note_of, texts

from auscult.domain.note import NoteBody
from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.engines.writer.offline.complaints import complaints_in
from auscult.engines.writer.offline.compose import compose
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.wording import mended, presentable
from auscult.knowledge.findings import mentions_finding
from auscult.knowledge.frequencies import spelt_out
from auscult.knowledge.numerals import numbers_in

HEARD = (
    "C: Good learning serum it but I am doctor cocktail. What can we do for you today?",
    "P: I have had a bad cough or five days and my chest feels tight appetite.",
    "C: Are you bringing up any phlegm?",
    "P: Yes it is the and three.",
    "C: Have you had any fever or?",
    "P: No no fever but I feel very tired.",
    "C: Any chest pain or blood when you cough?",
    "P: No nothing like that. Do you smoke? No I stopped two years ago.",
    "C: Are you allergic to any medicine?",
    "P: Yes I am allergic to penicillin. Gave me a rash.",
    "C: Thank you let me examine you your temperature is thirty seven point screw your blood pressure is one hundred "
    "and thirty over maybe you're okacet. Is ninety seven percent? I can hear some relief on the right "
    "side on your chest.",
    "P: It's serious.",
    "C: I think it is a chest infection I will start you. And doxycycline one hundred milligrams twice a day or five "
    "days. I will also get us salbutamol inhaler. Take two puffs every full around her. When you needed?",
    "P: Okay when show by come back.",
    "C: To the again in one week. Come back sooner if you get short of breath or cough up blonde.",
    "P: Thank you doctor.",
)
"""The bundled consultation as the small recogniser heard it."""


async def test_the_sample_as_it_was_misheard_makes_sentences_and_nothing_that_was_not_said() -> None:
    body = await note_of(consultation(*HEARD, demo_quality=True))
    assert texts(body, "History of present illness") == [
        "Mentions a cough and chest tightness.",
        "Reports bringing up phlegm.",
        "Reports feeling very tired.",
    ]
    assert texts(body, "Allergies") == ["Allergic to penicillin: it gave them a rash."]
    assert texts(body, "Review of systems") == ["Denies chest pain or blood when they cough.", "Denies fever."]
    assert texts(body, "Physical exam") == []
    assert texts(body, "Assessment and plan") == [
        "Chest infection.",
        "Start doxycycline 100 mg twice a day.",
        "Start salbutamol inhaler 2 puffs.",
    ]
    assert [[flag.code for flag in one.flags] for one in body.medications] == [["dose_unclear"], ["dose_unclear"]]


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (("C: Have you had any fever or?", "P: No."), ["Denies fever."]),
        (("C: Any chest pain or the?", "P: No."), ["Denies chest pain."]),
        (("C: Any pain when?", "P: No."), []),
        (("C: Any pain in the?", "P: No."), []),
        (("C: Are you allergic to anything?", "P: Yes. Gave me a rash."), []),
        (("P: Gave me a rash.",), []),
        (("P: My chest feels",), []),
        (
            ("P: I have had a cough for the",),
            ["Cough.", "The patient presents today for evaluation of cough.", "Reports a cough."],
        ),
        (("P: We all have a cough.",), []),
        (("P: I have a cough and our",), ["Reports a cough."]),
        (("C: Do you smoke?", "P: No, we never."), ["Does not smoke."]),
        (("C: Any fever?", "P: No, but at"), []),
        (("C: I think it is a chest infection I will start you.",), ["Chest infection."]),
        (("C: I think it is a chest infection and",), ["Chest infection."]),
        (("C: You should drink plenty of",), []),
        (("P: The pain comes on at night.",), ["Reports that the pain comes on at night."]),
        (
            ("P: my knee hurts when i climb stairs",),
            [
                "Knee pain.",
                "The patient presents today for evaluation of knee pain.",
                "Reports that the knee hurts when they climb stairs.",
                "Reports knee pain.",
            ],
        ),
    ],
)
async def test_half_a_sentence_is_mended_where_that_claims_the_same_and_else_left_out(
    lines: tuple[str, ...], note: list[str]
) -> None:
    body = await note_of(consultation(*lines))
    assert texts(body) == note


@pytest.mark.parametrize(
    ("said", "widen", "kept"),
    [
        ("Reports a cough for.", True, "Reports a cough."),
        ("Denies pain in.", False, ""),
        ("Reports pain when they.", True, ""),
        ("Reports gave them a rash.", True, ""),
        ("Reports that chest tight appetite.", True, ""),
        ("Reports my cough.", True, ""),
        ('Reports "my old cough".', True, 'Reports "my old cough".'),
        ("Impression: hepatitis A.", False, "Impression: hepatitis A."),
        ("Denies.", False, ""),
        ("Denies the and.", False, ""),
        ("Smokes.", False, "Smokes."),
        ("Denies fever; only at.", False, ""),
        ("Reports phlegm; it is the and.", True, "Reports phlegm."),
        ("Will the chest.", True, ""),
    ],
)
def test_an_end_is_taken_off_only_where_the_claim_stays(said: str, widen: bool, kept: str) -> None:
    assert mended(said, widen=widen) == kept


def test_a_number_that_its_turn_does_not_have_takes_the_sentence_away_but_never_the_medicine() -> None:
    transcript = consultation("P: I have had a cough for two days.", "C: Start ramipril.")
    first, second = (turn.id for turn in transcript.turns)
    items = [
        Item("history", "Reports a cough for 3 days.", (first,)),
        Item("history", "Reports a cough for 2 days.", (first,)),
        Item("medicine", "Start ramipril 5 mg.", (second,), short="Start ramipril"),
    ]
    kept = presentable(items, transcript)
    assert [item.text for item in kept] == ["Reports a cough for 2 days.", "Start ramipril."]
    assert [flag.code for flag in kept[1].flags] == ["dose_unclear"]


@pytest.mark.parametrize(
    ("said", "complaints"),
    [
        ("i have a cough and the chest feels tight appetite", ["a cough", "chest tightness"]),
        ("these shoes are tight", []),
        ("i was short of breath and coughing", ["shortness of breath", "a cough"]),
        ("on my appetite sore", []),
    ],
)
def test_only_what_is_a_complaint_by_itself_is_named(said: str, complaints: list[str]) -> None:
    assert complaints_in(said) == complaints


async def test_what_one_is_allergic_to_is_never_a_medicine() -> None:
    for said in (
        "P: I am allergic to penicillin.",
        "P: I have a penicillin allergy.",
        "C: So you have an allergy to penicillin.",
        "C: You have had a reaction to amoxicillin or penicillin before.",
    ):
        body = await note_of(consultation(said))
        assert body.medications == (), said
    body = await note_of(consultation("C: As you are allergic to penicillin I will give you doxycycline 100 mg."))
    assert [one.name for one in body.medications] == ["doxycycline"]
    told = await note_of(consultation("P: I have a penicillin allergy."))
    assert texts(told) == ["Allergic to penicillin."]


NOISE = (
    "i i'm i've you my me we our us it they the a an and or but for of in on at with to when if that not no never have "
    "had has been am is feel feels gave get got take stop start any yes cough fever pain chest tight tired rash phlegm "
    "appetite infection breath short blood smoke allergic penicillin metformin salbutamol 500 mg two days week twice "
    "every see come back think will your temperature pressure thirty seven point , . ? bringing up nothing like"
)
LINES = st.lists(
    st.tuples(st.sampled_from("CPU"), st.lists(st.sampled_from(NOISE.split()), max_size=16).map(" ".join)), max_size=6
)
FRAMES = st.sampled_from(
    [
        ("P", "i have had {}"),
        ("P", "i feel {}"),
        ("P", "no {}"),
        ("P", "yes {}"),
        ("P", "my chest {}"),
        ("P", "i am allergic to {}"),
        ("C", "have you had any {}?"),
        ("C", "any {}"),
        ("C", "do you {}?"),
        ("C", "are you {}?"),
        ("C", "i think it is {}"),
        ("C", "i will start you on {}"),
        ("C", "you should {}"),
        ("C", "come back if {}"),
    ]
)
FRAMED = st.lists(
    st.tuples(FRAMES, st.lists(st.sampled_from(NOISE.split()), max_size=8).map(" ".join)).map(
        lambda drawn: (drawn[0][0], drawn[0][1].format(drawn[1]))
    ),
    max_size=6,
)
FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'll|me|my|mine|we|our|us|myself)\b", re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')
"""A patient's refusal stands in their own words."""
HANGING = re.compile(
    r"\b(?:and|or|but|nor|a|an|the|of|at|for|with|to|from|if|when|because|that|than|my|your|their|is|are|has|had"
    r"|(?<!\b[1-9] )am|any)[.;]$",
    re.IGNORECASE,
)
FRAGMENT = re.compile(
    r"^(?:Reports|Denies|Mentions) (?:gave|gives|had|has|have|is|am|are|was|got|get|feels?|take|and|or|but|of|to|they"
    r"|it)\b|^(?:Reports|Denies|Mentions|Impression|Possible|Advised|Allergic)\.$"
)


def sayable(body: NoteBody, lines: list[tuple[str, str]]) -> None:
    """Assert that every statement is a sentence, and has only numbers of its turns."""
    said = {f"t{number}": spelt_out(text) for number, (_who, text) in enumerate(lines, start=1)}
    for statement in body.statements:
        assert not FIRST_PERSON.search(QUOTED.sub("", statement.text)), statement.text
        assert not HANGING.search(statement.text), statement.text
        assert not FRAGMENT.search(statement.text), statement.text
        assert statement.text.endswith(".")
        assert not numbers_in(statement.text) - numbers_in(" ".join(said[one] for one in statement.turn_ids))
    assert not FIRST_PERSON.search(QUOTED.sub("", f"{body.diagnosis} {body.follow_up} {body.notes}"))
    assert not body.diagnosis or mentions_finding(body.diagnosis, "condition")


@given(st.one_of(LINES, FRAMED), st.booleans())
@example([("P", "i have had i rash")], False)
@settings(max_examples=400)
def test_no_stream_of_words_makes_a_statement_that_is_no_sentence(lines: list[tuple[str, str]], badly: bool) -> None:
    transcript = consultation(*(f"{who}: {text}" for who, text in lines), demo_quality=badly)
    sayable(compose(Request(transcript=transcript), OfflineWriter().info), lines)


@given(st.text(max_size=80))
@example("0 0;\x85+")
@settings(max_examples=300)
def test_what_was_mended_needs_no_more_mending(text: str) -> None:
    once = mended(text, widen=True)
    assert mended(once, widen=True) == once or not mended(once, widen=True)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "The patient feels lightheaded every once in a while.",
            "The patient feels lightheaded every once in a while.",
        ),
        ("The patient has never injured the arm before.", "The patient has never injured the arm before."),
        ("It comes and goes.", "It comes and goes."),
        ("Denies side effects that they are aware of.", "Denies side effects that they are aware of."),
        ("Denies belly pain though.", "Denies belly pain."),
        ("The patient is so tired and fatigued, and they feel.", "The patient is so tired and fatigued."),
        ("Reports that well they had surgery.", "Reports that they had surgery."),
        (
            "Reports that over the past couple of months, they have been really tired.",
            "Reports that over the past couple of months, they have been really tired.",
        ),
        ("Denies pain before.", ""),
        ("Denies pain while.", ""),
        ("Reports that on the lung exam they.", ""),
    ],
)
def test_an_end_that_does_not_wait_stays_and_a_clause_only_begun_goes(said: str, told: str) -> None:
    assert mended(said) == told
