"""Runs a writer over consultations, as the product does, and measures the notes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from auscult.domain.errors import AuscultError
from auscult.domain.note import NoteBody
from auscult.domain.note_groups import groups
from auscult.domain.transcript import Transcript
from auscult.engines.writer import Request, Writer
from auscult.evaluation.notes.bootstrap import ROUNDS, Estimate, difference, draw, estimate
from auscult.evaluation.notes.formats import read_all
from auscult.evaluation.notes.metric import Detail, Measured, Metric, Part
from auscult.evaluation.notes.metrics import METRICS, labelled
from auscult.evaluation.notes.report import Group, Report
from auscult.evaluation.notes.visits import Visit, Written
from auscult.trust.grounding import check

SEED: Final = 20
Renderer = Callable[[NoteBody, Transcript], str]


def plain(body: NoteBody, _transcript: Transcript) -> str:
    """The note's headings, problems and sentences, one a line: what the product shows, without turn ids and remarks."""
    lines: list[str] = []
    for section in body.sections:
        if section.statements:
            lines += ["", section.title.upper()]
        for group in groups(section, body.language):
            lines += [f"{group.heading}:"] if group.heading else []
            lines += [f"{label}: {one.text}" if label else one.text for label, one in group.lines]
    return "\n".join(lines).strip() + "\n"


async def write(writer: Writer, visit: Visit, *, render: Renderer = plain, template: str = "visit") -> Written:
    """Have one note written and grounded. A writer's own error gives a note without text, and its code."""
    started = time.perf_counter()
    failure = ""
    try:
        body = check(await writer.write(Request(transcript=visit.transcript, template=template)), visit.transcript)
    except AuscultError as error:
        body, failure = NoteBody(writer=writer.info), error.code
    took = time.perf_counter() - started
    return Written(visit, body, "" if failure else render(body, visit.transcript), took, failure)


async def evaluate_notes(
    writer: Writer,
    files: Iterable[Path],
    *,
    against: Writer | None = None,
    metrics: Sequence[Metric] = METRICS,
    render: Renderer = plain,
    template: str = "visit",
    labels: Path | None = None,
    seed: int = SEED,
    rounds: int = ROUNDS,
    done: Callable[[str], None] = lambda _visit_id: None,
) -> Report:
    """Measure the notes that `writer` writes of the visits in `files` (JSONL files, or folders of them).

    `against` is a second writer on the same visits; `labels` is a file of facts labelled by hand (`metrics.labelled`);
    `done` is called with the id of each visit that is through. Raises `InvalidError` when there is no visit to be read.
    """
    visits = read_all(files)
    if labels is not None:
        metrics = (*metrics, labelled.metric(labelled.read_labels(labels)))
    measured: list[Measured] = []
    others: list[Measured] = []
    for visit in visits:
        measured.append(measure(await write(writer, visit, render=render, template=template), metrics))
        if against is not None:
            others.append(measure(await write(against, visit, render=render, template=template), metrics))
        done(visit.id)
    groups = [
        _group(
            file,
            subset,
            [measured[place] for place in places],
            [others[place] for place in places if others],
            metrics,
            seed=seed,
            rounds=rounds,
        )
        for file, subset, places in _grouped(visits)
    ]
    details: list[Detail] = [detail for one in measured for detail in one.details]
    return Report(
        writer=writer.info,
        against=against.info if against else None,
        seed=seed,
        metrics=tuple(metrics),
        groups=tuple(groups),
        details=tuple(details),
    )


def measure(written: Written, metrics: Sequence[Metric] = METRICS) -> Measured:
    """Everything that the metrics make of one note."""
    found = [metric.measure(written) for metric in metrics]
    parts = {name: part for one in found for name, part in one.parts.items()}
    return Measured(parts, tuple(detail for one in found for detail in one.details))


def _grouped(visits: Sequence[Visit]) -> Iterator[tuple[str, str, list[int]]]:
    """Each file, and all files when there are several, followed by their subsets: with their visits' places."""
    files = list(dict.fromkeys(visit.file for visit in visits))
    for file in [*files, *([""] if len(files) > 1 else [])]:
        here = [place for place, visit in enumerate(visits) if visit.file == file or not file]
        yield file, "", here
        subsets = sorted({visits[place].subset for place in here})
        for subset in subsets if len(subsets) > 1 else []:
            yield file, subset or "other", [place for place in here if visits[place].subset == subset]


def _group(
    file: str,
    subset: str,
    measured: Sequence[Measured],
    others: Sequence[Measured],
    metrics: Sequence[Metric],
    *,
    seed: int,
    rounds: int,
) -> Group:
    draws = draw(len(measured), seed=seed, rounds=rounds)
    own: dict[str, Estimate] = {}
    other: dict[str, Estimate] = {}
    change: dict[str, Estimate] = {}
    for figure in (figure for metric in metrics for figure in metric.figures):
        parts = _parts(measured, figure.name)
        if not any(parts):
            continue
        own[figure.name] = estimate(parts, draws, figure.kind)
        if others:
            theirs = _parts(others, figure.name)
            other[figure.name] = estimate(theirs, draws, figure.kind)
            change[figure.name] = difference(theirs, parts, draws, figure.kind)
    return Group(file, subset, len(measured), own, other, change)


def _parts(measured: Sequence[Measured], name: str) -> list[Part | None]:
    return [one.parts.get(name) for one in measured]
