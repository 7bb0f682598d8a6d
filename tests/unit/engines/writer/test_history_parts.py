"""A statement goes under family, social or past history, or the review, where that is sure; else it stays history."""

from __future__ import annotations

import pytest

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.engines.writer.offline.history_parts import introduces, parted
from auscult.engines.writer.offline.items import Item

NO = Polarity.NEGATED
YES = Polarity.AFFIRMED


@pytest.mark.parametrize(
    ("text", "polarity", "part"),
    [
        ("The patient's mother had breast cancer.", YES, "family"),
        ("Reports that their father has been diagnosed with gout.", YES, "family"),
        ("Denies family history of cancer.", NO, "family"),
        ("The patient's daughter has noticed that they cough.", YES, "history"),
        ("The patient's son has been giving them paracetamol.", YES, "history"),
        ("Reports that their mother drove them here.", YES, "history"),
        ("Does not smoke.", NO, "social"),
        ("The patient works as a roofer.", YES, "social"),
        ("The patient lives alone.", YES, "social"),
        ("Reports smoking every day.", YES, "social"),
        ("Drinks two beers a week.", YES, "social"),
        ("The job makes the back pain worse.", YES, "history"),
        ("Reports chest pain when they smoke.", YES, "history"),
        ("The patient has a history of asthma.", YES, "past"),
        ("The patient was diagnosed with lupus in 2010.", YES, "past"),
        ("The patient had knee surgery.", YES, "past"),
        ("Reports that they refuse surgery.", YES, "history"),
        ("Denies fever.", NO, "review"),
        ("Reports a cough.", YES, "review"),
        ("Reports nausea and vomiting.", YES, "review"),
        ("Reports a bad cough for 5 days.", YES, "history"),
        ("Reports pain in the left knee after a fall.", YES, "history"),
        ("The patient is a 50-year-old woman with a history of gout.", YES, "history"),
        ("The patient presents today with a cough.", YES, "history"),
    ],
)
def test_each_part_of_a_history_has_its_place(text: str, polarity: Polarity, part: str) -> None:
    item = Item("history", text, (TurnId("t1"),), polarity)
    moved = parted(item)
    assert moved.kind == part
    assert (moved.text, moved.turn_ids, moved.polarity) == (item.text, item.turn_ids, item.polarity)


def test_what_is_no_history_stays_what_it_is() -> None:
    item = Item("plan", "Advised not to smoke.", (TurnId("t1"),))
    assert parted(item) is item


@pytest.mark.parametrize(
    ("text", "so"), [("A 40-year-old man.", True), ("Here for a cough.", True), ("Coughs.", False)]
)
def test_a_sentence_that_says_who_comes_is_an_introduction(text: str, so: bool) -> None:
    assert introduces(text) is so
