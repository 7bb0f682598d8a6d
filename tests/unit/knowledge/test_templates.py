"""The headings of a note: one key for every language, and the wording that is shown."""

from __future__ import annotations

import pytest

from auscult.knowledge.templates import NAMES, sections, shown


@pytest.mark.parametrize("template", NAMES)
def test_every_heading_has_its_hindi(template: str) -> None:
    for title, _kinds in sections(template):
        assert shown(title, "hi") != title
        assert shown(title, "en") == title


def test_a_heading_that_no_template_has_is_shown_as_it_is() -> None:
    assert shown("Wound care", "hi") == "Wound care"


def test_a_heading_that_two_templates_share_has_one_hindi() -> None:
    assert shown("Plan", "hi") == "योजना"
    assert shown("Allergies", "hi") == "एलर्जी"
