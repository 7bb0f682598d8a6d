"""Checks a note against its transcript: no number, unit, medicine or negation that was not said where it says so.

Works on the note of any writer. What fails is kept, marked, and blocks signing until a person decides; what is not a
note at all is refused, so that the transcript stands alone rather than under nonsense.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from auscult.domain.errors import EngineFailedError
from auscult.domain.evidence import ClinicianSource, Flag, Polarity, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.medication import Medication
from auscult.domain.note import NoteBody, Section
from auscult.domain.note_fields import names, with_sections
from auscult.domain.transcript import Transcript, Turn, Word
from auscult.knowledge import units
from auscult.knowledge.frequencies import spelt_out
from auscult.knowledge.hindi_numbers import heard_in_english, spoken_in_english
from auscult.knowledge.medicines import mentions
from auscult.knowledge.numerals import digits, numbers_in

LOW_CONFIDENCE: Final = 0.5
"""Below this the recogniser more likely misheard the word than not: its confidence is meant as a probability."""
LONGEST_STATEMENT: Final = 2_000
"""Characters. No clinician writes a longer sentence."""
MOST_STATEMENTS: Final = 2_000
LONGEST_FIELD: Final = 100_000
"""Characters of `diagnosis`, `follow_up` or `notes`."""

UNKNOWN_SOURCE: Final = "unknown_source"
NO_SOURCE: Final = "no_source"
NUMBER: Final = "number_not_said"
UNIT: Final = "unit_not_said"
MEDICINE: Final = "medicine_not_said"
NEGATION: Final = "negation_not_said"
LOW: Final = "heard_with_low_confidence"

_NEGATIONS = re.compile(
    r"\b(?:no|not|never|none|nothing|nobody|nor|neither|without|denies|denied|deny|cannot|stop|stopped|stopping|avoid"
    r"|quit|discontinue|nope|nah|nahin|nahi|negative|absent|clear|normal)\b|n['\u2019]t\b|नहीं|नही|मत|बंद",
    re.IGNORECASE,
)
_DENYING = re.compile(r"\b(?:no|not|never|none|without|denies|denied)\b|n['\u2019]t\b|नहीं", re.IGNORECASE)
_MULTIPLES: Final = {"once": "1", "twice": "2", "thrice": "3"}
_UNITS: Final = units.meanings()
_OF_TWO_WORDS: Final = tuple(unit for unit in _UNITS if " " in unit)
_UNIT_AFTER_NUMBER = re.compile(rf"(?<![\w.])\d+(?:\.\d+)?\s*(%|{'|'.join(_OF_TWO_WORDS)}|[a-zµ]+)", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|%", re.UNICODE)


def check(body: NoteBody, transcript: Transcript) -> NoteBody:
    """Return the note with `supported` and `flags` set on every statement, and statement ids `s1`, `s2` and so on.

    The result's fields are derived from the statements, whatever the writer put into them.

    Raises `EngineFailedError` when `body` is not a usable note: another type, no text in a statement, or far more text
    than a note can have.
    """
    body = _usable(body)
    turns = {turn.id: turn for turn in transcript.turns}
    number = 0
    renamed: dict[str, list[str]] = {}
    sections: list[Section] = []
    for section in body.sections:
        checked: list[Statement] = []
        for statement in section.statements:
            number += 1
            renamed.setdefault(statement.id, []).append(f"s{number}")
            checked.append(_checked(statement, f"s{number}", turns, transcript.version))
        sections.append(section.model_copy(update={"statements": tuple(checked)}))
    medications = tuple(
        _linked(_checked_medication(one, turns, transcript.version), renamed, sections) for one in body.medications
    )
    return with_sections(body.model_copy(update={"sections": tuple(sections), "medications": medications}), sections)


def _usable(returned: object) -> NoteBody:
    """Refuse what is not a note. A foreign writer may return anything, whatever its signature says."""
    if not isinstance(returned, NoteBody):
        raise _refused("The writer did not return a note.")
    try:  # validated again, because a model can be made without validation
        body = NoteBody.model_validate_json(returned.model_dump_json(warnings=False))
    except (ValueError, TypeError, AttributeError):
        raise _refused("The writer returned a note of the wrong shape.") from None
    if any(len(text) > LONGEST_FIELD for text in (body.diagnosis, body.follow_up, body.notes)):
        raise _refused("The writer returned far more text than a note has.")
    statements = body.statements
    if len(statements) > MOST_STATEMENTS or len(body.medications) > MOST_STATEMENTS:
        raise _refused("The writer returned far more statements than a note has.")
    for statement in statements:
        if not statement.text.strip():
            raise _refused("The writer returned a statement without text.")
        if len(statement.text) > LONGEST_STATEMENT:
            raise _refused("The writer returned a statement that is far too long.")
    return body


def _refused(reason: str) -> EngineFailedError:
    return EngineFailedError(reason, remedy="Retry, choose another writer, or write the note from the transcript.")


def _checked(statement: Statement, number: str, turns: dict[TurnId, Turn], version: int) -> Statement:
    if any(isinstance(source, ClinicianSource) for source in statement.sources):
        return statement.model_copy(update={"id": number, "supported": True})
    found = list(_faults(statement.text, statement.sources, turns, version, negated=_denies(statement)))
    rests_on = [turns[turn_id] for turn_id in statement.turn_ids if turn_id in turns]
    doubts = [*statement.flags, *_misheard(statement.text, rests_on)]
    flags = tuple({flag.code: flag for flag in [*doubts, *found]}.values())
    return statement.model_copy(update={"id": number, "supported": not found, "flags": flags})


def _checked_medication(medication: Medication, turns: dict[TurnId, Turn], version: int) -> Medication:
    """The same for a parsed medicine: what it says of name, strength, dose and time must have been said."""
    found = list(_faults(medication.line, medication.sources, turns, version, negated=False))
    rests_on = [
        turns[turn_id]
        for source in medication.sources
        if isinstance(source, TurnSource)
        for turn_id in source.turn_ids
        if turn_id in turns
    ]
    doubts = [*medication.flags, *_misheard(medication.line, rests_on), *found]
    return medication.model_copy(update={"flags": tuple({flag.code: flag for flag in doubts}.values())})


def _linked(one: Medication, renamed: dict[str, list[str]], sections: Sequence[Section]) -> Medication:
    """The medicine with its sentences under their new ids; those of a writer that names none are found."""
    ids = [new for old in one.statement_ids for new in renamed.get(old, ())]
    if not ids:
        turns = {turn_id for source in one.sources if isinstance(source, TurnSource) for turn_id in source.turn_ids}
        ids = [
            statement.id
            for section in sections
            for statement in section.statements
            if turns & set(statement.turn_ids) and names(statement.text, one.name)
        ]
    return one.model_copy(update={"statement_ids": tuple(dict.fromkeys(ids))})


def _denies(statement: Statement) -> bool:
    return statement.polarity is Polarity.NEGATED or _DENYING.search(statement.text) is not None


def _faults(
    text: str, sources: Sequence[object], turns: dict[TurnId, Turn], version: int, *, negated: bool
) -> Iterable[Flag]:
    """Everything in a sentence that its sources do not bear out."""
    cited = [source for source in sources if isinstance(source, TurnSource)]
    if not cited:
        yield Flag(code=NO_SOURCE, reason="Nothing in the consultation is named as the source of this sentence.")
        return
    ids = [turn_id for source in cited for turn_id in source.turn_ids]
    if any(turn_id not in turns for turn_id in ids) or any(source.transcript_version != version for source in cited):
        yield Flag(code=UNKNOWN_SOURCE, reason="This sentence points to a place that is not in the transcript.")
        return
    said = spelt_out(" ".join(_in_both(turns[turn_id].text) for turn_id in dict.fromkeys(ids)))
    if numbers_in(_in_both(text)) - numbers_in(_with_multiples(said)):
        yield Flag(code=NUMBER, reason="A number in this sentence was not said where it is said to come from.")
    if _units(text) - _units_said(said):
        yield Flag(code=UNIT, reason="A unit in this sentence was not said where it is said to come from.")
    if _medicines(text) - _medicines(said):
        yield Flag(code=MEDICINE, reason="A medicine in this sentence was not said where it is said to come from.")
    if negated and not _NEGATIONS.search(said):
        yield Flag(code=NEGATION, reason="This sentence denies something, and nothing of the kind was said there.")


def _in_both(text: str) -> str:
    """A text, followed by what its Hindi says in English; English stays as it is."""
    english = spoken_in_english(text)
    return f"{text} , {english}" if english else text


def _with_multiples(said: str) -> str:
    """What was said, with figures for its multiples: "twice a day" is said as "2 times a day", too."""
    more = [figure for word, figure in _MULTIPLES.items() if re.search(rf"\b{word}\b", said, re.IGNORECASE)]
    return " , ".join([said, *more])


def _units(text: str) -> frozenset[str]:
    """The units that stand after a number in a note's sentence."""
    found = {match.group(1).casefold() for match in _UNIT_AFTER_NUMBER.finditer(digits(text))}
    return frozenset(_UNITS[word] for word in found if word in _UNITS)


def _units_said(said: str) -> frozenset[str]:
    """The units named anywhere in what was said, also glued to a number: "500mg"."""
    folded = digits(said).casefold()
    words = set(_WORDS.findall(re.sub(r"(?<=\d)(?=[a-zμ%])", " ", folded)))
    words |= {phrase for phrase in _OF_TWO_WORDS if phrase in folded}
    return frozenset(_UNITS[word] for word in words if word in _UNITS)


def _medicines(text: str) -> frozenset[str]:
    return frozenset(mention.name.lower() for mention in mentions(text))


def _misheard(text: str, turns: Sequence[Turn]) -> list[Flag]:
    """A doubt when a medicine, number or negation of the sentence rests on words heard with low confidence."""
    doubted = [word for turn in turns for word in _doubtful(turn)]
    if not doubted:
        return []
    heard = " ".join(word.text for word in doubted)
    hindi = " , ".join(heard_in_english(turn.text, [word.text for word in _doubtful(turn)]) for turn in turns)
    heard = f"{heard} , {hindi}" if hindi.strip(" ,") else heard
    medicine = {word for name in _medicines(text) for word in name.split()} & {
        word.lower() for word in _WORDS.findall(heard)
    }
    number = any(numbers_in(word.text) & numbers_in(text) for word in doubted) or bool(
        numbers_in(heard) & numbers_in(text)
    )
    negation = _DENYING.search(text) is not None and _NEGATIONS.search(heard) is not None
    if not (medicine or number or negation):
        return []
    return [Flag(code=LOW, reason="A medicine, number or negation here was heard with low confidence: listen to it.")]


def _doubtful(turn: Turn) -> Iterable[Word]:
    """The words of a turn heard badly; every word of a badly heard turn that carries none of its own."""
    if turn.words:
        return [word for word in turn.words if word.confidence < LOW_CONFIDENCE]
    if turn.confidence < LOW_CONFIDENCE:
        return [Word(text=turn.text, start=turn.start, end=turn.end, confidence=turn.confidence)]
    return []
