"""`auscult demo`: a clinic of invented people to look around in, and its removal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auscult.cli.terminal import err, out, settings_with
from auscult.domain import errors
from auscult.settings import Settings

if TYPE_CHECKING:
    from auscult.flows.demo import Tell


def demo(
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Remove what the demo made, and nothing else.")] = False,
    beside: Annotated[
        bool, typer.Option("--beside", help="Also where real patients are registered: they get invented company.")
    ] = False,
    data: Annotated[Path | None, typer.Option(help="Folder of the clinic.")] = None,
) -> None:
    """Fill the clinic with invented patients, notes (English and Hindi consultations) and a queue.

    Refused where patients are registered, unless --beside says that they may be among yours. A second time makes
    nothing; after an interruption it makes what is missing. --clear erases the invented patients with all that was
    done for them since, edited notes and places in the queue among it; recordings that you filed under them are
    unfiled, not removed. The server may be running or not.
    """
    if clear and beside:
        raise errors.InvalidError("Either fill or clear.", remedy="Leave out --beside.")
    # The bundled consultations are written up here and now, whatever writes the clinic's own.
    settings = settings_with(data=data, writer="offline")
    asyncio.run(_clear(settings) if clear else _fill(settings, beside=beside))


async def _fill(settings: Settings, *, beside: bool) -> None:
    from auscult.clinic import Clinic
    from auscult.flows import demo as flow

    async with await Clinic.open(settings, work=False) as clinic:
        with _progress() as tell:
            filled = await flow.fill(
                clinic.services, clinic.system, owner_name=settings.owner_name, beside=beside, tell=tell
            )
    there = "The demo is there already" if filled.before else "The demo is there"
    drafts = filled.notes - filled.signed
    out.print(
        f"{there}: {filled.patients} invented patients, {filled.queue} places in the queue, {filled.notes} notes "
        f"({filled.signed} signed, {drafts} drafts).",
        soft_wrap=True,
    )
    err.print("`auscult demo --clear` removes it.", soft_wrap=True)


async def _clear(settings: Settings) -> None:
    from auscult.clinic import Clinic, safekeeping
    from auscult.flows import demo_clear as flow
    from auscult.stores.secrets import Erasure

    async with await Clinic.open(settings, work=False) as clinic:

        async def remember(some: tuple[Erasure, ...]) -> None:
            await safekeeping.remember_erasures(settings, clinic.keyring, clinic.clinic_id, some)

        with _progress() as tell:
            gone = await flow.clear(clinic.services, clinic.keyring, clinic.system, remember=remember, tell=tell)
    if not gone.patients:
        out.print("There is no demo here: nothing was removed.")
        return
    out.print(f"The demo is gone: {gone.patients} invented patients and all that was theirs.", soft_wrap=True)
    for recording_id in gone.unfiled:
        err.print(f"{recording_id} was not made by the demo: it is unfiled now.", soft_wrap=True)
    for patient_id in gone.merged:
        err.print(
            f"{patient_id} was merged with an invented patient and stays: look at what the entry took over.",
            soft_wrap=True,
        )


@contextmanager
def _progress() -> Iterator[Tell]:
    from rich.progress import Progress

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("demo", total=1.0)
        yield lambda what, fraction: progress.update(task, completed=fraction, description=what)
