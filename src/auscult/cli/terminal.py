"""What every command has: where it prints, `--json`, and the settings with what its flags change in them."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Final, Protocol

import typer
from rich.console import Console

from auscult.settings import Settings

out: Final = Console(highlight=False, emoji=False)  # `:CD:` in a fingerprint is no picture
err: Final = Console(stderr=True, highlight=False, emoji=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings_with(**flags: object) -> Settings:
    """The settings, with the flags that were given before what environment and file say."""
    return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]  # checked by pydantic


class Shown(Protocol):
    """What can be shown to a program and to a person."""

    def as_json(self) -> object:
        """Plain values."""

    def as_text(self) -> str:
        """Lines for a person."""


def show(found: Shown, *, as_json: bool) -> None:
    """Print it on standard output, as JSON when that was asked for."""
    if as_json:
        out.print_json(json.dumps(found.as_json()))
    else:
        sys.stdout.write(f"{found.as_text().rstrip()}\n")
