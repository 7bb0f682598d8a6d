"""Medicines ordered or told of in Hindi: how they are taken is copied; what is not understood is flagged."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation

from auscult.domain.medication import MedicationStatus
from auscult.engines.writer.offline.heard_medicine import Heard, medication
from auscult.engines.writer.offline.hindi import read_hindi
from auscult.engines.writer.offline.items import UNCLEAR_DOSE


def heard(*lines: str) -> list[Heard]:
    return list(read_hindi(consultation(*lines)).medicines)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "yeh Dolo 650 din mein teen baar khane ke baad 3 din tak lijiye",
            "Dolo 650 3 times a day after food for 3 days",
        ),
        ("Crocin ek goli har chhah ghante mein lijiye", "Crocin 1 tablet every 6 hours"),
        ("डोलो 650 सुबह शाम खाने के बाद लीजिए", "Dolo 650 morning and evening after food"),
        (
            "Pantoprazole 40 mg subah khali pet lijiye saat din tak",
            "pantoprazole 40 mg in the morning on an empty stomach for 7 days",
        ),
        ("amoxicillin 500 mg 1-0-1 paanch din tak lijiye", "amoxicillin 500 mg 1-0-1 for 5 days"),
        ("Telma 40 roz subah lijiye", "Telma 40 every day in the morning"),
        ("cetirizine aadhi goli raat ko sote samay dijiye", "cetirizine half a tablet at bedtime"),
        ("paracetamol din mein do teen baar lijiye", "paracetamol 2 to 3 times a day"),
        ("azithromycin 500 mg din mein ek baar teen din", "azithromycin 500 mg once a day for 3 days"),
        ("salbutamol do puff zarurat padne par lijiye", "salbutamol 2 puffs as needed"),
        ("metformin 500 BD lijiye khane ke saath", "metformin 500 twice a day with food"),
        ("albendazole hafte mein ek baar lijiye", "albendazole once a week"),
    ],
)
def test_directions_as_they_are_said(said: str, line: str) -> None:
    found = heard(f"C: {said}")
    assert [medication(one, 1, ()).line for one in found] == [line]
    assert [one.flags for one in found] == [[]]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("metformin band kar dijiye", MedicationStatus.STOPPED),
        ("amlodipine 5 mg jaari rakhiye", MedicationStatus.TAKING),
        ("Dolo shuru kijiye", MedicationStatus.STARTED),
        ("metformin 1000 mg badha dijiye", MedicationStatus.CHANGED),
    ],
)
def test_what_is_done_with_a_medicine(said: str, status: MedicationStatus) -> None:
    assert [one.status for one in heard(f"C: {said}")] == [status]


def test_a_medicine_spoken_against_is_not_ordered() -> None:
    reading = read_hindi(consultation("C: Brufen mat lijiye"))
    assert [item.text for item in reading.items] == ["Advised not to take Brufen."]
    assert reading.medicines == ()


def test_directions_before_two_names_are_given_to_neither() -> None:
    found = heard("C: subah Dolo aur raat ko Azithral lijiye")
    assert [one.dose.frequency for one in found] == ["", ""]
    assert {flag.code for one in found for flag in one.flags} == {UNCLEAR_DOSE}


def test_directions_in_the_next_sentence_belong_to_the_medicine_just_named() -> None:
    (one,) = heard("C: Dolo 650 lijiye. Din mein teen baar khane ke baad.")
    assert medication(one, 1, ()).line == "Dolo 650 3 times a day after food"


def test_a_number_that_is_not_understood_is_flagged() -> None:
    (one,) = heard("C: Dolo 650 aur 17 lijiye din mein do baar")
    assert {flag.code for flag in one.flags} == {UNCLEAR_DOSE}


def test_the_medicine_of_a_relative_is_not_the_patients() -> None:
    assert heard("P: meri maa metformin leti hain") == []


def test_asked_for_medicines_a_bare_name_is_taken() -> None:
    (one,) = heard("C: koi dawai lete hain?", "P: ji Thyronorm 50")
    assert (one.name, one.dose.strength, one.status) == ("Thyronorm", "50", MedicationStatus.TAKING)


@pytest.mark.parametrize("said", ["Nosuchdrug subah khali pet lijiye", "yeh goli din mein do baar lena"])
def test_an_ordered_medicine_without_a_known_name_is_asked_about(said: str) -> None:
    reading = read_hindi(consultation("C: Dolo 650 lijiye.", f"C: {said}"))
    (item,) = reading.items
    assert item.text == "A medicine of unrecognised name is ordered."
    assert [flag.code for flag in item.flags] == ["medicine_not_recognised"]
    assert [one.dose.frequency for one in reading.medicines] == [""]


def test_of_two_strengths_neither_is_written_and_of_two_alternatives_both_are_doubted() -> None:
    (changed,) = heard("C: metformin 500 se badha kar 1000 kar dijiye")
    assert (changed.status, changed.dose.strength) == (MedicationStatus.CHANGED, "")
    assert {flag.code for flag in changed.flags} == {UNCLEAR_DOSE}
    assert [len(one.flags) for one in heard("C: Dolo 650 ya Crocin lijiye")] == [1, 1]


def test_what_another_medicine_takes_the_place_of_is_not_ordered() -> None:
    assert [medication(one, 1, ()).line for one in heard("C: Telma 40 ki jagah Telma 80 lijiye")] == ["Telma 80"]


def test_units_of_insulin_are_an_amount_and_no_strength() -> None:
    (one,) = heard("C: इंसुलिन 10 यूनिट सुबह लीजिए")
    assert (one.dose.dose, one.dose.strength, one.flags) == ("10 units", "", [])
