"""Templates are data: which headings a note has, and what goes under each (the `*.json` beside this file)."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final

from auscult.domain.errors import InvalidError
from auscult.domain.note import Template

NAMES: Final = tuple(one.value for one in Template)


@cache
def _template(name: str) -> dict[str, Any]:
    if name not in NAMES:
        raise InvalidError("There is no such note template.", remedy=f"Use one of: {', '.join(NAMES)}.")
    template: dict[str, Any] = json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    return template


def labelled(template: str) -> bool:
    """True when its sentences stand under labels, such as a body system. Raises `InvalidError`."""
    return bool(_template(template)["labels"])


@cache
def sections(template: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The headings of a template, in order, each with the kinds of items under it. Raises `InvalidError`."""
    return tuple((section["title"], tuple(section["kinds"])) for section in _template(template)["sections"])


def shown(title: str, language: str) -> str:
    """A heading as a reader of this language sees it: `hi` or `en`; what has no other wording stays as it is.

    For showing only: by `Section.title` itself a heading is told from another.
    """
    return _titles_hi().get(title, title) if language == "hi" else title


@cache
def _titles_hi() -> dict[str, str]:
    return {one["title"]: one["title_hi"] for name in NAMES for one in _template(name)["sections"]}


def heading(title: str, template: str, *, of: str) -> str:
    """Where what stands under a heading of the template `of` stands in `template`.

    Under the same heading where there is one, else under the first that takes anything of the same kind; what is no
    heading of a template stays.
    """
    wanted = sections(template)
    kinds = next((kinds for one, kinds in sections(of) if one == title), ())
    if any(one == title for one, _ in wanted):
        return title
    return next((one for one, taken in wanted if set(taken) & set(kinds)), title)
