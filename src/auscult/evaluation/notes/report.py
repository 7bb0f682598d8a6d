"""What an evaluation found: figures by file and subset, with intervals, as JSON and as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from auscult.domain.note import WriterInfo
from auscult.evaluation.notes.bootstrap import Estimate
from auscult.evaluation.notes.metric import Detail, Figure, Kind, Metric


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of the notes of one file, one subset of it, or all files together (`file` empty)."""

    file: str
    subset: str
    notes: int
    figures: Mapping[str, Estimate]
    against: Mapping[str, Estimate] = field(default_factory=dict)
    """The other writer's figures; empty when there is none."""
    difference: Mapping[str, Estimate] = field(default_factory=dict)
    """The writer's less the other's, with the paired interval."""

    @property
    def name(self) -> str:
        """How the group is called in a table."""
        return f"{self.file or 'all files'}{': ' + self.subset if self.subset else ''} ({self.notes})"


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured. `details` hold text of the notes: they are for whoever owns the data."""

    writer: WriterInfo
    against: WriterInfo | None
    seed: int
    metrics: tuple[Metric, ...]
    groups: tuple[Group, ...]
    details: tuple[Detail, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in the order of printing."""
        return tuple(figure for metric in self.metrics for figure in metric.figures)

    def as_json(self, *, details: bool = False) -> dict[str, Any]:
        """Plain values: shares and F1 in [0, 1], seconds, counts. With `details` also the sentences objected to."""
        body: dict[str, Any] = {
            "writer": self.writer.model_dump(),
            "against": self.against.model_dump() if self.against else None,
            "seed": self.seed,
            "groups": [asdict(group) for group in self.groups],
            "weaknesses": {figure.name: metric.weakness for metric in self.metrics for figure in metric.figures},
        }
        if details:
            body["details"] = [asdict(one) for one in self.details]
        return body

    def headings(self) -> list[str]:
        """The heading of each column: the figure, then each group."""
        return ["", *(group.name for group in self.groups)]

    def rows(self) -> list[list[str]]:
        """One row a figure that was measured anywhere: its title, and its value with interval in each group."""
        return [
            [figure.title, *(_cell(figure, group) for group in self.groups)]
            for figure in self.figures
            if any(figure.name in group.figures for group in self.groups)
        ]


def _cell(figure: Figure, group: Group) -> str:
    one = group.figures.get(figure.name, Estimate(None))
    if one.value is None:
        return "-"
    text = f"{_shown(figure.kind, one.value)}{_bounds(figure.kind, one)}"
    change = group.difference.get(figure.name, Estimate(None))
    if change.value is None:
        return text
    return f"{text}\n{_shown(figure.kind, change.value, sign='+')}{_bounds(figure.kind, change, sign='+')}"


def _bounds(kind: Kind, one: Estimate, sign: str = "") -> str:
    if one.low is None or one.high is None:
        return ""
    return f" [{_shown(kind, one.low, sign)}, {_shown(kind, one.high, sign)}]"


def _shown(kind: Kind, value: float, sign: str = "") -> str:
    if kind is Kind.PERCENT:
        return f"{100 * value:{sign}.1f}"
    return f"{value:{sign}.0f}" if kind is Kind.TOTAL else f"{value:{sign}.2f}"
