"""A medicine's one line can be read alone, without its status beside it."""

from __future__ import annotations

import pytest

from auscult.domain.medication import Medication, MedicationStatus


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (MedicationStatus.TAKING, "metformin 500 mg twice a day"),
        (MedicationStatus.STARTED, "metformin 500 mg twice a day"),
        (MedicationStatus.CHANGED, "metformin 500 mg twice a day"),
        (MedicationStatus.STOPPED, "stop metformin 500 mg twice a day"),
        (MedicationStatus.ALLERGY, "allergic to metformin"),
    ],
)
def test_a_stopped_medicine_or_an_allergy_cannot_be_read_as_one_that_is_taken(
    status: MedicationStatus, line: str
) -> None:
    assert Medication(name="metformin", strength="500 mg", frequency="twice a day", status=status).line == line


def test_as_needed_is_said_once() -> None:
    assert Medication(name="ibuprofen", prn=True).line == "ibuprofen as needed"
    assert Medication(name="ibuprofen", frequency="as needed", prn=True).line == "ibuprofen as needed"
