"""The local network as it changes: addresses come and go, and the certificate goes with them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from auscult.domain.errors import InvalidError, UnavailableError
from auscult.server.lan import Lan, lan_addresses
from auscult.server.listening import Server, bind, configuration
from auscult.trust.authority import Authority, Ip, may_sign_for

FIRST, SECOND, THIRD = (ip_address(f"127.0.0.{last}") for last in (2, 3, 4))


def free_port() -> int:
    with closing(bind("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


class Machine:
    """A server on a machine that is carried from network to network."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.at: Sequence[Ip] = (FIRST,)
        self.hosts: set[str] = set()
        self.told: list[tuple[Ip, ...]] = []
        self.port, self.trust_port = free_port(), free_port()
        self.authority = Authority.open(folder, lambda: datetime.now(UTC))
        self.lan = Lan(
            server,
            self.authority,
            addresses=lambda: self.at,
            port=self.port,
            trust_port=self.trust_port,
            trust_page=configuration(PlainTextResponse("trust")),
            hosts=self.hosts,
            moved=self.moved,
        )

    async def moved(self, now: Sequence[Ip]) -> None:
        self.told.append(tuple(now))

    async def opened(self, address: Ip) -> str:
        trust = ssl.create_default_context(cadata=self.authority.certificate.decode())
        async with httpx.AsyncClient(verify=trust) as phone:
            return (await phone.get(f"https://{address}:{self.port}/")).text

    async def trust_page(self, address: Ip) -> str:
        async with httpx.AsyncClient() as phone:
            return (await phone.get(f"http://{address}:{self.trust_port}/")).text


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """A running server that is not in the network yet."""
    server = Server(configuration(PlainTextResponse("clinic")))
    with closing(bind("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await server.listening.wait()
        yield Machine(server, tmp_path / "tls")
        server.should_exit = True
        await serving


async def test_a_machine_that_gets_another_address_is_found_there_and_not_where_it_was(machine: Machine) -> None:
    await machine.lan.look()
    assert await machine.opened(FIRST) == "clinic"
    assert await machine.trust_page(FIRST) == "trust"

    machine.at = (SECOND, THIRD)
    await machine.lan.look()
    assert [await machine.opened(one) for one in (SECOND, THIRD)] == ["clinic", "clinic"]
    assert await machine.trust_page(THIRD) == "trust"
    with pytest.raises(httpx.ConnectError):
        await machine.opened(FIRST)
    assert machine.hosts == {str(SECOND), str(THIRD)}
    assert machine.told == [(FIRST,), (SECOND, THIRD)]


async def test_a_machine_without_a_network_waits_for_one(machine: Machine) -> None:
    machine.at = ()
    await machine.lan.look()
    assert machine.told == []
    following = asyncio.create_task(machine.lan.follow(every=0.01))
    machine.at = (FIRST,)
    async with asyncio.timeout(10):
        while not machine.told:
            await asyncio.sleep(0.01)
    assert await machine.opened(FIRST) == "clinic"
    following.cancel()


async def test_looking_again_changes_nothing_and_tells_nobody(machine: Machine) -> None:
    await machine.lan.look()
    await machine.lan.look()
    assert machine.told == [(FIRST,)]


async def test_a_taken_port_is_said_and_leaves_no_half_of_a_service(machine: Machine) -> None:
    with closing(socket.socket()) as other:
        other.bind((str(FIRST), machine.trust_port))
        other.listen()
        with pytest.raises(UnavailableError, match="taken"):
            await machine.lan.look()
        assert machine.lan.addresses == ()
        assert machine.hosts == set()
    await machine.lan.look()
    assert await machine.opened(FIRST) == "clinic"


async def test_a_public_address_is_not_served_with_the_clinics_own_certificate(machine: Machine) -> None:
    machine.at = (ip_address("203.0.113.9"),)
    with pytest.raises(InvalidError):
        await machine.lan.look()


def test_the_addresses_of_this_machine_are_private_ones_and_never_loopback() -> None:
    found = lan_addresses()
    assert all(may_sign_for(one) and not one.is_loopback for one in found)
    assert len(set(found)) == len(found)


def test_an_address_that_this_machine_has_not_is_not_called_a_taken_port() -> None:
    with pytest.raises(InvalidError, match="no address of this machine"):
        bind("203.0.113.9", 0)
