"""`auscult keys …`: the API keys of other systems, and the clinic's master key: escrow, recovery, rotation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from auscult.cli.terminal import err, out, settings_with
from auscult.domain import errors
from auscult.settings import Settings

app = typer.Typer(help="API keys for other systems, and the master key: escrow, rotation.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="Folder of the clinic.")]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file whose first line is the passphrase; else it is asked.")
]


@app.command("make")
def make(
    name: Annotated[str, typer.Argument(help="Which system it is for.")],
    role: Annotated[str, typer.Option(help="integration, device, nurse or doctor.")] = "integration",
) -> None:
    """Make an API key and print it, once."""
    asyncio.run(_make(settings_with(), name, role))


@app.command("list")
def list_keys() -> None:
    """List the API keys, without their secrets."""
    asyncio.run(_list(settings_with()))


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="The key's id, KEY_…")]) -> None:
    """End an API key now."""
    asyncio.run(_revoke(settings_with(), key_id))


@app.command("escrow")
def escrow(
    file: Annotated[Path, typer.Argument(help="A new file for the copy; print it and put it into a safe.")],
    passphrase_file: PassphraseFile = None,
    data: Data = None,
) -> None:
    """Write an escrow copy of the master key under a passphrase: without one, a lost machine loses everything."""
    from auscult.clinic.safekeeping import write_escrow

    passphrase = _passphrase(passphrase_file, confirm=True)
    key_id = asyncio.run(write_escrow(settings_with(data=data), file, passphrase))
    out.print(f"The escrow copy of master key {key_id} is in {file}.", markup=False, soft_wrap=True)
    out.print("Print it, put it into a safe, keep the passphrase elsewhere, and delete the file.")


@app.command("recover")
def recover(
    file: Annotated[Path, typer.Argument(help="The escrow copy, or what was typed from its page.")],
    passphrase_file: PassphraseFile = None,
    data: Data = None,
) -> None:
    """Put the master key back from its escrow copy; then restore a backup."""
    from auscult.clinic.safekeeping import recover as put_back

    try:
        page = file.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise errors.InvalidError(f"{file} cannot be read.", remedy="Check the path and its permissions.") from error
    passphrase = _passphrase(passphrase_file, confirm=False)
    path = asyncio.run(put_back(settings_with(data=data), page, passphrase))
    out.print(f"The master key is in {path}.", markup=False, soft_wrap=True)


@app.command("rotate")
def rotate(data: Data = None) -> None:
    """Put a new master key into use, while the clinic works. The old one goes on opening older backups."""
    from auscult.clinic.safekeeping import rotate as turn_over
    from auscult.clinic.safekeeping import warnings

    settings = settings_with(data=data)
    turned = asyncio.run(turn_over(settings))
    how = "was finished" if turned.continued else "is done"
    out.print(f"The rotation {how}: the clinic's key is wrapped under master key {turned.key_id}.", soft_wrap=True)
    for warning in asyncio.run(warnings(settings, backups=False)):
        err.print(warning, soft_wrap=True, markup=False)
    err.print("Make a backup now: those made before open with the old key only.", soft_wrap=True)


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is None:
        passphrase: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
        return passphrase
    try:
        return file.read_text("utf-8").splitlines()[0].strip()
    except (OSError, ValueError, IndexError) as error:
        raise errors.InvalidError(
            "The passphrase file cannot be read or is empty.", remedy="Its first line is the passphrase."
        ) from error


async def _make(settings: Settings, name: str, role: str) -> None:
    from auscult.clinic import Clinic
    from auscult.domain.actor import Role
    from auscult.flows import access

    allowed = {Role.INTEGRATION, Role.DEVICE, Role.NURSE, Role.DOCTOR}
    if role not in allowed:
        raise errors.InvalidError("A key cannot have this role.", remedy=f"Use one of {', '.join(sorted(allowed))}.")
    async with await Clinic.open(settings, work=False) as clinic:
        token, key = await access.make_api_key(clinic.services, clinic.clinic_id, name, Role(role))
    out.print(token, soft_wrap=True)
    err.print(f"{key.id}: shown once, good until {key.expires_at:%Y-%m-%d}. Send it as X-API-Key.", soft_wrap=True)


async def _list(settings: Settings) -> None:
    from auscult.clinic import Clinic
    from auscult.flows import access

    async with await Clinic.open(settings, work=False) as clinic:
        listed = await access.api_keys(clinic.services, clinic.clinic_id)
    table = Table("id", "for", "role", "good until", "state")
    for key in listed:
        state = "revoked" if key.revoked_at else "valid"
        table.add_row(key.id, key.name, key.role.value, f"{key.expires_at:%Y-%m-%d}", state)
    out.print(table if listed else "No keys yet: `auscult keys make NAME` makes one.")


async def _revoke(settings: Settings, key_id: str) -> None:
    from auscult.clinic import Clinic
    from auscult.flows import access

    async with await Clinic.open(settings, work=False) as clinic:
        key = await access.revoke_api_key(clinic.services, clinic.clinic_id, key_id)
    out.print(f"{key.id} is revoked.")
