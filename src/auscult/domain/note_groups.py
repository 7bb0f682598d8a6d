"""How a section is read problem by problem: the one place that says what its sub-headings are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from auscult.domain.evidence import Statement
from auscult.domain.note import Section

OTHER: Final = {"en": "Other", "hi": "अन्य"}
"""What stands over the sentences that are for no problem, or none that could be told, by language of the note."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that stand together. The heading is empty where none is shown: the first sentence names the problem."""

    heading: str
    statements: tuple[Statement, ...]

    @property
    def below(self) -> tuple[Statement, ...]:
        """The sentences that stand under the one that names their problem, or under the heading."""
        if self.heading:
            return self.statements
        return self.statements[1:] if self.statements[0].problem else ()

    @property
    def lines(self) -> tuple[tuple[str, Statement], ...]:
        """Each sentence with the label to show before it: that of the first of several in a row, else empty."""
        before = ("", *(one.label for one in self.statements))
        return tuple(
            ("" if one.label == last else one.label, one) for last, one in zip(before, self.statements, strict=False)
        )

    @property
    def outline(self) -> tuple[tuple[int, str, Statement], ...]:
        """`lines`, each with how many steps it is set in: under its heading, and under the label of the one above."""
        below = {one.id for one in self.below}
        return tuple(((one.id in below) + bool(one.label and not label), label, one) for label, one in self.lines)


def groups(section: Section, language: str = "en") -> tuple[Group, ...]:
    """The sentences of a section in reading order, those in a row that are for one problem together.

    What is for none stands at the end, wherever it was: an impression that is taken out leaves its orders where they
    are. A section in which no sentence has a problem is one group without a heading.
    """
    if not any(statement.problem for statement in section.statements):
        return (Group("", section.statements),) if section.statements else ()
    found = []
    in_order = sorted(section.statements, key=lambda statement: not statement.problem)
    for problem, run in groupby(in_order, key=lambda statement: statement.problem):
        statements = tuple(run)
        named = bool(problem) and statements[0].term == problem
        found.append(Group("" if named else problem or OTHER.get(language, OTHER["en"]), statements))
    return tuple(found)
