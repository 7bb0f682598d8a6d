"""What a clinician says in Hindi: measurements, examination, impression, tests, advice, when to come back."""

from __future__ import annotations

import re
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.note_fields import IMPRESSION
from auscult.engines.writer.offline.hindi_clauses import clauses
from auscult.engines.writer.offline.hindi_sentences import Said
from auscult.engines.writer.offline.hindi_telling import listed
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import sentence
from auscult.engines.writer.offline.sentences import Sentence
from auscult.engines.writer.offline.vitals import vitals_in
from auscult.knowledge.hindi import find, find_all, keys, mentions_any
from auscult.knowledge.hindi_numbers import period
from auscult.knowledge.sounds import fold

_FAR: Final = 4
"""Words between the name of a measurement and its value."""
_LEADING: Final = 4
"""Words at the beginning of a sentence in which it says what it is about."""
_ABOUT: Final = frozenset(
    tuple(fold(word) for word in phrase.split()) for phrase in ("ke liye", "ki baat", "ke baare", "ka ilaaj", "ki dawa")
)
_FORBIDDING: Final = re.compile(r"\b(?:avoid|stop|not|cut down|lose)\b")


def vitals(said: Said) -> list[Item]:
    """Measurements: "BP 130/80 hai", "oxygen 97 hai", "bukhar ek sau do hai"."""
    found: list[Item] = []
    if said.has("past"):
        return found  # "pichli baar" is not today
    for match in find_all(said.words, "vital"):
        place = match.last
        while place < min(match.last + _FAR, len(said.words)) and not said.words[place].number:
            place += 1
        if place >= len(said.words) or not said.words[place].number or place - match.last >= _FAR:
            continue
        value = said.words[place].number
        rest = said.words[place + 1 : place + 3]
        if rest and period(rest[0]):
            continue
        if match.entry.english == "blood pressure":
            over = len(rest) == 2 and (rest[0].key == "/" or rest[0].key in keys("over")) and rest[1].number
            value = f"{value}/{rest[1].number}" if over else ""
        unit = " kg" if match.entry.english == "weight" and rest and rest[0].key in {"kg", "kilo", "kg."} else ""
        english = f"{match.entry.english} {value}{unit}"
        if value:
            found += vitals_in(Sentence(said.turn_id, said.speaker, english, question=False, first=False))
    return found


def announced(said: Said) -> str:
    """The problem that a sentence says it is about: "sugar ke liye …", "aapke BP ki baat karein to"; empty for none."""
    for place in range(min(_LEADING, len(said.words))):
        match = find(said.words, place, "condition")
        if match is not None:
            after = tuple(word.key for word in said.words[match.last : match.last + 2])
            return match.entry.english if after in _ABOUT else ""
    return ""


def findings(said: Said) -> list[Item]:
    """What was found on examination: "gala laal hai", "chhati saaf hai"."""
    if said.has("if", "when"):
        return []
    items = []
    for clause in clauses(said):
        seen = [one for one in clause.found if one.entry.kind == "sign"]
        if not seen or not clause.whole or clause.doubts - {"check"}:
            continue
        names = listed([one.term for one in seen], "or" if clause.negated else "and")
        lead = "On examination: no" if clause.negated else "On examination:"
        polarity = Polarity.NEGATED if clause.negated else Polarity.AFFIRMED
        items.append(Item("examination", sentence(f"{lead} {names}"), (said.turn_id,), polarity))
    return items


def impression(said: Said) -> list[Item]:
    """What the clinician thinks it is, said to the patient as theirs or as what this is."""
    if said.has("if", "when", "kin") or mentions_any(said.words, "ago", "past"):
        return []
    items = []
    for clause in clauses(said):
        named = [one for one in clause.found if one.entry.kind == "condition"]
        if not named or not clause.whole or not (clause.verb or clause.negated) or clause.past:
            continue
        if clause.doubts - {"uncertain"}:
            continue
        names = listed([one.entry.english for one in named], "or" if clause.negated or clause.joined_by_or else "and")
        possible = mentions_any(said.words, "guess") or clause.joined_by_or
        if clause.negated and not said.hindi:
            continue  # a "na" among English words may be anything
        if clause.negated:
            text, polarity, short = f"Not thought to be {names}", Polarity.NEGATED, ""
        elif possible:
            text, polarity, short = f"Possible {names}", Polarity.POSSIBLE, names
        else:
            text, polarity, short = f"{IMPRESSION} {names}", Polarity.AFFIRMED, names
        items.append(Item("impression", sentence(text), (said.turn_id,), polarity, short=short))
    return items


def results(said: Said) -> list[Item]:
    """A result that is told as normal or not: "khoon ki jaanch normal hai"."""
    if not mentions_any(said.words, "normal") or said.has("if") or not said.has("be"):
        return []
    named = [match.entry.english for match in find_all(said.words, "test")]
    if len(named) != 1 or mentions_any(said.words, "do_test"):
        return []
    negated = said.has("negation")
    test = re.sub(r"^an? ", "", named[0])
    text = f"The {test} is {'not ' if negated else ''}normal"
    return [Item("result", sentence(text), (said.turn_id,), Polarity.NEGATED if negated else Polarity.AFFIRMED)]


def tests(said: Said) -> list[Item]:
    """Tests that are ordered: "khoon ki jaanch karwa lijiye"."""
    named = [match.entry.english for match in find_all(said.words, "test")]
    if not named or said.has("negation") or not mentions_any(said.words, "do_test", "take"):
        return []
    fasting = any(match.entry.english == "on an empty stomach" for match in find_all(said.words, "dose_timing"))
    told = f"Advised to have {listed(named, 'and')}{' on an empty stomach' if fasting else ''}"
    return [Item("plan", sentence(told), (said.turn_id,))]


def advice(said: Said) -> list[Item]:
    """What people are told to do or to leave, each a statement; a negation that the advice does not have makes none."""
    items = []
    for place in range(len(said.words)):
        match = find(said.words, place, "advice")
        if match is None:
            continue
        around = {word.key for word in said.words[match.first : match.last + 2]}
        forbids = _FORBIDDING.search(match.entry.english) is not None
        if around & keys("negation") and not forbids:
            continue
        english = match.entry.english
        lead = "Advised" if english.startswith(("to ", "not ")) else "Advised to"
        polarity = Polarity.NEGATED if english.startswith("not ") else Polarity.AFFIRMED
        items.append(Item("plan", sentence(f"{lead} {english}"), (said.turn_id,), polarity))
    texts = [item.text.rstrip(".") for item in items]
    return [
        item
        for item in dict.fromkeys(items)
        if not any(item.text.rstrip(".") != text and text.startswith(item.text.rstrip(".")) for text in texts)
    ]


def follow_up(said: Said) -> list[Item]:
    """When and why to come back: "teen din baad aaiye", "bukhar na utre to turant aana"."""
    comes = mentions_any(said.words, "come")
    where = mentions_any(said.words, "hospital")
    if not (comes or where) or (said.has("negation") and not said.has("if") and not _conditional(said)):
        return []
    if said.has("if") or _conditional(said):
        reason = _reason(said)
        at_once = " at once" if mentions_any(said.words, "at_once") else ""
        to = "go to hospital" if where else "come back"
        if not reason:
            return []
        negated = Polarity.NEGATED if re.search(r"\b(?:not|no)\b", reason) else Polarity.AFFIRMED
        when = "" if where else _when(said)
        told = f"Advised to {to}{at_once} {when} {reason}"
        return [Item("follow_up", sentence(told), (said.turn_id,), negated)]
    when = _when(said)
    if when:
        return [Item("follow_up", sentence(f"Review {when}"), (said.turn_id,))]
    if comes and mentions_any(said.words, "report"):
        return [Item("follow_up", "Advised to come back with the report.", (said.turn_id,))]
    return []


def _conditional(said: Said) -> bool:
    """True for "bukhar na utre to aana": a condition without "agar"."""
    return "to" in said.keys and mentions_any(said.words, "improve", "worsen")


def _reason(said: Said) -> str:
    """Why to come back, as a condition; empty when it was not understood."""
    named = [match.entry.english for match in find_all(said.words, *("symptom", "condition"))]
    what = listed(named, "or")
    if said.has("negation"):
        return f"if there is no improvement in the {what}" if what else "if not improving" if _improves(said) else ""
    if _improves(said) or not what:
        return "if it gets worse" if mentions_any(said.words, "worsen") and not what else ""
    return f"if there is {'worsening of the ' if mentions_any(said.words, 'worsen') else ''}{what}"


def _improves(said: Said) -> bool:
    return mentions_any(said.words, "improve")


def _when(said: Said) -> str:
    words = said.words
    for place in range(len(words) - 2):
        unit = period(words[place + 1])
        if words[place].number and unit and words[place + 2].key in keys("after") | {"men", "mein", "me"}:
            return f"in {words[place].number} {unit}{'' if words[place].number == '1' else 's'}"
    named = find_all(words, "nextday")
    return named[0].entry.english if named else ""
