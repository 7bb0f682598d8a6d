"""Sockets and who answers on them: the web server, with listeners that come and go while it runs."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from auscult.domain.errors import InvalidError, UnavailableError

SHUTDOWN_SECONDS: Final = 5
"""How long open streams may keep a stopping server."""
_BACKLOG: Final = 2048


def configuration(app: ASGIApp, encrypted: ssl.SSLContext | None = None) -> uvicorn.Config:
    """How uvicorn serves an application of ours. Who a request comes from is decided in `api.forwarded`, not by it."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # addresses hold one-time tokens
        lifespan="off",
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        server_header=False,
        ssl_context_factory=None if encrypted is None else lambda _config, _default: encrypted,
    )


class Server(uvicorn.Server):
    """A uvicorn server that says when it takes requests, and can listen in more places, also encrypted."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self.listening.set()

    async def listen(
        self, listener: socket.socket, *, encrypted: ssl.SSLContext | None = None, config: uvicorn.Config | None = None
    ) -> asyncio.Server:
        """Take requests on one more socket, for the application of `config` when that is another one.

        Call it after the start. The server closes the listener when it stops; whoever wants it closed before calls
        `stop_listening`.
        """
        await self.listening.wait()
        chosen = config or self.config
        if not chosen.loaded:
            chosen.load()

        def connection() -> asyncio.Protocol:
            made: asyncio.Protocol = chosen.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn itself calls it
                config=chosen, server_state=self.server_state, app_state={}
            )
            return made

        loop = asyncio.get_running_loop()
        opened = await loop.create_server(connection, sock=listener, ssl=encrypted, backlog=_BACKLOG)
        self.servers.append(opened)
        return opened

    def stop_listening(self, opened: asyncio.Server) -> None:
        """Take no more connections there; those that are open end by themselves."""
        opened.close()
        if opened in self.servers:
            self.servers.remove(opened)


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to an address. Raises `UnavailableError` when the port is taken.

    `InvalidError` when the address is not ours, or the port not for us to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise InvalidError(
                f"{host} is no address of this machine.", remedy="Choose one that it has, or leave --host out."
            ) from error
        if error.errno == errno.EACCES:
            raise InvalidError(
                f"This user may not listen on port {port}.",
                remedy="Choose a port above 1023, or put a proxy in front (docs/deploying.md).",
            ) from error
        raise UnavailableError(
            f"Port {port} on {host} is taken.",
            remedy="Auscult may be running already; else choose another with --port.",
        ) from error
    listener.set_inheritable(True)
    return listener


def bracketed(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
