"""The command line: start it, check it, turn a recording into a note, get models, let others in."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape
from rich.table import Table

import auscult
from auscult.cli import audit, backup, demo, evaluate, keys, patients, people, train
from auscult.cli.terminal import AsJson, err, out, settings_with, show
from auscult.domain import errors
from auscult.logs import configure
from auscult.settings import Settings

app = typer.Typer(
    name="auscult",
    help="Listens to a consultation and gives it back as a note whose every sentence shows where it came from.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models = typer.Typer(help="Speech models: what there is, and getting one.", no_args_is_help=True)
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(audit.app, name="audit")
app.add_typer(models, name="models")
app.add_typer(keys.app, name="keys")
app.add_typer(patients.app, name="patients")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("demo")(demo.demo)
app.add_typer(train.app, name="train")
app.add_typer(people.app, name="people")
app.add_typer(people.devices, name="devices")

EXIT_CODES: Final[dict[type[errors.AuscultError], int]] = {
    errors.NoSpeechError: 3,
    errors.UnreadableAudioError: 4,
    errors.EngineMissingError: 5,
    errors.CancelledError: 130,
}
"""0 success · 1 something else went wrong · 2 wrong usage · 3 nothing said · 4 unreadable input · 5 engine missing
· 6 the audit trail was tampered with."""


def main() -> None:
    """Run the command line; turn our errors into one sentence, a remedy and an exit code."""
    settings = Settings()
    configure(settings.log_level)
    try:
        app()
    except errors.AuscultError as error:
        err.print(f"[red]{error.title}:[/red] {escape(error.reason)}", soft_wrap=True)
        err.print(error.remedy, soft_wrap=True, markup=False)
        sys.exit(next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), 1))
    except KeyboardInterrupt:
        sys.exit(130)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Turn a consultation into a note that shows where every sentence came from."""
    if version:
        out.print(auscult.__version__)
        raise typer.Exit


@app.command()
def up(
    *,
    port: Annotated[int | None, typer.Option(help="Port on this machine (0: any free one).")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for records, keys and models.")] = None,
    sample: Annotated[bool, typer.Option(help="Turn the bundled consultation into a note at first start.")] = True,
    host: Annotated[str | None, typer.Option(help="Address to serve on; beyond this machine with TLS only.")] = None,
    lan: Annotated[bool, typer.Option("--lan", help="Let phones in the local network in, encrypted.")] = False,
    tls: Annotated[Path | None, typer.Option(help="Your own certificate (PEM, full chain), with --tls-key.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The key of --tls.")] = None,
    mqtt: Annotated[bool, typer.Option("--mqtt", help="Run an MQTT broker for devices on this machine.")] = False,
) -> None:
    """Start everything in one process on this machine and print a sign-in link."""
    from auscult.server import serve
    from auscult.web_build import ensure_built

    settings = settings_with(
        port=port, data=data, host=host, lan=lan or None, tls=tls, tls_key=tls_key, mqtt_embedded=mqtt or None
    )
    web = ensure_built(lambda line: err.print(line, soft_wrap=True))
    asyncio.run(serve(settings, web=web, console=out, with_sample=sample))


@app.command()
def work(data: Annotated[Path | None, typer.Option(help="Folder for records, keys and models.")] = None) -> None:
    """Carry out jobs without serving requests: one more worker for the same records."""
    settings = settings_with(data=data)
    asyncio.run(_work(settings))


@app.command()
def check(as_json: AsJson = False) -> None:
    """Print what each role is bound to, what is missing, and the one command that gets it."""
    asyncio.run(_check(settings_with(), as_json=as_json))


@app.command()
def scribe(
    file: Annotated[str, typer.Argument(help="A recording, or - for standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,
    language: Annotated[str, typer.Option(help="auto, en or hi.")] = "auto",
) -> None:
    """Turn a recording into a note on standard output; nothing is kept."""
    from auscult.scribe_once import scribe_once

    data = _read(file)
    result = asyncio.run(scribe_once(settings_with(), data, name=file, language=language, tell=_tell))
    show(result, as_json=as_json)


@app.command()
def note(
    file: Annotated[str, typer.Argument(help="A transcript (speaker lines or JSON), or - for standard input.")],
    template: Annotated[str, typer.Option(help="visit, soap or gp.")] = "visit",
    language: Annotated[str, typer.Option(help="Of the note: auto, en or hi.")] = "auto",
    writer: Annotated[str, typer.Option(help="offline, or a model: openai:NAME@URL, bedrock:NAME, google:NAME.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the note with its sources as JSON.")] = False,
) -> None:
    """Write the note of a transcript to standard output; nothing is kept."""
    from datetime import UTC, datetime

    from auscult.clinic.makers import bound_writer
    from auscult.note_once import note_once

    data = _read(file)
    bound = bound_writer(settings_with(writer=writer or None))
    noted = asyncio.run(note_once(data, bound, template=template, language=language, now=datetime.now(UTC)))
    show(noted, as_json=as_json)


@app.command()
def medicines(
    line: Annotated[str, typer.Argument(help='A line of a prescription: "Tab Telma 40 1-0-0 x 1 month".')],
    as_json: AsJson = False,
) -> None:
    """Show what the grammar makes of a medicine line, and what a person must look at."""
    from auscult.knowledge.medicine_lines import medicines_json, medicines_text

    if as_json:
        out.print_json(json.dumps(medicines_json(line), ensure_ascii=False))
    else:
        sys.stdout.write(f"{medicines_text(line).rstrip()}\n")


@app.command()
def code(
    text: Annotated[str, typer.Argument(help='A diagnosis: "chest infection".')],
    as_json: AsJson = False,
) -> None:
    """Suggest ICD-10-CM codes for a diagnosis; a person chooses, nothing is assigned."""
    from dataclasses import asdict

    from auscult.knowledge.icd10 import suggest

    found = suggest(text)
    if as_json:
        out.print_json(json.dumps([asdict(one) for one in found]))
        return
    table = Table("code", "title", "score")
    for one in found:
        table.add_row(one.code, one.title, f"{one.score:.2f}")
    out.print(table if found else "No code fits these words: say it in other words.")


@app.command("sign-in-link")
def sign_in_link(data: Annotated[Path | None, typer.Option(help="Folder of the running clinic.")] = None) -> None:
    """Print a fresh one-time sign-in link for the clinic on this machine."""
    asyncio.run(_sign_in_link(settings_with(data=data)))


@models.command("list")
def models_list() -> None:
    """Show the Whisper sizes, what they need, and which are here."""
    from auscult.clinic.makers import whisper_report

    report = whisper_report(settings_with())
    table = Table("size", "download", "here", "fits this machine", title=report.hardware)
    for one in report.sizes:
        suggested = " (suggested)" if one.size == report.suggested else ""
        table.add_row(
            one.size + suggested, f"{one.download_mb} MB", "yes" if one.provisioned else "", "yes" if one.fits else "no"
        )
    out.print(table)


@models.command("pull")
def models_pull(size: Annotated[str, typer.Argument(help="A Whisper size, e.g. small.")]) -> None:
    """Download a Whisper size, with progress; its checksums are kept and verified."""
    from rich.progress import Progress

    from auscult.clinic.makers import whisper_pull

    with Progress(console=err) as progress:
        task = progress.add_task(f"whisper {size}", total=1.0)
        whisper_pull(settings_with(), size, lambda fraction: progress.update(task, completed=fraction), lambda: False)
    out.print(f"Whisper {size} is ready.")


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise errors.UnreadableAudioError(
            f"The file cannot be read: {error.strerror}.", remedy="Check the path and its permissions."
        ) from error


def _tell(line: str) -> None:
    err.print(line, soft_wrap=True)


async def _work(settings: Settings) -> None:
    from auscult.clinic import Clinic
    from auscult.flows.audit_check import write_checkpoint_if_possible

    async with await Clinic.open(settings, work=True) as clinic:
        err.print("Working. Stop with Ctrl+C.")
        try:
            await asyncio.Event().wait()
        finally:
            await write_checkpoint_if_possible(clinic.services, clinic.clinic_id)


async def _check(settings: Settings, *, as_json: bool) -> None:
    from auscult.clinic import Clinic, safekeeping
    from auscult.flows import figures

    async with await Clinic.open(settings, work=False) as clinic:
        roles, health = clinic.roles(), (await clinic.health()).checks
        devices = await clinic.devices()
        roles += [devices] if devices is not None else []
        own = (settings.tls,) if settings.tls else ()
        alarms = figures.alarms(await figures.look(clinic.services, clinic.system, settings.data, own))
    warnings = await safekeeping.warnings(settings, backups=False)  # how old a backup is, the alarms say
    if as_json:
        body: dict[str, Any] = {
            "roles": [role.model_dump() for role in roles],
            "health": health,
            "alarms": [alarm.model_dump() for alarm in alarms],
            "warnings": warnings,
        }
        out.print_json(json.dumps(body))
        return
    table = Table("role", "bound to", "state")
    for role in roles:
        quality = " (demo quality)" if role.demo_quality else ""
        state = "see below" if role.missing else health.get(role.role, "ok")
        table.add_row(role.role, f"{role.bound} {role.model}".strip() + quality, state)
    out.print(table)
    for role in roles:
        if role.missing:
            out.print(f"{role.role}: {role.missing}", soft_wrap=True)
    for alarm in alarms:
        out.print(f"[yellow]{alarm.name}[/yellow]: {alarm.sentence} {escape(alarm.remedy)}", soft_wrap=True)
    for warning in warnings:
        out.print(f"[yellow]warning[/yellow]: {escape(warning)}", soft_wrap=True)
    out.print(f"Data: {settings.data}", soft_wrap=True)


async def _sign_in_link(settings: Settings) -> None:
    from auscult.clinic import Clinic
    from auscult.flows import access
    from auscult.server import last_origin

    async with await Clinic.open(settings, work=False) as clinic:
        user = await access.owner(clinic.services, clinic.clinic_id, settings.owner_name)
        token = await access.make_link(clinic.services, clinic.clinic_id, user)
    out.print(f"{last_origin(settings)}/sign-in?token={token}", soft_wrap=True)
