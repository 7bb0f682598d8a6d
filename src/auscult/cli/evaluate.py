"""`auscult evaluate …`: how well engines do, on data of one's own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from auscult.cli.terminal import AsJson, out, settings_with, show

app = typer.Typer(help="Measure how well engines do, on data of your own.", no_args_is_help=True)


@app.command()
def notes(
    data: Annotated[Path, typer.Option(help="JSONL file of consultations, or a folder of them.")],
    writer: Annotated[str, typer.Option(help="offline, a model, or reference: the notes people wrote.")] = "offline",
    against: Annotated[str | None, typer.Option(help="A second writer, compared note by note.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Facts labelled by hand.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every sentence objected to.")] = False,
) -> None:
    """Measure the notes that a writer writes of consultations with reference notes."""
    from auscult.clinic.makers import bound_writer
    from auscult.engines.writer import Writer
    from auscult.evaluation.notes.evaluate import evaluate_notes
    from auscult.evaluation.notes.formats import read_all
    from auscult.evaluation.notes.references import ReferenceWriter

    def named(name: str) -> Writer:
        return ReferenceWriter(read_all([data])) if name == "reference" else bound_writer(settings_with(writer=name))

    other = named(against) if against else None
    report = asyncio.run(evaluate_notes(named(writer), [data], against=other, labels=labels))
    if as_json:
        out.print_json(json.dumps(report.as_json(details=True)))
        return
    table = Table(*report.headings(), title=f"{report.writer.name} {report.writer.version}")
    for line in report.rows():
        table.add_row(*line)
    out.print(table)


@app.command()
def grounding(as_json: AsJson = False) -> None:
    """Measure how well the check of a note finds what was altered, on statements labelled by hand."""
    from auscult.evaluation.grounding import evaluate_grounding

    show(evaluate_grounding(), as_json=as_json)


@app.command()
def sections(
    data: Annotated[
        Path, typer.Option(help="JSONL file of dialogues with a header, or a folder of them (not mts_train.jsonl).")
    ],
    as_json: AsJson = False,
) -> None:
    """Measure how often a short dialogue gets the header of the section that was written from it."""
    from auscult.clinic.makers import section_of
    from auscult.evaluation.notes.formats.mts import read_snippets
    from auscult.evaluation.notes.section_accuracy import evaluate_sections

    show(evaluate_sections(section_of, read_snippets(data)), as_json=as_json)


@app.command()
def punctuation(
    data: Annotated[Path, typer.Option(help="JSONL file of visits whose turns were written with punctuation.")],
    as_json: AsJson = False,
) -> None:
    """Measure how well sentence ends are found in speech whose marks were taken away."""
    from auscult.clinic.makers import marks_behind, words_and_marks
    from auscult.evaluation.punctuation import evaluate_punctuation

    show(evaluate_punctuation(marks_behind, words_and_marks, data), as_json=as_json)


@app.command()
def speech(
    data: Annotated[
        Path | None, typer.Option(help="Folder of recordings with their words (visit.wav, visit.txt).")
    ] = None,
    language: Annotated[str, typer.Option(help="auto, en or hi.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Measure the word error rate of the speech engine in use; without --data on the bundled consultation."""
    from auscult.clinic.makers import embedded_engines
    from auscult.evaluation.speech import Spoken, evaluate, pairs, pooled
    from auscult.knowledge import sample

    engines = embedded_engines(settings_with())
    recogniser = engines.speech.best()
    bundled = Spoken("bundled consultation", sample.audio(), sample.spoken_text())
    recordings = list(pairs(data)) if data else [bundled]
    hearings = evaluate(recordings, engines.decoder, engines.gate, recogniser, language=language)
    if as_json:
        body = {
            "engine": recogniser.info.model_dump(),
            "word_error_rate": pooled(hearings),
            "recordings": [
                {"name": one.name, "word_error_rate": one.errors.rate, "seconds": one.seconds, "took": one.took}
                for one in hearings
            ],
        }
        out.print_json(json.dumps(body))
        return
    table = Table(
        "recording", "words", "word error rate", "speed", title=f"{recogniser.info.name} {recogniser.info.model}"
    )
    for one in hearings:
        speed = f"{one.took / one.seconds:.2f} s per second" if one.seconds else ""
        table.add_row(one.name, str(one.errors.reference_words), f"{one.errors.rate:.2f}", speed)
    out.print(table)
    out.print(f"All together: {pooled(hearings):.2f}")
