"""Sentences that a person would not leave in a note: fragments, first person, filler, questions.

A sentence dangles when one of `REASONS` holds. Telegraphic style is accepted where clinicians use it: a labelled value
("Neck: supple"), a short line that names a finding or medicine ("Right knee pain."), and a short line without a verb
outside the history ("Clear to auscultation bilaterally."). "We will order" and "I advised" are accepted in the
assessment and plan. Loose punctuation is counted apart: it is untidy, and the sentence may be whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from auscult.domain.note import NoteBody
from auscult.evaluation.notes.divisions import division_of
from auscult.evaluation.notes.metric import Detail, Figure, Measured, Metric, Part
from auscult.evaluation.notes.metrics.medicines import ingredients
from auscult.evaluation.notes.readings import concepts_in
from auscult.evaluation.notes.visits import PLAN, SUBJECTIVE, Written
from auscult.knowledge.tables import rows

WEAKNESS: Final = (
    "Patterns, not grammar: it misses a sentence that ends well and makes no sense, and a verb that the list lacks "
    "makes a whole sentence a fragment. About one sentence in twenty of the notes that clinicians wrote for ACI-BENCH "
    "is objected to, so a figure near that is as good as it can tell. Read notes as well."
)
LONGEST_PHRASE: Final = 8
"""Words that a line without a verb may have outside the history."""
LONGEST_NAMING: Final = 5
"""Words of a line anywhere that just names a finding or medicine: "Right knee pain."."""

LONGEST_BREATH: Final = 40
"""Words of a sentence that hardly pauses; longer ones are speech that was copied."""

_SENTENCE = re.compile(r"(?<!\bdr\.)(?<!\bmr\.)(?<!\bms\.)(?<!\bmrs\.)(?<=[.!?])\s+|\n+", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+(?:['\u2019][a-z]+)*|\d+(?:\.\d+)?", re.IGNORECASE)
_LABELLED = re.compile(r"^[A-Z][\w /()-]{0,60}:\s*\S")
_OF_HISTORY = re.compile(
    r"(?:no|status post|history of|positive for|negative for|acute|chronic|left|right|bilateral)\b", re.IGNORECASE
)
_ENDS_OPEN: Final = re.compile(
    r"\b(?:a|an|the|my|your|its|our|their|every|of|at|for|with|from|by|into|onto|upon|about|because|since|until|than"
    r"|which|who|whose|when|where|while|if|though|although|as|so|and|or|but|nor|to|is|are|was|were|be|been|am|has|have"
    r"|had|do|does|did|will|would|can|could|should|may|might|must|very|really|just|like|um|uh)$"
)
_ENDS_WELL = re.compile(
    r"\b(?:more|less|better|worse|a while|or so|(?:overdue|looking|asked|hoping|accounted|cared) for"
    r"|(?:used|able|unable|allergic|referred|want(?:s|ed)?|trying|like|need(?:s|ed)?) to"
    r"|(?:as|than) (?:she|he|they|it) (?:is|are|was|were|has|have|had|do|does|did|can|could|should|would)"
    r"|what it (?:is|was)|how (?:he|she|they) (?:is|was|are|were)|thinks? so)$"
)
_STARTS_OPEN = re.compile(r"^(?:and|but|because|or|so|which|that's|like|then|well(?!-)|also,?$)\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(
    r"(?<!type )(?<!grade )(?<!stage )(?<!class )(?<!phase )"
    r"\b(?:I|i)(?:['\u2019](?:m|ve|d|ll))?\b(?!\s*[-/]|\.)|\b(?:me|my|mine|myself)\b"
)
_OF_CLINICIAN = re.compile(
    r"\bI(?:['\u2019](?:ve|ll|d))?(?: \w+){0,2}? (?:advised?|recommend(?:ed)?|discuss(?:ed)?|counsel(?:l?ed)?"
    r"|explain(?:ed)?|review(?:ed)?|order(?:ed)?|prescribed?|encouraged?|referr?(?:ed)?|instruct(?:ed)?|educated?|start(?:ed)?|continue"
    r"|suspect|will|would|want|believe|plan|provide|place|schedule|am going to|do not (?:think|believe)"
    r"|have (?:had|reviewed|discussed|advised))\b"
    r"|\b(?:with|contact|call|to|let|notify) me\b"
)
_WE = re.compile(r"\b(?:we|us|our|ours)\b|\bwe['\u2019]", re.IGNORECASE)
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|yourself)\b|\byou['\u2019]", re.IGNORECASE)
_FILLER = re.compile(
    r"\b(?:u+m+|u+h+|hm+|mm-?hm+|uh-?huh|yeah|yep|(?<!doing )(?<!going )(?<!been )(?<!is )(?<!are )(?<!was )(?<!feels )"
    r"(?:okay|ok|alright)"
    r"|gon ?na|wan ?na|got ta|gotta|kinda|sorta|you know"
    r"|i mean|gosh|oh)\b"
    r"|^(?:well|so|now|right|sure|great|good|like),\s|,\s*(?:like|right|you know),",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"\s[,.;:](?!\d)|\sn['\u2019]t\b|[,.;][,;]|\w-\s")
_TWICE = re.compile(r"\b([a-z]+)\s+\1\b", re.IGNORECASE)
_MAY_BE_TWICE = frozenset({"had", "that", "bye", "very"})


def _no_verb(sentence: str, division: str | None) -> bool:
    words = [word.lower().replace("\u2019", "'") for word in _WORD.findall(sentence)]
    telegraphic = division != SUBJECTIVE or _OF_HISTORY.match(sentence)
    if _LABELLED.match(sentence) or (telegraphic and len(words) <= LONGEST_PHRASE):
        return False
    if len(words) <= LONGEST_NAMING and (concepts_in(sentence) or ingredients(sentence)):
        return False
    return not any(word in _verbs() or _looks_like_verb(word) for word in words)


def _looks_like_verb(word: str) -> bool:
    short_for = word in {"it's", "he's", "she's", "there's", "that's"} or word.endswith(("'ve", "'re", "'ll", "n't"))
    return short_for or (word.endswith("ed") and len(word) > 4)


def _ends_open(sentence: str, _division: str | None) -> bool:
    words = " ".join(word.lower() for word in _WORD.findall(sentence))
    if _ENDS_OPEN.search(words) and not _ENDS_WELL.search(words):
        return True
    return sentence.rstrip(" .").endswith((",", "-", ":", "\u2026")) or sentence.endswith("..")


def _first_person(sentence: str, division: str | None) -> bool:
    if division == PLAN and _OF_CLINICIAN.search(sentence):
        sentence = _OF_CLINICIAN.sub("", sentence)
    return _FIRST_PERSON.search(sentence) is not None or (division != PLAN and _WE.search(sentence) is not None)


def _said_twice(sentence: str, _division: str | None) -> bool:
    return any(match.group(1).lower() not in _MAY_BE_TWICE for match in _TWICE.finditer(sentence))


def _runs_on(sentence: str, _division: str | None) -> bool:
    words = len(sentence.split())
    return words > LONGEST_BREATH and words / (1 + len(re.findall(r"[,;:(]", sentence))) > LONGEST_BREATH / 2


REASONS: Final[Mapping[str, Callable[[str, str | None], object]]] = {
    "ends in the middle": _ends_open,
    "begins in the middle": lambda sentence, _division: _STARTS_OPEN.search(sentence),
    "no verb": _no_verb,
    "first person": _first_person,
    "second person": lambda sentence, _division: _SECOND_PERSON.search(sentence),
    "filler": lambda sentence, _division: _FILLER.search(sentence),
    "question": lambda sentence, _division: "?" in sentence,
    "a word twice": _said_twice,
    "runs on": _runs_on,
}
"""What makes a sentence dangle: each a test of the sentence and the division that it stands in."""


@cache
def _verbs() -> frozenset[str]:
    forms: set[str] = set()
    for verb, kind, _source in rows("verbs.tsv", "auscult.evaluation.notes"):
        forms.add(verb)
        if kind == "regular":
            stem = verb.removesuffix("e")
            forms |= {f"{verb}s", f"{verb}es", f"{stem}ed", f"{stem}ing", f"{verb}{verb[-1]}ed", f"{verb}{verb[-1]}ing"}
    return frozenset(forms)


def loose_punctuation(sentence: str) -> bool:
    """True for a space before a comma, two stops, a word cut off by a hyphen, or a bracket that is never closed."""
    unclosed = sentence.count("(") != sentence.count(")") or sentence.count('"') % 2 == 1
    return unclosed or _LOOSE.search(sentence) is not None


def faults(sentence: str, division: str | None = SUBJECTIVE) -> list[str]:
    """Why a sentence dangles, in the words of `REASONS`; empty when it does not."""
    return [reason for reason, holds in REASONS.items() if holds(sentence, division)]


_PHRASES: Final = frozenset({"chief complaint", "vitals", "vital signs"})
"""Headings under which notes have phrases by custom, the references too: "Back pain.", "Pulse 72."."""


def sentences_of(body: NoteBody) -> list[tuple[str, str | None]]:
    """The sentences of a note's statements, each with its division; None where phrases are the custom."""
    return [
        (sentence.strip(), None if section.title.lower() in _PHRASES else division_of(section.title))
        for section in body.sections
        for statement in section.statements
        for sentence in _SENTENCE.split(statement.text)
        if sentence.strip()
    ]


def measure(written: Written) -> Measured:
    """Look at each sentence of each statement."""
    found = sentences_of(written.body)
    dangling = [
        Detail(written.visit.id, "dangling", ", ".join(reasons), sentence)
        for sentence, division in found
        if (reasons := faults(sentence, division))
    ]
    loose = [
        Detail(written.visit.id, "loose_punctuation", "punctuation", sentence)
        for sentence, _division in found
        if loose_punctuation(sentence)
    ]
    parts = {
        "dangling": Part(len(dangling), len(found)),
        "loose_punctuation": Part(len(loose), len(found)),
    }
    return Measured(parts, (*dangling, *loose))


METRIC: Final = Metric(
    figures=(
        Figure("dangling", "dangling sentences"),
        Figure("loose_punctuation", "sentences with loose punctuation"),
    ),
    measure=measure,
    weakness=WEAKNESS,
)
