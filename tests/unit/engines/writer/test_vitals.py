"""Measurements are found where people say them, and a number of another time or thing is none."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation, note_of, texts

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.sentences import Sentence
from auscult.engines.writer.offline.vitals import vitals_in


def vitals(text: str) -> list[str]:
    return [
        item.text for item in vitals_in(Sentence(TurnId("t1"), Speaker.CLINICIAN, text, question=False, first=True))
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("your blood pressure's a little elevated today, 156 over 94", ["Blood pressure 156/94."]),
        ("your blood pressure looks pretty good today at 128 over 72 your temperature is 98.7",
         ["Blood pressure 128/72.", "Temperature 98.7."]),
        ("your heart rate is nice and slow at 67", ["Heart rate 67."]),
        ("pulse rate is 67", ["Pulse 67."]),
        ("your pulse ox was 98 percent on room air", ["Oxygen saturation 98%."]),
        ("your oxygenation was 98 percent", ["Oxygen saturation 98%."]),
        ("your respirations were 14", ["Respiratory rate 14."]),
        ("you do have a low-grade fever of about 100.4 right now", ["Low-grade fever 100.4."]),
    ],
)  # fmt: skip
def test_a_measurement_is_found_behind_a_few_words(said: str, found: list[str]) -> None:
    assert vitals(said) == found


@pytest.mark.parametrize(
    "said",
    [
        "keep your blood pressure below 130 over 80",
        "your blood pressure goal is 130 over 80",
        "your blood pressure has been running 150 over 90",
        "your blood pressure at home was 150 over 90",
        "the heart rate is regular rate and rhythm 2 over 6 murmur",
        "your oxygen level drops when you walk 10 steps",
        "check your blood pressure in 2 weeks",
        "the pulse is strong in 4 limbs",
    ],
)
def test_a_number_of_another_time_or_thing_is_none(said: str) -> None:
    assert vitals(said) == []


async def test_numbers_a_sentence_later_belong_to_the_blood_pressure_named_before() -> None:
    body = await note_of(
        consultation("C: Your blood pressure is good in the office today. It looks like it's 128 over 72.")
    )
    assert texts(body, "Vital signs") == ["Blood pressure 128/72."]


async def test_the_last_blood_pressure_is_the_vital_sign_and_an_earlier_one_is_history() -> None:
    body = await note_of(
        consultation(
            "C: Your blood pressure was 200 over 90. Do you take the tablets?",
            "P: Yes.",
            "C: Let me examine you. Your blood pressure is 128 over 72.",
        )
    )
    assert texts(body, "Vital signs") == ["Blood pressure 128/72."]
    assert "The blood pressure was 200/90." in texts(body)


async def test_two_readings_of_one_turn_both_stand() -> None:
    body = await note_of(
        consultation("C: Lying your blood pressure is 130 over 80. Standing your blood pressure is 110 over 70.")
    )
    assert texts(body, "Vital signs") == ["Blood pressure 130/80.", "Blood pressure 110/70."]
