"""The people of a clinic, and its screens: who they are, and what they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from auscult.domain.access import Account, SignInName, User
from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError, InvalidError, NotFoundError
from auscult.domain.ids import ClinicId, UserId
from auscult.flows import access
from auscult.flows.access import ACCOUNTS, SIGN_IN_NAMES, USERS
from auscult.flows.newest import RefusedError, until_it_holds
from auscult.flows.recording_state import all_rows
from auscult.flows.services import Services
from auscult.flows.sign_in_attempts import name_hash
from auscult.stores.records import Expect, Key, Put, Stored, Write

PEOPLE_ROLES: Final = frozenset({Role.NURSE, Role.DOCTOR, Role.ADMIN, Role.DISPLAY})
"""What a person, or a screen in the waiting room, may be to the clinic."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user with what can be told of the account."""

    user: User
    sign_in_name: str
    has_password: bool
    has_second_factor: bool
    recovery_codes_left: int = 0


async def people(services: Services, clinic_id: ClinicId) -> list[Person]:
    """Everybody of the clinic, also who is disabled, as they were added."""
    records = services.records.of(clinic_id)
    accounts = {one.user_id: one for one in await all_rows(records, ACCOUNTS, "account")}
    return [_person(user, accounts.get(user.id)) for user in await all_rows(records, USERS, "user")]


async def person(services: Services, clinic_id: ClinicId, user_id: UserId) -> Person:
    """One of them. Raises `NotFoundError`."""
    records = services.records.of(clinic_id)
    account = await records.table(ACCOUNTS).get(Key("account", user_id))
    user = await _user(services, clinic_id, user_id)
    return _person(user.value, account.value if account else None)


async def add(
    services: Services, clinic_id: ClinicId, *, name: str, role: Role, sign_in_name: str = "", administers: bool = False
) -> Person:
    """Add somebody to the clinic; `access.make_link` invites them. A screen has no name to sign in with.

    Raises `InvalidError` for a role that no person has and for an empty name, `ConflictError` for a name that is taken.
    """
    name, sign_in_name = " ".join(name.split()), " ".join(sign_in_name.split())
    if role not in PEOPLE_ROLES or (administers and role is Role.DISPLAY):
        raise InvalidError("Nobody can have this role.", remedy="Use nurse, doctor, admin, or display for a screen.")
    if not name or (role is not Role.DISPLAY and not sign_in_name):
        raise InvalidError("A name is missing.", remedy="Give the person's name and the name they will sign in with.")
    records = services.records.of(clinic_id)
    user = User(
        id=UserId(services.ambient.new_id("USR")),
        name=name,
        role=role,
        administers=administers,
        created_at=services.ambient.now(),
    )
    writes: list[Write] = [Put(USERS, user, if_version=0)]
    account = Account(user_id=user.id, sign_in_name=sign_in_name)
    if sign_in_name:
        writes.append(Put(ACCOUNTS, account, if_version=0))
        writes.append(Put(SIGN_IN_NAMES, SignInName(name_hash=name_hash(sign_in_name), user_id=user.id), if_version=0))
    try:
        await records.transact(writes)
    except ConflictError as error:
        raise ConflictError("Somebody signs in with this name already.", remedy="Choose another name.") from error
    return _person(user, account if sign_in_name else None)


async def change(
    services: Services,
    actor: Actor,
    user_id: UserId,
    *,
    name: str | None = None,
    role: Role | None = None,
    administers: bool | None = None,
    disabled: bool | None = None,
) -> Person:
    """Change what somebody is to the clinic; their sessions end, so that it holds from this moment.

    Raises `ConflictError` when nobody would be left who administers the clinic.
    """
    if role is not None and role not in PEOPLE_ROLES:
        raise InvalidError("Nobody can have this role.", remedy="Use nurse, doctor, admin, or display for a screen.")

    async def once() -> User:
        stored = await _user(services, actor.clinic_id, user_id)
        before, now = stored.value, services.ambient.now()
        changed = before.model_copy(
            update={
                "name": (" ".join(name.split()) or before.name) if name is not None else before.name,
                "role": role or before.role,
                "administers": before.administers if administers is None else administers,
                "disabled_at": before.disabled_at
                if disabled is None
                else ((before.disabled_at or now) if disabled else None),
            }
        )
        writes: list[Write] = [Put(USERS, changed, if_version=stored.version)]
        if _administers(before) and not _administers(changed):
            # Who stays must still administer when this one lets go: two may let go of each other at once.
            staying = await _another_admin(services, actor, user_id)
            if staying is None:
                raise RefusedError(
                    ConflictError(
                        "Nobody else administers this clinic.", remedy="Let somebody else administer it first."
                    )
                )
            writes.append(Expect(USERS, Key("user", staying.value.id), staying.version))
        ended = await access.sessions(services, actor.clinic_id, user_id)
        await access.end_sessions(services, actor.clinic_id, ended, writes)
        return changed

    await until_it_holds(once)
    return await person(services, actor.clinic_id, user_id)


async def _user(services: Services, clinic_id: ClinicId, user_id: UserId) -> Stored[User]:
    stored = await services.records.of(clinic_id).table(USERS).get(Key("user", user_id))
    if stored is None:
        raise NotFoundError("There is no such person.", remedy="Look at the list of people again.")
    return stored


async def _another_admin(services: Services, actor: Actor, user_id: UserId) -> Stored[User] | None:
    table = services.records_of(actor).table(USERS)
    for user in await all_rows(services.records_of(actor), USERS, "user"):
        if user.id != user_id and _administers(user):
            stored = await table.get(Key("user", user.id))
            if stored is not None and _administers(stored.value):
                return stored
    return None


def _administers(user: User) -> bool:
    return (user.administers or user.role is Role.ADMIN) and user.disabled_at is None


def _person(user: User, account: Account | None) -> Person:
    return Person(
        user=user,
        sign_in_name=account.sign_in_name if account else "",
        has_password=bool(account and account.password_hash),
        has_second_factor=bool(account and account.totp_secret),
        recovery_codes_left=len(account.recovery_hashes) if account else 0,
    )
