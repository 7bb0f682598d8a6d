"""The last look at every statement: a clinician must be able to read it as a sentence, or it is not said.

What the recogniser misheard leaves half sentences behind. Where the end of one can go without changing what is claimed,
it goes ("Denies fever or" is "Denies fever."); everything else that does not hold together is left out. Saying less is
always open to the writer: the transcript stands beside the note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Final

from auscult.domain.evidence import Flag, Polarity
from auscult.domain.ids import TurnId
from auscult.domain.transcript import Transcript
from auscult.engines.writer.offline.coherence import coherent
from auscult.engines.writer.offline.items import UNCLEAR_DOSE, Item
from auscult.engines.writer.offline.person import sentence, speaks_of_self
from auscult.knowledge.findings import mentions_finding
from auscult.knowledge.frequencies import spelt_out
from auscult.knowledge.hindi_numbers import spoken_in_english
from auscult.knowledge.numerals import numbers_in
from auscult.knowledge.tables import rows

UNKNOWN_ALLERGY: Final = "Reports an allergy."
ALLERGEN_UNCLEAR: Final = Flag(code="allergen_unclear", reason="What the patient is allergic to could not be read.")
DOSE_UNCLEAR: Final = Flag(code=UNCLEAR_DOSE, reason="What was said of this medicine could not be read.")


def _roles() -> dict[str, frozenset[str]]:
    """What words can and cannot do in a sentence (`wording.tsv`): each role with its words."""
    table = rows("wording.tsv", "auscult.engines.writer.offline")
    return {role: frozenset(word for word, also, _source in table if also == role) for _word, role, _source in table}


_ROLES: Final = _roles()
_JOINING: Final = _ROLES["joining"]
"""At the end of a sentence these introduce something that was not heard; without them the sentence claims the same."""
_DETERMINERS: Final = _ROLES["determiner"]
_AUXILIARIES: Final = _ROLES["auxiliary"]
_PRONOUNS: Final = _ROLES["pronoun"]
_PREPOSITIONS: Final = _ROLES["preposition"]
"""At the end of a complaint these can go too. A denial, or advice, would become wider than what was said."""
_CONDITIONS: Final = _ROLES["condition"]
"""What follows one of these limits what was said; when it was not heard, the whole is not said."""
_WAITING: Final = _ROLES["waiting"]
"""Words that cannot be a sentence's last: something belongs to them."""
_MORNING: Final = re.compile(r"\b(?:[1-9]|1[0-2])(?:[:.][0-5]\d)? am$", re.IGNORECASE)
"""The "am" behind the time of day is no verb: "8 am", "7:30 am"; but "it 500 am" is no sentence."""
_WHOLE_END: Final = re.compile(
    r"\b(?:a while|com(?:es?|ing) and go(?:es|ing)?|(?:aware|capable) of|\w+ too"
    r"|(?:has|have|had|hasn't|haven't|never)\b.* (?:before|since))$",
    re.IGNORECASE,
)
"""Ends of a sentence whose last word is none of those that wait: "every once in a while", "has never had it before"."""
_WELL: Final = re.compile(r"^(Reports that )(?:(?:well|oh|so|um)\b,? )+", re.IGNORECASE)
_THOUGH: Final = re.compile(r",? though$", re.IGNORECASE)
_BEGUN: Final = re.compile(
    r"(?<=\w\w\w\w),? (?:and|but)(?: just| then| now| so)? (?:they|it|he|she|the patient)"
    r"(?:'s|'re| is| are| was| were| feels?| felt| have| has| had| just)?$",
    re.IGNORECASE,
)
"""A last clause that is only begun: "tired, and they feel"."""
_PARTICLE_VERBS: Final = _ROLES["particle_verb"]
"""After these "on", "in", "about", "around", "through" or "by" is part of the verb: "the pain comes on"."""
_PARTICLES: Final = _ROLES["particle"]
_LEADS: Final = re.compile(
    r"^(?P<lead>Reports (?:that|being|feeling)|Reports|Denies being|Denies|Mentions|Is not sure about|Not thought to be"
    r"|Possible|Impression:|Advised not to|Advised to|Advised:|Will|To|On examination:|Allergic to|On [a-z]+:"
    r"|(?:Duration|Onset|Site|Severity|How often|Worse with|Better with):)\s+(?P<rest>.+)$"
)
_NOUN_LEADS: Final = frozenset({"Reports", "Denies", "Is not sure about", "Mentions", "Possible", "Impression:"})
_NOT_A_NOUN: Final = _ROLES["no_noun"]
"""A finding does not begin with these: "Reports gave them a rash"."""
_SUBJECT: Final = re.compile(
    r"^(?:(?:sometimes|now|then|today|yesterday|when|if|at night|last \w+|since \w+|usually|recently"
    r"|currently|well)[, ]+"
    r"|(?:for|over|in|during|after|before|whenever|every|at|on) (?:[a-z\d]+,? ){1,9}(?=(?:they|it|he|she"
    r"|the (?!other)\w+ (?:is|has|was))\b))?"
    r"(?:they|it|he|she|we|this|that|there|these|those|the|their|a|an|some|his|her|its|nothing|everything|both|\d+)\b",
    re.IGNORECASE,
)
_VERB_LEADS: Final = frozenset({"Advised not to", "Advised to", "Will", "To"})
_NOT_A_VERB: Final = _ROLES["no_verb"]
_PRONOUN: Final = re.compile(r"^(?:they|it|he|she|we|this|that|there)\b", re.IGNORECASE)
_FINITE: Final = re.compile(
    r"\b(?:is|are|was|were|am|has|have|had|do|does|did|can|could|will|would|may|might|feel|felt|get|got|hurt|ache"
    r"|came|come|went|go|began|seem|\w{2,}(?<!s)s|\w{2,}ed)\b|\w(?:'s|n't)\b",
    re.IGNORECASE,
)
_LETTERED: Final = frozenset({"vitamin", "hepatitis", "influenza", "type", "group", "strep"})
"""The "A" after one of these is a name."""
_STATE_LEADS: Final = frozenset({"Reports being", "Reports feeling", "Denies being"})
_COUNTERS: Final = frozenset({"score", "scale", "type", "grade", "stage", "number", "over", "covid"})
_STUTTER: Final = re.compile(
    rf"\b({'|'.join(sorted(_JOINING | _PREPOSITIONS | _CONDITIONS | _PRONOUNS - {'it', 'that'}))})(?: \1\b)+",
    re.IGNORECASE,
)
_WHOLE: Final = frozenset({"smokes", "vapes"})
"""Statements of one word."""
_LIMITS: Final = re.compile(r"\b(?:but|except|only|just|sometimes|unless|apart|if|until|used)\b", re.IGNORECASE)
_EMPTY: Final = _ROLES["empty"]
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|%")
_ADDRESSED: Final = re.compile(r"\byou(?:rs?|rself)?\b|\?", re.IGNORECASE)
_QUOTED: Final = re.compile('"[^"]*"|\u201c[^\u201d]*\u201d')


def presentable(items: Iterable[Item], transcript: Transcript) -> list[Item]:
    """The items that can be read as sentences, mended where that is safe; without any number their turns do not have.

    An ordered or taken medicine and an allergy are never lost: where the sentence does not hold, what remains is the
    name, or that there is an allergy, with a flag.
    """
    said = {turn.id: f"{turn.text} , {spoken_in_english(turn.text)}" for turn in transcript.turns}
    heard: dict[tuple[TurnId, ...], frozenset[Decimal]] = {}  # a long turn has many items, and is read once for all
    kept: list[Item] = []
    for item in items:
        if item.turn_ids not in heard:
            words = " ".join(said.get(turn_id, "") for turn_id in item.turn_ids)
            heard[item.turn_ids] = numbers_in(spelt_out(words))
        numbers = heard[item.turn_ids]
        text = item.text if item.kind in {"complaint", "agreement"} else _mended(item)
        if text and not numbers_in(text) - numbers:
            kept.append(replace(item, text=text, short=_term(item)))
        elif item.kind in {"medicine", "taking"} and item.short:
            kept.append(replace(item, text=sentence(item.short), flags=(*item.flags, DOSE_UNCLEAR)))
        elif item.kind == "allergy" and item.polarity is Polarity.AFFIRMED:
            kept.append(replace(item, text=UNKNOWN_ALLERGY, flags=(*item.flags, ALLERGEN_UNCLEAR)))
    places = {turn.id: place for place, turn in enumerate(transcript.turns)}
    return _once(dict.fromkeys(kept), places)


def is_readable(item: Item) -> bool:
    """True when its sentence holds, or can be mended, or may not be lost whatever it is."""
    return item.kind in {"medicine", "taking", "allergy"} or bool(_mended(item))


def _mended(item: Item) -> str:
    widen = item.polarity is Polarity.AFFIRMED and item.kind in {"history", "medicine", "taking"}
    text = mended(item.text, widen=widen)
    return coherent(text) if text and item.kind in _CLAUSES else text


_CLAUSES: Final = frozenset({"history", "past", "social", "family", "examination", "result", "plan"})
"""What is told in sentences; every other kind has a form of its own."""


def _once(items: Iterable[Item], places: Mapping[TurnId, int]) -> list[Item]:
    """Every fact once: an item that says no more than another of its kind gives that one its turns.

    Medicines, allergies and measurements are left as they are: each of them is checked by itself.
    """
    kept: list[Item] = []
    words = cache(lambda text: frozenset(words_of(text)))
    for item in items:
        for number, earlier in enumerate(kept):
            longer, shorter = (earlier, item) if len(earlier.text) >= len(item.text) else (item, earlier)
            if _mergeable(longer, shorter) and _covers(words(longer.text), words(shorter.text)):
                turns = tuple(sorted({*earlier.turn_ids, *item.turn_ids}, key=places.__getitem__))
                kept[number] = replace(longer, turn_ids=turns)
                break
        else:
            kept.append(item)
    return kept


def _mergeable(longer: Item, shorter: Item) -> bool:
    """True when both are of a kind that is told once, and both say yes or both say no."""
    if longer.kind != shorter.kind or longer.kind not in _MERGED or longer.polarity is not shorter.polarity:
        return False
    return not (longer.medicine or shorter.medicine or longer.flags != shorter.flags)


def _covers(longer: frozenset[str], shorter: frozenset[str]) -> bool:
    """True when one sentence's words have every telling word of the other's."""
    told = shorter - _UNTELLING
    return len(told) > 1 and told <= longer


def mended(text: str, *, widen: bool = False) -> str:
    """The sentence as a clinician can read it; empty when it cannot be one.

    `widen` allows to drop a preposition that nothing follows ("Reports a cough for"), which a denial does not: "denies
    pain in" is not "denies pain".
    """
    head, part, rest = _STUTTER.sub(r"\1", " ".join(text.split()).strip(" .")).partition("; ")
    if not part:
        head = _THOUGH.sub("", _BEGUN.sub("", _WELL.sub(r"\1", head)))
    whole = _ended(head, widen=widen)
    if not whole or not _holds(whole):
        return ""
    if part:
        added = _ended(rest, widen=widen)
        broken = speaks_of_self(_QUOTED.sub("", added)) or is_broken(words_of(added))
        if added and not broken and set(words_of(added)) - _FUNCTION:
            return sentence(f"{whole}; {added}")
        return "" if _LIMITS.search(rest) else sentence(whole)
    return sentence(whole)


def _term(item: Item) -> str:
    """The bare term of an item, held to the same; empty when it is none."""
    term = _ended(item.short, widen=True)
    return "" if speaks_of_self(term) else term


def _ended(text: str, *, widen: bool) -> str:
    """Take off what hangs at the end; empty when the rest would claim something else, or is left waiting."""
    text = text.strip(" ,;:.-")
    while words := words_of(text):
        last = words[-1]
        before = words[-2] if len(words) > 1 else ""
        if last in _PARTICLES and before in _PARTICLE_VERBS:
            break
        if (last == "a" and before in _LETTERED) or _WHOLE_END.search(text):
            break
        if last in _CONDITIONS or (last in _PREPOSITIONS and not widen):
            return ""
        if last not in _JOINING and last not in _PREPOSITIONS:
            break
        if last in {"and", "or", "nor"} and before in _CONDITIONS | _PREPOSITIONS:
            return ""
        text = text[: text.lower().rstrip().rfind(last)].strip(" ,;:.-")
    if not words or (words[-1] in _WAITING and not _MORNING.search(text) and not _WHOLE_END.search(text)):
        return ""
    return text


def _holds(text: str) -> bool:
    """True when it is in the third person, and about something."""
    if speaks_of_self(_QUOTED.sub("", text)) or _ADDRESSED.search(text):
        return False
    match = _LEADS.match(text)
    if match is None:
        return len(text.split()) > 1 or text.lower() in _WHOLE
    lead, words = match["lead"], words_of(match["rest"])
    if not set(words) - _FUNCTION or is_broken(words):
        return False
    if lead in _NOUN_LEADS:
        return is_noun(words)
    if lead in _STATE_LEADS:
        return words[0] not in (_NOT_A_NOUN | _CONDITIONS) - {"to"}
    if lead in _VERB_LEADS:
        return words[0] not in _NOT_A_VERB
    if lead == "Allergic to":
        return words[0] not in _NOT_A_NOUN | _CONDITIONS | _PREPOSITIONS | {"never", "yes", "not"}
    return lead != "Reports that" or _is_clause(match["rest"])


def is_noun(words: list[str]) -> bool:
    """True when it can be the name of a complaint: no verb or preposition begins it, no stray number ends it."""
    if words[0] in _NOT_A_NOUN | _CONDITIONS | (_PREPOSITIONS - {"on"}) or words[0] in {"never", "yes", "up"}:
        return False
    if words[0] == "back" and words[1:2] not in (["pain"], ["ache"], ["strain"], ["spasm"], ["spasms"], ["injury"]):
        return False
    if words[0] == "on" and words[1:3] != ["and", "off"]:
        return False
    return not words[-1].isdigit() or (len(words) > 1 and words[-2] in _PREPOSITIONS | _COUNTERS)


def is_broken(words: list[str]) -> bool:
    """True where two words stand together that do so in no English sentence: "their gave", "the and", "of have"."""
    after_determiner = _PREPOSITIONS | _CONDITIONS | _AUXILIARIES | _PRONOUNS | _DETERMINERS | {"and", "or", "gave"}
    return any(
        (one in _DETERMINERS and next_one in after_determiner and (one, next_one) != ("a", "while"))
        or (
            one in _PREPOSITIONS
            and (one, next_one) not in _INFINITIVES
            and one not in _PARTICLES
            and next_one in _AUXILIARIES | {"and", "or", "if"}
        )
        or (one in _AUXILIARIES and next_one in {"feel", "feels", "is", "are", "was", "were", "am", "has"})
        for one, next_one in pairwise(words)
    )


_INFINITIVES: Final = frozenset({("to", "have"), ("to", "be"), ("to", "do")})


def _is_clause(text: str) -> bool:
    """True when it has someone or something it is about, and, unless that is a pronoun, a verb."""
    if _PRONOUN.match(text):
        return len(text.split()) > 1
    about = _SUBJECT.match(text) or mentions_finding(text.split(maxsplit=1)[0], "symptom", "condition", "body")
    return bool(about) and _FINITE.search(text) is not None


def words_of(text: str) -> list[str]:
    """The words of a sentence, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


_MERGED: Final = frozenset({"history", "examination", "result", "plan"})
_UNTELLING: Final = frozenset(
    {"the", "a", "an", "patient", "reports", "they", "their", "that", "is", "are", "has", "there", "of", "and"}
)
"""Words that a sentence can lose without telling less."""
_FUNCTION: Final = _JOINING | _PREPOSITIONS | _CONDITIONS | _WAITING | _NOT_A_NOUN | _EMPTY
