"""Names by their sound: both scripts fold alike, and what is typed so far is a beginning of the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.knowledge.name_folding import (
    MOST_FORMS,
    all_found,
    begins,
    coarse,
    forms,
    is_word,
    same_name,
    similar_name,
    typed,
    words,
)

PAIRS = [
    *(("Ram", "राम"), ("Sunita", "सुनीता"), ("Suneeta", "सुनीता"), ("Sunitha", "सुनीता"), ("Kumar", "कुमार")),
    *(("Sharma", "शर्मा"), ("Priya", "प्रिया"), ("Lakshmi", "लक्ष्मी"), ("Laxmi", "लक्ष्मी"), ("Singh", "सिंह")),
    *(("Kamla", "कमला"), ("Kamala", "कमला"), ("Krishna", "कृष्ण"), ("Pooja", "पूजा"), ("Deepak", "दीपक")),
    *(("Gupta", "गुप्ता"), ("Ramdas", "रामदास"), ("Manmohan", "मनमोहन"), ("Fatima", "फातिमा"), ("Phool", "फूल")),
    *(("Zoya", "ज़ोया"), ("Chandra", "चंद्र"), ("Reddy", "रेड्डी"), ("Mishra", "मिश्र"), ("Ambika", "अंबिका")),
    *(("Ahmad", "अहमद"), ("Gyan", "ज्ञान"), ("Māia", "Maia"), ("Zoë", "zoe"), ("Anna", "Ana")),
]
DIFFERENT = [("Ram", "राव"), ("Mere", "Miri"), ("Moni", "Muni"), ("Sita", "Gita"), ("Kiri", "Hiri")]


@pytest.mark.parametrize(("latin", "other"), PAIRS)
def test_a_name_is_found_by_every_letter_of_its_other_spelling(latin: str, other: str) -> None:
    assert is_word(forms(other), forms(latin))
    for length in range(1, len(latin) + 1):
        assert begins(forms(other), typed(latin[:length])), latin[:length]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_names_stay_other_names(one: str, other: str) -> None:
    assert not is_word(forms(other), forms(one))


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Mc"]), min_size=1, max_size=30))
def test_any_word_has_readings_and_its_own_beginning(word: str) -> None:
    for one in words(word):
        assert 1 <= len(forms(one)) <= 2 * MOST_FORMS
        assert is_word(forms(one), forms(one))
        assert any(coarse(form).startswith(coarse(reading)) for form in forms(one) for reading in typed(one))


def test_each_typed_word_takes_a_word_of_its_own() -> None:
    assert all_found("Ram Kumar", ["kum", "ram"]) == 1
    assert all_found("Ram Ramesh", ["ram", "ram"]) == 1
    assert all_found("Ram Kumar", ["ram", "ram"]) is None
    assert all_found("Ana", []) == 0
    assert len(words(" ".join("abcdefghij"))) == 6
    assert words("X " * 10 + "Last")[-1] == "Last"


def test_the_same_name_is_the_same_in_any_order_and_a_similar_one_is_nearly_so() -> None:
    assert same_name("राम कुमार", "Kumar Ram")
    assert not same_name("Ram Kumar", "Ram Kumar Singh")
    assert similar_name("Ram Kumar", "Ram Kumar Singh")
    assert similar_name("Sunita Devi", "Sunira Devi")
    assert not similar_name("Ram", "Ram Kumar"), "one word alone is no likeness to more"
    assert not similar_name("Asha Rao", "Usha Rai")
    assert not similar_name("", "Ram")
