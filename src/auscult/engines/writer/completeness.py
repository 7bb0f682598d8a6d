"""What the offline writer found in a consultation and a model's note does not mention: medicines, findings, diagnoses.

A model writes well and skips things; the offline writer writes plainly and skips other things. What only it found is
offered to the clinician, and is no part of the note.
"""

from __future__ import annotations

from typing import Final

from auscult.domain.evidence import Polarity, ResultField, Statement
from auscult.domain.medication import Medication
from auscult.domain.note import NoteBody, Section
from auscult.domain.transcript import Transcript
from auscult.knowledge.findings import terms_in
from auscult.knowledge.medicines import mentions
from auscult.trust.grounding import check

KINDS: Final = ("symptom", "sign", "condition")
"""What a sentence must tell of to be missed; a test, a piece of advice or a part of the body alone is not."""
MOST: Final = 50
"""More than anybody would read through."""


def omitted(
    note: NoteBody, offline: NoteBody, transcript: Transcript
) -> tuple[tuple[Statement, ...], tuple[Medication, ...]]:
    """The statements of the offline note with a medicine, finding or impression that the note says nothing of.

    A finding counts as mentioned only with the same polarity: "denies fever" does not stand for a fever. Ids are `o1`
    and so on, and each statement is one that the transcript bears out. With them the medicines that they tell of.
    """
    medicines = {name for one in note.statements for name in ingredients(one.text)}
    medicines |= {name for one in note.medications for name in ingredients(one.name)}
    findings = {
        (stem(term), one.polarity is Polarity.NEGATED) for one in note.statements for term in terms_in(one.text)
    }
    texts = " ".join(one.text.casefold() for one in note.statements)
    missing = _told_once([one for one in offline.statements if _says_more(one, medicines, findings, texts)])
    ids = {one.id for one in missing}
    medications = tuple(one for one in offline.medications if ids & set(one.statement_ids))
    checked = check(
        offline.model_copy(update={"sections": _under_headings(missing), "medications": medications}), transcript
    )
    supported = [one for one in checked.statements if one.supported and not one.flags][:MOST]
    named = {one.id: f"o{number}" for number, one in enumerate(supported, start=1)}
    told = (
        one.model_copy(update={"statement_ids": tuple(named[old] for old in one.statement_ids if old in named)})
        for one in checked.medications
    )
    statements = tuple(one.model_copy(update={"id": named[one.id]}) for one in supported)
    return statements, tuple(one for one in told if one.statement_ids)


def _says_more(one: Statement, medicines: set[str], findings: set[tuple[str, bool]], texts: str) -> bool:
    if set(ingredients(one.text)) - medicines:
        return True
    if one.field is ResultField.DIAGNOSIS and one.term:
        return one.term.casefold().removeprefix("possible ") not in texts
    if one.field in {ResultField.FOLLOW_UP, ResultField.NONE, ResultField.MEDICATIONS}:
        return False
    negated = one.polarity is Polarity.NEGATED
    return any((stem(term), negated) not in findings for term in terms_in(one.text, *KINDS))


def _told_once(missing: list[Statement]) -> list[Statement]:
    """Without what another one tells at more length from the same turns: a complaint is told again by the history."""
    return [one for one in missing if not any(_tells_more(other, one) for other in missing if other is not one)]


def _tells_more(other: Statement, one: Statement) -> bool:
    if {one.field, other.field} != {ResultField.NOTES} or one.polarity is not other.polarity:
        return False
    if len(other.text) <= len(one.text) or not set(one.turn_ids) <= set(other.turn_ids):
        return False
    told, more = ({*terms_in(text), *ingredients(text)} for text in (one.text, other.text))
    return told <= more


def stem(term: str) -> str:
    """What "cough", "coughs" and "coughing" have in common; longer words keep enough to stay apart."""
    return term[: max(5, len(term) - 4)]


def ingredients(text: str) -> list[str]:
    """What a text names, by what is in it: a brand and its generic are one medicine."""
    return [part.casefold() for mention in mentions(text) for part in mention.medicines[0].ingredients]


def _under_headings(statements: list[Statement]) -> tuple[Section, ...]:
    return (Section(title="Omitted", statements=tuple(statements)),)
