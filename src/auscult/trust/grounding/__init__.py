"""Checks a note against its transcript: nothing in it that was not said where it says so, by whom it says so.

Each check is a file: numbers and units (`figures`), medicines and what is done with them (`medicines`), sides of the
body (`sides`), who said it (`speakers`), whether a patient agreed (`assent`), and what is told and denied (`content`).
All are rules over lexicons: they find what does not fit, and cannot prove that a sentence is true. A sentence in Hindi
is checked by what it says in English (`hindi`). Of turns in another language than English sides, agreement and content
are not checked: their lexicons are English.

Works on the note of any writer. What fails is kept, marked, and blocks signing until a person decides; what is not a
note at all is refused, so that the transcript stands alone rather than under nonsense.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from auscult.domain.errors import EngineFailedError
from auscult.domain.evidence import ClinicianSource, Flag, Polarity, Statement, TurnSource
from auscult.domain.medication import Medication
from auscult.domain.note import NoteBody, Section
from auscult.domain.note_fields import names, with_sections
from auscult.domain.transcript import Transcript, Turn, Word
from auscult.knowledge.hindi_numbers import heard_in_english
from auscult.knowledge.medicines import mentions
from auscult.knowledge.numerals import numbers_in
from auscult.trust.grounding import assent, content, figures, medicines, sides, speakers
from auscult.trust.grounding.flags import (
    INVENTED,
    LOW,
    MEDICINE,
    NEGATION,
    NO_SOURCE,
    NUMBER,
    OPPOSITE,
    SIDE,
    SPEAKER,
    UNIT,
    UNKNOWN_SOURCE,
    flag,
)
from auscult.trust.grounding.hindi import Rendered, in_english, is_hindi
from auscult.trust.grounding.sources import Turns

__all__ = [
    "INVENTED",
    "LOW",
    "MEDICINE",
    "NEGATION",
    "NO_SOURCE",
    "NUMBER",
    "OPPOSITE",
    "SIDE",
    "SPEAKER",
    "UNIT",
    "UNKNOWN_SOURCE",
    "check",
    "faults",
]

LOW_CONFIDENCE: Final = 0.5
"""Below this the recogniser more likely misheard the word than not: its confidence is meant as a probability."""
LONGEST_STATEMENT: Final = 2_000
"""Characters. No clinician writes a longer sentence."""
MOST_STATEMENTS: Final = 2_000
LONGEST_FIELD: Final = 100_000
"""Characters of `diagnosis`, `follow_up` or `notes`."""

_NEGATIONS = re.compile(
    r"\b(?:no|not|never|none|nothing|nobody|nor|neither|without|denies|denied|deny|cannot|stop|stopped|stopping|avoid"
    r"|quit|discontinue|nope|nah|nahin|nahi|negative|absent|clear|normal)\b|n['\u2019]t\b|नहीं|नही|मत|बंद",
    re.IGNORECASE,
)
_NA = re.compile(r"\W*(?:na|naa|ना|न)(?!\w)", re.IGNORECASE)
"""How a Hindi no begins; elsewhere "na" asks for assent: "theek hai na?"."""
_DENYING = re.compile(r"\b(?:no|not|never|none|without|denies|denied)\b|n['\u2019]t\b|नहीं", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|%", re.UNICODE)


def check(body: NoteBody, transcript: Transcript) -> NoteBody:
    """Return the note with `supported` and `flags` set on every statement, and statement ids `s1`, `s2` and so on.

    The result's fields are derived from the statements, whatever the writer put into them.

    Raises `EngineFailedError` when `body` is not a usable note: another type, no text in a statement, or far more text
    than a note can have.
    """
    body = _usable(body)
    turns = Turns(transcript)
    number = 0
    renamed: dict[str, list[str]] = {}
    sections: list[Section] = []
    for section in body.sections:
        checked: list[Statement] = []
        for statement in section.statements:
            number += 1
            renamed.setdefault(statement.id, []).append(f"s{number}")
            checked.append(_checked(statement, f"s{number}", turns))
        sections.append(section.model_copy(update={"statements": tuple(checked)}))
    medications = tuple(_linked(_checked_medication(one, turns), renamed, sections) for one in body.medications)
    update = {"sections": tuple(sections), "medications": medications, **_offered(body, turns)}
    return with_sections(body.model_copy(update=update), sections)


def _offered(body: NoteBody, turns: Turns) -> dict[str, object]:
    """Of what was left out, what the transcript bears out without a doubt: nothing else is worth an offer."""
    checked = [_checked(one, one.id, turns) for one in body.omitted]
    omitted = tuple(one for one in checked if one.supported and not one.flags)
    ids = {one.id for one in omitted}
    told = [one for one in body.omitted_medications if ids & set(one.statement_ids)]
    return {"omitted": omitted, "omitted_medications": tuple(_checked_medication(one, turns) for one in told)}


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
    if len(body.omitted) > MOST_STATEMENTS or len(body.omitted_medications) > MOST_STATEMENTS:
        raise _refused("The writer left far more out than can be said.")
    for statement in (*statements, *body.omitted):
        if not statement.text.strip():
            raise _refused("The writer returned a statement without text.")
        if len(statement.text) > LONGEST_STATEMENT:
            raise _refused("The writer returned a statement that is far too long.")
    return body


def _refused(reason: str) -> EngineFailedError:
    return EngineFailedError(reason, remedy="Retry, choose another writer, or write the note from the transcript.")


def faults(statement: Statement, turns: Turns) -> tuple[Flag, ...]:
    """Everything in a sentence that the turns it cites do not bear out; each code once."""
    told = in_english(statement.text) if is_hindi(statement.text) else Rendered(statement.text)
    negated = statement.polarity is Polarity.NEGATED or _DENYING.search(told.english) is not None
    found = _faults(told, statement.sources, turns, negated=negated, prose=statement.polarity)
    return tuple({one.code: one for one in found}.values())


def _checked(statement: Statement, number: str, turns: Turns) -> Statement:
    if any(isinstance(source, ClinicianSource) for source in statement.sources):
        return statement.model_copy(update={"id": number, "supported": True})
    found = faults(statement, turns)
    doubts = [*statement.flags, *_misheard(statement.text, turns.known(statement.turn_ids))]
    flags = tuple({one.code: one for one in [*doubts, *found]}.values())
    return statement.model_copy(update={"id": number, "supported": not found, "flags": flags})


def _checked_medication(medication: Medication, turns: Turns) -> Medication:
    """The same for a parsed medicine: what it says of name, strength, dose and time must have been said."""
    found = list(_faults(Rendered(medication.line), medication.sources, turns, negated=False, prose=None))
    rests_on = turns.known(
        turn_id for source in medication.sources if isinstance(source, TurnSource) for turn_id in source.turn_ids
    )
    doubts = [*medication.flags, *_misheard(medication.line, rests_on), *found]
    return medication.model_copy(update={"flags": tuple({one.code: one for one in doubts}.values())})


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


def _faults(
    told: Rendered, sources: Sequence[object], turns: Turns, *, negated: bool, prose: Polarity | None
) -> Iterable[Flag]:
    """Everything in a sentence that its sources do not bear out; of a line that is no prose, in its figures only."""
    cited = [source for source in sources if isinstance(source, TurnSource)]
    if not cited:
        yield flag(NO_SOURCE)
        return
    ids = [turn_id for source in cited for turn_id in source.turn_ids]
    if any(turn_id not in turns for turn_id in ids) or any(one.transcript_version != turns.version for one in cited):
        yield flag(UNKNOWN_SOURCE)
        return
    text, rests_on = told.english, turns.cited(ids)
    yield from figures.unsaid(text, rests_on)
    yield from medicines.unsaid(text, rests_on)
    if negated and not (_NEGATIONS.search(rests_on.said) or any(_NA.match(turn.text) for turn in rests_on.turns)):
        yield flag(NEGATION)
    if prose is not None:
        yield from speakers.other(text, rests_on)
    if prose is not None and rests_on.english:
        yield from assent.unsaid(text, rests_on)
        yield from sides.unsaid(text, rests_on)
        yield from content.unsaid(text, rests_on, possible=prose is Polarity.POSSIBLE)
        if any(word not in rests_on.said for word in told.unknown):
            yield flag(INVENTED)


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
    return [flag(LOW)]


def _doubtful(turn: Turn) -> Iterable[Word]:
    """The words of a turn heard badly; every word of a badly heard turn that carries none of its own."""
    if turn.words:
        return [word for word in turn.words if word.confidence < LOW_CONFIDENCE]
    if turn.confidence < LOW_CONFIDENCE:
        return [Word(text=turn.text, start=turn.start, end=turn.end, confidence=turn.confidence)]
    return []
