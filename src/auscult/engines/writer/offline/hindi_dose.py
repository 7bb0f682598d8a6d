"""Medicines that are spoken of in Hindi: which, how they are taken, and whether they are started, taken or stopped.

Directions are read from the words after a name, in Hindi by the tables and in English by `doses`; a number that neither
makes sense of is flagged, never guessed at.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from auscult.domain.evidence import Flag, Polarity
from auscult.domain.medication import MedicationStatus
from auscult.domain.transcript import Speaker
from auscult.engines.writer.offline.heard_medicine import UNREAD, UNRECOGNISED, Heard
from auscult.engines.writer.offline.hindi_sentences import Said
from auscult.engines.writer.offline.hindi_telling import not_done
from auscult.engines.writer.offline.items import UNCLEAR_DOSE, Item
from auscult.knowledge.doses import Dose, parse
from auscult.knowledge.hindi import Token, find, find_all, keys, mentions_any
from auscult.knowledge.hindi_numbers import form, period
from auscult.knowledge.medicine_names_hi import names_in
from auscult.knowledge.medicines import Mention
from auscult.knowledge.numerals import numbers_in

_MOMENTS: Final = {
    "in the morning": "morning",
    "at midday": "midday",
    "in the evening": "evening",
    "at night": "night",
    "at bedtime": "bedtime",
}
_DIRECTING: Final = ("dose_frequency", "dose_timing", "prn", "moment", "take", "symptom", "continue")
_KNOWN: Final = (
    *("period", "times", "form", "half", "every", "skip", "if", "polite", "yes", "you", "be", "and", "filler", "from"),
    *("until", "medicine_word", "myself"),
)
_SEVERAL: Final = Flag(
    code=UNCLEAR_DOSE, reason="It is not clear which of these medicines the directions belong to; listen to it."
)
_EITHER: Final = Flag(code=UNCLEAR_DOSE, reason="These medicines were named one or the other; choose.")
_TWO: Final = Flag(code=UNCLEAR_DOSE, reason="Two different doses were said; the later one is written.")


def heard_in(said: Said, *, asked_for_medicines: bool) -> list[Heard]:
    """The medicines that a sentence orders, or says are taken or stopped; those merely spoken of are left out."""
    names = names_in(said.text)
    patient = said.speaker is Speaker.PATIENT
    ends = [*(name.start for name in names[1:]), len(said.text)][: len(names)]
    found: list[Heard] = []
    for name, end in zip(names, ends, strict=True):
        alone = len(names) == 1
        own = [word for word in said.words if (alone or word.start >= name.end) and word.start < end]
        own = [word for word in own if not name.start <= word.start < name.end]
        after = [word for word in said.words if name.end <= word.start < end]
        status = _status(own if alone else list(said.words), patient=patient)
        dose = directions(own, said.text, after)
        if mentions_any(after[:4], "instead"):
            continue  # "Telma 40 ki jagah"
        if _from_one_to_another(after):
            status, dose = MedicationStatus.CHANGED, dose.model_copy(update={"strength": ""})
        acts = mentions_any(said.words, "taking", "stopped", "stop", "take", "continue") or dose.counts
        if status is None or not (acts or asked_for_medicines):
            continue
        one = Heard(name, said.speaker, status, dose, [said.turn_id], [said.text[name.start : end].strip(" ,.।?")])
        one.verb = _verb(own) if status is MedicationStatus.CHANGED else ""
        if _unread(own, dose):
            one.flags.append(UNREAD)
        found.append(one)
    if len(found) > 1 and said.has("or"):
        for one in found:
            one.flags.append(_EITHER)
    if len(found) > 1 and _directed_before(said, names[0]):
        for one in found:
            one.dose = Dose(strength=one.dose.strength)
            one.flags.append(_SEVERAL)
    return found


def against(said: Said) -> Item | None:
    """A medicine that is not to be taken ("Brufen mat lijiye"), or that the patient says they do not take."""
    names = names_in(said.text)
    if not names or not not_done(said.words) or mentions_any(said.words, "stop", "stopped", "allergy", "if"):
        return None
    listed = " or ".join(dict.fromkeys(name.name for name in names))
    if said.speaker is Speaker.PATIENT:
        return Item("taking", f"Reports not taking {listed}.", (said.turn_id,), Polarity.NEGATED)
    return Item("plan", f"Advised not to take {listed}.", (said.turn_id,), Polarity.NEGATED)


def extend(one: Heard, said: Said) -> bool:
    """Add directions that are said in a sentence of their own; False when it has none."""
    dose = directions(list(said.words), said.text, [])
    if (not dose.counts and not dose.timing) or _unknown(said):
        return False
    clash = any(
        getattr(one.dose, name) and getattr(dose, name) and getattr(one.dose, name) != getattr(dose, name)
        for name in ("strength", "dose", "frequency", "duration")
    )
    one.dose = dose.over(one.dose)
    one.turn_ids = list(dict.fromkeys([*one.turn_ids, said.turn_id]))
    one.words.append(said.text)
    one.flags += [_TWO] if clash else []
    one.flags += [UNREAD] if _unread(said.words, dose) else []
    return True


def unrecognised(said: Said) -> Item | None:
    """A medicine that is surely ordered, and whose name the lexicon does not have or nobody said.

    To leave it out in silence would be worse than to ask: the statement names nothing and waits for a person.
    """
    if names_in(said.text) or said.has("negation", "question"):
        return None
    dose = directions(said.words, said.text, [])
    named = bool(_unknown(said)) or mentions_any(said.words, "medicine_word")
    if not named or not (
        dose.frequency and (mentions_any(said.words, "take") or dose.strength or dose.timing or dose.dose)
    ):
        return None
    flag = Flag(code=UNRECOGNISED, reason="A medicine seems to be ordered here, but its name was not recognised.")
    return Item("medicine", "A medicine of unrecognised name is ordered.", (said.turn_id,), flags=(flag,))


def _unknown(said: Said) -> list[str]:
    """The words that are no part of directions: another medicine's name, for one."""
    read = find_all(said.words, *_DIRECTING)
    covered = {place for match in read for place in range(match.first, match.last)}
    return [
        word.key
        for place, word in enumerate(said.words)
        if place not in covered and word.key.isalpha() and word.key not in keys(*_KNOWN)
    ]


def directions(own: Sequence[Token], text: str, after: Sequence[Token]) -> Dose:
    """How a medicine is taken. `own` are the words about it, `after` those that follow its name. Never raises."""
    stretch = text[own[0].start : own[-1].end] if own else ""
    english = parse(stretch)
    found = {match.entry.kind: match for match in reversed(find_all(own, "dose_timing", "prn"))}
    timing = found["dose_timing"].entry.english if "dose_timing" in found else ""
    often, moments = _how_often(own), _moments(own)
    if often:
        timing = " ".join(filter(None, (moments, timing)))
    reason = _reason(own)
    hindi = Dose(
        strength=_strength(own) or _bare_strength(after),
        dose=_amount(own),
        frequency=often or moments,
        duration=_duration(own),
        timing=timing,
        reason=reason,
        prn="prn" in found or bool(reason and any(word.key in keys("if") or word.key == "to" for word in own)),
    )
    read = hindi.over(english)
    return read.model_copy(update={"timing": "" if read.timing == read.frequency else read.timing})


def _how_often(own: Sequence[Token]) -> str:
    for place, word in enumerate(own):
        if word.number and place + 1 < len(own):
            if own[place + 1].key in keys("times"):
                return _times(own, place)
            every = place > 0 and own[place - 1].key in keys("every")
            if period(own[place + 1]) == "hour" and (every or _next_is(own, place + 2, "skip")):
                return f"every {word.number} hours"
        if word.key.count("-") == 2:
            return word.key.replace(" ", "")
    match = next(iter(find_all(own, "dose_frequency")), None)
    return match.entry.english if match else ""


def _times(own: Sequence[Token], place: int) -> str:
    """The words "N times", with the span that they are said of: a day, unless a week is named before it."""
    number = own[place].number
    named = next((period(word) for word in reversed(own[:place]) if period(word)), "day")
    often = {"1": "once", "2": "twice"}.get(number, f"{number} times")
    return f"{often} a {named}"


def _moments(own: Sequence[Token]) -> str:
    """Times of day: "morning and night", or "at night" when it is one."""
    named = list(dict.fromkeys(match.entry.english for match in find_all(own, "moment", "dose_timing")))
    named = [one for one in named if one in _MOMENTS]
    if "at bedtime" in named and "at night" in named:
        named.remove("at night")
    if len(named) < 2:
        return "".join(named)
    words = [_MOMENTS[one] for one in named]
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _next_is(own: Sequence[Token], place: int, kind: str) -> bool:
    return place < len(own) and own[place].key in keys(kind)


def _strength(own: Sequence[Token]) -> str:
    for word, unit in pairwise(own):
        if word.number and form(unit) == "mg":
            return f"{word.number} mg"
    return ""


def _bare_strength(after: Sequence[Token]) -> str:
    """The number of "Dolo 650": right after the name, and of nothing that is counted."""
    if not after or not after[0].number or " " in after[0].number:
        return ""
    following = after[1] if len(after) > 1 else None
    if following is not None and (form(following) or following.key in keys("times", "oclock")):
        return ""
    if following is not None and period(following) and not _next_is(after, 2, "skip"):
        return ""  # but the 650 of "Dolo 650 din mein do baar" is one
    return after[0].number if following is None or following.key not in {"%", "g", "gm", "mcg", "/"} else ""


def _amount(own: Sequence[Token]) -> str:
    for place, word in enumerate(own[:-1]):
        unit = form(own[place + 1])
        if unit in {"", "mg", "injection"}:
            continue
        if word.key in keys("half"):
            return f"half a {unit}"
        if word.number:
            several = word.number != "1" and unit != "ml"
            return f"{word.number} {unit}{'s' if several else ''}"
    return ""


def _duration(own: Sequence[Token]) -> str:
    for place, word in enumerate(own[:-1]):
        unit = period(own[place + 1])
        if not word.number or unit in {"", "hour", "minute", "night"} or _next_is(own, place + 2, "after"):
            continue
        if place + 2 < len(own) and own[place + 2].key in {"mein", "men", "me", "mei"}:
            continue
        if any(own[later].key in keys("times") for later in range(place + 2, min(place + 5, len(own)))):
            continue  # "ek din mein do baar"
        if _next_is(own, place + 2, "ago") or (place + 2 < len(own) and own[place + 2].key == "se"):
            continue
        if find(own, place, "dose_frequency"):
            continue
        return f"for {word.number} {unit}{'' if word.number == '1' else 's'}"
    return ""


def _reason(own: Sequence[Token]) -> str:
    """What it is for: "bukhar ke liye", or "agar bukhar aaye to"."""
    for match in find_all(own, "symptom"):
        following = [word.key for word in own[match.last : match.last + 2]]
        conditional = any(word.key in keys("if") for word in own[: match.first]) or "to" in following
        if conditional or ("ke" in following and set(following) & {"lie", "lia"}):
            return match.entry.english
    return ""


def _unread(own: Sequence[Token], dose: Dose) -> bool:
    said = {number for word in own for number in numbers_in(word.number or (word.key if "-" in word.key else ""))}
    read = " ".join((dose.strength, dose.dose, dose.frequency, dose.duration, dose.timing))
    known = set(numbers_in(read)) | ({1} if "once" in read else set()) | ({2} if "twice" in read else set())
    return bool(said - known)


def _status(own: Sequence[Token], *, patient: bool) -> MedicationStatus | None:
    """What is done with it; None when the words speak against it or of its past."""
    if mentions_any(own, "stopped") or (not patient and mentions_any(own, "stop")):
        return MedicationStatus.STOPPED
    if mentions_any(own, "negation", "allergy"):
        return None
    if patient:
        return None if mentions_any(own, "took") and not mentions_any(own, "taking") else MedicationStatus.TAKING
    if mentions_any(own, "continue"):
        return MedicationStatus.TAKING
    return MedicationStatus.CHANGED if mentions_any(own, "increase", "reduce") else MedicationStatus.STARTED


def _from_one_to_another(after: Sequence[Token]) -> bool:
    """True for "500 se badha kar 1000": which of the two is the new strength is for a person to write."""
    numbers = [place for place, word in enumerate(after[:8]) if word.number]
    return len(numbers) > 1 and any(word.key in keys("from") for word in after[numbers[0] : numbers[1]])


def _verb(own: Sequence[Token]) -> str:
    return "Increase" if mentions_any(own, "increase") else "Reduce"


def _directed_before(said: Said, first: Mention) -> bool:
    """True for "subah Dolo aur raat ko Azithral": which directions are whose cannot be told."""
    before = [word for word in said.words if word.end <= first.start]
    return bool(before) and directions(before, said.text, []).counts
