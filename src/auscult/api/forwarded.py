"""Where a request comes from, and whether it travelled encrypted, when a proxy stands before us.

`X-Forwarded-For` and `X-Forwarded-Proto` are anybody's to write, so they are believed from the configured proxies only
(`AUSCULT_TRUSTED_PROXIES`), by uvicorn's own middleware: the client is the right-most address that is not one of those.
`X-Forwarded-Host` is believed from nobody: proxies pass on Host, and which hosts are ours is a setting.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from auscult.api.hosts import host_of

UNKNOWN: Final = "unknown"
"""A client whose address nobody told. All of them count as one, so that nobody gains by hiding."""

__all__ = ["UNKNOWN", "ProxyHeadersMiddleware", "PublicScheme", "client_address"]


def client_address(request: HTTPConnection) -> str:
    """The address of the client, as audit and rate limits know it: an IP in its normal form, or `unknown`.

    An IPv4 address that came over an IPv6 socket is written as IPv4. The answer is never anything that was merely sent.
    """
    if request.client is None:
        return UNKNOWN
    try:
        address = ip_address(request.client.host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


class PublicScheme:
    """A request for the public host is an encrypted one when the public address says https.

    A proxy that does not tell how its client came must not make us hand out cookies that travel in the clear.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._host = host.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with the scheme that its client used."""
        if scope["type"] == "http" and host_of(scope) == self._host:
            scope["scheme"] = "https"
        await self._app(scope, receive, send)
