"""`auscult patients …`: what an operator does with a patient's record as a whole."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from auscult.cli.terminal import err, out, settings_with
from auscult.domain import errors
from auscult.settings import Settings

app = typer.Typer(help="Patients: erasing one.", no_args_is_help=True)


@app.callback()
def patients() -> None:
    """Patients: erasing one."""


@app.command("erase")
def erase(
    patient_id: Annotated[str, typer.Argument(help="The patient's id, PAT_…")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the id again.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder of the clinic.")] = None,
) -> None:
    """Erase a patient for good: their key is destroyed, in every copy. It cannot be undone."""
    if not yes:
        err.print("This destroys the key of everything that is kept of this patient. It cannot be undone.")
        if typer.prompt("Type the patient's id to go on", default="", show_default=False, err=True) != patient_id:
            raise errors.CancelledError("Nothing was erased.", remedy="Give the id twice, or add --yes.")
    asyncio.run(_erase(settings_with(data=data), patient_id))


async def _erase(settings: Settings, patient_id: str) -> None:
    from auscult.clinic import Clinic, safekeeping
    from auscult.domain.ids import PatientId
    from auscult.flows.erase import erase_patient
    from auscult.stores.secrets import Erasure

    async with await Clinic.open(settings, work=False) as clinic:

        async def remember(some: tuple[Erasure, ...]) -> None:
            await safekeeping.remember_erasures(settings, clinic.keyring, clinic.clinic_id, some)

        gone = await erase_patient(
            clinic.services, clinic.keyring, clinic.system, PatientId(patient_id), remember=remember
        )
    out.print(
        f"{patient_id} is erased: {len(gone.subjects)} keys destroyed, {gone.documents} documents and "
        f"{gone.objects} objects removed. A running server forgets the key within 30 s.",
        soft_wrap=True,
    )
    err.print("Make a backup now: it takes their key out of the backups' folder, too.", soft_wrap=True)
