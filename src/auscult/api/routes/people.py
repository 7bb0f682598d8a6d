"""What an admin does: people, everybody's sessions, keys for other systems, devices."""

from __future__ import annotations

from typing import Final

import segno
from fastapi import APIRouter, Depends, Request, Response

from auscult.api.access_shapes import (
    AddedDevice,
    DeviceView,
    Invited,
    KeyView,
    MadeKey,
    NewDevice,
    NewKey,
    NewPerson,
    PersonChange,
    PersonView,
    SessionView,
)
from auscult.api.addresses import absolute
from auscult.api.callers import Admin, ServicesOf, admit, needs
from auscult.api.json_bodies import JsonRoute
from auscult.api.views import Listing
from auscult.domain.access import Scope
from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError, InvalidError
from auscult.domain.ids import UserId
from auscult.flows import access, accounts, devices, people
from auscult.flows.people import Person
from auscult.flows.services import Services

router = APIRouter(tags=["people"], route_class=JsonRoute, dependencies=[Depends(needs(Scope.CLINIC))])
KEY_ROLES: Final = frozenset({Role.INTEGRATION, Role.DEVICE, Role.NURSE, Role.DOCTOR})
SCOPES: Final = frozenset(f"{scope}.{how}" for scope in Scope for how in ("read", "write"))


@router.get("/people")
async def list_people(services: ServicesOf, actor: Admin) -> Listing[PersonView]:
    """Everybody of the clinic, also who may not sign in any more."""
    return Listing(items=[PersonView.of(one) for one in await people.people(services, actor.clinic_id)])


@router.post("/people", status_code=201)
async def add_person(body: NewPerson, request: Request, services: ServicesOf, actor: Admin) -> Invited:
    """Add somebody, and invite them."""
    added = await people.add(services, actor, **body.model_dump())
    return await _invited(request, services, actor, added)


@router.patch("/people/{user_id}")
async def change_person(user_id: str, body: PersonChange, services: ServicesOf, actor: Admin) -> PersonView:
    """Change what somebody may, or let them in no more; they are signed out."""
    return PersonView.of(await people.change(services, actor, UserId(user_id), **body.model_dump()))


@router.post("/people/{user_id}/sign-in-link", status_code=201)
async def invite(user_id: str, request: Request, services: ServicesOf, actor: Admin) -> Invited:
    """Make a one-time sign-in link: for a first time, or a forgotten password."""
    person = await people.person(services, actor.clinic_id, UserId(user_id))
    if person.user.disabled_at is not None:
        raise ConflictError("This person may not sign in.", remedy="Let them in again first.")
    return await _invited(request, services, actor, person)


@router.delete("/people/{user_id}/second-factor")
async def remove_second_factor(user_id: str, services: ServicesOf, actor: Admin) -> PersonView:
    """Take the second factor from somebody who lost it and the recovery codes too."""
    return PersonView.of(await accounts.remove_second_factor(services, actor, UserId(user_id)))


@router.get("/sessions")
async def list_sessions(request: Request, services: ServicesOf, actor: Admin) -> Listing[SessionView]:
    """Everybody's browsers that are signed in, the one used last first."""
    current = (await admit(request)).session
    return Listing(items=[SessionView.of(one, current) for one in await access.sessions(services, actor.clinic_id)])


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: str, services: ServicesOf, actor: Admin) -> Response:
    """Sign a browser out, and close what it holds open."""
    await access.end_session(services, actor, session_id)
    return Response(status_code=204)


@router.get("/api-keys")
async def list_keys(services: ServicesOf, actor: Admin) -> Listing[KeyView]:
    """All keys for other systems, without their secrets."""
    return Listing(items=[KeyView.of(one) for one in await access.api_keys(services, actor.clinic_id)])


@router.post("/api-keys", status_code=201)
async def make_key(body: NewKey, services: ServicesOf, actor: Admin) -> MadeKey:
    """Make a key; its token is shown once."""
    if body.role not in KEY_ROLES:
        raise InvalidError("A key cannot have this role.", remedy=f"Use one of {', '.join(sorted(KEY_ROLES))}.")
    unknown = sorted(set(body.scopes) - SCOPES)
    if unknown:
        raise InvalidError("There is no such scope.", remedy=f"Use of these: {', '.join(sorted(SCOPES))}.")
    token, key = await access.make_api_key(
        services, actor.clinic_id, " ".join(body.name.split()), body.role, sorted(set(body.scopes)), by=actor
    )
    return MadeKey(key=KeyView.of(key), token=token)


@router.post("/api-keys/{key_id}/rotate", status_code=201)
async def rotate_key(key_id: str, services: ServicesOf, actor: Admin) -> MadeKey:
    """Replace a key; the old one is good for 24 hours more."""
    token, key = await access.rotate_api_key(services, actor.clinic_id, key_id, by=actor)
    return MadeKey(key=KeyView.of(key), token=token)


@router.delete("/api-keys/{key_id}")
async def revoke_key(key_id: str, services: ServicesOf, actor: Admin) -> KeyView:
    """End a key now."""
    return KeyView.of(await access.revoke_api_key(services, actor.clinic_id, key_id, by=actor))


@router.get("/devices")
async def list_devices(services: ServicesOf, actor: Admin) -> Listing[DeviceView]:
    """All devices that sign what they ask."""
    return Listing(items=[DeviceView.of(one) for one in await devices.devices(services, actor.clinic_id)])


@router.post("/devices", status_code=201)
async def add_device(body: NewDevice, services: ServicesOf, actor: Admin) -> AddedDevice:
    """Let a device in; without a public key of its own it gets a pair, whose private half is shown once."""
    private, public = (None, body.public_key) if body.public_key is not None else devices.fresh_key(services)
    device = await devices.add(services, actor, body.name, public)
    return AddedDevice(device=DeviceView.of(device), private_key=private)


@router.delete("/devices/{device_id}")
async def revoke_device(device_id: str, services: ServicesOf, actor: Admin) -> DeviceView:
    """Let a device in no more."""
    return DeviceView.of(await devices.revoke(services, actor, device_id))


async def _invited(request: Request, services: Services, actor: Actor, person: Person) -> Invited:
    token = await access.make_link(services, actor.clinic_id, person.user)
    address = absolute(request, f"/sign-in?token={token}")
    picture = segno.make(address, error="m").svg_inline(scale=4, border=2)
    return Invited(person=PersonView.of(person), sign_in_url=address, qr=picture)
