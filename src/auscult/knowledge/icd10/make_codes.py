"""Writes `codes.tsv.gz` from the package simple-icd-10-cm: every code, its title and its other names.

Needed only to take in a new release: `pip install simple-icd-10-cm`, then run this file. The product reads the table,
because building the package's tree takes seconds.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

TABLE = Path(__file__).with_name("codes.tsv.gz")


def lines(classification: ModuleType) -> Iterator[str]:
    """A line for each code, in order: code, title, its other names joined by |, and 1 when it has no children."""
    for code in classification.get_all_codes(with_dots=True):
        if classification.is_category_or_subcategory(code):
            names = "|".join(classification.get_inclusion_term(code))
            leaf = str(int(classification.is_leaf(code)))
            cells = (code, classification.get_description(code), names, leaf)
            yield "\t".join(" ".join(cell.split()) for cell in cells)


def main() -> None:
    """Write the table. The time stamp is left out, so that the same release gives the same bytes."""
    classification = import_module("simple_icd_10_cm")
    text = "\n".join(["code\ttitle\tnames\tleaf", *lines(classification)]) + "\n"
    TABLE.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
