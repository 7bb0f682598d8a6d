"""What a clinician made of a draft, carried into the note that is written again over it.

What they wrote themselves always stays. From the very same transcript also what they decided, what they added of the
things left out, each reworded sentence in the place of the one that it replaced, and that a sentence is gone which they
took out. Where it cannot be told whether a fresh sentence is one that was removed, it is marked, and a person decides.
What they put aside of the things left out is offered again. The draft before is one undo away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from auscult.domain.evidence import ClinicianSource, Flag, Statement
from auscult.domain.ids import TurnId
from auscult.domain.note import NoteBody, Section
from auscult.domain.note_additions import with_omitted, with_statement, without_omitted
from auscult.domain.note_fields import with_sections
from auscult.knowledge.templates import heading, labelled

REMOVED_BEFORE: Final = Flag(
    code="removed_before",
    reason="A sentence from this place was removed from the draft before; it may be the same one.",
)
"""The doubt about a sentence that may be one which a clinician took out."""
_Turns = frozenset[TurnId]


def carried_over(fresh: NoteBody, before: NoteBody, *, same_transcript: bool) -> NoteBody:
    """The freshly written note with what a clinician made of the draft `before` it.

    `same_transcript`: both were written from one version of the transcript, so that they speak of the same turns.
    """
    own = [
        one.model_copy(
            update={
                "section": heading(one.section, fresh.template, of=before.template),
                "label": one.label if labelled(fresh.template) else "",
            }
        )
        for one in before.statements
        if one.reworded
    ]
    if not same_transcript:
        return _with_own(_removed_elsewhere(fresh, before.removed), own)
    known = {one.text: one for one in before.statements if not one.reworded}
    gone = {one.text for one in before.removed if not one.reworded}
    replaced = _replaced(fresh, before, known.keys() | gone, own)
    gone_ids = _gone(fresh, before) | {statement_id for statement_id, wording in replaced.items() if wording is None}
    body = _changed(fresh, known, replaced, gone_ids)
    body = _doubted(body, _not_found(fresh, before.removed, replaced), known.keys() | {one.text for one in own})
    placed = {one.id for one in replaced.values() if one is not None}
    body = _with_own(body, [one for one in own if one.id not in placed])
    for offered in fresh.omitted:
        if offered.id in gone_ids:
            body = without_omitted(body, offered.id)[1]
        elif offered.text in known:  # the writer left it out before, too: a person added it
            body = with_omitted(body, offered.id, _free(f"added_{offered.id}", body))
    return body.model_copy(update={"removed": before.removed})


def _removed_elsewhere(fresh: NoteBody, removed: tuple[Statement, ...]) -> NoteBody:
    """The note of another transcript, its sentences that were removed from the draft before marked, word for word.

    What was removed is remembered without its turns, which are none of this transcript.
    """
    texts = {one.text for one in removed}
    marked = _each(fresh, lambda one: _marked(one) if one.text in texts else one)
    bare = tuple(
        one.model_copy(update={"sources": tuple(kept for kept in one.sources if isinstance(kept, ClinicianSource))})
        for one in removed
    )
    return marked.model_copy(update={"removed": bare})


def _gone(fresh: NoteBody, before: NoteBody) -> set[str]:
    """The ids of what was removed from the draft before and says the same now, and of what is offered of it.

    The same words may stand in a note twice, from different turns: then only the one that was removed is meant.
    """
    kept = [one for one in before.statements if not one.reworded]
    removed = [one for one in before.removed if not one.reworded]
    texts = {one.text for one in removed} - {one.text for one in kept}
    places = {(one.text, one.turn_ids) for one in removed} - {(one.text, one.turn_ids) for one in kept}
    written = (*fresh.statements, *fresh.omitted)
    return {one.id for one in written if one.text in texts or (one.text, one.turn_ids) in places}


def _replaced(
    fresh: NoteBody, before: NoteBody, texts: Iterable[str], own: list[Statement]
) -> dict[str, Statement | None]:
    """By id the sentences of the fresh note that a clinician had reworded, each with that wording; None: then removed.

    A reworded sentence does not name the one that it was. It is told by its turns, and only where no doubt is left:
    what else was written from them (`texts`) is there again word for word, and there are as many sentences as there
    were, not counting what is offered and was added.
    """
    offered = {one.text for one in fresh.omitted}
    written = [one for one in (*before.statements, *before.removed) if one.text not in offered]
    now, then, mine = _by_turns(fresh.statements), _by_turns(written), _by_turns(own)
    aside = _by_turns(one for one in before.removed if one.reworded)
    settled = set(texts)
    found: dict[str, Statement | None] = {}
    for turns in mine.keys() | aside.keys():
        wordings: list[Statement | None] = [*mine[turns], *(None for _ in aside[turns])]
        others = [one for one in now[turns] if one.text not in settled]
        if turns and len(others) == len(wordings) and len(now[turns]) == len(then[turns]):
            found |= {one.id: wording for one, wording in zip(others, wordings, strict=True)}
    return found


def _not_found(fresh: NoteBody, removed: Iterable[Statement], replaced: dict[str, Statement | None]) -> _Turns:
    """The turns of what was removed and cannot be told among the sentences of the fresh note."""
    texts = {one.text for one in (*fresh.statements, *fresh.omitted)}
    told = {frozenset(one.turn_ids) for one in fresh.statements if one.id in replaced and replaced[one.id] is None}
    return frozenset(
        turn_id
        for one in removed
        if one.text not in texts and not (one.reworded and frozenset(one.turn_ids) in told)
        for turn_id in one.turn_ids
    )


def _doubted(body: NoteBody, turns: _Turns, texts: Iterable[str]) -> NoteBody:
    """The note with each sentence marked that rests on one of these turns and is none of the draft before (`texts`)."""
    settled = set(texts)
    return _each(body, lambda one: _marked(one) if turns & set(one.turn_ids) and one.text not in settled else one)


def _marked(one: Statement) -> Statement:
    return one.model_copy(update={"flags": (*one.flags, REMOVED_BEFORE)})


def _each(body: NoteBody, apply: Callable[[Statement], Statement | None]) -> NoteBody:
    """The note with every sentence changed; those that become None are gone."""
    return with_sections(
        body,
        [
            Section(
                title=section.title,
                statements=tuple(kept for one in section.statements if (kept := apply(one)) is not None),
            )
            for section in body.sections
        ],
    )


def _by_turns(statements: Iterable[Statement]) -> defaultdict[_Turns, list[Statement]]:
    found: defaultdict[_Turns, list[Statement]] = defaultdict(list)
    for one in statements:
        found[frozenset(one.turn_ids)].append(one)
    return found


def _changed(
    fresh: NoteBody, known: dict[str, Statement], replaced: dict[str, Statement | None], gone_ids: set[str]
) -> NoteBody:
    """Reworded sentences in their places, what was decided of those that say the same, and none that was removed."""

    def carried(one: Statement) -> Statement | None:
        if one.id in gone_ids:
            return None
        wording = replaced.get(one.id)
        if wording is not None:
            return wording.model_copy(update={"id": one.id, "section": one.section, "label": one.label})
        if one.text not in known:
            return one
        earlier = known[one.text]
        doubts = (*one.flags, *(flag for flag in earlier.flags if flag == REMOVED_BEFORE))
        return one.model_copy(update={"decision": earlier.decision, "flags": doubts})

    # the medicines first, by the sentences as they were written: then what was reworded is seen to be
    return _each(fresh, carried)


def _with_own(fresh: NoteBody, own: Iterable[Statement]) -> NoteBody:
    for statement in own:
        fresh = with_statement(fresh, statement.model_copy(update={"id": _free(statement.id, fresh)}))
    return fresh


def _free(wanted: str, body: NoteBody) -> str:
    taken = {one.id for one in body.statements}
    while wanted in taken:
        wanted = f"own_{wanted}"
    return wanted
