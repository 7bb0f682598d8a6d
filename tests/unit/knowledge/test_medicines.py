"""The lexicon of medicine names is well formed and recognises whole names only."""

from __future__ import annotations

from auscult.knowledge.medicines import lexicon, lookup, mentions


def test_the_lexicon_has_enough_generics_and_brands_with_every_column_filled() -> None:
    rows = lexicon()
    assert sum(row.kind == "generic" for row in rows) >= 250
    assert sum(row.kind == "brand" for row in rows) >= 250
    assert all(row.name and row.ingredients and row.drug_class and row.regions and row.source for row in rows)
    assert {region for row in rows for region in row.regions} == {"NZ", "IN", "UK", "US"}


def test_no_row_is_there_twice() -> None:
    keys = [(row.name.lower(), row.ingredients) for row in lexicon()]
    assert len(keys) == len(set(keys))


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
