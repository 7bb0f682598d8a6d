"""The Hindi tables hold what they say, and their words are found in both scripts, however they are spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.knowledge.hindi import FINDINGS, find_all, sentences_of, tokens
from auscult.knowledge.hindi_numbers import counted, heard_in_english, spoken_in_english
from auscult.knowledge.medicine_names_hi import names_in
from auscult.knowledge.medicines import lookup
from auscult.knowledge.sounds import fold
from auscult.knowledge.tables import rows

TABLE = rows("findings_hi.tsv")


def found(text: str) -> list[str]:
    return [match.entry.english for match in find_all(counted(tokens(text)), *FINDINGS)]


def test_there_are_at_least_400_findings_each_in_both_scripts() -> None:
    assert len([row for row in TABLE if row[1] in FINDINGS]) >= 400
    for english, _kind, devanagari, romanised, _source in TABLE:
        assert english, romanised
        assert any("\u0900" <= letter <= "\u097f" for letter in devanagari.split("|")[0]), english
        assert "~" not in devanagari.split("|")[0], english
        assert romanised.isascii(), english


def test_no_finding_is_listed_twice_and_no_spelling_means_two() -> None:
    names = [row[0] for row in TABLE]
    assert len(names) == len(set(names))
    meant: dict[tuple[str, ...], str] = {}
    for english, kind, devanagari, romanised, _source in TABLE:
        for spelling in (*devanagari.split("|"), *romanised.split("|")):
            key = (kind, *spelling.lower().split())
            assert meant.setdefault(key, english) == english, spelling


def test_each_finding_is_found_by_its_first_spelling_in_either_script() -> None:
    for english, kind, devanagari, romanised, _source in TABLE:
        if kind in FINDINGS:
            assert found(devanagari.split("|")[0]) == [english]
            assert found(romanised.split("|")[0].replace("~", "na")) == [english]


@pytest.mark.parametrize("spelling", ["bukhar", "bukhaar", "Bukhaar", "बुखार", "BUKHAR", "mujhe bukhar hai", "बुख़ार"])
def test_a_fever_is_a_fever_however_it_is_spelt(spelling: str) -> None:
    assert found(spelling) == ["fever"]


@pytest.mark.parametrize("said", ["pet mein bahut dard", "pet dard", "पेट में बहुत तेज़ दर्द", "pet me halka sa dard"])
def test_small_words_and_degrees_may_stand_inside(said: str) -> None:
    assert found(said) == ["abdominal pain"]


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("do din se", ["2"]),
        ("do teen din se", ["2 to 3"]),
        ("das se barah din", ["10 to 12"]),
        ("२ दिन", ["2"]),
        ("पाँच दिन", ["5"]),
        ("साढ़े तीन महीने", ["3.5"]),
        ("dhai saal", ["2.5"]),
        ("ek sau do bukhar", ["102"]),
        ("ek ek goli", ["1"]),
        ("likh do", []),
        ("saath mein", []),
        ("1-0-1", []),
    ],
)
def test_numbers_are_read_where_something_is_counted(said: str, numbers: list[str]) -> None:
    assert [word.number for word in counted(tokens(said)) if word.number] == numbers


def test_english_is_not_taken_for_hindi_numbers() -> None:
    assert spoken_in_english("Do take ten tablets") == ""
    assert heard_in_english("I do not", ["do"]) == ""


def test_what_is_said_in_hindi_is_known_in_english() -> None:
    assert set(spoken_in_english("डोलो दो दिन तक मत लीजिए").split(" , ")) == {"2", "day", "not", "Dolo"}
    assert heard_in_english("mujhe do din se bukhar hai", ["do"]) == "2"


def test_each_medicine_in_devanagari_is_one_of_the_lexicon() -> None:
    for name, spellings, _source in rows("medicines_hi.tsv"):
        assert lookup(name), name
        for spelling in spellings.split("|"):
            assert [one.name for one in names_in(f"आप {spelling} लीजिए")] == [lookup(name)[0].name]


def test_devanagari_and_latin_letters_fold_to_the_same_sound() -> None:
    for written, spelt in {"खाँसी": "khansi", "कमज़ोरी": "kamjori", "चक्कर": "chakkar", "घुटने": "ghutne"}.items():
        assert fold(written) == fold(spelt)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x97F), max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert counted(tokens(text)) is not None
    assert isinstance(spoken_in_english(text), str)
    assert all(piece.strip() for piece in sentences_of(text))
