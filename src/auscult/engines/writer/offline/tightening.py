"""Says each sentence as shortly as a clinician writes it, once it is clear what it says: no filler, units as written.

Nothing that limits a claim goes: "not really" and "just the left" stay.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from auscult.domain.note_fields import IMPRESSION
from auscult.engines.writer.offline.clauses import verb_for
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import lower_first, sentence

_SHORTER: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"(?<=\d) ?milligrams?\b", " mg"),
        (r"(?<=\d) ?micrograms?\b", " micrograms"),
        (r"(?<=\d) ?(?:per ?cent)\b", "%"),
        (r"\b([1-6]) out of (6)\b(?=.{0,30}\bmurmur)", r"\1/\2"),
        (r"\b([1-6]) (?:out of|over) (?:six six|6 6)\b", r"\1/6"),
        (r"\b([0-5]) out of 5\b", r"\1/5"),
        (r"\bdid or (?:do|does)\b", "did"),
        (r"\b(\d{2,3}) over (\d{2,3})\b", r"\1/\2"),
        (r"\b(\d+) (?=year[ -]old\b)", r"\1-"),
        (r"(?<=\d-)year old\b", "year-old"),
        (r"(?<!\ba )(?<!\bthe )(?<!\bevery )(?<!\bthis )\b(?=little bit\b|lot of\b)", "a "),
        (r"(?<=\bno )like (?=\w)", ""),
        (
            r"(?<=\w )(?<!feel )(?<!feels )(?<!felt )(?<!look )(?<!looks )(?<!looked )(?<!seem )(?<!seems )(?<!sound )"
            r"(?<!sounds )(?<!'s )(?<!is )(?<!was )(?<!are )(?<!it )(?<!that )"
            r"\blike (?=(?:in|on|at|for|over|around|inside|outside"
            r"|every|once|twice|\d+|maybe|probably)\b)",
            "",
        ),
        (r"^denies being any\b", "Denies"),
        (r"^There is no (?=(?:(?!or |and )[a-z-]+ ){0,2}[a-z]+(?<!s)(?<!u)(?<!i)s\.$)", "There are no "),
        (r"^Advised: do not (?=[a-z])", "Advised not to "),
        (r"^To (?=get\b)", ""),
        (r"^The patient is (?=(?:their|the|his|her) (?:\w+ ){1,2}(?:is|are) )", ""),
        (r"^The (\w+ exam) on the \1, ", r"On the \1, "),
        (r"\ba little bit of (?:a )?", "a little "),
        (r"\ba little bit\b", "a little"),
        (r"\ba little an? (?=\w)", "a little "),
        (r"\bget (.{3,30}) taken care\.?$", r"get \1 taken care of"),
        (r"^There is several\b", "There are several"),
        (r"(?<!not )(?<!n't )\breally (?=\w)", ""),
        (
            r"\bjust (?=(?:can|can't|cannot|do|don't|feel|felt|got|get|started|hurts|want|wants|had|have|been"
            r"|drink|kind|keeps?"
            r"|came|could|couldn't|starts)\b)",
            "",
        ),
        (r"\b(?:nice and|nice|pretty much|kind of|sort of) (?=\w)", ""),
        (r"\b(has|have) got (?=(?:an?|some|the|no|about|\d+)\b)", r"\1 "),
        (r"\b(?:like )?(?:about|around) (?:like )?(?=\d)", "approximately "),
        (r"\b(\w+) \1\b(?=[.,]| \w)", r"\1"),
    )
)
_NAMED: Final = re.compile(r"(?:no|an?|some|mild|moderate|severe|slight)\b", re.IGNORECASE)
_TOLD: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|looks?|feels?|appears?|seems?|shows?|sounds?|noted)\b|\w's\b",
    re.IGNORECASE,
)
"""The verbs of findings; "wheeze" and "cough" would pass for verbs too."""
_MAY_BE_TWICE: Final = re.compile(
    r"\b(had|that|very|\d+|zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|hundred|\w+teen|\w+ty) \1\b",
    re.IGNORECASE,
)
_ON_EXAMINATION: Final = re.compile(
    r"^on (?:the |their |his |her |your )?(?:physical )?(?:\w+ ){0,2}exam(?:ination)?(?: here)?[:,] (?=\w)",
    re.IGNORECASE,
)


def _found(text: str) -> str:
    """What was found, as a sentence without the lead that its heading says; the same where it is none without."""
    found = _ON_EXAMINATION.sub("", text)
    if found == text or _TOLD.search(found):
        return sentence(found)
    return f"There {verb_for(found)} {lower_first(found)}" if _NAMED.match(found) else text


def tightened(item: Item) -> Item:
    """The item in fewer words; what its heading says already goes too, so that it reads alike in every template."""
    text = _found(item.text) if item.kind == "examination" else item.text
    for pattern, instead in _SHORTER[:-1]:
        text = pattern.sub(instead, text)
    if not _MAY_BE_TWICE.search(text):
        text = _SHORTER[-1][0].sub(_SHORTER[-1][1], text)
    if item.kind == "impression" and item.short:
        text = text.removeprefix(IMPRESSION)
    return replace(item, text=sentence(text))
