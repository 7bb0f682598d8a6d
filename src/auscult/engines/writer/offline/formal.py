"""Says in full what speech shortens ("it's" is "it is"), and not every line with the same verb.

Last of all and in English only: the rules before it read what was said, shortened as it was. What is quoted stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from auscult.engines.writer.offline.items import Item

_HAS: Final = (
    r"(?=(?: (?:also|always|already|just|never|now|only|really|since|still|then|not))* (?:been|become|come|done|gone"
    r"|got|gotten|had|happened|helped|made|run|seen|taken|told|tried|improved|worsened)\b)"
)
"""What stands before "'s" or "'d" as a form of "have"; before anything else it is "is" or "would"."""
_WHO: Final = r"(?:anything|everything|he|here|it|nothing|she|something|that|there|this|what|where|which|who)"
_IN_FULL: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"(?<!\w)'cause\b", "because"),
        (rf"^'s\b{_HAS}", "It has"),
        (r"^'s\b", "It is"),
        (r"\bcan't\b", "cannot"),
        (r"\bwon't\b", "will not"),
        (r"\bshan't\b", "shall not"),
        (r"(?<!\bai)n't\b", " not"),
        (r"(?<=\w)'s(?= (?:been|gone|got|gotten)\b)", " has"),
        (
            r"(?<=\w)'s(?= (?:an?|always|at|controlled|coming|doing|elevated|fine|getting|going|in|just|normal|not|okay"
            r"|on|stable|the|unbearable)\b)",
            " is",
        ),
        (rf"\b({_WHO})'s\b{_HAS}", r"\1 has"),
        (rf"\b({_WHO})'s\b", r"\1 is"),
        (r"(?<=\w)'re\b", " are"),
        (r"(?<=\w)'ve\b", " have"),
        (r"(?<=\w)'ll\b", " will"),
        (rf"(?<=\w)'d\b{_HAS}", " had"),
        (r"(?<=\w)'d\b(?= (?:\w+ )?(?:be|have|like|say|think|rather|get|go|take|need|want|feel|do)\b)", " would"),
    )
)
_TELLS: Final = "Reports that "
_STATES: Final = "States that "
_TAKES: Final = re.compile(r"^Takes (?=\S)")


def in_full(item: Item) -> Item:
    """The item without the short forms of speech; a possessive ("the patient's") and a quotation stay."""
    text = item.text
    if "'" not in text or '"' in text:
        return item
    for pattern, instead in _IN_FULL:
        text = pattern.sub(instead, text)
    return replace(item, text=text)


def in_turns(items: Iterable[Item]) -> list[Item]:
    """The items with every second "Reports that" as "States that", so that a history does not drone."""
    put: list[Item] = []
    told = 0
    for item in items:
        text = item.text
        if item.kind == "history" and text.startswith(_TELLS):
            told += 1
            text = text if told % 2 else f"{_STATES}{text.removeprefix(_TELLS)}"
        put.append(
            replace(item, text=_TAKES.sub("Is taking ", text)) if item.kind == "taking" else replace(item, text=text)
        )
    return put
