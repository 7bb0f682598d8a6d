"""`auscult backup`, `auscult backup drill` and `auscult restore`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from auscult.cli.terminal import AsJson, err, out, settings_with
from auscult.domain import errors
from auscult.stores.backups import Tell

if TYPE_CHECKING:
    from auscult.clinic.restoring import Restored

Data = Annotated[Path | None, typer.Option(help="Folder of the clinic.")]
All = Annotated[bool, typer.Option("--all", help="Open every document and object, not a sample of 20,000.")]


def backup(  # noqa: PLR0917 - the framework passes every option by name
    destination: Annotated[str, typer.Argument(help="A folder on another disk; or `drill`, to rehearse a restore.")],
    source: Annotated[Path | None, typer.Argument(help="With `drill`: the folder of backups, or one of them.")] = None,
    keep: Annotated[int | None, typer.Option(help="Remove all but so many of the newest backups.")] = None,
    data: Data = None,
    scratch: Annotated[Path | None, typer.Option(help="With `drill`: where to unpack, gone afterwards.")] = None,
    everything: All = False,
    as_json: AsJson = False,
) -> None:
    """Back the clinic up while it works: encrypted, and only the sound that is new is copied.

    `auscult backup drill FOLDER` restores the newest backup into a scratch folder, checks it, prints what a disaster
    would lose now (RPO) and how long the way back takes (RTO), and removes the scratch.
    """
    if destination == "drill":
        if source is None:
            raise errors.InvalidError("Which backups to rehearse with?", remedy="auscult backup drill FOLDER")
        _drill(source, data, scratch, everything=everything, as_json=as_json)
        return
    if source is not None:
        raise errors.InvalidError("A backup goes into one folder.", remedy="auscult backup FOLDER")
    _back_up(Path(destination), data, keep, as_json=as_json)


def restore(
    source: Annotated[Path, typer.Argument(help="The folder of backups (the newest is taken), or one of them.")],
    data: Data = None,
    replace: Annotated[bool, typer.Option("--replace", help="Move what is in the data folder aside.")] = False,
    everything: All = False,
) -> None:
    """Restore a backup into an empty data folder. Whoever was erased since stays erased."""
    from auscult.clinic import restoring

    settings = settings_with(data=data)
    with _progress() as tell:
        done = asyncio.run(
            restoring.restore(settings, source, replace=replace, sample=_sample(everything=everything), tell=tell)
        )
    if done is None:
        out.print(f"The restore into {settings.data} that was cut short is finished.", markup=False, soft_wrap=True)
        return
    for line in _told(done):
        out.print(line, markup=False, soft_wrap=True)
    if done.aside is not None:
        out.print(f"What was there before is in {done.aside}.", markup=False, soft_wrap=True)
    out.print(f"Restored in {done.seconds:.1f} s into {settings.data}. Start it with `auscult up`.", soft_wrap=True)


def _back_up(to: Path, data: Path | None, keep: int | None, *, as_json: bool) -> None:
    from auscult.clinic import restoring, safekeeping

    settings = settings_with(data=data)
    with _progress() as tell:
        made = asyncio.run(safekeeping.back_up(settings, to, keep=keep, tell=tell))
    size = sum(part.size for part in made.parts) + made.copied_bytes
    if as_json:
        out.print_json(json.dumps({"id": made.id, "at": made.at.isoformat(), "written_bytes": size}))
    else:
        out.print(f"{made.id}: the clinic as of {restoring.moment(made.at)}", soft_wrap=True)
        out.print(f"{sum(made.counts.values())} documents, {made.objects} objects, {size / 1e6:.1f} MB written.")
    for warning in asyncio.run(safekeeping.warnings(settings, backups=False)):
        err.print(warning, soft_wrap=True, markup=False)


def _drill(source: Path, data: Path | None, scratch: Path | None, *, everything: bool, as_json: bool) -> None:
    from auscult.clinic import restoring

    with _progress() as tell:
        done = asyncio.run(
            restoring.drill(
                settings_with(data=data), source, scratch=scratch, sample=_sample(everything=everything), tell=tell
            )
        )
    manifest = done.restored.manifest
    if as_json:
        body = {
            "id": manifest.id,
            "at": manifest.at.isoformat(),
            "rpo_seconds": round(done.rpo.total_seconds(), 1),
            "rto_seconds": round(done.rto.total_seconds(), 1),
            "documents": dict(done.restored.looked.counts),
            "documents_opened": done.restored.looked.opened,
            "objects": done.restored.objects,
            "objects_opened": done.restored.objects_opened,
            "audit_entries": done.restored.audited,
            "erased": done.restored.erased,
        }
        out.print_json(json.dumps(body))
        return
    for line in _told(done.restored):
        out.print(line, markup=False, soft_wrap=True)
    out.print(f"RPO {restoring.hours(done.rpo)}: what came after {restoring.moment(manifest.at)} would be lost now.")
    out.print(f"RTO {restoring.hours(done.rto)}: so long it took to bring everything back.")


def _told(done: Restored) -> Iterator[str]:
    looked = done.looked
    yield f"{done.manifest.id} of clinic {done.manifest.clinic_id}: every file has its hash."
    yield (
        f"{sum(looked.counts.values())} documents ({done.notes} versions of notes), {looked.opened} opened; "
        f"{done.objects} objects, {done.objects_opened} opened; {done.erased} erased subjects stay erased; "
        f"{done.audited} entries of the audit trail, all chains verified."
    )


def _sample(*, everything: bool) -> int:
    from auscult.clinic.restoring import SAMPLE

    return 2**62 if everything else SAMPLE


@contextmanager
def _progress() -> Iterator[Tell]:
    """Shows what is being done, on a terminal; on standard error, because the result goes to standard output."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("starting", total=1.0)

        def tell(what: str, fraction: float) -> None:
            progress.update(task, description=what, completed=fraction)

        yield tell
