"""What every command has: where it prints, `--json`, and the settings with what its flags change in them."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.console import Console

from auscult.settings import Settings

out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings_with(**flags: object) -> Settings:
    """The settings, with the flags that were given before what environment and file say."""
    return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]  # checked by pydantic
