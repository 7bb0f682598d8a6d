"""Puts the verb right where "I" or "you" becomes "the patient": "I have" is "the patient has"."""

from __future__ import annotations

import re
from typing import Final

from auscult.knowledge.tables import rows

_IRREGULAR: Final = {
    "am": "is", "are": "is", "have": "has", "do": "does", "go": "goes", "were": "was", "'m": "is", "'re": "is",
    "'ve": "has", "'ll": "will", "'d": "would",
}  # fmt: skip
_ADVERBS: Final = frozenset((
    "never", "also", "still", "always", "often", "sometimes", "usually", "mostly", "mainly", "occasionally", "rarely",
    "probably", "currently", "recently", "already", "only", "now", "then",
))  # fmt: skip
_UNCHANGED: Final = _ADVERBS | frozenset((
    "was", "had", "did", "will", "would", "can", "cannot", "could", "should", "may", "might", "must", "used", "not",
))  # fmt: skip
"""Words that keep their form; after an adverb among them the verb is still to come."""


def _verbs() -> frozenset[str]:
    return frozenset(verb for verb, _source in rows("verbs.tsv", "auscult.engines.writer.offline"))


_BASE: Final = _verbs()
"""Verbs in the form that "I" takes today and "the patient" takes with an s."""
_FOLLOWING: Final = {
    "i": re.compile(r"\bi(?P<clitic>'(?:m|ve|ll|d))?\b(?P<rest>.*)$", re.IGNORECASE | re.DOTALL),
    "you": re.compile(r"\byou(?P<clitic>'(?:re|ve|ll|d))?\b(?P<rest>.*)$", re.IGNORECASE | re.DOTALL),
}
_SUBJECT_AFTER: Final = re.compile(
    r"(?:^|[,;:.]|\b(?:and|but|so|that|when|if|because|since|where|while|although|until|after|before|as|which|what"
    r"|today|now|then|though|yesterday|ago|week|month|year|morning|night|however|sometimes|first|also|exam"
    r"|examination))\s*$",
    re.IGNORECASE,
)
"""What stands before a subject; after anything else "you" may be an object ("give you")."""


def third_person(text: str, person: str) -> str:
    """Put the first "I" (or "you") that is a subject as "the patient", its verb with it; the rest stays as it was.

    Where the verb is not known it stays too: `person.of_patient` then says "they", which goes with any verb.
    """
    match = _FOLLOWING[person].search(text)
    if match is None or not _SUBJECT_AFTER.search(text[: match.start()]):
        return text
    told = agreed(match["clitic"] or "", match["rest"])
    if told is None:
        return text
    return f"{text[: match.start()]}the patient{told}"


def agreed(clitic: str, rest: str) -> str | None:
    """The words after a subject with their verb in the third person singular; None when it is not known.

    `clitic` is what hangs on the subject ("'re"), `rest` everything behind it.
    """
    if clitic:
        put = _IRREGULAR[clitic.lower()]
        if clitic.lower() == "'d" and re.match(r"\s+(?:been|had|gone|\w+ed)\b", rest):
            put = "had"
        return f" {put}{rest}"
    words = re.match(
        r"(?P<adverbs>(?:\s+(?:" + "|".join(sorted(_ADVERBS)) + r"))*)\s+(?P<verb>[a-z']+)(?P<after>.*)$",
        rest,
        re.IGNORECASE | re.DOTALL,
    )
    if words is None:
        return None
    verb = words["verb"].lower()
    if verb in _IRREGULAR:
        put = _IRREGULAR[verb]
    elif verb in _UNCHANGED or (verb.endswith("ed") and verb not in _BASE) or verb in _PAST:
        put = verb
    elif verb in _BASE and not _coordinated(words["after"]):
        put = _with_s(verb)
    else:
        return None
    return f"{words['adverbs']} {put}{words['after']}"


def is_finite(word: str) -> bool:
    """True for a verb that a subject can stand before: "is", "takes", "went", "hurts", "noticed", "doesn't"."""
    return (
        word in _FINITE or (word.endswith("ed") and len(word) > 4) or word.endswith(("n't", "'s", "'re", "'ve", "'ll"))
    )


_NOUNS_TOO: Final = frozenset(
    [
        "ache",
        "aches",
        "care",
        "change",
        "changes",
        "check",
        "cough",
        "coughs",
        "count",
        "cut",
        "cuts",
        "diet",
        "drink",
        "drinks",
        "exercise",
        "exercises",
        "feel",
        "hurt",
        "itch",
        "left",
        "limit",
        "limits",
        "need",
        "needs",
        "rest",
        "run",
        "runs",
        "set",
        "sleep",
        "smoke",
        "sprain",
        "stress",
        "swallow",
        "test",
        "tests",
        "touch",
        "use",
        "walk",
        "walks",
        "work",
        "works",
    ]
)
_BEFORE_NOUN: Final = frozenset(
    [
        "a",
        "an",
        "any",
        "the",
        "their",
        "his",
        "her",
        "its",
        "your",
        "my",
        "no",
        "of",
        "on",
        "in",
        "for",
        "with",
        "some",
        "this",
        "that",
        "dry",
        "bad",
        "light",
        "slight",
        "mild",
        "right",
        "lower",
        "upper",
        "and",
        "or",
        "to",
        "at",
        "from",
        "more",
    ]
)


def is_verb(before: str, word: str) -> bool:
    """True for a finite verb that is none of the nouns and sides written like it: "a cough", "their left knee"."""
    return is_finite(word) and not (word in _NOUNS_TOO and before in _BEFORE_NOUN)


def _coordinated(after: str) -> bool:
    """True when a second verb in the same form follows, which would need its s too."""
    return any(
        word in _BASE or word in {"have", "do", "go", "am", "are"}
        for word in re.findall(r"\b(?:and|or|but|then) (\w+)", after)
    )


def _with_s(verb: str) -> str:
    if re.search(r"(?:s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search(r"[^aeiou]y$", verb) else f"{verb}s"


_PAST: Final = frozenset(
    [
        "got",
        "went",
        "felt",
        "took",
        "had",
        "came",
        "began",
        "became",
        "broke",
        "brought",
        "bought",
        "caught",
        "cut",
        "did",
        "drank",
        "drove",
        "ate",
        "fell",
        "fed",
        "underwent",
        "undergone",
        "showed",
        "switched",
        "found",
        "forgot",
        "gave",
        "grew",
        "heard",
        "held",
        "hit",
        "hurt",
        "kept",
        "knew",
        "laid",
        "left",
        "lost",
        "made",
        "met",
        "paid",
        "put",
        "quit",
        "ran",
        "said",
        "saw",
        "sat",
        "slept",
        "spent",
        "stood",
        "stuck",
        "stopped",
        "thought",
        "threw",
        "told",
        "tore",
        "twisted",
        "understood",
        "woke",
        "wore",
        "was",
        "were",
        "threw",
        "shot",
        "slid",
        "spoke",
        "stepped",
        "swam",
        "rode",
        "read",
        "rang",
        "rose",
        "sent",
        "set",
        "shook",
        "sold",
        "sprained",
        "struck",
        "taught",
        "won",
        "wrote",
    ]
)
"""Irregular past forms, the same for every person."""

_FINITE: Final = (
    frozenset(
        [
            "is",
            "are",
            "was",
            "were",
            "am",
            "has",
            "have",
            "had",
            "does",
            "do",
            "did",
            "can",
            "cannot",
            "could",
            "will",
            "would",
            "may",
            "might",
            "must",
            "should",
            "shows",
            "show",
            "showed",
            "reveals",
            "demonstrates",
            "includes",
            "needs",
            "comes",
            "goes",
            "feel",
            "feels",
            "need",
            "want",
        ]
    )
    | _PAST
    | {_with_s(verb) for verb in _BASE}
    | _BASE
)
