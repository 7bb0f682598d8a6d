"""What a clinician made of a draft, carried into the note that is written again over it.

What they wrote themselves always stays. From the very same transcript also what they decided, what they added of the
things left out, and each reworded sentence in the place of the one that it replaced. A sentence that they removed may
come back: a note does not say what is no longer in it. The draft before is one undo away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from auscult.domain.evidence import Statement
from auscult.domain.ids import TurnId
from auscult.domain.note import NoteBody, Section
from auscult.domain.note_additions import with_omitted, with_statement
from auscult.domain.note_fields import with_sections
from auscult.knowledge.templates import heading

_Turns = frozenset[TurnId]


def carried_over(fresh: NoteBody, before: NoteBody, *, same_transcript: bool) -> NoteBody:
    """The freshly written note with what a clinician made of the draft `before` it.

    `same_transcript`: both were written from one version of the transcript, so that they speak of the same turns.
    """
    own = [
        one.model_copy(update={"section": heading(one.section, fresh.template, of=before.template)})
        for one in before.statements
        if one.reworded
    ]
    if not same_transcript:
        return _with_own(fresh, own)
    known = {one.text: one for one in before.statements if not one.reworded}
    replaced = _replaced(fresh, before, known.keys(), own)
    body = _changed(fresh, known, replaced)
    placed = {one.id for one in replaced.values()}
    body = _with_own(body, [one for one in own if one.id not in placed])
    for offered in fresh.omitted:
        if offered.text in known:  # the writer left it out before, too: a person added it
            body = with_omitted(body, offered.id, _free(f"added_{offered.id}", body))
    return body


def _replaced(fresh: NoteBody, before: NoteBody, known: Iterable[str], own: list[Statement]) -> dict[str, Statement]:
    """By id the sentences of the fresh note that a clinician had reworded, each with that wording.

    A reworded sentence does not name the one that it was. It is told by its turns, and only where no doubt is left:
    what else was written from them is there again word for word, and there are as many sentences as there were.
    """
    texts = set(known)
    now, then, mine = _by_turns(fresh.statements), _by_turns(before.statements), _by_turns(own)
    found: dict[str, Statement] = {}
    for turns, reworded in mine.items():
        others = [one for one in now[turns] if one.text not in texts]
        if turns and len(others) == len(reworded) and len(now[turns]) == len(then[turns]):
            found |= {one.id: wording for one, wording in zip(others, reworded, strict=True)}
    return found


def _by_turns(statements: Iterable[Statement]) -> defaultdict[_Turns, list[Statement]]:
    found: defaultdict[_Turns, list[Statement]] = defaultdict(list)
    for one in statements:
        found[frozenset(one.turn_ids)].append(one)
    return found


def _changed(fresh: NoteBody, known: dict[str, Statement], replaced: dict[str, Statement]) -> NoteBody:
    """Reworded sentences in their places, and what was decided of those that say the same."""

    def carried(one: Statement) -> Statement:
        if one.id in replaced:
            return replaced[one.id].model_copy(update={"id": one.id, "section": one.section})
        return one.model_copy(update={"decision": known[one.text].decision if one.text in known else None})

    # the medicines first, by the sentences as they were written: then what was reworded is seen to be
    return with_sections(
        fresh,
        [
            Section(title=section.title, statements=tuple(carried(one) for one in section.statements))
            for section in fresh.sections
        ],
    )


def _with_own(fresh: NoteBody, own: Iterable[Statement]) -> NoteBody:
    for statement in own:
        fresh = with_statement(fresh, statement.model_copy(update={"id": _free(statement.id, fresh)}))
    return fresh


def _free(wanted: str, body: NoteBody) -> str:
    taken = {one.id for one in body.statements}
    while wanted in taken:
        wanted = f"own_{wanted}"
    return wanted
