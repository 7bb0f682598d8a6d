"""The app's Hindi for the server's sentences follows their wording."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def _written(node: ast.AST) -> str | None:
    """A string of the source as the app looks it up: with `#` where a number stands or is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _NUMBER.sub("#", node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (one.value if isinstance(one, ast.Constant) else "#" for one in node.values)
        return _NUMBER.sub("#", "".join(str(one) for one in parts))
    return None


def _sentences() -> Iterator[str]:
    for path in (ROOT / "src" / "auscult").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if text := _written(node):
                yield text


def test_every_sentence_that_the_app_translates_is_said_by_the_server() -> None:
    """Who words a problem anew is told that its Hindi is to be worded anew, too."""
    table = json.loads((ROOT / "web" / "src" / "i18n" / "said.hi.json").read_text(encoding="utf-8"))
    said = set(_sentences())
    hardware = {one for one in table if one.startswith("# cores")}  # put together from two strings
    assert len(hardware) == 2
    assert {_NUMBER.sub("#", one) for one in table} - hardware - said == set()
