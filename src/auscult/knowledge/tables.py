"""How the tables of words that lie beside the code are read."""

from __future__ import annotations

from importlib import resources


def rows(name: str, package: str = "auscult.knowledge") -> list[list[str]]:
    """The rows of a tab-separated table, each as its cells: without the comments and the line of headings.

    Raises `FileNotFoundError` when `package` has no such file.
    """
    text = resources.files(package).joinpath(name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")][1:]
