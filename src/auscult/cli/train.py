"""`auscult train …`: the shipped models, made again from their training data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from auscult.cli.terminal import out
from auscult.domain.errors import InvalidError

app = typer.Typer(help="Rebuild the shipped models from their training data.", no_args_is_help=True)

To = Annotated[Path, typer.Option(help="Where the model is written.")]


@app.command()
def sphinx(data: Annotated[Path, typer.Option(help="Folder with the training dialogues (JSONL).")], to: To) -> None:
    """Train the language model of the embedded recogniser from medical dialogues."""
    from auscult.clinic.makers import train_sphinx_model

    _train(train_sphinx_model, data, to)


@app.command()
def notes(data: Annotated[Path, typer.Option(help="Folder with acibench_train.jsonl.")], to: To) -> None:
    """Train which sentences of a consultation belong into its note."""
    from auscult.clinic.makers import train_notes_model

    _train(train_notes_model, data, to)


@app.command()
def punctuation(
    data: Annotated[Path, typer.Option(help="Folder with acibench_train.jsonl and mts_train.jsonl.")], to: To
) -> None:
    """Train where sentences end in speech that a recogniser wrote without marks."""
    from auscult.clinic.makers import train_punctuation_model

    _train(train_punctuation_model, data, to)


@app.command()
def sections(data: Annotated[Path, typer.Option(help="Folder with mts_train.jsonl.")], to: To) -> None:
    """Train which section of a note a short dialogue belongs to."""
    from auscult.clinic.makers import train_sections_model

    _train(train_sections_model, data, to)


def _train(training: Callable[[Path, Path], object], data: Path, to: Path) -> None:
    """Run a training; whether the model can be written is known before, not after minutes of it."""
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidError(
            f"{to.name} cannot be made a folder: {error.strerror}.", remedy="Name a folder that may be written to."
        ) from None
    training(data, to)
    out.print(f"Written to {to}.", markup=False)
