"""He and she are said where somebody said which; nobody is guessed at, and another "they" is nobody's."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation

from auscult.domain.ids import TurnId
from auscult.domain.note import NoteBody
from auscult.domain.patient import Sex
from auscult.engines.writer import KnownHistory, Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.pronouns import named, stated_sex


async def written(*lines: str, sex: Sex = Sex.UNKNOWN) -> str:
    body: NoteBody = await OfflineWriter().write(
        Request(transcript=consultation(*lines), history=KnownHistory(sex=sex))
    )
    return " ".join(one.text for one in body.statements)


@pytest.mark.parametrize(
    ("lines", "sex"),
    [
        (["C: Hello, Mrs. Smith."], Sex.FEMALE),
        (["C: Anna is a 54-year-old pleasant female with asthma."], Sex.FEMALE),
        (["C: this is a 7 year old boy with a cough"], Sex.MALE),
        (["C: Good morning, sir."], Sex.MALE),
        (["C: hello , mrs . peterson ."], Sex.FEMALE),
        (["C: karen is a 3 -year-old female"], Sex.FEMALE),
        (["C: Hello, Anna."], Sex.UNKNOWN),
        (["P: Mr. Smith sent me."], Sex.UNKNOWN),
        (["C: How is your 5-year-old boy?"], Sex.UNKNOWN),
        (["C: Hello, Mr. Smith and Mrs. Smith."], Sex.UNKNOWN),
    ],
)
def test_the_sex_is_what_the_clinician_says_and_unknown_otherwise(lines: list[str], sex: Sex) -> None:
    assert stated_sex(consultation(*lines)) is sex


async def test_the_patient_of_the_record_is_she() -> None:
    lines = ("C: What is the matter?", "P: My head hurts when I bend my back, and I have a fever at night.")
    told = await written(*lines, sex=Sex.FEMALE)
    assert "they" not in told.lower()
    assert "she" in told.lower()


def test_without_a_word_of_it_the_patient_is_the_patient() -> None:
    assert _told("They still have pain in their knee.") == "The patient still has pain in their knee."
    assert _told("Will see them when their scan is done.") == "Will see them when their scan is done."
    assert _told("Their knee is swollen.") == "The patient's knee is swollen."
    assert _told("Reports pain when they walk.") == "Reports pain when they walk."


def _told(text: str) -> str:
    item = Item("history", text, (TurnId("t1"),))
    return named([item], consultation("P: That is so."), Sex.UNKNOWN)[0].text


async def test_others_who_are_called_they_stay_they() -> None:
    told = await written(
        "C: Hello, Mr. Smith.", "P: The headaches are bad, they come when I bend my back.", sex=Sex.MALE
    )
    assert "they come" in told
