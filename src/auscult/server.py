"""`auscult up`: one process on this machine with everything in it, from an empty folder to a note to look at."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import uvicorn
from rich.console import Console

from auscult.api.app import create_app
from auscult.clinic import Clinic
from auscult.domain.errors import InvalidError, UnavailableError
from auscult.domain.recording import RecordingStatus
from auscult.flows import access, sample
from auscult.flows.audit_check import write_checkpoint_if_possible
from auscult.flows.recording_state import FINISHED
from auscult.flows.watch import seconds, watch
from auscult.settings import Settings

_SHUTDOWN_SECONDS: Final = 5
"""How long open streams may keep a stopping server."""

_ADDRESS: Final = "address"
"""A file in the data folder that tells other commands where the server listens."""


class _Server(uvicorn.Server):
    """A uvicorn server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self.listening.set()


async def serve(settings: Settings, *, web: Path | None, console: Console, with_sample: bool = True) -> None:
    """Serve until stopped. Prints a one-time sign-in link, and at first start turns the sample into a note.

    Raises `InvalidError` for an address beyond this machine, `UnavailableError` when the port is taken.
    """
    if not settings.loopback_only:
        raise InvalidError(
            "Without users configured the server binds to this machine only.",
            remedy="Leave AUSCULT_HOST at 127.0.0.1.",
        )
    # The server hands a signal on after it has stopped; without a handler of ours that would end the process before
    # the stores are closed.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
    listener = _bind(settings)
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    async with _clinic(settings) as clinic:
        await asyncio.to_thread((settings.data / _ADDRESS).write_text, origin(settings), "utf-8")
        app = create_app(clinic)
        app.state.web = web
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # addresses hold one-time tokens
            lifespan="off",
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            server_header=False,
        )
        server = _Server(config)
        greeting = asyncio.create_task(_greet(clinic, server, console, with_sample=with_sample))
        try:
            await server.serve(sockets=[listener])
        finally:
            greeting.cancel()
            await asyncio.gather(greeting, return_exceptions=True)


def origin(settings: Settings) -> str:
    """The address that a browser on this machine opens."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url or f"http://{host}:{settings.port}"


def last_origin(settings: Settings) -> str:
    """The address of the server that was started last on this data folder, else the configured one."""
    try:
        return (settings.data / _ADDRESS).read_text("utf-8").strip() or origin(settings)
    except OSError:
        return origin(settings)


@asynccontextmanager
async def _clinic(settings: Settings) -> AsyncIterator[Clinic]:
    clinic = await Clinic.open(settings)
    try:
        yield clinic
    finally:
        await write_checkpoint_if_possible(clinic.services, clinic.clinic_id)
        await clinic.close()


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"Port {settings.port} on {settings.host} is taken.",
            remedy="Auscult may be running already; else choose another with --port.",
        ) from error
    listener.set_inheritable(True)
    return listener


async def _greet(clinic: Clinic, server: _Server, console: Console, *, with_sample: bool) -> None:
    await server.listening.wait()
    address = origin(clinic.settings)
    user = await access.owner(clinic.services, clinic.clinic_id, clinic.settings.owner_name)
    token = await access.make_link(clinic.services, clinic.clinic_id, user)
    console.print(f"\n[bold]Auscult is ready[/bold] at {address}/app/")
    console.print(f"Sign in (once, within 15 minutes): {address}/sign-in?token={token}", soft_wrap=True)
    for role in clinic.roles():
        if role.missing:
            console.print(f"[yellow]{role.role}[/yellow]: {role.missing}", soft_wrap=True)
    if not with_sample or not clinic.settings.work:
        return
    await show_sample(clinic, console, address)


async def show_sample(clinic: Clinic, console: Console, address: str) -> None:
    """Say where the sample consultation is; at first start, turn it into a note and print how long each step took.

    One that somebody discarded is not made again.
    """
    found = await sample.find(clinic.services, clinic.system)
    if found is not None and found.status in FINISHED and not found.awaits_sound:
        console.print(f"The sample consultation: {address}/app/recordings/{found.id}", soft_wrap=True)
        return
    if found is None and await sample.was_thrown_away(clinic.services, clinic.system):
        return
    console.print("\nTurning the bundled sample consultation into a note:")
    newest = await clinic.services.records.outbox.last_seq(clinic.clinic_id)  # before it moves: nothing is missed
    started = await sample.start(clinic.services, clinic.system)

    def tell(step: str, took: float) -> None:
        if step != "received":
            console.print(f"  {step:<12} {took:6.2f} s")

    ended = await watch(clinic.services, clinic.system, clinic.feed, started, after=newest, tell=tell)
    if ended.status is RecordingStatus.READY:
        total = sum(seconds(step) for step in ended.steps if step.name != "received")
        console.print(f"  done in {total:.1f} s. Look at it: {address}/app/recordings/{ended.id}", soft_wrap=True)
    elif ended.failure is not None:
        console.print(f"  {ended.failure.reason} {ended.failure.remedy}", soft_wrap=True)
