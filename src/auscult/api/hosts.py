"""The host names that requests may name: any other is a page that rebinds its own name to our address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from auscult.api.problems import problem
from auscult.api.refusals import UnknownHostError


class KnownHosts:
    """Lets requests in that name one of these hosts, whatever the port, and answers others with a problem."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.strip("[]").lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "lifespan" or _host(Headers(scope=scope).get("host", "")) in self._hosts:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await problem(UnknownHostError("This request names a host that is not ours."))(scope, receive, send)


def _host(header: str) -> str | None:
    """The name in a Host header, in lower case and without port or brackets; None when it is none."""
    try:
        parts = urlsplit(f"//{header}")
    except ValueError:
        return None
    return parts.hostname if parts.netloc == header and parts.username is None else None
