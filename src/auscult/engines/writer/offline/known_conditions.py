"""The medical history: the lasting illnesses that somebody speaks of as the patient's own (`chronic.tsv`).

"How is your diabetes?" and "for your high blood pressure" tell of an illness that is known, though nobody says that the
patient has it. What is asked after ("do you have asthma?"), feared, or a relative's is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.tables import rows

_DENIED: Final = re.compile(r"\b(?:no|not|never|without|risk|resolved|ruled out|rule out)\b|n't\b", re.IGNORECASE)


@cache
def _named() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {said: name for said, name, _source in rows("chronic.tsv", "auscult.engines.writer.offline")}
    words = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(
        rf"\b(?:your|my) (?:(?:known|chronic|history of|underlying|second|third) )*(?P<what>{words})\b"
        r"(?! (?:risk|screening|test|check|educat\w+|score|numbers|sugars?))",
        re.IGNORECASE,
    ), names


def known_conditions(said: Sequence[Sentence], items: Iterable[Item]) -> list[Item]:
    """One item that lists the illnesses no item of a history tells of; none when there are none."""
    pattern, names = _named()
    told = " ".join(item.text for item in items if item.kind in {"history", "past"}).casefold()
    turns: dict[str, TurnId] = {}
    for one in said:
        own = "your" if one.speaker in {Speaker.CLINICIAN, Speaker.UNKNOWN} else "my"
        for match in pattern.finditer(one.text):
            name = names[match["what"].lower()]
            clause = one.text[max(0, match.start() - _NEAR) : match.start()]
            if match[0].lower().startswith(own) and not _DENIED.search(clause):
                turns.setdefault(name, one.turn_id)
    found = {
        name: turn
        for name, turn in turns.items()
        if name.casefold() not in told
        and not any(said in told for said, other in names.items() if other == name)
        and not any(other != name and name.casefold() in other.casefold() for other in turns)
    }
    if not found:
        return []
    listed = list(found)
    text = " and ".join(filter(None, (", ".join(listed[:-1]), listed[-1])))
    return [Item("past", f"The patient has a history of {text}.", tuple(dict.fromkeys(found.values())))]


_NEAR: Final = 25
"""Characters before an illness in which a "no" is of it."""
