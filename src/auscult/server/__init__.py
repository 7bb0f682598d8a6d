"""`auscult up`: one process on this machine with everything in it, from an empty folder to a note to look at.

Beyond this machine it is served over TLS only: with `tls`, on `host`; with `lan`, on the private addresses of this
machine (or on `host`), while the machine itself keeps a door on loopback that needs no certificate.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import structlog
from fastapi import FastAPI
from rich.console import Console

from auscult.api.app import create_app
from auscult.api.routes.phone import Phones
from auscult.api.trust_page import trust_page
from auscult.clinic import Clinic
from auscult.domain.errors import AuscultError, InvalidError
from auscult.flows.audit_check import write_checkpoint_if_possible
from auscult.server.greeting import greet, invite_phones, show_sample
from auscult.server.lan import Lan, lan_addresses
from auscult.server.leaving import may_leave_loopback
from auscult.server.listening import Server, bind, bracketed, configuration
from auscult.server.own_certificate import OwnCertificate, server_context
from auscult.settings import Settings
from auscult.trust.authority import Authority, Ip
from auscult.world import real_ambient

__all__ = ["last_origin", "origin", "renewing", "serve", "show_sample"]

_ADDRESS: Final = "address"
"""A file in the data folder that tells other commands where the server listens."""
_LOOPBACK: Final = "127.0.0.1"
_RENEWAL_LOOK_SECONDS: Final = 60.0
"""How soon a certificate that was renewed on the disk is served."""

_log = structlog.get_logger(__name__)


async def serve(settings: Settings, *, web: Path | None, console: Console, with_sample: bool = True) -> None:
    """Serve until stopped. Prints a one-time sign-in link, and at first start turns the sample into a note.

    Raises `InvalidError` for an address beyond this machine without TLS and for a certificate that cannot be used,
    `UnavailableError` when a port is taken.
    """
    # The server hands a signal on after it has stopped; without a handler of ours that would end the process before
    # the stores are closed.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
    own = await asyncio.to_thread(_own_certificate, settings)
    addresses = _addresses(settings)
    if settings.lan:
        settings = settings.model_copy(update={"host": _LOOPBACK})
    async with AsyncExitStack() as opened:
        listener = opened.enter_context(closing(bind(settings.host, settings.port)))
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        clinic = await opened.enter_async_context(_clinic(settings))
        if settings.encrypts or not settings.loopback_only:
            await may_leave_loopback(clinic)
        here = _own_origin(settings, own) if own else origin(settings)
        await asyncio.to_thread((settings.data / _ADDRESS).write_text, here, "utf-8")
        app = create_app(clinic)
        app.state.web = web
        context = server_context() if own else None
        server = Server(configuration(app, context))
        tasks = [asyncio.create_task(greet(clinic, server, console, here, with_sample=with_sample))]
        if own is not None and context is not None:
            own.load_into(context)
            app.state.addresses.update(own.names)
            tasks.append(asyncio.create_task(renewing(own, context, clinic.services.ambient.now)))
        if settings.lan:
            lan = await asyncio.to_thread(_local_network, clinic, server, app, console, addresses)
            tasks.append(asyncio.create_task(_on(lan, server, clinic, console)))
        try:
            await server.serve(sockets=[listener])
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
    for failure in ended:
        if isinstance(failure, AuscultError):
            raise failure


def origin(settings: Settings) -> str:
    """The address that a browser on this machine opens."""
    return settings.public_url or f"http://{bracketed(settings.host)}:{settings.port}"


def last_origin(settings: Settings) -> str:
    """The address of the server that was started last on this data folder, else the configured one."""
    try:
        return (settings.data / _ADDRESS).read_text("utf-8").strip() or origin(settings)
    except OSError:
        return origin(settings)


@asynccontextmanager
async def _clinic(settings: Settings) -> AsyncIterator[Clinic]:
    clinic = await Clinic.open(settings, with_broker=True)
    try:
        yield clinic
    finally:
        await write_checkpoint_if_possible(clinic.services, clinic.clinic_id)
        await clinic.close()


def _own_origin(settings: Settings, own: OwnCertificate) -> str:
    """By a name that the certificate is for: by any other, browsers refuse it."""
    name = settings.host if settings.host in own.names else next(iter(own.names), settings.host)
    return settings.public_url or f"https://{bracketed(name)}:{settings.port}"


def _own_certificate(settings: Settings) -> OwnCertificate | None:
    if settings.tls is None and settings.tls_key is None:
        return None
    if settings.tls is None or settings.tls_key is None:
        raise InvalidError("A certificate and its key belong together.", remedy="Give both: --tls CERT --tls-key KEY.")
    if settings.lan:
        raise InvalidError("--lan makes its own certificates, --tls brings one.", remedy="Use one of the two.")
    own = OwnCertificate.read(settings.tls, settings.tls_key, real_ambient().now())
    own.load_into(server_context())
    return own


async def renewing(
    own: OwnCertificate, context: ssl.SSLContext, now: Callable[[], datetime], *, every: float = _RENEWAL_LOOK_SECONDS
) -> None:
    """Serve what is renewed on the disk; what cannot be used is told, and the old one served on."""
    while True:
        await asyncio.sleep(every)
        if not await asyncio.to_thread(lambda one: one.renewed, own):
            continue
        try:
            own = await asyncio.to_thread(OwnCertificate.read, own.certificate, own.key, now())
            own.load_into(context)
        except InvalidError as error:  # perhaps only one of the two files is written yet
            _log.warning("certificate_not_renewed", reason=error.reason)


def _addresses(settings: Settings) -> Callable[[], Sequence[Ip]]:
    """Where `lan` listens: on the host that was asked for, else wherever this machine is."""
    if not settings.lan:
        return tuple
    try:
        only = ip_address(settings.host)
    except ValueError as error:
        raise InvalidError(
            "With --lan, AUSCULT_HOST is an address.", remedy="Leave it out: --lan finds this machine's addresses."
        ) from error
    return lan_addresses if settings.host == _LOOPBACK or only.is_unspecified else lambda: (only,)


def _local_network(
    clinic: Clinic, server: Server, app: FastAPI, console: Console, addresses: Callable[[], Sequence[Ip]]
) -> Lan:
    settings = clinic.settings
    authority = Authority.open(settings.data / "tls", clinic.services.ambient.now)
    trust_port = settings.trust_port
    if trust_port == 0:
        with closing(bind(_LOOPBACK, 0)) as free:
            trust_port = free.getsockname()[1]

    async def moved(now: Sequence[Ip]) -> None:
        first = bracketed(str(now[0])) if now else None
        app.state.phones = first and Phones(
            app=f"https://{first}:{settings.port}",
            trust=f"http://{first}:{trust_port}/",
            fingerprint=authority.fingerprint,
        )
        await invite_phones(clinic, console, app.state.phones)

    return Lan(
        server,
        authority,
        addresses=addresses,
        port=settings.port,
        trust_port=trust_port,
        trust_page=configuration(trust_page(authority, port=settings.port)),
        hosts=app.state.addresses,
        moved=moved,
    )


async def _on(lan: Lan, server: Server, clinic: Clinic, console: Console) -> None:
    """Keep the local network served; what stops it at the start ends the server, later it tries again."""
    await server.listening.wait()
    try:
        await lan.look()
    except AuscultError:
        server.should_exit = True
        raise
    if not lan.addresses:
        await invite_phones(clinic, console, None)
    await lan.follow()
