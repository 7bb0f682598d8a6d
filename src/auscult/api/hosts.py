"""The host names that requests may name: any other is a page that rebinds its own name to our address."""

from __future__ import annotations

from collections.abc import Iterable, Set
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from auscult.api.problems import problem
from auscult.api.refusals import UnknownHostError


class KnownHosts:
    """Lets requests in that name one of these hosts, whatever the port, and answers others with a problem."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], changing: Set[str] = frozenset()) -> None:
        """`changing` is looked at with every request: the addresses of a machine that moves between networks."""
        self._app = app
        self._hosts = frozenset(host.strip("[]").lower() for host in hosts)
        self._changing = changing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        host = None if scope["type"] == "lifespan" else host_of(scope)
        if scope["type"] == "lifespan" or host in self._hosts or host in self._changing:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await problem(UnknownHostError("This request names a host that is not ours."))(scope, receive, send)


def host_of(scope: Scope) -> str | None:
    """The name in a request's Host header, in lower case and without port or brackets; None when it is none."""
    header = Headers(scope=scope).get("host", "")
    try:
        parts = urlsplit(f"//{header}")
    except ValueError:
        return None
    return parts.hostname if parts.netloc == header and parts.username is None else None
