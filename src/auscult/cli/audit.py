"""`auscult audit`: check the trail, sign where it stands, and take it out."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from auscult.cli.terminal import AsJson, err, out, settings_with
from auscult.domain import errors

if TYPE_CHECKING:
    from auscult.clinic import Clinic
    from auscult.domain.actor import Actor
    from auscult.flows.audit_check import Report
    from auscult.settings import Settings
    from auscult.stores.audit import AuditEntry, Sought

TAMPERED: Final = 6
"""Exit code of `audit verify` when something is wrong with the trail."""

app = typer.Typer(help="The audit trail: who did what, when, from where and why.", no_args_is_help=True)


@app.command()
def verify(
    as_json: AsJson = False,
    checkpoints: Annotated[
        Path | None, typer.Option(help="A copy of the checkpoints, kept elsewhere, to check against.")
    ] = None,
) -> None:
    """Read the whole trail and say whether it is as it was written; exit code 6 when it is not."""
    if checkpoints is not None and not checkpoints.is_dir():
        raise errors.InvalidError("There is no such folder.", remedy="Name the folder that holds CLN_…/00000001.json.")
    report = asyncio.run(_verify(settings_with(), checkpoints))
    if as_json:
        out.print_json(json.dumps(_report(report)))
    else:
        for found in report.findings:
            out.print(found.sentence(), soft_wrap=True, markup=False)
        if report.more:
            out.print(f"and {report.more} more")
        state = "The trail is as it was written" if report.good else "The trail was tampered with"
        out.print(
            f"{state}: {report.entries} entries, {report.checkpoints} checkpoints"
            f" ({report.after_checkpoint} entries are newer than the last).",
            soft_wrap=True,
        )
        out.print(f"Checkpoints are signed with the key {report.key}.", soft_wrap=True)
    if not report.good:
        raise typer.Exit(TAMPERED)


@app.command()
def checkpoint() -> None:
    """Sign where the trail stands now; the file goes to the other checkpoints."""
    out.print(asyncio.run(_checkpoint(settings_with())), soft_wrap=True)


@app.command()
def export(
    form: Annotated[str, typer.Option("--format", help="fhir (AuditEvent, R4B) or jsonl; one entry a line.")] = "jsonl",
    since: Annotated[str | None, typer.Option(help="The first day or time: 2026-03-02 or 2026-03-02T09:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="The day or time that is not part of it any more.")] = None,
    patient: Annotated[str | None, typer.Option(help="Only what concerned this patient (PAT_…).")] = None,
) -> None:
    """Write the trail to standard output, oldest first. That it was taken out is itself an entry."""
    from auscult.stores.audit import Sought

    if form not in ("fhir", "jsonl"):
        raise errors.InvalidError("There is no such format.", remedy="Use --format fhir or --format jsonl.")
    sought = Sought(patient_id=patient, since=_time(since), until=_time(until))
    count = asyncio.run(_export(settings_with(), sought, _fhir if form == "fhir" else _plain))
    err.print(f"{count} entries.")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise errors.InvalidError("This is not a time.", remedy="Use 2026-03-02 or 2026-03-02T09:00Z.") from error
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _fhir(entry: AuditEntry) -> dict[str, Any]:
    from auscult.interop.fhir_audit_event import fhir_audit_event

    return fhir_audit_event(entry.event)


def _plain(entry: AuditEntry) -> dict[str, Any]:
    place = {"chain": entry.chain, "seq": entry.seq, "mark": entry.mark.hex()}
    return {**entry.event.model_dump(mode="json"), **place}


def _report(report: Report) -> dict[str, Any]:
    from dataclasses import asdict

    return {"good": report.good, **asdict(report)}


def _operator(clinic: Clinic) -> Actor:
    """Whoever may run commands here, by the name that this machine knows."""
    from auscult.domain.actor import system_actor
    from auscult.domain.audit import COMMAND_LINE

    return system_actor(clinic.clinic_id).model_copy(update={"name": _user_name(), "via": COMMAND_LINE})


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have a user without a name
        return ""


async def _verify(settings: Settings, copies: Path | None) -> Report:
    from auscult.clinic import Clinic
    from auscult.clinic.makers import checkpoint_folder
    from auscult.flows import audit_check

    async with await Clinic.open(settings, work=False) as clinic:
        other = checkpoint_folder(copies, clinic.services.ambient) if copies else None
        try:
            return await audit_check.verify(clinic.services, clinic.clinic_id, other)
        finally:
            if other is not None:
                await other.close()


async def _checkpoint(settings: Settings) -> str:
    from auscult.clinic import Clinic
    from auscult.flows import audit_check

    async with await Clinic.open(settings, work=False) as clinic:
        made = await audit_check.write_checkpoint(clinic.services, clinic.clinic_id, _operator(clinic))
    return "Nothing was added since the last checkpoint." if made is None else f"Checkpoint {made.number} is written."


async def _export(settings: Settings, sought: Sought, shape: Callable[[AuditEntry], dict[str, Any]]) -> int:
    from auscult.clinic import Clinic
    from auscult.flows import audit

    count = 0
    async with await Clinic.open(settings, work=False) as clinic:
        async for entry in audit.export(clinic.services, clinic.clinic_id, _operator(clinic), sought):
            sys.stdout.write(json.dumps(shape(entry), ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count
