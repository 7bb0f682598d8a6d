"""Results that are told while the clinician looks at a picture or a report."""

from __future__ import annotations

import pytest

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.results import read_results
from auscult.engines.writer.offline.sentences import Sentence


def said(*texts: str) -> list[Sentence]:
    """Sentences of one clinician, a turn each."""
    return [
        Sentence(TurnId(f"T{number}"), Speaker.CLINICIAN, text, text.endswith("?"), first=True)
        for number, text in enumerate(texts, start=1)
    ]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["let's look at your x-ray.", "there's no fracture."], ["X-ray: no fracture."]),
        (["here's the x-ray of your wrist.", "i don't see any fracture"], ["X-ray of the wrist: no fracture."]),
        (["show me the ekg.", "it looks completely normal."], ["The EKG looks completely normal."]),
        (["your hemoglobin a1c is 8.1."], ["The hemoglobin A1c is 8.1."]),
        (["i did your ecg this morning and it's normal."], ["The ECG is normal."]),
        (
            ["i reviewed the results of your chest x-ray which showed some fluid so let me tell you my plan"],
            ["Chest x-ray: fluid."],
        ),
        (["let's look at the labs.", "and your creatinine, that's your kidney function, looks stable"],
         ["The creatinine looks stable."]),
        (["this is the echocardiogram.", "it shows that the pumping function of your heart is low at 40 %"],
         ["Echocardiogram: the pumping function of the heart is low at 40 %."]),
    ],
)  # fmt: skip
def test_a_result_names_its_test(texts: list[str], told: list[str]) -> None:
    items, _parts, _places = read_results(said(*texts))
    assert [item.text for item in items] == told


@pytest.mark.parametrize(
    "texts",
    [
        ["i'm going to order an x-ray of your knee.", "there's no rush."],
        ["if your blood work is normal we will stop."],
        ["let's look at your x-ray.", "so for your first problem, there is some swelling."],
        ["show me the echocardiogram.", "the echocardiogram was about 6 months ago."],
        ["your lungs are clear.", "there are no wheezes."],
    ],
)
def test_a_plan_or_an_examination_is_no_result(texts: list[str]) -> None:
    assert read_results(said(*texts))[0] == []


def test_a_result_rests_on_the_turn_that_named_its_test_and_on_the_one_that_told_it() -> None:
    items, _parts, _places = read_results(said("let's look at your x-ray.", "there's no fracture."))
    assert items[0].turn_ids == ("T1", "T2")


def test_what_else_a_sentence_says_is_left_to_be_read() -> None:
    text = "i reviewed your knee x-ray and it shows no fracture so based on that i think it is a sprain"
    _items, parts, places = read_results(said(text))
    assert [part.text for place, part in enumerate(parts) if place not in places][-1].endswith("i think it is a sprain")


def test_a_test_of_which_nothing_but_fine_is_said_is_told_once() -> None:
    items, _parts, _places = read_results(said("show me the chest x-ray.", "it looks good.", "it looks normal."))
    assert [item.text for item in items] == ["The chest x-ray looks normal."]
