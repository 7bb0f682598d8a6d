"""Templates are data: which headings a note has, and what goes under each (`knowledge/templates/*.json`)."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Final

from auscult.domain.errors import InvalidError

NAMES: Final = ("visit", "soap", "gp")


@cache
def sections(template: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The headings of a template, in order, each with the kinds of items under it. Raises `InvalidError`."""
    if template not in NAMES:
        raise InvalidError("There is no such note template.", remedy=f"Use one of: {', '.join(NAMES)}.")
    text = resources.files("auscult.knowledge").joinpath("templates", f"{template}.json").read_text("utf-8")
    return tuple((section["title"], tuple(section["kinds"])) for section in json.loads(text)["sections"])
