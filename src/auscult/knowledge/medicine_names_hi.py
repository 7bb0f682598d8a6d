"""Medicine names in a text of either script: those of `medicines.tsv`, and their Devanagari spellings."""

from __future__ import annotations

import re
from functools import cache

from auscult.knowledge.medicines import Mention, lookup, mentions
from auscult.knowledge.tables import rows

_LETTER = r"[\u0900-\u0963\u0970-\u097f]"


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {
        spelling: name for name, spellings, _source in rows("medicines_hi.tsv") for spelling in spellings.split("|")
    }
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!{_LETTER})(?:{'|'.join(map(re.escape, longest_first))})(?!{_LETTER})"), names


def names_in(text: str) -> list[Mention]:
    """The medicines that a text names, left to right. Exact spellings only."""
    pattern, names = _spellings()
    written = [Mention(match.start(), match.end(), lookup(names[match.group()])) for match in pattern.finditer(text)]
    return sorted([*mentions(text), *written], key=lambda mention: mention.start)
