"""`auscult people` and `auscult devices`: who may come in, from the machine that the clinic runs on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from auscult.cli.terminal import err, out, settings_with
from auscult.domain import errors

if TYPE_CHECKING:
    from auscult.clinic import Clinic
    from auscult.flows.people import Person

app = typer.Typer(help="People of the clinic: add, list, invite, let in and out.", no_args_is_help=True)
devices = typer.Typer(help="Devices that sign what they ask with a key of their own.", no_args_is_help=True)

WHO = Annotated[str, typer.Argument(help="The name that they sign in with, or the id, USR_…")]


@app.command("add")
def people_add(
    sign_in_name: Annotated[str, typer.Argument(help="What they will sign in with; - for a screen, which has none.")],
    name: Annotated[str, typer.Option(help="How the clinic knows them.")] = "",
    role: Annotated[str, typer.Option(help="nurse, doctor, admin, or display for a waiting-room screen.")] = "nurse",
    administers: Annotated[bool, typer.Option("--administers", help="Also does what an admin does.")] = False,
) -> None:
    """Add somebody and print the link with which they sign in first."""
    asyncio.run(_add("" if sign_in_name == "-" else sign_in_name, name or sign_in_name, role, administers=administers))


@app.command("list")
def people_list() -> None:
    """List everybody of the clinic."""
    asyncio.run(_list())


@app.command("link")
def people_link(who: WHO) -> None:
    """Print a one-time sign-in link for somebody: for a first time, or a forgotten password."""
    asyncio.run(_link(who))


@app.command("disable")
def people_disable(who: WHO) -> None:
    """Sign somebody out everywhere and let them in no more; what they wrote stays."""
    asyncio.run(_let(who, disabled=True))


@app.command("enable")
def people_enable(who: WHO) -> None:
    """Let somebody in again."""
    asyncio.run(_let(who, disabled=False))


@devices.command("add")
def devices_add(
    name: Annotated[str, typer.Argument(help="Where it stands, or whose it is.")],
    public_key: Annotated[
        str, typer.Option(help="Its Ed25519 public key, base64url; without one a pair is made.")
    ] = "",
) -> None:
    """Let a device in; print its id, and its private key where that was made here, once."""
    asyncio.run(_devices_add(name, public_key))


@devices.command("list")
def devices_list() -> None:
    """List the devices."""
    asyncio.run(_devices_list())


@devices.command("revoke")
def devices_revoke(device_id: Annotated[str, typer.Argument(help="The device's id, DEV_…")]) -> None:
    """Let a device in no more."""
    asyncio.run(_devices_revoke(device_id))


@asynccontextmanager
async def _clinic() -> AsyncIterator[Clinic]:
    from auscult.clinic import Clinic

    async with await Clinic.open(settings_with(), work=False) as clinic:
        await _owned(clinic)
        yield clinic


async def _owned(clinic: Clinic) -> None:
    """See to it that the clinic has its first user, who administers it."""
    from auscult.flows import access

    await access.owner(clinic.services, clinic.clinic_id, clinic.settings.owner_name)


async def _found(clinic: Clinic, who: str) -> Person:
    from auscult.flows import people
    from auscult.flows.sign_in_attempts import name_hash

    for person in await people.people(clinic.services, clinic.clinic_id):
        if who == person.user.id or (person.sign_in_name and name_hash(who) == name_hash(person.sign_in_name)):
            return person
    raise errors.NotFoundError("There is no such person.", remedy="Run `auscult people list` to see them.")


async def _add(sign_in_name: str, name: str, role: str, *, administers: bool) -> None:
    from auscult.domain.actor import Role
    from auscult.flows import people

    if role not in people.PEOPLE_ROLES:
        known = ", ".join(sorted(people.PEOPLE_ROLES))
        raise errors.InvalidError("Nobody can have this role.", remedy=f"Use one of {known}.")
    async with _clinic() as clinic:
        person = await people.add(
            clinic.services,
            clinic.clinic_id,
            name="Waiting room" if name == "-" else name,
            role=Role(role),
            sign_in_name=sign_in_name,
            administers=administers,
        )
        await _print_link(clinic, person)


async def _print_link(clinic: Clinic, person: Person) -> None:
    from auscult.flows import access
    from auscult.server import last_origin

    token = await access.make_link(clinic.services, clinic.clinic_id, person.user)
    out.print(f"{last_origin(clinic.settings)}/sign-in?token={token}", soft_wrap=True)
    err.print(f"{person.user.id}: good once, within 15 minutes; there they choose a password.", soft_wrap=True)


async def _link(who: str) -> None:
    async with _clinic() as clinic:
        await _print_link(clinic, await _found(clinic, who))


async def _let(who: str, *, disabled: bool) -> None:
    from auscult.flows import people

    async with _clinic() as clinic:
        person = await _found(clinic, who)
        await people.change(clinic.services, clinic.system, person.user.id, disabled=disabled)
    out.print(f"{person.user.id} {'may not sign in any more' if disabled else 'may sign in'}.")


async def _list() -> None:
    from auscult.flows import people

    async with _clinic() as clinic:
        listed = await people.people(clinic.services, clinic.clinic_id)
    table = Table("id", "name", "signs in as", "role", "administers", "second factor", "state")
    for one in listed:
        state = "disabled" if one.user.disabled_at else "active" if one.has_password else "by link only"
        table.add_row(
            one.user.id,
            one.user.name,
            one.sign_in_name,
            one.user.role.value,
            "yes" if one.user.administers or one.user.role == "admin" else "",
            "yes" if one.has_second_factor else "",
            state,
        )
    out.print(table)


async def _devices_add(name: str, public_key: str) -> None:
    from auscult.flows import devices as flow

    async with _clinic() as clinic:
        private, public = ("", public_key) if public_key else flow.fresh_key(clinic.services)
        device = await flow.add(clinic.services, clinic.clinic_id, name, public)
    out.print(device.id)
    if private:
        out.print(private, soft_wrap=True)
        err.print("The second line is its private key, shown once: keep it on the device.", soft_wrap=True)


async def _devices_list() -> None:
    from auscult.flows import devices as flow

    async with _clinic() as clinic:
        listed = await flow.devices(clinic.services, clinic.clinic_id)
    table = Table("id", "name", "state")
    for one in listed:
        table.add_row(one.id, one.name, "revoked" if one.revoked_at else "valid")
    out.print(table if listed else "No devices yet: `auscult devices add NAME` adds one.")


async def _devices_revoke(device_id: str) -> None:
    from auscult.flows import devices as flow

    async with _clinic() as clinic:
        device = await flow.revoke(clinic.services, clinic.clinic_id, device_id)
    out.print(f"{device.id} is revoked.")
