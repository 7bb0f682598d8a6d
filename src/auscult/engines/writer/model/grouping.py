"""Which statements of a model's answer stand under which problem, by the names that the model gave.

A name counts only where an impression of the same answer has it: what a model calls something else, or makes up, heads
nothing. An answer in which no order says what it is for is not grouped at all; so are those to the first prompts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.note_fields import IMPRESSION
from auscult.engines.writer.model.answer import WrittenStatement, words

FOR_A_PROBLEM: Final = frozenset({"impression", "medicine", "plan", "follow_up"})
"""The kinds that stand under a problem; of any other kind a name is not looked at."""
LONGEST_HEADING: Final = 12
"""Words of a name: a longer one is a sentence, and no heading."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """A statement with what its place goes by.

    `term` is how the diagnosis words an impression, empty where it is none; `problem` is the term of the impression
    that heads its group, empty where there is none; `label` is one of `labels`, in English.
    """

    written: WrittenStatement
    term: str = ""
    problem: str = ""
    label: str = ""

    @property
    def heads(self) -> bool:
        """True for an impression that names a problem."""
        return self.term != ""


def grouped(statements: Sequence[WrittenStatement]) -> list[Grouped]:
    """The statements in the same order, each with its term and its problem."""
    heads = _heads(statements)
    terms = [_term_among(one, heads) for one in statements]
    problems = [_problem(one, term, heads) for one, term in zip(statements, terms, strict=True)]
    if not any(problem and one.kind != "impression" for one, problem in zip(statements, problems, strict=True)):
        problems = [""] * len(problems)
    return [Grouped(one, term, problem) for one, term, problem in zip(statements, terms, problems, strict=True)]


def name_of(problem: str) -> str:
    """A problem's name as it is compared: without case, lead-in, and marks and spaces around it."""
    return " ".join(problem.casefold().removeprefix(IMPRESSION.casefold()).split()).strip(" .,;:।")


def _heads(statements: Iterable[WrittenStatement]) -> dict[str, WrittenStatement]:
    """The impression that stands for each name: where several have it, one that says it, as a diagnosis, for sure."""
    best_first = sorted(
        (one for one in statements if one.kind == "impression" and _term(one)),
        key=lambda one: (
            not _says_its_name(one),
            not one.text.startswith(IMPRESSION),
            one.polarity is Polarity.POSSIBLE,
        ),
    )
    heads: dict[str, WrittenStatement] = {}
    for one in best_first:
        heads.setdefault(name_of(one.problem or _term(one)), one)
    for one in best_first:
        heads.setdefault(name_of(_term(one)), heads[name_of(one.problem or _term(one))])
    heads.pop("", None)  # a name of marks only: what has no name would be for it
    return heads


def _term_among(one: WrittenStatement, heads: dict[str, WrittenStatement]) -> str:
    """The term of an impression; empty where it only says how a problem stands that another impression names."""
    if one.kind != "impression":
        return ""
    term = _term(one)
    head = heads.get(name_of(one.problem or term), one)
    if head is one or not one.text.startswith(IMPRESSION):
        return term if head is one else ""
    return _term(head) if name_of(_term(head)) == name_of(term) else term


def _problem(one: WrittenStatement, term: str, heads: dict[str, WrittenStatement]) -> str:
    head = heads.get(name_of(one.problem or term)) if one.kind in FOR_A_PROBLEM else None
    heading = _term(head) if head else ""
    return heading if len(heading.split()) <= LONGEST_HEADING else ""


def _term(one: WrittenStatement) -> str:
    """How the diagnosis words it: what the model calls the problem if the sentence says so too, else the sentence."""
    if one.polarity is Polarity.NEGATED:
        return ""
    bare = one.text.removeprefix(IMPRESSION).strip().rstrip(".")
    named = one.problem if _says_its_name(one) else bare
    if one.polarity is Polarity.POSSIBLE and "possible" not in named.casefold():
        named = f"possible {named[:1].lower()}{named[1:]}"
    return named[:1].upper() + named[1:]


def _says_its_name(one: WrittenStatement) -> bool:
    name = set(words(one.problem))
    return bool(name) and name <= set(words(one.text))
