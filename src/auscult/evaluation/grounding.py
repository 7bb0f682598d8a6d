"""How well the check of a note tells supported statements from altered ones, on cases labelled by hand.

The cases (`knowledge/grounding_cases`) are invented consultations with statements about them: true ones, in plain and
in clinical wording, and altered ones, each by one kind of fault. `development` was looked at while the rules and the
lexicon were made, `held_out` was written before and was not.

Recall is the share of altered statements that the check does not let pass; a false alarm is a supported statement that
it does. Weakness: the same hand wrote cases and lexicon, and cases that its author thought of are easier than those
that a language model makes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Final, Literal

from auscult.domain.evidence import Polarity, Statement, TurnSource
from auscult.domain.ids import RecordingId, TurnId
from auscult.domain.transcript import Speaker, SpeechEngine, Transcript, Turn
from auscult.trust import grounding
from auscult.trust.grounding.sources import Turns

Split = Literal["development", "held_out"]
SPLITS: Final[tuple[Split, ...]] = ("development", "held_out")
SUPPORTED: Final = frozenset(("plain", "paraphrased"))
"""Kinds of statement that are true; every other kind names what was altered."""
_SPEAKERS: Final = {"C": Speaker.CLINICIAN, "P": Speaker.PATIENT, "O": Speaker.OTHER, "U": Speaker.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Case:
    """A statement about a consultation, and what is true of it: `plain`, `paraphrased`, or the kind of its fault."""

    consultation: str
    transcript: Transcript
    statement: Statement
    kind: str

    @property
    def supported(self) -> bool:
        """True when the consultation bears it out."""
        return self.kind in SUPPORTED


@dataclass(frozen=True, slots=True)
class KindCount:
    """Of one kind of statement: how many there are, and how many the check marked."""

    total: int
    flagged: int

    @property
    def share(self) -> float:
        """The share that was marked: recall of an altered kind, false alarms of a supported one."""
        return self.flagged / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """A statement that was judged wrongly: of which consultation, its kind, its words and the flags it got."""

    consultation: str
    kind: str
    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplitReport:
    """The figures of one set of cases."""

    name: str
    consultations: int
    kinds: dict[str, KindCount] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()

    @property
    def altered(self) -> KindCount:
        """All altered statements together."""
        return _sum(count for kind, count in self.kinds.items() if kind not in SUPPORTED)

    @property
    def supported(self) -> KindCount:
        """All supported statements together."""
        return _sum(count for kind, count in self.kinds.items() if kind in SUPPORTED)

    @property
    def precision(self) -> float:
        """Of the marked statements, the share that is altered; 1.0 when none is marked."""
        flagged = self.altered.flagged + self.supported.flagged
        return self.altered.flagged / flagged if flagged else 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of every set of cases."""

    splits: tuple[SplitReport, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as plain values for `json.dumps`; shares in [0, 1]."""
        return {
            one.name: {
                "consultations": one.consultations,
                "statements": one.altered.total + one.supported.total,
                "recall": round(one.altered.share, 4),
                "precision": round(one.precision, 4),
                "false_alarms": round(one.supported.share, 4),
                "kinds": {
                    kind: {**asdict(count), "share": round(count.share, 4)} for kind, count in sorted(one.kinds.items())
                },
                "mistakes": [asdict(mistake) for mistake in one.mistakes],
            }
            for one in self.splits
        }

    def as_text(self) -> str:
        """The report as lines for a terminal."""
        lines: list[str] = []
        for one in self.splits:
            lines += [
                f"{one.name}: {one.altered.total + one.supported.total} statements, {one.consultations} consultations",
                f"  caught {one.altered.flagged}/{one.altered.total} altered ({one.altered.share:.1%}), "
                f"false alarms {one.supported.flagged}/{one.supported.total} ({one.supported.share:.1%}), "
                f"precision {one.precision:.1%}",
                *(
                    f"    {kind:<12} {count.flagged:>3} of {count.total:>3} marked ({count.share:.0%})"
                    for kind, count in sorted(one.kinds.items())
                ),
            ]
        return "\n".join(lines)


def evaluate_grounding() -> Report:
    """Check every case and count."""
    return Report(tuple(_evaluated(split) for split in SPLITS))


def cases(split: Split) -> Iterator[Case]:
    """The cases of one set."""
    text = resources.files("auscult.knowledge").joinpath("grounding_cases", f"{split}.json").read_text("utf-8")
    for consultation in json.loads(text)["consultations"]:
        transcript = _transcript(consultation["turns"])
        for told in consultation["statements"]:
            turn_ids = tuple(TurnId(f"t{number}") for number in told["turns"])
            statement = Statement(
                id="s1",
                text=told["text"],
                section="",
                sources=(TurnSource(turn_ids=turn_ids, transcript_version=1),),
                polarity=Polarity(told.get("polarity", "affirmed")),
            )
            yield Case(consultation["name"], transcript, statement, told["kind"])


def _transcript(lines: list[str]) -> Transcript:
    turns = []
    for number, line in enumerate(lines, start=1):
        who, _, text = line.partition(": ")
        turns.append(
            Turn(id=TurnId(f"t{number}"), speaker=_SPEAKERS[who], text=text, start=3.0 * number, end=3.0 * number + 3)
        )
    return Transcript(
        recording_id=RecordingId("REC_CASE"),
        version=1,
        turns=tuple(turns),
        engine=SpeechEngine(name="typed", model="cases", version="1"),
        language="en",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _evaluated(split: Split) -> SplitReport:
    total: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    mistakes: list[Mistake] = []
    names: set[str] = set()
    for case in cases(split):
        names.add(case.consultation)
        codes = tuple(one.code for one in grounding.faults(case.statement, Turns(case.transcript)))
        total[case.kind] += 1
        flagged[case.kind] += bool(codes)
        if bool(codes) is case.supported:
            mistakes.append(Mistake(case.consultation, case.kind, case.statement.text, codes))
    kinds = {kind: KindCount(total[kind], flagged[kind]) for kind in total}
    return SplitReport(split, len(names), kinds, tuple(mistakes))


def _sum(counts: Iterator[KindCount]) -> KindCount:
    listed = list(counts)
    return KindCount(sum(one.total for one in listed), sum(one.flagged for one in listed))
