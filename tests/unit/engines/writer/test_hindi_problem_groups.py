"""The plan of a visit in Hindi, problem by problem: with the same caution as one in English."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, soap_note_of

from auscult.domain.note import NoteBody
from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.engines.writer.offline.hindi_sentences import divide
from auscult.engines.writer.offline.sentences import sentences


def plan(body: NoteBody) -> dict[str, set[str]]:
    """The plan's sentences by problem."""
    found: dict[str, set[str]] = {}
    for statement in body.statements:
        if statement.section == "Plan":
            found.setdefault(statement.problem, set()).add(statement.text)
    return found


TWO_PROBLEMS = (
    "C: आपको वायरल बुखार है। डोलो 650 दिन में तीन बार तीन दिन तक लीजिए। खूब पानी पीजिए।",
    "P: जी।",
    "C: आपको हाई बीपी भी है। एम्लोडिपिन 5 mg दिन में एक बार लीजिए। नमक कम खाइए।",
    "C: एक हफ्ते बाद आइए।",
)
TWO_PLANS = {
    "Viral fever": {"Start Dolo 650 3 times a day for 3 days.", "Advised to drink plenty of water."},
    "High blood pressure": {"Start amlodipine 5 mg once a day.", "Advised to cut down on salt."},
    "": {"Review in 1 week."},
}


async def test_what_follows_an_impression_in_hindi_stands_under_it() -> None:
    assert plan(await soap_note_of(consultation(*TWO_PROBLEMS))) == TWO_PLANS


async def test_the_same_in_latin_letters_is_grouped_the_same() -> None:
    body = await soap_note_of(
        consultation(
            "C: aapko viral bukhar hai. Dolo 650 din mein teen baar teen din tak lijiye. khoob pani pijiye.",
            "C: aapko high BP bhi hai. amlodipine 5 mg din mein ek baar lijiye. namak kam khaiye.",
            "C: ek hafte baad aaiye.",
        )
    )
    assert plan(body) == TWO_PLANS


async def test_a_hindi_note_keeps_the_groups_under_hindi_names() -> None:
    request = Request(transcript=consultation(*TWO_PROBLEMS), template="soap", language="hi")
    body = await OfflineWriter().write(request)
    assert {one: len(texts) for one, texts in plan(body).items()} == {"वायरल बुखार": 2, "उच्च रक्तचाप": 2, "": 1}


@pytest.mark.parametrize(
    "said", ["शुगर के लिए मेटफॉर्मिन 500 mg जारी रखिए।", "sugar ke liye metformin 500 mg jaari rakhiye."]
)
async def test_a_problem_that_is_named_for_an_order_has_it(said: str) -> None:
    body = await soap_note_of(consultation("C: आपको वायरल बुखार है। खूब पानी पीजिए।", f"C: {said}"))
    assert plan(body) == {
        "Viral fever": {"Advised to drink plenty of water."},
        "Diabetes": {"Continue metformin 500 mg."},
    }


async def test_a_medicine_for_another_problem_does_not_stand_under_the_one_said_last() -> None:
    body = await soap_note_of(consultation("C: आपको वायरल बुखार है। मेटफॉर्मिन 500 mg जारी रखिए।"))
    assert plan(body) == {"": {"Continue metformin 500 mg."}}


async def test_an_examination_ends_what_was_talked_of() -> None:
    body = await soap_note_of(consultation("C: आपको वायरल बुखार है।", "C: बीपी 150/90 है।", "C: रोज़ टहलिए।"))
    assert plan(body) == {"": {"Advised to walk every day."}}


async def test_an_order_before_any_impression_stands_under_none() -> None:
    body = await soap_note_of(consultation("C: खून की जाँच करवा लीजिए।", "C: आपको वायरल बुखार है। आराम कीजिए।"))
    assert plan(body) == {"": {"Advised to have a blood test."}, "Viral fever": {"Advised to rest."}}


async def test_english_and_hindi_in_one_turn_are_grouped_in_the_order_they_were_said() -> None:
    body = await soap_note_of(
        consultation(
            "C: I think you have a chest infection. भाप लीजिए।",
            "C: शुगर के लिए मेटफॉर्मिन 500 mg दिन में दो बार जारी रखिए। Let's order a hemoglobin A1c. नमक कम खाइए।",
        )
    )
    assert plan(body) == {
        "Chest infection": {"Advised to inhale steam."},
        "Diabetes": {
            "Continue metformin 500 mg twice a day.",
            "Order a hemoglobin A1c.",
            "Advised to cut down on salt.",
        },
    }


def test_the_english_of_a_mixed_turn_has_places_between_the_hindi() -> None:
    divided = divide(
        consultation("C: I listened to your chest. भाप लीजिए। It is clear. We will do a test.", "C: आराम कीजिए।")
    )
    places = divided.places_of(sentences(divided.rest))
    assert places == sorted(set(places))
    steam, rest = (one.place for one in divided.hindi)
    assert [place < steam for place in places] == [True, False, False]
    assert all(place < rest for place in places)
