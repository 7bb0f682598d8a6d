"""How often a classifier names the right section for a piece of conversation (the twenty headers of MTS-Dialog).

Weakness: accuracy is carried by the few common headers, and several headers overlap, so part of the errors are matters
of taste; look at the confusions that the report lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from auscult.evaluation.notes.bootstrap import ROUNDS, Estimate, draw, estimate
from auscult.evaluation.notes.evaluate import SEED
from auscult.evaluation.notes.formats.mts import Snippet
from auscult.evaluation.notes.metric import Kind, Part


@dataclass(frozen=True, slots=True)
class SectionReport:
    """Accuracy in [0, 1] with its interval, recall by header with its count, and (right, given) confusions."""

    accuracy: Estimate
    by_header: dict[str, tuple[float, int]]
    confusions: tuple[tuple[str, str, int], ...]

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "accuracy": self.accuracy.value,
            "interval": [self.accuracy.low, self.accuracy.high],
            "snippets": sum(count for _recall, count in self.by_header.values()),
            "by_header": {
                header: {"recall": recall, "snippets": count} for header, (recall, count) in self.by_header.items()
            },
            "confusions": [
                {"header": right, "given": given, "times": times} for right, given, times in self.confusions
            ],
        }

    def as_text(self) -> str:
        """The report as lines for a terminal."""
        snippets = sum(count for _recall, count in self.by_header.values())
        lines = [f"{snippets} dialogues: {_percent(self.accuracy.value)} get their header"]
        if self.accuracy.low is not None:
            lines[0] += f" (95 % interval {_percent(self.accuracy.low)} to {_percent(self.accuracy.high)})"
        lines += [
            f"    {header:<14} {round(recall * count):>3} of {count:>3} ({recall:.0%})"
            for header, (recall, count) in self.by_header.items()
        ]
        if self.confusions:
            lines.append("  taken for another:")
        lines += [f"    {right} as {given}: {times}" for right, given, times in self.confusions]
        return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def evaluate_sections(
    classify: Callable[[str], str], snippets: Sequence[Snippet], *, seed: int = SEED, rounds: int = ROUNDS
) -> SectionReport:
    """Ask `classify` for the header of each dialogue and count what is right."""
    given = [classify(one.dialogue) for one in snippets]
    right = [answer == one.header for answer, one in zip(given, snippets, strict=True)]
    headers = Counter(one.header for one in snippets)
    hits = Counter(one.header for one, hit in zip(snippets, right, strict=True) if hit)
    wrong = Counter((one.header, answer) for one, answer, hit in zip(snippets, given, right, strict=True) if not hit)
    return SectionReport(
        accuracy=estimate(
            [Part(float(hit)) for hit in right], draw(len(right), seed=seed, rounds=rounds), Kind.PERCENT
        ),
        by_header={header: (hits[header] / count, count) for header, count in headers.most_common()},
        confusions=tuple((header, answer, times) for (header, answer), times in wrong.most_common()),
    )
