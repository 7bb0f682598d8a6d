"""The clinic on the local network: encrypted on each of this machine's private addresses, also when they change."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address
from typing import Final

import structlog
import uvicorn

from auscult.domain.errors import AuscultError, UnavailableError
from auscult.server.listening import Server, bind
from auscult.server.own_certificate import server_context
from auscult.trust.authority import Authority, Ip, may_sign_for

LOOK_EVERY_SECONDS: Final = 10.0
"""How soon a phone finds the server again after the network has given this machine another address."""
_NOT_A_NETWORK_OF_PEOPLE: Final = ("lo", "docker", "br-", "veth", "virbr", "vnet", "cni", "flannel")
"""Interfaces of containers and virtual machines: no phone is behind them."""
_GET_ADDRESS: Final = 0x8915
"""Linux's SIOCGIFADDR: https://man7.org/linux/man-pages/man7/netdevice.7.html"""

_log = structlog.get_logger(__name__)


def lan_addresses() -> tuple[Ip, ...]:
    """This machine's private IPv4 addresses in networks that people's devices are in, the way out first."""
    found = [one for one in (_way_out(), *_of_interfaces()) if one is not None]
    return tuple(dict.fromkeys(one for one in found if not one.is_loopback and may_sign_for(one)))


class Lan:
    """Listens, with certificates of the clinic's own authority, wherever `addresses` says, and follows when it changes.

    `hosts` holds the names by which the clinic may be called; `moved` is called with the addresses after each change.
    """

    def __init__(
        self,
        server: Server,
        authority: Authority,
        *,
        addresses: Callable[[], Sequence[Ip]],
        port: int,
        trust_port: int,
        trust_page: uvicorn.Config,
        hosts: set[str],
        moved: Callable[[Sequence[Ip]], Awaitable[None]],
    ) -> None:
        """`trust_page` is served, not encrypted, on `trust_port` of each address."""
        self._server = server
        self._authority = authority
        self._addresses = addresses
        self._port = port
        self._trust_port = trust_port
        self._trust_page = trust_page
        self._hosts = hosts
        self._moved = moved
        self._context = server_context()
        self._open: dict[Ip, tuple[asyncio.Server, asyncio.Server]] = {}

    @property
    def addresses(self) -> tuple[Ip, ...]:
        """Where it listens now."""
        return tuple(self._open)

    async def follow(self, every: float = LOOK_EVERY_SECONDS) -> None:
        """Look once in a while until cancelled: other addresses are followed, an ageing certificate is replaced."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.look()
            except AuscultError as error:  # an address that is going away again, a full disk: look again
                _log.warning("lan_not_followed", code=error.code)

    async def look(self) -> None:
        """Listen where the machine is now. Raises `UnavailableError` for a port that is taken."""
        wanted = await asyncio.to_thread(self._addresses)
        if wanted:
            # New connections take the certificate that was loaded last; open ones keep theirs.
            path = await asyncio.to_thread(self._authority.keep_server, "web", wanted)
            try:
                await asyncio.to_thread(self._context.load_cert_chain, path)
            except OSError as error:  # OpenSSL's own errors are among them
                raise UnavailableError(
                    "The certificate for the local network cannot be loaded.",
                    remedy=f"Remove {path}: another is made at the next start.",
                ) from error
        before = self.addresses
        gone, fresh = set(self._open) - set(wanted), [one for one in wanted if one not in self._open]
        for address in gone:
            self._close(address)
        try:
            for address in fresh:
                await self._listen(address)
        finally:
            if self.addresses != before:
                await self._moved(self.addresses)

    async def _listen(self, address: Ip) -> None:
        app = await self._server.listen(bind(str(address), self._port), encrypted=self._context)
        try:
            page = await self._server.listen(bind(str(address), self._trust_port), config=self._trust_page)
        except AuscultError:
            self._server.stop_listening(app)
            raise
        self._open[address] = (app, page)
        self._hosts.add(str(address))

    def _close(self, address: Ip) -> None:
        for opened in self._open.pop(address):
            self._server.stop_listening(opened)
        self._hosts.discard(str(address))


def _way_out() -> IPv4Address | None:
    """The address that packets to the world would carry; connecting a datagram socket sends none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("198.51.100.1", 9))  # RFC 5737: an address for documentation
        return IPv4Address(probe.getsockname()[0])
    return None


def _of_interfaces() -> Iterable[IPv4Address]:
    if sys.platform != "linux":
        return
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _number, name in socket.if_nameindex():
            if name.startswith(_NOT_A_NETWORK_OF_PEOPLE):
                continue
            with suppress(OSError):  # an interface without an address
                answer = fcntl.ioctl(asked.fileno(), _GET_ADDRESS, struct.pack("256s", name.encode()[:15]))
                yield ipaddress.IPv4Address(answer[20:24])
