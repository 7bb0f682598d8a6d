"""The lexicon of medicine names is well formed and recognises whole names only."""

from __future__ import annotations

from auscult.knowledge.medicines import lexicon, lookup, mentions
from auscult.knowledge.tables import rows

EVERYDAY_WORDS = {"caffeine"}
"""Ingredients that have no row of their own: they would be found where nobody spoke of a medicine."""


def test_the_lexicon_has_enough_generics_and_brands_with_every_column_filled() -> None:
    assert {len(cells) for cells in rows("medicines.tsv")} == {7}
    assert all(cell == cell.strip() and cell for cells in rows("medicines.tsv") for cell in cells)
    medicines = lexicon()
    assert sum(row.kind == "generic" for row in medicines) >= 800
    assert sum(row.kind == "brand" for row in medicines) >= 800
    for region in ("NZ", "IN", "UK", "US"):
        assert sum(row.kind == "brand" and region in row.regions for row in medicines) >= 100, region
    assert {region for row in medicines for region in row.regions} == {"NZ", "IN", "UK", "US"}


def test_no_row_is_there_twice() -> None:
    keys = [(row.name.lower(), row.kind, row.ingredients) for row in lexicon()]
    assert len(keys) == len(set(keys))
    assert {row.name for row in lexicon() if len(lookup(row.name)) > 1} == {"Duolin"}, "one name, one meaning"


def test_the_rows_are_sorted_generics_first() -> None:
    keys = [(row.kind != "generic", row.name.lower()) for row in lexicon()]
    assert keys == sorted(keys)


def test_what_a_brand_holds_is_a_generic_of_the_lexicon_and_a_generic_holds_itself() -> None:
    generics = {row.name for row in lexicon() if row.kind == "generic"}
    for row in lexicon():
        if row.kind == "brand":
            assert set(row.ingredients) <= generics | EVERYDAY_WORDS, row.name
        else:
            assert row.ingredients == (row.name,)


def test_words_of_everyday_talk_are_no_medicines() -> None:
    talk = (
        "Pause there, let me refresh the page and pan over. The advent of the sonata, a candid night nurse, the ATM, "
        "a muse, soap, water, coffee and caffeine, iron, calcium, urea and potassium in the blood, oxygen, "
        "sugar, salt, milk, alcohol, a bandy leg, a doral reef, plan B, a vitamin a day, a happy zen parkin"
    )
    assert [mention.name for mention in mentions(talk)] == []


def test_a_brand_of_a_high_risk_generic_is_high_risk_too() -> None:
    high = {row.name for row in lexicon() if row.kind == "generic" and row.high_risk}
    for row in lexicon():
        if row.kind == "brand" and high & set(row.ingredients):
            assert row.high_risk, row.name


def test_anticoagulants_insulins_opioids_and_methotrexate_are_high_risk() -> None:
    for name in ("warfarin", "Eliquis", "insulin glargine", "Lantus", "morphine", "MST", "methotrexate", "Folitrax"):
        assert lookup(name)[0].high_risk, name


def test_names_are_found_whatever_their_case_and_the_longest_wins() -> None:
    found = [mention.name for mention in mentions("Start INSULIN GLARGINE and budesonide-formoterol, stop Dolo.")]
    assert found == ["insulin glargine", "budesonide-formoterol", "Dolo"]


def test_a_name_inside_another_word_or_one_letter_off_is_not_found() -> None:
    assert list(mentions("doxycyclin warfarins panadols paracetamolish")) == []


def test_a_brand_that_means_two_things_keeps_both_meanings() -> None:
    assert {row.ingredients for row in lookup("Duolin")} == {
        ("salbutamol", "ipratropium"),
        ("levosalbutamol", "ipratropium"),
    }
